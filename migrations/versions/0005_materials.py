"""Materials of trainers and their quotas."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "material",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=150), nullable=False),
        sa.Column("search_title", sa.String(length=300), nullable=False),
        sa.Column("alt", sa.String(length=500), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=True),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scan_state", sa.String(length=10), nullable=False),
        sa.Column("finding", sa.String(length=120), nullable=False),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('image','pdf','video','captions','document','sheet','slides')", name=op.f("ck_material_kind")
        ),
        sa.CheckConstraint(
            "scan_state IN ('pending','clean','infected','error','unscanned')", name=op.f("ck_material_scan_state")
        ),
        sa.CheckConstraint("size > 0", name=op.f("ck_material_size")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_material_authority_id_authority")),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["person.id"], name=op.f("fk_material_uploaded_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material")),
        sa.UniqueConstraint("name", name=op.f("uq_material_name")),
    )
    op.create_index("ix_material_owner", "material", ["authority_id", "uploaded_by_id"])
    op.create_index(op.f("ix_material_key"), "material", ["key"])
    op.create_index(op.f("ix_material_uploaded_by_id"), "material", ["uploaded_by_id"])
    op.create_table(
        "material_quota",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column("megabytes", sa.Integer(), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("megabytes > 0", name=op.f("ck_material_quota_megabytes")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_material_quota_authority_id_authority")
        ),
        sa.ForeignKeyConstraint(["set_by_id"], ["person.id"], name=op.f("fk_material_quota_set_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_quota")),
        sa.UniqueConstraint("authority_id", name=op.f("uq_material_quota_authority_id")),
    )


def downgrade() -> None:
    op.drop_table("material_quota")
    op.drop_table("material")
