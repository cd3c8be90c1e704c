"""Interactive packages made elsewhere, SCORM and H5P, as steps of courses.

Owns the content host that shows them apart from the platform, their unpacked files, the attempts of learners and what
packages report of themselves. What a package is and whether it can be played is `coursepack`'s; that a step is passed
is `learning`'s.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from webapp.core.web import answer_at
from webapp.learning.pages import show_steps_at
from webapp.packages import exports, invariants, models, views  # noqa: F401  they register themselves
from webapp.packages.host import ContentHost
from webapp.packages.shelf import Shelf


def init_app(app: Flask) -> None:
    """Register the room with the application, and the content host beside it where there is one."""
    app.register_blueprint(views.blueprint)
    show_steps_at(app, "package", "packages.material")
    if app.config["CONTENT_HOST"]:
        shelf = Shelf.of(Path(app.config["DATA_DIR"]))
        answer_at(app, app.config["CONTENT_HOST"], ContentHost(shelf, app.config["BASE_URL"]))
