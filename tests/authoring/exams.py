"""Exams that were handed in, for what is read of answers and for keys that are mended."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.learning.learners import EXAM, SLUG, Learner
from webapp.catalog import queries as catalog
from webapp.core.db import db
from webapp.learning.models import Enrolment, QuizAttempt


def one_too_many(app: Flask, who: Learner) -> int:
    with app.app_context():
        state = catalog.course_by_slug(db.session(), SLUG)
        assert state is not None
        found = catalog.revision(db.session(), state.revision_id).course
    count = found.steps[EXAM].draw.count
    assert count is not None
    return count - (found.pass_mark * count) // 100 + 1


def exam_of(session: Session, who: Learner) -> QuizAttempt:
    return session.scalars(
        select(QuizAttempt)
        .join(Enrolment, Enrolment.id == QuizAttempt.enrolment_id)
        .where(Enrolment.person_id == who.id, QuizAttempt.kind == "exam")
        .order_by(QuizAttempt.number.desc())
    ).first() or pytest.fail("no exam")


def first_question(session: Session, who: Learner) -> str:
    """The first question of the exam, which was answered wrong."""
    return exam_of(session, who).questions[0]
