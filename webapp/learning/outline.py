"""The lines of a course's outline, drawn once.

The outline stands on every page of a learner and is the longest part of most. A line depends on nothing but the step,
what became of it and the language, so a process draws it once and pages only put their lines together.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from flask import Flask
from flask.templating import Environment
from markupsafe import Markup

from webapp.core.i18n import language
from webapp.coursepack.model import Course
from webapp.learning.queries import Progress

MOST_KEPT = 96  # courses times languages; the lines of one take some 50 kB

_kept: dict[tuple[str, str, str], Lines] = {}


class Lines(dict[tuple[str, str | None], Markup]):
    """The drawn lines of a course in one language, by step and state; what is missing is drawn when it is asked for."""

    def __init__(self, templates: Environment, course: Course, path: str) -> None:
        super().__init__()
        self._templates, self._course, self._path = templates, course, path

    def __missing__(self, wanted: tuple[str, str | None]) -> Markup:
        key, state = wanted
        macros: Any = self._templates.get_template("learning/_outline.html").module
        line: Markup = macros.step_line(self._course.steps[key], state, f"{self._path}/{key}" if state else None)
        self[wanted] = line
        return line

    def of(self, steps: Iterable[str], progress: Progress | None) -> Markup:
        """The lines of these steps. `progress` is None for a visitor, who sees no links."""
        return Markup("").join(self[key, None if progress is None else progress.state(key)] for key in steps)


def outline_lines(templates: Environment, course: Course, path: str) -> Lines:
    """The lines of a course in the language of this request. `path` is where the course is."""
    name = (path, course.revision, language())
    if name not in _kept:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[name] = Lines(templates, course, path)
    return _kept[name]


def init_app(app: Flask) -> None:
    """Give the templates the lines."""
    app.jinja_env.globals["outline_lines"] = partial(outline_lines, app.jinja_env)
