"""Commands about people, for whoever administers the machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import click
from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts import notices, queries, services
from webapp.accounts.errors import AccountsError
from webapp.accounts.models import STAFF_ROLES, Person, RoleGrant, RoleName
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.organizations import queries as organizations
from webapp.organizations.models import Region, State


def init_app(app: Flask) -> None:
    app.cli.add_command(people)
    app.cli.add_command(privacy)


@click.group()
def people() -> None:
    """Roles, the first administrator, and help for who lost their second step."""


@contextmanager
def _writing() -> Iterator[Session]:
    try:
        with transaction() as session:
            yield session
    except AccountsError as error:
        raise click.ClickException(str(error.text)) from error


def _known(session: Session, email: str) -> Person:
    person = queries.person_by_email(session, email)
    if person is None:
        raise click.ClickException(f"Nobody signs in with {email}. They must enter once; then try again.")
    return person


def _state(session: Session, iso: str | None) -> State | None:
    if iso is None:
        return None
    found = organizations.state_by_iso(session, iso)
    if found is None:
        raise click.ClickException(f"There is no state {iso}. Write its ISO code, for example MX-BCS.")
    return found


def _region(session: Session, key: str | None) -> Region | None:
    if key is None:
        return None
    found = session.scalar(select(Region).filter_by(key=key))
    if found is None:
        known = ", ".join(session.scalars(select(Region.key).order_by(Region.key)))
        raise click.ClickException(f"There is no region {key}. Known: {known or 'none'}.")
    return found


@people.command("grant")
@click.argument("email")
@click.argument("role", type=click.Choice(STAFF_ROLES))
@click.option("--state", help="ISO code, for a coordinator.")
@click.option("--region", help="Key, for a regional coordinator.")
def grant_command(email: str, role: str, state: str | None, region: str | None) -> None:
    """Give a role to whoever signs in with EMAIL.

    \b
    Examples: aula people grant ana@dependencia.gob.mx trainer
              aula people grant luis@dependencia.gob.mx coordinator --state MX-BCS
              aula people grant eva@dependencia.gob.mx regional-coordinator --region norte
    """
    with _writing() as session:
        person = _known(session, email)
        services.grant_role(
            session, None, person, cast(RoleName, role), _state(session, state), _region(session, region), now()
        )
    click.echo(f"{email} is {role} now.")


@people.command("revoke")
@click.argument("email")
@click.argument("role", type=click.Choice(STAFF_ROLES))
def revoke_command(email: str, role: str) -> None:
    """Take a role, in every scope, from whoever signs in with EMAIL.

    \b
    Example: aula people revoke ana@dependencia.gob.mx trainer
    """
    with _writing() as session:
        person = _known(session, email)
        held = session.scalars(select(RoleGrant).filter_by(person_id=person.id, role=role, revoked_at=None)).all()
        if not held:
            raise click.ClickException(f"{email} does not hold the role {role}.")
        for one in held:
            services.revoke_role(session, None, one, now())
    click.echo(f"{email} is no longer {role}.")


@people.command("staff")
def staff_command() -> None:
    """List who holds a role beyond learning.

    \b
    Example: aula people staff
    """
    rows = db.session.execute(
        select(Person.email, RoleGrant.role, State.iso, Region.key)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .outerjoin(State, State.id == RoleGrant.state_id)
        .outerjoin(Region, Region.id == RoleGrant.region_id)
        .where(RoleGrant.revoked_at.is_(None))
        .order_by(Person.email, RoleGrant.role)
    )
    for email, role, iso, region in rows:
        click.echo("\t".join(part for part in (email, role, iso or region) if part))


@people.command("setup-code")
def setup_code_command() -> None:
    """Print a new one-time code that makes the first administrator at /instalacion.

    \b
    Example: aula people setup-code
    """
    print_setup_code()


def print_setup_code() -> None:
    """Make the code and print it with its address; say so when there is an administrator already."""
    if current_app.config["DEMO"]:
        raise click.ClickException("A demonstration brings its administrator. Start without it: AULA_DEMO=0.")
    with _writing() as session:
        code = services.ensure_setup_code(session, now())
    if code is None:
        raise click.ClickException("There is an administrator already; that person gives roles at /administracion.")
    click.echo(f"First administrator: open {current_app.config['BASE_URL']}/instalacion and type {code}")


@people.command("forget-second-factor")
@click.argument("email")
def forget_second_factor_command(email: str) -> None:
    """Remove app, backup codes and passkeys of someone who lost them. They set them up again at the next sign-in.

    \b
    Example: aula people forget-second-factor ana@dependencia.gob.mx
    """
    with _writing() as session:
        services.forget_second_factor(session, None, _known(session, email), now())
    click.echo(f"{email} has no second step now.")


@click.group()
def privacy() -> None:
    """The privacy notice."""


@privacy.command("sync")
def sync_command() -> None:
    """Publish the privacy notice of this program if its text is new; people are then asked to accept it.

    \b
    Example: aula privacy sync
    """
    click.echo(publish_notice())


def publish_notice() -> str:
    """Publish what is new and return a sentence about it."""
    texts = notices.load_notice(current_app.config)
    with _writing() as session:
        version = services.sync_privacy_notice(session, texts, now())
    return "The privacy notice is published already." if version is None else f"Privacy notice {version} is published."
