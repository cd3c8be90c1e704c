"""Courses and their revisions. A revision holds the whole compiled package and never changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Model, UTCDateTime

Origin = Literal["folder", "studio"]
Change = Literal["minor", "substantive"]


class Course(Model):
    """A course by its slug. `revision_id` is the published one; a retired course keeps its records and its page.

    `origin` says who publishes it: the sync of the curriculum folder, or a trainer from a draft. Neither touches the other's.
    """

    __tablename__ = "course"
    __table_args__ = (
        CheckConstraint("state IN ('published','retired')", name="state"),
        CheckConstraint("origin IN ('folder','studio')", name="origin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    state: Mapped[Literal["published", "retired"]] = mapped_column(String(10), default="published")
    title: Mapped[str] = mapped_column(String(200))
    topic: Mapped[str] = mapped_column(String(40))
    issuer_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"))
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("course_revision.id", use_alter=True))
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)
    origin: Mapped[Origin] = mapped_column(String(10), default="folder", server_default="folder")

    revision: Mapped[CourseRevision | None] = relationship(foreign_keys=[revision_id])


class CourseRevision(Model):
    """A compiled package (`content`: JSON of `coursepack.serialise`, with answer keys) under the hash of its files.

    `change` says what it means for who knows the revision before: `minor` asks nothing of them, `substantive` changes
    what is taught or asked.
    """

    __tablename__ = "course_revision"
    __table_args__ = (
        UniqueConstraint("course_id", "hash"),
        UniqueConstraint("course_id", "number"),
        CheckConstraint("change IN ('minor','substantive')", name="change"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(Text)
    synced_at: Mapped[datetime] = mapped_column(UTCDateTime)
    change: Mapped[Change] = mapped_column(String(12), default="minor", server_default="minor")


class CourseAsset(Model):
    """A file of a revision and the key under which the storage keeps it."""

    __tablename__ = "course_asset"
    __table_args__ = (UniqueConstraint("revision_id", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("course_revision.id"))
    path: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(80))
    storage_key: Mapped[str] = mapped_column(String(64))


class LearningPath(Model):
    """Courses in order for a role, as the last sync found them. `content` is `coursepack.model.LearningPath` as JSON."""

    __tablename__ = "learning_path"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
