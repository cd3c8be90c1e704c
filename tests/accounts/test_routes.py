"""Every route of this room: marked, guarded against forged forms, and a page that can be read (the client looks)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.hands import add_person, person, post, sign_in
from webapp.core.access import mark_of

OURS = ("accounts.", "security.")
EMAIL = "ana@dependencia.example"


def paths(app: Flask, method: str) -> list[tuple[str, str]]:
    """(endpoint, path with harmless arguments) of this room's routes that take `method`."""
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if rule.endpoint.startswith(OURS) and method in (rule.methods or set()):
                arguments = {name: {"which": "personal", "grant_id": 1}.get(name, "x") for name in rule.arguments}
                found.append(
                    (rule.endpoint, app.url_map.bind("localhost").build(rule.endpoint, arguments, method=method))
                )
    return found


def test_every_route_is_marked(app: Flask) -> None:
    unmarked = [one for one in app.view_functions if one.startswith(OURS) and mark_of(app.view_functions[one]) is None]
    assert unmarked == []
    assert len([one for one in app.view_functions if one.startswith("security.")]) == 19


def test_the_parts_of_the_library_that_are_off_do_not_exist(app: Flask, client: FlaskClient) -> None:
    for path in (
        "/login",
        "/logout",
        "/register",
        "/reset",
        "/change",
        "/confirm",
        "/us-signin",
        "/verify",
        "/tf-setup",
        "/wan-register",
        "/refresh-token",
        "/fs-static/js/webauthn.js",
        "/entrar/segundo-factor/ayuda",
    ):
        assert client.get(path).status_code == 404, path


def test_every_form_without_a_token_is_refused(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL, "administrator")
    sign_in(client, EMAIL)
    for browser in (client, app.test_client()):
        for endpoint, path in paths(app, "POST"):
            assert browser.post(path, data={"email": "x@x.example"}).status_code == 400, endpoint


def test_every_private_page_asks_a_visitor_to_sign_in(app: Flask, client: FlaskClient) -> None:
    for endpoint, path in paths(app, "GET"):
        mark = mark_of(app.view_functions[endpoint])
        if mark is not None and mark.kind != "public":
            answer = client.get(path)
            assert (answer.status_code, answer.location) == (302, f"/entrar?next={path}"), endpoint


def test_json_is_no_other_door(app: Flask, client: FlaskClient) -> None:
    """The library would answer JSON with tokens; here a form is the only way."""
    add_person(app, EMAIL, password="tres gatos en la azotea")
    page = client.get("/entrar/clave", headers={"Accept": "application/json"})
    assert page.mimetype == "text/html"
    csrf = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert csrf is not None
    answer = client.post(
        "/entrar/clave?include_auth_token",
        json={"email": EMAIL, "password": "tres gatos en la azotea"},
        headers={"X-CSRFToken": csrf[1], "Accept": "application/json"},
    )
    assert "authentication_token" not in answer.text and answer.mimetype == "text/html"
    found = person(app, EMAIL)
    assert found is not None
    with app.test_request_context():
        forged = app.extensions["security"].remember_token_serializer.dumps(
            {"ver": "5", "uid": found.fs_uniquifier, "exp": 0}
        )
    outside = app.test_client()
    for headers in ({"Authentication-Token": forged}, {"Authorization": "Basic YTpi"}):
        assert outside.get("/mi-cuenta", headers=headers).status_code == 302
    assert outside.get(f"/mi-cuenta?auth_token={forged}").status_code == 302


def test_pages_of_visitors_can_be_read(app: Flask, client: FlaskClient) -> None:
    post(client, "/entrar", email=EMAIL)
    for path in ("/entrar", "/entrar/codigo", "/entrar/clave", "/entrar/llave", "/clave/restablecer", "/privacidad"):
        answer = client.get(path)
        assert answer.status_code == 200, path


def test_pages_of_an_account_and_the_desk_can_be_read(app: Flask, client: FlaskClient) -> None:
    sign_in(client, "nueva@dependencia.example")
    assert client.get("/registro").status_code == 200
    assert post(client, "/registro", given_names="").status_code == 422
    add_person(app, EMAIL, "administrator", password="tres gatos en la azotea")
    sign_in_again = app.test_client()
    sign_in(sign_in_again, EMAIL)
    found = person(app, EMAIL)
    assert found is not None
    for path in (
        "/mi-cuenta",
        "/mi-cuenta/datos",
        "/mi-cuenta/trabajo",
        "/mi-cuenta/correos",
        "/mi-cuenta/confirmar",
        "/mi-cuenta/confirmar/clave",
        "/mi-cuenta/clave",
        "/mi-cuenta/segundo-factor",
        "/mi-cuenta/codigos-de-respaldo",
        "/mi-cuenta/llaves",
        "/mi-cuenta/confirmar/llave",
        "/mi-cuenta/mis-datos",
        "/salir",
        "/administracion/personas",
        f"/administracion/personas/{found.public_id}",
    ):
        answer = sign_in_again.get(path)
        assert answer.status_code == 200, path
    assert post(sign_in_again, "/mi-cuenta/segundo-factor", setup="authenticator").status_code == 200
    assert post(sign_in_again, "/mi-cuenta/llaves", name="mi llave", usage="first").status_code == 200
    assert post(sign_in_again, "/mi-cuenta/codigos-de-respaldo").status_code == 200


def test_the_set_up_page_can_be_read(strict_app: Flask) -> None:
    assert strict_app.test_client().get("/instalacion").status_code == 200


@pytest.mark.parametrize("email", ["<b onx=1>@x.example", "\"'><b onx=1>"])
def test_hostile_addresses_are_shown_as_text(client: FlaskClient, email: str) -> None:
    answer = post(client, "/entrar", email=email)
    assert answer.status_code == 422 and "<b onx" not in answer.text


def test_private_pages_are_kept_by_nobody(app: Flask, client: FlaskClient) -> None:
    add_person(app, EMAIL)
    sign_in(client, EMAIL)
    for path in ("/mi-cuenta", "/mi-cuenta/clave", "/mi-cuenta/mis-datos.json"):
        assert "no-store" in client.get(path).headers["Cache-Control"], path


def test_the_cookie_is_guarded(make_app: Callable[..., Flask]) -> None:
    app = make_app(AULA_BASE_URL="https://aula.example", AULA_DEMO="0", HOST="127.0.0.1")
    browser = app.test_client()
    answer = browser.get("/entrar", base_url="https://aula.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-s=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
