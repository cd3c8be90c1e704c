"""A course with labs, and a learner in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.coursepack.example import COURSE as COURSE_FILE
from tests.coursepack.example import LAB, Example
from tests.learning.learners import Learner, learner
from webapp.catalog.services import sync
from webapp.core.clock import now
from webapp.core.db import transaction
from webapp.core.storage import storage

SLUG = "pedir-solo-lo-necesario"
COURSE = f"/cursos/{SLUG}"
LOAD, FIND, MEND = "reglamento-de-mercados", "busca", "corrige"


def add_course(app: Flask, folder: Path) -> None:
    """Publish the course of the manual with three labs: the manual's, one to find mistakes and one to mend them."""
    example = Example(folder)
    example.add_lab()
    begin = example.read(LAB).split("rows:")[0]
    for key, kind, more in ((FIND, "find", "attempts: 2\n"), (MEND, "mend", "attempts: null\n")):
        text = begin.replace("kind: load", f"kind: {kind}").replace(
            "attempts: null                  # null = las veces que se quiera\n", more
        )
        example.write(f"labs/{key}/lab.yaml", f"{text}errors: 5\n")
        example.edit(
            COURSE_FILE, "      - check: repaso-necesario", f"      - lab: {key}\n      - check: repaso-necesario"
        )
    with app.app_context(), transaction() as session:
        results = {result.slug: result for result in sync(session, folder, storage(), now())}
    assert results[SLUG].outcome == "published", results[SLUG].problems


@pytest.fixture
def marina(app: Flask, tmp_path: Path) -> Learner:
    """A learner enrolled in the course with labs."""
    folder = tmp_path / "courses"
    folder.mkdir()
    add_course(app, folder)
    found = learner(app)
    assert found.post(f"{COURSE}/inscribirme").status_code == 303
    return found
