"""The blueprint of the room, and what its views take from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flask import Blueprint, current_app

from webapp.formatlab.curriculum import Curriculum, curriculum
from webapp.formatlab.files import Shelf
from webapp.formats.definitions import Library
from webapp.formats.model import Rule

blueprint = Blueprint("formatlab", __name__)


def _curriculum() -> Curriculum:
    return curriculum(current_app.config["COURSES_DIR"])


def formats_folder() -> Path:
    """Where the definitions of this installation lie."""
    return _curriculum().folder


def library() -> Library:
    """The formats that this installation knows."""
    return _curriculum().library


def rules() -> Mapping[str, Rule]:
    """The rules by which this installation checks."""
    return _curriculum().rules


def shelf() -> Shelf:
    """Where this installation keeps the files of its laboratory while they live."""
    return Shelf.of(current_app.config["DATA_DIR"])
