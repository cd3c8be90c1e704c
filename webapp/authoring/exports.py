"""What this room holds about a person, for *descargar mis datos*."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.authoring.models import Draft, DraftChange
from webapp.core.registry import personal_data


@personal_data("estudio")
def authored(session: Session, person_id: int) -> dict[str, Any]:
    """The drafts that the person owns, and each change that they made to any draft."""
    drafts = session.scalars(select(Draft).filter_by(owner_id=person_id).order_by(Draft.id))
    changes = session.execute(
        select(DraftChange, Draft.title)
        .join(Draft, Draft.id == DraftChange.draft_id)
        .where(DraftChange.person_id == person_id)
        .order_by(DraftChange.id)
    )
    return {
        "borradores": [
            {"title": draft.title, "slug": draft.slug, "created_at": draft.created_at.isoformat()} for draft in drafts
        ],
        "cambios": [
            {"title": title, "path": change.path, "note": change.note, "at": change.at.isoformat()}
            for change, title in changes
        ],
    }
