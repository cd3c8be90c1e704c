"""What this room holds about a person, for *descargar mis datos*."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.registry import personal_data
from webapp.organizations.models import State
from webapp.records import queries
from webapp.records.models import Accreditation


@personal_data("constancias")
def achievements(session: Session, person_id: int) -> dict[str, Any]:
    """Accreditations, corrections included, and the constancias about them."""
    rows = session.execute(
        select(Accreditation, State.name)
        .outerjoin(State, State.id == Accreditation.state_id)
        .where(Accreditation.person_id == person_id)
        .order_by(Accreditation.id)
    )
    return {
        "acreditaciones": [_accreditation(session, row, state) for row, state in rows],
        "constancias": [
            {
                "folio": row.folio,
                "code": row.code,
                "name": row.name,
                "issued_at": row.issued_at.isoformat(),
                "valid_until": row.valid_until and row.valid_until.isoformat(),
                "superseded_at": row.superseded_at and row.superseded_at.isoformat(),
                "revoked_at": row.revoked_at and row.revoked_at.isoformat(),
                "revocation_reason": row.revocation_reason,
                "contenido": row.snapshot,
            }
            for row in queries.constancias_of(session, person_id)
        ],
    }


def _accreditation(session: Session, row: Accreditation, state: str | None) -> dict[str, Any]:
    return {
        "person_id": "tú",
        "course_slug": row.course_slug,
        "course_title": row.course_title,
        "hours": str(row.hours),
        "score": row.score,
        "obliged_subject_id": queries.obliged_subject_name(session, row.obliged_subject_id),
        "state_id": state,
        "sex": row.sex,
        "accredited_at": row.accredited_at.isoformat(),
        "accredited_on": row.accredited_on.isoformat(),
        "correction_reason": row.correction_reason,
    }
