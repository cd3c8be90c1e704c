"""The log of who did what: append-only, each row chained to the one before it by its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.core.db import Model, UTCDateTime
from webapp.core.registry import Breach, invariant

GENESIS = "0" * 64


class AuditEvent(Model):
    """One act. `actor_id` is None for the system itself; `subject` names the thing ("person:12")."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(64), index=True)
    subject: Mapped[str] = mapped_column(String(128), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class AuditHead(Model):
    """The one row whose lock puts the writers of the log in line."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(Text)


def record(
    session: Session, at: datetime, actor_id: int | None, action: str, subject: str, **detail: Any
) -> AuditEvent:
    """Append an act to the log, in the caller's transaction. `detail` must be JSON-ready and hold no secret."""
    head = session.scalars(select(AuditHead).with_for_update()).first()
    if head is None:
        head = AuditHead(id=1, hash=GENESIS)
        session.add(head)
    event = AuditEvent(
        at=at, actor_id=actor_id, action=action, subject=subject, detail=detail, previous_hash=head.hash, hash=""
    )
    event.hash = _hash(event)
    head.hash = event.hash
    session.add(event)
    session.flush()
    return event


def _hash(event: AuditEvent) -> str:
    content = [
        event.previous_hash,
        event.at.isoformat(),
        event.actor_id,
        event.action,
        event.subject,
        event.detail,
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@invariant("audit-chain")
def unbroken_chain(session: Session) -> Iterable[Breach]:
    """Every row of the log follows from the one before it, and the last one is the head."""
    previous = GENESIS
    for event in session.scalars(select(AuditEvent).order_by(AuditEvent.id)).yield_per(1000):
        if event.previous_hash != previous or event.hash != _hash(event):
            yield Breach("audit-chain", f"the log does not follow at row {event.id}")
            return
        previous = event.hash
    head = session.get(AuditHead, 1)
    if (head.hash if head else GENESIS) != previous:
        yield Breach("audit-chain", "rows are missing at the end of the log")
