"""Rules of materials that `aula verify` proves."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.core.registry import Breach, invariant
from webapp.core.storage import storage
from webapp.materials.models import Material


@invariant("materials-kept")
def materials_kept(session: Session) -> Iterable[Breach]:
    """The file of every material is in the storage."""
    kept = storage().keys()
    for row in session.execute(select(Material.name, Material.key)):
        if row.key not in kept:
            yield Breach("materials-kept", f"material {row.name}: its file is missing")


@invariant("materials-scanned")
def materials_scanned(session: Session) -> Iterable[Breach]:
    """A verdict has its moment, only what is infected has a finding, and nothing was retired before it came."""
    has_verdict = Material.scan_state.in_(("clean", "infected"))
    odd = session.scalars(
        select(Material.name).where(
            or_(
                has_verdict & Material.scanned_at.is_(None),
                (Material.scan_state == "infected") != (Material.finding != ""),
                Material.retired_at < Material.uploaded_at,
            )
        )
    )
    for name in odd:
        yield Breach("materials-scanned", f"material {name}: its scan or its retirement is not as it must be")
