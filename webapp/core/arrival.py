"""What to do for a person who was on their way somewhere when they had to sign in first.

Signing in is a POST, so the act they had asked for (enrolling, say) can be done in that same transaction, and they land
where it leads without one more click. A high room registers the act; the room that signs people in needs not know it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

Act = Callable[..., str]
_acts: dict[str, Act] = {}


def on_arrival(endpoint: str) -> Callable[[Act], Act]:
    """Register `act(session, actor, now, **view arguments) -> destination` for whoever was going to `endpoint`."""

    def register(act: Act) -> Act:
        _acts[endpoint] = act
        return act

    return register


def arrive(session: Session, actor: Any, destination: str, now: datetime) -> str:
    """Do what `destination` (a path of this platform) asks for, inside the caller's transaction; where to go then."""
    try:
        endpoint, arguments = current_app.url_map.bind("").match(destination.partition("?")[0], method="POST")
    except HTTPException:
        return destination
    act = _acts.get(str(endpoint))
    return destination if act is None else act(session, actor, now, **arguments)
