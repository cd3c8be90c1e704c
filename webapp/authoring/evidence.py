"""What learners' answers tell those who teach: question by question, lesson by lesson, practice by practice.

Counts people and answers, never names anybody. The newest `MOST` first exams are looked at; the page says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from webapp.catalog import queries as catalog
from webapp.catalog.queries import Revision
from webapp.coursepack.amending import Amendment, share
from webapp.coursepack.analysis import Item, Sitting, analyse
from webapp.coursepack.model import Bank, Step
from webapp.formatlab.models import LabAttempt, LabOutcome
from webapp.learning import queries as learning
from webapp.learning.models import Answer, Enrolment, QuizAttempt, StepProgress

MOST = 1000  # first exams that are looked at
LONGEST = 15 * 60  # seconds on a question after which somebody was doing something else
IDLE = timedelta(days=21)  # without a sign of life: whoever has not finished has stopped


# --- questions ----------------------------------------------------------------------------------------------------


def items(session: Session, revision: Revision, bank: Bank) -> list[Item]:
    """The analysis of each question of a bank, by the first exam (or check) of each person, whatever their revision.

    A question is followed by its id; answers to one that reads otherwise today are left out.
    """
    today = {question.id: question for question in bank.questions}
    sittings = []
    amended: dict[int, tuple[Amendment, ...]] = {}
    for attempt, kept in _first_attempts(session, revision, bank.id):
        course = catalog.revision(session, attempt.revision_id).course
        if bank.id not in course.banks:
            continue
        if attempt.revision_id not in amended:
            amended[attempt.revision_id] = learning.amendments(session, attempt.revision_id, bank.id)
        then = {question.id: question for question in course.banks[bank.id].questions}
        same = [name for name in attempt.questions if name in today and then[name].body == today[name].body]
        shares = {
            name: share(then[name], kept.responses.get(name), amended[attempt.revision_id], attempt.submitted_at)
            for name in same
        }
        sittings.append(Sitting(shares, kept.responses, kept.seconds))
    return analyse(bank.questions, sittings)


@dataclass(frozen=True)
class _Kept:
    """The answers of an attempt: what counts, and the seconds that each took."""

    responses: Mapping[str, Mapping[str, Any]]
    seconds: Mapping[str, float]


def _first_attempts(session: Session, revision: Revision, bank: str) -> Iterable[tuple[Any, _Kept]]:
    """The first attempts handed in at what asks from a bank, with their answers; a pre-test is no exam."""
    steps = [step.key for step in revision.course.steps.values() if step.bank == bank and step.kind != "pretest"]
    found = session.execute(
        select(
            QuizAttempt.id,
            QuizAttempt.revision_id,
            QuizAttempt.questions,
            QuizAttempt.started_at,
            QuizAttempt.submitted_at,
        )
        .join(Enrolment, Enrolment.id == QuizAttempt.enrolment_id)
        .where(
            Enrolment.course_id == revision.course_id,
            QuizAttempt.step.in_(steps),
            QuizAttempt.number == 1,
            QuizAttempt.submitted_at.is_not(None),
        )
        .order_by(QuizAttempt.id.desc())
        .limit(MOST)
    ).all()
    for start in range(0, len(found), 250):
        batch = found[start : start + 250]
        answers: dict[int, list[Any]] = {row.id: [] for row in batch}
        for answer in session.execute(
            select(Answer.attempt_id, Answer.question, Answer.response, Answer.saved_at)
            .where(Answer.attempt_id.in_(answers))
            .order_by(Answer.id)
        ):
            answers[answer.attempt_id].append(answer)
        for row in batch:
            yield row, _Kept({a.question: a.response for a in answers[row.id]}, _seconds(row, answers[row.id]))


def _seconds(attempt: Any, answers: Sequence[Any]) -> dict[str, float]:
    """The seconds before the first answer to each question. What came in one form tells of no question."""
    found: dict[str, float] = {}
    last: datetime = attempt.started_at
    for answer in answers:
        passed = (answer.saved_at - last).total_seconds()
        if answer.question not in found and 0 < passed <= LONGEST:
            found[answer.question] = passed
        last = answer.saved_at
    return found


# --- lessons ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stop:
    """A step and how far people came: `reached` it, `done` with it, `exempted`; `stopped` here and gave no sign since.

    `minutes` is the mean time on it of those who are done (None without any).
    """

    step: Step
    reached: int
    done: int
    exempted: int
    stopped: int
    minutes: float | None


def stops(session: Session, revision: Revision, now: datetime) -> list[Stop]:
    """Each lesson, check and practice of a course in its order, over everybody who enrolled in it."""
    of_course = Enrolment.course_id == revision.course_id
    done = StepProgress.completed_at.is_not(None)
    counted = session.execute(
        select(
            StepProgress.step,
            func.count(),
            func.sum(case((done, 1), else_=0)),
            func.sum(case((StepProgress.exempted, 1), else_=0)),
            func.avg(case((done & (StepProgress.seconds > 0), StepProgress.seconds))),
        )
        .join(Enrolment, Enrolment.id == StepProgress.enrolment_id)
        .where(of_course)
        .group_by(StepProgress.step)
    )
    rows = {row[0]: row for row in counted}
    stopped = _stopped(session, revision.course_id, now)
    found = []
    for step in revision.course.lesson_steps:
        _, reached, finished, exempted, seconds = rows.get(step.key, (step.key, 0, 0, 0, None))
        minutes = None if seconds is None else float(seconds) / 60
        found.append(Stop(step, reached, int(finished or 0), int(exempted or 0), stopped.get(step.key, 0), minutes))
    return found


def _stopped(session: Session, course_id: int, now: datetime) -> dict[str, int]:
    """How many stand at each step, have not concluded, and began no step for `IDLE`."""
    last = func.max(func.coalesce(StepProgress.completed_at, StepProgress.started_at))
    idle = (
        select(Enrolment.last_step)
        .join(StepProgress, StepProgress.enrolment_id == Enrolment.id)
        .where(Enrolment.course_id == course_id, Enrolment.concluded_at.is_(None))
        .group_by(Enrolment.id, Enrolment.last_step)
        .having(last < now - IDLE)
        .subquery()
    )
    counted = session.execute(select(idle.c.last_step, func.count()).group_by(idle.c.last_step))
    return {row[0]: row[1] for row in counted}


# --- practices ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LabError:
    """A rule of the format lab in a practice: people who left it or made it, and submissions that showed it."""

    step: str
    code: str
    people: int
    submissions: int


def lab_errors(session: Session, revision: Revision) -> list[LabError]:
    """What goes wrong in each practice of a course, the most frequent first."""
    people = func.count(LabAttempt.enrolment_id.distinct())
    found = session.execute(
        select(LabAttempt.step, LabOutcome.code, people, func.count(LabAttempt.id.distinct()))
        .join(LabOutcome, LabOutcome.attempt_id == LabAttempt.id)
        .join(Enrolment, Enrolment.id == LabAttempt.enrolment_id)
        .where(Enrolment.course_id == revision.course_id, LabOutcome.outcome != "mended")
        .group_by(LabAttempt.step, LabOutcome.code)
        .order_by(LabAttempt.step, people.desc(), LabOutcome.code)
    )
    return [LabError(*row) for row in found]
