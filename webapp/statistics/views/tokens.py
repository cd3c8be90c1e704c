"""Desk of the administrator: which systems may read the figures."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts.forms import options
from webapp.accounts.models import ApiToken, Person
from webapp.accounts.views.confirm import ask_again, me
from webapp.core.access import role
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.organizations import queries as organizations
from webapp.statistics import policies, tokens
from webapp.statistics.forms import TokenForm

blueprint = Blueprint("statistics_tokens", __name__, url_prefix="/administracion/tokens")
ALL_STATES = "todos"


def _form() -> TokenForm:
    form = TokenForm()
    states = [(state.iso, state.name) for state in organizations.states(db.session())]
    form.state.choices = options([(ALL_STATES, _("Todos los estados")), *states])
    return form


def _page(form: TokenForm, shown: str | None = None, status: int = 200) -> ResponseReturnValue:
    moment = now()
    page = render_template(
        "statistics/tokens.html", form=form, rows=tokens.rows(db.session(), moment), shown=shown, states=STANDINGS
    )
    return page, status


STANDINGS = {"valid": "success", "expired": "warning", "revoked": "danger"}


@blueprint.get("")
@role("administrator")
def index() -> ResponseReturnValue:
    """Every token, and the form for a new one."""
    return ask_again(request.path) or _page(_form())


@blueprint.post("")
@role("administrator")
def create() -> ResponseReturnValue:
    """Make a token and show it, this once: the answer to the form is the only page that ever holds it."""
    elsewhere = ask_again(url_for("statistics_tokens.index"))
    if elsewhere is not None:
        return elsewhere
    form = _form()
    if not policies.can_manage_tokens(me()):
        abort(404)
    if not form.validate_on_submit():
        return _page(form, status=422)
    with transaction() as session:
        state = organizations.state_by_iso(session, form.state.data) if form.state.data != ALL_STATES else None
        actor = session.get_one(Person, me().id)
        _row, token = tokens.create(
            session, actor, form.name.data or "", state, timedelta(days=int(form.days.data)), now()
        )
    return _page(_form(), shown=token)


@blueprint.post("/<public_id>/revocar")
@role("administrator")
def revoke(public_id: str) -> ResponseReturnValue:
    """End the access of a token."""
    found = tokens.by_public_id(db.session(), public_id)
    if found is None or not policies.can_manage_tokens(me()):
        abort(404)
    with transaction() as session:
        tokens.revoke(session, session.get_one(Person, me().id), session.get_one(ApiToken, found.id), now())
    flash(_("La clave dejó de servir."), "success")
    return redirect(url_for("statistics_tokens.index"), 303)
