"""Commands that administer an installation without knowing what it is about."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import click
from flask import Flask, current_app

from webapp.core import registry, schema
from webapp.core.backup import BackupError, make_backup, restore_backup
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.jobs import failed_jobs, retry, work_forever
from webapp.core.schema import known_versions, newest_version, schema_versions
from webapp.core.storage import StorageError, storage
from webapp.core.supervise import server_command


def init_app(app: Flask) -> None:
    for command in (migrate, downgrade, write_migration, serve, worker, jobs, backup, restore, verify):
        app.cli.add_command(command)


@click.command()
@click.option("--no-backup", is_flag=True, help="Do not take a backup first.")
def migrate(no_backup: bool) -> None:
    """Bring the database to the present version, after a backup.

    \b
    Example: aula migrate
    """
    present, head = schema_versions()
    if present == head:
        click.echo(f"The database is at {head} already.")
        return
    if present is not None and not no_backup:
        click.echo(f"Backup before the migration: {_backup(_default_target('before-' + str(head)))}")
    schema.upgrade()
    click.echo(f"The database is at {head}.")


@click.command()
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the database back to REVISION, after a backup.

    \b
    Example: aula downgrade 0001
    """
    if revision not in {"base", *known_versions()}:
        raise click.ClickException(f"There is no revision {revision}. Known: base, {', '.join(known_versions())}.")
    click.echo(f"Backup before the migration: {_backup(_default_target('before-' + revision))}")
    schema.downgrade(revision)
    click.echo(f"The database is at {schema_versions()[0]}.")


@click.command("write-migration")
@click.argument("message")
def write_migration(message: str) -> None:
    """For developers: write a migration out of what the models have and the database has not.

    
    Example: aula write-migration "workshops"
    """
    schema.write_migration(message)


def _check_schema() -> None:
    present, head = schema_versions()
    if present != head:
        raise click.ClickException(f"The database is at {present}, the program needs {head}. Run: aula migrate")


@click.command()
def serve() -> None:
    """Serve the platform (without the job worker) on HOST and PORT.

    \b
    Example: HOST=127.0.0.1 PORT=8000 aula serve
    """
    _check_schema()
    check_port()
    check_storage()
    config = current_app.config
    click.echo(f"Serving {config['BASE_URL']}")
    become(server_command)


def check_port() -> None:
    """Refuse to go on when another program listens where the server is to listen."""
    host, port = str(current_app.config["HOST"]), int(current_app.config["PORT"])
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what a server left behind does not count
            probe.bind(address)
    except OSError as error:
        raise click.ClickException(
            f"Cannot listen on {host}, port {port}: {error.strerror}. Set HOST or PORT."
        ) from error


def check_storage() -> None:
    """Refuse to go on when files could not be kept where the settings say."""
    try:
        storage().check()
    except StorageError as error:
        raise click.ClickException(str(error)) from error


def become(command_of: Callable[[], list[str]]) -> NoReturn:
    """Replace this process by the server, with the settings that were worked out here."""
    config = current_app.config
    os.environ |= {"HOST": str(config["HOST"]), "PORT": str(config["PORT"]), "AULA_WORKERS": str(config["WORKERS"])}
    # What was written from where the command was typed means another place from where the server runs.
    paths = {"AULA_DATA_DIR": "DATA_DIR", "AULA_COURSES_DIR": "COURSES_DIR", "AULA_SIGNING_P12": "SIGNING_P12"}
    os.environ |= {name: str(config[key]) for name, key in paths.items() if config[key]}
    os.chdir(str(config["ROOT"]))
    command = command_of()
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606  a fixed program with a list of arguments


@click.command()
@click.option("--threads", type=click.IntRange(1, 64), default=2, show_default=True, help="Jobs done at the same time.")
def worker(threads: int) -> None:
    """Do the background work: mail, constancias, exports.

    \b
    Example: aula worker
    """
    _check_schema()
    work_forever(current_app._get_current_object(), threads)  # type: ignore[attr-defined]


@click.group()
def jobs() -> None:
    """Background work that was given up after several tries."""


@jobs.command("failed")
def failed_command() -> None:
    """List what was given up: number, name, when, and why.

    \b
    Example: aula jobs failed
    """
    rows = failed_jobs(db.session())
    for row in rows:
        click.echo(f"{row.id}\t{row.name}\t{row.finished_at:%Y-%m-%d %H:%M} UTC\t{row.error}")
    if not rows:
        click.echo("No job has failed.")


@jobs.command("retry")
def retry_command() -> None:
    """Begin all that was given up anew, once its cause is mended (the mail server is back, there is room on the disk).

    \b
    Example: aula jobs retry
    """
    with transaction() as session:
        rows = failed_jobs(session)
        for row in rows:
            retry(session, row, now())
    click.echo(f"{len(rows)} jobs begin anew.")


@click.command()
@click.argument("target", required=False, type=click.Path(path_type=Path, dir_okay=False))
def backup(target: Path | None) -> None:
    """Write a backup of database and files, while the platform runs.

    Files that are kept in a bucket (STORAGE_URL) are not in it: the bucket needs its own copies.

    \b
    Examples: aula backup
              aula backup /srv/backups/aula-2026-11-23.tar.gz
    """
    click.echo(_backup(target or _default_target("backup")))
    if current_app.config["STORAGE_URL"]:
        click.echo(
            f"The database and the keys are in it. The files are in {current_app.config['STORAGE_URL']} and are not: "
            "switch on versioning or replication of the bucket. A restore works with the bucket as it is then.",
            err=True,
        )


def _default_target(label: str) -> Path:
    return Path(current_app.config["DATA_DIR"]) / "backups" / f"{datetime.now():%Y%m%d-%H%M%S}-{label}.tar.gz"


def _backup(target: Path) -> Path:
    try:
        settings = current_app.config
        return make_backup(settings["DATABASE_URL"], Path(settings["DATA_DIR"]), target, schema_versions()[0])
    except BackupError as error:
        raise click.ClickException(str(error)) from error


@click.command()
@click.argument("source", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(source: Path, yes: bool) -> None:
    """Put a backup in place of the present data. Stop the platform first.

    \b
    Example: aula restore var/backups/20261123-101500-backup.tar.gz
    """
    if not yes:
        click.confirm(f"This replaces the database and files of {current_app.config['DATA_DIR']}. Go on?", abort=True)
    settings = current_app.config
    db.session.remove()
    db.engine.dispose()
    try:
        aside = restore_backup(settings["DATABASE_URL"], Path(settings["DATA_DIR"]), source, newest_version())
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Restored. What was there is in {aside}. Run: aula migrate && aula verify")


@click.command()
def verify() -> None:
    """Check every rule that the data must obey; exit 1 and name the rows where one does not hold.

    \b
    Example: aula verify
    """
    _check_schema()
    breaches = registry.verify(db.session())
    for breach in breaches:
        click.echo(f"{breach.rule}: {breach.detail}", err=True)
    if breaches:
        raise click.ClickException(f"{len(breaches)} things are wrong.")
    click.echo(f"{len(registry.invariant_names())} rules hold: {', '.join(registry.invariant_names())}.")
