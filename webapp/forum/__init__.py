"""What people in a course say to each other: questions of a lesson with answers that all see, and announcements.

Owns questions, answers, announcements and who has read them. Who is enrolled and who teaches it asks `learning` and
`catalog`; the pages of a learner show what it has to say without knowing it (`learning.asides`).
"""

from __future__ import annotations

from flask import Flask

from webapp.forum import beside, exports, invariants, jobs, models, views  # noqa: F401  they register themselves


def init_app(app: Flask) -> None:
    """Register the room with the application."""
    app.register_blueprint(views.blueprint)
