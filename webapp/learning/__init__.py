"""Enrolment, progress through lessons, quiz attempts and completion.

Owns what a learner did and the rule it was judged by, copied at that moment. Completing a course calls
`records.services.accredit` downwards, in the same transaction.
"""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.core.page import add_entry
from webapp.learning import exports, invariants, models, outline, pages, views  # noqa: F401  they register themselves


def init_app(app: Flask) -> None:
    """Register the room with the application."""
    app.register_blueprint(views.blueprint)
    outline.init_app(app)
    pages.init_app(app)
    add_entry(app, "nav", 20, _l("Mis cursos"), "learning.my_courses", "graduation-cap")
    add_entry(app, "desk", 50, _l("Intentos de examen"), "learning.grant", "rotate-ccw")
