"""The pages of who teaches a course: what the answers say, and a key mended with them."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.authoring.exams import exam_of, first_question
from tests.conftest import Write
from tests.learning.learners import EXAM, SLUG, Learner, add_person, learner, sign_in
from webapp.authoring import evidence
from webapp.catalog import queries as catalog
from webapp.core.clock import now
from webapp.core.db import db
from webapp.demo.answers import right_response
from webapp.learning.models import KeyAmendment

HOME = f"/estudio/cursos/{SLUG}"


@pytest.fixture
def teacher(app: Flask, trainer: int) -> Learner:
    return Learner(app, trainer, sign_in(app, trainer))


def test_the_page_of_a_course_counts_who_came_how_far(app: Flask, teacher: Learner, failed: Learner) -> None:
    learner(app).enrol()
    page = unescape(teacher.client.get(HOME).text)
    assert "personas inscritas" in page and ">2</p>" in page
    assert "Dónde se detienen" in page and "Ninguna. Desde una pregunta puedes" in page


def test_who_has_not_opened_a_step_for_three_weeks_has_stopped_there(app: Flask, write: Write) -> None:
    idle = learner(app)
    idle.enrol()
    idle.post(f"/cursos/{SLUG}/por-que-importa/avance", seconds=60)
    busy = learner(app)
    busy.enrol()
    busy.post(f"/cursos/{SLUG}/por-que-importa/avance", seconds=60)
    with write() as session:
        session.execute(
            text(
                "UPDATE step_progress SET started_at = :then WHERE enrolment_id = "
                "(SELECT id FROM enrolment WHERE person_id = :who)"
            ),
            {"then": now() - timedelta(days=22), "who": idle.id},
        )
    with app.app_context():
        state = catalog.course_by_slug(db.session(), SLUG)
        assert state is not None
        found = evidence.stops(db.session(), catalog.revision(db.session(), state.revision_id), now())
    first = next(stop for stop in found if stop.step.key == "por-que-importa")
    assert (first.reached, first.done, first.stopped, first.minutes) == (2, 0, 1, None)


def test_the_questions_that_need_a_look_come_first_and_few_answers_are_told(
    teacher: Learner,
    failed: Learner,
    session: Session,
) -> None:
    page = unescape(teacher.client.get(f"{HOME}/preguntas/banco").text)
    assert "Todavía son pocas respuestas para decir algo." in page and "Cómo se lee" in page
    assert teacher.client.get(f"{HOME}/preguntas/no-hay").status_code == 404
    name = first_question(session, failed)
    one = unescape(teacher.client.get(f"{HOME}/preguntas/banco/{name}").text)
    assert "Corregir la clave" in one and "Anular la pregunta" in one
    assert teacher.client.get(f"{HOME}/preguntas/banco/no-hay").status_code == 404


def test_a_key_is_mended_and_taken_back_on_the_pages(
    app: Flask,
    teacher: Learner,
    failed: Learner,
    session: Session,
) -> None:
    where = f"{HOME}/preguntas/banco/{first_question(session, failed)}/correccion"
    page = unescape(teacher.client.get(f"{where}?tipo=void").text)
    assert "1 persona cambia de calificación; 1 aprueba ahora." in page
    seen = re.search(r'name="visto" value="(\w+)"', page)
    assert seen
    without = teacher.post(where, tipo="void", visto=seen[1], motivo=" ")
    assert without.status_code == 422 and "Escribe el motivo" in unescape(without.text)
    stale = teacher.post(where, tipo="void", visto="0", motivo="Dos son ciertas")
    assert stale.status_code == 422 and "Revisa otra vez" in unescape(stale.text)
    assert session.scalars(select(KeyAmendment)).all() == []
    done = teacher.post(where, tipo="void", visto=seen[1], motivo="Dos son ciertas")
    assert done.status_code == 303
    page = unescape(teacher.client.get(done.location).text)
    assert "Personas que cambian: 1. Aprueban ahora: 1." in page and "Dos son ciertas" in page
    assert "siguen siendo válidas" in page
    seen = re.search(r'name="visto" value="(\w+)"', page)
    assert seen
    assert teacher.post(f"{done.location}/deshacer", visto="0").status_code == 422
    assert teacher.post(f"{done.location}/deshacer", visto=seen[1]).status_code == 303
    assert "Se deshizo" in teacher.client.get(done.location).text
    assert exam_of(session, failed).passed is False
    assert teacher.post(f"{done.location}/deshacer", visto=seen[1]).status_code == 422


def test_what_makes_no_sense_is_refused_with_a_way_out(
    teacher: Learner,
    failed: Learner,
    session: Session,
) -> None:
    where = f"{HOME}/preguntas/banco/{first_question(session, failed)}/correccion"
    for query, words in (("", "Elige en la pregunta"), ("?tipo=borrar", "Elige en la pregunta"), ("?tipo=key", ".")):
        answer = teacher.client.get(where + query)
        assert answer.status_code == 422 and words in unescape(answer.text)


@pytest.mark.parametrize("path", ["", "/preguntas/banco"])
def test_a_course_that_one_does_not_teach_does_not_exist(app: Flask, write: Write, path: str) -> None:
    with write() as session:
        session.execute(text("UPDATE course SET origin = 'studio' WHERE slug = :slug"), {"slug": SLUG})
    stranger: FlaskClient = sign_in(app, add_person(app, roles=("trainer",), names=("Rosa", "Duna", "Salina")))
    assert stranger.get(HOME + path).status_code == 404


def test_the_time_of_a_question_is_told_where_answers_came_one_by_one(app: Flask, session: Session) -> None:
    found = learner(app)
    found.reach_exam()
    attempt = found.start(EXAM)
    first, second = found.questions(attempt)[:2]
    with app.app_context():
        assert first.id != second.id
    assert found.save(attempt, first, right_response(first), "uno").status_code == 200
    found.post(f"{attempt}/entregar", entregar="1")
    with app.app_context():
        state = catalog.course_by_slug(db.session(), SLUG)
        assert state is not None
        revision = catalog.revision(db.session(), state.revision_id)
        items = {i.question.id: i for i in evidence.items(db.session(), revision, revision.course.banks["banco"])}
    assert items[first.id].answers == 1 and items[first.id].seconds is not None
    assert items[second.id].blank == 1 and items[second.id].seconds is None
