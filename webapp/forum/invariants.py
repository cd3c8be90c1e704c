"""Rules of questions and announcements that `aula verify` proves."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.core.registry import Breach, invariant
from webapp.forum.models import Announcement, AnnouncementRecipient, LessonAnswer, LessonQuestion


@invariant("answers-after-questions")
def answers_after_questions(session: Session) -> Iterable[Breach]:
    """No answer is older than its question, and nothing was endorsed or hidden before it was written."""
    odd = session.scalars(
        select(LessonAnswer.id)
        .join(LessonQuestion, LessonQuestion.id == LessonAnswer.question_id)
        .where(
            or_(
                LessonAnswer.answered_at < LessonQuestion.asked_at,
                LessonAnswer.endorsed_at < LessonAnswer.answered_at,
                LessonAnswer.hidden_at < LessonAnswer.answered_at,
                LessonQuestion.edited_at > LessonAnswer.answered_at,
            )
        )
    )
    for answer_id in odd:
        yield Breach("answers-after-questions", f"lesson_answer {answer_id}: its moments are not in order")


@invariant("announcements-after-sending")
def announcements_after_sending(session: Session) -> Iterable[Breach]:
    """Nobody was mailed or has read an announcement before it was sent, and each went to somebody."""
    early = session.scalars(
        select(AnnouncementRecipient.id)
        .join(Announcement, Announcement.id == AnnouncementRecipient.announcement_id)
        .where(
            or_(
                AnnouncementRecipient.read_at < Announcement.sent_at,
                AnnouncementRecipient.mailed_at < Announcement.sent_at,
            )
        )
    )
    for recipient_id in early:
        yield Breach(
            "announcements-after-sending", f"announcement_recipient {recipient_id} is earlier than its sending"
        )
    to_nobody = select(Announcement.id).where(
        ~select(AnnouncementRecipient.id).where(AnnouncementRecipient.announcement_id == Announcement.id).exists()
    )
    for announcement_id in session.scalars(to_nobody):
        yield Breach("announcements-after-sending", f"announcement {announcement_id} went to nobody")
