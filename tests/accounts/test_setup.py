"""The first administrator of an installation without a demonstration."""

from __future__ import annotations

from click.testing import Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.accounts.hands import post
from webapp.accounts import queries, services
from webapp.accounts.models import SetupCode
from webapp.core.clock import now
from webapp.core.db import db, transaction

EMAIL = "primera@dependencia.example"


def ask_console(app: Flask) -> Result:
    with app.app_context():
        return app.test_cli_runner().invoke(args=["people", "setup-code"])


def make_code(app: Flask) -> str:
    with app.app_context(), transaction() as session:
        code = services.ensure_setup_code(session, now())
    assert code is not None
    return code


def test_the_code_of_the_console_makes_the_first_administrator_who_sets_the_second_step_up(strict_app: Flask) -> None:
    code = make_code(strict_app)
    browser = strict_app.test_client()
    answer = post(browser, "/instalacion", code=f" {code.lower()} ", email=EMAIL)
    assert (answer.status_code, answer.location) == (303, "/mi-cuenta/segundo-factor")
    with strict_app.app_context():
        assert queries.active_administrators(db.session()) == 1
        assert services.needs_setup(db.session()) is False
    assert browser.get("/instalacion").status_code == 404


def test_a_wrong_code_makes_nobody(strict_app: Flask) -> None:
    make_code(strict_app)
    answer = post(strict_app.test_client(), "/instalacion", code="AAAA-BBBB-CCCC-DDDD-EEEE", email=EMAIL)
    assert answer.status_code == 422 and "no es el de la consola" in answer.text
    with strict_app.app_context():
        assert queries.active_administrators(db.session()) == 0
        assert queries.person_by_email(db.session(), EMAIL) is None


def test_a_newer_code_replaces_the_one_before(strict_app: Flask) -> None:
    first, second = make_code(strict_app), make_code(strict_app)
    assert post(strict_app.test_client(), "/instalacion", code=first, email=EMAIL).status_code == 422
    assert post(strict_app.test_client(), "/instalacion", code=second, email=EMAIL).status_code == 303


def test_a_code_is_kept_as_a_hash(strict_app: Flask) -> None:
    code = make_code(strict_app)
    with strict_app.app_context():
        row = db.session.scalars(select(SetupCode)).one()
    assert code not in row.code_hash and len(row.code_hash) == 64


def test_guessing_the_code_is_stopped(strict_app: Flask) -> None:
    make_code(strict_app)
    browser = strict_app.test_client()
    answers = [post(browser, "/instalacion", code="X", email=EMAIL).status_code for _time in range(11)]
    assert answers == [422] * 10 + [429]


def test_a_demonstration_has_no_set_up_page(app: Flask, session: Session) -> None:
    assert app.test_client().get("/instalacion").status_code == 404
    result = ask_console(app)
    assert result.exit_code == 1 and "AULA_DEMO=0" in result.output


def test_the_console_prints_the_code_with_its_address(strict_app: Flask) -> None:
    result = ask_console(strict_app)
    assert result.exit_code == 0 and "http://127.0.0.1:8000/instalacion" in result.output
    code = result.output.split()[-1]
    assert post(strict_app.test_client(), "/instalacion", code=code, email=EMAIL).status_code == 303
    result = ask_console(strict_app)
    assert result.exit_code == 1 and "already" in result.output
