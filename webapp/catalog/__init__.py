"""Courses as they were synced from packages: every revision that was ever published, and which one is current.

Owns the catalogue and the sync. Does not know learners. Content is retired, never deleted, because learner records
name the revision they were made under.
"""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.catalog import models, views  # noqa: F401  the tables
from webapp.catalog.cli import courses, norms
from webapp.core.page import add_entry


def init_app(app: Flask) -> None:
    """Register the room with the application."""
    app.register_blueprint(views.blueprint)
    app.cli.add_command(courses)
    app.cli.add_command(norms)
    add_entry(app, "nav", 10, _l("Cursos"), "catalog.courses", "book-open")
