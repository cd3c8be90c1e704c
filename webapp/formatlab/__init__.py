"""Practising with the workbooks in which transparency formats are loaded.

Owns the public laboratory and the few minutes that a file lives in it, the labs of courses with what learners handed in,
and the figures of what goes wrong where. What a format is and what can be wrong with a workbook is `formats`'; that a
step is passed is `learning`'s.
"""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.core.page import add_entry
from webapp.formatlab import exports, invariants, jobs, models, views  # noqa: F401  they register themselves
from webapp.learning.pages import show_steps_at


def init_app(app: Flask) -> None:
    """Register the room with the application."""
    app.register_blueprint(views.blueprint)
    show_steps_at(app, "lab", "formatlab.lab")
    add_entry(app, "nav", 15, _l("Laboratorio"), "formatlab.laboratory", "flask-conical")
    add_entry(app, "desk", 45, _l("Problemas de la carga"), "formatlab.problems", "triangle-alert")
