"""A demonstration: fictitious people and activity made through the same services that real people use.

Stands on top of every room, because it acts in all of them; nothing imports it but the command that runs it.
"""

from __future__ import annotations

from flask import Flask

from webapp.demo.cli import demo


def init_app(app: Flask) -> None:
    """Register the room with the application."""
    app.cli.add_command(demo)
