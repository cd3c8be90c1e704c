"""What this room holds about a person, for *descargar mis datos*."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.catalog.models import Course
from webapp.core.registry import personal_data
from webapp.forum.models import Announcement, AnnouncementRecipient, LessonAnswer, LessonQuestion, MutedCourse


@personal_data("preguntas y avisos")
def written_and_received(session: Session, person_id: int) -> dict[str, Any]:
    """What the person asked, answered and announced, and the announcements that went to them."""
    titles: dict[int, str] = {row.id: row.title for row in session.execute(select(Course.id, Course.title))}
    return {
        "preguntas": [
            {
                "course_title": titles[row.course_id],
                "step": row.step,
                "body": row.body,
                "wants_mail": row.wants_mail,
                "asked_at": row.asked_at.isoformat(),
                "edited_at": _iso(row.edited_at),
                **_hidden(row),
            }
            for row in session.scalars(
                select(LessonQuestion).filter_by(author_id=person_id).order_by(LessonQuestion.id)
            )
        ],
        "respuestas_dadas": [
            {
                "body": row.body,
                "answered_at": row.answered_at.isoformat(),
                "endorsed_at": _iso(row.endorsed_at),
                **_hidden(row),
            }
            for row in session.scalars(select(LessonAnswer).filter_by(author_id=person_id).order_by(LessonAnswer.id))
        ],
        "avisos_enviados": [
            {
                "course_title": titles[row.course_id],
                "title": row.title,
                "body": row.body,
                "sent_at": row.sent_at.isoformat(),
                "retired_at": _iso(row.retired_at),
            }
            for row in session.scalars(select(Announcement).filter_by(author_id=person_id).order_by(Announcement.id))
        ],
        "avisos_recibidos": [
            {
                "title": title,
                "by_mail": row.by_mail,
                "mailed_at": _iso(row.mailed_at),
                "read_at": _iso(row.read_at),
            }
            for row, title in session.execute(
                select(AnnouncementRecipient, Announcement.title)
                .join(Announcement, Announcement.id == AnnouncementRecipient.announcement_id)
                .where(AnnouncementRecipient.person_id == person_id)
                .order_by(AnnouncementRecipient.id)
            )
        ],
        "sin_correos_de": [
            {"course_id": slug, "muted_at": row.muted_at.isoformat()}
            for row, slug in session.execute(
                select(MutedCourse, Course.slug)
                .join(Course, Course.id == MutedCourse.course_id)
                .where(MutedCourse.person_id == person_id)
                .order_by(MutedCourse.course_id)
            )
        ],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _hidden(row: LessonQuestion | LessonAnswer) -> dict[str, Any]:
    return {"hidden_at": _iso(row.hidden_at), "hidden_reason": row.hidden_reason}
