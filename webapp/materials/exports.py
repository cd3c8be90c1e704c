"""What this room holds about a person, for *descargar mis datos*."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.registry import personal_data
from webapp.materials.models import Material


@personal_data("materiales")
def uploaded(session: Session, person_id: int) -> dict[str, Any]:
    """What the person brought and wrote about it."""
    rows = session.scalars(select(Material).filter_by(uploaded_by_id=person_id).order_by(Material.id))
    return {
        "archivos": [
            {
                "title": row.title,
                "search_title": row.search_title,
                "alt": row.alt,
                "file_name": row.file_name,
                "size": row.size,
                "uploaded_at": row.uploaded_at.isoformat(),
                "retired_at": row.retired_at and row.retired_at.isoformat(),
            }
            for row in rows
        ]
    }
