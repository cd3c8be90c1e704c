"""Rules of the attempts at packages that `aula verify` proves."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.core.registry import Breach, invariant
from webapp.learning.models import StepProgress
from webapp.packages.models import PackageAttempt
from webapp.packages.services import meets


@invariant("met-package-is-done")
def met_package_is_done(session: Session) -> Iterable[Breach]:
    """Who met the rule of a package has its step done, and the rule is met by what was reported."""
    done = select(StepProgress.enrolment_id, StepProgress.step).where(StepProgress.completed_at.is_not(None))
    reached = {(row.enrolment_id, row.step) for row in session.execute(done)}
    for attempt in session.scalars(select(PackageAttempt).where(PackageAttempt.met_at.is_not(None))):
        who = f"enrolment:{attempt.enrolment_id} {attempt.step}"
        if (attempt.enrolment_id, attempt.step) not in reached:
            yield Breach("met-package-is-done", f"{who} met its rule and the step is not done")
        if not meets(attempt):
            yield Breach("met-package-is-done", f"{who} is noted as met, which its reports do not show")


@invariant("package-attempts-in-order")
def package_attempts_in_order(session: Session) -> Iterable[Breach]:
    """Attempts of an enrolment at a package are numbered 1, 2, 3… without gaps."""
    counted = session.execute(
        select(
            PackageAttempt.enrolment_id, PackageAttempt.step, func.count(), func.max(PackageAttempt.number)
        ).group_by(PackageAttempt.enrolment_id, PackageAttempt.step)
    )
    for enrolment_id, step, count, last in counted:
        if count != last:
            yield Breach("package-attempts-in-order", f"enrolment:{enrolment_id} {step}: {count} attempts, last {last}")
