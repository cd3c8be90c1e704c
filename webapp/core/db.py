"""The database: one declarative base, one way to write, and two engines that behave alike.

Reading needs nothing. Writing happens inside `transaction()` and nowhere else, and the database itself holds us to it:
outside of it a SQLite connection is `query_only` and a PostgreSQL transaction is `READ ONLY`, so a GET that tries to
write fails on the first run instead of in production.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import CursorResult, DateTime, Engine, Executable, MetaData, event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

# Classes of data (LGPDPPSO art. 3): the personal columns feed the privacy inventory and the person's own export.
PERSONAL: dict[str, Any] = {"data": "personal"}
SECRET: dict[str, Any] = {"data": "secret"}  # credentials: personal, and never exported


class Base(DeclarativeBase):
    """Parent of every table. Constraint names follow one convention so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:

    class Model(Base):
        """What mypy sees of `db.Model`."""

        __abstract__ = True

else:
    Model = db.Model


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. Always aware and in UTC in Python; refuses a naive one, which would be somebody's local hour."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def random_id() -> str:
    """A name for URLs that tells nothing and cannot be guessed (72 bits, 12 characters)."""
    return secrets.token_urlsafe(9)


# --- reading ----------------------------------------------------------------------------------------------------


def rows(session: Session, statement: Executable, /, **values: Any) -> CursorResult[*tuple[Any, ...]]:
    """Run a statement that selects columns (never whole objects), for pages that count microseconds.

    It goes past the object mapper, which would take as long again to find that it has nothing to do. What waits in the
    session is written first, so that reading inside a transaction sees it.
    """
    if session.autoflush:
        session.flush()
    return session.connection().execute(statement, values)


# --- writing ----------------------------------------------------------------------------------------------------

_writing: ContextVar[bool] = ContextVar("writing", default=False)
_AFTER_COMMIT = "after_commit_calls"


@contextmanager
def transaction() -> Iterator[Session]:
    """The one place that commits. All of the block is kept, or none of it.

    A transaction inside a transaction joins it. What was read before stays loaded, but may be stale by the time the
    write lock is held: read again inside whatever the decision hangs on. Calls given to `after_commit` run once the
    commit has succeeded.
    """
    session = db.session()
    if _writing.get():
        yield session
        return
    session.commit()  # ends the read-only transaction that reading began; nothing can be pending in it
    token = _writing.set(True)
    try:
        yield session
        session.commit()
    except BaseException:
        session.info.pop(_AFTER_COMMIT, None)
        session.rollback()
        raise
    finally:
        _writing.reset(token)
    for call in session.info.pop(_AFTER_COMMIT, ()):
        call()


@contextmanager
def changing_schema() -> Iterator[None]:
    """Let a migration write; it brings its own connection and commits by itself."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def after_commit(session: Session, call: Callable[[], None]) -> None:
    """Run `call` when the surrounding transaction has been committed; forget it when it is rolled back."""
    session.info.setdefault(_AFTER_COMMIT, []).append(call)


def lock_for_update(session: Session, row: Any) -> None:
    """Read `row` again and hold it until the end of the transaction (SQLite: the whole database is held already)."""
    session.refresh(row, with_for_update=True)


# --- engines ----------------------------------------------------------------------------------------------------


def init_app(app: Flask) -> None:
    """Bind the database of `DATABASE_URL` with the settings that were measured to be safe."""
    url = str(app.config["DATABASE_URL"])
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(url)
    db.init_app(app)
    with app.app_context():
        _listen(db.engine)
        db.session.configure(expire_on_commit=False)


def _engine_options(url: str) -> dict[str, Any]:
    # What a statement was given may be personal, and the text of an error goes to the log and to the row of a job.
    options: dict[str, Any] = {"hide_parameters": True}
    if not url.startswith("sqlite"):
        return options | {
            **{"pool_size": 10, "max_overflow": 10, "pool_timeout": 10},
            **{"pool_pre_ping": True, "pool_recycle": 1800},
        }
    return options | {"pool_size": 16, "max_overflow": 48, "pool_timeout": 30, "module": sqlite_module()}


def sqlite_module() -> Any:
    """A SQLite without the WAL-reset corruption (fixed in 3.51.3), where its wheel is installed; else Python's own."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return sqlite3
    return dbapi2


def _listen(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
    else:
        event.listen(engine, "begin", _postgresql_begin)


def _sqlite_connect(dbapi: sqlite3.Connection, _record: object) -> None:
    dbapi.isolation_level = None  # BEGIN is ours
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # an acknowledged answer survives a power cut
        "foreign_keys=ON",
        "busy_timeout=15000",
        "journal_size_limit=67108864",
    ):
        dbapi.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Connection) -> None:
    writing = _writing.get()
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writing else 'ON'}")
    # A deferred transaction that reads first and writes later fails as soon as two of them meet.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _postgresql_begin(connection: Connection) -> None:
    if not _writing.get():
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
