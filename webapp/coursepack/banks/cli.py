"""`aula banks`: banks of questions from and for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click

from webapp.coursepack.banks.exchange import ExportKind, export_bank, import_bank
from webapp.coursepack.banks.neutral import Fault
from webapp.coursepack.banks.sheet import template as template_workbook
from webapp.coursepack.checker import check_folder
from webapp.coursepack.norms import load_norms


@click.group()
def banks() -> None:
    """Question banks: GIFT, Moodle XML and XLSX in, and out."""


@banks.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--title", default="", help="Title of the bank; without it, the name of the file.")
@click.option(
    "--norms",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of norms to prove sources with.",
)
@click.option("--skip-unsupported", is_flag=True, help="Go on without the questions that have no equal here.")
def import_command(file: Path, output: Path, title: str, norms: Path | None, skip_unsupported: bool) -> None:
    """Make a bank of FILE (GIFT, Moodle XML or XLSX), all or nothing. Exit 1 when something is wrong; nothing is written.

    \b
    Examples: aula banks import preguntas.gift -o courses/mi-curso/quizzes/banco.yaml
              aula banks import moodle.xml -o banco.yaml --skip-unsupported
    """
    known = load_norms(norms)[0] if norms is not None else {}
    found = import_bank(file.read_bytes(), file.name, title=title, skip_unsupported=skip_unsupported, norms=known)
    for fault in found.faults:
        click.echo(_told(fault, "error"), err=True)
    for note in found.notes:
        click.echo(_told(note, "aviso"), err=True)
    if not found.ok:
        raise SystemExit(1)
    for one in found.left_out:
        click.echo(f"{one.place}: pregunta {one.number} fuera: {one.why} («{one.title}»)", err=True)
    for path, content in found.assets.items():
        target = output.parent.parent / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        click.echo(target)
    output.write_text(found.text, encoding="utf-8")
    click.echo(f"{output}: {found.questions} preguntas")


def _told(fault: Fault, word: str) -> str:
    place = f"{fault.place}: " if fault.place else ""
    number = f"pregunta {fault.number}: " if fault.number else ""
    return f"{place}{number}{word} [{fault.code}] {fault.message}"


@banks.command("export")
@click.argument("bank", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--to", "kind", type=click.Choice(["gift", "moodle", "xlsx"]), required=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True)
def export_command(bank: Path, kind: str, output: Path) -> None:
    """Write BANK, a file of quizzes/ in a course package, for another program, answer key included.

    \b
    Example: aula banks export courses/mi-curso/quizzes/banco.yaml --to gift -o preguntas.gift
    """
    report = check_folder(bank.resolve().parent.parent)
    if report.course is None or bank.stem not in report.course.banks:
        raise click.ClickException(f"{bank} is no bank of a course without errors; see aula courses check.")
    written = export_bank(report.course.banks[bank.stem], cast("ExportKind", kind))
    for one in written.left_out:
        click.echo(f"{one.place}: pregunta {one.number} fuera: {one.why}", err=True)
    output.write_bytes(written.data)
    click.echo(f"{output}: {len(report.course.banks[bank.stem].questions) - len(written.left_out)} preguntas")


@banks.command()
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True)
def template(output: Path) -> None:
    """Write the workbook in which questions are written in Excel, with an example of each type.

    \b
    Example: aula banks template -o preguntas.xlsx
    """
    output.write_bytes(template_workbook())
    click.echo(output)
