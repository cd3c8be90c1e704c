"""Rules of the records that `aula verify` proves."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.core.registry import Breach, invariant
from webapp.core.storage import storage
from webapp.records.models import Accreditation, Constancia, FolioSeries
from webapp.records.services import hash_snapshot


@invariant("folios-consecutive")
def folios_consecutive(session: Session) -> Iterable[Breach]:
    """In each series the folios are 1…n without gap or repeat, and n is what the series remembers."""
    counted = {
        (row.issuer_id, row.year): row
        for row in session.execute(
            select(
                Constancia.issuer_id,
                Constancia.year,
                func.count().label("count"),
                func.count(Constancia.number.distinct()).label("distinct"),
                func.max(Constancia.number).label("last"),
            ).group_by(Constancia.issuer_id, Constancia.year)
        )
    }
    for series in session.scalars(select(FolioSeries)):
        row = counted.pop((series.issuer_id, series.year), None)
        found = (row.count, row.distinct, row.last) if row is not None else (0, 0, 0)
        if set(found) != {series.last_number}:
            yield Breach(
                "folios-consecutive",
                f"issuer {series.issuer_id}, {series.year}: {found} folios, {series.last_number} given",
            )
    for issuer_id, year in counted:
        yield Breach("folios-consecutive", f"issuer {issuer_id}, {year}: folios without a series")


@invariant("accreditation-has-constancia")
def accreditation_has_constancia(session: Session) -> Iterable[Breach]:
    """Every accreditation that corrects none has at least one constancia, and at most one that is in use."""
    rows = session.execute(
        select(
            Accreditation.id,
            func.count(Constancia.id).label("all"),
            func.count(Constancia.id).filter(Constancia.superseded_at.is_(None)).label("in_use"),
        )
        .outerjoin(Constancia, Constancia.accreditation_id == Accreditation.id)
        .where(Accreditation.corrects_id.is_(None))
        .group_by(Accreditation.id)
    )
    for row in rows:
        if row.all == 0 or row.in_use != 1:
            yield Breach(
                "accreditation-has-constancia", f"accreditation {row.id}: {row.all} issued, {row.in_use} in use"
            )


@invariant("snapshot-unchanged")
def snapshot_unchanged(session: Session) -> Iterable[Breach]:
    """What every constancia says is what it said when it was issued."""
    rows = session.execute(select(Constancia.folio, Constancia.snapshot, Constancia.snapshot_hash))
    for row in rows.yield_per(1000):
        if hash_snapshot(row.snapshot) != row.snapshot_hash:
            yield Breach("snapshot-unchanged", f"{row.folio}: its content was changed")


@invariant("files-kept")
def files_kept(session: Session) -> Iterable[Breach]:
    """The file of every rendered constancia is in the storage."""
    kept = storage().keys()
    rows = session.execute(select(Constancia.folio, Constancia.pdf_key).where(Constancia.pdf_key.is_not(None)))
    for row in rows:
        if row.pdf_key not in kept:
            yield Breach("files-kept", f"{row.folio}: its file is missing")
