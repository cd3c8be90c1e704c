"""Sessions: what ends them, and that an ended one stays ended."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.accounts.hands import add_person, letters, post, sign_in, token
from webapp.accounts.models import AccountSession, Person
from webapp.core.audit import AuditEvent
from webapp.core.clock import now
from webapp.core.db import transaction

EMAIL = "ana@dependencia.example"
ENTER = "/entrar?next=/mis-cursos"


def is_inside(client: FlaskClient) -> bool:
    return client.get("/mis-cursos").status_code == 200


def test_signing_out_makes_a_copied_cookie_worthless(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL)
    sign_in(client, EMAIL)
    stolen = client.get_cookie("s")
    assert stolen is not None and is_inside(client)
    assert post(client, "/salir").status_code == 303
    client.set_cookie("s", stolen.value)
    assert client.get("/mis-cursos").location == ENTER
    assert client.get("/mis-cursos", headers={"Accept": "application/json"}).status_code == 401


def test_signing_out_takes_the_cookie_away_and_needs_a_button(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL)
    sign_in(client, EMAIL)
    assert client.get("/salir").status_code == 200
    assert is_inside(client)
    post(client, "/salir")
    assert client.get_cookie("s") is None
    assert client.get("/salir").location == "/"


def test_a_cookie_made_up_or_changed_opens_nothing(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL)
    sign_in(client, EMAIL)
    cookie = client.get_cookie("s")
    assert cookie is not None
    for value in ("", "x", cookie.value[:-4] + "AAAA", cookie.value + "x"):
        client.set_cookie("s", value)
        assert client.get("/mis-cursos").location == ENTER


def test_signing_in_changes_the_token_and_the_csrf_token(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL)
    post(client, "/entrar", email=EMAIL)
    before = token(client, "/entrar/codigo")
    client.post("/entrar/codigo", data={"csrf_token": before, "code": letters(app, EMAIL)[-1].code})
    assert client.post("/salir", data={"csrf_token": before}).status_code == 400
    assert is_inside(client)


def test_only_the_hash_of_the_token_is_kept(app: Flask, client: FlaskClient, session: Session) -> None:
    add_person(app, EMAIL)
    sign_in(client, EMAIL)
    with client.session_transaction() as cookie:
        held = cookie["sid"]
    row = session.scalars(select(AccountSession)).one()
    assert held not in (row.token_hash, "") and len(row.token_hash) == 64


def test_a_learner_is_out_after_twelve_idle_hours(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL)
    sign_in(client, EMAIL)
    start = now()
    with time_machine.travel(start + timedelta(hours=11)):
        assert is_inside(client)
    with time_machine.travel(start + timedelta(hours=22)):
        assert is_inside(client)
    with time_machine.travel(start + timedelta(hours=34, minutes=5)):
        assert client.get("/mis-cursos").location == ENTER


def test_a_learner_is_out_after_seven_days_however_busy(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL)
    sign_in(client, EMAIL)
    start = now()
    for half_days in range(1, 14):
        with time_machine.travel(start + timedelta(hours=12 * half_days - half_days / 60)):
            assert is_inside(client)
    with time_machine.travel(start + timedelta(days=7, minutes=1)):
        assert client.get("/mis-cursos").location == ENTER


def test_staff_is_out_after_half_an_idle_hour_and_after_twelve_hours(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL, "trainer")
    sign_in(client, EMAIL)
    start = now()
    with time_machine.travel(start + timedelta(minutes=31)):
        assert client.get("/mis-cursos").location == ENTER
    busy = app.test_client()
    sign_in(busy, EMAIL)
    start = now()
    for number in range(1, 25):
        with time_machine.travel(start + timedelta(minutes=29 * number)):
            assert is_inside(busy)
    with time_machine.travel(start + timedelta(hours=12, seconds=30)):
        assert busy.get("/mis-cursos").location == ENTER


def test_an_old_copy_of_the_cookie_counts_as_idle(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL)
    sign_in(client, EMAIL)
    old = client.get_cookie("s")
    assert old is not None
    start = now()
    with time_machine.travel(start + timedelta(hours=11)):
        assert is_inside(client)
    with time_machine.travel(start + timedelta(hours=13)):
        assert is_inside(client)
        client.set_cookie("s", old.value)
        assert client.get("/mis-cursos").location == ENTER


def test_the_other_sessions_can_be_ended(app: Flask, client: FlaskClient, session: Session) -> None:
    add_person(app, EMAIL)
    other = app.test_client()
    sign_in(client, EMAIL)
    sign_in(other, EMAIL)
    page = client.get("/mi-cuenta").text
    assert "Cerrar otras sesiones" in page and "Esta sesión" in page
    assert post(client, "/mi-cuenta/sesiones/cerrar", page="/mi-cuenta").status_code == 303
    assert is_inside(client) and not is_inside(other)
    event = session.scalars(select(AuditEvent).filter_by(action="accounts.sessions_ended")).one()
    assert event.detail == {"why": "asked", "count": 1}


def test_a_person_who_is_closed_is_out_at_once(app: Flask, client: FlaskClient) -> None:
    person_id = add_person(app, EMAIL)
    sign_in(client, EMAIL)
    with app.app_context(), transaction() as writing:
        writing.get_one(Person, person_id).active = False
    assert client.get("/mis-cursos").location == ENTER


@pytest.mark.sqlite_only  # which counts its changes; PostgreSQL refuses to write in a GET by itself
def test_reading_pages_writes_nothing(app: Flask, client: FlaskClient, session: Session) -> None:
    add_person(app, EMAIL)
    sign_in(client, EMAIL)
    before = session.connection().exec_driver_sql("PRAGMA data_version").scalar()
    for path in ("/mi-cuenta", "/mi-cuenta/correos", "/mi-cuenta/mis-datos", "/mi-cuenta/segundo-factor", "/entrar"):
        client.get(path)
    assert session.connection().exec_driver_sql("PRAGMA data_version").scalar() == before


def test_a_static_file_does_not_touch_the_session(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL)
    sign_in(client, EMAIL)
    path = re.search(r'href="(/static/[^"]+\.css)"', client.get("/mis-cursos").text)
    assert path is not None
    answer = client.get(path[1])
    assert "Set-Cookie" not in answer.headers and "Cookie" not in answer.headers.get("Vary", "")


def test_one_select_recognises_a_person(app: Flask, client: FlaskClient) -> None:
    from sqlalchemy import event

    from webapp.core.db import db

    add_person(app, EMAIL, "trainer", "coordinator")
    sign_in(client, EMAIL)
    ran: list[str] = []

    def note(*arguments: object) -> None:
        ran.append(str(arguments[2]))

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
    assert client.get("/salir").status_code == 200
    assert len([statement for statement in ran if statement.lstrip().startswith("SELECT")]) == 1


def test_signing_in_and_out_is_in_the_log(app: Flask, client: FlaskClient, session: Session) -> None:
    person_id = add_person(app, EMAIL)
    sign_in(client, EMAIL)
    post(client, "/salir")
    events = session.execute(
        select(AuditEvent.actor_id, AuditEvent.action).filter_by(actor_id=person_id).order_by(AuditEvent.id)
    ).all()
    assert [tuple(event) for event in events] == [
        (person_id, "accounts.signed_in"),
        (person_id, "accounts.signed_out"),
    ]
