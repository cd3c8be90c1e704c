"""When something goes wrong: a designed page for people, the same shape of JSON for scripts, and never a bare traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.exceptions import TooManyRequests

from tests.learning.learners import add_person, sign_in
from webapp.core.access import public
from webapp.core.db import db, transaction
from webapp.core.web import DESIGNED_ERRORS

JSON = {"Accept": "application/json"}


@pytest.fixture
def failing(app: Flask) -> Flask:
    """The application as in production, with addresses that fail as their name says."""
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @public
    def fail(status: int) -> Any:
        if status == 429:
            raise TooManyRequests(retry_after=90)
        abort(status)

    @public
    def crash(how: str) -> Any:
        if how == "reading":
            db.session.execute(text("SELECT * FROM no_such_table"))
        if how == "writing":
            with transaction() as session:
                session.execute(text("INSERT INTO no_such_table VALUES (1)"))
        raise RuntimeError("the name of a person, say")

    app.add_url_rule("/prueba/<int:status>", "test_fail", fail)
    app.add_url_rule("/prueba/<how>", "test_crash", crash)
    return app


@pytest.mark.sqlite_only
@pytest.mark.parametrize("status", sorted(DESIGNED_ERRORS - {401}))
def test_every_status_has_a_page_and_its_json(failing: Flask, status: int) -> None:
    client = failing.test_client()
    page = client.get(f"/prueba/{status}")
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert "error-page" in page.text
    assert f"<code>{status} · " in page.text
    english = client.get(f"/prueba/{status}", headers={"Accept-Language": "en"}).text
    assert english.partition("<h1>")[2].partition("<")[0] != page.text.partition("<h1>")[2].partition("<")[0]
    answer = client.get(f"/prueba/{status}", headers=JSON)
    assert (answer.status_code, answer.mimetype) == (status, "application/json")
    assert answer.json is not None
    assert answer.json["error"].keys() == {"code", "message", "request"}
    assert answer.json["error"]["code"] == str(status)


@pytest.mark.sqlite_only
def test_a_status_without_a_page_of_its_own_gets_the_nearest(failing: Flask) -> None:
    for status in (418, 501):
        page = failing.test_client().get(f"/prueba/{status}")
        assert (page.status_code, "error-page" in page.text) == (status, True)


@pytest.mark.sqlite_only
def test_who_is_told_to_wait_is_told_how_long(failing: Flask) -> None:
    assert failing.test_client().get("/prueba/429").headers["Retry-After"] == "90"


@pytest.mark.parametrize("how", ["anywhere", "reading", "writing"])
def test_a_crash_shows_a_page_that_tells_nothing_about_it(
    failing: Flask, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Also for who is signed in, whose name the page reads from the database in which something has just failed."""
    client = sign_in(failing, add_person(failing))
    page = client.get(f"/prueba/{how}")
    assert (page.status_code, "error-page" in page.text) == (500, True)
    assert "no_such_table" not in page.text
    assert "Marina" in page.text
    request_id = page.text.partition("500 · ")[2].partition("<")[0]
    assert request_id in caplog.text
    answer = client.get(f"/prueba/{how}", headers=JSON)
    assert answer.json is not None
    assert answer.json["error"].keys() == {"code", "message", "request"}
    assert client.get("/mi-cuenta").status_code == 200  # the next request has a clean database session


@pytest.mark.sqlite_only
def test_a_database_that_is_gone_still_leaves_a_page(failing: Flask) -> None:
    client = sign_in(failing, add_person(failing))
    with failing.app_context():
        db.session.remove()
        db.engine.dispose()
    database = Path(failing.config["DATA_DIR"]) / "aula.db"
    for path in database.parent.glob("aula.db*"):
        path.unlink()
    database.mkdir()  # so that no new one is made
    page = client.get("/mis-cursos")
    assert (page.status_code, "error-page" in page.text) == (500, True)
    answer = client.get("/mis-cursos", headers=JSON)
    assert (answer.status_code, answer.mimetype) == (500, "application/json")
    assert failing.test_client().get("/readyz").status_code == 503
    assert failing.test_client().get("/healthz").status_code == 200


@pytest.mark.sqlite_only
@pytest.mark.parametrize("name", ["../config.py", "..%2f..%2fconfig.py", "a" * 300, "css", "%ff"])
def test_a_static_file_that_does_not_exist_is_not_found(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/x/{name}").status_code == 404


@pytest.mark.sqlite_only
def test_a_static_file_is_kept_for_ever_under_the_name_of_its_content_only(client: FlaskClient, app: Flask) -> None:
    with app.test_request_context():
        address = app.jinja_env.globals["static"]("css/aula.css")  # type: ignore[operator]
    assert "immutable" in client.get(address).headers["Cache-Control"]
    assert client.get("/static/old/css/aula.css").headers["Cache-Control"] == "no-cache"


@pytest.mark.sqlite_only
def test_a_request_that_is_too_large_is_refused_for_people_and_scripts(client: FlaskClient, app: Flask) -> None:
    body = b"email=" + b"a" * (int(app.config["MAX_CONTENT_LENGTH"]) + 1)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/entrar", data=body, headers=form).status_code == 413
    answer = client.post("/entrar", data=body, headers=form | JSON)
    assert answer.json is not None
    assert answer.json["error"]["code"] == "413"


@pytest.mark.sqlite_only
@pytest.mark.parametrize("host", ["malo.example", "localhost.malo.example", "127.0.0.1@malo.example", "[::2]", "a b"])
def test_a_host_that_is_not_ours_gets_a_plain_refusal(app: Flask, host: str) -> None:
    answer = app.test_client().get("/", headers={"Host": host})
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert "malo" not in answer.text


@pytest.mark.sqlite_only
def test_hosts_of_ours_are_answered_with_any_port(app: Flask) -> None:
    for host in ("127.0.0.1", "127.0.0.1:8000"):  # localhost is the host of packages
        assert app.test_client().get("/healthz", headers={"Host": host}).status_code == 200
