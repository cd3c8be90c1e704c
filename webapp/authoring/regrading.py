"""Regrading with conscience: a wrong answer key is mended, seen beforehand, applied, and taken back if need be.

Scores follow from answers and amended keys, always by `learning.services.grade`. Nobody loses a point and no constancia
is withdrawn; who passes now is accredited on the day it is applied, in that day's obliged subject.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask_babel import LazyString, force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.catalog import queries as catalog
from webapp.catalog.models import CourseRevision
from webapp.catalog.queries import Revision
from webapp.core import audit
from webapp.core.i18n import LANGUAGES
from webapp.core.jobs import enqueue
from webapp.core.mail import queue_mail
from webapp.coursepack.amending import Amendment, AmendmentError, amend, amended
from webapp.coursepack.model import Question
from webapp.learning import queries as learning
from webapp.learning.models import AmendedRevision, Answer, Enrolment, KeyAmendment, QuizAttempt, ScoreChange
from webapp.learning.services import conclude, grade

SETTLE = "authoring.settle"
BATCH = 500  # attempts whose answers are held at once
SETTLE_AFTER = timedelta(minutes=2)  # who was handing in at that moment has done so by then


class RegradeError(Exception):
    """A regrade that cannot be done. `code` is stable; the text names the cause and the way out."""

    def __init__(self, code: str, text: LazyString | str) -> None:
        super().__init__(code)
        self.code, self.text = code, text


@dataclass(frozen=True)
class Target:
    """A question of a bank, and the revisions of the course in which it reads as it does in `revision`."""

    revision: Revision
    bank: str
    question: Question
    revision_ids: tuple[int, ...]


@dataclass(frozen=True)
class Shift:
    """What would happen, or happened, to one attempt."""

    attempt_id: int
    enrolment_id: int
    kind: str
    score_before: int
    score_after: int
    passed_before: bool
    passed_after: bool


@dataclass(frozen=True)
class Impact:
    """What an amendment would do. `asked` = people who handed in an attempt that asks the question."""

    asked: int
    shifts: tuple[Shift, ...]
    passes_now: tuple[int, ...]  # enrolments with a passed exam that had none before
    passes_no_more: tuple[int, ...]  # the other way round: only taking an amendment back does that

    @property
    def people(self) -> int:
        """People with a score that changes. A person has one enrolment in a course."""
        return len({shift.enrolment_id for shift in self.shifts})

    @property
    def digest(self) -> str:
        """A short name of exactly this impact, so that what is applied is what was seen."""
        told = json.dumps([[s.attempt_id, s.score_after, s.passed_after] for s in self.shifts])
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def target(session: Session, revision: Revision, bank: str, question: str) -> Target:
    """The question `question` of the bank `bank`. Raises RegradeError `unknown_question`."""
    found = _question(revision, bank, question)
    if found is None:
        raise RegradeError("unknown_question", _l("Esa pregunta no está en el curso."))
    ids = session.scalars(select(CourseRevision.id).filter_by(course_id=revision.course_id).order_by(CourseRevision.id))
    same = [one for one in ids if _reads_the_same(_question(catalog.revision(session, one), bank, question), found)]
    return Target(revision, bank, found, tuple(same))


def _question(revision: Revision, bank: str, name: str) -> Question | None:
    questions = revision.course.banks[bank].questions if bank in revision.course.banks else ()
    return next((question for question in questions if question.id == name), None)


def _reads_the_same(one: Question | None, other: Question) -> bool:
    return one is not None and (one.type, one.prompt_html, one.body) == (other.type, other.prompt_html, other.body)


def as_marked_today(session: Session, wanted: Target) -> Question:
    """The question with what was amended in it before."""
    return amended(wanted.question, learning.amendments(session, wanted.revision.id, wanted.bank))


def preview(session: Session, wanted: Target, amendment: Amendment) -> Impact:
    """What applying `amendment` would do, writing nothing. Raises RegradeError when it does not fit the question."""
    _fit(session, wanted, amendment)
    return _impact(session, _Keys(session, wanted.bank, more=amendment), wanted.question.id, wanted.revision_ids)


def _fit(session: Session, wanted: Target, amendment: Amendment) -> None:
    before = learning.amendments(session, wanted.revision.id, wanted.bank)
    if any(one.question == wanted.question.id and one.kind == "void" for one in before):
        raise RegradeError("already_void", _l("Esta pregunta ya está anulada: todas las personas tienen el punto."))
    try:
        amend(amended(wanted.question, before), amendment)
    except AmendmentError as error:
        raise RegradeError(error.code, _(error.message)) from error


class _Keys:
    """What is amended in a bank, by revision: as it holds today, with one more, or without one."""

    def __init__(
        self, session: Session, bank: str, more: Amendment | None = None, without: KeyAmendment | None = None
    ) -> None:
        self.bank = bank
        self._session, self._more, self._without = session, more, without
        self._read: dict[int, tuple[Amendment, ...]] = {}

    def of(self, revision_id: int) -> tuple[Amendment, ...]:
        if revision_id not in self._read:
            held = learning.amendments(self._session, revision_id, self.bank)
            gone = self._without
            if gone is not None:
                held = tuple(o for o in held if (o.question, o.applied_at) != (gone.question, gone.applied_at))
            self._read[revision_id] = held if self._more is None else (*held, self._more)
        return self._read[revision_id]


def _impact(session: Session, keys: _Keys, question: str, revision_ids: Sequence[int]) -> Impact:
    """Compare the scores that are kept with what these keys give."""
    asked: set[int] = set()
    shifts = []
    for attempt, kept in _attempts(session, keys.bank, question, revision_ids):
        asked.add(attempt.enrolment_id)
        course = catalog.revision(session, attempt.revision_id).course
        amendments = keys.of(attempt.revision_id)
        score = grade(course, attempt.step, attempt.questions, kept, amendments, attempt.submitted_at).score
        passed = score >= attempt.pass_mark
        if (score, passed) != (attempt.score, attempt.passed):
            was = (attempt.score, score, attempt.passed, passed)
            shifts.append(Shift(attempt.id, attempt.enrolment_id, attempt.kind, *was))
    return Impact(len(asked), tuple(shifts), *_who_passes(session, shifts))


def _who_passes(session: Session, shifts: Sequence[Shift]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The enrolments that have a passed exam only after the shifts, and those that have one only before."""
    exams = [shift for shift in shifts if shift.kind == "exam" and shift.passed_before != shift.passed_after]
    changed = {shift.attempt_id for shift in exams}
    enrolments = {shift.enrolment_id for shift in exams}
    otherwise = set(
        session.scalars(
            select(QuizAttempt.enrolment_id).where(
                QuizAttempt.enrolment_id.in_(enrolments),
                QuizAttempt.id.not_in(changed),
                QuizAttempt.kind == "exam",
                QuizAttempt.passed.is_(True),
            )
        )
    )
    now = {shift.enrolment_id for shift in exams if shift.passed_after} - otherwise
    before = {shift.enrolment_id for shift in exams if shift.passed_before} - otherwise
    return tuple(sorted(now - before)), tuple(sorted(before - now))


def _attempts(
    session: Session, bank: str, question: str, revision_ids: Sequence[int]
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The attempts handed in that ask the question, each with its answers; a batch at a time."""
    steps = {
        step.key
        for one in revision_ids
        for step in catalog.revision(session, one).course.steps.values()
        if step.bank == bank
    }
    last = 0
    while found := session.execute(
        select(*_WANTED)
        .where(
            QuizAttempt.id > last,
            QuizAttempt.revision_id.in_(revision_ids),
            QuizAttempt.step.in_(steps),
            QuizAttempt.submitted_at.is_not(None),
        )
        .order_by(QuizAttempt.id)
        .limit(BATCH)
    ).all():
        last = found[-1].id
        asking = [row for row in found if question in row.questions]
        kept: dict[int, dict[str, Any]] = {row.id: {} for row in asking}
        for answer in session.execute(
            select(Answer.attempt_id, Answer.question, Answer.response)
            .where(Answer.attempt_id.in_(kept))
            .order_by(Answer.id)
        ):
            kept[answer.attempt_id][answer.question] = answer.response
        for row in asking:
            yield row, kept[row.id]


_WANTED = (
    QuizAttempt.id,
    QuizAttempt.enrolment_id,
    QuizAttempt.revision_id,
    QuizAttempt.step,
    QuizAttempt.kind,
    QuizAttempt.questions,
    QuizAttempt.pass_mark,
    QuizAttempt.submitted_at,
    QuizAttempt.score,
    QuizAttempt.passed,
)


def apply(
    session: Session,
    actor: Person,
    wanted: Target,
    amendment: Amendment,
    reason: str,
    seen: str,
    default_issuer: str,
    now: datetime,
) -> tuple[KeyAmendment, Impact]:
    """Amend the key, change the scores that follow, accredit who passes now and tell them, in one transaction.

    `seen` is the digest of the preview. Raises RegradeError `no_reason`, `changed_meanwhile`, or what `preview` raises.
    """
    if not reason.strip():
        raise RegradeError("no_reason", _l("Escribe el motivo: lo verá quien revise la bitácora."))
    amendment = replace(amendment, applied_at=now)
    impact = preview(session, wanted, amendment)
    if impact.digest != seen:
        raise _changed_meanwhile()
    row = KeyAmendment(
        course_id=wanted.revision.course_id,
        bank=wanted.bank,
        question=amendment.question,
        kind=amendment.kind,
        answers=list(amendment.answers),
        blank=amendment.blank,
        tolerance=amendment.tolerance,
        reason=reason.strip()[:300],
        applied_by_id=actor.id,
        applied_at=now,
    )
    session.add(row)
    session.flush()
    session.add_all(AmendedRevision(revision_id=one, amendment_id=row.id) for one in wanted.revision_ids)
    session.flush()
    audit.record(
        session,
        now,
        actor.id,
        "authoring.regraded",
        f"amendment:{row.id}",
        question=f"{wanted.revision.slug}/{wanted.bank}/{amendment.question}",
        kind=amendment.kind,
        people=impact.people,
        pass_now=len(impact.passes_now),
    )
    _change(session, row, impact, False, now)
    _accredit(session, impact.passes_now, default_issuer, now)
    enqueue(session, SETTLE, now + SETTLE_AFTER, amendment_id=row.id)
    return row, impact


def _change(session: Session, row: KeyAmendment, impact: Impact, undo: bool, now: datetime) -> None:
    """Write the scores of an impact, and what they were."""
    for shift in impact.shifts:
        changed = update(QuizAttempt).where(QuizAttempt.id == shift.attempt_id)
        session.execute(changed.values(score=shift.score_after, passed=shift.passed_after))
        session.add(
            ScoreChange(
                amendment_id=row.id,
                attempt_id=shift.attempt_id,
                undo=undo,
                score_before=shift.score_before,
                score_after=shift.score_after,
                passed_before=shift.passed_before,
                passed_after=shift.passed_after,
                changed_at=now,
            )
        )
    session.flush()
    session.expire_all()


def _accredit(session: Session, enrolments: Sequence[int], default_issuer: str, now: datetime) -> None:
    """Conclude what is complete now that its exam is passed, and tell everybody who passes now."""
    for enrolment_id in enrolments:
        enrolment = session.get_one(Enrolment, enrolment_id)
        if enrolment.concluded_at is None:
            revision = catalog.revision(session, enrolment.revision_id)
            constancia = conclude(session, enrolment, revision, default_issuer, now)
            person = session.get_one(Person, enrolment.person_id)
            _tell(session, person, revision.course.title, constancia.folio if constancia else None, now)


def _tell(session: Session, person: Person, course: str, folio: str | None, now: datetime) -> None:
    """Tell somebody that they pass now, and what that led to. `folio` is None while the course is not complete."""
    with force_locale(LANGUAGES[person.language]):
        subject = _("Ahora apruebas: %(course)s", course=course)
        sentences = [
            _("Hola, %(name)s:", name=person.given_names),
            _(
                "La clave de una pregunta del examen de «%(course)s» tenía un error nuestro. La corregimos, volvimos a "
                "calificar tu intento y ahora apruebas.",
                course=course,
            ),
            _("Tu constancia está lista, con el folio %(folio)s.", folio=folio)
            if folio
            else _(
                "Para tener tu constancia te falta algo: está en «¿Por qué no he terminado?», en la página del curso."
            ),
        ]
    queue_mail(session, person.email, subject, "\n\n".join(sentences) + "\n", now)


def undo_preview(session: Session, row: KeyAmendment) -> Impact:
    """What taking an amendment back would do, writing nothing. Raises RegradeError `already_undone`."""
    if row.undone_at is not None:
        raise RegradeError("already_undone", _l("Esta corrección ya se deshizo."))
    return _impact(session, _Keys(session, row.bank, without=row), row.question, _revision_ids(session, row))


def undo(session: Session, actor: Person, row: KeyAmendment, seen: str, now: datetime) -> Impact:
    """Take an amendment back: scores return to what the key gives without it; constancias stand.

    Raises RegradeError `already_undone` or `changed_meanwhile`.
    """
    impact = undo_preview(session, row)
    if impact.digest != seen:
        raise _changed_meanwhile()
    row.undone_at, row.undone_by_id = now, actor.id
    audit.record(session, now, actor.id, "authoring.regrade_undone", f"amendment:{row.id}", people=impact.people)
    _change(session, row, impact, True, now)
    enqueue(session, SETTLE, now + SETTLE_AFTER, amendment_id=row.id)
    return impact


def settle(session: Session, row: KeyAmendment, default_issuer: str, now: datetime) -> Impact:
    """Mend the scores of those who handed in at the very moment of a regrade, by keys that were no longer so."""
    impact = _impact(session, _Keys(session, row.bank), row.question, _revision_ids(session, row))
    _change(session, row, impact, row.undone_at is not None, now)
    _accredit(session, impact.passes_now, default_issuer, now)
    return impact


def _revision_ids(session: Session, row: KeyAmendment) -> Sequence[int]:
    return session.scalars(
        select(AmendedRevision.revision_id).filter_by(amendment_id=row.id).order_by(AmendedRevision.revision_id)
    ).all()


def _changed_meanwhile() -> RegradeError:
    return RegradeError(
        "changed_meanwhile",
        _l("Mientras leías se entregaron o cambiaron intentos. Revisa otra vez a quién cambia y confirma."),
    )
