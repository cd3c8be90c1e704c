"""The definitions and rules of a curriculum, read once per process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from webapp.formats.definitions import Library
from webapp.formats.examine import open_library
from webapp.formats.model import Rule


@dataclass(frozen=True, eq=False)
class Curriculum:
    """What can be practised, and by which rules it is checked. `folder` is where both lie as files."""

    folder: Path
    library: Library
    rules: Mapping[str, Rule]


@cache
def curriculum(courses: Path) -> Curriculum:
    """The formats and rules of a folder of courses. Raises DefinitionError or RulesError."""
    folder = courses / "_formats"
    return Curriculum(folder, *open_library(folder))
