"""*Descargar mis datos*: every personal column of learning and records is in it, and nobody else's."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask

from tests.conftest import Write
from tests.learning.learners import EXAM, PRETEST, learner
from webapp.accounts.models import Person
from webapp.core.clock import now
from webapp.core.db import Base, db
from webapp.core.registry import export_person
from webapp.learning import models as learning
from webapp.learning.models import Enrolment
from webapp.learning.services import grant_attempts
from webapp.records import models as records

TABLES: tuple[type[Base], ...] = (
    learning.Enrolment,
    learning.StepProgress,
    learning.AttemptGrant,
    learning.QuizAttempt,
    learning.Answer,
    records.Accreditation,
    records.Constancia,
)


def keys_of(tree: Any) -> set[str]:
    """Every key of a nested export."""
    if isinstance(tree, dict):
        return set(tree) | {key for value in tree.values() for key in keys_of(value)}
    if isinstance(tree, list):
        return {key for value in tree for key in keys_of(value)}
    return set()


def export(app: Flask, person_id: int) -> dict[str, Any]:
    with app.app_context():
        whole = export_person(db.session(), person_id)
    found: dict[str, Any] = json.loads(json.dumps({name: whole[name] for name in ("aprendizaje", "constancias")}))
    return found


def test_every_personal_column_is_in_it(app: Flask, write: Write) -> None:
    found = learner(app)
    found.enrol()
    found.take(PRETEST, wrong=5)
    trainer = learner(app, roles=("trainer",))
    with write() as writing:
        row = writing.query(Enrolment).one()
        grant_attempts(writing, writing.get_one(Person, trainer.id), row, 1, "Se fue la luz", now())
    found.reach_exam()
    found.take(EXAM)
    exported = export(app, found.id)
    keys = keys_of(exported)
    personal = {
        column.name for table in TABLES for column in table.__table__.columns if column.info.get("data") == "personal"
    }
    assert len(personal) > 30
    assert personal - keys == set()
    text = json.dumps(exported, ensure_ascii=False)
    for said in ("Marina Cardón Estero", "Se fue la luz", "AULA-NORTE-DEMO", "diagnostico", "mujer"):
        assert said in text
    assert len(exported["aprendizaje"]["inscripciones"][0]["intentos"]) >= 10


def test_nothing_of_anybody_else_is_in_it(app: Flask) -> None:
    learner(app, names=("Otra", "Persona", "Distinta")).finish()
    nobody = learner(app)
    exported = export(app, nobody.id)
    assert exported["aprendizaje"] == {"inscripciones": []}
    assert exported["constancias"] == {"acreditaciones": [], "constancias": []}
