"""Facts of achievement. Triggers in the database refuse to change or delete an accreditation."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import PERSONAL, Model, UTCDateTime, random_id


class Accreditation(Model):
    """Person P accredited action A on day D while in obliged subject O, with score S and H hours, under revision R.

    `accredited_on` is the day in the issuer's zone. `obliged_subject_id` is None while «no lo encuentro» is open.
    `corrects_id` points to the row that this one replaces; the statistics count the end of each chain.
    """

    __tablename__ = "accreditation"
    __table_args__ = (
        CheckConstraint("score BETWEEN 0 AND 100 AND pass_mark BETWEEN 0 AND 100", name="score"),
        CheckConstraint("(corrects_id IS NULL) = (correction_reason = '')", name="correction"),
        UniqueConstraint("corrects_id"),  # a row is corrected once; the next correction corrects the correction
        Index(
            "uq_accreditation_source",
            "source",
            unique=True,
            sqlite_where=text("corrects_id IS NULL"),
            postgresql_where=text("corrects_id IS NULL"),
        ),
        Index("ix_accreditation_counted", "state_id", "accredited_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=random_id)
    source: Mapped[str] = mapped_column(String(60))  # what earned it, once: "enrolment:123"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=PERSONAL)
    course_slug: Mapped[str] = mapped_column(String(120), index=True, info=PERSONAL)
    course_title: Mapped[str] = mapped_column(String(200), info=PERSONAL)
    topic: Mapped[str] = mapped_column(String(40))
    modality: Mapped[str] = mapped_column(String(20), default="asincronica")
    revision: Mapped[str] = mapped_column(String(64))
    hours: Mapped[Decimal] = mapped_column(Numeric(5, 1), info=PERSONAL)
    score: Mapped[int] = mapped_column(info=PERSONAL)
    pass_mark: Mapped[int]
    issuer_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    obliged_subject_id: Mapped[int | None] = mapped_column(ForeignKey("obliged_subject.id"), index=True, info=PERSONAL)
    state_id: Mapped[int | None] = mapped_column(ForeignKey("state.id"), info=PERSONAL)
    sex: Mapped[str] = mapped_column(String(20), info=PERSONAL)
    accredited_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)
    accredited_on: Mapped[date] = mapped_column(index=True, info=PERSONAL)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("accreditation.id"))
    correction_reason: Mapped[str] = mapped_column(Text, default="", info=PERSONAL)


class FolioSeries(Model):
    """The last folio given by an issuer in a year of its zone. Its row lock is what makes folios consecutive."""

    __tablename__ = "folio_series"
    __table_args__ = (UniqueConstraint("issuer_id", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    year: Mapped[int]
    last_number: Mapped[int]


class Constancia(Model):
    """A document about an accreditation, under a folio. `snapshot` is what it says, `snapshot_hash` the proof of it.

    The state is read off the dates: revocada, sustituida, vencida, else vigente. `code` (100 bits) opens the public
    verification page.
    """

    __tablename__ = "constancia"
    __table_args__ = (
        UniqueConstraint("issuer_id", "year", "number"),
        UniqueConstraint("supersedes_id"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("(revoked_at IS NULL) = (revocation_reason = '')", name="revocation"),
        Index(
            "ix_constancia_revoked",  # the few that figures leave out
            "revoked_at",
            sqlite_where=text("revoked_at IS NOT NULL"),
            postgresql_where=text("revoked_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    accreditation_id: Mapped[int] = mapped_column(ForeignKey("accreditation.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    issuer_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    year: Mapped[int]
    number: Mapped[int]
    folio: Mapped[str] = mapped_column(String(60), unique=True, info=PERSONAL)
    code: Mapped[str] = mapped_column(String(24), unique=True, info=PERSONAL)
    name: Mapped[str] = mapped_column(String(250), info=PERSONAL)  # as printed
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    snapshot_hash: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime, info=PERSONAL)
    issued_on: Mapped[date]
    valid_until: Mapped[date | None] = mapped_column(info=PERSONAL)
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("constancia.id"))
    superseded_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=PERSONAL)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime, info=PERSONAL)
    revocation_reason: Mapped[str] = mapped_column(Text, default="", info=PERSONAL)
    pdf_key: Mapped[str | None] = mapped_column(String(64))  # storage key of the signed file, once rendered

    accreditation: Mapped[Accreditation] = relationship()
