"""Learning paths: which courses somebody with a role should take, in which order and why."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from webapp.coursepack import files
from webapp.coursepack.model import LearningPath, PathStop, Problem
from webapp.coursepack.problems import Report
from webapp.coursepack.schema import KEY, KEY_SAYS, PATH
from webapp.coursepack.shape import Read
from webapp.coursepack.yamltext import parse


def load_paths(folder: Path, courses: Collection[str]) -> tuple[list[LearningPath], list[Problem]]:
    """Read every `*.yaml` of a `_paths` folder, by name: the paths that are whole, and all problems.

    `courses` are the slugs that a path may name. Without the folder there are no paths and no problem.
    """
    report, paths = Report(), []
    for file in sorted(folder.glob("*.yaml")):
        own = Report(f"_paths/{file.name}")
        path = _read_path(file, courses, own)
        report.extend(own.in_order())
        if path is not None and not own.has_errors:
            paths.append(path)
    return paths, report.in_order()


def _read_path(file: Path, courses: Collection[str], report: Report) -> LearningPath | None:
    if not re.fullmatch(KEY, file.stem):
        report.add("path_name", f"El archivo «{file.name}» da la dirección de la ruta: {KEY_SAYS}.")
    text = files.read_text_file(file, report)
    root = parse(text, report) if text is not None else None
    read = PATH.read(root, report, "ruta") if root is not None else None
    if read is None or report.has_errors:
        return None
    return LearningPath(
        slug=file.stem,
        title=read.text("title"),
        summary=read.text("summary"),
        posts=tuple(post.value for post in read.items("posts")),
        stops=_stops(read, courses, report),
    )


def _stops(read: Read, courses: Collection[str], report: Report) -> tuple[PathStop, ...]:
    stops: list[PathStop] = []
    for row in read.items("courses"):
        slug = row.text("course")
        if slug not in courses:
            known = ", ".join(sorted(courses)) or "ninguno"
            report.add("unknown_course", f"No hay un curso «{slug}» (hay: {known}); corrige el nombre.", row.line)
        if any(stop.course == slug for stop in stops):
            report.add("repeated_course", f"El curso «{slug}» ya está en la ruta; deja uno.", row.line)
        stops.append(PathStop(slug, row.text("why")))
    return tuple(stops)
