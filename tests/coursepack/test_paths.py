"""Learning paths as their authors write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from webapp.accounts.labels import POSTS as POSTS_ON_SCREEN
from webapp.coursepack.model import PathStop
from webapp.coursepack.paths import load_paths
from webapp.coursepack.schema import POSTS

GOOD = """title: Archivo
summary: Encuentras cualquier expediente.
posts: [archivo, otra]
courses:
  - course: archivos
    why: Es tu materia.
  - course: datos
    why: Los expedientes traen datos.
"""
COURSES = {"archivos", "datos"}


def _write(tmp_path: Path, text: str, name: str = "archivo.yaml") -> Path:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_path_is_read_in_its_order(tmp_path: Path) -> None:
    paths, problems = load_paths(_write(tmp_path, GOOD), COURSES)
    assert problems == []
    assert [(p.slug, p.title, p.posts) for p in paths] == [("archivo", "Archivo", ("archivo", "otra"))]
    assert paths[0].stops == (PathStop("archivos", "Es tu materia."), PathStop("datos", "Los expedientes traen datos."))


@pytest.mark.parametrize(
    ("code", "line", "name", "old", "new"),
    [
        ("unknown_course", 7, "archivo.yaml", "course: datos", "course: dato"),
        ("repeated_course", 7, "archivo.yaml", "course: datos", "course: archivos"),
        ("bad_value", 3, "archivo.yaml", "[archivo, otra]", "[archivista]"),
        ("missing_key", 5, "archivo.yaml", "    why: Es tu materia.\n", ""),
        ("path_name", 0, "Archivo 1.yaml", "Archivo", "Archivo"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, code: str, line: int, name: str, old: str, new: str
) -> None:
    paths, problems = load_paths(_write(tmp_path, GOOD.replace(old, new, 1), name), COURSES)
    assert paths == []
    assert [(problem.code, problem.line, problem.file) for problem in problems] == [(code, line, f"_paths/{name}")]


def test_no_folder_is_no_problem(tmp_path: Path) -> None:
    assert load_paths(tmp_path / "_paths", COURSES) == ([], [])


def test_the_posts_of_paths_are_those_that_people_choose_from() -> None:
    assert set(POSTS) == set(POSTS_ON_SCREEN)
