"""Sessions as rows: a cookie is worth something only as long as its row says so."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from webapp.accounts import queries
from webapp.accounts.limits import LEARNER_SESSION, STAFF_SESSION
from webapp.accounts.models import AccountSession
from webapp.accounts.tokens import new_token, token_hash
from webapp.core import audit


def open_session(session: Session, person_id: int, browser: str, via: str, now: datetime) -> str:
    """Begin a session of a person and return the token for the cookie. `via`, how they proved it, is logged."""
    limit = STAFF_SESSION if queries.is_staff(session, person_id) else LEARNER_SESSION
    token = new_token()
    session.add(
        AccountSession(
            token_hash=token_hash(token),
            person_id=person_id,
            created_at=now,
            expires_at=now + limit.absolute,
            browser=browser[:120],
        )
    )
    audit.record(session, now, person_id, "accounts.signed_in", f"person:{person_id}", via=via)
    return token


def end_session(session: Session, token: str, now: datetime) -> None:
    """End the session of this token. Ended already, or never begun: nothing to do."""
    person_id = session.scalar(
        update(AccountSession)
        .where(AccountSession.token_hash == token_hash(token), AccountSession.ended_at.is_(None))
        .values(ended_at=now)
        .returning(AccountSession.person_id)
    )
    if person_id is not None:
        audit.record(session, now, person_id, "accounts.signed_out", f"person:{person_id}")


def end_sessions(
    session: Session, person_id: int, why: str, now: datetime, *, actor_id: int | None, keep: str | None = None
) -> int:
    """End every session of a person except the one of token `keep`, and return how many there were."""
    query = update(AccountSession).where(AccountSession.person_id == person_id, AccountSession.ended_at.is_(None))
    if keep is not None:
        query = query.where(AccountSession.token_hash != token_hash(keep))
    ended = len(session.scalars(query.values(ended_at=now).returning(AccountSession.id)).all())
    if ended:
        audit.record(session, now, actor_id, "accounts.sessions_ended", f"person:{person_id}", why=why, count=ended)
    return ended


def shorten_sessions(session: Session, person_id: int, now: datetime) -> None:
    """Who becomes staff while signed in gets the shorter day of staff from now on."""
    latest = now + timedelta(seconds=STAFF_SESSION.absolute.total_seconds())
    session.execute(
        update(AccountSession)
        .where(AccountSession.person_id == person_id, AccountSession.expires_at > latest)
        .values(expires_at=latest)
    )
