"""Answer keys mended after people answered, and what that did to scores."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "key_amendment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("bank", sa.String(length=120), nullable=False),
        sa.Column("question", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("blank", sa.String(length=120), nullable=False),
        sa.Column("tolerance", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("applied_by_id", sa.Integer(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('accept','key','void')", name=op.f("ck_key_amendment_kind")),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name=op.f("ck_key_amendment_undone")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_key_amendment_course_id_course")),
        sa.ForeignKeyConstraint(["applied_by_id"], ["person.id"], name=op.f("fk_key_amendment_applied_by_id_person")),
        sa.ForeignKeyConstraint(["undone_by_id"], ["person.id"], name=op.f("fk_key_amendment_undone_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_amendment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_key_amendment_public_id")),
    )
    op.create_index(op.f("ix_key_amendment_course_id"), "key_amendment", ["course_id"])
    op.create_table(
        "amended_revision",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("amendment_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["course_revision.id"], name=op.f("fk_amended_revision_revision_id_course_revision")
        ),
        sa.ForeignKeyConstraint(
            ["amendment_id"], ["key_amendment.id"], name=op.f("fk_amended_revision_amendment_id_key_amendment")
        ),
        sa.PrimaryKeyConstraint("revision_id", "amendment_id", name=op.f("pk_amended_revision")),
    )
    op.create_table(
        "score_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("amendment_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("undo", sa.Boolean(), nullable=False),
        sa.Column("score_before", sa.Integer(), nullable=False),
        sa.Column("score_after", sa.Integer(), nullable=False),
        sa.Column("passed_before", sa.Boolean(), nullable=False),
        sa.Column("passed_after", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["amendment_id"], ["key_amendment.id"], name=op.f("fk_score_change_amendment_id_key_amendment")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["quiz_attempt.id"], name=op.f("fk_score_change_attempt_id_quiz_attempt")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_change")),
    )
    op.create_index(op.f("ix_score_change_attempt_id"), "score_change", ["attempt_id"])
    op.create_index(op.f("ix_score_change_amendment_id"), "score_change", ["amendment_id"])
    for act in ("UPDATE", "DELETE"):
        _keep(act)


def downgrade() -> None:
    for table in ("score_change", "amended_revision", "key_amendment"):
        op.drop_table(table)


def _keep(act: str) -> None:
    """Refuse an act on rows that are facts, as the first tables do."""
    name = f"score_change_refuses_{act.lower()}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {act} ON score_change "
            "BEGIN SELECT RAISE(ABORT, 'rows of score_change are facts'); END"
        )
        return
    op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON score_change FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite()")
