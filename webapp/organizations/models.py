"""Institutions and where they are. Everything institutional is dated; nothing is deleted, it ends and has a successor."""

from __future__ import annotations

from datetime import date
from typing import Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Model, random_id

Level = Literal["federal", "estatal", "municipal"]


class State(Model):
    """One of the 32 federative entities. `iso` is ISO 3166-2 ("MX-BCS"), `inegi` the two-digit key of INEGI ("03")."""

    __tablename__ = "state"

    id: Mapped[int] = mapped_column(primary_key=True)
    iso: Mapped[str] = mapped_column(String(6), unique=True)
    inegi: Mapped[str] = mapped_column(String(2), unique=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)


class Region(Model):
    """A grouping of states that its coordinator chooses; the law of 2025 knows no regions."""

    __tablename__ = "region"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text, default="")


class RegionState(Model):
    """A state belongs to a region between two dates (`valid_to` exclusive; None = still)."""

    __tablename__ = "region_state"
    __table_args__ = (
        UniqueConstraint("region_id", "state_id", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="validity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    state_id: Mapped[int] = mapped_column(ForeignKey("state.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    verified: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(Text, default="")


class Authority(Model):
    """An authority that guarantees the rights, before or after 2025. Dates are None where no source supports one."""

    __tablename__ = "authority"
    __table_args__ = (
        CheckConstraint("valid_from IS NULL OR valid_to IS NULL OR valid_to > valid_from", name="validity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(250))
    acronym: Mapped[str] = mapped_column(String(40), default="")
    kind: Mapped[str] = mapped_column(String(40))
    state_id: Mapped[int | None] = mapped_column(ForeignKey("state.id"), index=True)
    time_zone: Mapped[str] = mapped_column(String(40))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"))
    source: Mapped[str] = mapped_column(Text, default="")

    state: Mapped[State | None] = relationship()


class ObligedSubject(Model):
    """A *sujeto obligado* of the padrón. `search_name` is the name without accents and case, for the type-ahead."""

    __tablename__ = "obliged_subject"
    __table_args__ = (
        CheckConstraint("level IN ('federal','estatal','municipal')", name="level"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="validity"),
        UniqueConstraint("state_id", "name", "valid_from"),
        Index("ix_obliged_subject_state_search", "state_id", "search_name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=random_id)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    pnt_id: Mapped[str | None] = mapped_column(String(20), index=True)
    name: Mapped[str] = mapped_column(String(250))
    short_name: Mapped[str] = mapped_column(String(80), default="")
    search_name: Mapped[str] = mapped_column(String(340))
    state_id: Mapped[int] = mapped_column(ForeignKey("state.id"))
    level: Mapped[Level] = mapped_column(String(10))
    type: Mapped[str] = mapped_column(String(60))
    municipality: Mapped[str] = mapped_column(String(80), default="")
    time_zone: Mapped[str] = mapped_column(String(40))
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("obliged_subject.id"))

    state: Mapped[State] = relationship()
