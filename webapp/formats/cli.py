"""`aula formats`: the formats library from the console. Needs neither the application nor its database."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from webapp.formats import report_text, scoring
from webapp.formats.annotate import annotate_file
from webapp.formats.blank import NotATemplate, write_blank
from webapp.formats.checker import check_file
from webapp.formats.definitions import DefinitionError, Library, UnknownFormat, check_id, write_format
from webapp.formats.derive import derive as derive_format
from webapp.formats.guard import run_limited
from webapp.formats.keys import InvalidKey, key_from_json, key_to_json
from webapp.formats.model import Field, FieldType, Format, Period, Unreadable, column_letter
from webapp.formats.practice import DIFFICULTIES, TooManyErrors, make
from webapp.formats.reader import read
from webapp.formats.rules import RulesError, read_rules

DEFINITIONS = Path(__file__).parents[2] / "courses" / "_formats"
RULES_FILE = "rules.yaml"  # in the folder of the definitions
MOST_PRACTICE_ROWS = 5_000
ANNOTATION_SECONDS = 60
PERIODS: dict[Period, str] = {
    "quarterly": "trimestral", "half-yearly": "semestral", "yearly": "anual", "unknown": "sin dato",
}  # fmt: skip
TYPES: dict[FieldType, str] = {
    "short_text": "texto corto", "long_text": "texto largo", "number": "número", "date": "fecha", "time": "hora",
    "money": "moneda", "url": "hipervínculo", "file": "archivo", "catalogue": "catálogo", "table": "tabla",
    "separator": "separador", "year": "año", "update_date": "fecha de actualización", "note": "nota",
}  # fmt: skip


class Refusal(click.ClickException):
    """What cannot be done with this file or this name. Exit 2, because 1 says that a workbook has a blocking finding."""

    exit_code = 2


class Commands(click.Group):
    """A group whose commands may raise the errors of the library: they are told as sentences."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Unreadable as error:
            raise Refusal(f"{error.message} [{error.code}]") from error
        except (DefinitionError, InvalidKey, NotATemplate, RulesError, TooManyErrors, UnknownFormat) as error:
            raise Refusal(str(error)) from error


def _open_library(context: click.Context, parameter: click.Parameter, folder: Path) -> Library:
    return Library(folder)


with_library = click.option(
    "--formats",
    "library",
    type=click.Path(path_type=Path),
    default=DEFINITIONS,
    callback=_open_library,
    metavar="DIR",
    help="Folder of the definitions; that of the curriculum when left out.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="For programs.")


@click.group(cls=Commands)
def formats() -> None:
    """Transparency formats: what is known of them, and the workbooks in which they are loaded."""


@formats.command("list")
@with_library
@as_json
def list_formats(library: Library, as_json: bool) -> None:
    """List the known formats.

    \b
    Examples: aula formats list
              aula formats list --json
    """
    if as_json:
        _print_json([_summary(known) for known in library.formats])
        return
    rows = [(known.id, known.format_id, PERIODS[known.period], known.name) for known in library.formats]
    _print_table(("id", "número", "periodo", "nombre"), rows)
    click.echo(f"\n{len(rows)} formatos.")


@formats.command()
@click.argument("name", metavar="ID")
@with_library
@as_json
def show(name: str, library: Library, as_json: bool) -> None:
    """Show a format with its columns and tables. ID may be short where it is clear: xxxix-a, 2018/viii, 53405.

    \b
    Example: aula formats show lgtaip-2015-michoacan/2018/viii
    """
    known = library.get(name)
    if as_json:
        _print_json(asdict(known))
        return
    click.echo(f"{known.name}\n{known.id}\n")
    _print_table((), [(label, value) for label, value in _facts(known, library) if value])
    click.echo()
    _print_columns(known.fields, 0)
    for table in known.tables:
        click.echo(f"\nTabla {table.id} (la columna A es ID)")
        _print_columns(table.fields, 1)


@formats.command()
@click.argument("template", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File to write.")
@click.option("--id", "format_id", default="", help="framework/version/name; told by the output when it lies in DIR.")
@with_library
def derive(template: Path, output: Path, format_id: str, library: Library) -> None:
    """Write the definition of the format whose official TEMPLATE this is.

    What no template tells (article, fraction, period, conservation) is left for you to fill in.

    \b
    Example: aula formats derive plantilla.xlsx -o courses/_formats/lgtaip-2025-durango/2026/vii.yaml
    """
    wanted = format_id or _id_of_place(output, library)
    if wanted:
        check_id(wanted)
    derived = run_limited(derive_format, template, library.formats, wanted)
    write_format(derived, output)
    click.echo(f"{output}: formato {derived.format_id}, {len(derived.fields)} columnas, {len(derived.tables)} tablas.")
    click.echo("Completa a mano: article, fraction, letter, period, conservation, article_65, source, mark.")


@formats.command()
@click.argument("name", metavar="ID")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File to write.")
@with_library
def blank(name: str, output: Path, library: Library) -> None:
    """Write the blank load template of a format, as an official one is built.

    \b
    Example: aula formats blank lgtaip-2015-michoacan/2018/viii -o viii.xlsx
    """
    target = io.BytesIO()
    write_blank(library.get(name), target)
    output.write_bytes(target.getvalue())
    click.echo(f"{output}: plantilla en blanco.")


@formats.command()
@click.argument("name", metavar="ID")
@click.option("--seed", type=int, required=True, help="The same number gives the same workbook.")
@click.option("--errors", type=click.IntRange(min=0), required=True, help="How many mistakes to put in.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File to write.")
@click.option(
    "--key", "key_file", type=click.Path(path_type=Path, dir_okay=False), help="Where the mistakes are named."
)
@click.option("--difficulty", "difficulties", type=click.IntRange(1, 3), multiple=True, help="1 to 3; may be repeated.")
@click.option("--rows", type=click.IntRange(1, MOST_PRACTICE_ROWS), help="Data rows; 8 to 25 when left out.")
@with_library
def practice(
    name: str,
    seed: int,
    errors: int,
    output: Path,
    key_file: Path | None,
    difficulties: tuple[int, ...],
    rows: int | None,
    library: Library,
) -> None:
    """Write a practice workbook: invented data, and mistakes on purpose that the key names.

    \b
    Examples: aula formats practice 2018/ix --seed 7 --errors 10 -o practica.xlsx --key clave.json
              aula formats practice 2018/iii --seed 1 --errors 4 --difficulty 1 -o practica.xlsx
    """
    rules = read_rules(library.folder / RULES_FILE)
    made = make(library.get(name), seed, errors, rules, difficulties or DIFFICULTIES, rows)
    output.write_bytes(made.workbook)
    if key_file:
        key_file.write_text(key_to_json(made.key), encoding="utf-8")
    click.echo(f"{output}: {len(made.key.errors)} errores sembrados. Los datos son ficticios.")


@formats.command()
@click.argument("workbook", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File to write.")
@with_library
def annotate(workbook: Path, output: Path, library: Library) -> None:
    """Write the WORKBOOK back with coloured cells, comments and a first sheet of what was found.

    \b
    Example: aula formats annotate entrega.xlsx -o entrega-revisada.xlsx
    """
    if output.resolve() == workbook.resolve():
        raise Refusal("La salida es el mismo libro: escribe otro nombre en -o.")
    rules = read_rules(library.folder / RULES_FILE)
    report = check_file(workbook, library, rules)
    made = run_limited(annotate_file, workbook, report, rules, output, seconds=ANNOTATION_SECONDS)
    told = {"annotated": "el mismo libro, con sus celdas marcadas", "errors": "solo la lista de lo que se encontró"}
    click.echo(f"{output}: {told[made]} ({len(report.findings)} hallazgos).")


@formats.command()
@click.argument("workbook", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_library
@as_json
@click.pass_context
def check(context: click.Context, workbook: Path, library: Library, as_json: bool) -> None:
    """Say everything that is wrong with a WORKBOOK before it is loaded.

    Exit 0: nothing would keep it from being loaded. 1: something would. 2: it cannot be read, and the reason is named.

    \b
    Examples: aula formats check remuneraciones.xlsx
              aula formats check remuneraciones.xlsx --json
    """
    rules = read_rules(library.folder / RULES_FILE)
    try:
        report = check_file(workbook, library, rules)
    except Unreadable as refusal:
        if not as_json:
            raise
        _print_json(report_text.refusal_values(refusal))
        context.exit(2)
    if as_json:
        _print_json(report_text.report_values(report, rules))
    else:
        _print_lines(report_text.report_lines(report, rules))
    context.exit(1 if report.blocks else 0)


@formats.command()
@click.argument("workbook", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--key", "key_file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True,
    help="The key that practice wrote.",
)  # fmt: skip
@click.option(
    "--practice", "handed_out", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The workbook that practice wrote: follows rows that moved, and sees right cells that changed.",
)  # fmt: skip
@with_library
@as_json
def score(workbook: Path, key_file: Path, handed_out: Path | None, library: Library, as_json: bool) -> None:
    """Mark the WORKBOOK that a learner made of a practice workbook.

    \b
    Example: aula formats score entrega.xlsx --key clave.json --practice practica.xlsx
    """
    rules = read_rules(library.folder / RULES_FILE)
    key = key_from_json(key_file.read_text(encoding="utf-8", errors="replace"))
    known = library.get(key.format_id)
    submitted = run_limited(read, workbook)
    marks = scoring.score(known, key, submitted, rules, run_limited(read, handed_out) if handed_out else None)
    if as_json:
        _print_json(report_text.score_values(marks))
    else:
        _print_lines(report_text.score_lines(marks, rules))


def _id_of_place(output: Path, library: Library) -> str:
    """The id that a definition written there must have, "" when it is not written among the others."""
    place = output.resolve().with_suffix("")
    if not place.is_relative_to(library.folder.resolve()):
        return ""
    return place.relative_to(library.folder.resolve()).as_posix()


def _summary(known: Format) -> dict[str, Any]:
    """A format without its columns."""
    return {
        **{key: value for key, value in asdict(known).items() if key not in ("fields", "tables", "description")},
        "columns": len(known.fields),
        "tables": len(known.tables),
    }


def _facts(known: Format, library: Library) -> Iterable[tuple[str, str]]:
    framework = library.frameworks.get(known.framework)
    yield "Marco", framework.law if framework else known.framework
    yield "Versión", framework.versions.get(known.version, known.version) if framework else known.version
    yield "Artículo", f"{known.article}, fracción {known.fraction} {known.letter}".strip(", ")
    yield "LGTAIP 2025", f"artículo 65, fracción {known.article_65}" if known.article_65 else ""
    yield "Número", known.format_id
    yield "Periodo", PERIODS[known.period]
    yield "Conservación", known.conservation
    yield "Fuente", f"{known.source} [{known.mark}]"


def _print_columns(fields: Iterable[Field], first: int) -> None:
    rows = [
        (column_letter(column), field.id, TYPES[field.type], "obligatoria" if field.required else "", _named(field))
        for column, field in enumerate(fields, start=first)
    ]
    _print_table(("", "campo", "tipo", "", "nombre"), rows)


def _named(field: Field) -> str:
    if field.table:
        return f"{field.name} → tabla {field.table}"
    return f"{field.name} [{len(field.catalogue)} valores]" if field.catalogue else field.name


def _print_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    lines = [head, *rows] if head else rows
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
