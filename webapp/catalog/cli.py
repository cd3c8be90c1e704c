"""`aula courses`: check packages, publish them, write their schemas."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from webapp.catalog.services import sync as sync_courses
from webapp.core.clock import now
from webapp.core.db import transaction
from webapp.core.storage import storage
from webapp.coursepack.checker import check_folder, package_folders
from webapp.coursepack.model import Problem
from webapp.coursepack.schema import schema_text, schemas

KINDS = {"error": "error", "warning": "advertencia", "info": "dato"}


@click.group()
def courses() -> None:
    """Course packages: check them, publish them."""


@courses.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def check(folder: Path) -> None:
    """List every problem of the package in FOLDER, or of every package in it. Exit 1 when one is an error.

    \b
    Examples: aula courses check courses
              aula courses check courses/proteccion-de-datos-personales
    """
    folders = [folder] if (folder / "course.yaml").exists() else package_folders(folder)
    reports = [check_folder(package.resolve()) for package in folders]
    for report in reports:
        _print_problems(report.slug, report.problems)
    errors = sum(len(report.errors) for report in reports)
    warnings = sum(len(report.warnings) for report in reports)
    click.echo(f"{len(reports)} paquetes · {errors} errores · {warnings} advertencias")
    if errors:
        raise SystemExit(1)


@courses.command()
@with_appcontext
def sync() -> None:
    """Publish the packages of the curriculum folder that changed. A package with an error stays as it was.

    \b
    Example: aula courses sync
    """
    with transaction() as session:
        results = sync_courses(session, Path(current_app.config["COURSES_DIR"]), storage(), now())
    for result in results:
        _print_problems(result.slug, result.problems)
        click.echo(f"{result.slug}: {result.outcome}")
    if any(result.outcome == "refused" for result in results):
        raise SystemExit(1)


@courses.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def schema(folder: Path) -> None:
    """Write the JSON Schemas of the package files to FOLDER, for editors.

    \b
    Example: aula courses schema courses/_schema
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in schemas():
        (folder / name).write_text(schema_text(name), encoding="utf-8")
        click.echo(folder / name)


def _print_problems(slug: str, problems: Iterable[Problem]) -> None:
    for problem in problems:
        place = f"{slug}/{problem.file}:{problem.line}" if problem.line else f"{slug}/{problem.file}"
        click.echo(f"{place}: {KINDS[problem.severity]} [{problem.code}] {problem.message}", err=True)
