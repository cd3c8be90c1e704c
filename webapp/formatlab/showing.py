"""Findings and sheets put in the order in which people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from webapp.formats import layout
from webapp.formats.examine import PAGE_ROWS, Examination, ShownSheet
from webapp.formats.model import Finding, Rule, Severity, address, column_letter

SEVERITIES: tuple[Severity, ...] = ("blocking", "warning", "info")


@dataclass(frozen=True)
class Numbered:
    """A finding with its number in the list, which names it on the page, and the way to its cell."""

    number: int
    finding: Finding
    sheet: int | None  # place of its sheet in the workbook
    page: int

    @property
    def anchor(self) -> str:
        """The address of the cell that shows it: of a whole column, its header. "" when it is no cell's."""
        if self.sheet is None or (self.finding.row is None and self.finding.column is None):
            return ""
        row = header_row(self.finding.sheet) if self.finding.row is None else self.finding.row
        return address(row, self.finding.column or 0)


@dataclass(frozen=True)
class OfRule:
    """The findings of one rule in one column, and what to do about them."""

    code: str
    rule: Rule | None
    findings: tuple[Numbered, ...]


@dataclass(frozen=True)
class OfColumn:
    """The findings of one column, or of what is no column's (`letter` "")."""

    sheet: str
    letter: str
    name: str
    rules: tuple[OfRule, ...]


@dataclass(frozen=True)
class OfSeverity:
    """The findings of one severity by column."""

    severity: Severity
    count: int
    columns: tuple[OfColumn, ...]


def grouped(examination: Examination, rules: Mapping[str, Rule]) -> list[OfSeverity]:
    """The findings by severity, then by column in the order of the sheets, then by rule."""
    places = {sheet.name: place for place, sheet in enumerate(examination.sheets)}
    rank = {severity: place for place, severity in enumerate(SEVERITIES)}

    def order(finding: Finding) -> tuple[int, int, int, str, int]:
        column = -1 if finding.column is None else finding.column
        row = -1 if finding.row is None else finding.row
        return rank[finding.severity], places.get(finding.sheet, -1), column, finding.code, row

    numbered = [
        Numbered(number, finding, places.get(finding.sheet), (finding.row or 0) // PAGE_ROWS)
        for number, finding in enumerate(sorted(examination.findings, key=order), 1)
    ]
    return [
        OfSeverity(severity, examination.severities.get(severity, 0), tuple(_columns(items, rules)))
        for severity, items in groupby(numbered, key=lambda item: item.finding.severity)
    ]


def _columns(items: Iterable[Numbered], rules: Mapping[str, Rule]) -> Iterable[OfColumn]:
    for (sheet, column), of_column in groupby(items, key=lambda item: (item.finding.sheet, item.finding.column)):
        listed = list(of_column)
        name = next((item.finding.field for item in listed if item.finding.field), "")
        yield OfColumn(
            sheet,
            "" if column is None else column_letter(column),
            name,
            tuple(
                OfRule(code, rules.get(code), tuple(of_rule))
                for code, of_rule in groupby(listed, key=lambda item: item.finding.code)
            ),
        )


# --- the sheet --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """A cell as it is shown. `marks` are the numbers of the findings that are about it."""

    address: str
    text: str
    severity: Severity | None = None
    marks: tuple[Numbered, ...] = ()


@dataclass(frozen=True)
class Line:
    """A row of a sheet under its Excel number."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Grid:
    """A page of a sheet: letters and names of its columns, and rows."""

    sheet: ShownSheet
    number: int
    page: int
    letters: tuple[str, ...]
    names: tuple[Cell, ...]
    lines: tuple[Line, ...] = field(default=())

    @property
    def pages(self) -> int:
        return len(self.sheet.offsets)


def header_row(sheet: str) -> int:
    """The row of a sheet in which its columns are named."""
    return layout.HEADER_ROW if sheet == layout.MAIN_SHEET else layout.TABLE_HEADER_ROW


def grid(
    sheet: ShownSheet,
    number: int,
    page: int,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    findings: Iterable[Numbered],
    whole: bool = False,
) -> Grid:
    """Put a page of a sheet together.

    Rows above the first of data are left out unless something is said about them, or the sheet is wanted `whole`.
    """
    marks: dict[tuple[int, int], list[Numbered]] = {}
    top = header_row(sheet.name)
    for item in findings:
        if item.finding.sheet == sheet.name and item.finding.times == 1:
            row, column = item.finding.row, item.finding.column
            if item.anchor:
                marks.setdefault((top if row is None else row, column or 0), []).append(item)
    columns = max(sheet.columns, 1)
    start = page * PAGE_ROWS
    marked_rows = {row for row, _ in marks}
    lines = [
        Line(start + place + 1, _cells(start + place, columns, row, marks))
        for place, row in enumerate(rows)
        if start + place > top or (start + place != top and (whole or start + place in marked_rows))
    ]
    names = _cells(top, columns, header, marks)
    return Grid(sheet, number, page, tuple(column_letter(c) for c in range(columns)), names, tuple(lines))


def _cells(
    row: int, columns: int, values: Sequence[str], marks: Mapping[tuple[int, int], list[Numbered]]
) -> tuple[Cell, ...]:
    found = []
    for column in range(columns):
        own = marks.get((row, column), [])
        severity = next((level for level in SEVERITIES if any(item.finding.severity == level for item in own)), None)
        text = values[column] if column < len(values) else ""
        found.append(Cell(f"{column_letter(column)}{row + 1}", text, severity, tuple(own)))
    return tuple(found)


def is_shown(sheet: ShownSheet, findings: Iterable[Numbered]) -> bool:
    """Catalogue sheets are left out of the tabs unless something is said about them."""
    return not sheet.name.lower().startswith("hidden") or any(item.finding.sheet == sheet.name for item in findings)


def all_of(groups: Iterable[OfSeverity]) -> list[Numbered]:
    """The findings of all groups in their order."""
    return [item for group in groups for column in group.columns for rule in column.rules for item in rule.findings]
