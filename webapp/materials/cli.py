"""`aula materials`: what an administrator does with materials from the console."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from webapp.core.clock import now
from webapp.core.db import transaction
from webapp.materials.services import ask_for_scans


@click.group()
def materials() -> None:
    """Materials of trainers."""


@materials.command()
@with_appcontext
def scan() -> None:
    """Have every material scanned of which nothing is known, for example after CLAMD_URL was set.

    \b
    Example: aula materials scan
    """
    if not current_app.config["CLAMD_URL"]:
        raise click.ClickException("CLAMD_URL is not set, so there is no scanner to ask.")
    with transaction() as session:
        count = ask_for_scans(session, now())
    click.echo(f"{count} materials will be scanned by the worker.")
