"""Proving again that it is you, before something delicate is changed."""

from __future__ import annotations

import time

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts import identity, queries, services
from webapp.accounts.arriving import destination_asked
from webapp.accounts.forms import CodeForm
from webapp.accounts.limits import CODE_TRY_PER_NETWORK, FRESH
from webapp.accounts.models import Person
from webapp.accounts.services.codes import Refused, awaited_code
from webapp.accounts.throttling import spend
from webapp.accounts.views import blueprint
from webapp.accounts.views.sign_in import mail_code, refusal
from webapp.core.access import signed_in
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.web import safe_destination

CONFIRMING = "confirm_handle"


def me() -> Person:
    """Whoever asks; only for views marked `signed_in`."""
    actor = identity.current_actor()
    if not isinstance(actor, Person):
        raise RuntimeError("a visitor behind the signed_in mark")
    return actor


def ask_again(path: str) -> ResponseReturnValue | None:
    """Where to send someone whose last proof is too old for what they want; None when it is fresh enough."""
    return None if identity.is_fresh(FRESH) else redirect(url_for("accounts.confirm", next=path), 303)


@blueprint.get("/mi-cuenta/confirmar")
@signed_in
def confirm() -> ResponseReturnValue:
    """Offer the ways of proving it: a mailed code always, the password and a passkey where there is one."""
    session_ = db.session()
    person = session_.get_one(Person, me().id)
    return render_template(
        "accounts/confirm.html",
        email=person.email,
        next=destination_asked(),
        has_password=person.password is not None,
        has_passkey=queries.has_passkey(session_, person.id),
    )


@blueprint.post("/mi-cuenta/confirmar")
@signed_in
def confirm_send() -> ResponseReturnValue:
    """Mail a code to the address of the account."""
    mail_code(CONFIRMING, me().email, "confirm", destination_asked())
    return redirect(url_for("accounts.confirm_code"), 303)


@blueprint.route("/mi-cuenta/confirmar/codigo", methods=["GET", "POST"])
@signed_in
def confirm_code() -> ResponseReturnValue:
    """Take the code; the right one makes this session fresh."""
    row = awaited_code(db.session(), str(session.get(CONFIRMING, "")), "confirm")
    if row is None or row.email != me().email:
        return redirect(url_for("accounts.confirm"), 303)
    email, destination = row.email, safe_destination(row.destination, url_for("accounts.overview"))
    form = CodeForm()
    if form.validate_on_submit():
        spend(("code-try", identity.network(), CODE_TRY_PER_NETWORK))
        with transaction() as database:
            outcome = services.redeem_code(database, str(session[CONFIRMING]), "confirm", form.code.data or "", now())
        if not isinstance(outcome, Refused):
            session.pop(CONFIRMING)
            session["fs_paa"] = time.time()
            flash(_("Gracias: ya sabemos que eres tú."), "success")
            return redirect(destination, 303)
        form.code.errors = [refusal(outcome)]
    return (
        render_template(
            "accounts/code.html",
            form=form,
            email=email,
            action=url_for("accounts.confirm_code"),
            resend=url_for("accounts.confirm_send", next=destination),
            back=url_for("accounts.overview"),
            back_label=_("Volver a mi cuenta"),
        ),
        422 if form.errors else 200,
    )
