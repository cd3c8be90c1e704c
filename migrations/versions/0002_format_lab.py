"""The format lab: work on labs, submissions and what they showed, and the counts of the public laboratory."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "lab_count",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("format", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.CheckConstraint("files >= 1", name=op.f("ck_lab_count_files")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_count")),
        sa.UniqueConstraint("month", "format", "state", "code", name=op.f("uq_lab_count_month_format_state_code")),
    )
    op.create_table(
        "lab_work",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=120), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=120), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("workbook_key", sa.String(length=64), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("hints", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("hints >= 0", name=op.f("ck_lab_work_hints")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_lab_work_number")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_lab_work_enrolment_id_enrolment")),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["course_revision.id"], name=op.f("fk_lab_work_revision_id_course_revision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_work")),
        sa.UniqueConstraint("enrolment_id", "step", "number", name=op.f("uq_lab_work_enrolment_id_step_number")),
    )
    op.create_table(
        "lab_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("work_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=120), nullable=False),
        sa.Column("format", sa.String(length=120), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("allowed", sa.Integer(), nullable=True),
        sa.Column("pass_mark", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("hints", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("blocking", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("way IN ('upload','grid')", name=op.f("ck_lab_attempt_way")),
        sa.CheckConstraint(
            "number >= 1 AND (allowed IS NULL OR number <= allowed)", name=op.f("ck_lab_attempt_number_allowed")
        ),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_lab_attempt_score")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_lab_attempt_enrolment_id_enrolment")),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["course_revision.id"], name=op.f("fk_lab_attempt_revision_id_course_revision")
        ),
        sa.ForeignKeyConstraint(["work_id"], ["lab_work.id"], name=op.f("fk_lab_attempt_work_id_lab_work")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_attempt")),
        sa.UniqueConstraint("enrolment_id", "step", "number", name=op.f("uq_lab_attempt_enrolment_id_step_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lab_attempt_public_id")),
    )
    op.create_index("ix_lab_attempt_format", "lab_attempt", ["format", "submitted_at"])
    op.create_index(op.f("ix_lab_attempt_work_id"), "lab_attempt", ["work_id"])

    op.create_table(
        "lab_outcome",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("field", sa.String(length=300), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("outcome IN ('mended','left','broken','wrong')", name=op.f("ck_lab_outcome_outcome")),
        sa.CheckConstraint("count >= 1", name=op.f("ck_lab_outcome_count")),
        sa.ForeignKeyConstraint(["attempt_id"], ["lab_attempt.id"], name=op.f("fk_lab_outcome_attempt_id_lab_attempt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lab_outcome")),
        sa.UniqueConstraint(
            "attempt_id", "code", "field", "outcome", name=op.f("uq_lab_outcome_attempt_id_code_field_outcome")
        ),
    )
    op.create_index(op.f("ix_lab_outcome_attempt_id"), "lab_outcome", ["attempt_id"])


def downgrade() -> None:
    for table in ("lab_outcome", "lab_attempt", "lab_work", "lab_count"):
        op.drop_table(table)
