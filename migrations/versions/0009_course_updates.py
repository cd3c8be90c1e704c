"""Short updates of those who were accredited under an earlier revision."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "course_update",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_course_update_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["course_revision.id"], name=op.f("fk_course_update_revision_id_course_revision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_update")),
        sa.UniqueConstraint("enrolment_id", "revision_id", name=op.f("uq_course_update_enrolment_id_revision_id")),
    )
    op.create_table(
        "updated_lesson",
        sa.Column("update_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=120), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["update_id"], ["course_update.id"], name=op.f("fk_updated_lesson_update_id_course_update")
        ),
        sa.PrimaryKeyConstraint("update_id", "step", name=op.f("pk_updated_lesson")),
    )


def downgrade() -> None:
    for table in ("updated_lesson", "course_update"):
        op.drop_table(table)
