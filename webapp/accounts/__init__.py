"""People, how they sign in, what they may do and where they work, with dates; and their rights over their own data.

Owns persons, codes, sessions, roles with scope, affiliations, privacy notices and their acceptance. The one room whose
model knows the sign-in library (Flask-Security): identity is where rules and HTTP have to meet.
"""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.accounts import cli, doors, exports, identity, invariants, models, security  # noqa: F401  they register
from webapp.accounts.views import account, addresses, blueprint, confirm, people, privacy, registration, setup, sign_in  # noqa: F401  the pages  # noqa: F401  the pages
from webapp.core import access
from webapp.core.page import add_entry


def init_app(app: Flask) -> None:
    """Register the room with the application, and tell it who asks."""
    access.init_app(app, identity.current_actor, identity.current_zone)
    app.register_blueprint(blueprint)
    security.init_app(app)
    doors.init_app(app)
    cli.init_app(app)
    add_entry(app, "menu", 10, _l("Mi cuenta"), "accounts.overview", "circle-user-round")
    add_entry(app, "menu", 90, _l("Salir"), "accounts.sign_out", "log-out")
    add_entry(app, "desk", 80, _l("Personas"), "accounts.people", "users")
