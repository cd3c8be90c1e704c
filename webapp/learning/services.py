"""The verbs of learning: enrol, go on, answer, hand in, conclude. All run inside the caller's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import Executable, Table, bindparam, case, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.accounts import queries as accounts
from webapp.accounts.models import Person
from webapp.catalog.queries import Revision
from webapp.core import audit
from webapp.core.db import random_id, rows
from webapp.coursepack import scoring
from webapp.coursepack.amending import Amendment, share
from webapp.coursepack.drawing import TooFewQuestions, draw
from webapp.coursepack.model import Bank, Course, Draw, Question, Step
from webapp.learning import queries
from webapp.learning.models import (
    Answer,
    AttemptGrant,
    CourseUpdate,
    Enrolment,
    QuizAttempt,
    StepProgress,
    UpdatedLesson,
)
from webapp.records.models import Constancia
from webapp.records.names import visible
from webapp.records.services import Achievement, accredit, name_problem

PASSED_ABOVE = frozenset({"lab", "package"})  # kinds whose page and rule belong to a room above
MOST_SECONDS = 4 * 3600  # a beacon that claims more is a page left open overnight


class LearningError(Exception):
    """Something a learner may not do now. `code` is stable; the text names the cause and the way out."""

    def __init__(self, code: str, text: LazyString) -> None:
        super().__init__(code)
        self.code, self.text = code, text


# --- enrolment and steps ------------------------------------------------------------------------------------------


def enrol(session: Session, person: Person, revision: Revision, now: datetime) -> Enrolment:
    """Enrol a person in a revision, or return the enrolment there is. Rule and affiliation of today are copied."""
    found = queries.enrolment(session, person.id, revision.course_id)
    if found is not None:
        return found
    course = revision.course
    obliged_subject_id, state_id = accounts.affiliation_at(session, person.id, now)
    row = Enrolment(
        person_id=person.id,
        course_id=revision.course_id,
        revision_id=revision.id,
        obliged_subject_id=obliged_subject_id,
        state_id=state_id,
        sex=person.sex,
        pass_mark=course.pass_mark,
        attempts_allowed=course.attempts,
        enrolled_at=now,
        due_at=now + timedelta(days=course.deadline_days),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # another tab was quicker
        found = queries.enrolment(session, person.id, revision.course_id)
        if found is None:
            raise
        return found
    audit.record(session, now, person.id, "learning.enrolled", f"enrolment:{row.id}", course=course.slug)
    return row


def hold_enrolment(session: Session, enrolment: Enrolment) -> None:
    """Read an enrolment again and keep others from changing it until the end of the transaction.

    Without claiming its key: rows that point to it may be inserted meanwhile, and whoever did so does not wait for us
    while we wait for them.
    """
    wanted = select(Enrolment).where(Enrolment.id == enrolment.id).with_for_update(key_share=True)
    session.scalars(wanted.execution_options(populate_existing=True)).one()


def reach_step(session: Session, enrolment: Enrolment, step: Step, seconds: int, now: datetime) -> None:
    """Note that a learner is at a step, and the seconds spent there since the last note."""
    _note_step(session, enrolment, step, now, seconds=max(0, min(seconds, MOST_SECONDS)))
    enrolment.last_step = step.key
    session.flush()


def complete_lesson(
    session: Session, enrolment: Enrolment, revision: Revision, step: Step, default_issuer: str, now: datetime
) -> Constancia | None:
    """A learner says *Siguiente*: the lesson is done. The first moment stays. May conclude the course."""
    if step.kind != "lesson":
        raise LearningError("not_a_lesson", _l("Este paso se completa al entregar sus respuestas."))
    _note_step(session, enrolment, step, now, done=True)
    enrolment.last_step = step.key
    session.flush()
    return conclude(session, enrolment, revision, default_issuer, now)


def pass_step(
    session: Session, enrolment: Enrolment, revision: Revision, step: Step, default_issuer: str, now: datetime
) -> Constancia | None:
    """A room above saw that a step of its kind was passed. The first moment stays. May conclude the course."""
    if step.kind not in PASSED_ABOVE:
        raise LearningError("passed_here", _l("Este paso se completa en su propia página."))
    _note_step(session, enrolment, step, now, done=True)
    return conclude(session, enrolment, revision, default_issuer, now)


def _step_note(insert_into: Callable[[Table], Any]) -> Executable:
    """Write a step down, or add to what is written. What was done once stays done, at its first moment and as it was."""
    note = insert_into(cast(Table, StepProgress.__table__))
    kept, new = StepProgress, note.excluded
    merged = {
        "seconds": kept.seconds + new.seconds,
        "completed_at": func.coalesce(kept.completed_at, new.completed_at),
        "exempted": case((kept.completed_at.is_(None), new.exempted), else_=kept.exempted),
    }
    return cast(Executable, note.on_conflict_do_update(index_elements=["enrolment_id", "step"], set_=merged))


# One statement, so that the page's beacon and its button may come at once; ready, because both come with every lesson.
_STEP_NOTES = {"sqlite": _step_note(sqlite.insert), "postgresql": _step_note(postgresql.insert)}


def _note_step(
    session: Session,
    enrolment: Enrolment,
    step: Step,
    now: datetime,
    *,
    seconds: int = 0,
    done: bool = False,
    exempted: bool = False,
) -> None:
    row = {
        "enrolment_id": enrolment.id,
        "step": step.key,
        "started_at": now,
        "completed_at": now if done or exempted else None,
        "exempted": exempted,
        "seconds": seconds,
    }
    session.execute(_STEP_NOTES[session.get_bind().dialect.name], row)


def confirm_name(session: Session, enrolment: Enrolment, person: Person, now: datetime) -> None:
    """The learner says that this is how the name must appear on the constancia.

    Raises RecordsError `name_missing` or `name_undrawable` for a name that no constancia can carry.
    """
    problem = name_problem(person.full_name)
    if problem is not None:
        raise problem
    enrolment.printed_name = visible(person.full_name)
    enrolment.name_confirmed_at = now
    session.flush()


# --- attempts -----------------------------------------------------------------------------------------------------


def start_attempt(session: Session, enrolment: Enrolment, revision: Revision, step: Step, now: datetime) -> QuizAttempt:
    """Begin a quiz, or return the attempt that is open. Raises LearningError where the rules do not allow it."""
    # In line: two tabs that begin at once must not both count the attempts before either has begun.
    hold_enrolment(session, enrolment)
    mine = session.scalars(
        select(QuizAttempt).filter_by(enrolment_id=enrolment.id, step=step.key).order_by(QuizAttempt.number)
    ).all()
    for attempt in mine:
        if attempt.submitted_at is None:
            return attempt
    allowed = _allowed(session, enrolment, revision.course, step, len(mine))
    seed = secrets.randbits(31)
    exclude = _questions_of_pretest(session, enrolment) if step.kind == "exam" else frozenset()
    bank = revision.course.banks[step.bank]
    void = {a.question for a in queries.amendments(session, revision.id, bank.id) if a.kind == "void"}
    attempt = QuizAttempt(
        public_id=random_id(),
        enrolment_id=enrolment.id,
        revision_id=revision.id,
        step=step.key,
        kind=step.kind,
        number=len(mine) + 1,
        allowed=allowed,
        seed=seed,
        questions=list(_draw_around(bank, step.draw, seed, exclude, void)),
        pass_mark=enrolment.pass_mark if step.kind == "exam" else 0,
        started_at=now,
    )
    session.add(attempt)
    enrolment.last_step = step.key
    session.flush()
    return attempt


def _allowed(session: Session, enrolment: Enrolment, course: Course, step: Step, made: int) -> int | None:
    """How many attempts the step allows (None = any). Raises when the next one may not begin."""
    if step.kind == "check":
        return None
    if step.kind == "pretest":
        if made:
            raise LearningError("pretest_taken", _l("El diagnóstico se responde una sola vez y ya lo entregaste."))
        if queries.exam_begun(session, enrolment.id):
            # Its questions must not be among those that an exam has asked.
            raise LearningError("pretest_too_late", _l("El diagnóstico se responde antes del primer examen."))
        return 1
    if queries.exam_passed(session, enrolment.id):
        raise LearningError("already_passed", _l("Ya aprobaste el examen. Tu constancia está en Mis constancias."))
    missing = queries.progress(course, queries.step_states(session, enrolment.id), exam_passed=False)
    if missing.next_step != step.key:
        raise LearningError(
            "steps_missing", _l("Antes del examen faltan lecciones. Abre «¿Por qué no he terminado?» para ver cuáles.")
        )
    if enrolment.name_confirmed_at is None:
        raise LearningError("name_not_confirmed", _l("Antes del examen confirma cómo debe salir tu nombre."))
    allowed = queries.attempts_allowed(session, enrolment)
    if made >= allowed:
        raise LearningError(
            "no_attempts_left",
            _l("Ya usaste tus intentos del examen. Pide otro a quien imparte el curso; puede dártelo con un motivo."),
        )
    return allowed


def _draw_around(bank: Bank, rule: Draw, seed: int, exclude: frozenset[str], void: Set[str]) -> tuple[str, ...]:
    """Draw without void questions, which ask nothing of anybody, while the bank has enough of the others."""
    try:
        return draw(bank, rule, seed, exclude | void)
    except TooFewQuestions:
        return draw(bank, rule, seed, exclude)


def _questions_of_pretest(session: Session, enrolment: Enrolment) -> frozenset[str]:
    drawn = session.scalars(select(QuizAttempt.questions).filter_by(enrolment_id=enrolment.id, kind="pretest")).all()
    return frozenset(question for questions in drawn for question in questions)


# Statements of the most frequent act of an exam stand ready: building one costs more than running it.
_HOLD_ATTEMPT = (
    select(QuizAttempt.submitted_at).where(QuizAttempt.id == bindparam("attempt_id")).with_for_update(key_share=True)
)
_ANSWER_UNDER_KEY = select(Answer.saved_at, Answer.question).where(
    Answer.attempt_id == bindparam("attempt_id"), Answer.client_key == bindparam("client_key")
)
_KEEP_ANSWERS = insert(cast(Table, Answer.__table__))


def save_answer(
    session: Session,
    attempt: queries.AttemptView,
    question: Question,
    response: Mapping[str, Any],
    client_key: str,
    now: datetime,
) -> datetime:
    """Keep a response and return when it was kept. The same `client_key` again changes nothing.

    Raises LearningError `attempt_closed` when the attempt was handed in meanwhile, and `client_key_reused` when the key
    belongs to the answer of another question.
    """
    submitted_at = _hold(session, attempt.id)
    kept = rows(session, _ANSWER_UNDER_KEY, attempt_id=attempt.id, client_key=client_key).first()
    if kept is not None:
        if kept.question != question.id:
            raise LearningError(
                "client_key_reused", _l("La respuesta llegó con la clave de otra; vuelve a cargar la página.")
            )
        return kept.saved_at  # type: ignore[no-any-return]
    _refuse_late(submitted_at)
    session.execute(_KEEP_ANSWERS, [_answer_row(attempt.id, question, response, client_key, now)])
    return now


def save_changed(
    session: Session,
    attempt: queries.AttemptView,
    responses: Mapping[str, tuple[Question, Mapping[str, Any]]],
    now: datetime,
) -> int:
    """Keep those of a whole form's responses that differ from what is kept; returns how many did.

    An empty response takes back the one that is kept. Raises LearningError `attempt_closed` as `save_answer` does.
    """
    _refuse_late(_hold(session, attempt.id))
    different = [
        _answer_row(attempt.id, *responses[name], f"form-{random_id()}", now)
        for name in changed(queries.answers(session, attempt.id), responses)
    ]
    if different:
        session.execute(_KEEP_ANSWERS, different)
    return len(different)


def changed(
    kept: Mapping[str, Mapping[str, Any]], responses: Mapping[str, tuple[Question, Mapping[str, Any]]]
) -> list[str]:
    """The questions whose response in a form is not the one that is kept (none kept is the same as an empty one)."""
    return [name for name, (_, response) in responses.items() if kept.get(name, {}) != dict(response)]


def _hold(session: Session, attempt_id: int) -> datetime | None:
    """Keep an attempt from being handed in while answers are saved; returns when it was handed in, if it was."""
    return cast(datetime | None, rows(session, _HOLD_ATTEMPT, attempt_id=attempt_id).scalar_one())


def _refuse_late(submitted_at: datetime | None) -> None:
    if submitted_at is not None:
        raise LearningError("attempt_closed", _l("Este intento ya se entregó; la respuesta llegó después y no cuenta."))


def _answer_row(
    attempt_id: int, question: Question, response: Mapping[str, Any], client_key: str, now: datetime
) -> dict[str, Any]:
    return {
        "attempt_id": attempt_id,
        "question": question.id,
        "response": dict(response),
        "client_key": client_key,
        "saved_at": now,
    }


@dataclass(frozen=True)
class Grades:
    """What answers are worth: whole percent, the questions asked, and the ids of those that are wholly right."""

    score: int
    questions: tuple[Question, ...]
    right: frozenset[str]


def grade(
    course: Course,
    step: str,
    asked: Iterable[str],
    kept: Mapping[str, Mapping[str, Any]],
    amendments: Sequence[Amendment] = (),
    handed_in: datetime | None = None,
) -> Grades:
    """Grade the kept responses to the questions asked in a quiz, handed in at that moment (None: now).

    By the key of its course, with what was amended in it since.
    """
    by_id = {question.id: question for question in course.banks[course.steps[step].bank].questions}
    questions = tuple(by_id[name] for name in asked)
    shares = [share(question, kept.get(question.id), amendments, handed_in) for question in questions]
    return Grades(
        scoring.percent([(share, question.points) for share, question in zip(shares, questions, strict=True)]),
        questions,
        frozenset(question.id for share, question in zip(shares, questions, strict=True) if share == 1),
    )


@dataclass(frozen=True)
class Handed:
    """What handing in an attempt led to."""

    score: int
    passed: bool
    exempted: tuple[str, ...]
    constancia: Constancia | None


def submit_attempt(
    session: Session,
    attempt: queries.AttemptView,
    enrolment: Enrolment,
    revision: Revision,
    default_issuer: str,
    now: datetime,
) -> Handed:
    """Hand in and grade. Handing in twice (double click, two tabs) gives the first result again."""
    row = session.scalars(select(QuizAttempt).where(QuizAttempt.id == attempt.id).with_for_update(key_share=True)).one()
    if row.submitted_at is not None:
        return Handed(row.score or 0, bool(row.passed), (), None)
    course = revision.course
    amendments = queries.amendments(session, row.revision_id, course.steps[row.step].bank)
    grades = grade(course, row.step, row.questions, queries.answers(session, row.id), amendments)
    # A tab that saved while this act waited for the row did so after the act began.
    last = session.scalar(select(func.max(Answer.saved_at)).where(Answer.attempt_id == row.id))
    row.score = grades.score
    row.passed = row.score >= row.pass_mark
    row.submitted_at = max(now, last) if last else now
    exempted: tuple[str, ...] = ()
    if row.kind == "pretest":
        exempted = _exempt(session, enrolment, course, grades, now)
    elif row.kind == "check":
        _note_step(session, enrolment, course.steps[row.step], now, done=True)
    session.flush()
    return Handed(row.score, row.passed, exempted, conclude(session, enrolment, revision, default_issuer, now))


def _exempt(session: Session, enrolment: Enrolment, course: Course, grades: Grades, now: datetime) -> tuple[str, ...]:
    """Exempt each lesson whose questions were all right, and the check after it; returns the lessons newly spared."""
    steps = course.lesson_steps
    before = queries.step_states(session, enrolment.id)
    exempted = []
    for place, step in enumerate(steps):
        of_lesson = [question.id for question in grades.questions if step.key in question.tags]
        if step.kind != "lesson" or not of_lesson or not grades.right.issuperset(of_lesson):
            continue
        follows = steps[place + 1] if place + 1 < len(steps) else None
        for spared in (step, follows) if follows is not None and follows.kind == "check" else (step,):
            _note_step(session, enrolment, spared, now, exempted=True)  # what was done before stays done, not exempted
        if not (step.key in before and before[step.key].done):
            exempted.append(step.key)
    return tuple(exempted)


def grant_attempts(
    session: Session, actor: Person, enrolment: Enrolment, extra: int, reason: str, now: datetime
) -> AttemptGrant:
    """Give an enrolment `extra` (1–10) more attempts at its exam, for a reason that stays in the log."""
    if enrolment.concluded_at is not None:
        raise LearningError("already_concluded", _l("La persona ya terminó este curso: no le hacen falta intentos."))
    if not 1 <= extra <= 10:
        raise LearningError("bad_extra", _l("Da entre 1 y 10 intentos."))
    if not reason.strip():
        raise LearningError("no_reason", _l("Escribe el motivo: queda en la bitácora."))
    row = AttemptGrant(
        enrolment_id=enrolment.id, extra=extra, reason=reason.strip()[:300], granted_by_id=actor.id, granted_at=now
    )
    session.add(row)
    session.flush()
    audit.record(session, now, actor.id, "learning.attempts_granted", f"enrolment:{enrolment.id}", extra=extra)
    return row


# --- revisions ----------------------------------------------------------------------------------------------------


def take_revision(
    session: Session, enrolment: Enrolment, revision: Revision, default_issuer: str, now: datetime
) -> Constancia | None:
    """Go on with a newer revision, by choice. What was done stays done, and the rule of the day of enrolment holds.

    Raises LearningError `already_concluded`, or `attempt_open` while questions of the old revision wait for an answer.
    May conclude the course, where the new one asks for less.
    """
    hold_enrolment(session, enrolment)
    if enrolment.concluded_at is not None:
        raise LearningError("already_concluded", _l("Ya terminaste este curso; no hace falta cambiar de revisión."))
    waiting = select(QuizAttempt.id).where(QuizAttempt.enrolment_id == enrolment.id, QuizAttempt.submitted_at.is_(None))
    if session.scalar(waiting.limit(1)) is not None:
        raise LearningError(
            "attempt_open", _l("Tienes preguntas a medio responder. Entrégalas y después pasa a la revisión nueva.")
        )
    if enrolment.revision_id == revision.id:
        return None
    audit.record(
        session,
        now,
        enrolment.person_id,
        "learning.revision_taken",
        f"enrolment:{enrolment.id}",
        before=enrolment.revision_id,
        after=revision.id,
    )
    enrolment.revision_id = revision.id
    session.flush()
    return conclude(session, enrolment, revision, default_issuer, now)


def read_update(session: Session, enrolment: Enrolment, update: queries.Update, step: Step, now: datetime) -> bool:
    """Note that somebody accredited read a lesson of an update; returns whether that was the last one."""
    hold_enrolment(session, enrolment)
    row = session.scalars(
        select(CourseUpdate).filter_by(enrolment_id=enrolment.id, revision_id=update.revision.id)
    ).first()
    if row is None:
        row = CourseUpdate(enrolment_id=enrolment.id, revision_id=update.revision.id, started_at=now)
        session.add(row)
        session.flush()
    if session.get(UpdatedLesson, (row.id, step.key)) is None:
        session.add(UpdatedLesson(update_id=row.id, step=step.key, read_at=now))
        session.flush()
    read = set(session.scalars(select(UpdatedLesson.step).filter_by(update_id=row.id)))
    complete = read.issuperset(lesson.key for lesson in update.lessons)
    if complete and row.completed_at is None:
        row.completed_at = now
        session.flush()
        audit.record(
            session,
            now,
            enrolment.person_id,
            "learning.updated",
            f"enrolment:{enrolment.id}",
            revision=update.revision.hash,
        )
    return complete


# --- conclusion ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Requirement:
    """One thing a course asks for: whether it was met, the evidence seen, and where to go for what is missing."""

    key: str
    label: str
    met: bool
    evidence: datetime | None
    exempted: bool = False


def requirements(session: Session, enrolment: Enrolment, course: Course) -> list[Requirement]:
    """Everything the course asks for, in its order, with what was seen of it. This is the rule `conclude` applies."""
    reached = {
        row.step: row for row in session.scalars(select(StepProgress).where(StepProgress.enrolment_id == enrolment.id))
    }
    found = []
    for step in course.lesson_steps:
        row = reached.get(step.key)
        done_at = row.completed_at if row is not None else None
        found.append(Requirement(step.key, step.title, done_at is not None, done_at, row is not None and row.exempted))
    if course.exam is not None:
        passed = queries.best_exam(session, enrolment.id)
        found.append(
            Requirement(
                course.exam,
                course.steps[course.exam].title,
                passed is not None,
                passed.submitted_at if passed is not None else None,
            )
        )
    return found


def conclude(
    session: Session, enrolment: Enrolment, revision: Revision, default_issuer: str, now: datetime
) -> Constancia | None:
    """If nothing is missing, conclude the enrolment and issue the constancia in this same transaction.

    The name must have been confirmed: a course with an exam asks for it before, one without waits for it here.
    `default_issuer` is the key of the authority that issues where the course names none.
    """
    course = revision.course
    if enrolment.concluded_at is not None:
        return None
    if course.exam is not None and not queries.exam_passed(session, enrolment.id):
        return None  # asked first because it is cheap, and the answer to most lessons
    # In line: of two steps completed at once, the second must see the first, and only one may conclude.
    hold_enrolment(session, enrolment)
    states = queries.step_states(session, enrolment.id)
    if (
        enrolment.concluded_at is not None
        or enrolment.name_confirmed_at is None
        or any(not (step.key in states and states[step.key].done) for step in course.lesson_steps)
    ):
        return None
    exam = queries.best_exam(session, enrolment.id) if course.exam is not None else None
    enrolment.concluded_at = now
    session.flush()
    person = session.get_one(Person, enrolment.person_id)
    obliged_subject_id, state_id = accounts.affiliation_at(session, person.id, now)
    return accredit(
        session,
        Achievement(
            source=f"enrolment:{enrolment.id}",
            person_id=person.id,
            name=enrolment.printed_name,
            course_slug=course.slug,
            course_title=course.title,
            topic=course.topic,
            revision=revision.hash,
            hours=Decimal(str(course.hours)),
            score=(exam.score or 0) if exam is not None else 100,
            pass_mark=exam.pass_mark if exam is not None else 0,
            issuer_key=course.issuer or default_issuer,
            validity_months=course.validity_months,
            obliged_subject_id=obliged_subject_id,
            state_id=state_id,
            sex=person.sex,
        ),
        now,
    )
