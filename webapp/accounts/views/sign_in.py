"""Coming in by a mailed code, and going out."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts import identity, security, services
from webapp.accounts.arriving import destination_asked, home
from webapp.accounts.forms import AddressForm, CodeForm
from webapp.accounts.limits import CODE_PER_ADDRESS, CODE_PER_NETWORK, CODE_TRY_PER_NETWORK
from webapp.accounts.models import CodePurpose
from webapp.accounts.services.codes import Refused, awaited_code
from webapp.accounts.throttling import spend
from webapp.accounts.views import blueprint
from webapp.core.access import public
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.i18n import language

WAITING = "code_handle"  # in the cookie: which mailed code this browser waits for


@blueprint.route("/entrar", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Ask for an address and mail a code to it, whoever has it."""
    if identity.current_actor().is_authenticated:
        return redirect(destination_asked() or home(), 303)
    form = AddressForm(next=destination_asked())
    if form.validate_on_submit():
        mail_code(WAITING, form.address, "enter", destination_asked())
        return redirect(url_for("accounts.enter_code"), 303)
    return render_template("accounts/sign_in.html", form=form, next=destination_asked()), _status(form)


@blueprint.route("/entrar/codigo", methods=["GET", "POST"])
@public
def enter_code() -> ResponseReturnValue:
    """Take the code. The right one opens the account of its address, or begins a new one."""
    row = awaited_code(db.session(), str(session.get(WAITING, "")), "enter")
    if row is None:
        return redirect(url_for("accounts.sign_in"), 303)
    email, destination = row.email, row.destination
    form = CodeForm()
    if form.validate_on_submit():
        spend(("code-try", identity.network(), CODE_TRY_PER_NETWORK))
        moment = now()
        with transaction() as database:
            outcome = services.redeem_code(database, str(session[WAITING]), "enter", form.code.data or "", moment)
            if not isinstance(outcome, Refused):
                person = services.person_of_address(database, outcome.email, language(), moment)
                if person.active:
                    session.pop(WAITING)
                    return security.enter(database, person, "code", outcome.destination)
                form.code.errors = [_("Esta cuenta está desactivada. Escribe a la administración de la plataforma.")]
            else:
                services.note_refused_code(database, email, outcome.reason, moment)
                form.code.errors = [refusal(outcome)]
    return (
        render_template(
            "accounts/code.html",
            form=form,
            email=email,
            action=url_for("accounts.enter_code"),
            resend=url_for("accounts.send_again"),
            back=url_for("accounts.sign_in", next=destination or None),
            back_label=_("Usar otro correo"),
        ),
        _status(form),
    )


@blueprint.post("/entrar/codigo/otro")
@public
def send_again() -> ResponseReturnValue:
    """Mail another code to the same address."""
    row = awaited_code(db.session(), str(session.get(WAITING, "")), "enter")
    if row is None:
        return redirect(url_for("accounts.sign_in"), 303)
    mail_code(WAITING, row.email, "enter", row.destination)
    flash(_("Te enviamos otro código. El anterior también sirve hasta que venza."), "info")
    return redirect(url_for("accounts.enter_code"), 303)


def mail_code(place: str, address: str, purpose: CodePurpose, destination: str) -> None:
    """Mail a code and remember in the cookie, under `place`, which one this browser waits for."""
    spend(
        ("code-address", address, CODE_PER_ADDRESS),
        ("code-network", identity.network(), CODE_PER_NETWORK),
    )
    with transaction() as database:
        session[place] = services.send_code(database, address, purpose, destination, language(), now())


def refusal(outcome: Refused) -> str:
    """What is wrong with a code and what to do."""
    text: str = {
        "wrong": _("El código no coincide. Te quedan %(left)s intentos.", left=outcome.tries_left),
        "spent": _("Ese código ya no sirve: hubo cinco intentos. Pide otro."),
        "used": _("Ese código ya se usó. Pide otro."),
        "expired": _("El código venció: dura 10 minutos. Pide otro."),
        "unknown": _("No encontramos ese código. Pide otro."),
    }[outcome.reason]
    return text


@blueprint.route("/salir", methods=["GET", "POST"])
@public
def sign_out() -> ResponseReturnValue:
    """A page with a button: a link alone must not sign anyone out."""
    if not identity.current_actor().is_authenticated:
        return redirect("/", 303)
    if request.method == "POST":
        with transaction() as database:
            identity.finish(database, now())
        return redirect("/", 303)
    return render_template("accounts/sign_out.html")


def _status(form: Any) -> int:
    return 422 if form.errors else 200
