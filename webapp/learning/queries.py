"""Reading what a learner did. These stand on the hottest pages, so they select columns and never walk relations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from webapp.catalog import queries as catalog
from webapp.catalog.queries import Revision
from webapp.core.db import rows
from webapp.coursepack.amending import Amendment
from webapp.coursepack.model import Course, Step
from webapp.learning.models import (
    AmendedRevision,
    Answer,
    AttemptGrant,
    CourseUpdate,
    Enrolment,
    KeyAmendment,
    QuizAttempt,
    StepProgress,
    UpdatedLesson,
)


@dataclass(frozen=True)
class StepState:
    """What happened to a step: `done` covers exempted ones."""

    done: bool
    exempted: bool


@dataclass(frozen=True)
class Progress:
    """How far an enrolment is, in the steps and minutes of its revision (exam included, pre-test not)."""

    states: Mapping[str, StepState]
    exam_passed: bool
    done: int
    total: int
    minutes_left: int
    next_step: str | None  # the first step that is missing; the exam when only it is; None when nothing is

    def state(self, step: str) -> str:
        """ "done", "exempt", "current" or "todo"."""
        found = self.states.get(step)
        if found is not None and found.done:
            return "exempt" if found.exempted else "done"
        return "current" if step == self.next_step else "todo"


# Statements of the hottest pages stand ready: building one costs four times as much as running it.
_ENROLMENT = select(Enrolment).where(
    Enrolment.person_id == bindparam("person_id"), Enrolment.course_id == bindparam("course_id")
)


def enrolment(session: Session, person_id: int, course_id: int) -> Enrolment | None:
    """The enrolment of a person in a course, if there is one."""
    return session.scalars(_ENROLMENT, {"person_id": person_id, "course_id": course_id}).first()


def enrolments_of(session: Session, person_id: int) -> Sequence[Enrolment]:
    """Everything a person enrolled in, the newest first."""
    return session.scalars(
        select(Enrolment).filter_by(person_id=person_id).order_by(Enrolment.enrolled_at.desc())
    ).all()


_STEP_STATES = select(StepProgress.step, StepProgress.completed_at.is_not(None), StepProgress.exempted).where(
    StepProgress.enrolment_id == bindparam("enrolment_id")
)


def step_states(session: Session, enrolment_id: int) -> dict[str, StepState]:
    """The steps of an enrolment that were reached."""
    found = rows(session, _STEP_STATES, enrolment_id=enrolment_id)
    return {step: StepState(done, exempted) for step, done, exempted in found}


def progress(course: Course, states: Mapping[str, StepState], exam_passed: bool) -> Progress:
    """Put a course and what was done in it together."""
    steps = course.lesson_steps
    missing = [step for step in steps if not (step.key in states and states[step.key].done)]
    minutes = sum(step.minutes for step in missing)
    next_step = missing[0].key if missing else None
    total = len(steps)
    done = total - len(missing)
    if course.exam is not None:
        total += 1
        done += exam_passed
        if not exam_passed:
            minutes += course.steps[course.exam].minutes
            next_step = next_step or course.exam
    return Progress(states, exam_passed, done, total, minutes, next_step)


# --- attempts ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AttemptSummary:
    """An attempt as a list shows it."""

    public_id: str
    step: str
    kind: str
    number: int
    allowed: int | None
    started_at: datetime
    submitted_at: datetime | None
    score: int | None
    passed: bool | None


_ATTEMPTS = (
    select(*(getattr(QuizAttempt, field.name) for field in fields(AttemptSummary)))
    .where(QuizAttempt.enrolment_id == bindparam("enrolment_id"))
    .order_by(QuizAttempt.id)
)


def attempts(session: Session, enrolment_id: int) -> list[AttemptSummary]:
    """All attempts of an enrolment in the order they were begun."""
    return [AttemptSummary(*row) for row in rows(session, _ATTEMPTS, enrolment_id=enrolment_id)]


@dataclass(frozen=True)
class AttemptView:
    """An attempt of a person with what its pages need."""

    id: int
    public_id: str
    enrolment_id: int
    course_id: int
    revision_id: int
    step: str
    kind: str
    number: int
    allowed: int | None
    seed: int
    questions: list[str]
    pass_mark: int
    submitted_at: datetime | None
    score: int | None
    passed: bool | None


_ATTEMPT_OF = (
    select(*(getattr(Enrolment if f.name == "course_id" else QuizAttempt, f.name) for f in fields(AttemptView)))
    .join_from(QuizAttempt, Enrolment, Enrolment.id == QuizAttempt.enrolment_id)
    .where(QuizAttempt.public_id == bindparam("public_id"), Enrolment.person_id == bindparam("person_id"))
)


def attempt_of(session: Session, person_id: int, public_id: str) -> AttemptView | None:
    """The attempt under `public_id` if it is this person's; None otherwise, as if it did not exist."""
    row = rows(session, _ATTEMPT_OF, person_id=person_id, public_id=public_id).first()
    return None if row is None else AttemptView(*tuple(row))


_ANSWERS = (
    select(Answer.question, Answer.response).where(Answer.attempt_id == bindparam("attempt_id")).order_by(Answer.id)
)


def answers(session: Session, attempt_id: int) -> dict[str, dict[str, Any]]:
    """The response that counts for each question: the one saved last."""
    return {row.question: row.response for row in rows(session, _ANSWERS, attempt_id=attempt_id)}


_AMENDMENTS = (
    select(
        KeyAmendment.question,
        KeyAmendment.kind,
        KeyAmendment.applied_at,
        KeyAmendment.answers,
        KeyAmendment.blank,
        KeyAmendment.tolerance,
    )
    .join(AmendedRevision, AmendedRevision.amendment_id == KeyAmendment.id)
    .where(
        AmendedRevision.revision_id == bindparam("revision_id"),
        KeyAmendment.bank == bindparam("bank"),
        KeyAmendment.undone_at.is_(None),
    )
    .order_by(KeyAmendment.applied_at, KeyAmendment.id)
)


def amendments(session: Session, revision_id: int, bank: str) -> tuple[Amendment, ...]:
    """What was amended in the keys of a bank of a revision and holds today, the oldest first."""
    found = rows(session, _AMENDMENTS, revision_id=revision_id, bank=bank)
    return tuple(
        Amendment(row.question, row.kind, row.applied_at, tuple(row.answers), row.blank, row.tolerance) for row in found
    )


def handed_in_at(session: Session, attempt_id: int) -> datetime | None:
    """When an attempt was handed in, None while it is open."""
    return session.scalar(select(QuizAttempt.submitted_at).where(QuizAttempt.id == attempt_id))


def attempts_allowed(session: Session, enrolment: Enrolment) -> int:
    """How many times the exam may be tried: the number copied at enrolment plus what was granted since."""
    extra = session.scalar(
        select(func.coalesce(func.sum(AttemptGrant.extra), 0)).where(AttemptGrant.enrolment_id == enrolment.id)
    )
    return enrolment.attempts_allowed + int(extra or 0)


_EXAM_PASSED = (
    select(QuizAttempt.id)
    .where(
        QuizAttempt.enrolment_id == bindparam("enrolment_id"), QuizAttempt.kind == "exam", QuizAttempt.passed.is_(True)
    )
    .limit(1)
)


def exam_passed(session: Session, enrolment_id: int) -> bool:
    """Whether one attempt at the exam was passed."""
    return rows(session, _EXAM_PASSED, enrolment_id=enrolment_id).first() is not None


def exam_begun(session: Session, enrolment_id: int) -> bool:
    """Whether an attempt at the exam was begun."""
    found = session.scalar(
        select(QuizAttempt.id).where(QuizAttempt.enrolment_id == enrolment_id, QuizAttempt.kind == "exam").limit(1)
    )
    return found is not None


def best_exam(session: Session, enrolment_id: int) -> QuizAttempt | None:
    """The passed exam of an enrolment with the best score."""
    return session.scalars(
        select(QuizAttempt)
        .where(QuizAttempt.enrolment_id == enrolment_id, QuizAttempt.kind == "exam", QuizAttempt.passed.is_(True))
        .order_by(QuizAttempt.score.desc(), QuizAttempt.id)
    ).first()


# --- updates ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Update:
    """What somebody accredited may catch up with: the lessons that changed, those read, and when it was done."""

    revision: Revision
    lessons: tuple[Step, ...]
    read: frozenset[str]
    completed_at: datetime | None

    @property
    def next_lesson(self) -> Step | None:
        """The first lesson not read yet."""
        return next((step for step in self.lessons if step.key not in self.read), None)


def update_of(session: Session, enrolment: Enrolment, published_id: int) -> Update | None:
    """The update that a concluded enrolment is offered, or has done; None when nothing substantive changed for it.

    It is measured from the revision of the enrolment, or from the last one that they caught up with.
    """
    if enrolment.concluded_at is None or enrolment.revision_id == published_id:
        return None
    new = catalog.revision(session, published_id)
    mine = session.scalars(
        select(CourseUpdate).filter_by(enrolment_id=enrolment.id).order_by(CourseUpdate.id.desc())
    ).all()
    this = next((row for row in mine if row.revision_id == published_id), None)
    done = next((row.revision_id for row in mine if row is not this and row.completed_at is not None), None)
    old = catalog.revision(session, done or enrolment.revision_id)
    if not catalog.is_substantive(session, new.course_id, old.number, new.number):
        return None
    lessons = tuple(step for step in catalog.changed_steps(old, new) if step.kind == "lesson")
    if not lessons:
        return None
    read = session.scalars(select(UpdatedLesson.step).filter_by(update_id=this.id)).all() if this is not None else ()
    return Update(new, lessons, frozenset(read), this.completed_at if this is not None else None)
