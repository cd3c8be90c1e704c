"""The console: each command does what it says, shows how it is typed, and refuses in words and with a status."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

import aula
import config
from tests.conftest import Write
from tests.core.console import done, invoke, refused
from tests.installations import MakeApp
from tests.learning.learners import add_person
from tests.servers import free_port
from webapp.accounts.models import Person
from webapp.core.db import db, transaction

pytestmark = pytest.mark.sqlite_only
NOBODY = "nadie@dependencia.example"
COURSES = config.ROOT / "courses"


@pytest.fixture
def person(app: Flask, session: Session) -> str:
    """The address of somebody who has an account."""
    return session.get_one(Person, add_person(app)).email


# --- what is refused --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        (("restore", "/no/such/file", "--yes"), "does not exist"),
        (("downgrade", "nothing"), "nothing"),
        (("people", "grant", NOBODY, "trainer"), NOBODY),
        (("people", "grant", NOBODY, "king"), "king"),
        (("people", "revoke", NOBODY, "trainer"), NOBODY),
        (("people", "forget-second-factor", NOBODY), NOBODY),
        (("people", "setup-code"), "AULA_DEMO=0"),
        (("courses", "check", "/no/such/folder"), "/no/such/folder"),
        (("worker", "--threads", "many"), "many"),
        (("worker", "--threads", "0"), "0"),
        (("no-such-command",), "no-such-command"),
    ],
)
def test_a_command_that_cannot_do_it_says_why(app: Flask, typed: tuple[str, ...], word: str) -> None:
    assert word in refused(invoke(app, *typed))


def test_a_role_is_refused_where_it_does_not_fit(app: Flask, person: str) -> None:
    assert "MX-XXX" in refused(invoke(app, "people", "grant", person, "coordinator", "--state", "MX-XXX"))
    assert "norte" in refused(invoke(app, "people", "grant", person, "regional-coordinator", "--region", "sur"))
    refused(invoke(app, "people", "grant", person, "coordinator"))
    assert "does not hold" in refused(invoke(app, "people", "revoke", person, "trainer"))


@pytest.mark.parametrize("command", ["serve", "worker", "verify"])
def test_nothing_runs_on_a_database_of_another_version(app: Flask, command: str) -> None:
    with app.app_context(), transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert "aula migrate" in refused(invoke(app, command))


def test_a_port_in_use_is_named_before_anything_is_done(make_app: MakeApp) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        app = make_app(PORT=str(taken.getsockname()[1]))
        for command in ("serve", "start"):
            assert "Set HOST or PORT" in refused(invoke(app, command))


def test_an_address_that_is_not_this_machines_is_named(make_app: MakeApp) -> None:
    for host in ("no-such-host.invalid", "203.0.113.7"):
        app = make_app(HOST=host, AULA_BASE_URL="http://aula.example")
        assert host in refused(invoke(app, "serve"))


def test_a_wrong_setting_stops_every_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AULA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PORT", "eighty")
    assert "PORT" in refused(CliRunner().invoke(aula.main, ["verify"]))


def test_a_data_folder_that_is_a_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AULA_DATA_DIR", str(tmp_path / "file"))
    assert "AULA_DATA_DIR" in refused(CliRunner().invoke(aula.main, ["verify"]))


@pytest.mark.parametrize("content", [b"no database at all\n" * 500, None])
def test_a_database_that_cannot_be_read_is_said_in_words(app: Flask, content: bytes | None) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    database = Path(app.config["DATA_DIR"]) / "aula.db"
    for path in database.parent.glob("aula.db*"):
        path.unlink()
    if content is None:
        database.mkdir()
    else:
        database.write_bytes(content)
    for command in ("migrate", "verify", "backup", "demo", "serve"):
        assert "database" in refused(invoke(app, command)).lower()


def test_a_server_that_does_not_answer_is_said_in_words(make_app: MakeApp) -> None:
    app = make_app(DATABASE_URL="postgresql://u:topsecret@127.0.0.1:1/x")
    said = refused(invoke(app, "verify"))
    assert "does not answer" in said
    assert "topsecret" not in said


def test_an_installation_outside_of_a_demonstration_refuses_demo_people(strict_app: Flask) -> None:
    assert "AULA_DEMO=1" in refused(invoke(strict_app, "demo"))


def test_an_issuer_that_does_not_exist_stops_the_start(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aula, "check_port", lambda: None)
    assert "AULA_ISSUER" in refused(invoke(make_app(AULA_ISSUER="no-such-authority"), "start"))


def test_a_rule_that_is_broken_is_named_with_its_rows(app: Flask, write: Write, person: str) -> None:
    with write() as session:
        session.execute(text("UPDATE person SET given_names = ''"))
    said = refused(invoke(app, "verify"))
    assert "registered-people-have-names: person" in said
    assert "1 things are wrong" in said


# --- what is done -----------------------------------------------------------------------------------------------


def test_an_empty_database_is_migrated_once(empty_app: Flask) -> None:
    assert "The database is at" in done(invoke(empty_app, "migrate"))
    assert not (Path(empty_app.config["DATA_DIR"]) / "backups").exists()  # there was nothing to lose
    assert "already" in done(invoke(empty_app, "migrate"))


def test_the_rules_that_hold_are_listed(app: Flask) -> None:
    assert "rules hold: audit-chain, addresses" in done(invoke(app, "verify"))


def test_roles_are_given_listed_and_taken(app: Flask, person: str) -> None:
    done(invoke(app, "people", "grant", person, "coordinator", "--state", "MX-BCS"))
    assert f"{person}\tcoordinator\tMX-BCS" in done(invoke(app, "people", "staff"))
    done(invoke(app, "people", "revoke", person, "coordinator"))
    assert person not in done(invoke(app, "people", "staff"))
    done(invoke(app, "people", "forget-second-factor", person))


def test_the_first_administrator_gets_a_code(strict_app: Flask) -> None:
    assert "/instalacion and type" in done(invoke(strict_app, "people", "setup-code"))


def test_courses_are_checked_published_and_described(app: Flask, tmp_path: Path) -> None:
    assert "0 errores" in done(invoke(app, "courses", "check", str(COURSES)))
    assert "unchanged" in done(invoke(app, "courses", "sync"))
    done(invoke(app, "courses", "schema", str(tmp_path / "schema")))
    assert sorted(path.name for path in (tmp_path / "schema").iterdir())
    assert "already" in done(invoke(app, "privacy", "sync"))


def test_a_course_with_an_error_exits_with_a_status_and_changes_nothing(app: Flask, tmp_path: Path) -> None:
    broken = tmp_path / "courses" / "roto"
    broken.mkdir(parents=True)
    (broken / "course.yaml").write_text("title: [")
    shutil.copytree(COURSES / "_norms", broken.parent / "_norms")
    checked = invoke(app, "courses", "check", str(tmp_path / "courses"))
    assert checked.exit_code == 1
    assert "roto/course.yaml" in checked.output
    app.config["COURSES_DIR"] = tmp_path / "courses"
    synced = invoke(app, "courses", "sync")
    assert synced.exit_code == 1
    assert "roto: refused" in synced.output


def test_demo_people_are_made_once(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    monkeypatch.setattr("webapp.demo.cli.ensure_demo", lambda: made.append(1))
    assert "participante@" in done(invoke(app, "demo"))
    assert made == [1]


@pytest.mark.parametrize(("command", "program"), [("serve", "webapp.core.serve"), ("start", "webapp.core.supervise")])
def test_the_server_gets_the_settings_that_were_worked_out(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, program: str
) -> None:
    """Relative folders mean what they meant where the command was typed."""
    environment: dict[str, str] = {}
    typed: list[list[str]] = []

    def replace(path: str, command: list[str]) -> None:
        typed.append(command)
        raise SystemExit(0)

    monkeypatch.setattr(os, "environ", environment)
    monkeypatch.setattr(os, "execv", replace)
    monkeypatch.setattr(os, "chdir", lambda folder: None)
    monkeypatch.setattr(aula, "ensure_demo", lambda: None)
    monkeypatch.chdir(tmp_path)
    app = make_app(PORT=str(free_port()), AULA_COURSES_DIR=str(COURSES))
    said = done(invoke(app, command))
    assert program in typed[0]
    assert app.config["BASE_URL"] in said
    assert environment["AULA_DATA_DIR"] == str(app.config["DATA_DIR"])
    assert environment["AULA_COURSES_DIR"] == str(COURSES)
    assert environment["PORT"] == str(app.config["PORT"])
