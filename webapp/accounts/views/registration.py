"""The one screen that gives an account its name, and accepting a new privacy notice."""

from __future__ import annotations

from flask import redirect, render_template, session
from flask.typing import ResponseReturnValue

from webapp.accounts import identity, queries, services
from webapp.accounts.arriving import arrival, destination_asked, home
from webapp.accounts.errors import AccountsError
from webapp.accounts.forms import AcceptForm, RegistrationForm
from webapp.accounts.models import Person
from webapp.accounts.notices import shown
from webapp.accounts.views import blueprint
from webapp.accounts.views.workplaces import Choice, chosen, offer_states
from webapp.core.access import signed_in
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.i18n import language


@blueprint.route("/registro", methods=["GET", "POST"])
@signed_in
def register() -> ResponseReturnValue:
    """Name, workplace, function, sex if one likes, and the privacy notice; then on to where the person was going."""
    actor = identity.current_actor()
    if not isinstance(actor, Person) or actor.registered_at is not None:
        return redirect(destination_asked() or home(), 303)
    form = RegistrationForm(next=destination_asked())
    offer_states(db.session(), form)
    notice = queries.current_notice(db.session(), language())
    if form.is_submitted():
        complete = form.validate()
        # Asked even when something else is missing, so that all that must be mended is said at once.
        choice = None if form.subject_name.errors or form.state.errors else chosen(db.session(), form, now())
        if complete and choice is not None:
            return redirect(_register(actor.id, form, choice), 303)
    return (
        render_template("accounts/register.html", form=form, email=actor.email, notice=shown(notice)),
        422 if form.errors or form.match.choices else 200,
    )


def _register(person_id: int, form: RegistrationForm, choice: Choice) -> str:
    """Do the registration, or nothing when another tab has done it; where to go then."""
    moment = now()
    with transaction() as database:
        person = database.get_one(Person, person_id)
        try:
            services.register(
                database,
                person,
                services.Registration(
                    given_names=form.given_names.data or "",
                    first_surname=form.first_surname.data or "",
                    second_surname=form.second_surname.data or "",
                    post=form.post.data,
                    sex=form.sex.data or "no-especificado",
                    subject=choice.subject,
                    written_name=choice.written_name,
                    state=choice.state,
                    notice=queries.current_notice(database, language()),
                    invitations=bool(form.invitations.data),
                ),
                moment,
            )
        except AccountsError:
            return destination_asked() or home()
        return arrival(database, person, moment)


@blueprint.route("/privacidad/aceptar", methods=["GET", "POST"])
@signed_in
def accept_notice() -> ResponseReturnValue:
    """Show a notice that is newer than the accepted one, and ask again."""
    actor = identity.current_actor()
    notice = queries.current_notice(db.session(), language())
    if not isinstance(actor, Person) or notice is None or identity.notice_accepted():
        return redirect(destination_asked() or home(), 303)
    form = AcceptForm(next=destination_asked())
    if form.validate_on_submit():
        moment = now()
        with transaction() as database:
            person = database.get_one(Person, actor.id)
            services.accept_notice(database, person, notice, bool(form.invitations.data), moment)
            session["destination"] = destination_asked()
            return redirect(arrival(database, person, moment), 303)
    if not form.is_submitted():
        form.invitations.data = queries.wants_invitations(db.session(), actor.id)
    return (
        render_template("accounts/accept_notice.html", form=form, notice=shown(notice)),
        422 if form.errors else 200,
    )
