"""What a person has achieved: accreditations, the constancias that prove them, and their public verification.

An accreditation is a fact, inserted and never edited; a correction is a new row that points to the old one. The room
stands below `learning`, so that completing a course issues its constancia in the same transaction by a plain call.
"""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.core.page import add_entry
from webapp.records import exports, invariants, jobs, models, views  # noqa: F401  they register themselves


def init_app(app: Flask) -> None:
    """Register the room with the application."""
    app.register_blueprint(views.blueprint)
    app.extensions["verification_guesses"] = views.new_guesses()
    add_entry(app, "nav", 30, _l("Mis constancias"), "records.mine", "award")
    add_entry(app, "nav", 40, _l("Verificar"), "records.ask_code", "badge-check")
    add_entry(app, "desk", 40, _l("No lo encuentro"), "records.requests", "inbox")
    add_entry(app, "desk", 60, _l("Constancias"), "records.search", "award")
