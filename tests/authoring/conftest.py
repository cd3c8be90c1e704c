"""People of the studio."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.authoring.exams import one_too_many
from tests.learning.learners import EXAM, Learner, add_person, learner


@pytest.fixture
def failed(app: Flask) -> Learner:
    """Somebody who answered just one question too many wrong in the exam."""
    found = learner(app)
    found.reach_exam()
    found.take(EXAM, wrong=one_too_many(app, found))
    return found


@pytest.fixture
def trainer(app: Flask) -> int:
    return add_person(app, roles=("trainer",), names=("Ramiro", "Palofierro", "Duna"))
