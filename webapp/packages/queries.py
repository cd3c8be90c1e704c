"""Reading attempts at packages."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.learning.models import Enrolment
from webapp.packages.models import PackageAttempt


def attempts(session: Session, enrolment_id: int, step: str) -> Sequence[PackageAttempt]:
    """The attempts of an enrolment at a step, in order."""
    return session.scalars(
        select(PackageAttempt).filter_by(enrolment_id=enrolment_id, step=step).order_by(PackageAttempt.number)
    ).all()


def attempt_of(session: Session, person_id: int, public_id: str) -> PackageAttempt | None:
    """An attempt if it is this person's; None otherwise, as if it did not exist."""
    return session.scalars(
        select(PackageAttempt)
        .join(Enrolment, Enrolment.id == PackageAttempt.enrolment_id)
        .where(PackageAttempt.public_id == public_id, Enrolment.person_id == person_id)
    ).first()


def is_last(session: Session, attempt: PackageAttempt) -> bool:
    """Whether no later attempt at the same step was begun."""
    later = select(PackageAttempt.id).where(
        PackageAttempt.enrolment_id == attempt.enrolment_id,
        PackageAttempt.step == attempt.step,
        PackageAttempt.number > attempt.number,
    )
    return session.scalar(later.limit(1)) is None
