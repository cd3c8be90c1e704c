"""What every test may ask for. A test that takes `app`, or what is built on it, runs on SQLite and on PostgreSQL.

`--engine sqlite` (or `postgresql`) narrows that for a run, the mark `sqlite_only` for a test. Forms need their token,
as in life: `client.submit` fetches it. A room's folder may have fixtures of its own of the same name.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

import config
from tests import installations
from tests.installations import MakeApp, Prepared
from tests.pages import CheckingClient
from tests.remembered import remember_addresses
from tests.setup.tools import in_ci, reason_for_missing
from webapp.app import create_app
from webapp.catalog import queries as catalog
from webapp.core import registry, web
from webapp.core.db import db, transaction
from webapp.core.jobs import run_due_jobs

ENGINES: tuple[str, ...] = ("sqlite", "postgresql")
Write = Callable[[], AbstractContextManager[Session]]


def pytest_configure() -> None:
    remember_addresses()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no worker is left with it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """Leave what the modules hold out of every later collection of garbage: it stays to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=(*ENGINES, "both"), default="both", help="databases to test on")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine_name" not in metafunc.fixturenames:
        return
    chosen = metafunc.config.getoption("--engine")
    engines = ENGINES if chosen == "both" else (str(chosen),)
    if metafunc.definition.get_closest_marker("sqlite_only"):
        engines = tuple(engine for engine in engines if engine == "sqlite")
    metafunc.parametrize("engine_name", engines)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked `browser` or `needs` is left out, or fails under `CI=true`, where its tool is missing."""
    needed = ["chromium"] if item.get_closest_marker("browser") else []
    needed += [str(name) for mark in item.iter_markers("needs") for name in mark.args]
    for reason in filter(None, map(reason_for_missing, needed)):
        if in_ci():
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what did not run."""
    skipped = len(terminalreporter.stats.get("skipped", []))
    if skipped:
        terminalreporter.write_line(f"!! {skipped} tests DID NOT RUN; the reasons stand above", red=True, bold=True)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture
def prepared(engine_name: str, run_folder: Path) -> Prepared:
    """The template of this engine: reference data, demo padrón, privacy notice and the courses."""
    return installations.prepare(engine_name, run_folder)


@pytest.fixture
def make_app(prepared: Prepared, tmp_path: Path) -> Iterator[MakeApp]:
    """Build an application on a fresh copy, with environment variables of one's own."""
    with ExitStack() as open_apps:
        made = 0

        def make(**environment: str) -> Flask:
            nonlocal made
            made += 1
            folder = tmp_path / ("data" if made == 1 else f"data{made}")
            return open_apps.enter_context(installations.installation(prepared, folder, **environment))

        yield make


@pytest.fixture(autouse=True)
def _forget() -> None:
    """What the process remembers of one database must not be served from the next."""
    catalog.forget_parsed()
    web.forget_visitor_pages()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """The application as it runs in a demonstration, without demo people."""
    return make_app()


@pytest.fixture
def strict_app(make_app: MakeApp) -> Flask:
    """The application outside of a demonstration."""
    return make_app(AULA_DEMO="0")


@pytest.fixture
def empty_app(engine_name: str, run_folder: Path, tmp_path: Path, worker_id: str) -> Iterator[Flask]:
    """The application on a database without a single table."""
    environment = {"AULA_DATA_DIR": str(tmp_path / "empty")}
    server, name = "", f"empty_{worker_id}"
    if engine_name == "postgresql":
        server = installations.postgresql_server(run_folder)
        environment["DATABASE_URL"] = installations.create_database(server, name)
    app = create_app(config.load(environment))
    installations.make_testable(app)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    if server:
        installations.drop_database(server, name)


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    """A browser that fails on a page with something wrong in it (see `tests/pages.py`)."""
    client = app.test_client()
    assert isinstance(client, CheckingClient)
    return client


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A database session for looking at what happened, each look anew, outside of any request."""
    engine = create_engine(app.config["SQLALCHEMY_DATABASE_URI"], isolation_level="AUTOCOMMIT")
    with Session(engine) as looking:
        yield looking
    engine.dispose()


@pytest.fixture
def write(app: Flask) -> Write:
    """`with write() as session:` does something and commits it, between the requests of a client."""

    @contextmanager
    def writing() -> Iterator[Session]:
        with app.app_context(), transaction() as session:
            yield session

    return writing


@pytest.fixture
def writing(app: Flask, request: pytest.FixtureRequest) -> Iterator[Session]:
    """One transaction for the whole of a test of services, committed at its end."""
    if "client" in request.fixturenames:
        raise pytest.UsageError("a client would wait for this transaction for ever; use `write`")
    with app.app_context(), transaction() as session:
        yield session


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], int]:
    """Do all background work that is due, here and now; returns how many jobs there were."""

    def run() -> int:
        with app.app_context():
            return run_due_jobs()

    return run


@pytest.fixture
def verified(app: Flask) -> Iterator[None]:
    """After the test every invariant of the data holds. Ask for it before `writing`."""
    yield
    with app.app_context():
        assert registry.verify(db.session()) == []


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Time stands still, at 9:00 in La Paz on a working Monday, until `clock.move_to` or `clock.shift`."""
    with time_machine.travel(datetime(2026, 11, 23, 16, tzinfo=UTC), tick=False) as traveller:
        yield traveller
