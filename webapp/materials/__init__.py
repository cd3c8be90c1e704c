"""The library of files that trainers keep and use in their courses.

Owns materials with their owner, quota, scan and retirement, their screens and their public address. What a file must be
to be taken is `coursepack.uploads`; where its bytes lie is `core.storage`; which course shows it is not known here:
rooms above register what they use (`uses.used_by`).
"""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from webapp.core.page import add_entry
from webapp.materials import cli, exports, invariants, jobs, models, views  # noqa: F401  they register themselves


def init_app(app: Flask) -> None:
    """Register the room with the application."""
    app.register_blueprint(views.blueprint)
    app.cli.add_command(cli.materials)
    add_entry(app, "desk", 35, _l("Materiales"), "materials.index", "folder-open")
