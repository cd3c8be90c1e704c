"""Attempts at interactive packages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "package_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=120), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("package_key", sa.String(length=64), nullable=False),
        sa.Column("standard", sa.String(length=10), nullable=False),
        sa.Column("counts", sa.String(length=10), nullable=False),
        sa.Column("location", sa.String(length=1000), nullable=False),
        sa.Column("suspend_data", sa.Text(), nullable=False),
        sa.Column("completion", sa.String(length=10), nullable=False),
        sa.Column("success", sa.String(length=10), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("total_seconds", sa.Integer(), nullable=False),
        sa.Column("session_key", sa.String(length=40), nullable=False),
        sa.Column("session_sequence", sa.Integer(), nullable=False),
        sa.Column("session_seconds", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_package_attempt_number")),
        sa.CheckConstraint("standard IN ('scorm12','scorm2004','h5p')", name=op.f("ck_package_attempt_standard")),
        sa.CheckConstraint("counts IN ('completion','passed','view')", name=op.f("ck_package_attempt_counts")),
        sa.CheckConstraint(
            "completion IN ('unknown','incomplete','completed')", name=op.f("ck_package_attempt_completion")
        ),
        sa.CheckConstraint("success IN ('unknown','failed','passed')", name=op.f("ck_package_attempt_success")),
        sa.CheckConstraint("score IS NULL OR score BETWEEN 0 AND 100", name=op.f("ck_package_attempt_score")),
        sa.CheckConstraint("finished_at IS NULL OR met_at IS NOT NULL", name=op.f("ck_package_attempt_finished")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_package_attempt_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["course_revision.id"], name=op.f("fk_package_attempt_revision_id_course_revision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package_attempt")),
        sa.UniqueConstraint("enrolment_id", "step", "number", name=op.f("uq_package_attempt_enrolment_id_step_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_package_attempt_public_id")),
    )


def downgrade() -> None:
    op.drop_table("package_attempt")
