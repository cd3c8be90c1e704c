"""What learners did in interactive packages, as the packages themselves reported it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import PERSONAL, Model, UTCDateTime, random_id
from webapp.coursepack.model import Counts, Standard

Completion = Literal["unknown", "incomplete", "completed"]
Success = Literal["unknown", "failed", "passed"]
LONGEST_LOCATION = 1000


class PackageAttempt(Model):
    """One going through a package, with the state that lets it be left and resumed. The rule (`counts`) is copied.

    `score` is whole percent, rounded down. `met_at` is when the rule was met, `finished_at` when the package said good-bye
    after that: from then on nothing it reports is kept. `session_key`, `session_sequence` and `session_seconds` are those
    of the sitting reported last, so that its time is added once and a late report overwrites nothing.
    """

    __tablename__ = "package_attempt"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "step", "number"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("standard IN ('scorm12','scorm2004','h5p')", name="standard"),
        CheckConstraint("counts IN ('completion','passed','view')", name="counts"),
        CheckConstraint("completion IN ('unknown','incomplete','completed')", name="completion"),
        CheckConstraint("success IN ('unknown','failed','passed')", name="success"),
        CheckConstraint("score IS NULL OR score BETWEEN 0 AND 100", name="score"),
        CheckConstraint("finished_at IS NULL OR met_at IS NOT NULL", name="finished"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=random_id)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("course_revision.id"))
    step: Mapped[str] = mapped_column(String(120), info=PERSONAL)
    number: Mapped[int] = mapped_column(info=PERSONAL)
    package_key: Mapped[str] = mapped_column(String(64))
    standard: Mapped[Standard] = mapped_column(String(10))
    counts: Mapped[Counts] = mapped_column(String(10))
    location: Mapped[str] = mapped_column(String(LONGEST_LOCATION), default="", info=PERSONAL)
    suspend_data: Mapped[str] = mapped_column(Text, default="", info=PERSONAL)
    completion: Mapped[Completion] = mapped_column(String(10), default="unknown", info=PERSONAL)
    success: Mapped[Success] = mapped_column(String(10), default="unknown", info=PERSONAL)
    score: Mapped[int | None] = mapped_column(info=PERSONAL)
    total_seconds: Mapped[int] = mapped_column(default=0, info=PERSONAL)
    session_key: Mapped[str] = mapped_column(String(40), default="")
    session_sequence: Mapped[int] = mapped_column(default=0)
    session_seconds: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)
    reported_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=PERSONAL)
    met_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=PERSONAL)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=PERSONAL)
