"""Drafts of courses. A draft is a course package: its files by path, with every change that was ever made to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Person
from webapp.catalog.models import Course
from webapp.core.db import PERSONAL, Model, UTCDateTime, random_id


class Draft(Model):
    """A course in the making. `version` counts the acts that changed it; `course_id` is the course it was published as.

    `remarks` is what the intake had to say of its files. `authority_id` is the authority whose trainers share it; None
    where the owner's workplace has none.
    """

    __tablename__ = "draft"
    __table_args__ = (
        CheckConstraint("version >= 0", name="version"),
        Index(
            "uq_draft_open_course",
            "course_id",
            unique=True,
            sqlite_where=text("discarded_at IS NULL"),
            postgresql_where=text("discarded_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=random_id)
    slug: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(200))
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"), index=True)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"))
    published_revision_id: Mapped[int | None] = mapped_column(ForeignKey("course_revision.id"))
    version: Mapped[int] = mapped_column(default=0)
    remarks: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    discarded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    owner: Mapped[Person] = relationship(lazy="raise_on_sql")
    course: Mapped[Course | None] = relationship(lazy="raise_on_sql")


class DraftFile(Model):
    """A file of a draft as it is now: `path` in the package ("lessons/x.md") and the key of its bytes in the storage."""

    __tablename__ = "draft_file"
    __table_args__ = (UniqueConstraint("draft_id", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    path: Mapped[str] = mapped_column(String(200))
    storage_key: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(80))


class DraftChange(Model):
    """What an act did to one file: its key before and after (None: it was not there). A fact; never rewritten.

    `number` is the version of the draft that the act made; the rows of one act share it.
    """

    __tablename__ = "draft_change"
    __table_args__ = (UniqueConstraint("draft_id", "number", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    number: Mapped[int]
    path: Mapped[str] = mapped_column(String(200), info=PERSONAL)
    before_key: Mapped[str | None] = mapped_column(String(64))
    after_key: Mapped[str | None] = mapped_column(String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)
    note: Mapped[str] = mapped_column(String(200), info=PERSONAL)
