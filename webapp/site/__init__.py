"""Pages that belong to no area: home, language, health, the gallery of components and the development mailbox."""

from __future__ import annotations

from flask import Flask

from webapp.site import views


def init_app(app: Flask) -> None:
    """Register the room with the application."""
    app.register_blueprint(views.blueprint)
