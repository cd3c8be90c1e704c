"""The verbs of packages: begin an attempt, keep what it reports. Both run in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.catalog.queries import Revision
from webapp.coursepack.model import Step
from webapp.learning import services as learning
from webapp.learning.models import Enrolment
from webapp.packages import queries
from webapp.packages.models import Completion, PackageAttempt, Success
from webapp.packages.reports import Report
from webapp.records.models import Constancia


def open_attempt(
    session: Session, enrolment: Enrolment, revision: Revision, step: Step, now: datetime, another_after: int = 0
) -> PackageAttempt:
    """Begin an attempt, or return the one there is. `another_after` begins another once that number was reached."""
    learning.hold_enrolment(session, enrolment)
    made = queries.attempts(session, enrolment.id, step.key)
    if made and made[-1].number > another_after:
        return made[-1]
    learning.reach_step(session, enrolment, step, 0, now)
    package = revision.course.packages[step.key]
    attempt = PackageAttempt(
        enrolment_id=enrolment.id,
        revision_id=revision.id,
        step=step.key,
        number=another_after + 1,
        package_key=package.sha256,
        standard=package.standard,
        counts=package.counts,
        started_at=now,
    )
    session.add(attempt)
    session.flush()
    return attempt


@dataclass(frozen=True)
class Kept:
    """What became of a report: nothing, when the attempt was `closed` or a later report is already there."""

    closed: bool
    met: bool
    constancia: Constancia | None = None


def is_closed(session: Session, enrolment: Enrolment, attempt: PackageAttempt) -> bool:
    """Whether reports change nothing any more: finished, overtaken by another attempt, or the course is concluded."""
    return (
        attempt.finished_at is not None or enrolment.concluded_at is not None or not queries.is_last(session, attempt)
    )


def keep_report(
    session: Session,
    enrolment: Enrolment,
    revision: Revision,
    attempt: PackageAttempt,
    report: Report,
    default_issuer: str,
    now: datetime,
) -> Kept:
    """Keep what a package reports, and pass the step when it meets its rule. What was reached is never taken back."""
    learning.hold_enrolment(session, enrolment)
    held = select(PackageAttempt).where(PackageAttempt.id == attempt.id).with_for_update()
    session.scalars(held.execution_options(populate_existing=True)).one()
    if is_closed(session, enrolment, attempt):
        return Kept(True, attempt.met_at is not None)
    if report.session == attempt.session_key and report.sequence <= attempt.session_sequence:
        return Kept(False, attempt.met_at is not None)
    _add_time(attempt, report)
    _take_state(attempt, report)
    attempt.reported_at = now
    enrolment.last_step = attempt.step
    constancia = None
    if attempt.met_at is None and meets(attempt):
        attempt.met_at = now
        session.flush()
        step = revision.course.steps[attempt.step]
        constancia = learning.pass_step(session, enrolment, revision, step, default_issuer, now)
    if report.ended and attempt.met_at is not None:
        attempt.finished_at = now
    session.flush()
    return Kept(attempt.finished_at is not None, attempt.met_at is not None, constancia)


def meets(attempt: PackageAttempt) -> bool:
    """Whether what was reported is what the course asks for. Any report shows that the package was opened."""
    if attempt.counts == "passed":
        return attempt.success == "passed"
    if attempt.counts == "completion":
        return attempt.completion == "completed" or attempt.success == "passed"
    return True


def _add_time(attempt: PackageAttempt, report: Report) -> None:
    before = attempt.session_seconds if report.session == attempt.session_key else 0
    attempt.total_seconds += max(0, report.seconds - before)
    attempt.session_seconds = max(before, report.seconds)
    attempt.session_key, attempt.session_sequence = report.session, report.sequence


def _take_state(attempt: PackageAttempt, report: Report) -> None:
    attempt.location, attempt.suspend_data = report.location, report.suspend_data
    was_passed = attempt.success == "passed"
    attempt.completion = max(attempt.completion, report.completion, key=get_args(Completion).index)
    attempt.success = max(attempt.success, report.success, key=get_args(Success).index)
    if report.score is not None and not (was_passed and report.score < (attempt.score or 0)):
        attempt.score = report.score
