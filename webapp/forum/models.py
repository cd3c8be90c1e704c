"""Questions of a lesson with their answers, and announcements with whom they went to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import PERSONAL, Model, UTCDateTime, random_id

_HIDDEN = "(hidden_at IS NULL) = (hidden_by_id IS NULL) AND (hidden_at IS NULL) = (hidden_reason = '')"


class LessonQuestion(Model):
    """What somebody asked in a lesson. It names the step, not the revision: the lesson goes on when its text is mended.

    `wants_mail`: its author is told of answers. Hidden, only its author and those who teach see it.
    """

    __tablename__ = "lesson_question"
    __table_args__ = (CheckConstraint(_HIDDEN, name="hidden"), Index("ix_lesson_question_box", "course_id", "step"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=random_id)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    step: Mapped[str] = mapped_column(String(120), info=PERSONAL)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    body: Mapped[str] = mapped_column(Text, info=PERSONAL)
    wants_mail: Mapped[bool] = mapped_column(info=PERSONAL)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=PERSONAL)
    hidden_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=PERSONAL)
    hidden_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    hidden_reason: Mapped[str] = mapped_column(String(300), default="", info=PERSONAL)


class LessonAnswer(Model):
    """An answer. `from_team`: whoever wrote it taught the course that day. `endorsed_at`: a teacher says it is right."""

    __tablename__ = "lesson_answer"
    __table_args__ = (
        CheckConstraint(_HIDDEN, name="hidden"),
        CheckConstraint("(endorsed_at IS NULL) = (endorsed_by_id IS NULL)", name="endorsed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=random_id)
    question_id: Mapped[int] = mapped_column(ForeignKey("lesson_question.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    body: Mapped[str] = mapped_column(Text, info=PERSONAL)
    from_team: Mapped[bool]
    answered_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)
    endorsed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=PERSONAL)
    endorsed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    hidden_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=PERSONAL)
    hidden_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    hidden_reason: Mapped[str] = mapped_column(String(300), default="", info=PERSONAL)


class Announcement(Model):
    """What those who teach a course tell the people in it. Sent, it is not changed; retired, only its senders see it."""

    __tablename__ = "announcement"
    __table_args__ = (CheckConstraint("(retired_at IS NULL) = (retired_by_id IS NULL)", name="retired"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=random_id)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    title: Mapped[str] = mapped_column(String(120), info=PERSONAL)
    body: Mapped[str] = mapped_column(Text, info=PERSONAL)
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=PERSONAL)
    retired_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class AnnouncementRecipient(Model):
    """Somebody an announcement went to: who was on the way through the course that day. `by_mail`: also as a mail."""

    __tablename__ = "announcement_recipient"
    __table_args__ = (
        UniqueConstraint("announcement_id", "person_id"),
        CheckConstraint("mailed_at IS NULL OR by_mail", name="mailed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcement.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    by_mail: Mapped[bool] = mapped_column(info=PERSONAL)
    mailed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=PERSONAL)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=PERSONAL)


class MutedCourse(Model):
    """Somebody wants no mails of the announcements of a course."""

    __tablename__ = "muted_course"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True, info=PERSONAL)
    muted_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)
