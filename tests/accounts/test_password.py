"""Passwords as the other way in: signing in, resetting, changing, and which ones are refused."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.accounts.hands import add_person, letters, person, post, sign_in, token
from webapp.accounts.models import Person
from webapp.accounts.passwords import why_refused
from webapp.core.audit import AuditEvent
from webapp.core.clock import now
from webapp.core.db import transaction

EMAIL = "ana@dependencia.example"
PASSWORD = "tres gatos en la azotea"
OTHER = "cinco pelícanos y un faro"


def enter(client: FlaskClient, password: str = PASSWORD, email: str = EMAIL, next: str = "") -> TestResponse:
    return post(client, "/entrar/clave", email=email, password=password, next=next)


def test_a_password_opens_the_account_and_leads_on(app: Flask, client: FlaskClient, session: Session) -> None:
    add_person(app, EMAIL, password=PASSWORD)
    answer = enter(client, next="/mis-constancias")
    assert (answer.status_code, answer.location) == (303, "/mis-constancias")
    assert client.get("/mis-constancias").status_code == 200
    event = session.scalars(select(AuditEvent).filter_by(action="accounts.signed_in")).one()
    assert event.detail == {"via": "password"}


def test_the_way_to_a_new_password_is_offered_once(client: FlaskClient) -> None:
    assert client.get("/entrar/clave").text.count('href="/clave/restablecer"') == 1


def test_the_personal_address_opens_it_too(app: Flask, client: FlaskClient) -> None:
    person_id = add_person(app, EMAIL, password=PASSWORD)
    with app.app_context(), transaction() as writing:
        row = writing.get_one(Person, person_id)
        row.personal_email, row.personal_email_confirmed_at = "yo@casa.example", now()
    assert enter(client, email="YO@casa.example").status_code == 303


def test_a_wrong_password_and_an_unknown_address_look_the_same(app: Flask, session: Session) -> None:
    add_person(app, EMAIL, password=PASSWORD)
    add_person(app, "sin@dependencia.example")
    seen = []
    for email in (EMAIL, "sin@dependencia.example", "nadie@dependencia.example"):
        answer = enter(app.test_client(), "otra cosa distinta", email)
        seen.append((answer.status_code, re.sub(r'value="[^"]*"', "", answer.text)))
        assert "no coinciden" in answer.text
    assert seen[0] == seen[1] == seen[2]
    events = session.scalars(select(AuditEvent).filter_by(action="accounts.sign_in_failed")).all()
    assert len(events) == 3 and all(event.actor_id is None and "@" not in event.subject for event in events)


def test_the_eleventh_wrong_password_waits_but_another_network_may_enter(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL, password=PASSWORD)
    with time_machine.travel(now().replace(minute=2), tick=False):
        csrf = token(client, "/entrar/clave")
        for _number in range(10):
            client.post("/entrar/clave", data={"csrf_token": csrf, "email": EMAIL, "password": "x"})
        answer = client.post("/entrar/clave", data={"csrf_token": csrf, "email": EMAIL, "password": PASSWORD})
        assert answer.status_code == 429 and int(answer.headers["Retry-After"]) <= 900
        elsewhere = app.test_client()
        answer = elsewhere.post(
            "/entrar/clave",
            data={"csrf_token": token(elsewhere, "/entrar/clave"), "email": EMAIL, "password": PASSWORD},
            environ_base={"REMOTE_ADDR": "203.0.113.9"},
        )
        assert answer.status_code == 303


def test_the_hash_is_argon2id_at_the_chosen_cost(app: Flask) -> None:
    add_person(app, EMAIL, password=PASSWORD)
    found = person(app, EMAIL)
    assert found is not None and found.password is not None
    assert found.password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


# --- resetting --------------------------------------------------------------------------------------------------


def ask_reset(app: Flask, client: FlaskClient, email: str = EMAIL) -> TestResponse:
    return post(client, "/clave/restablecer", email=email)


def test_a_reset_link_sets_a_password_once_and_ends_the_sessions(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL, password=PASSWORD)
    inside = app.test_client()
    enter(inside)
    assert ask_reset(app, client).status_code == 303
    link = letters(app, EMAIL)[-1].link
    assert link.startswith("http://127.0.0.1:8000/clave/restablecer/")
    path = link.removeprefix("http://127.0.0.1:8000")
    assert client.get(path).status_code == 200
    assert client.get(path).status_code == 200  # looking spends nothing
    answer = post(client, path, password=OTHER, password_confirm=OTHER)
    assert (answer.status_code, answer.location) == (303, "/entrar/clave")
    assert client.get("/mis-cursos").status_code != 200  # it does not sign in by itself
    assert inside.get("/mis-cursos").status_code != 200
    assert client.get(path).location == "/clave/restablecer"  # used up
    assert enter(client, PASSWORD).status_code == 200 and enter(client, OTHER).status_code == 303


def test_a_reset_link_dies_after_an_hour(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL, password=PASSWORD)
    ask_reset(app, client)
    path = letters(app, EMAIL)[-1].link.removeprefix("http://127.0.0.1:8000")
    with time_machine.travel(now() + timedelta(hours=1, seconds=5)):
        answer = client.get(path, follow_redirects=True)
    assert "El enlace venció" in answer.text


def test_asking_for_a_reset_tells_nothing_and_always_mails(app: Flask) -> None:
    add_person(app, EMAIL, password=PASSWORD)
    seen = []
    for email in (EMAIL, "nadie@dependencia.example"):
        browser = app.test_client()
        answer = ask_reset(app, browser, email)
        page = browser.get(answer.location)
        seen.append((answer.status_code, answer.location, re.sub(r'value="[^"]{30,}"', "", page.text)))
        assert len(letters(app, email)) == 1
    assert seen[0] == seen[1]
    assert "http" not in letters(app, "nadie@dependencia.example")[0].text


def test_a_forged_reset_token_is_refused(client: FlaskClient) -> None:
    assert client.get("/clave/restablecer/zzz").location == "/clave/restablecer"
    assert post(client, "/clave/restablecer/zzz", page="/clave/restablecer", password="x").status_code == 303


# --- changing ---------------------------------------------------------------------------------------------------


def test_a_person_without_a_password_may_set_one(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL)
    sign_in(client, EMAIL)
    answer = post(client, "/mi-cuenta/clave", new_password=OTHER, new_password_confirm=OTHER)
    assert (answer.status_code, answer.location) == (303, "/mi-cuenta")
    assert client.get("/mi-cuenta").status_code == 200
    assert enter(app.test_client(), OTHER).status_code == 303


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL, password=PASSWORD)
    other = app.test_client()
    enter(client)
    enter(other)
    stolen = client.get_cookie("s")
    assert stolen is not None
    answer = post(client, "/mi-cuenta/clave", password=PASSWORD, new_password=OTHER, new_password_confirm=OTHER)
    assert answer.status_code == 303
    assert client.get("/mis-cursos").status_code == 200
    assert other.get("/mis-cursos").status_code != 200
    other.set_cookie("s", stolen.value)  # the token of before the change
    assert other.get("/mis-cursos").status_code != 200
    assert "contraseña nueva" in letters(app, EMAIL)[-1].text


def test_changing_needs_the_present_password(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL, password=PASSWORD)
    enter(client)
    answer = post(client, "/mi-cuenta/clave", password="no es esta", new_password=OTHER, new_password_confirm=OTHER)
    assert "La contraseña no coincide" in answer.text
    assert enter(app.test_client(), PASSWORD).status_code == 303


def test_setting_a_first_password_needs_a_fresh_proof(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL)
    sign_in(client, EMAIL)
    with time_machine.travel(now() + timedelta(minutes=31)):
        assert client.get("/mi-cuenta/clave").location == "/mi-cuenta/confirmar?next=/mi-cuenta/clave"


# --- which passwords --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    [
        "corta",
        "12345678",
        "87654321",
        "password",
        "Contraseña2026",
        "qwertyuiop",
        "aaaaaaaaaa",
        "transparencia",
        "AulaNorte2026",
        "abcdefghij",
        "ana.perez1",
        "x" * 129,
    ],
)
def test_a_weak_password_is_refused_with_a_reason(password: str) -> None:
    assert why_refused(password, ("ana.perez@dependencia.example", "Ana Pérez Núñez")) is not None


@pytest.mark.parametrize("password", [PASSWORD, OTHER, "Rk7#vq2!mZ", "correcto caballo batería grapa", "ñandú–6 días"])
def test_a_long_or_odd_password_is_accepted(password: str) -> None:
    assert why_refused(password, ("ana.perez@dependencia.example", "Ana Pérez Núñez")) is None


def test_a_refused_password_changes_nothing(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL, password=PASSWORD)
    enter(client)
    answer = post(
        client, "/mi-cuenta/clave", password=PASSWORD, new_password="12345678", new_password_confirm="12345678"
    )
    assert "primeras que alguien probaría" in answer.text
    assert enter(app.test_client(), PASSWORD).status_code == 303
