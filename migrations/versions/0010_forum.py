"""Questions of lessons with their answers, and announcements with whom they went to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

HIDDEN = "(hidden_at IS NULL) = (hidden_by_id IS NULL) AND (hidden_at IS NULL) = (hidden_reason = '')"
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "lesson_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=120), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("wants_mail", sa.Boolean(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT, nullable=True),
        sa.Column("hidden_at", MOMENT, nullable=True),
        sa.Column("hidden_by_id", sa.Integer(), nullable=True),
        sa.Column("hidden_reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint(HIDDEN, name=op.f("ck_lesson_question_hidden")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_lesson_question_course_id_course")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_lesson_question_author_id_person")),
        sa.ForeignKeyConstraint(["hidden_by_id"], ["person.id"], name=op.f("fk_lesson_question_hidden_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_question")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lesson_question_public_id")),
    )
    op.create_index("ix_lesson_question_box", "lesson_question", ["course_id", "step"])
    op.create_index(op.f("ix_lesson_question_author_id"), "lesson_question", ["author_id"])
    op.create_table(
        "lesson_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("from_team", sa.Boolean(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.Column("endorsed_at", MOMENT, nullable=True),
        sa.Column("endorsed_by_id", sa.Integer(), nullable=True),
        sa.Column("hidden_at", MOMENT, nullable=True),
        sa.Column("hidden_by_id", sa.Integer(), nullable=True),
        sa.Column("hidden_reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint(HIDDEN, name=op.f("ck_lesson_answer_hidden")),
        sa.CheckConstraint("(endorsed_at IS NULL) = (endorsed_by_id IS NULL)", name=op.f("ck_lesson_answer_endorsed")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["lesson_question.id"], name=op.f("fk_lesson_answer_question_id_lesson_question")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_lesson_answer_author_id_person")),
        sa.ForeignKeyConstraint(["endorsed_by_id"], ["person.id"], name=op.f("fk_lesson_answer_endorsed_by_id_person")),
        sa.ForeignKeyConstraint(["hidden_by_id"], ["person.id"], name=op.f("fk_lesson_answer_hidden_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_answer")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lesson_answer_public_id")),
    )
    op.create_index(op.f("ix_lesson_answer_question_id"), "lesson_answer", ["question_id"])
    op.create_index(op.f("ix_lesson_answer_author_id"), "lesson_answer", ["author_id"])
    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.Column("retired_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(retired_at IS NULL) = (retired_by_id IS NULL)", name=op.f("ck_announcement_retired")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_announcement_course_id_course")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_announcement_author_id_person")),
        sa.ForeignKeyConstraint(["retired_by_id"], ["person.id"], name=op.f("fk_announcement_retired_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
        sa.UniqueConstraint("public_id", name=op.f("uq_announcement_public_id")),
    )
    op.create_index(op.f("ix_announcement_course_id"), "announcement", ["course_id"])
    op.create_index(op.f("ix_announcement_author_id"), "announcement", ["author_id"])
    op.create_table(
        "announcement_recipient",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.Column("mailed_at", MOMENT, nullable=True),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.CheckConstraint("mailed_at IS NULL OR by_mail", name=op.f("ck_announcement_recipient_mailed")),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcement.id"],
            name=op.f("fk_announcement_recipient_announcement_id_announcement"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_announcement_recipient_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_recipient")),
        sa.UniqueConstraint(
            "announcement_id", "person_id", name=op.f("uq_announcement_recipient_announcement_id_person_id")
        ),
    )
    op.create_index(op.f("ix_announcement_recipient_person_id"), "announcement_recipient", ["person_id"])
    op.create_table(
        "muted_course",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("muted_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_muted_course_person_id_person")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_muted_course_course_id_course")),
        sa.PrimaryKeyConstraint("person_id", "course_id", name=op.f("pk_muted_course")),
    )


def downgrade() -> None:
    for table in ("muted_course", "announcement_recipient", "announcement", "lesson_answer", "lesson_question"):
        op.drop_table(table)
