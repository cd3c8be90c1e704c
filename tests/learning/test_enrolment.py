"""Enrolling: in one click, once, under the rule and the affiliation of that day."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Write
from tests.learning.learners import COURSE, SLUG, add_person, course, learner, sign_in, subject_of
from tests.learning.together import at_once
from webapp.accounts.models import Person
from webapp.accounts.services import change_details, change_workplace
from webapp.catalog import queries as catalog
from webapp.catalog.models import Course
from webapp.core.audit import AuditEvent
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.mail import OutboxMessage
from webapp.learning.models import Enrolment
from webapp.learning.services import enrol

pytestmark = pytest.mark.usefixtures("verified")


def enrolments(session: Session) -> list[Enrolment]:
    return list(session.scalars(select(Enrolment).order_by(Enrolment.id)))


def test_one_click_enrols_and_lands_in_lesson_1(app: Flask, session: Session) -> None:
    marina = learner(app)
    answer = marina.enrol()
    assert (answer.status_code, answer.location) == (303, f"{COURSE}/por-que-importa")
    assert [row.person_id for row in enrolments(session)] == [marina.id]


def test_the_rule_and_the_affiliation_of_the_day_are_copied(app: Flask, session: Session, write: Write) -> None:
    marina = learner(app, state="MX-SON", sex="otra")
    marina.enrol()
    with app.app_context():
        first, other = subject_of("MX-SON"), subject_of("MX-BCS")
    with write() as writing:
        person = writing.get_one(Person, marina.id)
        change_workplace(writing, person, other, "", None, now())
        change_details(
            writing,
            person,
            given_names="Marina",
            first_surname="Cardón",
            second_surname="",
            post="otra",
            sex="mujer",
            now=now(),
        )
    [row] = enrolments(session)
    rule = course(app)
    assert (row.obliged_subject_id, row.state_id, row.sex) == (first.id, first.state_id, "otra")
    assert (row.pass_mark, row.attempts_allowed) == (rule.pass_mark, rule.attempts) == (80, 3)
    assert row.due_at - row.enrolled_at == timedelta(days=rule.deadline_days)
    assert row.concluded_at is None


def test_whoever_is_not_in_the_padron_enrols_under_the_state_they_wrote(app: Flask, session: Session) -> None:
    learner(app, asks_for="Oficina nueva", state="MX-BCS").enrol()
    [row] = enrolments(session)
    with app.app_context():
        assert (row.obliged_subject_id, row.state_id) == (None, subject_of("MX-BCS").state_id)


def test_whoever_told_no_workplace_enrols_all_the_same(app: Flask, session: Session) -> None:
    learner(app, works=False).enrol()
    [row] = enrolments(session)
    assert (row.obliged_subject_id, row.state_id) == (None, None)


def test_enrolling_again_changes_nothing_and_goes_where_one_left_off(app: Flask, session: Session) -> None:
    marina = learner(app)
    marina.enrol()
    marina.post(f"{COURSE}/por-que-importa/siguiente")
    again = marina.enrol()
    assert again.location == f"{COURSE}/repaso-por-que-importa"
    assert len(enrolments(session)) == 1
    assert marina.client.get(f"{COURSE}/inscribirme").location == COURSE


def test_two_tabs_that_enrol_at_once_make_one_enrolment(app: Flask, session: Session) -> None:
    person_id = add_person(app)

    def act(_number: int) -> int:
        with transaction() as writing:
            state = catalog.course_by_slug(writing, SLUG)
            assert state is not None
            person = writing.get_one(Person, person_id)
            return enrol(writing, person, catalog.revision(writing, state.revision_id), now()).id

    assert len(set(at_once(app, 6, act))) == 1
    assert len(enrolments(session)) == 1
    told = session.scalars(select(AuditEvent.action).where(AuditEvent.action == "learning.enrolled")).all()
    assert len(told) == 1


def test_a_retired_course_takes_nobody_in_but_keeps_those_inside(app: Flask, session: Session, write: Write) -> None:
    inside, outside = learner(app), learner(app)
    inside.enrol()
    with write() as writing:
        writing.scalars(select(Course).filter_by(slug=SLUG)).one().state = "retired"
    assert outside.enrol().location == COURSE
    assert outside.client.get(f"{COURSE}/inscribirme").location == COURSE
    page = outside.client.get(COURSE)
    assert "ya no recibe inscripciones" in page.text
    assert "Inscribirme" not in page.text.split("<main", 1)[1]
    assert [row.person_id for row in enrolments(session)] == [inside.id]
    assert inside.client.get(f"{COURSE}/por-que-importa").status_code == 200
    assert inside.finish().startswith("/intentos/")


def test_whoever_had_to_sign_in_first_lands_in_lesson_1_enrolled(app: Flask, session: Session) -> None:
    person_id = add_person(app)
    email = session.scalars(select(Person.email).filter_by(id=person_id)).one()
    client = app.test_client()
    page = client.get(COURSE)
    door = re.search(r'href="(/entrar\?next=[^"]+)"', page.text.split("<main", 1)[1])
    assert door
    client.submit("/entrar", page=door[1], email=email, next=f"{COURSE}/inscribirme")  # type: ignore[attr-defined]
    letter = session.scalars(select(OutboxMessage.text).filter_by(recipient=email)).one()
    answer = client.submit("/entrar/codigo", code=letter[:6])  # type: ignore[attr-defined]
    assert (answer.status_code, answer.location) == (303, f"{COURSE}/por-que-importa")
    assert [row.person_id for row in enrolments(session)] == [person_id]


def test_a_visitor_who_asks_to_enrol_is_led_to_the_door_and_back(app: Flask, session: Session) -> None:
    answer = app.test_client().get(f"{COURSE}/inscribirme")
    assert (answer.status_code, answer.location) == (302, f"/entrar?next=/cursos/{SLUG}/inscribirme")
    assert enrolments(session) == []


def test_a_course_that_does_not_exist_is_a_404_for_all(app: Flask) -> None:
    marina = learner(app)
    assert app.test_client().get("/cursos/no-hay").status_code == 404
    assert marina.post("/cursos/no-hay/inscribirme").status_code == 404
    for path in ("/cursos/no-hay/requisitos", "/cursos/no-hay/nombre", "/cursos/no-hay/x", f"{COURSE}/requisitos"):
        assert marina.client.get(path).status_code == 404, path
    assert marina.client.get(f"{COURSE}/por-que-importa").location == COURSE  # not enrolled: the course page


def test_without_its_token_a_form_does_nothing(app: Flask, session: Session) -> None:
    client = sign_in(app, add_person(app))
    refused = client.post(f"{COURSE}/inscribirme")
    assert refused.status_code == 400
    assert "csrf" in refused.text
    assert client.post(f"{COURSE}/inscribirme", data={"csrf_token": "otro"}).status_code == 400
    assert enrolments(session) == []


def test_looking_never_writes(app: Flask, session: Session) -> None:
    marina = learner(app)
    marina.finish()
    before = fingerprint(session)
    paths = ["/cursos", COURSE, "/mis-cursos", f"{COURSE}/requisitos", f"{COURSE}/nombre", f"{COURSE}/inscribirme"]
    paths += [f"{COURSE}/{key}" for key in course(app).steps]
    paths += ["/mis-constancias", "/mis-constancias.zip", "/verificar"]
    for path in paths:
        assert marina.client.get(path).status_code in {200, 302}, path
    assert fingerprint(session) == before


def fingerprint(session: Session) -> dict[str, object]:
    """Every row of every table."""
    return {
        name: session.execute(select(table).order_by(*table.primary_key)).all()
        for name, table in db.metadata.tables.items()
    }
