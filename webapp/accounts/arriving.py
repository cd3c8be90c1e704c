"""Where a person lands after signing in."""

from __future__ import annotations

from datetime import datetime

from flask import request, session, url_for
from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.core.arrival import arrive
from webapp.core.web import safe_destination


def home() -> str:
    """Where someone goes who was not on the way anywhere."""
    return safe_destination("/mis-cursos", "/")


def destination_asked() -> str:
    """The `next` of this request if it is a page of ours, else ""."""
    return safe_destination(request.values.get("next"), "")


def arrival(database: Session, person: Person, moment: datetime) -> str:
    """Where to send a person who has just come in: first the registration screen, when it is not filled yet.

    Runs inside the caller's transaction, because what they were on their way to do is done here (`core.arrival`).
    """
    destination = safe_destination(session.pop("destination", None), "") or destination_asked() or home()
    if person.registered_at is None:
        return url_for("accounts.register", next=destination)
    return arrive(database, person, destination, moment)
