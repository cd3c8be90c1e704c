"""From files as people have them to a course package: what is what, in which order, under which titles.

`guard` refuses what may not come in, `names` reads order and titles from file names, `convert` turns documents into
lessons inside a limited child process, `proposal` puts the package together and says what it did with each file. Pure.
"""

from __future__ import annotations

from webapp.coursepack.intake.guard import Dropped, Refused, examine, unpack
from webapp.coursepack.intake.proposal import Proposal, Remark, propose

__all__ = ["Dropped", "Proposal", "Refused", "Remark", "examine", "propose", "unpack"]
