"""Drafts with their history, where a course comes from, and how much a revision changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # Written out, because Alembic would copy the whole table on SQLite and lose the triggers that keep revisions.
    op.execute(
        "ALTER TABLE course ADD COLUMN origin VARCHAR(10) DEFAULT 'folder' NOT NULL "
        "CONSTRAINT ck_course_origin CHECK (origin IN ('folder','studio'))"
    )
    op.execute(
        "ALTER TABLE course_revision ADD COLUMN change VARCHAR(12) DEFAULT 'minor' NOT NULL "
        "CONSTRAINT ck_course_revision_change CHECK (change IN ('minor','substantive'))"
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=True),
        sa.Column("course_id", sa.Integer(), nullable=True),
        sa.Column("published_revision_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("discarded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("version >= 0", name=op.f("ck_draft_version")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_draft_authority_id_authority")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_draft_course_id_course")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_draft_owner_id_person")),
        sa.ForeignKeyConstraint(
            ["published_revision_id"],
            ["course_revision.id"],
            name=op.f("fk_draft_published_revision_id_course_revision"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("public_id", name=op.f("uq_draft_public_id")),
    )
    op.create_index(op.f("ix_draft_owner_id"), "draft", ["owner_id"])
    op.create_index(op.f("ix_draft_authority_id"), "draft", ["authority_id"])
    op.create_index(
        "uq_draft_open_course",
        "draft",
        ["course_id"],
        unique=True,
        sqlite_where=sa.text("discarded_at IS NULL"),
        postgresql_where=sa.text("discarded_at IS NULL"),
    )
    op.create_table(
        "draft_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("storage_key", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_draft_file_draft_id_draft")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_file")),
        sa.UniqueConstraint("draft_id", "path", name=op.f("uq_draft_file_draft_id_path")),
    )
    op.create_table(
        "draft_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("before_key", sa.String(length=64), nullable=True),
        sa.Column("after_key", sa.String(length=64), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_draft_change_draft_id_draft")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draft_change_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_change")),
        sa.UniqueConstraint("draft_id", "number", "path", name=op.f("uq_draft_change_draft_id_number_path")),
    )
    op.create_index(op.f("ix_draft_change_person_id"), "draft_change", ["person_id"])
    for act in ("UPDATE", "DELETE"):
        _refuse("draft_change", act)


def _refuse(table: str, act: str) -> None:
    name = f"{table}_refuses_{act.lower()}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, 'rows of {table} are facts'); END"
        )
    else:
        op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite()")


def downgrade() -> None:
    for table in ("draft_change", "draft_file", "draft"):
        op.drop_table(table)
    op.execute("ALTER TABLE course_revision DROP COLUMN change")
    op.execute("ALTER TABLE course DROP COLUMN origin")
