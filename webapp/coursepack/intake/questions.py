"""Files of questions, by what they are; the one place that turns them into a bank of a package."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import PurePosixPath

from webapp.coursepack.model import Norm

_NAMED = re.compile(r"pregunta|reactivo|banco|cuestionario|examen|quiz|repaso|evaluaci", re.IGNORECASE)
_GIFT = re.compile(r"^\s*(?:::|\S).{0,400}\{[^}]*[=~TF#]", re.MULTILINE | re.DOTALL)
_IMPORTER = "webapp.coursepack.banks"  # reads GIFT, Moodle XML and XLSX


@dataclass(frozen=True)
class BankFile:
    """A file of questions as `quizzes/<key>.yaml` will hold it, or why it cannot be one.

    `notes` say what was changed on the way; `assets` are pictures that came inside, by their path in the package.
    """

    text: str = ""
    refusal: str = ""
    notes: tuple[str, ...] = ()
    assets: Mapping[str, bytes] = field(default_factory=dict)


def is_bank(path: str, head: bytes) -> bool:
    """Whether a file holds questions, by its name and how it begins."""
    suffix, name = PurePosixPath(path).suffix.lower(), PurePosixPath(path).name
    if suffix == ".gift":
        return True
    if suffix == ".txt":
        text = head.decode("utf-8", "replace")
        return bool(_GIFT.search(text)) and ("::" in text or bool(_NAMED.search(name)))
    if suffix == ".xml":
        return b"<quiz" in head
    if suffix == ".xlsx":
        return bool(_NAMED.search(name))
    return suffix in (".yaml", ".yml") and re.search(rb"^questions:", head, re.MULTILINE) is not None


def read_bank(data: bytes, path: str, title: str, norms: Mapping[str, Norm]) -> BankFile:
    """The bank that a file gives. YAML is taken as it is; the rest goes through the importer of banks, all or nothing."""
    if PurePosixPath(path).suffix.lower() in (".yaml", ".yml"):
        return BankFile(data.decode("utf-8-sig", "replace"))
    if find_spec(_IMPORTER) is None:
        return BankFile(refusal="todavía no se leen preguntas de este tipo; tradúcelas al YAML de los cursos.")
    found = importlib.import_module(_IMPORTER).import_bank(data, PurePosixPath(path).name, title=title, norms=norms)
    if not found.ok:
        return BankFile(refusal=" ".join(_told(fault) for fault in found.faults[:3]))
    return BankFile(found.text, notes=tuple(_told(note) for note in found.notes[:5]), assets=found.assets)


def _told(fault: object) -> str:
    """A finding of the importer with its place."""
    number, place, message = (getattr(fault, name) for name in ("number", "place", "message"))
    where = ", ".join(part for part in (f"pregunta {number}" if number else "", place) if part)
    return f"{where}: {message}" if where else str(message)
