"""The workbook on which a learner works: as it was given, and with what they typed over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from webapp.core.storage import Storage
from webapp.coursepack.filling import fields_of, first_row_of, overlay
from webapp.coursepack.judging import Judged, judge_load, judge_mended
from webapp.coursepack.model import Lab
from webapp.formatlab import showing
from webapp.formatlab.models import LabWork
from webapp.formats import layout
from webapp.formats.blank import Content, fill
from webapp.formats.checker import check
from webapp.formats.examine import PAGE_ROWS, ShownSheet, shown_value
from webapp.formats.keys import key_from_json
from webapp.formats.model import Field, Finding, Format, Rule, Sheet, Value, Workbook, address
from webapp.formats.reader import read


def given(work: LabWork, format: Format, storage: Storage) -> Workbook:
    """The workbook as the learner got it."""
    return _stored(storage.path(work.workbook_key)) if work.workbook_key else fill(format, Content())


@lru_cache(maxsize=32)
def _stored(path: Path) -> Workbook:
    return read(path)


def typed_over(work: LabWork, format: Format, storage: Storage) -> Workbook:
    """The workbook with what was typed in the browser."""
    return overlay(given(work, format, storage), format, work.draft)


def judge(
    lab: Lab, work: LabWork, format: Format, rules: Mapping[str, Rule], storage: Storage, submitted: Workbook
) -> Judged:
    """What a workbook is worth that was handed in for a work, however it came."""
    if lab.kind == "load":
        return judge_load(lab, format, rules, submitted)
    return judge_mended(format, rules, key_from_json(work.key), given(work, format, storage), submitted)


def acuse(work: LabWork, format: Format, rules: Mapping[str, Rule], storage: Storage) -> list[Finding]:
    """What the rejected load of a «mend» came back with."""
    report = check(given(work, format, storage), format, rules)
    return [finding for finding in report.findings if finding.severity == "blocking"]


# --- the grid of the browser ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """A cell of the row that is being written. `options` are the values of its catalogue, its present one included."""

    address: str
    letter: str
    name: str
    kind: str
    text: str
    options: tuple[str, ...] = ()


def editable_sheets(format: Format) -> list[str]:
    """The sheets that hold data, in order."""
    return [layout.MAIN_SHEET, *(layout.table_sheet(table.id) for table in format.tables)]


def next_free_row(sheet: Sheet) -> int:
    """The number of the row after the last that holds data, counted from 1. The hints of a blank template are no data."""
    first = first_row_of(sheet.name)
    filled = [number for number, row in enumerate(sheet.rows) if number >= first and any(_is_data(v) for v in row)]
    return (filled[-1] if filled else first - 1) + 2


def _is_data(value: Value) -> bool:
    return value is not None and not str(value).startswith(layout.hint(""))


def grid_of(sheet: Sheet, number: int, page: int) -> showing.Grid:
    """A page of a sheet with all its rows, those that Excel hides too."""
    rows = [[shown_value(value) for value in row] for row in sheet.rows]
    top = showing.header_row(sheet.name)
    pages = range(0, max(len(rows), 1), PAGE_ROWS)
    shown = ShownSheet(sheet.name, len(rows), max((len(row) for row in rows), default=1), tuple(pages))
    header = rows[top] if len(rows) > top else []
    return showing.grid(shown, number, page, header, rows[page * PAGE_ROWS : (page + 1) * PAGE_ROWS], (), whole=True)


def row_entries(sheet: Sheet, format: Format, row: int) -> list[Entry]:
    """The cells of a row (from 1) as a form asks for them. Rows above the data have no types."""
    fields = fields_of(format, sheet.name)
    values = sheet.rows[row - 1] if row <= len(sheet.rows) else []
    in_data = row > first_row_of(sheet.name)
    width = max(len(fields), len(values))
    headers = sheet.rows[showing.header_row(sheet.name)] if len(sheet.rows) > showing.header_row(sheet.name) else []
    return [
        _entry(column, row, fields[column] if column < len(fields) else None, in_data, values, headers)
        for column in range(width)
    ]


def _entry(
    column: int, row: int, field: Field | None, in_data: bool, values: Sequence[Value], headers: Sequence[Value]
) -> Entry:
    place = address(row - 1, column)
    value = values[column] if column < len(values) else None
    text = shown_value(value)
    header = headers[column] if column < len(headers) else None
    name = field.name if field else str(header or "")
    kind = (field.type if field else "number") if in_data else "short_text"
    options: tuple[str, ...] = ()
    if kind == "catalogue" and field is not None:
        options = field.catalogue if not text or text in field.catalogue else (text, *field.catalogue)
    return Entry(place, place.rstrip("0123456789"), name, kind, text, options)
