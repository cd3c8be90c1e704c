"""Passkeys, with a real browser and an authenticator that it imitates."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from tests.accounts.hands import add_person, letters
from tests.browser.conftest import chromium
from webapp.accounts.models import Passkey

EMAIL = "ana@dependencia.example"

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application on a port. Passkeys need a name: an address of numbers is none."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A phone with a fingerprint reader that always recognises its owner."""
    context = browser.new_context(base_url=address, locale="es-MX")
    opened = context.new_page()
    devtools = context.new_cdp_session(opened)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    yield opened
    context.close()


def send_code(page: Page, app: Flask) -> None:
    """Type the code of the latest letter, which leaves before the page that asks for it comes."""
    field = page.locator("input[name=code]")
    field.wait_for()
    field.fill(letters(app, EMAIL)[-1].code)  # which is sent as soon as it is whole


def enter_by_code(page: Page, app: Flask) -> None:
    page.goto("/entrar")
    page.fill("input[type=email]", EMAIL)
    page.get_by_role("button", name="Enviarme el código").click()
    send_code(page, app)
    page.wait_for_url(lambda url: "/entrar" not in url)


def add_passkey(page: Page, usage: str) -> None:
    page.goto("/mi-cuenta/llaves")
    page.fill("input[name=name]", "mi teléfono")
    page.check(f"input[value={usage}]")
    page.get_by_role("button", name="Continuar").click()
    page.get_by_text("Se agregó la llave").wait_for()


def sign_out(page: Page) -> None:
    page.goto("/salir")
    page.locator("main").get_by_role("button", name="Salir").click()
    page.wait_for_url(lambda url: "/salir" not in url)


def test_a_passkey_opens_the_account_alone_and_leads_on(app: Flask, page: Page, session: Session) -> None:
    add_person(app, EMAIL)
    enter_by_code(page, app)
    add_passkey(page, "first")
    row = session.scalars(select(Passkey)).one()
    assert (row.name, row.usage) == ("mi teléfono", "first")
    assert letters(app, EMAIL)[-1].subject == "Nueva llave de acceso en tu cuenta"
    sign_out(page)
    page.goto("/entrar/llave?next=/mis-constancias")
    page.get_by_role("button", name="Continuar").click()
    page.wait_for_url("**/mis-constancias")
    page.goto("/mi-cuenta/llaves")
    page.get_by_role("button", name="Quitar la llave").click()
    page.get_by_text("Se quitó la llave").wait_for()
    session.expire_all()
    assert session.scalars(select(Passkey)).all() == []


def test_a_passkey_as_second_step_is_asked_for_after_the_code(app: Flask, page: Page) -> None:
    add_person(app, EMAIL)
    enter_by_code(page, app)
    add_passkey(page, "secondary")
    sign_out(page)
    page.goto("/entrar?next=/mis-constancias")
    page.fill("input[type=email]", EMAIL)
    page.get_by_role("button", name="Enviarme el código").click()
    send_code(page, app)
    page.wait_for_url("**/entrar/llave")
    page.goto("/mis-cursos")
    assert "/entrar" in page.url
    page.goto("/entrar/llave")
    page.get_by_role("button", name="Continuar").click()
    page.wait_for_url("**/mis-constancias")


def test_a_passkey_proves_again_who_one_is(app: Flask, page: Page) -> None:
    add_person(app, EMAIL)
    enter_by_code(page, app)
    add_passkey(page, "first")
    page.goto("/mi-cuenta/confirmar/llave?next=/mi-cuenta/correos")
    page.get_by_role("button", name="Continuar").click()
    page.wait_for_url("**/mi-cuenta/correos")
