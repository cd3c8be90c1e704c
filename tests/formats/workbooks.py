"""Load workbooks in memory, right ones for any format, with ways to spoil one cell of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time
from pathlib import Path

from tests.formats.sample import SAMPLE
from webapp.formats import layout
from webapp.formats.checker import check
from webapp.formats.checker.grid import Role, role_of
from webapp.formats.model import TYPE_CODES, Field, Finding, Format, Report, Sheet, Value, Workbook
from webapp.formats.rules import read_rules

FORMATS = Path(__file__).parents[2] / "courses" / "_formats"
RULES = read_rules(FORMATS / "rules.yaml")
TODAY = date(2026, 1, 15)
CODES = {type: code for code, type in TYPE_CODES.items()}
MAIN = layout.MAIN_SHEET

# Every kind of column. A Ejercicio, B start, C end, D Tipo, E Denominación, F money, G url, H number, I table, J Sexo,
# K time, L year, M Área, N validation, O update, P Nota.
JUDGED = replace(
    SAMPLE,
    fields=(
        *(replace(field, required=True) for field in SAMPLE.fields[:3]),
        *SAMPLE.fields[3:10],
        Field("115", "time", "Hora de la sesión"),
        Field("116", "year", "Año de la obligación"),
        *(replace(field, required=field.type != "note") for field in SAMPLE.fields[10:]),
    ),
)

Rows = Sequence[Sequence[Value]]
Sheets = dict[str, list[list[Value]]]

_ENDS: dict[str, date] = {"quarterly": date(2025, 3, 31), "half-yearly": date(2025, 6, 30)}
_ROLES: dict[Role, Value] = {
    "exercise": "2025",
    "start": date(2025, 1, 1),
    "validation": date(2026, 1, 10),
    "update": date(2026, 1, 8),
    "note": None,
}


def right_value(field: Field, format: Format, number: int, linked: Mapping[str, int]) -> Value:
    """A value of this column that nothing is wrong with; `linked` are the ids of the tables' rows."""
    role = role_of(field)
    if role == "exercise" and field.type == "year":
        return 2025
    if role == "exercise" and field.type == "number":
        return 2025.0
    if role == "end":
        return _ENDS.get(format.period, date(2025, 12, 31))
    if role is not None:
        return _ROLES[role]
    match field.type:
        case "number" | "money":
            return 100.25 + number
        case "date":
            return date(2024, 2, 29)
        case "time":
            return time(9, 30)
        case "year":
            return 2025
        case "url":
            return f"https://ejemplo.gob.mx/acta-{number}.pdf"
        case "catalogue":
            return field.catalogue[number % len(field.catalogue)] if field.catalogue else "Uno"
        case "table":
            return linked.get(field.table)
    return f"Texto {number}"


def right_sheets(format: Format, rows: int = 2) -> Sheets:
    """The sheets of a workbook of this format with nothing wrong in it; all of them point to the same rows of the tables."""
    sheets: Sheets = {MAIN: _heads(format)}
    for table in format.tables:
        sheets[layout.table_sheet(table.id)] = [
            [None, *(CODES[field.type] for field in table.fields)],
            [None, *(field.id for field in table.fields)],
            ["ID", *(field.header or field.name for field in table.fields)],
        ]
    for table_id in ("", *(table.id for table in format.tables)):
        for catalogue in layout.catalogues(format, table_id):
            sheets[catalogue.sheet] = [[value] for value in catalogue.field.catalogue]
    for number in range(1, rows + 1):
        linked = {table.id: 1 for table in format.tables}
        sheets[MAIN].append([right_value(field, format, number, linked) for field in format.fields])
        for table in format.tables:
            values = [right_value(field, format, number, {}) for field in table.fields]
            sheets[layout.table_sheet(table.id)].append([1, *values])
    return sheets


def _heads(format: Format) -> list[list[Value]]:
    return [
        [format.format_id],
        ["TÍTULO", None, None, "NOMBRE CORTO", None, None, "DESCRIPCIÓN"],
        [format.name, None, None, format.short_name, None, None, format.description],
        [CODES[field.type] for field in format.fields],
        [field.id for field in format.fields],
        ["Tabla Campos"],
        [field.header or field.name for field in format.fields],
    ]


def book(sheets: Mapping[str, Rows], layout: str = "load-2018") -> Workbook:
    """Sheets as the reader gives them: nothing after the last value of a row, nor after the last row with one."""
    return Workbook(layout, "xlsx", {name: Sheet(name, _cut(rows)) for name, rows in sheets.items()})  # type: ignore[arg-type]


def _cut(rows: Rows) -> Rows:
    cut = []
    for row in rows:
        values = list(row)
        while values and values[-1] is None:
            values.pop()
        cut.append(values)
    while cut and not cut[-1]:
        cut.pop()
    return cut


def checked(format: Format | None, sheets: Mapping[str, Rows], kind: str = "load-2018") -> Report:
    """What the check says with the rules that are published, on a fixed day."""
    return check(book(sheets, kind), format, RULES, TODAY)


def places(found: Report | Sequence[Finding]) -> list[tuple[str, str, str]]:
    """Code, sheet and cell of every finding."""
    findings = found.findings if isinstance(found, Report) else found
    return [(finding.code, finding.sheet, finding.cell) for finding in findings]
