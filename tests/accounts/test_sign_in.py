"""Coming in by a mailed code."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from tests.accounts.hands import NAMES, a_subject, add_person, letters, person, post, sign_in, token
from webapp.accounts.models import Person, SignInCode
from webapp.core.audit import AuditEvent
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.jobs import run_due_jobs
from webapp.core.mail import OutboxMessage


def ask(client: FlaskClient, email: str, **more: str) -> str:
    """Ask for a code and read it in the mail."""
    assert post(client, "/entrar", email=email, **more).status_code == 303
    return letters(client.application, email.lower())[-1].code


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_new_address_gets_a_code_registers_and_lands_where_it_was_going(app: Flask, client: FlaskClient) -> None:
    answer = sign_in(client, "Nueva@Dependencia.example", next="/cursos")
    assert (answer.status_code, answer.location) == (303, "/registro?next=/cursos")
    page = client.get(answer.location)
    assert page.status_code == 200
    answer = post(
        client, "/registro?next=/cursos", accept="y", subject=a_subject(app).public_id, subject_name="x", **NAMES
    )
    assert (answer.status_code, answer.location) == (303, "/cursos")
    found = person(app, "nueva@dependencia.example")
    assert found is not None and found.full_name == "María José Ibarra Cota"
    assert "María Ibarra" in client.get("/cursos").text


def test_a_known_address_enters_its_account(app: Flask, client: FlaskClient) -> None:
    add_person(app, "ana@dependencia.example")
    assert sign_in(client, "ana@dependencia.example", next="/mis-constancias").location == "/mis-constancias"
    assert "Ana Pérez" in client.get("/mis-cursos").text


def test_nothing_on_screen_tells_a_known_address_from_an_unknown_one(app: Flask) -> None:
    add_person(app, "conocida@dependencia.example")
    seen = []
    for address in ("conocida@dependencia.example", "cualquiera@dependencia.example"):
        browser = app.test_client()
        first = post(browser, "/entrar", email=address)
        second = browser.get("/entrar/codigo")
        text = re.sub(r'value="[^"]{40,}"', "", second.text).replace(address, "ADDRESS")
        seen.append((first.status_code, first.location, first.text, second.status_code, text))
        (letter,) = letters(app, address)
        assert (letter.subject, len(letter.code)) == ("Tu código para entrar a Aula Norte", 6)
    assert seen[0] == seen[1]


def test_the_same_statements_run_for_a_known_and_an_unknown_address(app: Flask) -> None:
    add_person(app, "conocida@dependencia.example")
    ran: list[str] = []

    def note(*arguments: Any) -> None:
        ran.append(arguments[2])

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
    seen = []
    for address in ("primera@dependencia.example", "conocida@dependencia.example", "nadie@dependencia.example"):
        browser = app.test_client()
        csrf = token(browser)
        ran.clear()
        browser.post("/entrar", data={"csrf_token": csrf, "email": address})
        seen.append(list(ran))
    assert len(seen[1]) > 5 and seen[1] == seen[2]


def test_a_wrong_code_is_refused_and_counts(app: Flask, client: FlaskClient, session: Session) -> None:
    code = ask(client, "ana@dependencia.example")
    for left in (4, 3, 2, 1):
        answer = post(client, "/entrar/codigo", code=other_than(code))
        assert answer.status_code == 422
        assert f"Te quedan {left} intentos" in answer.text
    answer = post(client, "/entrar/codigo", code=other_than(code))
    assert "hubo cinco intentos" in answer.text
    answer = post(client, "/entrar/codigo", code=code)
    assert answer.status_code == 422 and "hubo cinco intentos" in answer.text
    assert session.scalar(select(func.count()).select_from(Person)) == 0
    failures = session.scalars(select(AuditEvent).filter_by(action="accounts.sign_in_failed")).all()
    assert len(failures) == 6 and all("ana" not in one.subject for one in failures)


def test_a_code_works_once(app: Flask, client: FlaskClient) -> None:
    code = ask(client, "ana@dependencia.example")
    waiting = client.get_cookie("s")
    assert waiting is not None
    csrf = token(client, "/entrar/codigo")
    assert client.post("/entrar/codigo", data={"csrf_token": csrf, "code": code}).status_code == 303
    again = app.test_client()
    again.set_cookie("s", waiting.value)
    answer = post(again, "/entrar/codigo", code=code)
    assert answer.status_code == 422 and "ya se usó" in answer.text


def test_a_code_dies_after_ten_minutes(app: Flask, client: FlaskClient) -> None:
    code = ask(client, "ana@dependencia.example")
    with time_machine.travel(now() + timedelta(minutes=10, seconds=1)):
        answer = post(client, "/entrar/codigo", code=code)
    assert answer.status_code == 422 and "El código venció" in answer.text


def test_looking_at_the_page_of_the_code_spends_nothing(app: Flask, client: FlaskClient, session: Session) -> None:
    code = ask(client, "ana@dependencia.example")
    for _number in range(10):
        assert client.get("/entrar/codigo").status_code == 200
        assert client.get(f"/entrar/codigo?code={code}").status_code == 200
    assert session.scalar(select(SignInCode.tries)) == 0
    assert post(client, "/entrar/codigo", code=code).status_code == 303


def test_a_code_of_another_browser_does_not_open_this_one(app: Flask) -> None:
    mine, theirs = app.test_client(), app.test_client()
    code = ask(mine, "ana@dependencia.example")
    while ask(theirs, "ana@dependencia.example") == code:
        continue
    answer = post(theirs, "/entrar/codigo", code=code)
    assert answer.status_code == 422 and "no coincide" in answer.text


def test_a_code_is_kept_only_as_a_hash_and_the_mail_is_emptied_when_sent(app: Flask, client: FlaskClient) -> None:
    code = ask(client, "ana@dependencia.example")
    with app.app_context():
        row = db.session.scalars(select(SignInCode)).one()
        assert code not in (row.code_hash, row.handle) and len(row.code_hash) == 64
        run_due_jobs()
        assert db.session.scalars(select(OutboxMessage.text)).one() == ""


def test_another_code_can_be_asked_for(app: Flask, client: FlaskClient) -> None:
    ask(client, "ana@dependencia.example", next="/cursos")
    answer = post(client, "/entrar/codigo/otro", page="/entrar/codigo")
    assert answer.status_code == 303
    first, second = letters(app, "ana@dependencia.example")
    answer = post(client, "/entrar/codigo", code=second.code)
    assert answer.location == "/registro?next=/cursos"
    assert first.subject == second.subject


def test_a_code_may_be_typed_with_spaces(client: FlaskClient) -> None:
    code = ask(client, "ana@dependencia.example")
    assert post(client, "/entrar/codigo", code=f" {code[:3]} {code[3:]} ").status_code == 303


def test_the_code_field_lets_the_phone_fill_it_in(client: FlaskClient) -> None:
    ask(client, "ana@dependencia.example")
    page = client.get("/entrar/codigo").text
    assert 'autocomplete="one-time-code"' in page and 'inputmode="numeric"' in page


@pytest.mark.parametrize(
    "address", ["", "ana", "ana@", "@x.mx", "ana@x", "a b@x.mx", "ana@x.mx\r\nBcc: otra@x.mx", "ñ@x.mx"]
)
def test_what_is_no_address_is_refused_and_nothing_is_mailed(app: Flask, client: FlaskClient, address: str) -> None:
    assert post(client, "/entrar", email=address).status_code == 422
    assert letters(app) == []


def test_the_sixth_code_in_a_quarter_of_an_hour_is_refused_with_a_time_to_wait(app: Flask, client: FlaskClient) -> None:
    with time_machine.travel(now().replace(minute=1), tick=False):
        for _number in range(5):
            ask(client, "ana@dependencia.example")
        answer = post(app.test_client(), "/entrar", email="ANA@dependencia.example")
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 900
        assert len(letters(app, "ana@dependencia.example")) == 5
        assert post(app.test_client(), "/entrar", email="otra@dependencia.example").status_code == 303


@pytest.mark.parametrize(
    "attack",
    [
        "https://malo.example/",
        "//malo.example/",
        "/\\malo.example",
        "\\\\malo.example",
        "https:malo.example",
        "javascript:alert(1)",
        "/%09//malo.example",
        "\t//malo.example",
        "/no-existe",
        "http://localhost.malo.example/",
    ],
)
def test_a_hostile_next_leads_home(app: Flask, client: FlaskClient, attack: str) -> None:
    add_person(app, "ana@dependencia.example")
    assert sign_in(client, "ana@dependencia.example", next=attack).location == "/mis-cursos"


def test_a_hostile_next_in_the_address_leads_home_with_a_password_too(app: Flask, client: FlaskClient) -> None:
    add_person(app, "ana@dependencia.example", password="tres gatos en la azotea")
    answer = client.post(
        "/entrar/clave?next=//malo.example",
        data={
            "csrf_token": token(client, "/entrar/clave"),
            "email": "ana@dependencia.example",
            "password": "tres gatos en la azotea",
            "next": "//malo.example",
        },
    )
    assert "malo" not in answer.headers.get("Location", "")


def test_a_deactivated_account_does_not_open(app: Flask, client: FlaskClient) -> None:
    person_id = add_person(app, "ana@dependencia.example")
    with app.app_context(), transaction() as session:
        session.get_one(Person, person_id).active = False
    answer = sign_in(client, "ana@dependencia.example")
    assert answer.status_code == 422 and "desactivada" in answer.text
    assert client.get("/mis-cursos").location == "/entrar?next=/mis-cursos"


def test_the_mail_speaks_the_language_of_its_reader(app: Flask, client: FlaskClient) -> None:
    add_person(app, "ann@agency.example", language="en")
    sign_in(client, "ann@agency.example")
    (letter,) = letters(app, "ann@agency.example")
    assert letter.text.startswith(letter.code)


def test_a_page_asks_to_sign_in_and_a_script_gets_401(client: FlaskClient) -> None:
    assert client.get("/mi-cuenta?x=1").location == "/entrar?next=/mi-cuenta?x%3D1"
    assert client.get("/mi-cuenta", headers={"Accept": "application/json"}).status_code == 401


def test_public_pages_set_no_session_cookie(client: FlaskClient) -> None:
    for path in ("/", "/cursos", "/privacidad", "/healthz"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers, path


def test_a_static_file_does_not_depend_on_the_cookie(client: FlaskClient) -> None:
    path = re.search(r'href="(/static/[^"]+\.css)"', client.get("/cursos").text)
    assert path is not None
    assert "Cookie" not in client.get(path[1]).headers.get("Vary", "")
