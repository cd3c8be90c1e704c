"""What a learner did. Every row names the step and the revision, so that it outlives the content."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import PERSONAL, Model, UTCDateTime, random_id

QuizKind = Literal["check", "pretest", "exam"]
AmendmentKind = Literal["accept", "key", "void"]


class Enrolment(Model):
    """A person in a course, under one revision. The rule of that day is copied: plazo, pass mark, attempts.

    `obliged_subject_id`, `state_id` and `sex` are those of the day of enrolment: eficiencia terminal is counted by
    them. `due_at` = enrolled_at + plazo. `printed_name` is the name confirmed before the final exam.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("person_id", "course_id"),
        CheckConstraint("due_at > enrolled_at", name="due"),
        Index("ix_enrolment_state", "state_id", "course_id", "due_at"),
        Index("ix_enrolment_made", "state_id", "enrolled_at"),
        Index("ix_enrolment_subject", "obliged_subject_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True, info=PERSONAL)
    revision_id: Mapped[int] = mapped_column(ForeignKey("course_revision.id"))
    obliged_subject_id: Mapped[int | None] = mapped_column(ForeignKey("obliged_subject.id"), info=PERSONAL)
    state_id: Mapped[int | None] = mapped_column(ForeignKey("state.id"), info=PERSONAL)
    sex: Mapped[str] = mapped_column(String(20), info=PERSONAL)
    pass_mark: Mapped[int]
    attempts_allowed: Mapped[int]
    enrolled_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)
    printed_name: Mapped[str] = mapped_column(String(250), default="", info=PERSONAL)
    name_confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=PERSONAL)
    concluded_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True, info=PERSONAL)
    last_step: Mapped[str] = mapped_column(String(120), default="", info=PERSONAL)


class StepProgress(Model):
    """A step of an enrolment that was reached, done, or exempted by the pre-test. The first moments stay."""

    __tablename__ = "step_progress"
    __table_args__ = (UniqueConstraint("enrolment_id", "step"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    step: Mapped[str] = mapped_column(String(120), info=PERSONAL)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)
    completed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=PERSONAL)
    exempted: Mapped[bool] = mapped_column(default=False, info=PERSONAL)
    seconds: Mapped[int] = mapped_column(default=0, info=PERSONAL)


class AttemptGrant(Model):
    """A trainer gave an enrolment further attempts at its exam, with a reason."""

    __tablename__ = "attempt_grant"
    __table_args__ = (CheckConstraint("extra BETWEEN 1 AND 10", name="extra"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), index=True)
    extra: Mapped[int] = mapped_column(info=PERSONAL)
    reason: Mapped[str] = mapped_column(String(300), info=PERSONAL)
    granted_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    granted_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)


class QuizAttempt(Model):
    """One try at a quiz. `questions` is the draw, in order; the key lies in the revision, the rule is copied here.

    The database holds the limits: one open attempt per quiz, numbers without repeats, none above what was allowed
    (`allowed` None = no limit).
    """

    __tablename__ = "quiz_attempt"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "step", "number"),
        CheckConstraint("number >= 1 AND (allowed IS NULL OR number <= allowed)", name="number_allowed"),
        CheckConstraint("kind IN ('check','pretest','exam')", name="kind"),
        CheckConstraint("(submitted_at IS NULL) = (score IS NULL)", name="graded"),
        Index(
            "uq_quiz_attempt_open",
            "enrolment_id",
            "step",
            unique=True,
            sqlite_where=text("submitted_at IS NULL"),
            postgresql_where=text("submitted_at IS NULL"),
        ),
        # All that figures of exams ask for, so that counting a year need not read the draws.
        Index("ix_quiz_attempt_figures", "kind", "enrolment_id", "number", "submitted_at", "score", "passed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=random_id)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("course_revision.id"))
    step: Mapped[str] = mapped_column(String(120), info=PERSONAL)
    kind: Mapped[QuizKind] = mapped_column(String(10))
    number: Mapped[int] = mapped_column(info=PERSONAL)
    allowed: Mapped[int | None]
    seed: Mapped[int]
    questions: Mapped[list[str]] = mapped_column(JSON)
    pass_mark: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=PERSONAL)
    score: Mapped[int | None] = mapped_column(info=PERSONAL)  # whole percent, rounded down
    passed: Mapped[bool | None] = mapped_column(info=PERSONAL)


class Answer(Model):
    """An answer as it was saved: append-only, the latest row of a question counts.

    `client_key` is made by the browser; the same key again is the same answer again and changes nothing.
    """

    __tablename__ = "answer"
    __table_args__ = (
        UniqueConstraint("attempt_id", "client_key"),
        Index("ix_answer_attempt_question", "attempt_id", "question", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("quiz_attempt.id"))
    question: Mapped[str] = mapped_column(String(120), info=PERSONAL)
    response: Mapped[dict[str, Any]] = mapped_column(JSON, info=PERSONAL)
    client_key: Mapped[str] = mapped_column(String(40))
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)


class KeyAmendment(Model):
    """A wrong answer key mended after people answered (`coursepack.amending`), with who did it and why.

    It holds for the attempts under its `revisions`: those in which the question reads as it did. Taken back, it stays
    here and holds for nobody.
    """

    __tablename__ = "key_amendment"
    __table_args__ = (
        CheckConstraint("kind IN ('accept','key','void')", name="kind"),
        CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name="undone"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=random_id)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    bank: Mapped[str] = mapped_column(String(120))
    question: Mapped[str] = mapped_column(String(120))
    kind: Mapped[AmendmentKind] = mapped_column(String(10))
    answers: Mapped[list[str]] = mapped_column(JSON)
    blank: Mapped[str] = mapped_column(String(120))
    tolerance: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(300))
    applied_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    applied_at: Mapped[datetime] = mapped_column(UTCDateTime)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class AmendedRevision(Model):
    """A revision for which an amendment holds."""

    __tablename__ = "amended_revision"

    revision_id: Mapped[int] = mapped_column(ForeignKey("course_revision.id"), primary_key=True)
    amendment_id: Mapped[int] = mapped_column(ForeignKey("key_amendment.id"), primary_key=True)


class ScoreChange(Model):
    """What an amendment, or taking it back (`undo`), did to the score of one attempt. Inserted, never changed."""

    __tablename__ = "score_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    amendment_id: Mapped[int] = mapped_column(ForeignKey("key_amendment.id"), index=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("quiz_attempt.id"), index=True)
    undo: Mapped[bool]
    score_before: Mapped[int] = mapped_column(info=PERSONAL)
    score_after: Mapped[int] = mapped_column(info=PERSONAL)
    passed_before: Mapped[bool] = mapped_column(info=PERSONAL)
    passed_after: Mapped[bool] = mapped_column(info=PERSONAL)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)


class CourseUpdate(Model):
    """Somebody accredited looks at what a substantive revision changed. Their constancia and record stay as they are."""

    __tablename__ = "course_update"
    __table_args__ = (UniqueConstraint("enrolment_id", "revision_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("course_revision.id"))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)
    completed_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=PERSONAL)


class UpdatedLesson(Model):
    """A lesson of an update that was read."""

    __tablename__ = "updated_lesson"

    update_id: Mapped[int] = mapped_column(ForeignKey("course_update.id"), primary_key=True)
    step: Mapped[str] = mapped_column(String(120), primary_key=True, info=PERSONAL)
    read_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)
