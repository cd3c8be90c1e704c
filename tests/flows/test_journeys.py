"""Whole journeys over HTTP, by people who did nothing but follow pages: from a stranger to a figure of their state."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.accounts.hands import NAMES, a_subject, letters, post
from tests.learning.learners import (
    COURSE,
    EXAM,
    PRETEST,
    SLUG,
    Learner,
    course,
    email_of,
    learner,
    open_request_of,
)
from webapp.accounts.models import Person
from webapp.core.clock import now
from webapp.core.db import db
from webapp.coursepack.model import Question
from webapp.demo.answers import right_response
from webapp.learning.models import Answer
from webapp.organizations.models import ObligedSubject
from webapp.records.models import Accreditation, Constancia

pytestmark = pytest.mark.usefixtures("verified")
STATE = "/coordinacion/estados/MX-BCS"


@dataclass
class Desk:
    """A coordinator of Baja California Sur looking at the figures of the quarter."""

    learner: Learner

    def figures(self) -> dict[str, int]:
        answer = self.learner.client.get(f"{STATE}.json")
        assert answer.status_code == 200
        return {key: figure["value"] for key, figure in answer.get_json()["figures"].items()}

    def trained_at(self, subject: ObligedSubject) -> int:
        """People trained in that obliged subject."""
        tables = self.learner.client.get(f"{STATE}.json").get_json()["tables"]
        rows = [row for table in tables.values() for row in table if row["key"] == subject.key]
        return int(rows[0]["figures"]["trained_people"]["value"]) if rows else 0


@pytest.fixture
def desk(app: Flask) -> Desk:
    return Desk(learner(app, roles=("coordinator",), names=("Elvira", "Sotol", "Duna")))


def arrive(app: Flask, email: str, **workplace: str) -> Learner:
    """A stranger opens the course, asks to enrol, types the code that was mailed, fills the one screen."""
    client = app.test_client()
    page = client.get(COURSE)
    assert page.status_code == 200
    door = re.search(r'href="(/entrar\?next=[^"]+)"', page.text)
    assert door
    asked = post(client, "/entrar", page=door[1], email=email, next=where_to(client.get(door[1]).text))
    assert asked.location == "/entrar/codigo"
    entered = post(client, "/entrar/codigo", code=letters(app, email)[-1].code)
    assert entered.location.startswith("/registro")
    screen = client.get(entered.location).text
    registered = post(
        client, "/registro", entered.location, **NAMES, **workplace, accept="y", sex="mujer", next=where_to(screen)
    )
    first = course(app).lesson_steps[0]
    assert (registered.status_code, registered.location) == (303, f"{COURSE}/{first.key}"), registered.text
    assert client.get(registered.location).status_code == 200
    with app.app_context():
        person_id = db.session.scalars(select(Person.id).filter_by(email=email)).one()
    return Learner(app, person_id, client)


def where_to(page: str) -> str:
    """Where the form of a page takes a person afterwards."""
    found = re.search(r'name="next"[^>]*value="([^"]*)"', page)
    assert found
    return unescape(found[1])


def the_constancia(session: Session, person_id: int) -> Constancia:
    """The newest of a person."""
    rows = select(Constancia).filter_by(person_id=person_id).order_by(Constancia.id.desc())
    return session.scalars(rows).first() or pytest.fail("no constancia")


def verdict(app: Flask, code: str) -> str:
    """What any citizen reads in the first line of the public page."""
    page = app.test_client().get(f"/verificar/{code}").text
    found = re.search(r'class="verdict__word">([^<]+)<', page)
    assert found
    return found[1]


def test_a_stranger_reaches_a_constancia_that_a_citizen_verifies_and_a_coordinator_counts(
    app: Flask, desk: Desk, session: Session
) -> None:
    subject = a_subject(app)
    before = desk.figures()
    ana = arrive(app, "nueva@dependencia.example", subject=subject.public_id, subject_name=subject.name)
    during = desk.figures()
    assert during["enrolled"] == before["enrolled"] + 1
    assert during["trained_people"] == before["trained_people"]
    ana.read_lessons()
    assert ana.post(f"{COURSE}/{EXAM}/empezar").location == f"{COURSE}/nombre"
    shown = ana.client.get(f"{COURSE}/nombre").text
    assert "María José Ibarra Cota" in shown
    ana.confirm_name()
    result = ana.client.get(f"{ana.take(EXAM)}/resultado")
    row = the_constancia(session, ana.id)
    assert f"/mis-constancias/{row.code}.pdf" in result.text
    # the citizen
    visitor = app.test_client()
    assert verdict(app, row.code) == "VÁLIDA"
    page = visitor.get(f"/verificar/{row.code}").text
    assert row.folio in page and "María José Ibarra Cota" not in page
    agrees = visitor.post(f"/verificar/{row.code}", data={"nombre": "maria jose ibarra cota"}).text
    differs = visitor.post(f"/verificar/{row.code}", data={"nombre": "Pedro Duna"}).text
    assert "coincide" in agrees and "no coincide" not in agrees.lower()
    assert "no coincide" in differs.lower()
    assert verdict(app, "AAAA" * 5) == "NO EXISTE"
    # the coordinator
    after = desk.figures()
    for figure in ("trained_people", "participations", "covered", "concluded"):
        assert after[figure] == before[figure] + 1, figure
    assert after["person_hours"] == before["person_hours"] + course(app).hours
    assert desk.trained_at(subject) == 1
    rows = desk.learner.client.get(f"{STATE}/inscripciones.csv").data.decode("utf-8-sig")
    assert "María José Ibarra Cota" in rows and "nueva@" not in rows


def test_who_knows_it_already_is_spared_the_lessons_and_needs_only_the_exam(app: Flask, session: Session) -> None:
    subject = a_subject(app)
    ana = arrive(app, "sabe@dependencia.example", subject=subject.public_id, subject_name=subject.name)
    attempt = ana.take(PRETEST)
    assert ana.client.get(f"{attempt}/resultado").status_code == 200
    mine = ana.client.get(COURSE).text
    assert "exent" in mine.lower()
    ana.confirm_name()
    ana.take(EXAM)
    assert the_constancia(session, ana.id).accreditation.score == 100


def test_who_failed_three_times_is_given_another_try_and_passes(app: Flask, session: Session) -> None:
    ana, trainer = learner(app), learner(app, roles=("trainer",))
    ana.reach_exam()
    for _ in range(3):
        attempt = ana.take(EXAM, wrong=len(ana.questions(ana.start(EXAM))))
        assert "Constancia" not in ana.client.get(f"{attempt}/resultado").text.split("</h1>")[0]
    refused = ana.post(f"{COURSE}/{EXAM}/empezar")
    assert refused.status_code == 409
    assert session.scalars(select(Constancia).filter_by(person_id=ana.id)).all() == []
    given = trainer.post(
        "/instruccion/intentos", email=email_of(app, ana.id), course=SLUG, extra="1", reason="Se le fue la luz"
    )
    assert given.status_code == 303
    ana.take(EXAM)
    assert the_constancia(session, ana.id).accreditation.score == 100
    assert ana.post(f"{COURSE}/{EXAM}/empezar").status_code == 409


def test_linking_whoever_was_not_in_the_padron_moves_the_figure_and_keeps_the_fact(
    app: Flask, desk: Desk, session: Session
) -> None:
    before = desk.figures()
    ana = arrive(app, "busca@dependencia.example", subject_name="Junta de Agua", state="MX-BCS", not_found="y")
    ana.read_lessons()
    ana.confirm_name()
    ana.take(EXAM)
    counted = desk.figures()
    assert counted["trained_people"] == before["trained_people"] + 1
    assert counted["covered"] == before["covered"]
    fact = session.scalars(select(Accreditation).filter_by(person_id=ana.id)).one()
    assert fact.obliged_subject_id is None
    subject = a_subject(app)
    request = f"/coordinacion/solicitudes/{open_request_of(app, ana.id)}"
    assert "Junta de Agua" in desk.learner.client.get(request).text
    linked = desk.learner.post(
        f"{request}/vincular",
        obliged_subject=subject.public_id,
        obliged_subject_name=subject.name,
        valid_from=fact.accredited_on.isoformat(),
    )
    assert linked.status_code == 303
    moved = desk.figures()
    assert (moved["trained_people"], moved["participations"]) == (counted["trained_people"], counted["participations"])
    assert moved["covered"] == before["covered"] + 1
    assert desk.trained_at(subject) == 1
    first, second = session.scalars(select(Accreditation).filter_by(person_id=ana.id).order_by(Accreditation.id)).all()
    assert (first.obliged_subject_id, second.corrects_id, second.obliged_subject_id) == (None, first.id, subject.id)
    assert verdict(app, the_constancia(session, ana.id).code) == "VÁLIDA"


def test_who_changes_work_takes_the_transcript_along_and_leaves_the_figure(
    app: Flask, desk: Desk, session: Session
) -> None:
    old, elsewhere = a_subject(app), a_subject(app, "MX-SON")
    ana = learner(app)
    ana.finish()
    assert desk.trained_at(old) == 1
    changed = ana.post("/mi-cuenta/trabajo", subject=elsewhere.public_id, subject_name=elsewhere.name)
    assert changed.status_code == 303
    assert desk.trained_at(old) == 1
    assert the_constancia(session, ana.id).folio in ana.client.get("/mis-constancias").text


def test_a_new_name_replaces_the_paper_and_counts_nobody_twice(app: Flask, desk: Desk, session: Session) -> None:
    ana = learner(app)
    ana.finish()
    before = desk.figures()
    old = the_constancia(session, ana.id)
    details = {"given_names": "Marina Paz", "first_surname": "Cardón", "second_surname": "Estero"}
    assert ana.post("/mi-cuenta/datos", **details, post="enlace-area", sex="mujer").status_code == 303
    assert ana.post(f"/mis-constancias/{old.code}/reexpedir").status_code == 303
    new = the_constancia(session, ana.id)
    assert (new.name, new.supersedes_id) == ("Marina Paz Cardón Estero", old.id)
    assert verdict(app, old.code) == "SUSTITUIDA"
    assert new.folio in app.test_client().get(f"/verificar/{old.code}").text
    assert verdict(app, new.code) == "VÁLIDA"
    assert desk.figures() == before


def test_what_was_revoked_is_told_to_citizens_and_counts_no_more(app: Flask, desk: Desk, session: Session) -> None:
    before = desk.figures()
    ana, administrator = learner(app), learner(app, roles=("administrator",))
    ana.finish()
    row = the_constancia(session, ana.id)
    assert desk.figures()["trained_people"] == before["trained_people"] + 1
    done = administrator.post(
        f"/administracion/constancias/{row.code}/revocar", reason="Presentó el examen otra persona"
    )
    assert done.status_code == 303
    assert verdict(app, row.code) == "REVOCADA"
    after = desk.figures()
    for figure in ("trained_people", "participations", "covered", "person_hours"):
        assert after[figure] == before[figure], figure


def test_a_replaced_paper_that_is_revoked_takes_nothing_from_the_one_in_force(app: Flask, desk: Desk) -> None:
    ana, administrator = learner(app), learner(app, roles=("administrator",))
    ana.finish()
    before = desk.figures()
    with app.app_context():
        old = the_constancia(db.session(), ana.id).code
    details = {"given_names": "Marina Paz", "first_surname": "Cardón", "second_surname": "Estero"}
    ana.post("/mi-cuenta/datos", **details, post="enlace-area", sex="mujer")
    assert ana.post(f"/mis-constancias/{old}/reexpedir").status_code == 303
    administrator.post(f"/administracion/constancias/{old}/revocar", reason="El papel se perdió")
    assert desk.figures() == before


def test_a_session_that_ends_in_the_middle_of_an_exam_loses_no_answer(app: Flask, session: Session) -> None:
    ana = learner(app)
    ana.reach_exam()
    attempt = ana.start(EXAM)
    asked: list[Question] = ana.questions(attempt)
    assert ana.save(attempt, asked[0], right_response(asked[0]), "k1").status_code == 200
    with time_machine.travel(now() + timedelta(hours=13), tick=False):
        refused = ana.save(attempt, asked[1], right_response(asked[1]), "k2")
        assert refused.status_code == 401
        again = app.test_client()
        post(again, "/entrar", email=email_of(app, ana.id), next=attempt)
        back = post(again, "/entrar/codigo", code=letters(app, email_of(app, ana.id))[-1].code)
        assert back.location == attempt
        later = Learner(app, ana.id, again)
        assert later.save(attempt, asked[1], right_response(asked[1]), "k2").status_code == 200
        assert later.post(f"{attempt}/entregar", **later.form(attempt), entregar="1").status_code == 303
    kept = session.scalars(select(Answer.question).distinct()).all()
    assert {asked[0].id, asked[1].id} <= set(kept)
    assert the_constancia(session, ana.id).accreditation.score == 100
