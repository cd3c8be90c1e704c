"""The one place that knows every room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined

from webapp import (
    accounts,
    authoring,
    catalog,
    demo,
    formatlab,
    forum,
    learning,
    materials,
    organizations,
    packages,
    records,
    site,
    statistics,
)
from webapp.core import audit, db, i18n, jobs, mail, page, storage, throttle, web  # noqa: F401  (some for their tables)
from webapp.core import cli as core_cli

ROOMS = (
    organizations,
    accounts,
    materials,
    catalog,
    records,
    learning,
    forum,
    packages,
    formatlab,
    authoring,
    statistics,
    site,
    demo,
)


def create_app(config: Mapping[str, Any]) -> Flask:
    """Build the application from settings (see `config.py` for what they mean)."""
    app = Flask(__name__, static_folder=None)
    app.config.update(config)
    app.jinja_environment = page.Templates
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    web.configure_logging(app)
    db.init_app(app)
    i18n.init_app(app)
    storage.init_app(app)
    jobs.init_app(app)
    web.init_app(app)
    page.init_app(app)
    core_cli.init_app(app)
    for room in ROOMS:
        room.init_app(app)
    return app
