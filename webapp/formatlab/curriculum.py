"""The definitions and rules of the running installation, read once per process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flask import current_app

from webapp.formats.definitions import Library
from webapp.formats.examine import open_library
from webapp.formats.model import Rule


def formats_folder() -> Path:
    """Where the definitions of this installation lie."""
    return Path(current_app.config["COURSES_DIR"]) / "_formats"


def library() -> Library:
    """The formats that this installation knows."""
    return _opened(formats_folder())[0]


def rules() -> dict[str, Rule]:
    """The rules by which this installation checks."""
    return _opened(formats_folder())[1]


@cache
def _opened(folder: Path) -> tuple[Library, dict[str, Rule]]:
    return open_library(folder)
