"""The versions of the database, and the migrations between them.

Alembic takes 12 MB and is needed for a moment in the life of an installation, so it loads only where a migration runs;
serving and working compare two short names.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from flask import current_app
from sqlalchemy import inspect, text

from webapp.core.db import changing_schema, db


def known_versions() -> list[str]:
    """The migrations there are, the oldest first. They are numbered in order."""
    folder = Path(current_app.config["MIGRATIONS_DIR"]) / "versions"
    return sorted(path.name.partition("_")[0] for path in folder.glob("[0-9]*.py"))


def newest_version() -> str | None:
    """The newest migration there is."""
    return max(known_versions(), default=None)


def schema_versions() -> tuple[str | None, str | None]:
    """The migration that the database is at (None: empty) and the newest one there is."""
    head = newest_version()
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None, head
        return connection.scalar(text("SELECT version_num FROM alembic_version")), head


def upgrade() -> None:
    """Bring the database to the newest version."""
    with changing_schema():
        _flask_migrate().upgrade()


def downgrade(revision: str) -> None:
    """Take the database back to `revision` ("base": to nothing)."""
    with changing_schema():
        _flask_migrate().downgrade(revision=revision)


def write_migration(message: str) -> None:
    """Write a migration out of the difference between models and database, to be read and shortened by a person."""
    present, _ = schema_versions()
    _flask_migrate().migrate(message=message, rev_id=f"{int(present or 0) + 1:04d}")


def _flask_migrate() -> ModuleType:
    import flask_migrate  # and Alembic with it

    app = current_app._get_current_object()  # type: ignore[attr-defined]
    if "migrate" not in app.extensions:
        directory = str(app.config["MIGRATIONS_DIR"])
        flask_migrate.Migrate(app, db, directory=directory, command="db", render_as_batch=True, compare_type=True)
    return flask_migrate
