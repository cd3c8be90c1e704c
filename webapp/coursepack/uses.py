"""Where the curriculum leans on a norm: every lesson, question and rule that cites it, so that a reform shows its reach."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from webapp.coursepack import files
from webapp.coursepack.checker import package_folders
from webapp.coursepack.norms import Reference, parse_citation
from webapp.coursepack.problems import Report

_CITED = re.compile(r"@?[a-z0-9][a-z0-9-]*-\d{4} art\. [^;\]\[\"'\n]+")
_QUESTION = re.compile(r"^\s*- (?:id|code): *[\"']?([a-z0-9_-]+)")


@dataclass(frozen=True)
class Use:
    """A citation as it stands in a file of the curriculum. `within` is the question or rule that holds it, or ""."""

    file: str
    line: int
    within: str
    reference: Reference


def uses(courses: Path, norm: str, article: str = "") -> list[Use]:
    """Every place below `courses` that cites `norm` (its id), or only that `article` of it, by file and line.

    An article counts in whatever fraction it is cited. Packages are read as text, so that one with errors is told too.
    """
    wanted = article.casefold()
    return [
        use
        for path in _texts(courses)
        for use in _of_file(path, path.relative_to(courses).as_posix())
        if use.reference.norm == norm and (not wanted or use.reference.article.casefold() == wanted)
    ]


def _texts(courses: Path) -> Iterator[Path]:
    rules = courses / "_formats" / "rules.yaml"
    if rules.is_file():
        yield rules
    for folder in package_folders(courses):
        yield from (folder / name for name in sorted(files.scan(folder, Report()).texts))


def _of_file(path: Path, name: str) -> Iterator[Use]:
    within = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if path.suffix == ".yaml" and (begins := _QUESTION.match(line)):
            within = begins[1]
        for found in _CITED.findall(line):
            reference = parse_citation(found.rstrip(" ,.):"))
            if reference is not None:
                yield Use(name, number, within, reference)
