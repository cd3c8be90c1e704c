"""The studio: where trainers make a course of the files that they already have, and publish it.

Owns drafts, their history, the intake of folders and ZIPs, previews, exports and the act of publishing. A draft is a course
package in rows: `coursepack` reads and judges it, `catalog` keeps what is published. Does not know learners.
"""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.authoring import exports, invariants, jobs, models, views  # noqa: F401  they register themselves
from webapp.core.page import add_entry


def init_app(app: Flask) -> None:
    """Register the room with the application."""
    app.register_blueprint(views.blueprint)
    add_entry(app, "nav", 40, _l("Estudio"), "authoring.studio", "pencil")
    add_entry(app, "desk", 40, _l("Estudio"), "authoring.studio", "pencil")
