"""What this room holds about a person, for *descargar mis datos*."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.catalog.models import Course
from webapp.core.registry import personal_data
from webapp.learning.models import (
    Answer,
    AttemptGrant,
    CourseUpdate,
    Enrolment,
    QuizAttempt,
    ScoreChange,
    StepProgress,
    UpdatedLesson,
)
from webapp.organizations.models import ObligedSubject, State


@personal_data("aprendizaje")
def learning_record(session: Session, person_id: int) -> dict[str, Any]:
    """Enrolments with their steps, attempts and answers."""
    rows = session.execute(
        select(Enrolment, Course.slug, ObligedSubject.name, State.name)
        .join(Course, Course.id == Enrolment.course_id)
        .outerjoin(ObligedSubject, ObligedSubject.id == Enrolment.obliged_subject_id)
        .outerjoin(State, State.id == Enrolment.state_id)
        .where(Enrolment.person_id == person_id)
    )
    return {"inscripciones": [_enrolment(session, *row) for row in rows]}


def _enrolment(
    session: Session, row: Enrolment, slug: str, obliged_subject: str | None, state: str | None
) -> dict[str, Any]:
    return {
        "course_id": slug,
        "obliged_subject_id": obliged_subject,
        "state_id": state,
        "sex": row.sex,
        "enrolled_at": row.enrolled_at.isoformat(),
        "due_at": row.due_at.isoformat(),
        "printed_name": row.printed_name,
        "name_confirmed_at": row.name_confirmed_at and row.name_confirmed_at.isoformat(),
        "concluded_at": row.concluded_at and row.concluded_at.isoformat(),
        "last_step": row.last_step,
        "pasos": [
            {
                "step": step.step,
                "started_at": step.started_at.isoformat(),
                "completed_at": step.completed_at and step.completed_at.isoformat(),
                "exempted": step.exempted,
                "seconds": step.seconds,
            }
            for step in session.scalars(select(StepProgress).filter_by(enrolment_id=row.id).order_by(StepProgress.id))
        ],
        "intentos": [_attempt(session, attempt) for attempt in _attempts(session, row.id)],
        "actualizaciones": [
            {
                "started_at": update.started_at.isoformat(),
                "completed_at": update.completed_at and update.completed_at.isoformat(),
                "lecciones": [
                    {"step": lesson.step, "read_at": lesson.read_at.isoformat()}
                    for lesson in session.scalars(select(UpdatedLesson).filter_by(update_id=update.id))
                ],
            }
            for update in session.scalars(select(CourseUpdate).filter_by(enrolment_id=row.id))
        ],
        "intentos_otorgados": [
            {"extra": grant.extra, "reason": grant.reason, "granted_at": grant.granted_at.isoformat()}
            for grant in session.scalars(select(AttemptGrant).filter_by(enrolment_id=row.id))
        ],
    }


def _attempts(session: Session, enrolment_id: int) -> list[QuizAttempt]:
    return list(session.scalars(select(QuizAttempt).filter_by(enrolment_id=enrolment_id).order_by(QuizAttempt.id)))


def _attempt(session: Session, row: QuizAttempt) -> dict[str, Any]:
    answers = session.scalars(select(Answer).filter_by(attempt_id=row.id).order_by(Answer.id))
    return {
        "step": row.step,
        "number": row.number,
        "started_at": row.started_at.isoformat(),
        "submitted_at": row.submitted_at and row.submitted_at.isoformat(),
        "score": row.score,
        "passed": row.passed,
        "correcciones": [
            {
                "undo": change.undo,
                "score_before": change.score_before,
                "score_after": change.score_after,
                "passed_before": change.passed_before,
                "passed_after": change.passed_after,
                "changed_at": change.changed_at.isoformat(),
            }
            for change in session.scalars(select(ScoreChange).filter_by(attempt_id=row.id).order_by(ScoreChange.id))
        ],
        "respuestas": [
            {"question": a.question, "response": a.response, "saved_at": a.saved_at.isoformat()} for a in answers
        ],
    }
