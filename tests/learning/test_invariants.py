"""What `aula verify` proves of learner records: each rule finds what breaks it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, update

from tests.conftest import Write
from tests.learning.learners import EXAM, learner
from webapp.core import registry
from webapp.core.clock import now
from webapp.core.db import db
from webapp.learning.models import Answer, Enrolment, QuizAttempt, StepProgress


@pytest.fixture
def finished(app: Flask) -> None:
    """One person who failed the exam once and passed it then; all rules hold."""
    found = learner(app)
    found.reach_exam()
    found.take(EXAM, wrong=20)
    found.take(EXAM)
    assert breaches(app) == set()


def breaches(app: Flask) -> set[str]:
    with app.app_context():
        return {breach.rule for breach in registry.verify(db.session())}


EXAMS = QuizAttempt.kind == "exam"
BREAKS: list[tuple[str, Any]] = [
    ("concluded-is-accredited", update(Enrolment).values(concluded_at=None)),
    ("exam-before-conclusion", delete(StepProgress).where(StepProgress.step == "principios")),
    ("exam-before-conclusion", update(StepProgress).where(StepProgress.step == "principios").values(completed_at=None)),
    ("exam-before-conclusion", update(QuizAttempt).where(EXAMS).values(passed=False)),
    ("attempts-within-limit", update(QuizAttempt).where(EXAMS, QuizAttempt.number == 2).values(number=3)),
    ("score-follows-answers", update(QuizAttempt).where(EXAMS, QuizAttempt.number == 1).values(score=79)),
    ("score-follows-answers", update(QuizAttempt).where(EXAMS, QuizAttempt.number == 1).values(passed=True)),
    ("answers-before-submission", update(QuizAttempt).where(EXAMS).values(submitted_at=now() - timedelta(days=1))),
]


@pytest.mark.usefixtures("finished")
@pytest.mark.parametrize(("rule", "change"), BREAKS, ids=[f"{rule}-{n}" for n, (rule, _) in enumerate(BREAKS)])
def test_a_breach_is_found(app: Flask, write: Write, rule: str, change: Any) -> None:
    with write() as writing:
        writing.execute(change)
    assert rule in breaches(app)


@pytest.mark.usefixtures("finished")
def test_an_answer_after_handing_in_or_to_no_question_of_the_draw_is_found(app: Flask, write: Write) -> None:
    with write() as writing:
        attempt_id = writing.scalars(select(QuizAttempt.id).where(EXAMS)).first()
        row: dict[str, Any] = {
            "attempt_id": attempt_id,
            "response": {},
            "client_key": "late",
            "saved_at": now() + timedelta(hours=1),
        }
        writing.execute(insert(Answer).values(question="no-hay", **row))
    with app.app_context():
        found = [breach.detail for breach in registry.verify(db.session())]
    assert any("later than its attempt" in detail for detail in found)
    assert any("was not drawn" in detail for detail in found)


def test_someone_who_only_enrolled_breaks_nothing(app: Flask) -> None:
    learner(app).enrol()
    assert breaches(app) == set()
