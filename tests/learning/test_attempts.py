"""Attempts: who may begin one, what is drawn, what is kept, how it is graded, and what double clicks do."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.conftest import Write
from tests.learning.learners import COURSE, EXAM, PRETEST, SLUG, Learner, course, email_of, fields_of, learner
from tests.learning.together import at_once
from webapp.catalog import queries as catalog
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.jobs import Job
from webapp.coursepack import scoring
from webapp.demo.answers import right_response, wrong_response
from webapp.learning import queries, services
from webapp.learning.models import Answer, AttemptGrant, Enrolment, QuizAttempt, StepProgress
from webapp.records.models import Accreditation, Constancia

pytestmark = pytest.mark.usefixtures("verified")
CHECK = "repaso-por-que-importa"


@pytest.fixture
def marina(app: Flask) -> Learner:
    found = learner(app)
    found.enrol()
    return found


def attempts(session: Session, step: str = EXAM) -> list[QuizAttempt]:
    session.expire_all()
    return list(session.scalars(select(QuizAttempt).filter_by(step=step).order_by(QuizAttempt.id)))


def counts(session: Session) -> list[int]:
    """How many attempts, answers, accreditations and constancias there are."""
    return [len(session.scalars(select(table.id)).all()) for table in (QuizAttempt, Answer, Accreditation, Constancia)]


# --- beginning --------------------------------------------------------------------------------------------------


def test_the_exam_waits_for_the_lessons_and_then_for_the_name(marina: Learner, session: Session) -> None:
    refused = marina.post(f"{COURSE}/{EXAM}/empezar")
    assert refused.status_code == 409
    assert "steps_missing" in refused.text
    assert "Antes del examen faltan lecciones" in refused.text
    assert "Antes del examen faltan lecciones" in marina.client.get(f"{COURSE}/{EXAM}").text
    marina.read_lessons()
    asked = marina.post(f"{COURSE}/{EXAM}/empezar")
    assert (asked.status_code, asked.location) == (303, f"{COURSE}/nombre")
    assert attempts(session) == []
    assert marina.confirm_name().location == f"{COURSE}/{EXAM}"
    assert marina.start(EXAM).startswith("/intentos/")


def test_the_rule_is_copied_to_the_attempt(marina: Learner, session: Session) -> None:
    marina.read_lessons()
    marina.confirm_name()
    marina.start(EXAM)
    [row] = attempts(session)
    assert (row.kind, row.number, row.allowed, row.pass_mark, row.score, row.passed) == ("exam", 1, 3, 80, None, None)
    assert len(row.questions) == len(set(row.questions)) == 20


def test_an_open_attempt_is_gone_back_to_with_its_answers(marina: Learner, session: Session) -> None:
    path = marina.start(CHECK)
    first = marina.questions(path)[0]
    assert marina.save(path, first, right_response(first), "k1").status_code == 200
    assert marina.start(CHECK) == path
    page = marina.client.get(path).text
    assert re.search(r"<input[^>]* checked", page) or "selected" in page
    assert len(attempts(session, CHECK)) == 1


def test_tabs_that_begin_at_once_share_one_attempt(app: Flask, marina: Learner, session: Session) -> None:
    def act(_number: int) -> str:
        with transaction() as writing:
            enrolment = writing.scalars(select(Enrolment)).one()
            return services.start_attempt(writing, enrolment, revision, revision.course.steps[CHECK], now()).public_id

    with app.app_context():
        state = catalog.course_by_slug(db.session(), SLUG)
        assert state is not None
        revision = catalog.revision(db.session(), state.revision_id)
    assert len(set(at_once(app, 6, act))) == 1
    assert len(attempts(session, CHECK)) == 1


def test_three_attempts_and_no_fourth(marina: Learner, session: Session) -> None:
    marina.read_lessons()
    marina.confirm_name()
    for number in (1, 2, 3):
        path = marina.take(EXAM, wrong=20)
        page = marina.client.get(f"{path}/resultado").text
        left = {1: "Te quedan 2 intentos", 2: "Te queda 1 intento", 3: "Ya usaste tus intentos"}[number]
        assert left in page
    refused = marina.post(f"{COURSE}/{EXAM}/empezar")
    assert refused.status_code == 409
    assert "no_attempts_left" in refused.text
    assert "Pide otro a quien imparte el curso" in refused.text
    assert [row.number for row in attempts(session)] == [1, 2, 3]
    first = attempts(session)[0]
    assert "Te queda" not in marina.client.get(f"/intentos/{first.public_id}/resultado").text
    assert session.scalars(select(Enrolment.concluded_at)).all() == [None]


def test_the_database_itself_refuses_attempts_beyond_the_limit(marina: Learner, session: Session, write: Write) -> None:
    marina.read_lessons()
    marina.confirm_name()
    marina.take(EXAM, wrong=20)
    [row] = attempts(session)
    values = {c.name: getattr(row, c.name) for c in QuizAttempt.__table__.columns if c.name not in {"id", "public_id"}}
    for change in ({"number": 4}, {"number": 1}, {"number": 0}):
        with pytest.raises(IntegrityError), write() as writing:
            writing.add(QuizAttempt(**values | change))
    with pytest.raises(IntegrityError), write() as writing:  # two open at once
        for number in (2, 3):
            opened = {"number": number, "submitted_at": None, "score": None, "passed": None}
            writing.add(QuizAttempt(**values | opened))
    assert len(attempts(session)) == 1


def test_who_passed_needs_no_other_attempt(marina: Learner, session: Session) -> None:
    marina.read_lessons()
    marina.confirm_name()
    failed = marina.take(EXAM, wrong=20)
    marina.take(EXAM)
    refused = marina.post(f"{COURSE}/{EXAM}/empezar")
    assert refused.status_code == 409
    assert "already_passed" in refused.text
    assert "Volver al examen" not in marina.client.get(f"{failed}/resultado").text


def test_a_result_leads_straight_to_what_was_missed(marina: Learner) -> None:
    marina.read_lessons()
    marina.confirm_name()
    page = marina.client.get(f"{marina.take(EXAM, wrong=3)}/resultado").text
    assert re.findall(r'href="#r-(\d+)"', page) == ["1", "2", "3"]


# --- the pre-test -----------------------------------------------------------------------------------------------


def test_the_pretest_exempts_what_was_wholly_right_and_its_check(marina: Learner, session: Session) -> None:
    path = marina.start(PRETEST)
    drawn = marina.questions(path)
    missed = next(question for question in drawn if "principios" in question.tags)
    fields: dict[str, Any] = {}
    for question in drawn:
        fields |= fields_of(question, (wrong_response if question is missed else right_response)(question))
    marina.post(f"{path}/entregar", **fields, entregar="1")
    rows = {row.step: row for row in session.scalars(select(StepProgress))}
    lessons = [step.key for step in course(marina.app).lesson_steps if step.kind == "lesson"]
    kept = {tag for tag in missed.tags if tag in lessons}
    exempted = [key for key in lessons if key not in kept]
    assert sorted(rows) == sorted([*exempted, *(f"repaso-{key}" for key in exempted)])
    assert all(row.exempted and row.completed_at is not None for row in rows.values())
    page = marina.client.get(f"{path}/resultado").text
    assert "Quedas exento de" in page
    assert f'href="{COURSE}/principios"' in page
    assert "Exentado por el diagnóstico" in marina.client.get(COURSE).text


def test_a_pretest_with_every_answer_right_leads_straight_to_name_and_exam(marina: Learner, session: Session) -> None:
    marina.take(PRETEST)
    marina.confirm_name()
    marina.take(EXAM)
    assert counts(session)[2:] == [1, 1]


def test_the_pretest_is_answered_once_and_weighs_nothing(marina: Learner, session: Session) -> None:
    marina.take(PRETEST, wrong=99)
    refused = marina.post(f"{COURSE}/{PRETEST}/empezar")
    assert refused.status_code == 409
    assert "pretest_taken" in refused.text
    assert session.scalars(select(StepProgress)).all() == []
    assert counts(session)[2:] == [0, 0]


def test_what_was_done_before_the_pretest_stays_done_not_exempted(marina: Learner, session: Session) -> None:
    marina.post(f"{COURSE}/principios/siguiente")
    marina.take(PRETEST)
    rows = {row.step: row for row in session.scalars(select(StepProgress))}
    assert not rows["principios"].exempted
    assert rows["repaso-principios"].exempted


@pytest.mark.parametrize("round_", range(3))
def test_exam_and_pretest_ask_different_questions(marina: Learner, session: Session, round_: int) -> None:
    marina.take(PRETEST, wrong=99 if round_ else 0)
    marina.read_lessons()
    marina.confirm_name()
    for _ in range(3):
        marina.take(EXAM, wrong=20)
    asked = {question for row in attempts(session, PRETEST) for question in row.questions}
    for row in attempts(session):
        assert asked.isdisjoint(row.questions)


def test_after_the_first_exam_it_is_too_late_for_the_pretest(marina: Learner, session: Session) -> None:
    marina.read_lessons()
    marina.confirm_name()
    marina.take(EXAM, wrong=20)
    refused = marina.post(f"{COURSE}/{PRETEST}/empezar")
    assert refused.status_code == 409
    assert "pretest_too_late" in refused.text
    assert attempts(session, PRETEST) == []


# --- answers ----------------------------------------------------------------------------------------------------


def test_an_answer_is_kept_at_once_and_the_same_key_again_changes_nothing(marina: Learner, session: Session) -> None:
    path = marina.start(CHECK)
    question = marina.questions(path)[0]
    first = marina.save(path, question, right_response(question), "key-1")
    again = marina.save(path, question, wrong_response(question), "key-1")
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json == again.json
    [row] = session.scalars(select(Answer)).all()
    assert (row.question, row.response) == (question.id, right_response(question))


def test_the_last_answer_to_a_question_counts(marina: Learner) -> None:
    path = marina.start(CHECK)
    for place, question in enumerate(marina.questions(path)):
        marina.save(path, question, wrong_response(question), f"a{place}")
        marina.save(path, question, right_response(question), f"b{place}")
    marina.post(f"{path}/entregar")
    assert "100 %" in marina.client.get(f"{path}/resultado").text


def test_the_same_delivery_from_many_threads_is_one_answer(app: Flask, marina: Learner, session: Session) -> None:
    path = marina.start(CHECK)
    question = marina.questions(path)[0]

    def act(_number: int) -> object:
        with transaction() as writing:
            found = queries.attempt_of(writing, marina.id, path.split("/")[2])
            assert found is not None
            return services.save_answer(writing, found, question, right_response(question), "same", now())

    assert len(set(at_once(app, 8, act))) == 1
    assert len(session.scalars(select(Answer)).all()) == 1


@pytest.mark.parametrize("key", ["", "x" * 41, "con espacio", "a\tb", "ñ"])
def test_an_answer_without_a_usable_key_is_refused(marina: Learner, session: Session, key: str) -> None:
    path = marina.start(CHECK)
    question = marina.questions(path)[0]
    refused = marina.save(path, question, right_response(question), key)
    assert refused.status_code == 422
    assert refused.json is not None
    assert refused.json["error"]["code"] == "bad_client_key"
    assert session.scalars(select(Answer)).all() == []


def test_a_key_that_belongs_to_another_question_is_refused(marina: Learner, session: Session) -> None:
    path = marina.start(CHECK)
    first, second = marina.questions(path)[:2]
    marina.save(path, first, right_response(first), "same")
    refused = marina.save(path, second, right_response(second), "same")
    assert refused.status_code == 409
    assert refused.json is not None
    assert refused.json["error"]["code"] == "client_key_reused"
    assert [row.question for row in session.scalars(select(Answer))] == [first.id]


def test_a_response_that_no_page_sends_is_refused_with_its_cause(marina: Learner, session: Session) -> None:
    path = marina.start(CHECK)
    question = next(q for q in marina.questions(path) if q.type in {"single", "multiple", "truefalse"})
    refused = marina.save(path, question, {"choice": "no-hay"}, "k")
    assert refused.status_code == 422
    assert refused.json is not None
    assert refused.json["error"]["message"]
    assert session.scalars(select(Answer)).all() == []


def test_a_question_that_was_not_drawn_cannot_be_answered(marina: Learner, session: Session) -> None:
    path = marina.start(PRETEST)
    drawn = {question.id for question in marina.questions(path)}
    other = next(q for q in course(marina.app).banks["banco"].questions if q.id not in drawn)
    assert marina.save(path, other, right_response(other), "k").status_code == 404
    assert session.scalars(select(Answer)).all() == []


def test_an_answer_after_handing_in_is_told_and_changes_nothing(marina: Learner, session: Session) -> None:
    path = marina.take(CHECK)
    question = marina.questions(path)[0]
    late = marina.save(path, question, wrong_response(question), "late")
    assert late.status_code == 409
    assert late.json is not None
    assert late.json["error"]["code"] == "attempt_closed"
    page = marina.client.get(path, follow_redirects=True).text
    assert "Este intento ya se entregó el" in page
    assert "100 %" in page
    assert "late" not in session.scalars(select(Answer.client_key)).all()


def test_a_delivery_that_was_kept_before_handing_in_is_still_confirmed_after_it(marina: Learner) -> None:
    path = marina.start(CHECK)
    question = marina.questions(path)[0]
    first = marina.save(path, question, right_response(question), "k1")
    marina.post(f"{path}/entregar", entregar="1")
    again = marina.save(path, question, right_response(question), "k1")
    assert (again.status_code, again.json) == (200, first.json)


def test_without_scripts_the_form_is_kept_and_shown_again(marina: Learner, session: Session) -> None:
    path = marina.start(CHECK)
    kept = marina.post(f"{path}/guardar", **marina.form(path))
    assert (kept.status_code, kept.location) == (303, path)
    assert "Tus respuestas están guardadas." in marina.client.get(path).text
    before = len(session.scalars(select(Answer)).all())
    assert before == len(marina.questions(path))
    marina.post(f"{path}/guardar", **marina.form(path))
    assert len(session.scalars(select(Answer)).all()) == before  # nothing changed, nothing kept anew


def test_without_scripts_an_answer_can_be_taken_back(marina: Learner, session: Session) -> None:
    whole = course(marina.app)
    step, question = next(
        (step.key, question)
        for step in whole.lesson_steps
        if step.kind == "check"
        for question in whole.banks[step.bank].questions
        if question.type == "multiple"
    )
    path = marina.start(step)
    marina.post(f"{path}/guardar", **fields_of(question, right_response(question)))
    page = marina.client.get(path).text
    assert re.search(rf'name="{question.id}/r"[^>]* checked', page)
    hidden = re.search(rf'<input type="hidden" name="{question.id}/r" value="([^"]*)">', page)
    assert hidden
    marina.post(f"{path}/guardar", **{f"{question.id}/r": hidden[1]})
    assert not re.search(rf'name="{question.id}/r"[^>]* checked', marina.client.get(path).text)


def test_a_form_in_which_something_cannot_be_read_keeps_the_rest_and_says_so(marina: Learner, session: Session) -> None:
    path = marina.start(PRETEST)
    fields = marina.form(path)
    bad = next(q for q in marina.questions(path) if q.type == "single")
    fields[f"{bad.id}/r"] = "no-hay"
    answer = marina.post(f"{path}/entregar", **fields, entregar="1")
    assert (answer.status_code, answer.location) == (303, path)
    page = marina.client.get(path)
    assert page.status_code == 200
    number = [q.id for q in marina.questions(path)].index(bad.id) + 1
    assert f"Pregunta {number}:" in page.text
    assert len(session.scalars(select(Answer)).all()) == len(marina.questions(path)) - 1
    assert attempts(session, PRETEST)[0].submitted_at is None


def test_the_key_stays_on_the_server_until_handing_in(marina: Learner) -> None:
    path = marina.start(CHECK)
    page = marina.client.get(path).text
    for question in marina.questions(path):
        shown = scoring.feedback(question, {})
        if question.explanation_html:
            assert question.explanation_html not in page
        assert not any(mark.get("feedback_html") and mark["feedback_html"] in page for mark in shown["marks"])
    assert marina.client.get(f"{path}/resultado").location == path


# --- handing in -------------------------------------------------------------------------------------------------


def test_gaps_are_asked_about_before_an_attempt_is_handed_in(marina: Learner, session: Session) -> None:
    path = marina.start(CHECK)
    asked = marina.post(f"{path}/entregar")
    assert (asked.status_code, asked.location) == (303, f"{path}/pendientes")
    page = marina.client.get(asked.location).text
    assert "Quedan preguntas sin responder" in page
    assert attempts(session, CHECK)[0].submitted_at is None
    handed = marina.post(f"{path}/entregar", entregar="1")
    assert handed.location == f"{path}/resultado"
    assert (attempts(session, CHECK)[0].score, attempts(session, CHECK)[0].passed) == (0, True)


def test_a_double_click_hands_in_once_and_says_nothing_about_lateness(marina: Learner, session: Session) -> None:
    marina.read_lessons()
    marina.confirm_name()
    path = marina.start(EXAM)
    form = marina.form(path)
    answers = [marina.post(f"{path}/entregar", **form) for _ in range(2)]
    assert [answer.location for answer in answers] == [f"{path}/resultado"] * 2
    assert counts(session)[2:] == [1, 1]
    assert "ya se entregó" not in marina.client.get(f"{path}/resultado").text


def test_the_second_tab_is_told_that_its_changes_came_too_late(marina: Learner, session: Session) -> None:
    path = marina.start(CHECK)
    marina.post(f"{path}/entregar", **marina.form(path))
    for act in ("guardar", "entregar"):
        late = marina.post(f"{path}/{act}", **marina.form(path, wrong=2))
        assert late.location == f"{path}/resultado"
        page = marina.client.get(late.location).text
        assert "lo que cambiaste después no cuenta" in page
        assert "100 %" in page


def test_handing_in_from_many_threads_accredits_once(app: Flask, marina: Learner, session: Session) -> None:
    marina.read_lessons()
    marina.confirm_name()
    path = marina.start(EXAM)
    marina.post(f"{path}/guardar", **marina.form(path))

    def act(_number: int) -> tuple[int, bool]:
        with transaction() as writing:
            found = queries.attempt_of(writing, marina.id, path.split("/")[2])
            assert found is not None
            enrolment = writing.get_one(Enrolment, found.enrolment_id)
            revision = catalog.revision(writing, found.revision_id)
            done = services.submit_attempt(writing, found, enrolment, revision, "aula-norte-demo", now())
            return done.score, done.passed

    assert set(at_once(app, 6, act)) == {(100, True)}
    assert counts(session)[2:] == [1, 1]


def test_no_answer_is_later_than_its_attempt_when_a_tab_saved_while_another_waited_to_hand_in(
    app: Flask, marina: Learner, session: Session
) -> None:
    path = marina.start(CHECK)
    marina.post(f"{path}/guardar", **marina.form(path))
    began = now() - timedelta(seconds=30)  # when whoever hands in asked, before it waited for the row
    with app.app_context(), transaction() as writing:
        found = queries.attempt_of(writing, marina.id, path.split("/")[2])
        assert found is not None
        enrolment = writing.get_one(Enrolment, found.enrolment_id)
        revision = catalog.revision(writing, found.revision_id)
        services.submit_attempt(writing, found, enrolment, revision, "aula-norte-demo", began)
    [row] = attempts(session, CHECK)
    assert row.submitted_at == max(session.scalars(select(Answer.saved_at).filter_by(attempt_id=row.id)))


def test_the_constancia_comes_with_the_exam_and_its_document_is_asked_for(marina: Learner, session: Session) -> None:
    marina.read_lessons()
    marina.confirm_name()
    path = marina.take(EXAM, wrong=3)
    page = marina.client.get(f"{path}/resultado").text
    row = session.scalars(select(Constancia)).one()
    assert row.folio in page
    earned = session.scalars(select(Accreditation)).one()
    attempt = attempts(session)[0]
    assert attempt.score is not None
    assert (earned.score, earned.pass_mark, earned.source) == (attempt.score, 80, f"enrolment:{attempt.enrolment_id}")
    assert earned.accredited_at == session.scalars(select(Enrolment.concluded_at)).one()
    assert session.scalars(select(Job.name).where(Job.name == "records.render")).all() == ["records.render"]


def test_just_below_the_mark_is_not_passed(marina: Learner, session: Session) -> None:
    marina.read_lessons()
    marina.confirm_name()
    path = marina.start(EXAM)
    questions = marina.questions(path)
    fields: dict[str, Any] = {}
    for place, question in enumerate(questions):
        if place >= 5:
            fields |= fields_of(question, right_response(question))
    marina.post(f"{path}/entregar", **fields, entregar="1")
    points = sum(q.points for q in questions)
    expected = 100 * sum(q.points for q in questions[5:]) // points
    [row] = attempts(session)
    assert (row.score, row.passed) == (expected, expected >= 80)
    assert expected < 80
    assert counts(session)[2:] == [0, 0]
    assert "Se pedía 80 %: todavía no apruebas." in marina.client.get(f"{path}/resultado").text


def test_an_unknown_issuer_hands_nothing_in_and_says_so(app: Flask, marina: Learner, session: Session) -> None:
    marina.read_lessons()
    marina.confirm_name()
    path = marina.start(EXAM)
    marina.post(f"{path}/guardar", **marina.form(path))
    app.config["ISSUER"] = "no-hay"
    refused = marina.post(f"{path}/entregar", **marina.form(path))
    assert refused.status_code == 409
    assert "unknown_issuer" in refused.text
    assert attempts(session)[0].submitted_at is None
    app.config["ISSUER"] = "aula-norte-demo"
    assert marina.post(f"{path}/entregar", **marina.form(path)).location == f"{path}/resultado"
    assert counts(session)[2:] == [1, 1]


def test_after_the_plazo_one_may_still_finish(app: Flask, marina: Learner, session: Session, write: Write) -> None:
    with write() as writing:
        row = writing.scalars(select(Enrolment)).one()
        row.enrolled_at -= timedelta(days=200)
        row.due_at -= timedelta(days=200)
    assert "puedes concluir de todas formas" in marina.client.get(COURSE).text
    marina.finish()
    assert counts(session)[2:] == [1, 1]


# --- other people's attempts ------------------------------------------------------------------------------------


def test_the_attempt_of_another_person_does_not_exist(app: Flask, marina: Learner, session: Session) -> None:
    path = marina.start(CHECK)
    question = marina.questions(path)[0]
    stranger = learner(app)
    stranger.enrol()
    before = counts(session)
    for place in (path, f"{path}/pendientes", f"{path}/resultado", "/intentos/no-hay"):
        assert stranger.client.get(place).status_code == 404, place
    for act in ("guardar", "entregar"):
        assert stranger.post(f"{path}/{act}", entregar="1").status_code == 404
    assert stranger.save(path, question, right_response(question), "k").status_code == 404
    assert counts(session) == before


def test_without_a_session_an_answer_is_refused_and_kept_by_nobody(
    app: Flask, marina: Learner, session: Session
) -> None:
    path = marina.start(CHECK)
    question = marina.questions(path)[0]
    visitor = app.test_client()
    data = {"question": question.id, "client_key": "k", **fields_of(question, right_response(question))}
    answer = visitor.post(f"{path}/respuestas", data=data, headers={"Accept": "application/json"})
    assert answer.status_code in {400, 401}
    assert session.scalars(select(Answer)).all() == []


# --- more attempts ----------------------------------------------------------------------------------------------


def used_up(app: Flask) -> tuple[Learner, str]:
    """Somebody without attempts left, and their address."""
    found = learner(app)
    found.reach_exam()
    for _ in range(3):
        found.take(EXAM, wrong=20)
    return found, email_of(app, found.id)


def test_a_trainer_gives_more_attempts_with_a_reason(app: Flask, session: Session) -> None:
    found, email = used_up(app)
    trainer = learner(app, roles=("trainer",))
    course_ = COURSE.split("/")[2]
    page = "/instruccion/intentos"
    shown = trainer.client.get(page)
    assert shown.status_code == 200
    assert "(opcional)" not in shown.text
    given = trainer.post(page, email=email, course=course_, extra="2", reason="Se fue la luz")
    assert given.status_code == 303
    row = session.scalars(select(AttemptGrant)).one()
    assert (row.extra, row.reason, row.granted_by_id) == (2, "Se fue la luz", trainer.id)
    for _ in range(2):
        found.take(EXAM, wrong=20)
    assert found.post(f"{COURSE}/{EXAM}/empezar").status_code == 409
    assert [attempt.allowed for attempt in attempts(session)] == [3, 3, 3, 5, 5]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reason": " "}, "Escribe el motivo"),
        ({"extra": "11"}, "Da entre 1 y 10 intentos."),
        ({"extra": "0"}, "Da entre 1 y 10 intentos."),
        ({"email": "nadie@prueba.example"}, "No hay ninguna inscripción"),
        ({"course": "no-hay"}, ""),
    ],
)
def test_a_grant_that_lacks_something_is_refused(
    app: Flask, session: Session, change: dict[str, str], said: str
) -> None:
    found = learner(app)
    found.enrol()
    email = email_of(app, found.id)
    trainer = learner(app, roles=("trainer",))
    fields = {"email": email, "course": COURSE.split("/")[2], "extra": "1", "reason": "Luz"} | change
    refused = trainer.post("/instruccion/intentos", **fields)
    assert refused.status_code == 422
    assert said in refused.text
    assert session.scalars(select(AttemptGrant)).all() == []


def test_nobody_grants_attempts_to_themselves_or_to_whoever_has_finished(app: Flask, session: Session) -> None:
    trainer = learner(app, roles=("trainer",))
    trainer.finish()
    email = email_of(app, trainer.id)
    fields = {"email": email, "course": COURSE.split("/")[2], "extra": "1", "reason": "x"}
    assert trainer.post("/instruccion/intentos", **fields).status_code == 422
    other = learner(app, roles=("administrator",))
    refused = other.post("/instruccion/intentos", **fields)
    assert refused.status_code == 422
    assert "ya terminó este curso" in refused.text
    assert session.scalars(select(AttemptGrant)).all() == []


def test_learners_and_coordinators_have_no_such_page(app: Flask) -> None:
    for roles in ((), ("coordinator",)):
        found = learner(app, roles=roles)
        assert found.client.get("/instruccion/intentos").status_code == 404
        assert found.post("/instruccion/intentos", email="x").status_code == 404
