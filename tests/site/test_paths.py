"""The path of a role, as a visitor sees it and as somebody who walks it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import Write
from tests.learning.learners import COURSE, SLUG, learner
from tests.pages import CheckingClient
from webapp.catalog import queries as catalog
from webapp.catalog.services import sync
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.storage import storage

PATH = """title: Enlace de área
summary: Entregas la información de tu área a tiempo.
posts: [enlace-area]
courses:
  - course: proteccion-de-datos-personales
    why: Los expedientes de tu área traen datos de personas.
"""


@pytest.fixture
def curriculum(app: Flask, tmp_path: Path) -> Path:
    """A copy of the curriculum whose only path is PATH."""
    target = tmp_path / "curriculum"
    shutil.copytree(app.config["COURSES_DIR"], target, ignore=shutil.ignore_patterns("_paths"))
    (target / "_paths").mkdir()
    (target / "_paths" / "enlace.yaml").write_text(PATH, encoding="utf-8")
    return target


@pytest.fixture
def synced(curriculum: Path, write: Write) -> Path:
    with write() as session:
        sync(session, curriculum, storage(), now())
    return curriculum


def test_a_visitor_finds_the_path_from_the_first_page(synced: Path, client: CheckingClient) -> None:
    assert 'href="/rutas/enlace"' in client.get("/").text
    assert "Enlace de área" in client.get("/rutas").text
    page = client.get("/rutas/enlace").text
    assert "Los expedientes de tu área traen datos de personas." in page
    assert "Empezar por el primero" in page


def test_a_path_that_does_not_exist_is_not_found(synced: Path, client: CheckingClient) -> None:
    assert client.get("/rutas/nada").status_code == 404


def test_whoever_walks_it_sees_how_far_they_are_and_what_comes_next(synced: Path, app: Flask) -> None:
    person = learner(app)
    assert "Tu ruta" in person.client.get("/").text
    person.enrol()
    assert "Continuar" in person.client.get("/rutas/enlace").text
    person.read_lessons()
    person.confirm_name()
    person.take("examen-final")
    page = person.client.get("/rutas/enlace").text
    assert "Ruta completa" in page and "Concluido" in page


def test_a_path_with_an_error_leaves_the_known_ones(synced: Path, write: Write, app: Flask) -> None:
    (synced / "_paths" / "otra.yaml").write_text(PATH.replace(SLUG, "curso-que-no-esta"), encoding="utf-8")
    with write() as session:
        results = {result.slug: result for result in sync(session, synced, storage(), now())}
    assert results["_paths"].outcome == "refused"
    assert [problem.code for problem in results["_paths"].problems] == ["unknown_course"]
    with app.app_context():
        assert [path.slug for path in catalog.paths(db.session())] == ["enlace"]


def test_a_path_whose_file_is_gone_is_gone(synced: Path, write: Write, client: CheckingClient) -> None:
    (synced / "_paths" / "enlace.yaml").unlink()
    with write() as session:
        sync(session, synced, storage(), now())
    assert client.get("/rutas/enlace").status_code == 404
    assert COURSE in client.get("/cursos").text
