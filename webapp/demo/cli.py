"""`aula demo`: fill an installation with fictitious people and activity, once."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.demo import services
from webapp.demo.people import ACCOUNTS, PASSWORD
from webapp.formatlab.curriculum import curriculum
from webapp.organizations.services import load_demo


@click.command()
@with_appcontext
def demo() -> None:
    """Make the demo people and their activity, once. Only in demo mode, which needs a loopback address.

    \b
    Example: AULA_DEMO=1 aula demo
    """
    if not current_app.config["DEMO"]:
        raise click.ClickException(
            "This is not a demonstration. Set AULA_DEMO=1, with HOST and AULA_BASE_URL on loopback."
        )
    ensure_demo()
    print_accounts()


def ensure_demo() -> bool:
    """Make the demonstration unless it is there; returns whether it was made now."""
    if services.is_filled(db.session()):
        return False
    settings = current_app.config
    with transaction() as session:
        load_demo(session)
        people = services.fill(session, settings["ISSUER"], curriculum(settings["COURSES_DIR"]), now())
    click.echo(f"Demonstration: {people} fictitious people.")
    return True


def print_accounts() -> None:
    """Show how to sign in."""
    click.echo(f"Demo accounts (password {PASSWORD}, or ask for a code and read it at /desarrollo/correo):")
    for account in ACCOUNTS:
        click.echo(f"  {account.email:<32} {account.says}")
