"""Regions, states, authorities and obliged subjects, all with validity dates and successors.

Owns the padrón and who answers for whom. Does not know people: a person's tie to an obliged subject is an affiliation,
which belongs to `accounts`.
"""

from __future__ import annotations

from flask import Flask

from webapp.organizations import views


def init_app(app: Flask) -> None:
    """Register the room with the application."""
    app.register_blueprint(views.blueprint)
