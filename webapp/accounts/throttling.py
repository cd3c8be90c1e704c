"""Refusing what comes too often, before anything else is done. A count is kept even when the request then fails."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import TooManyRequests

from webapp.accounts.limits import Limit
from webapp.accounts.tokens import keyed_hash
from webapp.core.clock import now
from webapp.core.db import transaction
from webapp.core.throttle import hit

Claim = tuple[str, str, Limit]


def spend(*claims: Claim) -> None:
    """Count one use of each `(what, by whom, limit)`; 429 with Retry-After when one of them is used up.

    Whoever it is (an address, a network) is hashed: the counters hold nothing personal.
    """
    moment = now()
    try:
        over = _count(claims, moment)
    except IntegrityError:  # two were the first of a window at once; now its row is there
        over = _count(claims, moment)
    if over:
        seconds = max(_left(limit.window, moment) for limit in over)
        minutes = -(-seconds // 60)
        error = TooManyRequests(
            _("Se hicieron demasiados intentos. Espera %(minutes)s min y vuelve a intentarlo.", minutes=minutes),
            retry_after=seconds,
        )
        error.aula_code = "too_many_tries"  # type: ignore[attr-defined]
        raise error


def _count(claims: tuple[Claim, ...], moment: datetime) -> list[Limit]:
    """The limits that are used up after counting each claim once."""
    with transaction() as session:
        return [
            limit
            for what, whom, limit in claims
            if not hit(session, f"{what}:{keyed_hash('throttle', whom)}", limit.uses, limit.window, moment)
        ]


def _left(window: timedelta, moment: datetime) -> int:
    seconds = int(window.total_seconds())
    return seconds - int(moment.timestamp()) % seconds
