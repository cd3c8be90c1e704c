"""The two addresses of an account: the one of work, and a personal one that outlives the job."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts import identity, services
from webapp.accounts.errors import AccountsError
from webapp.accounts.forms import AddressForm, CodeForm
from webapp.accounts.limits import CODE_TRY_PER_NETWORK
from webapp.accounts.models import CodePurpose, Person
from webapp.accounts.services.codes import Refused, awaited_code
from webapp.accounts.throttling import spend
from webapp.accounts.views import blueprint
from webapp.accounts.views.confirm import ask_again, me
from webapp.accounts.views.sign_in import mail_code, refusal
from webapp.core.access import signed_in
from webapp.core.clock import now
from webapp.core.db import db, transaction

CHANGING = "email_handle"
PURPOSES: dict[str, CodePurpose] = {"personal": "personal-email", "trabajo": "work-email"}


@blueprint.get("/mi-cuenta/correos")
@signed_in
def addresses() -> ResponseReturnValue:
    elsewhere = ask_again(request.path)
    return elsewhere or _page(_form("personal"), _form("trabajo"))


@blueprint.post("/mi-cuenta/correos/<any(personal, trabajo):which>")
@signed_in
def change_address(which: str) -> ResponseReturnValue:
    """Mail a code to the new address. Nothing changes until the code comes back."""
    elsewhere = ask_again(url_for("accounts.addresses"))
    if elsewhere is not None:
        return elsewhere
    form = _form(which)
    if form.validate_on_submit():
        mail_code(CHANGING, form.address, PURPOSES[which], "")
        return redirect(url_for("accounts.address_code"), 303)
    other = _form("trabajo" if which == "personal" else "personal", blank=True)
    return _page(*((form, other) if which == "personal" else (other, form)))


def _form(which: str, blank: bool = False) -> AddressForm:
    form = AddressForm(formdata=None, prefix=which) if blank else AddressForm(prefix=which)
    form.email.label.text = _("Correo personal") if which == "personal" else _("Nuevo correo de trabajo")
    return form


def _page(personal: AddressForm, work: AddressForm) -> ResponseReturnValue:
    status = 422 if personal.errors or work.errors else 200
    return render_template("accounts/addresses.html", person=me(), personal=personal, work=work), status


@blueprint.route("/mi-cuenta/correos/codigo", methods=["GET", "POST"])
@signed_in
def address_code() -> ResponseReturnValue:
    """Take the code that went to the new address, and keep the address."""
    row = awaited_code(db.session(), str(session.get(CHANGING, "")), "personal-email", "work-email")
    if row is None:
        return redirect(url_for("accounts.addresses"), 303)
    elsewhere = ask_again(request.path)
    if elsewhere is not None:
        return elsewhere
    email, purpose = row.email, row.purpose
    form = CodeForm()
    if form.validate_on_submit():
        spend(("code-try", identity.network(), CODE_TRY_PER_NETWORK))
        refused = _redeem(purpose, form.code.data or "")
        if refused is None:
            session.pop(CHANGING)
            flash(_("Guardamos tu correo."), "success")
            return redirect(url_for("accounts.addresses"), 303)
        form.code.errors = [refused]
    return (
        render_template(
            "accounts/code.html",
            form=form,
            email=email,
            action=url_for("accounts.address_code"),
            resend=url_for("accounts.address_code_again"),
            back=url_for("accounts.addresses"),
            back_label=_("Usar otro correo"),
        ),
        422 if form.errors else 200,
    )


def _redeem(purpose: CodePurpose, typed: str) -> str | None:
    """Try the code and keep its address; what is wrong when that cannot be."""
    moment = now()
    with transaction() as database:
        outcome = services.redeem_code(database, str(session[CHANGING]), purpose, typed, moment)
        if isinstance(outcome, Refused):
            return refusal(outcome)
        person = database.get_one(Person, me().id)
        keep = services.set_personal_email if purpose == "personal-email" else services.set_work_email
        try:
            keep(database, person, outcome.email, moment)
        except AccountsError as error:  # nothing was changed, and the code is spent
            return str(error.text)
    return None


@blueprint.post("/mi-cuenta/correos/codigo/otro")
@signed_in
def address_code_again() -> ResponseReturnValue:
    """Mail another code to the same new address."""
    row = awaited_code(db.session(), str(session.get(CHANGING, "")), "personal-email", "work-email")
    if row is None:
        return redirect(url_for("accounts.addresses"), 303)
    mail_code(CHANGING, row.email, row.purpose, "")
    flash(_("Te enviamos otro código."), "info")
    return redirect(url_for("accounts.address_code"), 303)


@blueprint.post("/mi-cuenta/correos/personal/quitar")
@signed_in
def drop_personal_address() -> ResponseReturnValue:
    """Forget the personal address."""
    elsewhere = ask_again(url_for("accounts.addresses"))
    if elsewhere is not None:
        return elsewhere
    with transaction() as database:
        services.drop_personal_email(database, database.get_one(Person, me().id), now())
    flash(_("Quitamos tu correo personal."), "success")
    return redirect(url_for("accounts.addresses"), 303)
