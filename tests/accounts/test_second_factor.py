"""The second step: set up, asked for, never skipped, and required of staff outside of a demonstration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from passlib.totp import TOTP
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.accounts.hands import add_person, letters, person, post, sign_in, token
from webapp.accounts import services
from webapp.accounts.models import Person
from webapp.core.audit import AuditEvent
from webapp.core.clock import now
from webapp.core.db import transaction

EMAIL = "ana@dependencia.example"
PASSWORD = "tres gatos en la azotea"
SETUP = "/mi-cuenta/segundo-factor"
VALIDATE = "/entrar/segundo-factor"


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """Codes change every half minute: here time stands still unless a test moves it."""
    with time_machine.travel(now().replace(minute=3, second=10), tick=False):
        yield


def app_code(key: str, at: float | None = None) -> str:
    """What an authenticator app shows for a key."""
    return str(TOTP(key=key.replace(" ", "").replace("-", "")).generate(at or now().timestamp()).token)


def set_up(client: FlaskClient) -> str:
    """Set the second step up for whoever is signed in, and return the key that the app holds."""
    page = post(client, SETUP, setup="authenticator").text
    key = re.search(r"<code>([A-Z0-9 -]+)</code>", page)
    action = re.search(r'action="(/mi-cuenta/segundo-factor/[^"]+)"', page)
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert key and action and csrf
    # One window back, so that the next sign-in may use the present one.
    code = app_code(key[1], now().timestamp() - 30)
    answer = client.post(action[1], data={"csrf_token": csrf[1], "code": code})
    assert answer.location == "/mi-cuenta/codigos-de-respaldo", answer.text
    return key[1]


def guarded(app: Flask, *roles: str) -> str:
    """A person with password and second step; the key of the app."""
    add_person(app, EMAIL, *roles, password=PASSWORD)  # type: ignore[arg-type]
    browser = app.test_client()
    sign_in(browser, EMAIL)
    return set_up(browser)


def is_inside(client: FlaskClient) -> bool:
    return client.get("/mis-cursos").status_code == 200


def test_a_code_is_followed_by_the_second_step_which_leads_on(app: Flask, client: FlaskClient) -> None:
    key = guarded(app)
    answer = sign_in(client, EMAIL, next="/mis-constancias")
    assert (answer.status_code, answer.location) == (303, VALIDATE)
    assert not is_inside(client)
    answer = post(client, VALIDATE, code=app_code(key))
    assert (answer.status_code, answer.location) == (303, "/mis-constancias")
    assert is_inside(client)


def test_a_password_is_followed_by_the_second_step_which_leads_on(app: Flask, client: FlaskClient) -> None:
    key = guarded(app)
    answer = post(client, "/entrar/clave", email=EMAIL, password=PASSWORD, next="/mis-constancias")
    assert answer.location.startswith(VALIDATE) and not is_inside(client)
    post(client, VALIDATE, code="000000" if app_code(key) != "000000" else "111111")
    assert not is_inside(client)
    assert post(client, VALIDATE, code=app_code(key)).location == "/mis-constancias"


def test_the_second_step_cannot_be_skipped(app: Flask, client: FlaskClient) -> None:
    guarded(app)
    sign_in(client, EMAIL)
    for path in (
        "/mi-cuenta",
        "/mis-cursos",
        "/mi-cuenta/clave",
        "/mi-cuenta/codigos-de-respaldo",
        "/mi-cuenta/llaves",
    ):
        assert client.get(path).location.startswith("/entrar?next="), path
    answer = client.get(SETUP)  # nor replaced on the way in
    assert answer.status_code == 302 and answer.location == "/entrar"
    assert client.get("/entrar/codigo").location == "/entrar"


def test_nobody_gets_to_the_second_step_without_the_first(client: FlaskClient) -> None:
    for path in (VALIDATE, "/entrar/codigo-de-respaldo", "/entrar/segundo-factor/elegir", SETUP):
        assert client.get(path).location == "/entrar", path


def test_a_code_of_the_app_works_once(app: Flask, client: FlaskClient) -> None:
    key = guarded(app)
    with time_machine.travel(now() + timedelta(minutes=2), tick=False):
        code = app_code(key)
        sign_in(client, EMAIL)
        assert post(client, VALIDATE, code=code).status_code == 303
        again = app.test_client()
        sign_in(again, EMAIL)
        answer = post(again, VALIDATE, code=code)
        assert "ya se usó" in answer.text and not is_inside(again)


def test_guessing_the_app_is_stopped(app: Flask, client: FlaskClient, session: Session) -> None:
    key = guarded(app)
    with time_machine.travel(now() + timedelta(hours=1), tick=False):
        wrong = "000000" if app_code(key) != "000000" else "111111"
        sign_in(client, EMAIL)
        csrf = token(client, VALIDATE)
        for _number in range(10):
            client.post(VALIDATE, data={"csrf_token": csrf, "code": wrong})
        answer = client.post(VALIDATE, data={"csrf_token": csrf, "code": app_code(key)})
        assert answer.status_code == 429 and "Retry-After" in answer.headers
    failures = session.scalars(select(AuditEvent).filter_by(action="accounts.sign_in_failed")).all()
    assert len(failures) == 10


def test_a_backup_code_enters_once(app: Flask, client: FlaskClient) -> None:
    guarded(app)
    inside = app.test_client()
    sign_in(inside, EMAIL)
    post(inside, VALIDATE, code=_key_of(app))
    page = post(inside, "/mi-cuenta/codigos-de-respaldo").text
    codes = re.findall(r"<code>([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4})</code>", page)
    assert len(codes) == 8
    sign_in(client, EMAIL)
    assert post(client, "/entrar/codigo-de-respaldo", code="0000-0000-0000").status_code == 200
    assert not is_inside(client)
    assert post(client, "/entrar/codigo-de-respaldo", code=codes[0]).status_code == 303
    assert is_inside(client)
    again = app.test_client()
    sign_in(again, EMAIL)
    assert "ya se usó" in post(again, "/entrar/codigo-de-respaldo", code=codes[0]).text
    found = person(app, EMAIL)
    assert found is not None and found.mf_recovery_codes is not None
    assert len(found.mf_recovery_codes) == 7 and all(code not in str(found.mf_recovery_codes) for code in codes)


def _key_of(app: Flask) -> str:
    """The code that the app shows now, read from the sealed secret as the platform does."""
    with app.app_context():
        found = person(app, EMAIL)
        assert found is not None and found.tf_totp_secret is not None
        return str(app.extensions["security"].totp_factory.generate_totp_password(found.tf_totp_secret))


def test_the_secret_of_the_app_is_sealed_in_the_database(app: Flask) -> None:
    key = guarded(app)
    found = person(app, EMAIL)
    assert found is not None and found.tf_totp_secret is not None
    assert key.replace("-", "").replace(" ", "") not in found.tf_totp_secret
    assert '"enckey"' in found.tf_totp_secret


def test_the_second_step_can_be_switched_off_with_a_fresh_proof_and_is_told_by_mail(
    app: Flask, client: FlaskClient
) -> None:
    guarded(app)
    assert letters(app, EMAIL)[-1].subject == "Tu cuenta pide ahora un segundo paso"
    sign_in(client, EMAIL)
    post(client, VALIDATE, code=_key_of(app))
    assert post(client, SETUP, setup="disable").status_code == 303
    found = person(app, EMAIL)
    assert found is not None and found.tf_primary_method is None
    assert letters(app, EMAIL)[-1].subject == "Tu cuenta ya no pide un segundo paso"
    with time_machine.travel(now() + timedelta(minutes=31)):
        assert client.get(SETUP).location == f"/mi-cuenta/confirmar?next={SETUP}"


def test_a_wrong_code_does_not_set_it_up(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL)
    sign_in(client, EMAIL)
    page = post(client, SETUP, setup="authenticator").text
    action, csrf = (
        re.search(r'action="(/mi-cuenta/segundo-factor/[^"]+)"', page),
        re.search(r'name="csrf_token" value="([^"]+)"', page),
    )
    assert action is not None and csrf is not None
    answer = client.post(action[1], data={"csrf_token": csrf[1], "code": "12345"})
    assert (answer.status_code, answer.location) == (303, SETUP)
    assert "no coincide" in client.get(SETUP).text
    found = person(app, EMAIL)
    assert found is not None and found.tf_primary_method is None


# --- staff outside of a demonstration ---------------------------------------------------------------------------


def test_staff_without_a_second_step_reaches_only_its_set_up(strict_app: Flask) -> None:
    add_person(strict_app, EMAIL, "trainer")
    browser = strict_app.test_client()
    answer = sign_in(browser, EMAIL)
    assert answer.location == SETUP
    assert browser.get("/mi-cuenta").location.startswith("/entrar?next=")
    page = post(browser, SETUP, setup="authenticator").text
    key = re.search(r"<code>([A-Z0-9 -]+)</code>", page)
    assert key is not None and f'action="{VALIDATE}"' in page
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert csrf is not None
    answer = browser.post(VALIDATE, data={"csrf_token": csrf[1], "code": app_code(key[1])})
    assert (answer.status_code, answer.location) == (303, "/mi-cuenta/codigos-de-respaldo")
    assert is_inside(browser)


def test_staff_cannot_switch_the_second_step_off(strict_app: Flask) -> None:
    add_person(strict_app, EMAIL, "coordinator")
    browser = strict_app.test_client()
    sign_in(browser, EMAIL)
    page = post(browser, SETUP, setup="authenticator").text
    key, csrf = re.search(r"<code>([A-Z0-9 -]+)</code>", page), re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert key is not None and csrf is not None
    browser.post(VALIDATE, data={"csrf_token": csrf[1], "code": app_code(key[1])})
    assert "Desactivar" not in browser.get(SETUP).text
    post(browser, SETUP, setup="disable")
    found = person(strict_app, EMAIL)
    assert found is not None and found.tf_primary_method == "authenticator"


def test_who_becomes_staff_while_signed_in_must_set_it_up_at_once(strict_app: Flask) -> None:
    person_id = add_person(strict_app, EMAIL)
    browser = strict_app.test_client()
    sign_in(browser, EMAIL)
    assert is_inside(browser)
    with strict_app.app_context(), transaction() as writing:
        services.grant_role(writing, None, writing.get_one(Person, person_id), "trainer", None, None, now())
    assert browser.get("/mis-cursos").location == SETUP
    assert browser.get("/mi-cuenta").location == SETUP
    assert browser.get("/salir").status_code == 200
    set_up(browser)
    assert is_inside(browser)


def test_in_a_demonstration_staff_enters_without_it(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL, "administrator")
    sign_in(client, EMAIL)
    assert is_inside(client)


def test_learners_may_do_without_it_anywhere(strict_app: Flask) -> None:
    add_person(strict_app, EMAIL)
    browser = strict_app.test_client()
    sign_in(browser, EMAIL)
    assert is_inside(browser)
