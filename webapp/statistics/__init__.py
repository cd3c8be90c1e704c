"""Figures: facts, coverage, indicators and their exports, each made by one function that every door calls.

Owns no facts of its own: it pulls from `learning` and `records`, and nothing pushes to it.
"""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.core.page import add_entry
from webapp.statistics import views


def init_app(app: Flask) -> None:
    """Register the room with the application."""
    for blueprint in views.BLUEPRINTS:
        app.register_blueprint(blueprint)
    add_entry(app, "desk", 10, _l("Mi estado"), "statistics.own_state", "chart-column")
    add_entry(app, "desk", 15, _l("Mi región"), "statistics.own_region", "map", group="/coordinacion/regiones")
    add_entry(app, "desk", 20, _l("Estados"), "statistics.all_states", "table")
    add_entry(app, "desk", 70, _l("Definiciones"), "statistics.definitions", "scale")
    add_entry(app, "desk", 90, _l("Otros sistemas"), "statistics_tokens.index", "key-round")
    add_entry(app, "nav", 50, _l("Coordinación"), "statistics.desk", "chart-column")
