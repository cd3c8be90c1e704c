"""Who makes this request: the cookie, the session row behind it, and the person behind that.

The cookie holds a random token and the moment of the last page; the row decides whether the token is worth anything.
A visitor without a cookie costs nothing: the session is not even opened.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, g, request, session
from sqlalchemy import Row
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from webapp.accounts import queries, services
from webapp.accounts.limits import LEARNER_SESSION, SEEN_EVERY, STAFF_SESSION
from webapp.accounts.models import Person, RoleGrant
from webapp.accounts.tokens import network_of, token_hash
from webapp.core.clock import now
from webapp.core.db import db

TOKEN, SEEN = "sid", "seen"
_ACTOR, _ACCEPTED = "aula.actor", "aula.notice_accepted"


class Visitor:
    """Someone who has not signed in."""

    is_authenticated = False
    is_active = False
    is_anonymous = True
    notice_accepted = True
    id = None

    def holds_any(self, roles: Iterable[str]) -> bool:
        return False

    def get_id(self) -> None:
        return None


VISITOR = Visitor()


def current_actor() -> Person | Visitor:
    """Whoever asks. A person comes with `grants` loaded, detached from the database session, and without credentials:
    to change a person, read it inside the transaction."""
    # Kept with the request, not in `g`, which lives as long as the application context around it.
    if _ACTOR not in request.environ:
        request.environ[_ACTOR] = _recognise()
    actor: Person | Visitor = request.environ[_ACTOR]
    return actor


def current_zone() -> str | None:
    """The time zone of the place where whoever asks works; None when that is not known."""
    current_actor()
    zone: str | None = g.get("zone")
    return zone


def notice_accepted() -> bool:
    """Whether whoever asks has accepted the newest privacy notice."""
    current_actor()
    return bool(request.environ.get(_ACCEPTED, True))


def current_token() -> str | None:
    """The token of this browser's session, recognised or not."""
    if str(current_app.config["SESSION_COOKIE_NAME"]) not in request.cookies and not session.get(TOKEN):
        return None
    token = session.get(TOKEN)
    return token if isinstance(token, str) else None


def _recognise() -> Person | Visitor:
    token = current_token()
    if token is None:
        return VISITOR
    rows = queries.session_with_person(db.session(), token_hash(token))
    moment = now()
    if not rows or not _is_open(rows, moment):
        _forget()
        return VISITOR
    if moment.timestamp() - session.get(SEEN, 0) > SEEN_EVERY.total_seconds():
        session[SEEN] = int(moment.timestamp())
    request.environ[_ACCEPTED] = rows[0].notice_accepted
    return _person_of(rows)


def _is_open(rows: list[Row[Any]], moment: datetime) -> bool:
    first = rows[0]
    limit = STAFF_SESSION if first.grant_id is not None else LEARNER_SESSION
    seen = datetime.fromtimestamp(session.get(SEEN, 0), tz=moment.tzinfo)
    return (
        first.session_ended_at is None
        and bool(first.active)
        and moment < min(first.session_expires_at, first.session_created_at + limit.absolute)
        and moment - seen < limit.idle
    )


def _person_of(rows: list[Row[Any]]) -> Person:
    first = rows[0]
    person = Person(id=first.id)
    for name in queries.ACTOR_COLUMNS:
        set_committed_value(person, name, getattr(first, name))
    grants = [_grant_of(row) for row in rows if row.grant_id is not None]
    make_transient_to_detached(person)
    set_committed_value(person, "grants", grants)
    g.zone = first.zone
    return person


def _grant_of(row: Row[Any]) -> RoleGrant:
    grant = RoleGrant(id=row.grant_id)
    columns = {
        "id": row.grant_id,
        "person_id": row.id,
        "role": row.grant_role,
        "state_id": row.grant_state_id,
        "region_id": row.grant_region_id,
        "revoked_at": None,
    }
    for name, value in columns.items():
        set_committed_value(grant, name, value)
    make_transient_to_detached(grant)
    return grant


# --- the browser ------------------------------------------------------------------------------------------------


def begin(database: Session, person: Person, via: str, moment: datetime) -> None:
    """Give this browser a session of `person`, inside the caller's transaction. Whatever the cookie held is gone."""
    kept = {key: session[key] for key in ("_user_id", "_fresh", "_id", "_flashes") if key in session}
    session.clear()
    g.pop("csrf_token", None)  # a token from before the sign-in must not work after it
    session.update(kept)
    session[TOKEN] = services.open_session(database, person.id, browser_name(), via, moment)
    session[SEEN] = int(moment.timestamp())
    session["fs_paa"] = time.time()
    session.permanent = not queries.is_staff(database, person.id)
    request.environ.pop(_ACTOR, None)


def finish(database: Session, moment: datetime) -> None:
    """End this browser's session, inside the caller's transaction."""
    token = current_token()
    if token is not None:
        services.end_session(database, token, moment)
    session.clear()
    g.pop("csrf_token", None)
    request.environ[_ACTOR] = VISITOR


def _forget() -> None:
    for key in (TOKEN, SEEN, "_user_id", "_fresh", "_id", "fs_paa", "fs_gexp"):
        session.pop(key, None)


def is_fresh(within: timedelta) -> bool:
    """Whether this browser's person proved who they are less than `within` ago."""
    proven = session.get("fs_paa", 0)
    return isinstance(proven, int | float) and 0 <= time.time() - proven < within.total_seconds()


def network() -> str:
    """The network that this request comes from."""
    return network_of(request.remote_addr or "")


_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser_name() -> str:
    """Browser and system in two words ("Firefox, Windows"), enough for a person to know their own."""
    agent = request.user_agent.string
    parts = [next((name for mark, name in names if mark in agent), "") for names in (_BROWSERS, _SYSTEMS)]
    return ", ".join(part for part in parts if part)
