"""Regrading: what is seen beforehand is what happens, nobody loses, nothing issued changes, and it can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.authoring.exams import exam_of, first_question
from tests.conftest import Write
from tests.learning.learners import EXAM, SLUG, Learner, email_of, learner, subject_of
from webapp.accounts.models import Person
from webapp.accounts.services import change_workplace
from webapp.authoring import regrading
from webapp.authoring.jobs import settle
from webapp.authoring.regrading import Impact, RegradeError
from webapp.catalog import queries as catalog
from webapp.core import registry
from webapp.core.audit import AuditEvent
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.jobs import Job, Run
from webapp.core.mail import OutboxMessage
from webapp.coursepack.amending import Amendment
from webapp.learning.models import KeyAmendment, ScoreChange
from webapp.records.models import Accreditation, Constancia

BANK = "banco"


def target(session: Session, question: str) -> regrading.Target:
    state = catalog.course_by_slug(session, SLUG)
    assert state is not None
    return regrading.target(session, catalog.revision(session, state.revision_id), BANK, question)


def void(question: str) -> Amendment:
    return Amendment(question, "void", now())


def regrade(write: Write, app: Flask, trainer: int, question: str, amendment: Amendment | None = None) -> Impact:
    with write() as session:
        wanted, change = target(session, question), amendment or void(question)
        seen = regrading.preview(session, wanted, change).digest
        issuer = app.config["ISSUER"]
        actor = session.get_one(Person, trainer)
        return regrading.apply(session, actor, wanted, change, "Dos opciones eran ciertas", seen, issuer, now())[1]


def take_back(write: Write, trainer: int) -> Impact:
    with write() as session:
        row = session.scalars(select(KeyAmendment)).one()
        seen = regrading.undo_preview(session, row).digest
        return regrading.undo(session, session.get_one(Person, trainer), row, seen, now())


def records(session: Session) -> list[tuple[Any, ...]]:
    """Every accreditation and constancia with all its columns, as bytes of text."""
    session.expire_all()
    return [
        tuple(repr(value) for value in row)
        for model in (Accreditation, Constancia)
        for row in session.execute(select(model.__table__).order_by(model.id))
    ]


def test_a_preview_writes_nothing_and_says_who_changes_and_who_passes(
    app: Flask, session: Session, failed: Learner
) -> None:
    other = learner(app)
    other.finish()  # all right: nothing changes for this one
    with app.app_context():
        question = first_question(session, failed)
        impact = regrading.preview(db.session(), target(db.session(), question), void(question))
    assert impact.people == 1 and len(impact.passes_now) == 1 and impact.passes_no_more == ()
    assert [(shift.passed_before, shift.passed_after) for shift in impact.shifts] == [(False, True)]
    assert impact.asked == 1 + (question in exam_of(session, other).questions)
    assert session.scalar(select(func.count()).select_from(KeyAmendment)) == 0
    assert exam_of(session, failed).passed is False


def test_who_passes_now_is_accredited_today_where_they_work_today_and_told(
    app: Flask, session: Session, write: Write, failed: Learner, trainer: int
) -> None:
    with write() as writing:  # they changed job since the exam
        elsewhere = subject_of("MX-SON").id
        change_workplace(writing, writing.get_one(Person, failed.id), subject_of("MX-SON"), "", None, now())
    impact = regrade(write, app, trainer, first_question(session, failed))
    assert len(impact.passes_now) == 1
    row = session.scalars(select(Accreditation).filter_by(person_id=failed.id)).one()
    assert row.obliged_subject_id == elsewhere and row.score == exam_of(session, failed).score
    assert abs((row.accredited_at - now()).total_seconds()) < 60
    letter = session.scalars(
        select(OutboxMessage).filter_by(recipient=email_of(app, failed.id)).order_by(OutboxMessage.id.desc())
    ).first()
    assert letter is not None and letter.subject.startswith("Ahora apruebas")
    folio = session.scalars(select(Constancia.folio).filter_by(person_id=failed.id)).one()
    assert folio in letter.text
    event = session.scalars(select(AuditEvent).filter_by(action="authoring.regraded")).one()
    assert event.actor_id == trainer and event.detail["people"] == 1 and event.detail["pass_now"] == 1
    with app.app_context():
        assert registry.verify(db.session()) == []


def test_the_page_of_the_result_says_that_the_question_was_void(
    app: Flask, session: Session, write: Write, failed: Learner, trainer: int
) -> None:
    path = f"/intentos/{exam_of(session, failed).public_id}/resultado"
    assert "se anuló" not in failed.client.get(path).text
    regrade(write, app, trainer, first_question(session, failed))
    page = failed.client.get(path).text
    assert "Esta pregunta se anuló: el punto es para todas las personas." in page
    assert "Tu constancia está lista" in page


def test_who_lacks_a_lesson_passes_the_exam_and_is_told_what_is_missing(
    app: Flask, session: Session, write: Write, failed: Learner, trainer: int
) -> None:
    with write() as writing:
        writing.execute(text("DELETE FROM step_progress WHERE step = 'principios'"))
    regrade(write, app, trainer, first_question(session, failed))
    assert exam_of(session, failed).passed is True
    assert session.scalars(select(Accreditation).filter_by(person_id=failed.id)).all() == []
    letter = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert letter is not None and "te falta algo" in letter.text


def test_taking_it_back_restores_scores_and_withdraws_nothing(
    app: Flask, session: Session, write: Write, failed: Learner, trainer: int
) -> None:
    before = exam_of(session, failed).score
    regrade(write, app, trainer, first_question(session, failed))
    issued = records(session)
    impact = take_back(write, trainer)
    assert len(impact.passes_no_more) == 1
    attempt = exam_of(session, failed)
    session.refresh(attempt)
    assert (attempt.score, attempt.passed) == (before, False)
    assert records(session) == issued
    page = failed.client.get(f"/cursos/{SLUG}").text
    assert "Terminaste este curso" in page
    with app.app_context():
        assert registry.verify(db.session()) == []
    changes = session.scalars(select(ScoreChange).order_by(ScoreChange.id)).all()
    assert [(change.undo, change.passed_before, change.passed_after) for change in changes] == [
        (False, False, True),
        (True, True, False),
    ]
    with pytest.raises(RegradeError) as refused:
        take_back(write, trainer)
    assert refused.value.code == "already_undone"


def test_whoever_was_accredited_before_stays_so_to_the_byte(
    app: Flask, session: Session, write: Write, failed: Learner, trainer: int
) -> None:
    passed = learner(app)
    passed.finish()
    question = next(q for q in exam_of(session, passed).questions)
    issued = records(session)
    wanted_type = _type_of(app, question)
    amendment = void(question)
    if wanted_type in ("single", "truefalse"):
        amendment = Amendment(question, "key", now(), (_wrong_answer(app, question),))
    regrade(write, app, trainer, question, amendment)
    kept = [row for row in records(session) if row in issued]
    assert kept == issued
    attempt = exam_of(session, passed)
    session.refresh(attempt)
    assert (attempt.score, attempt.passed) == (100, True)  # by the old key, which they met


def _question(app: Flask, name: str) -> Any:
    with app.app_context():
        return target(db.session(), name).question


def _type_of(app: Flask, name: str) -> str:
    return str(_question(app, name).type)


def _wrong_answer(app: Flask, name: str) -> str:
    question = _question(app, name)
    if question.type == "truefalse":
        return "false" if question.body["answer"] else "true"
    return str(next(option["id"] for option in question.body["options"] if not option["correct"]))


def test_what_changed_since_the_preview_must_be_seen_again(
    app: Flask, session: Session, write: Write, failed: Learner, trainer: int
) -> None:
    question = first_question(session, failed)
    with pytest.raises(RegradeError) as refused, write() as writing:
        actor = writing.get_one(Person, trainer)
        wanted = target(writing, question)
        regrading.apply(writing, actor, wanted, void(question), "Motivo", "otra", app.config["ISSUER"], now())
    assert refused.value.code == "changed_meanwhile"
    assert session.scalars(select(KeyAmendment)).all() == [] and exam_of(session, failed).passed is False


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda q: (replace(void(q), question="no-hay"), "x"), "unknown_question"),
        (lambda q: (void(q), "  "), "no_reason"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(
    app: Flask,
    session: Session,
    write: Write,
    failed: Learner,
    trainer: int,
    change: Callable[[str], tuple[Amendment, str]],
    code: str,
) -> None:
    amendment, reason = change(first_question(session, failed))
    with pytest.raises(RegradeError) as refused, write() as writing:
        actor = writing.get_one(Person, trainer)
        wanted = target(writing, amendment.question)
        seen = regrading.preview(writing, wanted, amendment).digest
        regrading.apply(writing, actor, wanted, amendment, reason, seen, app.config["ISSUER"], now())
    assert refused.value.code == code


def test_a_question_is_made_void_only_once(
    app: Flask, session: Session, write: Write, failed: Learner, trainer: int
) -> None:
    question = first_question(session, failed)
    regrade(write, app, trainer, question)
    with pytest.raises(RegradeError) as refused:
        regrade(write, app, trainer, question)
    assert refused.value.code == "already_void"


def test_who_handed_in_at_that_very_moment_is_settled_by_the_job(
    app: Flask, session: Session, write: Write, failed: Learner, trainer: int
) -> None:
    regrade(write, app, trainer, first_question(session, failed))
    late = exam_of(session, failed)
    with write() as writing:  # as if it had been graded by the old key
        writing.execute(text(f"UPDATE quiz_attempt SET score = 0, passed = false WHERE id = {late.id}"))
    with app.app_context():
        asked = db.session.scalars(select(Job).filter_by(name="authoring.settle")).one()
        settle(Run(asked.id, 1), **asked.args)
        assert registry.verify(db.session()) == []
        db.session.rollback()
        settle(Run(asked.id, 2), **asked.args)  # at least once
    assert session.scalar(select(func.count()).select_from(Accreditation)) == 1


def test_new_attempts_ask_no_void_question_while_there_are_others(
    app: Flask, session: Session, write: Write, failed: Learner, trainer: int
) -> None:
    question = first_question(session, failed)
    regrade(write, app, trainer, question)
    drawn = [question in _drawn(app, learner(app), session) for _ in range(3)]
    assert drawn == [False, False, False]


def _drawn(app: Flask, who: Learner, session: Session) -> list[str]:
    who.reach_exam()
    who.start(EXAM)
    return exam_of(session, who).questions


@pytest.mark.parametrize("statement", ["UPDATE score_change SET score_after = 0", "DELETE FROM score_change"])
def test_what_a_regrade_did_cannot_be_rewritten(
    app: Flask, session: Session, write: Write, failed: Learner, trainer: int, statement: str
) -> None:
    regrade(write, app, trainer, first_question(session, failed))
    with pytest.raises(DBAPIError, match="are facts"), write() as writing:
        writing.execute(text(statement))
