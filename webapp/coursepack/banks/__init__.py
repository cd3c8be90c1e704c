"""Question banks from and for other programs: GIFT, Moodle XML and XLSX.

Whatever the door, questions become what `quizzes/*.yaml` holds and pass the reader of the course packages, all or none.
What a format cannot hold is named, never dropped in silence. Pure: bytes in, bytes and findings out.
"""

from webapp.coursepack.banks.exchange import Exported, ExportKind, Imported, export_bank, import_bank
from webapp.coursepack.banks.neutral import Fault, LeftOut
from webapp.coursepack.banks.sheet import template

__all__ = ["ExportKind", "Exported", "Fault", "Imported", "LeftOut", "export_bank", "import_bank", "template"]
