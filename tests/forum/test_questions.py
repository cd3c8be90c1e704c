"""The question box of a lesson, as its pages let people use it."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.conftest import Write
from tests.forum.classroom import LESSON, Classroom
from tests.learning.learners import SLUG, Learner, add_person, learner, sign_in
from webapp.core.clock import now
from webapp.core.mail import OutboxMessage
from webapp.forum import queries
from webapp.forum.models import LessonAnswer, LessonQuestion

BOX = f"/cursos/{SLUG}/{LESSON}/preguntas"
DESK = f"/estudio/cursos/{SLUG}/dudas"


@pytest.fixture
def classroom(app: Flask) -> Classroom:
    return Classroom(app)


def browser(classroom: Classroom, who: str) -> Learner:
    person = classroom.people[who]
    return Learner(classroom.app, person, sign_in(classroom.app, person))


def ask(who: Learner, body: str = "¿Y si no hay nada?", **more: str) -> str:
    """Ask in the lesson; the path of the question."""
    answer = who.post(BOX, body=body, **more)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def text(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.status
    return unescape(answer.text)


def public_id(session: Session) -> str:
    return session.scalars(select(LessonAnswer.public_id)).one()


def test_a_question_is_asked_counted_on_the_lesson_and_answered(
    verified: None, classroom: Classroom, session: Session
) -> None:
    ana, bruno = browser(classroom, "ana"), browser(classroom, "bruno")
    assert "Preguntas de esta lección (0)" in text(ana.client.get(f"/cursos/{SLUG}/{LESSON}"))
    assert "Todavía nadie pregunta aquí" in text(ana.client.get(BOX))
    path = ask(ana, "¿Y si no hay\r\n<b>nada</b>?", wants_mail="y")
    lesson = text(bruno.client.get(f"/cursos/{SLUG}/{LESSON}"))
    assert "Preguntas de esta lección (1)" in lesson and f'href="{BOX}"' in lesson
    box = bruno.client.get(BOX).text
    assert "Ana Palma" in box and "Cruz" not in box and "&lt;b&gt;nada&lt;/b&gt;" in box
    assert bruno.post(path, body="Se publica que no hay.").status_code == 303
    page = text(ana.client.get(path))
    assert "Bruno Sal" in page and "Se publica que no hay." in page
    assert "Cambiar o retirar" not in page
    assert session.scalars(select(OutboxMessage.subject)).all() == ["Respondieron tu pregunta"]


def test_whoever_is_not_in_the_course_and_does_not_teach_it_finds_nothing(app: Flask, classroom: Classroom) -> None:
    path = ask(browser(classroom, "ana"))
    stranger = learner(app)
    for address in (BOX, path):
        assert stranger.client.get(address).status_code == 404
        assert stranger.post(address, body="Hola").status_code == 404
    coordinator = add_person(app, roles=("coordinator",))
    assert sign_in(app, coordinator).get(BOX).status_code == 404


def test_only_lessons_have_a_box(classroom: Classroom) -> None:
    ana = browser(classroom, "ana")
    for key in ("examen-final", "no-hay"):
        assert ana.client.get(f"/cursos/{SLUG}/{key}/preguntas").status_code == 404


def test_an_empty_question_is_refused_and_says_so(classroom: Classroom, session: Session) -> None:
    ana = browser(classroom, "ana")
    refused = ana.post(BOX, body=" \n ")
    assert refused.status_code == 422 and "Escribe tu pregunta." in refused.text
    long = ana.post(BOX, body="x" * 2001)
    assert long.status_code == 422 and "pasa de 2000 letras" in long.text
    # A browser counts a line break as one letter and sends two.
    assert ana.post(BOX, body="x\r\n" * 1000).status_code == 303
    assert session.scalar(select(func.count()).select_from(LessonQuestion)) == 1


def test_its_author_changes_and_withdraws_a_question_and_nobody_else_does(
    verified: None, classroom: Classroom, session: Session
) -> None:
    ana, bruno = browser(classroom, "ana"), browser(classroom, "bruno")
    path = ask(ana)
    assert "Cambiar o retirar" in text(ana.client.get(path))
    for address in ("cambiar", "retirar", "correos"):
        assert bruno.post(f"{path}/{address}", body="Otra").status_code == 404
    assert ana.post(f"{path}/cambiar", body=" ").status_code == 422
    assert ana.post(f"{path}/cambiar", body="¿Y si no hubo?").status_code == 303
    page = text(bruno.client.get(path))
    assert "¿Y si no hubo?" in page and "cambiada" in page
    assert ana.post(f"{path}/retirar").location == BOX
    assert ana.client.get(path).status_code == 404
    assert session.scalar(select(func.count()).select_from(LessonQuestion)) == 0


def test_an_answered_question_stays_as_it_is(verified: None, classroom: Classroom, session: Session) -> None:
    ana, bruno = browser(classroom, "ana"), browser(classroom, "bruno")
    path = ask(ana)
    bruno.post(path, body="Así")
    assert ana.client.get(f"{path}/cambiar").location == path
    for address in ("cambiar", "retirar"):
        refused = ana.post(f"{path}/{address}", body="Otra")
        assert refused.status_code == 409 and "ya tiene respuesta" in refused.text
    answer = public_id(session)
    assert ana.post(f"/respuestas/{answer}/retirar").status_code == 404
    assert bruno.post(f"/respuestas/{answer}/retirar").location == path
    assert ana.post(f"{path}/retirar").status_code == 303


def test_mails_of_answers_are_switched_off_and_on_at_the_question(classroom: Classroom, session: Session) -> None:
    ana, bruno = browser(classroom, "ana"), browser(classroom, "bruno")
    path = ask(ana, wants_mail="y")
    assert "No avisarme por correo" in text(ana.client.get(path))
    assert "por correo" not in text(bruno.client.get(path))
    ana.post(f"{path}/correos", quiero="no")
    bruno.post(path, body="Así")
    assert session.scalars(select(OutboxMessage.id)).all() == []
    ana.post(f"{path}/correos", quiero="si")
    bruno.post(path, body="Y así")
    assert len(session.scalars(select(OutboxMessage.id)).all()) == 1


def test_a_trainer_hides_with_a_reason_and_shows_again(verified: None, classroom: Classroom, session: Session) -> None:
    ana, bruno, rosa = (browser(classroom, who) for who in ("ana", "bruno", "rosa"))
    path = ask(ana)
    hide = path.replace("/preguntas/", "/estudio/dudas/")
    assert "Ocultar" not in text(bruno.client.get(path))
    assert bruno.post(f"{hide}/ocultar", reason="No").status_code == 404
    assert rosa.post(f"{hide}/ocultar", reason=" ").status_code == 422
    assert rosa.post(f"{hide}/ocultar", reason="Trae datos de otra persona").status_code == 303
    assert bruno.client.get(path).status_code == 404
    assert "Todavía nadie pregunta aquí" in text(bruno.client.get(BOX))
    seen = text(ana.client.get(path))
    assert "Trae datos de otra persona" in seen and "Está oculta" in seen
    assert ana.post(f"{path}/retirar").status_code == 404  # what was hidden is kept
    assert ana.post(path, body="Pero").status_code == 409
    assert "Trae datos" in text(rosa.client.get(path))
    assert rosa.post(f"{hide}/mostrar").status_code == 303
    assert "Está oculta" not in text(bruno.client.get(path))


def test_a_trainer_answers_as_the_team_confirms_and_hides_answers(
    verified: None, classroom: Classroom, session: Session
) -> None:
    ana, bruno, rosa = (browser(classroom, who) for who in ("ana", "bruno", "rosa"))
    path = ask(ana)
    bruno.post(path, body="Se publica que no hay.")
    answer = public_id(session)
    pending = text(rosa.client.get(DESK))
    assert "¿Y si no hay nada?" in pending
    assert bruno.post(f"/estudio/respuestas/{answer}/confirmar", correcta="si").status_code == 404
    rosa.post(f"/estudio/respuestas/{answer}/confirmar", correcta="si")
    assert "Confirmada por el equipo" in text(ana.client.get(path))
    assert "No hay preguntas pendientes" in text(rosa.client.get(DESK))
    rosa.post(f"/estudio/respuestas/{answer}/confirmar", correcta="no")
    rosa.post(f"/estudio/respuestas/{answer}/ocultar", reason="No es así")
    assert "Todavía nadie responde." in text(ana.client.get(path))
    assert "No es así" in text(bruno.client.get(path))
    rosa.post(f"/estudio/respuestas/{answer}/mostrar")
    rosa.post(path, body="Y di por qué.")
    assert "Equipo del curso" in text(ana.client.get(path))


def test_the_lists_of_a_trainer_part_what_is_open_hidden_and_all(classroom: Classroom) -> None:
    ana, rosa = browser(classroom, "ana"), browser(classroom, "rosa")
    hidden, shown = ask(ana, "¿Una?"), ask(ana, "¿Otra?")
    rosa.post(hidden.replace("/preguntas/", "/estudio/dudas/") + "/ocultar", reason="No trata de esto")
    found = {
        name: set(re.findall(r'href="(/preguntas/[^"]+)"', rosa.client.get(f"{DESK}?lista={name}").text))
        for name in ("pendientes", "todas", "ocultas")
    }
    assert found == {"pendientes": {shown}, "todas": {shown, hidden}, "ocultas": {hidden}}
    assert rosa.client.get(f"{DESK}?lista=otra").status_code == 404
    assert browser(classroom, "administrator").client.get(DESK).status_code == 200


def test_a_long_list_comes_in_pages(classroom: Classroom, write: Write) -> None:
    ana = browser(classroom, "ana")
    with write() as writing:
        for number in range(queries.PAGE_SIZE + 1):
            writing.add(
                LessonQuestion(
                    course_id=classroom.course_id,
                    step=LESSON,
                    author_id=ana.id,
                    body=f"Duda {number}.",
                    wants_mail=False,
                    asked_at=now() - timedelta(minutes=60 - number),
                )
            )
    first, last = text(ana.client.get(BOX)), text(ana.client.get(f"{BOX}?page=2"))
    assert "Duda 20." in first and "Duda 0." not in first
    assert "Duda 0." in last and "Duda 20." not in last


def test_who_writes_as_no_person_does_is_told_to_wait(classroom: Classroom, session: Session) -> None:
    ana = browser(classroom, "ana")
    answers = [ana.post(BOX, body=f"Duda {number}").status_code for number in range(21)]
    assert answers == [303] * 20 + [429]
    assert session.scalar(select(func.count()).select_from(LessonQuestion)) == 20


def test_the_pages_speak_english(classroom: Classroom, session: Session) -> None:
    """The browser of the tests fails on a Spanish text that has an English one."""
    ana, rosa = browser(classroom, "ana"), browser(classroom, "rosa")
    path = ask(ana)
    rosa.post(path, body="Se publica que no hay.")
    browser(classroom, "bruno").post(path, body="Sí.")
    desk = path.replace("/preguntas/", "/estudio/dudas/")
    rosa.post(f"{desk}/ocultar", reason="No trata de esto")
    for who in (ana, rosa):
        who.client.get(path)  # what is still to be said is said in Spanish
        who.client.get("/idioma/en")
        for address in (BOX, path, DESK, f"{desk}/ocultar", f"{path}/cambiar"):
            who.client.get(address)
    assert "Hidden" in rosa.client.get(f"{DESK}?lista=ocultas").text
