"""The console script `aula`: the administrator's tool. The commands themselves live in the rooms (`webapp/*/cli.py`)."""

from __future__ import annotations

import sys
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, ScriptInfo, with_appcontext
from sqlalchemy.exc import DatabaseError, OperationalError

import config
from webapp.accounts.cli import publish_notice
from webapp.accounts.services import ensure_setup_code
from webapp.app import create_app
from webapp.catalog.cli import sync as sync_command
from webapp.core.cli import become, check_port, check_storage, migrate
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.supervise import supervise_command
from webapp.coursepack.banks.cli import banks
from webapp.demo.cli import ensure_demo, print_accounts
from webapp.demo.services import is_filled
from webapp.formats.cli import formats
from webapp.organizations.queries import authority_by_key
from webapp.organizations.services import load_demo, sync_reference


def _app() -> Flask:
    try:
        return create_app(config.load())
    except config.ConfigError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'A file'}: {error.strerror}. Set AULA_DATA_DIR.") from error


class Console(AppGroup):
    """A group whose commands are the application's own; the application is built when the first one is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_loaded(ctx).cli.list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        app = _loaded(ctx)
        if not current_app:
            ctx.with_resource(app.app_context())  # the rooms' commands all work inside the application
        return app.cli.get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DatabaseError as error:
            if type(error) not in {OperationalError, DatabaseError}:
                raise  # a mistake of ours; these two are no server, no such file, no database, no room on the disk
            raise click.ClickException(f"The database does not answer: {str(error.orig).strip()}") from error

    def main(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("obj", ScriptInfo(create_app=_app, set_debug_flag=False))
        return super().main(*args, **kwargs)


def _loaded(ctx: click.Context) -> Flask:
    return ctx.ensure_object(ScriptInfo).load_app()


@click.group(cls=Console)
def main() -> None:
    """Aula Norte: administer the platform from the console.

    Settings are environment variables: docs/settings.md lists them.
    """


# Pure: they work where the application has neither settings nor database.
main.add_command(formats)
main.add_command(banks)


@main.command()
@with_appcontext
@click.pass_context
def start(ctx: click.Context) -> None:
    """Prepare the installation and run it: migrate, load reference data, sync courses, serve and work.

    \b
    Examples: aula start
              PORT=9000 AULA_DEMO=0 aula start
    """
    check_port()
    check_storage()
    ctx.invoke(migrate)
    _prepare_data()
    try:
        ctx.invoke(sync_command)
    except SystemExit:  # it has named every problem
        click.echo("Some packages were refused; what was published before stays.", err=True)
    if current_app.config["DEMO"]:
        ensure_demo()
        print_accounts()
    else:
        _print_setup_code()
    db.session.remove()
    click.echo(f"\n  Aula Norte: {current_app.config['BASE_URL']}\n")
    click.echo(f"Data in {current_app.config['DATA_DIR']}. Ctrl+C stops it.")
    become(supervise_command)


def _prepare_data() -> None:
    """What every installation needs; nothing is written when the settings do not fit it."""
    settings = current_app.config
    with transaction() as session:
        sync_reference(session)
        if settings["DEMO"]:
            load_demo(session)
        elif is_filled(session):
            raise click.ClickException(
                f"{settings['DATA_DIR']} holds a demonstration, whose accounts have a public password. "
                "Set AULA_DATA_DIR (and DATABASE_URL) to a new place, or AULA_DEMO=1 with HOST on loopback."
            )
        if authority_by_key(session, str(settings["ISSUER"])) is None:
            raise click.ClickException(
                f"AULA_ISSUER is {settings['ISSUER']!r}, which is no authority of this installation. Set it to the key "
                "of the authority that issues the constancias (webapp/organizations/data/authorities.csv)."
            )
    publish_notice()


def _print_setup_code() -> None:
    with transaction() as session:
        code = ensure_setup_code(session, now())
    if code is not None:
        click.echo(f"First administrator: open {current_app.config['BASE_URL']}/instalacion and type {code}")


if __name__ == "__main__":
    sys.exit(main())
