"""The first administrator of a new installation."""

from __future__ import annotations

from flask import abort, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts import identity, security, services
from webapp.accounts.arriving import home
from webapp.accounts.forms import SetupForm
from webapp.accounts.limits import SETUP_PER_NETWORK
from webapp.accounts.throttling import spend
from webapp.accounts.views import blueprint
from webapp.core.access import public
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.i18n import language


@blueprint.route("/instalacion", methods=["GET", "POST"])
@public
def setup() -> ResponseReturnValue:
    """Take the code of the console and the address of the administrator. The page exists only until there is one."""
    if current_app.config["DEMO"] or not services.needs_setup(db.session()):
        abort(404)
    form = SetupForm()
    if form.validate_on_submit():
        spend(("setup", identity.network(), SETUP_PER_NETWORK))
        with transaction() as database:
            person = services.redeem_setup_code(database, form.code.data or "", form.address, language(), now())
            if person is not None:
                return security.enter(database, person, "setup", home())
        form.code.errors = [_("Ese código no es el de la consola, o ya se usó. Pide otro con: aula people setup-code")]
    return render_template("accounts/setup.html", form=form), 422 if form.errors else 200
