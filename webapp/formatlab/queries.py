"""Reading work on labs and what it showed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.formatlab.models import LabAttempt, LabOutcome, LabWork
from webapp.learning.models import Enrolment


def current_work(session: Session, enrolment_id: int, step: str) -> LabWork | None:
    """The workbook that a learner works on in a lab: the one opened last."""
    return session.scalars(
        select(LabWork).filter_by(enrolment_id=enrolment_id, step=step).order_by(LabWork.number.desc()).limit(1)
    ).first()


def attempts(session: Session, enrolment_id: int, step: str) -> Sequence[LabAttempt]:
    """What was handed in for a lab, in order."""
    return session.scalars(
        select(LabAttempt).filter_by(enrolment_id=enrolment_id, step=step).order_by(LabAttempt.number)
    ).all()


def attempt_of(session: Session, person_id: int, public_id: str) -> LabAttempt | None:
    """A submission if it is this person's; None otherwise, as if it did not exist."""
    return session.scalars(
        select(LabAttempt)
        .join(Enrolment, Enrolment.id == LabAttempt.enrolment_id)
        .where(LabAttempt.public_id == public_id, Enrolment.person_id == person_id)
    ).first()


@dataclass(frozen=True)
class CodeOutcome:
    """What became of the mistakes of one rule in a submission; `wrong` are cells not as the case tells."""

    code: str
    mended: int
    left: int
    broken: int
    wrong: int
    fields: tuple[str, ...]


def outcomes(session: Session, attempt_id: int) -> list[CodeOutcome]:
    """What a submission showed, by rule: first what was left or made, then what was mended."""
    rows = session.scalars(select(LabOutcome).filter_by(attempt_id=attempt_id).order_by(LabOutcome.id)).all()
    found = []
    for code in dict.fromkeys(row.code for row in rows):
        own = [row for row in rows if row.code == code]
        sums = {
            name: sum(row.count for row in own if row.outcome == name) for name in ("mended", "left", "broken", "wrong")
        }
        shown = tuple(dict.fromkeys(row.field for row in own if row.field and row.outcome in ("wrong", "broken")))
        found.append(CodeOutcome(code, fields=shown, **sums))
    return sorted(found, key=lambda item: -(item.left + item.broken + item.wrong))


def missed_codes(session: Session, enrolment_id: int, step: str) -> list[str]:
    """Rules whose mistakes were left or made in the submission made last, the most frequent first: the remedial path."""
    last = select(func.max(LabAttempt.id)).filter_by(enrolment_id=enrolment_id, step=step).scalar_subquery()
    rows = session.execute(
        select(LabOutcome.code, func.sum(LabOutcome.count))
        .where(LabOutcome.attempt_id == last, LabOutcome.outcome.in_(("left", "broken")))
        .group_by(LabOutcome.code)
        .order_by(func.sum(LabOutcome.count).desc(), LabOutcome.code)
    )
    return [row.code for row in rows]
