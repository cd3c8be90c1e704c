"""Access marks: every route says who may come in, and a route that says nothing lets nobody in.

A mark is the first door only. What a person may see behind it is decided by the policies of the room, by predicate and
by filter; what is not theirs answers 404, as if it did not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden

View = TypeVar("View", bound=Callable[..., Any])
_ATTRIBUTE = "__access__"
_NOBODY = "aula.nobody"
CAPITAL_ZONE = "America/Mexico_City"  # for whoever has not said where they are


class Actor(Protocol):
    """Whoever asks, as far as this room needs to know."""

    @property
    def is_authenticated(self) -> bool: ...

    def holds_any(self, roles: Iterable[str]) -> bool: ...


class Nobody:
    """Whoever asks when there is no database to tell who they are."""

    is_authenticated = False

    def holds_any(self, roles: Iterable[str]) -> bool:
        return False


@dataclass(frozen=True)
class Mark:
    """Who may call a route: `public` = anyone, `signed_in` = any account, else one of `roles`."""

    kind: str
    roles: frozenset[str] = frozenset()


def public(view: View) -> View:
    """Anyone may call this."""
    return _mark(view, Mark("public"))


def signed_in(view: View) -> View:
    """Anyone with an account may call this."""
    return _mark(view, Mark("signed_in"))


def role(*names: str) -> Callable[[View], View]:
    """Only who holds one of these roles at this moment, in whatever scope; the policy looks at the scope."""
    if not names:
        raise ValueError("name at least one role")
    return lambda view: _mark(view, Mark("role", frozenset(names)))


def mark_of(view: Callable[..., Any]) -> Mark | None:
    """The mark of a view function, None when it carries none."""
    found: Mark | None = getattr(view, _ATTRIBUTE, None)
    return found


def mark_endpoint(app: Flask, endpoint: str, mark: Callable[[Any], Any]) -> None:
    """Mark a route that a library registered, by its endpoint."""
    app.view_functions[endpoint] = mark(app.view_functions[endpoint])


def _mark(view: View, mark: Mark) -> View:
    if getattr(view, _ATTRIBUTE, None) is not None:
        raise ValueError(f"{view.__name__} already carries an access mark")
    setattr(view, _ATTRIBUTE, mark)
    return view


def current_actor() -> Actor:
    """Whoever makes this request, signed in or not."""
    if _NOBODY in request.environ:
        return Nobody()
    actor: Callable[[], Actor] = current_app.extensions["actor"]
    return actor()


def treat_as_nobody() -> None:
    """From now on this request is nobody's: for the page that says that the database does not answer."""
    request.environ[_NOBODY] = True  # not in `g`, which lives as long as the application context around it


def current_zone() -> str:
    """The time zone in which whoever asks reads days and hours."""
    zone: Callable[[], str | None] = current_app.extensions["zone"]
    return zone() or CAPITAL_ZONE


def init_app(app: Flask, actor: Callable[[], Actor], zone: Callable[[], str | None]) -> None:
    """Check the mark before every request. `actor` tells who asks, `zone` where they are; called only where needed."""
    app.extensions["actor"], app.extensions["zone"] = actor, zone

    @app.before_request
    def enforce_access_mark() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None  # no route: 404 or 405 is on its way
        mark = mark_of(app.view_functions[request.endpoint])
        if mark is None:
            current_app.logger.error("route without access mark: %s", request.endpoint)
            raise Forbidden()
        if mark.kind == "public":
            return None
        who = actor()
        if not who.is_authenticated:
            return _ask_to_sign_in()
        if mark.kind == "role" and not who.holds_any(mark.roles):
            abort(404)
        return None


def _ask_to_sign_in() -> ResponseReturnValue:
    """A page sends one to sign in and back; a request made by a script or a form gets a plain 401."""
    if request.method == "GET" and "json" not in request.headers.get("Accept", ""):
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    abort(401)
