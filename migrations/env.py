"""How Alembic reaches our database: the running application's engine, one transaction for each migration."""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy.engine import Connection

from webapp.core.db import Base, changing_schema, db


def _set_foreign_keys(connection: Connection, state: str) -> None:
    # Outside of any transaction, or SQLite ignores it: a batch migration rebuilds tables that others point to.
    driver = connection.connection.driver_connection
    if connection.dialect.name == "sqlite" and driver is not None:
        driver.execute(f"PRAGMA foreign_keys={state}")


def run() -> None:
    with changing_schema(), db.engine.connect() as connection:
        _set_foreign_keys(connection, "OFF")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transaction_per_migration=True,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        _set_foreign_keys(connection, "ON")


if context.is_offline_mode():
    raise SystemExit("Migrations run against a database; there is no offline mode.")
run()
