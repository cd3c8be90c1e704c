"""The first administrator of a new installation: whoever can read its console."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.accounts import queries
from webapp.accounts.models import Person, SetupCode
from webapp.accounts.services.people import person_of_address
from webapp.accounts.services.roles import grant_role
from webapp.accounts.tokens import token_hash
from webapp.core import audit

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # nothing that looks like something else
GROUPS, LETTERS = 5, 4  # 99 bits


def needs_setup(session: Session) -> bool:
    """Whether nobody administers the platform yet."""
    return queries.active_administrators(session) == 0


def ensure_setup_code(session: Session, now: datetime) -> str | None:
    """A new one-time code for the console, which replaces an unused one; None when there is an administrator."""
    if not needs_setup(session):
        return None
    session.execute(delete(SetupCode).where(SetupCode.used_at.is_(None)))
    code = "-".join("".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(GROUPS))
    session.add(SetupCode(code_hash=token_hash(_plain(code)), created_at=now))
    session.flush()
    audit.record(session, now, None, "accounts.setup_code_made", "installation")
    return code


def redeem_setup_code(session: Session, typed: str, email: str, language: str, now: datetime) -> Person | None:
    """Make whoever typed the code the administrator, under the address given. None when it is not the code."""
    row = session.scalar(
        select(SetupCode).filter_by(code_hash=token_hash(_plain(typed)), used_at=None).with_for_update()
    )
    if row is None or not needs_setup(session):
        return None
    row.used_at = now
    person = person_of_address(session, email, language, now)
    grant_role(session, None, person, "administrator", None, None, now)
    audit.record(session, now, person.id, "accounts.setup_done", f"person:{person.id}")
    return person


def _plain(code: str) -> str:
    return "".join(char for char in code.upper() if char.isalnum())
