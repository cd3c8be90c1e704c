"""Doors behind the first one: what a signed-in person must do before any other page opens."""

from __future__ import annotations

from flask import Flask, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import Conflict

from webapp.accounts import identity, queries
from webapp.accounts.models import Person
from webapp.core.access import mark_of
from webapp.core.db import db

# What stays open, so that the asked-for thing can be done or left alone.
ALWAYS = frozenset({"accounts.sign_out", "accounts.confirm", "accounts.confirm_code", "accounts.confirm_send"})
REGISTERING = frozenset({"accounts.register", "accounts.accept_notice"})
SECOND_FACTOR = frozenset(
    {
        "security.two_factor_setup_validate",
        "security.mf_recovery_codes",
        "security.wan_register",
        "security.wan_register_response",
        "security.verify",
        "security.wan_verify",
        "security.wan_verify_response",
    }
)


def init_app(app: Flask) -> None:
    """Check the doors before every request, after the access mark."""
    app.before_request(_check)


def _check() -> ResponseReturnValue | None:
    endpoint = request.endpoint
    if endpoint is None or endpoint in ALWAYS:
        return None
    mark = mark_of(current_app.view_functions[endpoint])
    if mark is None or mark.kind == "public":
        return None
    actor = identity.current_actor()
    if not isinstance(actor, Person):
        return None
    if lacks_second_factor(actor) and endpoint not in SECOND_FACTOR:
        return _lead(url_for("security.two_factor_setup"))
    if endpoint in REGISTERING or endpoint in SECOND_FACTOR:
        return None
    if actor.registered_at is None:
        return _lead(url_for("accounts.register", next=_here()))
    if not identity.notice_accepted():
        return _lead(url_for("accounts.accept_notice", next=_here()))
    return None


def lacks_second_factor(actor: Person) -> bool:
    """Whether this person must set up a second step before anything else: staff without one, except in a demonstration."""
    if current_app.config["DEMO"] or not actor.grants or actor.tf_primary_method is not None:
        return False
    return not queries.has_passkey(db.session(), actor.id)


def _lead(url: str) -> ResponseReturnValue:
    """Take a page there. What a script or a form sent is refused instead: it must not seem to have been done."""
    if request.method == "GET":
        return redirect(url, 303)
    error = Conflict(_("Antes falta un paso en tu cuenta. Abre la página otra vez y te llevamos a él."))
    error.aula_code = "account_incomplete"  # type: ignore[attr-defined]
    raise error


def _here() -> str:
    return request.full_path.rstrip("?")
