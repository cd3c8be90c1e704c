"""Mailed codes: kept as a keyed hash, good once, for ten minutes and five tries. Looking at one spends nothing."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.accounts import queries
from webapp.accounts.limits import CODE_LIFE, CODE_TRIES
from webapp.accounts.models import CodePurpose, SignInCode
from webapp.accounts.services.letters import send_code_letter
from webapp.accounts.tokens import keyed_hash, new_code
from webapp.core import audit
from webapp.core.db import random_id

KEPT = timedelta(days=1)  # a dead code is still recognised for a day, to say that it was used or expired


@dataclass(frozen=True)
class Redeemed:
    """The code was right: whoever typed it reads the mail of `email`."""

    email: str
    destination: str


@dataclass(frozen=True)
class Refused:
    """The code was not accepted. `reason`: unknown, used, expired, spent (too many tries) or wrong."""

    reason: str
    tries_left: int = 0


def send_code(
    session: Session, email: str, purpose: CodePurpose, destination: str, language: str, now: datetime
) -> str:
    """Mail a new code to an address, whether or not anyone has it, and return the handle that the browser keeps.

    The same is done for a known and an unknown address, down to the reads, so that neither shows.
    """
    session.execute(delete(SignInCode).where(SignInCode.expires_at < now - KEPT))
    owner = queries.person_by_email(session, email)
    code, handle = new_code(), random_id() + random_id()
    session.add(
        SignInCode(
            handle=handle,
            email=email,
            purpose=purpose,
            code_hash=_hash(handle, code),
            destination=destination,
            tries=0,
            created_at=now,
            expires_at=now + CODE_LIFE,
        )
    )
    send_code_letter(session, email, owner.language if owner is not None else language, purpose, code, now)
    return handle


def awaited_code(session: Session, handle: str, *purposes: CodePurpose) -> SignInCode | None:
    """The code a browser waits for, to show where it went. Reads only."""
    return session.scalar(select(SignInCode).where(SignInCode.handle == handle, SignInCode.purpose.in_(purposes)))


def redeem_code(session: Session, handle: str, purpose: CodePurpose, typed: str, now: datetime) -> Redeemed | Refused:
    """Try a code. A wrong try counts, and the answer must be committed for it to count: it is returned, not raised."""
    row = session.scalar(select(SignInCode).filter_by(handle=handle, purpose=purpose).with_for_update())
    if row is None:
        return Refused("unknown")
    if row.used_at is not None:
        return Refused("used")
    if row.expires_at <= now:
        return Refused("expired")
    if row.tries >= CODE_TRIES:
        return Refused("spent")
    row.tries += 1
    if not hmac.compare_digest(row.code_hash, _hash(handle, "".join(typed.split()))):
        session.flush()
        left = CODE_TRIES - row.tries
        return Refused("wrong" if left else "spent", left)
    row.used_at = now
    session.flush()
    return Redeemed(row.email, row.destination)


def _hash(handle: str, code: str) -> str:
    return keyed_hash("code", f"{handle}:{code}")


def note_refused_code(session: Session, email: str, reason: str, now: datetime) -> None:
    """Write a failed sign-in into the log, under a name that says nothing about the address."""
    subject = f"address:{keyed_hash('log', email)[:16]}"
    audit.record(session, now, None, "accounts.sign_in_failed", subject, via="code", why=reason)
