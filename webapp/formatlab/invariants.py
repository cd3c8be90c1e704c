"""Rules of the records of labs that `aula verify` proves."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.core.registry import Breach, invariant
from webapp.formatlab.models import LabAttempt
from webapp.learning.models import StepProgress


@invariant("passed-lab-is-done")
def passed_lab_is_done(session: Session) -> Iterable[Breach]:
    """Who passed a lab has its step done."""
    passed = select(LabAttempt.enrolment_id, LabAttempt.step).where(LabAttempt.passed).distinct().subquery()
    missing = session.execute(
        select(passed.c.enrolment_id, passed.c.step)
        .outerjoin(
            StepProgress,
            (StepProgress.enrolment_id == passed.c.enrolment_id)
            & (StepProgress.step == passed.c.step)
            & StepProgress.completed_at.is_not(None),
        )
        .where(StepProgress.id.is_(None))
    )
    for enrolment_id, step in missing:
        yield Breach("passed-lab-is-done", f"enrolment:{enrolment_id} passed {step} and its step is not done")


@invariant("lab-attempts-within-limit")
def lab_attempts_within_limit(session: Session) -> Iterable[Breach]:
    """What an enrolment handed in for a lab is numbered 1, 2, 3… without gaps."""
    counted = session.execute(
        select(LabAttempt.enrolment_id, LabAttempt.step, func.count(), func.max(LabAttempt.number)).group_by(
            LabAttempt.enrolment_id, LabAttempt.step
        )
    )
    for enrolment_id, step, count, last in counted:
        if count != last:
            yield Breach("lab-attempts-within-limit", f"enrolment:{enrolment_id} {step}: {count} attempts, last {last}")
