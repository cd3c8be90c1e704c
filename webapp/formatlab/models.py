"""What learners did in labs, and how often each rule was broken. No table of this room holds a value of a workbook
that came from outside, save the draft that a learner types into a practice."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import PERSONAL, Model, UTCDateTime, random_id

Way = Literal["upload", "grid"]
Outcome = Literal["mended", "left", "broken", "wrong"]


class LabWork(Model):
    """A learner's workbook of a lab: the seed, the mistakes that were put into it, and what was typed in the browser.

    `workbook_key` is where the storage keeps the practice ("" for a blank template), `key` the answer key as
    `formats.keys` writes it ("" for none). `draft` is
    `{sheet: {"D8": "typed"}}`; `hints` how many were asked for. A new number is another workbook of the same step.
    """

    __tablename__ = "lab_work"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "step", "number"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("hints >= 0", name="hints"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("course_revision.id"))
    step: Mapped[str] = mapped_column(String(120), info=PERSONAL)
    number: Mapped[int]
    format: Mapped[str] = mapped_column(String(120))
    seed: Mapped[int]
    workbook_key: Mapped[str] = mapped_column(String(64), default="")
    key: Mapped[str] = mapped_column(Text)
    draft: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict, info=PERSONAL)
    hints: Mapped[int] = mapped_column(default=0, info=PERSONAL)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)
    saved_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=PERSONAL)


class LabAttempt(Model):
    """A workbook that was handed in. The rule is copied; the workbook itself is not kept.

    `blocking` is how many findings would have kept it from being loaded. The database holds the limit
    (`allowed` None = no limit).
    """

    __tablename__ = "lab_attempt"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "step", "number"),
        CheckConstraint("number >= 1 AND (allowed IS NULL OR number <= allowed)", name="number_allowed"),
        CheckConstraint("way IN ('upload','grid')", name="way"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        Index("ix_lab_attempt_format", "format", "submitted_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=random_id)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("course_revision.id"))
    work_id: Mapped[int] = mapped_column(ForeignKey("lab_work.id"), index=True)
    step: Mapped[str] = mapped_column(String(120), info=PERSONAL)
    format: Mapped[str] = mapped_column(String(120))
    number: Mapped[int] = mapped_column(info=PERSONAL)
    allowed: Mapped[int | None]
    pass_mark: Mapped[int]
    way: Mapped[Way] = mapped_column(String(10), info=PERSONAL)
    hints: Mapped[int] = mapped_column(info=PERSONAL)  # asked for by then
    score: Mapped[int] = mapped_column(info=PERSONAL)  # whole percent, rounded down
    blocking: Mapped[int] = mapped_column(info=PERSONAL)
    passed: Mapped[bool] = mapped_column(info=PERSONAL)
    submitted_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)


class LabOutcome(Model):
    """What a submission showed, by rule and column: mistakes mended, left or made, and cells not as the case tells.

    `code` is a rule of the lab, or `content` for a cell of a «load»; `field` is the name of a column, "" for none.
    """

    __tablename__ = "lab_outcome"
    __table_args__ = (
        UniqueConstraint("attempt_id", "code", "field", "outcome"),
        CheckConstraint("outcome IN ('mended','left','broken','wrong')", name="outcome"),
        CheckConstraint("count >= 1", name="count"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("lab_attempt.id"), index=True)
    code: Mapped[str] = mapped_column(String(60), info=PERSONAL)
    field: Mapped[str] = mapped_column(String(300), default="", info=PERSONAL)
    outcome: Mapped[Outcome] = mapped_column(String(10), info=PERSONAL)
    count: Mapped[int] = mapped_column(info=PERSONAL)


class LabCount(Model):
    """In how many files of the public laboratory a rule was broken: by month ("2026-11"), format, state and rule.

    `code` "" counts the files themselves; `format` "" is a file of no known format, `state` "" one that nobody placed.
    """

    __tablename__ = "lab_count"
    __table_args__ = (UniqueConstraint("month", "format", "state", "code"), CheckConstraint("files >= 1", name="files"))

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7))
    format: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(60))
    files: Mapped[int]
