"""The present, in one place: an instant is aware and in UTC; a date belongs to a zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def local_date(instant: datetime, zone: str) -> date:
    """The calendar day of `instant` in the IANA zone `zone` – which is a place's, never a state's."""
    return instant.astimezone(ZoneInfo(zone)).date()
