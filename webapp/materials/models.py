"""Files that trainers keep, and how many megabytes an authority may."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.db import PERSONAL, Model, UTCDateTime, random_id

Kind = Literal["image", "pdf", "video", "captions", "document", "sheet", "slides"]
KINDS: tuple[Kind, ...] = ("image", "pdf", "video", "captions", "document", "sheet", "slides")
ScanState = Literal["pending", "clean", "infected", "error", "unscanned"]


class Material(Model):
    """A file of an authority; of the person alone who brought it where `authority_id` is None.

    `name` is its random public name, `key` where the storage keeps it. `scan_state`: "unscanned" came while no scanner
    was set up, "error" is a scan that failed and is tried again. Retired, it is offered and served no more.
    """

    __tablename__ = "material"
    __table_args__ = (
        CheckConstraint("kind IN ('image','pdf','video','captions','document','sheet','slides')", name="kind"),
        CheckConstraint("scan_state IN ('pending','clean','infected','error','unscanned')", name="scan_state"),
        CheckConstraint("size > 0", name="size"),
        Index("ix_material_owner", "authority_id", "uploaded_by_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(16), unique=True, default=random_id)
    title: Mapped[str] = mapped_column(String(150), info=PERSONAL)
    search_title: Mapped[str] = mapped_column(String(300), info=PERSONAL)
    alt: Mapped[str] = mapped_column(String(500), default="", info=PERSONAL)
    file_name: Mapped[str] = mapped_column(String(120), info=PERSONAL)
    kind: Mapped[Kind] = mapped_column(String(10))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    facts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    key: Mapped[str] = mapped_column(String(64), index=True)
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"))
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    uploaded_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)
    scan_state: Mapped[ScanState] = mapped_column(String(10))
    finding: Mapped[str] = mapped_column(String(120), default="")
    scanned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @property
    def path(self) -> str:
        """Its public address, by which a lesson shows it."""
        return f"/materiales/{self.name}"


class MaterialQuota(Model):
    """How many megabytes an authority may keep, where that is not what the settings say."""

    __tablename__ = "material_quota"
    __table_args__ = (CheckConstraint("megabytes > 0", name="megabytes"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), unique=True)
    megabytes: Mapped[int]
    set_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[datetime] = mapped_column(UTCDateTime)
