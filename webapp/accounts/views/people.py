"""Desk of the administrator: find people, give and take roles, close accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts import queries, services
from webapp.accounts.errors import AccountsError
from webapp.accounts.forms import GrantForm, options
from webapp.accounts.labels import POSTS, ROLES
from webapp.accounts.models import Person, RoleGrant, RoleName
from webapp.accounts.views import blueprint
from webapp.accounts.views.confirm import me
from webapp.core.access import role
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.organizations import queries as organizations
from webapp.organizations.models import Region

PAGE_SIZE = 25


@blueprint.get("/administracion/personas")
@role("administrator")
def people() -> ResponseReturnValue:
    """Search by name or address, and by role."""
    text, wanted = request.args.get("q", "")[:100], request.args.get("rol", "")
    wanted = wanted if wanted in ROLES else ""
    page = max(1, request.args.get("page", 1, type=int))
    session = db.session()
    found, total = queries.people(session, text, wanted, page, PAGE_SIZE)
    pages = max(1, -(-total // PAGE_SIZE))
    grants: dict[int, list[str]] = {}
    for grant in queries.open_grants(session, [person.id for person in found]):
        grants.setdefault(grant.person_id, []).append(str(ROLES[grant.role]))
    return render_template(
        "accounts/people.html",
        people=found,
        grants=grants,
        total=total,
        text=text,
        role=wanted,
        roles=ROLES,
        page=min(page, pages),
        pages=pages,
        href=url_for("accounts.people", q=text, rol=wanted) + "&page=",
    )


@blueprint.get("/administracion/personas/<public_id>")
@role("administrator")
def one_person(public_id: str) -> ResponseReturnValue:
    """A person, the roles held, and what may be done."""
    return _page(_person(db.session(), public_id), _grant_form(db.session()))


@blueprint.post("/administracion/personas/<public_id>/funciones")
@role("administrator")
def grant(public_id: str) -> ResponseReturnValue:
    """Give a role with its scope."""
    session = db.session()
    person, form = _person(session, public_id), _grant_form(session)
    if not form.validate_on_submit():
        return _page(person, form)
    name = cast(RoleName, form.role.data)
    try:
        with transaction() as writing:
            services.grant_role(
                writing,
                writing.get_one(Person, me().id),
                writing.get_one(Person, person.id),
                name,
                organizations.state_by_iso(writing, form.state.data) if name == "coordinator" else None,
                _region(writing, form.region.data) if name == "regional-coordinator" else None,
                now(),
            )
    except AccountsError as error:
        form.role.errors = [error.text]
        return _page(person, form)
    flash(_("Listo: ya tiene esa función."), "success")
    return redirect(url_for("accounts.one_person", public_id=public_id), 303)


@blueprint.post("/administracion/personas/<public_id>/funciones/<int:grant_id>/quitar")
@role("administrator")
def revoke(public_id: str, grant_id: int) -> ResponseReturnValue:
    """Take a role."""

    def take(session: Session, actor: Person, person: Person) -> None:
        held = session.scalar(select(RoleGrant).filter_by(id=grant_id, person_id=person.id))
        if held is None:
            abort(404)
        services.revoke_role(session, actor, held, now())

    return _do(public_id, take, _("Se quitó la función."))


@blueprint.post("/administracion/personas/<public_id>/desactivar")
@role("administrator")
def deactivate(public_id: str) -> ResponseReturnValue:
    """Close an account; its sessions end at once."""
    return _do(public_id, lambda s, a, p: services.deactivate(s, a, p, now()), _("La cuenta quedó desactivada."))


@blueprint.post("/administracion/personas/<public_id>/reactivar")
@role("administrator")
def reactivate(public_id: str) -> ResponseReturnValue:
    """Open a closed account again."""
    return _do(public_id, lambda s, a, p: services.reactivate(s, a, p, now()), _("La cuenta quedó activa otra vez."))


@blueprint.post("/administracion/personas/<public_id>/segundo-factor/quitar")
@role("administrator")
def forget_second_factor(public_id: str) -> ResponseReturnValue:
    """For someone who lost phone and backup codes."""
    return _do(
        public_id,
        lambda s, a, p: services.forget_second_factor(s, a, p, now()),
        _("Se quitó el segundo paso. Al entrar podrá configurarlo otra vez."),
    )


def _do(public_id: str, act: Callable[[Session, Person, Person], None], done: str) -> ResponseReturnValue:
    try:
        with transaction() as session:
            act(session, session.get_one(Person, me().id), _person(session, public_id))
    except AccountsError as error:
        flash(str(error.text), "danger")
    else:
        flash(done, "success")
    return redirect(url_for("accounts.one_person", public_id=public_id), 303)


def _person(session: Session, public_id: str) -> Person:
    person = queries.person_by_public_id(session, public_id)
    if person is None:
        abort(404)
    return person


def _region(session: Session, key: str) -> Region | None:
    return session.scalar(select(Region).filter_by(key=key))


def _grant_form(session: Session) -> GrantForm:
    form = GrantForm()
    form.state.choices = options([("", "–"), *((one.iso, one.name) for one in organizations.states(session))])
    regions = session.scalars(select(Region).order_by(Region.name))
    form.region.choices = options([("", "–"), *((region.key, region.name) for region in regions)])
    return form


def _page(person: Person, form: GrantForm) -> ResponseReturnValue:
    session = db.session()
    states = {state.id: state.name for state in organizations.states(session)}
    regions = {region.id: region.name for region in session.scalars(select(Region))}
    held = [
        (one, str(ROLES[one.role]), states.get(one.state_id or 0) or regions.get(one.region_id or 0) or "")
        for one in queries.open_grants(session, [person.id])
    ]
    return (
        render_template(
            "accounts/person.html",
            person=person,
            post=POSTS.get(person.post, ""),
            workplace=queries.workplace(session, person.id),
            held=held,
            form=form,
            has_second_factor=person.tf_primary_method is not None or queries.has_passkey(session, person.id),
            myself=person.id == me().id,
        ),
        422 if form.errors else 200,
    )
