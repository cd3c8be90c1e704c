"""*Mi cuenta*: one page that shows everything, and a small page for each change."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts import identity, queries, services
from webapp.accounts.errors import AccountsError
from webapp.accounts.forms import DetailsForm, LanguageForm, WorkplaceForm
from webapp.accounts.labels import LANGUAGES, POSTS, ROLES, SEXES
from webapp.accounts.models import Person
from webapp.accounts.tokens import token_hash
from webapp.accounts.views import blueprint
from webapp.accounts.views.confirm import me
from webapp.accounts.views.workplaces import chosen, offer_states
from webapp.core.access import signed_in
from webapp.core.clock import now
from webapp.core.db import db, transaction


@blueprint.get("/mi-cuenta")
@signed_in
def overview() -> ResponseReturnValue:
    session = db.session()
    person = session.get_one(Person, me().id)
    here = identity.current_token()
    return render_template(
        "accounts/overview.html",
        person=person,
        post=POSTS.get(person.post, ""),
        sex=SEXES[person.sex],
        workplace=queries.workplace(session, person.id),
        roles=[ROLES[grant.role] for grant in me().grants],
        sessions=queries.sessions_of(session, person.id, now()),
        here=token_hash(here) if here else "",
        has_password=person.password is not None,
        has_second_factor=person.tf_primary_method is not None,
        backup_codes=len(person.mf_recovery_codes or []),
        passkeys=len(person.webauthn),
        language_form=LanguageForm(language=person.language),
        languages=LANGUAGES,
        invitations=queries.wants_invitations(session, person.id),
    )


@blueprint.route("/mi-cuenta/datos", methods=["GET", "POST"])
@signed_in
def details() -> ResponseReturnValue:
    """Name, function and sex."""
    actor = me()
    form = DetailsForm(obj=actor)
    if form.validate_on_submit():
        with transaction() as session:
            services.change_details(
                session,
                session.get_one(Person, actor.id),
                given_names=form.given_names.data or "",
                first_surname=form.first_surname.data or "",
                second_surname=form.second_surname.data or "",
                post=form.post.data,
                sex=form.sex.data,
                now=now(),
            )
        flash(_("Guardamos tus datos."), "success")
        return redirect(url_for("accounts.overview"), 303)
    return render_template("accounts/details.html", form=form), 422 if form.errors else 200


@blueprint.route("/mi-cuenta/trabajo", methods=["GET", "POST"])
@signed_in
def workplace() -> ResponseReturnValue:
    """Another obliged subject, from today on."""
    actor, moment = me(), now()
    form = WorkplaceForm()
    offer_states(db.session(), form)
    if form.validate_on_submit():
        choice = chosen(db.session(), form, moment)
        if choice is not None:
            try:
                with transaction() as session:
                    person = session.get_one(Person, actor.id)
                    services.change_workplace(
                        session, person, choice.subject, choice.written_name, choice.state, moment
                    )
            except AccountsError as error:
                form.subject_name.errors = [error.text]
            else:
                flash(_("Guardamos dónde trabajas desde hoy."), "success")
                return redirect(url_for("accounts.overview"), 303)
    return (
        render_template("accounts/workplace.html", form=form, present=queries.workplace(db.session(), actor.id)),
        422 if form.errors or form.match.choices else 200,
    )


@blueprint.post("/mi-cuenta/sesiones/cerrar")
@signed_in
def end_other_sessions() -> ResponseReturnValue:
    """End every session but this one."""
    actor = me()
    with transaction() as session:
        ended = services.end_sessions(
            session, actor.id, "asked", now(), actor_id=actor.id, keep=identity.current_token()
        )
    flash(_("Cerramos %(count)s sesiones. Esta sigue abierta.", count=ended), "success")
    return redirect(url_for("accounts.overview"), 303)


@blueprint.post("/mi-cuenta/idioma")
@signed_in
def mail_language() -> ResponseReturnValue:
    """The language of the mails; the language of the pages is the reader's, in a cookie."""
    form = LanguageForm()
    if form.validate_on_submit():
        with transaction() as session:
            services.set_language(session, session.get_one(Person, me().id), form.language.data, now())
        flash(_("Guardamos el idioma de tus correos."), "success")
    return redirect(url_for("accounts.overview"), 303)


@blueprint.post("/mi-cuenta/invitaciones")
@signed_in
def invitations() -> ResponseReturnValue:
    """Yes or no to invitations."""
    try:
        with transaction() as session:
            person = session.get_one(Person, me().id)
            services.choose_invitations(session, person, request.form.get("wanted") == "y", now())
    except AccountsError as error:
        flash(str(error.text), "danger")
    else:
        flash(_("Guardamos tu elección."), "success")
    return redirect(url_for("accounts.overview"), 303)
