"""What this room holds about a person, for *descargar mis datos*."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.core.registry import personal_data
from webapp.learning.models import Enrolment
from webapp.packages.models import PackageAttempt

_MOMENTS = ("started_at", "reported_at", "met_at", "finished_at")
_PLAIN = ("step", "number", "location", "suspend_data", "completion", "success", "score", "total_seconds")


@personal_data("paquetes")
def package_record(session: Session, person_id: int) -> dict[str, Any]:
    """Attempts at interactive packages, with what the packages reported."""
    mine = select(Enrolment.id).filter_by(person_id=person_id)
    found = session.scalars(
        select(PackageAttempt).where(PackageAttempt.enrolment_id.in_(mine)).order_by(PackageAttempt.id)
    )
    return {"recorridos": [_attempt(attempt) for attempt in found]}


def _attempt(attempt: PackageAttempt) -> dict[str, Any]:
    moments: dict[str, datetime | None] = {name: getattr(attempt, name) for name in _MOMENTS}
    return {name: getattr(attempt, name) for name in _PLAIN} | {
        name: moment and moment.isoformat() for name, moment in moments.items()
    }
