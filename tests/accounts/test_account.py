"""*Mi cuenta*: details, workplace, language, invitations."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.accounts.hands import NAMES, a_subject, add_person, post, sign_in
from webapp.accounts import queries, services
from webapp.accounts.models import Affiliation, ObligedSubjectRequest, Person
from webapp.accounts.notices import NoticeText
from webapp.core.clock import local_date, now
from webapp.core.db import db, transaction
from webapp.organizations.models import ObligedSubject

EMAIL = "ana@dependencia.example"


@pytest.fixture
def inside(app: Flask, client: FlaskClient) -> FlaskClient:
    with app.app_context(), transaction() as writing:
        services.sync_privacy_notice(writing, {"es": NoticeText("<p>a</p>", "<p>b</p>")}, now())
    add_person(app, EMAIL)
    sign_in(client, EMAIL)
    return client


def test_details_are_changed_and_searchable(app: Flask, inside: FlaskClient, session: Session) -> None:
    answer = post(inside, "/mi-cuenta/datos", **NAMES, sex="mujer")
    assert answer.status_code == 303
    found = session.scalars(select(Person)).one()
    assert (found.full_name, found.sex, found.post) == ("María José Ibarra Cota", "mujer", "enlace-area")
    assert [one.id for one in queries.people(session, "jose ibarra", "", 1, 10)[0]] == [found.id]
    assert "María José Ibarra Cota" in inside.get("/mi-cuenta").text


def test_fields_that_the_page_does_not_have_change_nothing(inside: FlaskClient, session: Session) -> None:
    before = session.scalars(select(Person)).one()
    kept = (before.email, before.active, before.fs_uniquifier, before.confirmed_at)
    post(
        inside, "/mi-cuenta/datos", **NAMES, email="x@x.example", active="", fs_uniquifier="z", password="z", grants="z"
    )
    session.expire_all()
    after = session.scalars(select(Person)).one()
    assert (after.email, after.active, after.fs_uniquifier, after.confirmed_at) == kept
    assert after.password is None


def test_a_new_workplace_closes_the_old_one_that_day_and_keeps_it(
    app: Flask, inside: FlaskClient, session: Session
) -> None:
    first, second = a_subject(app, "MX-BCS"), a_subject(app, "MX-CHH")
    person_id = session.scalars(select(Person.id)).one()
    began = date(2026, 1, 15)
    with app.app_context(), transaction() as writing:
        services.join(
            writing, writing.get_one(Person, person_id), writing.get_one(ObligedSubject, first.id), began, now()
        )
    moment = now()
    answer = post(inside, "/mi-cuenta/trabajo", subject=second.public_id, subject_name=second.name)
    assert answer.status_code == 303
    old, new = session.scalars(select(Affiliation).order_by(Affiliation.id)).all()
    assert (old.valid_from, old.valid_to) == (began, local_date(moment, first.time_zone))
    assert (new.obliged_subject_id, new.valid_from, new.valid_to) == (
        second.id,
        local_date(moment, second.time_zone),
        None,
    )
    assert queries.affiliation_at(session, person_id, now()) == (second.id, second.state_id)
    assert queries.affiliation_at(session, person_id, moment - timedelta(days=30)) == (first.id, first.state_id)
    assert queries.affiliation_on(session, person_id, began) == (first.id, first.state_id)
    assert queries.affiliation_on(session, person_id, began - timedelta(days=1)) is None


def test_each_affiliation_is_judged_by_the_calendar_of_its_place(app: Flask) -> None:
    """At 07:30 UTC it is still the day before in Tijuana and already the new day in Monterrey."""
    with app.app_context(), transaction() as session:
        person = services.create_person(session, email=EMAIL, now=now())
        west = session.scalars(select(ObligedSubject).filter_by(time_zone="America/Tijuana")).first()
        assert west is not None
        moment = now().replace(year=2026, month=1, day=20, hour=7, minute=30)
        services.join(session, person, west, date(2026, 1, 20), moment)
        assert queries.affiliation_at(session, person.id, moment) == (None, None)
        assert queries.affiliation_at(session, person.id, moment + timedelta(hours=1)) == (west.id, west.state_id)


def test_not_found_from_the_account_leaves_the_old_place_and_asks(
    app: Flask, inside: FlaskClient, session: Session
) -> None:
    subject = a_subject(app)
    post(inside, "/mi-cuenta/trabajo", subject=subject.public_id, subject_name="x")
    answer = post(inside, "/mi-cuenta/trabajo", subject_name="Oficina nueva", not_found="y", state="MX-SIN")
    assert answer.status_code == 303
    assert session.scalars(select(Affiliation.valid_to)).one() is not None
    request = session.scalars(select(ObligedSubjectRequest)).one()
    assert (request.state, request.written_name) == ("open", "Oficina nueva")
    assert "Por confirmar" in inside.get("/mi-cuenta").text
    post(inside, "/mi-cuenta/trabajo", subject=subject.public_id, subject_name="x")
    session.expire_all()
    assert session.scalars(select(ObligedSubjectRequest.state)).one() == "declined"


def test_the_same_workplace_again_is_refused(app: Flask, inside: FlaskClient, session: Session) -> None:
    subject = a_subject(app)
    post(inside, "/mi-cuenta/trabajo", subject=subject.public_id, subject_name="x")
    answer = post(inside, "/mi-cuenta/trabajo", subject=subject.public_id, subject_name="x")
    assert answer.status_code == 422 and "Ya estás en ese sujeto obligado" in answer.text
    assert len(session.scalars(select(Affiliation)).all()) == 1


def test_the_database_allows_one_open_affiliation(app: Flask) -> None:
    from sqlalchemy.exc import IntegrityError

    subject = a_subject(app)
    person_id = add_person(app, EMAIL)
    with app.app_context(), pytest.raises(IntegrityError), transaction() as session:
        person = session.get_one(Person, person_id)
        row = session.get_one(ObligedSubject, subject.id)
        services.join(session, person, row, date(2026, 1, 1), now())
        services.join(session, person, row, date(2026, 2, 1), now())
    with app.app_context():
        assert db.session.scalars(select(Affiliation)).all() == []


def test_the_language_of_mails_can_be_chosen(inside: FlaskClient, session: Session) -> None:
    assert post(inside, "/mi-cuenta/idioma", page="/mi-cuenta", language="en").status_code == 303
    assert session.scalars(select(Person.language)).one() == "en"
    post(inside, "/mi-cuenta/idioma", page="/mi-cuenta", language="xx")
    session.expire_all()
    assert session.scalars(select(Person.language)).one() == "en"


def test_invitations_can_be_wanted_and_refused(inside: FlaskClient, session: Session) -> None:
    person_id = session.scalars(select(Person.id)).one()
    for wanted in (True, False):
        post(inside, "/mi-cuenta/invitaciones", page="/mi-cuenta", wanted="y" if wanted else "")
        assert queries.wants_invitations(session, person_id) is wanted


def test_the_day_of_the_overview_is_there_for_everyone(inside: FlaskClient) -> None:
    with time_machine.travel(now() + timedelta(hours=1)):
        page = inside.get("/mi-cuenta")
    assert page.status_code == 200 and page.text.count("<h1") == 1
    assert page.headers["Cache-Control"] == "no-store"
