"""What the edge refuses before anything is read."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask
from flask.testing import FlaskClient

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
