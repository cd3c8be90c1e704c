"""Going through lessons: what is noted, once, and when a course without an exam is concluded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Write
from tests.learning.learners import COURSE, SLUG, Learner, add_person, course, learner
from tests.learning.together import at_once
from webapp.accounts.models import Person
from webapp.catalog import queries as catalog
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.learning import queries, services
from webapp.learning.models import Enrolment, StepProgress
from webapp.records.models import Accreditation, Constancia

FIRST = "por-que-importa"


@pytest.fixture
def marina(app: Flask) -> Learner:
    found = learner(app)
    found.enrol()
    return found


def steps(session: Session) -> dict[str, StepProgress]:
    return {row.step: row for row in session.scalars(select(StepProgress))}


def test_a_page_that_is_read_tells_its_seconds_and_is_where_one_resumes(marina: Learner, session: Session) -> None:
    for _ in range(2):
        assert marina.post(f"{COURSE}/{FIRST}/avance", seconds="40").status_code == 204
    row = steps(session)[FIRST]
    assert (row.seconds, row.completed_at, row.exempted) == (80, None, False)
    assert session.scalars(select(Enrolment.last_step)).all() == [FIRST]


@pytest.mark.parametrize(("told", "noted"), [("999999999999999999999", 14400), ("-5", 0), ("x", 0), ("", 0)])
def test_seconds_that_nobody_can_have_read_are_not_believed(
    marina: Learner, session: Session, told: str, noted: int
) -> None:
    assert marina.post(f"{COURSE}/{FIRST}/avance", seconds=told).status_code == 204
    assert steps(session)[FIRST].seconds == noted


def test_siguiente_completes_a_lesson_and_its_first_moment_stays(marina: Learner, session: Session) -> None:
    answer = marina.post(f"{COURSE}/{FIRST}/siguiente")
    assert (answer.status_code, answer.location) == (303, f"{COURSE}/repaso-por-que-importa")
    first = steps(session)[FIRST].completed_at
    assert first is not None
    session.expire_all()
    assert marina.post(f"{COURSE}/{FIRST}/siguiente").status_code == 303
    assert steps(session)[FIRST].completed_at == first


def test_a_quiz_is_not_completed_by_siguiente(marina: Learner, session: Session) -> None:
    answer = marina.post(f"{COURSE}/repaso-por-que-importa/siguiente")
    assert answer.status_code == 409
    assert "not_a_lesson" in answer.text
    assert "Este paso se completa al entregar sus respuestas." in answer.text
    assert steps(session) == {}


def test_steps_that_do_not_exist_and_courses_of_others_are_404(app: Flask, marina: Learner, session: Session) -> None:
    stranger = learner(app)
    for path in (f"{COURSE}/no-hay/siguiente", f"{COURSE}/no-hay/avance", f"{COURSE}/no-hay/empezar"):
        assert marina.post(path).status_code == 404, path
    for act in ("siguiente", "avance", "empezar"):
        assert stranger.post(f"{COURSE}/{FIRST}/{act}").status_code == 404, act
    assert stranger.post(f"{COURSE}/nombre").status_code == 404
    assert marina.post(f"{COURSE}/{FIRST}/empezar").status_code == 404  # a lesson is not a quiz
    assert steps(session) == {}


def test_beacon_and_button_that_arrive_together_make_one_row(app: Flask, marina: Learner, session: Session) -> None:
    def act(number: int) -> None:
        with transaction() as writing:
            enrolment = writing.scalars(select(Enrolment)).one()
            revision = catalog.revision(writing, enrolment.revision_id)
            step = revision.course.steps[FIRST]
            if number % 2:
                services.reach_step(writing, enrolment, step, 10, now())
            else:
                services.complete_lesson(writing, enrolment, revision, step, "aula-norte-demo", now())

    at_once(app, 6, act)
    [row] = steps(session).values()
    assert (row.seconds, row.completed_at is not None) == (30, True)


def test_what_is_left_is_told_in_minutes_and_the_next_step(app: Flask, marina: Learner) -> None:
    whole = course(app)
    total = sum(step.minutes for step in whole.lesson_steps) + whole.steps["examen-final"].minutes
    page = marina.client.get(COURSE).text
    assert f"Faltan {total // 60} h {total % 60} min" in page
    marina.post(f"{COURSE}/{FIRST}/siguiente")
    left = total - whole.steps[FIRST].minutes
    page = marina.client.get(COURSE).text
    assert f"Faltan {left // 60} h {left % 60} min" in page
    assert f'href="{COURSE}/repaso-por-que-importa"' in page


def test_why_i_have_not_finished_names_what_was_seen_and_what_is_missing(app: Flask, marina: Learner) -> None:
    marina.post(f"{COURSE}/{FIRST}/siguiente")
    page = marina.client.get(f"{COURSE}/requisitos").text
    asked = len(course(app).lesson_steps) + 1
    assert f"Faltan {asked - 1} requisitos de {asked}" in page
    assert page.count("Cumplido") == 1
    assert "0 de 3 intentos usados" in page
    assert page.index("Ir a lo que falta") < page.index("Requisitos del curso")
    assert page.index("Examen final") < page.index("Cumplido")  # what is missing comes before what is met


# --- a course without an exam -------------------------------------------------------------------------------------


def without_exam(session: Session) -> catalog.Revision:
    """The published revision as if its course were two lessons."""
    state = catalog.course_by_slug(session, SLUG)
    assert state is not None
    revision = catalog.revision(session, state.revision_id)
    module = replace(revision.course.modules[0], steps=(FIRST, "principios"))
    return replace(revision, course=replace(revision.course, modules=(module,), exam=None, pretest=None))


def test_a_course_without_exam_concludes_with_its_last_step_and_a_confirmed_name(app: Flask, write: Write) -> None:
    person_id = add_person(app)
    with write() as session:
        revision = without_exam(session)
        person = session.get_one(Person, person_id)
        row = services.enrol(session, person, revision, now())
        lessons = revision.course.lesson_steps
        assert [step.key for step in lessons] == [FIRST, "principios"]
        for step in lessons:
            assert services.complete_lesson(session, row, revision, step, "aula-norte-demo", now()) is None
        services.confirm_name(session, row, person, now())
        constancia = services.conclude(session, row, revision, "aula-norte-demo", now())
        assert constancia is not None
        assert constancia.name == "Marina Cardón Estero"
        assert constancia.snapshot["score"] is None  # no exam, no mark
        assert services.conclude(session, row, revision, "aula-norte-demo", now()) is None


def test_the_last_two_steps_done_at_once_conclude_exactly_once(app: Flask, session: Session, write: Write) -> None:
    person_id = add_person(app)
    with write() as writing:
        person = writing.get_one(Person, person_id)
        row = services.enrol(writing, person, without_exam(writing), now())
        services.confirm_name(writing, row, person, now())

    def act(number: int) -> str | None:
        with transaction() as writing:
            enrolment = queries.enrolment(writing, person_id, row.course_id)
            assert enrolment is not None
            revision = without_exam(writing)
            step = revision.course.lesson_steps[number % 2]
            made = services.complete_lesson(writing, enrolment, revision, step, "aula-norte-demo", now())
            return made.folio if made is not None else None

    folios = [folio for folio in at_once(app, 6, act) if folio is not None]
    assert len(folios) == 1
    assert session.scalars(select(Constancia.folio)).all() == folios
    assert len(session.scalars(select(Accreditation.id)).all()) == 1
    assert session.scalars(select(Enrolment.concluded_at)).one() is not None
    with app.app_context():
        assert db.session.scalar(select(Enrolment.printed_name)) == "Marina Cardón Estero"
