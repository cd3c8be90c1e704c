"""Access of other systems to the figures: given by an administrator, shown once, ended by a day or by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import ApiToken, Person
from webapp.accounts.tokens import new_token, token_hash
from webapp.core import audit
from webapp.core.db import lock_for_update
from webapp.organizations.models import State

PREFIX = "aula_"  # so that a token left in a file is recognised for what it is
Standing = Literal["valid", "expired", "revoked"]


@dataclass(frozen=True)
class TokenRow:
    """A token in the administrator's list. `state` is the name of its state, None for all of them."""

    public_id: str
    name: str
    state: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime
    standing: Standing


def create(
    session: Session, actor: Person, name: str, state: State | None, lasts: timedelta, now: datetime
) -> tuple[ApiToken, str]:
    """Give access to a state, or to all of them. Returns the row and the token, which is kept nowhere."""
    token = PREFIX + new_token()
    row = ApiToken(
        name=name,
        token_hash=token_hash(token),
        state_id=state.id if state else None,
        created_by_id=actor.id,
        created_at=now,
        expires_at=now + lasts,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        now,
        actor.id,
        "statistics.token_created",
        f"api_token:{row.id}",
        name=name,
        state=state.iso if state else None,
        expires=row.expires_at.isoformat(),
    )
    return row, token


def revoke(session: Session, actor: Person, row: ApiToken, now: datetime) -> None:
    """End the access at once. What has ended already stays as it is."""
    lock_for_update(session, row)
    if row.revoked_at is not None:
        return
    row.revoked_at = now
    session.flush()
    audit.record(session, now, actor.id, "statistics.token_revoked", f"api_token:{row.id}", name=row.name)


def standing_of(row: ApiToken, now: datetime) -> Standing:
    """Whether a token opens anything at this moment."""
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.expires_at <= now else "valid"


def by_secret(session: Session, token: str) -> ApiToken | None:
    """The token that somebody shows, whether it is still good or not."""
    return session.scalar(select(ApiToken).where(ApiToken.token_hash == token_hash(token)))


def by_public_id(session: Session, public_id: str) -> ApiToken | None:
    return session.scalar(select(ApiToken).where(ApiToken.public_id == public_id))


def rows(session: Session, now: datetime) -> Sequence[TokenRow]:
    """Every token there ever was, the newest first."""
    query = (
        select(ApiToken, State.name, Person)
        .outerjoin(State, State.id == ApiToken.state_id)
        .join(Person, Person.id == ApiToken.created_by_id)
        .order_by(ApiToken.id.desc())
    )
    return [
        TokenRow(
            row.public_id,
            row.name,
            state,
            person.full_name or person.email,
            row.created_at,
            row.expires_at,
            standing_of(row, now),
        )
        for row, state, person in session.execute(query)
    ]
