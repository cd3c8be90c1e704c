"""What this room holds about a person, for *descargar mis datos*."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.registry import personal_data
from webapp.formatlab.models import LabAttempt, LabOutcome, LabWork
from webapp.learning.models import Enrolment


@personal_data("practicas")
def lab_record(session: Session, person_id: int) -> dict[str, Any]:
    """Work on labs with its drafts, what was handed in, and what that showed."""
    mine = select(Enrolment.id).filter_by(person_id=person_id)
    works = session.scalars(select(LabWork).where(LabWork.enrolment_id.in_(mine)).order_by(LabWork.id))
    attempts = session.scalars(select(LabAttempt).where(LabAttempt.enrolment_id.in_(mine)).order_by(LabAttempt.id))
    return {
        "libros": [_work(work) for work in works],
        "entregas": [_attempt(session, attempt) for attempt in attempts],
    }


def _work(work: LabWork) -> dict[str, Any]:
    return {
        "step": work.step,
        "draft": work.draft,
        "hints": work.hints,
        "opened_at": work.opened_at.isoformat(),
        "saved_at": work.saved_at and work.saved_at.isoformat(),
    }


def _attempt(session: Session, attempt: LabAttempt) -> dict[str, Any]:
    rows = session.scalars(select(LabOutcome).filter_by(attempt_id=attempt.id).order_by(LabOutcome.id))
    return {
        "step": attempt.step,
        "number": attempt.number,
        "way": attempt.way,
        "hints": attempt.hints,
        "score": attempt.score,
        "blocking": attempt.blocking,
        "passed": attempt.passed,
        "submitted_at": attempt.submitted_at.isoformat(),
        "resultados": [
            {"code": row.code, "field": row.field, "outcome": row.outcome, "count": row.count} for row in rows
        ],
    }
