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
from webapp.coursepack.model import Norm, Problem
from webapp.coursepack.norms import citation_label, find_number, load_norms
from webapp.coursepack.paths import load_paths
from webapp.coursepack.schema import schema_text, schemas
from webapp.coursepack.uses import uses

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
    _, path_problems = load_paths(folder / "_paths", {package.name for package in folders})
    _print_problems(folder.name, path_problems)
    errors = sum(len(report.errors) for report in reports) + len(path_problems)
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


@click.group()
def norms() -> None:
    """Legal norms of the curriculum."""


@norms.command("list")
@with_appcontext
def list_norms() -> None:
    """The norms that courses may cite, with their validity.

    \b
    Example: aula norms list
    """
    for norm in _norms().values():
        valid = f"{norm.valid_from:%d-%m-%Y}" + (f" a {norm.valid_to:%d-%m-%Y}" if norm.valid_to else "")
        click.echo(f"{norm.id}: {norm.short}, {norm.gazette}, {len(norm.articles)} artículos, vigente desde {valid}")


@norms.command("uses")
@click.argument("reference")
@with_appcontext
def norm_uses(reference: str) -> None:
    """Every lesson, question and rule that cites a norm or one of its articles. REFERENCE is NORM or NORM:ARTICLE.

    \b
    Examples: aula norms uses lgpdppso-2025
              aula norms uses LGPDPPSO-2025:34
    """
    name, _, article = reference.partition(":")
    norm = _norms().get(name.casefold())
    if norm is None:
        raise click.ClickException(f"No hay una norma «{name}»; hay: {', '.join(_norms())}.")
    if article and find_number(norm.articles, article) is None:
        raise click.ClickException(f"La {norm.short} no tiene artículo «{article}».")
    found = uses(_courses_dir(), norm.id, article)
    for use in found:
        cited = citation_label(norm, use.reference.article, use.reference.fraction)
        click.echo(f"{use.file}:{use.line}: {f'{use.within}: ' if use.within else ''}{cited}")
    click.echo(f"{len(found)} citas en {len({use.file for use in found})} archivos")


def _courses_dir() -> Path:
    return Path(current_app.config["COURSES_DIR"])


def _norms() -> dict[str, Norm]:
    return load_norms(_courses_dir() / "_norms")[0]


def _print_problems(slug: str, problems: Iterable[Problem]) -> None:
    for problem in problems:
        place = f"{slug}/{problem.file}:{problem.line}" if problem.line else f"{slug}/{problem.file}"
        click.echo(f"{place}: {KINDS[problem.severity]} [{problem.code}] {problem.message}", err=True)
