"""What the edge refuses before anything is read."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from tests.installations import MakeApp
from webapp.core.access import public
from webapp.core.web import BODY_LIMIT, safe_destination


@pytest.mark.sqlite_only
def test_a_body_that_is_too_large_is_refused_with_a_page_that_says_so(client: FlaskClient) -> None:
    answer = client.post("/entrar", data={"email": "a" * (BODY_LIMIT + 1)})
    assert answer.status_code == 413
    assert "<h1>" in answer.text


@pytest.mark.sqlite_only
def test_a_wrong_host_is_refused(app: Flask) -> None:
    assert app.test_client().get("/", headers={"Host": "malo.example"}).status_code == 400


@pytest.mark.sqlite_only
def test_a_form_without_its_token_is_refused_with_a_page(app: Flask) -> None:
    answer = app.test_client().post("/entrar", data={"email": "a@b.example"})
    assert answer.status_code == 400
    assert "csrf" in answer.text


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "target",
    [
        "//malo.example",
        "/\\malo.example",
        "https://malo.example",
        "https:malo",
        "/no-existe",
        "javascript:1",
        "",
        "/ x",
        "//[malo",
        "///malo.example",
        "/%2f/malo.example",
        "/\tcursos",
        "/cursos\r\nSet-Cookie: a=b",
        "cursos",
        "?next=/cursos",
    ],
)
def test_a_destination_that_is_not_ours_leads_home(app: Flask, target: str) -> None:
    with app.test_request_context():
        assert safe_destination(target, "/casa") == "/casa"


@pytest.mark.sqlite_only
def test_a_destination_of_ours_is_kept(app: Flask) -> None:
    with app.test_request_context():
        assert safe_destination("/cursos?x=1", "/") == "/cursos?x=1"


@pytest.mark.sqlite_only
def test_every_answer_carries_the_headers_that_protect_it(client: FlaskClient) -> None:
    for path in ("/", "/entrar", "/healthz", "/no-existe"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.sqlite_only
def test_a_page_is_packed_for_whoever_can_unpack_it(app: Flask) -> None:
    line = FlaskClient(
        app, app.response_class
    )  # the client of the other tests reads every page, so it wants them plain
    plain, packed = line.get("/entrar"), line.get("/entrar", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "<h1" in gzip.decompress(packed.data).decode()
    assert len(packed.data) == packed.content_length < len(plain.data) / 2
    assert "Accept-Encoding" in plain.vary
    assert "Accept-Encoding" in packed.vary


@pytest.mark.sqlite_only
def test_whoever_forges_the_headers_of_a_proxy_changes_nothing(app: Flask) -> None:
    """No proxy is trusted unless the settings name one: neither the host of a link nor the network that is counted."""
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "malo.example", "X-Forwarded-Proto": "https"}
    with app.test_request_context("/", headers=forged, environ_base={"REMOTE_ADDR": "198.51.100.7"}):
        assert (request.remote_addr, request.host, request.scheme) == ("198.51.100.7", "localhost", "http")
    page = app.test_client().get("/", headers=forged)
    assert page.status_code == 200 and "malo.example" not in page.text


@pytest.mark.sqlite_only
def test_behind_https_browsers_are_told_to_stay_there(make_app: MakeApp) -> None:
    app = make_app(AULA_BASE_URL="https://aula.example", AULA_DEMO="0", HOST="127.0.0.1")
    for path in ("/", "/no-existe", "/mi-cuenta"):
        answer = app.test_client().get(path, base_url="https://aula.example")
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000"), path


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/.env",
        "/config.py",
        "/var/aula.db",
        "/static/x/../../config.py",
        "/static/x/%2e%2e/%2e%2e/config.py",
        "/static/x//etc/passwd",
        "/console",
        "/debug",
        "/metrics",
        "/server-status",
        "/admin",
        "/api/v1/",
        "/apidoc/openapi.json",
        "/cursos/proteccion-de-datos-personales/material/1/course.yaml",
        "/cursos/proteccion-de-datos-personales/material/1/quizzes/banco.yaml",
        "/cursos/proteccion-de-datos-personales/material/1/../../../../config.py",
    ],
)
def test_nothing_of_the_machinery_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(path, follow_redirects=True).status_code == 404


@pytest.mark.sqlite_only
def test_methods_that_no_route_has_are_refused(client: FlaskClient) -> None:
    for method in ("TRACE", "PUT", "DELETE", "PATCH"):
        assert client.open("/cursos", method=method).status_code in {400, 405}, method


@pytest.mark.sqlite_only
def test_json_that_is_endlessly_deep_is_refused_like_any_form(client: FlaskClient) -> None:
    for path in ("/entrar", "/entrar/clave", "/verificar/A"):
        answer = client.post(path, data="[" * 200_000, content_type="application/json")
        assert answer.status_code in {400, 404, 415}, path


@pytest.mark.sqlite_only
def test_a_crash_tells_nothing_but_its_number(make_app: MakeApp) -> None:
    app = make_app()
    app.config["PROPAGATE_EXCEPTIONS"] = app.testing = False

    def crash() -> str:
        raise RuntimeError("secreto")

    app.view_functions["site.accessibility"] = public(crash)
    page = app.test_client().get("/accesibilidad")
    data = app.test_client().get("/accesibilidad", headers={"Accept": "application/json"})
    for answer in (page, data):
        assert answer.status_code == 500
        assert "secreto" not in answer.text and "Traceback" not in answer.text
    assert data.get_json()["error"]["request"]
