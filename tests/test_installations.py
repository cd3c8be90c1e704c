"""The ground that all other tests stand on."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import ROOT
from webapp.catalog.models import Course
from webapp.core.db import db


def test_a_fresh_copy_has_the_courses_and_answers(app: Flask, client: FlaskClient, session: Session) -> None:
    assert session.scalars(select(Course.state)).all() == ["published"] * len(
        list((ROOT / "courses").glob("*/course.yaml"))
    )
    assert client.get("/cursos").status_code == 200
    assert client.get("/readyz").json == {"status": "ok"}


def test_the_engine_is_the_one_that_was_asked_for(app: Flask, engine_name: str) -> None:
    with app.app_context():
        assert db.engine.dialect.name == engine_name
