"""Counting attempts in windows of time, in the database, so that all workers share one count."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic

from sqlalchemy import String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.core.db import Model, UTCDateTime


class ThrottleWindow(Model):
    """How often `key` was used in the window that began at `started_at`."""

    __tablename__ = "throttle_window"
    __table_args__ = (UniqueConstraint("key", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(160))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    count: Mapped[int]


def hit(session: Session, key: str, limit: int, window: timedelta, now: datetime) -> bool:
    """Count one use of `key` and say whether it is still within `limit` uses per `window`.

    Runs inside the caller's transaction. `key` must hold no personal datum in clear: hash an address first.
    """
    started_at = _window_start(now, window)
    row = session.scalars(select(ThrottleWindow).filter_by(key=key, started_at=started_at).with_for_update()).first()
    if row is None:
        forget_old(session, now)
        row = ThrottleWindow(key=key, started_at=started_at, count=0)
        session.add(row)
    row.count += 1
    session.flush()
    return row.count <= limit


def forget_old(session: Session, now: datetime) -> None:
    """Drop windows that can no longer matter (a day old)."""
    session.execute(delete(ThrottleWindow).where(ThrottleWindow.started_at < now - timedelta(days=1)))


class ProcessWindow:
    """A count of uses per key and window that only this process knows: for pages that must not write.

    `limit` uses per `window`; with several workers the real limit is that many times higher.
    """

    def __init__(self, limit: int, window: timedelta) -> None:
        self._limit, self._seconds = limit, window.total_seconds()
        self._started, self._counts = monotonic(), Counter[str]()
        self._lock = Lock()

    def hit(self, key: str) -> None:
        """Count one use."""
        with self._lock:
            self._turn()
            self._counts[key] += 1

    def is_full(self, key: str) -> bool:
        """Whether `key` has no uses left in this window."""
        with self._lock:
            self._turn()
            return self._counts[key] >= self._limit

    def _turn(self) -> None:
        if monotonic() - self._started >= self._seconds:
            self._started = monotonic()
            self._counts.clear()


def _window_start(now: datetime, window: timedelta) -> datetime:
    seconds = int(window.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=now.tzinfo)
