"""The token with which a player speaks for one attempt: signed, short-lived, and worth nothing anywhere else."""

from __future__ import annotations

from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer

SECONDS = 15 * 60  # renewed with every answer; the player asks for one every four minutes
_SALT = "packages.report"


@dataclass(frozen=True)
class Claim:
    """Whose attempt at which package a token is about."""

    person_id: int
    attempt: str  # its public id
    package_key: str


def issue(secret: str, claim: Claim) -> str:
    """A token for that attempt, good for `SECONDS` from now."""
    return _serializer(secret).dumps([claim.person_id, claim.attempt, claim.package_key])


def read(secret: str, token: str) -> Claim | None:
    """What a token is about; None when it is forged, changed or too old."""
    try:
        person_id, attempt, package_key = _serializer(secret).loads(token, max_age=SECONDS)
    except (BadSignature, ValueError, TypeError):
        return None
    return Claim(person_id, attempt, package_key)


def _serializer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=_SALT)
