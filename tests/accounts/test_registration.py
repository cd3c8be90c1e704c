"""The one registration screen, with and without JavaScript."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.accounts.hands import NAMES, a_subject, post, sign_in
from webapp.accounts import queries, services
from webapp.accounts.models import Affiliation, ObligedSubjectRequest, Person, PrivacyAcceptance
from webapp.accounts.notices import NoticeText
from webapp.core import arrival
from webapp.core.clock import local_date, now
from webapp.core.db import db, transaction

EMAIL = "nueva@dependencia.example"


def publish(app: Flask, text: str = "<p>Breve</p>") -> None:
    with app.app_context(), transaction() as session:
        services.sync_privacy_notice(session, {"es": NoticeText(text, "<p>Completo</p>")}, now())


def register(client: FlaskClient, **fields: str) -> TestResponse:
    """Send the registration screen, accepting the notice unless told otherwise."""
    return post(client, "/registro", **{**NAMES, "accept": "y", **fields})


@pytest.fixture
def newcomer(app: Flask, client: FlaskClient) -> FlaskClient:
    publish(app)
    sign_in(client, EMAIL)
    return client


def test_registering_keeps_everything_that_was_given(app: Flask, newcomer: FlaskClient, session: Session) -> None:
    subject = a_subject(app)
    answer = register(newcomer, subject=subject.public_id, subject_name=subject.name, sex="mujer", invitations="y")
    assert answer.status_code == 303
    found = session.scalars(select(Person)).one()
    assert (found.given_names, found.first_surname, found.second_surname) == ("María José", "Ibarra", "Cota")
    assert (found.sex, found.post, found.search_name) == ("mujer", "enlace-area", "maria jose ibarra cota")
    assert found.confirmed_at is not None and found.registered_at is not None and not found.demo
    affiliation = session.scalars(select(Affiliation)).one()
    assert (affiliation.obliged_subject_id, affiliation.valid_to) == (subject.id, None)
    assert affiliation.valid_from == local_date(found.registered_at, subject.time_zone)
    acceptance = session.scalars(select(PrivacyAcceptance)).one()
    notice = queries.current_notice(session, "es")
    assert notice is not None
    assert (acceptance.version, acceptance.text_hash, acceptance.invitations) == ("2026-11.2", notice.text_hash, True)


def test_sex_may_be_left_out_and_invitations_are_not_ticked(
    app: Flask, newcomer: FlaskClient, session: Session
) -> None:
    page = newcomer.get("/registro").text
    assert re.search(r'<option selected value="no-especificado">', page)
    assert not re.search(r"<input[^>]*checked[^>]*>", page)
    register(newcomer, subject=a_subject(app).public_id, subject_name="x", sex="")
    assert session.scalars(select(Person.sex)).one() == "no-especificado"
    assert session.scalars(select(PrivacyAcceptance.invitations)).one() is False


def test_the_notice_is_on_the_page_with_a_link_to_the_whole_of_it(newcomer: FlaskClient) -> None:
    page = newcomer.get("/registro").text
    assert "<p>Breve</p>" in page and 'href="/privacidad"' in page


def test_without_accepting_the_notice_nothing_is_kept(app: Flask, newcomer: FlaskClient, session: Session) -> None:
    answer = post(newcomer, "/registro", subject=a_subject(app).public_id, subject_name="x", **NAMES)
    assert answer.status_code == 422 and "hace falta aceptar el aviso" in answer.text
    assert session.scalars(select(Person.registered_at)).one() is None
    assert session.scalars(select(Affiliation)).all() == []


def test_without_javascript_the_exact_name_is_enough(app: Flask, newcomer: FlaskClient, session: Session) -> None:
    subject = a_subject(app)
    assert register(newcomer, subject_name=subject.name.upper(), state="MX-BCS").status_code == 303
    assert session.scalars(select(Affiliation.obliged_subject_id)).one() == subject.id


def test_without_javascript_a_part_of_the_name_offers_choices(
    app: Flask, newcomer: FlaskClient, session: Session
) -> None:
    answer = register(newcomer, subject_name="ayuntamiento", state="MX-BCS")
    assert answer.status_code == 422
    choices = re.findall(r'type="radio" value="([^"]+)"', answer.text)
    assert len(choices) > 1 and choices[-1] == "ninguno"
    assert 'value="María José"' in answer.text  # what was typed is still there
    assert register(newcomer, subject_name="ayuntamiento", state="MX-BCS", match=choices[0]).status_code == 303
    affiliation = session.scalars(select(Affiliation)).one()
    assert affiliation.obliged_subject_id is not None


def test_none_of_these_asks_the_state(newcomer: FlaskClient, session: Session) -> None:
    answer = register(newcomer, subject_name="Ayuntamiento de Sin Nombre", state="MX-BCS", match="ninguno")
    assert answer.status_code == 303
    request = session.scalars(select(ObligedSubjectRequest)).one()
    assert (request.written_name, request.state) == ("Ayuntamiento de Sin Nombre", "open")


def test_not_found_never_blocks(newcomer: FlaskClient, session: Session) -> None:
    answer = register(newcomer, subject_name="Comité de Agua Zarca", not_found="y", state="MX-SON")
    assert answer.status_code == 303
    assert session.scalars(select(Affiliation)).all() == []
    found = session.scalars(select(Person)).one()
    subject_id, state_id = queries.affiliation_at(session, found.id, now())
    assert subject_id is None and state_id is not None
    assert queries.affiliation_on(session, found.id, now().date()) == (None, state_id)
    shown = queries.workplace(session, found.id)
    assert shown is not None and shown.pending and shown.name == "Comité de Agua Zarca"


def test_not_found_needs_a_state(newcomer: FlaskClient) -> None:
    answer = register(newcomer, subject_name="Comité de Agua Zarca", not_found="y")
    assert answer.status_code == 422 and "Elige el estado" in answer.text


def test_an_unknown_name_says_how_to_go_on(newcomer: FlaskClient) -> None:
    answer = register(newcomer, subject_name="xyzxyz")
    assert answer.status_code == 422 and "No lo encuentro" in answer.text


@pytest.mark.parametrize("subject", ["no-existe", "1", "' OR 1=1--"])
def test_an_obliged_subject_that_does_not_exist_is_not_taken(
    newcomer: FlaskClient, session: Session, subject: str
) -> None:
    answer = register(newcomer, subject=subject, subject_name="xyzxyz")
    assert answer.status_code == 422
    assert session.scalars(select(Affiliation)).all() == []


def test_an_obliged_subject_that_has_ended_is_not_taken(app: Flask, newcomer: FlaskClient, session: Session) -> None:
    subject = a_subject(app)
    with app.app_context(), transaction() as writing:
        row = writing.get_one(type(subject), subject.id)
        row.valid_to = now().date() - timedelta(days=2)
    answer = register(newcomer, subject=subject.public_id, subject_name=subject.name, state="MX-BCS")
    assert answer.status_code == 422
    assert session.scalars(select(Affiliation)).all() == []


def test_all_that_must_be_mended_is_said_at_once(newcomer: FlaskClient) -> None:
    answer = post(newcomer, "/registro", subject_name="xyzxyz", given_names="9")
    wrong = re.findall(r'<li><a href="#([a-z_]+)"', answer.text)
    assert wrong == ["given_names", "first_surname", "post", "subject_name", "accept"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("given_names", ""),
        ("given_names", "   "),
        ("first_surname", "<b>Ibarra</b>"),
        ("first_surname", "x" * 81),
        ("second_surname", "123"),
        ("post", "rey"),
        ("sex", "otro-valor"),
    ],
)
def test_a_field_that_cannot_be_is_named_and_nothing_is_kept(
    app: Flask, newcomer: FlaskClient, session: Session, field: str, value: str
) -> None:
    answer = register(newcomer, subject=a_subject(app).public_id, subject_name="x", **{field: value})
    assert answer.status_code == 422 and f'href="#{field}"' in answer.text
    assert session.scalars(select(Person.registered_at)).one() is None


def test_names_of_many_kinds_are_kept_as_written(app: Flask, newcomer: FlaskClient, session: Session) -> None:
    register(
        newcomer,
        subject=a_subject(app).public_id,
        subject_name="x",
        given_names="  Mª.  Ñeca ",
        first_surname="D’Ángelo-O'Brien",
        second_surname="",
    )
    assert session.scalars(select(Person)).one().full_name == "Mª. Ñeca D’Ángelo-O'Brien"


def test_fields_that_the_screen_does_not_have_change_nothing(
    app: Flask, newcomer: FlaskClient, session: Session
) -> None:
    register(
        newcomer,
        subject=a_subject(app).public_id,
        subject_name="x",
        role="administrator",
        active="",
        email="otra@dependencia.example",
        demo="y",
        registered_at="2020-01-01",
        id="99",
        public_id="zz",
    )
    found = session.scalars(select(Person)).one()
    assert (found.id, found.email, found.active, found.demo) == (1, EMAIL, True, False)
    assert queries.open_grants(session, [found.id]) == []


def test_every_page_leads_to_the_screen_until_it_is_filled(newcomer: FlaskClient) -> None:
    assert newcomer.get("/mis-cursos").location == "/registro?next=/mis-cursos"
    assert newcomer.get("/mi-cuenta").location == "/registro?next=/mi-cuenta"
    assert newcomer.get("/salir").status_code == 200
    assert newcomer.get("/cursos").status_code == 200
    answer = post(newcomer, "/mi-cuenta/idioma", page="/registro", language="en")
    assert answer.status_code == 409


def test_registering_twice_changes_nothing(app: Flask, newcomer: FlaskClient, session: Session) -> None:
    page = newcomer.get("/registro").text
    csrf = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert csrf is not None
    data = {"csrf_token": csrf[1], "accept": "y", "subject": a_subject(app).public_id, "subject_name": "x", **NAMES}
    assert newcomer.post("/registro", data=data).status_code == 303
    assert newcomer.post("/registro", data={**data, "given_names": "Otra"}).status_code == 303
    assert session.scalars(select(Person.given_names)).one() == "María José"
    assert len(session.scalars(select(Affiliation)).all()) == 1


def test_hostile_text_is_shown_as_text(newcomer: FlaskClient) -> None:
    canary = "\"'><b onx=1>"
    answer = register(newcomer, subject_name=canary)
    assert answer.status_code == 422 and "<b onx" not in answer.text


def test_a_newer_notice_must_be_accepted_before_going_on(app: Flask, newcomer: FlaskClient, session: Session) -> None:
    register(newcomer, subject=a_subject(app).public_id, subject_name="x")
    assert newcomer.get("/mis-cursos").status_code == 200
    publish(app, "<p>Otro</p>")
    assert newcomer.get("/mis-cursos").location == "/privacidad/aceptar?next=/mis-cursos"
    page = newcomer.get("/privacidad/aceptar?next=/mis-cursos")
    assert "<p>Otro</p>" in page.text
    assert post(newcomer, "/privacidad/aceptar?next=/mis-cursos").status_code == 422
    answer = post(newcomer, "/privacidad/aceptar?next=/mis-cursos", accept="y")
    assert (answer.status_code, answer.location) == (303, "/mis-cursos")
    assert newcomer.get("/mis-cursos").status_code == 200
    assert session.scalars(select(PrivacyAcceptance.version)).all() == ["2026-11.2", "2026-11.3"]


def test_the_act_one_was_on_the_way_to_is_done_once_registered(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []

    def act(session: Session, actor: Person, at: datetime) -> str:
        done.append(actor.id)
        return "/verificar"

    monkeypatch.setattr(arrival, "_acts", {"accounts.sign_out": act})
    assert sign_in(client, EMAIL, next="/salir").location == "/registro?next=/salir"
    assert done == []
    answer = post(
        client, "/registro?next=/salir", accept="y", subject=a_subject(app).public_id, subject_name="x", **NAMES
    )
    assert (answer.location, done) == ("/verificar", [1])


def test_a_person_is_found_by_either_address_only_when_it_is_confirmed(app: Flask) -> None:
    with app.app_context():
        with transaction() as session:
            found = services.create_person(session, email="Ana@x.example", now=now())
            found.personal_email = "yo@casa.example"
        assert queries.person_by_email(db.session(), " ANA@x.example ") is not None
        assert queries.person_by_email(db.session(), "yo@casa.example") is None
