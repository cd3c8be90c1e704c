"""A report as a file. CSV for any program, XLSX for people, JSON for machines; the same values in all of them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO, TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from flask_babel import gettext as _

from webapp.organizations.reference import type_labels
from webapp.statistics.figures import DEFINITIONS, RULES, UNITS, Figure
from webapp.statistics.queries import EnrolmentRow, SubjectRow
from webapp.statistics.report import SITUATIONS, Line, Report, Table

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
KEPT_IN_MEMORY = 4 * 1024 * 1024


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe goes before what looks like one."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


# --- the report -------------------------------------------------------------------------------------------------


def whole_table(report: Report) -> Table:
    """The figures of the whole place as a table of one line."""
    line = Line(report.place.key, report.place.name, report.figures)
    return Table("whole", _("Indicadores"), _("Lugar"), tuple(report.figures), (line,))


def about(report: Report) -> dict[str, str]:
    """What a report must say of itself: place, period, course, cut, zone, rules."""
    scope = report.scope
    return {
        "place": report.place.key,
        "name": report.place.name,
        "period": scope.period.label,
        "first_day": scope.period.first.isoformat(),
        "last_day": scope.period.last.isoformat(),
        "cut": scope.last_day.isoformat(),
        "zone": scope.zone,
        "course": scope.course or "",
        "rules": RULES,
    }


def as_json(report: Report) -> dict[str, Any]:
    """The report, JSON-ready: `about`, `figures` of the whole, and one list per table."""
    return {
        "about": about(report),
        "figures": _json_figures(report.figures),
        "tables": {
            table.key: [
                {"key": line.key, "label": line.label, "figures": _json_figures(line.figures)} for line in table.lines
            ]
            for table in report.tables
        },
    }


def _json_figures(figures: dict[str, Figure]) -> dict[str, Any]:
    return {
        key: {"value": f.value, "numerator": f.numerator, "denominator": f.denominator, "unit": f.unit}
        for key, f in figures.items()
    }


CSV_COLUMNS = (
    "tabla",
    "clave",
    "nombre",
    "indicador",
    "valor",
    "numerador",
    "denominador",
    "unidad",
    "periodo",
    "corte",
    "zona",
    "curso",
    "reglas",
)


def as_csv(report: Report) -> bytes:
    """One row per figure (UTF-8 with mark, so that spreadsheets read the accents), with cut and rules on every row."""
    said = about(report)
    tail = [said["period"], said["cut"], said["zone"], said["course"], said["rules"]]
    written = StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for table in (whole_table(report), *report.tables):
        for line in table.lines:
            for figure in line.figures.values():
                head = [table.key, harmless(line.key), harmless(line.label), figure.key]
                writer.writerow([*head, *_parts(figure), figure.unit, *tail])
    return written.getvalue().encode("utf-8-sig")


def _parts(figure: Figure) -> list[Any]:
    parts = (figure.value, figure.numerator, figure.denominator)
    return ["" if part is None else part for part in parts]


def as_xlsx(report: Report) -> bytes:
    """A workbook: one sheet per table, then what the report is about and how each figure is defined."""
    from xlsxwriter import Workbook

    kept = BytesIO()
    # Text is written as text: nothing in it may become a formula or a link.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(kept, options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for table in (whole_table(report), *report.tables):
            _write_table(book.add_worksheet(table.title[:31]), table, bold)
        _write_notes(book.add_worksheet(_("Acerca de")), report, bold)
    return kept.getvalue()


def _write_table(sheet: Any, table: Table, bold: Any) -> None:
    headings = [_("Clave"), table.subject]
    for column in table.columns:
        definition = DEFINITIONS[column]
        headings.append(f"{definition.label} ({UNITS[definition.unit]})")
        if _has_parts(column):
            headings.append(_("%(name)s: numerador", name=definition.label))
            headings.append(_("%(name)s: denominador", name=definition.label))
    for number, heading in enumerate(headings):
        sheet.write_string(0, number, heading, bold)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 48)
    sheet.set_column(2, len(headings), 16)
    sheet.freeze_panes(1, 2)
    for row, line in enumerate(table.lines, start=1):
        sheet.write_string(row, 0, line.key)
        sheet.write_string(row, 1, line.label)
        for number, value in enumerate(_cells(line), start=2):
            if value is not None:
                sheet.write_number(row, number, value)


def _has_parts(column: str) -> bool:
    return column == "covered" or DEFINITIONS[column].unit in ("percent", "points")


def _cells(line: Line) -> Iterable[float | int | None]:
    for figure in line.figures.values():
        yield figure.value
        if _has_parts(figure.key):
            yield figure.numerator
            yield figure.denominator


def _write_notes(sheet: Any, report: Report, bold: Any) -> None:
    rows = [*about(report).items(), ("", "")]
    for found in DEFINITIONS.values():
        rows.append((str(found.label), str(found.numerator)))
        if found.denominator is not None:
            rows.append((_("%(name)s: entre", name=found.label), str(found.denominator)))
        rows.append((_("%(name)s: universo", name=found.label), f"{found.universe} {found.source}"))
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 110)
    for row, (name, text) in enumerate(rows):
        sheet.write_string(row, 0, name, bold)
        sheet.write_string(row, 1, text)


# --- lists of enrolments ----------------------------------------------------------------------------------------


ENROLMENT_COLUMNS = (
    "n", "nombre", "sujeto_obligado", "curso", "titulo", "inscripcion", "plazo", "conclusion", "dias_restantes",
    "situacion",
)  # fmt: skip


def enrolments_csv(rows: Iterable[EnrolmentRow]) -> tuple[IO[bytes], int]:
    """The rows as a file, ready to be read from its beginning, and how many there are.

    It is written whole before anything is sent, so that the number of rows that is announced is the number that comes;
    the rows are numbered, so that the last line says it too.
    """
    file = SpooledTemporaryFile(max_size=KEPT_IN_MEMORY, mode="w+b")  # noqa: SIM115  whoever sends it closes it
    text = TextIOWrapper(cast(IO[bytes], file), encoding="utf-8-sig", newline="", write_through=False)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(ENROLMENT_COLUMNS)
    count = 0
    for count, row in enumerate(rows, start=1):
        writer.writerow((count, *_enrolment_cells(row)))
    text.flush()
    text.detach()
    file.seek(0)
    return cast(IO[bytes], file), count


def _enrolment_cells(row: EnrolmentRow) -> Sequence[Any]:
    texts = [harmless(text) for text in (row.name, row.obliged_subject, row.course_slug, row.course)]
    days = [day.isoformat() if day else "" for day in (row.enrolled_on, row.due_on, row.concluded_on)]
    return [*texts, *days, "" if row.days_left is None else row.days_left, str(SITUATIONS[row.situation])]


MISSING_COLUMNS = (
    "n", "sujeto_obligado", "tipo", "ambito", "municipio", "personas_registradas", "inscripciones_sin_concluir",
    "termino",
)  # fmt: skip


def missing_csv(rows: Iterable[SubjectRow]) -> bytes:
    """Obliged subjects without an accredited person, numbered."""
    written = StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(MISSING_COLUMNS)
    types = type_labels()
    for number, row in enumerate(rows, start=1):
        texts = [harmless(text) for text in (row.name, types.get(row.type, row.type), row.level, row.municipality)]
        ended = row.ended_on.isoformat() if row.ended_on else ""
        writer.writerow([number, *texts, row.registered, row.counts.unfinished, ended])
    return written.getvalue().encode("utf-8-sig")
