"""What a filled template says, compared with what the case of a lab tells.

Rows are compared by the ids of their columns and in any order, because a template asks for none. A column that points
into a secondary table is compared by the rows it leads to, so that learners number them as they like.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from webapp.coursepack.answers import comparable
from webapp.coursepack.model import Lab
from webapp.formats import layout
from webapp.formats.blank import Content
from webapp.formats.model import Field, Format, Sheet, Value, Workbook
from webapp.formats.reader import as_id, load_sheet

_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,10})?")  # as a load takes it: no sign of money, no commas
_ADDRESS = re.compile(r"([A-Z]{1,2})([1-9][0-9]{0,4})")
MOST_ROWS = 500  # of a submitted sheet that are looked at; no case has more than sixty
LINK = "ID"  # of a secondary table: the number by which the report finds its rows

Row = Mapping[str, Any]  # by column id; a column of type table holds the rows that it leads to


@dataclass(frozen=True)
class Filling:
    """How far a submitted workbook says what it should.

    `wrong` counts, by the id of the column, cells that differ or are missing; `missing` and `surplus` count whole rows.
    """

    right: int
    total: int
    wrong: Mapping[str, int]
    missing: int
    surplus: int

    @property
    def percent(self) -> int:
        """Whole percent, rounded down. A surplus row weighs as much as an expected one."""
        return self.right * 100 // self.total if self.total else 0


def compare(lab: Lab, format: Format, submitted: Workbook) -> Filling:
    """Compare the rows of a submitted workbook with those that the lab expects."""
    told = {name: {column for row in rows for column in row} for name, rows in lab.tables.items()}
    expected = _linked(format, lab.rows, lab.tables, told)
    given = _linked(format, *_read(format, submitted), told)
    left, right, wrong, missing = list(given), 0, dict[str, int](), 0
    for row in expected:
        best = max(left, key=lambda other: _shared(row, other), default={})
        if _shared(row, best):
            left.remove(best)
        else:
            best, missing = {}, missing + 1
        for column, value in row.items():
            if best.get(column) == value:
                right += 1
            else:
                wrong[column] = wrong.get(column, 0) + 1
    cells = sum(len(row) for row in expected)
    surplus = sum(any(value not in ("", ()) for value in row.values()) for row in left)
    weight = cells // len(expected) if expected else 0
    return Filling(right, cells + surplus * weight, wrong, missing, surplus)


def _shared(row: Row, other: Row) -> int:
    return sum(other.get(column) == value for column, value in row.items() if value not in ("", ()))


def _linked(
    format: Format,
    rows: Iterable[Mapping[str, Value]],
    tables: Mapping[str, Sequence[Mapping[str, Value]]],
    told: Mapping[str, set[str]],
) -> list[Row]:
    """The rows in the form in which they are compared, with the rows of tables in place of their numbers.

    Of a table only the columns that the case speaks of (`told`) are compared.
    """
    fields = {field.id: field for field in format.fields}
    return [
        {
            column: _of_table(format, fields[column], value, tables, told)
            if fields[column].type == "table"
            else normal(fields[column], value)
            for column, value in row.items()
            if column in fields
        }
        for row in rows
    ]


def _of_table(
    format: Format,
    field: Field,
    link: Value,
    tables: Mapping[str, Sequence[Mapping[str, Value]]],
    told: Mapping[str, set[str]],
) -> tuple[tuple[tuple[str, str], ...], ...]:
    wanted = told.get(field.table, set())
    columns = {column.id: column for column in format.table(field.table).fields if column.id in wanted}
    number = as_id(link)
    return tuple(
        sorted(
            tuple(sorted((name, normal(columns[name], value)) for name, value in row.items() if name in columns))
            for row in tables.get(field.table, ())
            if number and as_id(row.get(LINK)) == number
        )
    )


def _read(
    format: Format, workbook: Workbook
) -> tuple[list[Mapping[str, Value]], dict[str, Sequence[Mapping[str, Value]]]]:
    """The data of a submitted workbook by column id: the rows of the report, and those of each table."""
    sheet = load_sheet(workbook)
    main = _rows(sheet, layout.ID_ROW, layout.FIRST_ROW) if sheet else []
    tables: dict[str, Sequence[Mapping[str, Value]]] = {
        table.id: _rows(workbook.sheets.get(layout.table_sheet(table.id)), layout.TABLE_ID_ROW, layout.TABLE_FIRST_ROW)
        for table in format.tables
    }
    return main, tables


def _rows(sheet: Sheet | None, id_row: int, first_row: int) -> list[Mapping[str, Value]]:
    if sheet is None or len(sheet.rows) <= id_row:
        return []
    ids = [as_id(value) for value in sheet.rows[id_row]]
    if id_row == layout.TABLE_ID_ROW:
        ids = [LINK, *ids[1:]]
    found: list[Mapping[str, Value]] = []
    for number in range(first_row, min(len(sheet.rows), first_row + MOST_ROWS)):
        row = {name: sheet.value(number, column) for column, name in enumerate(ids) if name}
        if any(value not in (None, "") for value in row.values()):
            found.append(row)
    return found


# --- values -----------------------------------------------------------------------------------------------------


def typed(field: Field | None, text: str) -> Value:
    """What somebody typed into a cell, as the cell would hold it; what is no number or date stays a text.

    `field` is None for the ID of a secondary table.
    """
    written = text.strip()
    if not written:
        return None
    if field is None or field.type in ("number", "money", "table"):
        number = _number(written)
        return text if number is None else int(number) if number == int(number) else float(number)
    if field.type in ("date", "update_date"):
        return _date(written) or text
    return text


def normal(field: Field, value: Value) -> str:
    """The form of a value in which two cells that say the same are equal."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.date()
    if field.type in ("date", "update_date"):
        day = value if isinstance(value, date) else _date(str(value).strip())
        return day.isoformat() if day else str(value).strip()
    number = _number(str(value).strip()) if field.type in ("number", "money", "year") else None
    if number is not None:
        return f"{number.normalize():f}"
    return comparable(as_id(value) if isinstance(value, int | float) else str(value))


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _PLAIN_NUMBER.fullmatch(text) else None


def _date(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%d/%m/%Y").date()
    except ValueError:
        return None


def overlay(workbook: Workbook, format: Format, cells: Mapping[str, Mapping[str, str]]) -> Workbook:
    """A workbook with what somebody typed over it: `{sheet: {"D8": text}}`. Sheets it does not have are passed over."""
    sheets = dict(workbook.sheets)
    for name, typed_cells in cells.items():
        if name in sheets:
            sheets[name] = Sheet(name, _typed_over(sheets[name], fields_of(format, name), typed_cells))
    return Workbook(workbook.layout, workbook.kind, sheets)


def fields_of(format: Format, sheet: str) -> Sequence[Field | None]:
    """The columns of a sheet of the format; None is the `ID` of a secondary table. Nothing for other sheets."""
    if sheet == layout.MAIN_SHEET:
        return format.fields
    table = next((table for table in format.tables if layout.table_sheet(table.id) == sheet), None)
    return () if table is None else (None, *table.fields)


def first_row_of(sheet: str) -> int:
    """The first row of data of a sheet."""
    return layout.FIRST_ROW if sheet == layout.MAIN_SHEET else layout.TABLE_FIRST_ROW


def _typed_over(sheet: Sheet, fields: Sequence[Field | None], cells: Mapping[str, str]) -> list[list[Value]]:
    rows = [list(row) for row in sheet.rows]
    first = first_row_of(sheet.name)
    for place, text in cells.items():
        row, column = parse_address(place)
        rows.extend([] for _ in range(row + 1 - len(rows)))
        rows[row].extend([None] * (column + 1 - len(rows[row])))
        in_data = row >= first and column < len(fields)
        rows[row][column] = typed(fields[column], text) if in_data else text.strip() or None
    return rows


def parse_address(place: str) -> tuple[int, int]:
    """Row and column of an Excel address. Raises ValueError."""
    match = _ADDRESS.fullmatch(place)
    if match is None:
        raise ValueError(place)
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]) - 1, column - 1


def solution(lab: Lab, format: Format) -> Content:
    """The rows that the lab declares, as they stand in a template."""
    return Content(
        rows=[_cells(row, format.fields) for row in lab.rows],
        tables={
            name: [[typed(None, row.get(LINK, "")), *_cells(row, format.table(name).fields)] for row in rows]
            for name, rows in lab.tables.items()
        },
    )


def _cells(row: Mapping[str, str], fields: Iterable[Field]) -> list[Value]:
    return [typed(field, row.get(field.id, "")) for field in fields]
