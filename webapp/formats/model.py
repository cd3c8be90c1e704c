"""What formats, workbooks, findings and exercises are: plain frozen values that the whole library shares.

Rows and columns count from 0 inside the library; people see Excel addresses (`address`): header row 7 is row 6 here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Literal

FieldType = Literal[
    "short_text", "long_text", "number", "date", "time", "money", "url", "file", "catalogue", "table", "separator",
    "year", "update_date", "note",
]  # fmt: skip
# Row 4 of a template names the type of each column by these codes (three sources agree; 8 rests on one).
TYPE_CODES: dict[str, FieldType] = {
    "1": "short_text", "2": "long_text", "3": "number", "4": "date", "5": "time", "6": "money", "7": "url", "8": "file",
    "9": "catalogue", "10": "table", "11": "separator", "12": "year", "13": "update_date", "14": "note",
}  # fmt: skip
Period = Literal["quarterly", "half-yearly", "yearly", "unknown"]
Mark = Literal["F", "C", "P", "L", "D", "NV"]  # how well a fact is supported; what is NV never blocks
Severity = Literal["info", "warning", "blocking"]
Layout = Literal["load-2018", "load-2016", "export-2019", "export-2016", "unknown"]
Value = str | int | float | bool | date | datetime | time | None


@dataclass(frozen=True)
class Field:
    """A column. `id` is the number of row 5; `header` is row 7 as the template has it, noise included."""

    id: str
    type: FieldType
    name: str
    header: str = ""
    catalogue: tuple[str, ...] = ()
    table: str = ""  # id of the secondary table that the column points into
    required: bool = False


@dataclass(frozen=True)
class Table:
    """A secondary table: its columns without the first one, which is always `ID`."""

    id: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Format:
    """The definition of a format, bound to its legal framework, its state's template and its version.

    `id` is "<framework>/<version>/<name>", the place of its file below `courses/_formats`; `format_id` is what cell A1
    of the template holds and is not national.
    """

    id: str
    framework: str
    version: str
    article: str
    fraction: str  # "XXVIII"; `letter` tells formats of one fraction apart ("A")
    letter: str
    name: str
    short_name: str
    description: str
    format_id: str
    period: Period
    conservation: str
    article_65: str  # fraction of art. 65 of the LGTAIP of 2025 that takes its place; "" when unknown
    fields: tuple[Field, ...]
    tables: tuple[Table, ...]
    source: str
    mark: Mark
    layout: Layout = "load-2018"

    def table(self, table_id: str) -> Table:
        """The secondary table with that id. Raises KeyError."""
        return next((table for table in self.tables if table.id == table_id), None) or _missing(table_id)


def _missing(name: str) -> Table:
    raise KeyError(name)


@dataclass(frozen=True)
class Sheet:
    """A sheet as it was read: rows of values, trailing empty cells and rows cut off."""

    name: str
    rows: Sequence[Sequence[Value]]

    def value(self, row: int, column: int) -> Value:
        """A cell, None where nothing was written."""
        return self.rows[row][column] if row < len(self.rows) and column < len(self.rows[row]) else None


@dataclass(frozen=True)
class Workbook:
    """A workbook of any layout. `sheets` keeps their order; `kind` is how the file is packed."""

    layout: Layout
    kind: Literal["xlsx", "xls"]
    sheets: Mapping[str, Sheet]


@dataclass(frozen=True)
class Finding:
    """One thing to say about a workbook. `row` and `column` are None when a whole sheet or the file is meant.

    `message` is a Spanish sentence with the value in it; why it matters and how to mend it belong to the rule. `times`
    is above 1 only in the finding that closes a list too long to be given whole: how many more there are.
    """

    code: str
    severity: Severity
    message: str
    sheet: str = ""
    row: int | None = None
    column: int | None = None
    value: str = ""
    field: str = ""  # name of the column
    times: int = 1

    @property
    def cell(self) -> str:
        """The Excel address ("D8"), the letter of a column ("D"), or ""."""
        return address(self.row, self.column)


@dataclass(frozen=True)
class Rule:
    """A rule of the lab, as data. `frameworks` and `versions` are where it holds; empty means everywhere.

    `message` is the sentence of a finding, with places such as `{value}` that the check fills.
    """

    code: str
    title: str
    severity: Severity
    why: str
    mend: str
    example: str
    source: str
    mark: Mark
    frameworks: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    lesson: str = ""  # "<course>/<step>", shown when that lesson exists
    message: str = ""


@dataclass(frozen=True)
class Report:
    """What checking a workbook gave. `format` is None when the workbook is of no known format."""

    format: Format | None
    layout: Layout
    rows: int  # data rows of the main sheet
    findings: tuple[Finding, ...]

    @property
    def blocks(self) -> bool:
        """Whether a finding would keep the workbook from being loaded."""
        return any(finding.severity == "blocking" for finding in self.findings)


@dataclass(frozen=True)
class SeededError:
    """A mistake put into a practice workbook on purpose: what the check will say, where, and what stood there.

    `row` and `column` are None for a mistake that is no cell's.
    """

    code: str
    sheet: str
    row: int | None
    column: int | None
    right: Value = None
    difficulty: int = 1  # 1 seen at once … 3 only by comparing

    @property
    def cell(self) -> str:
        """The Excel address ("D8") or ""."""
        return address(self.row, self.column)


@dataclass(frozen=True)
class Key:
    """The answer key of a practice workbook. It stays on the server."""

    format_id: str  # `Format.id`
    seed: int
    errors: tuple[SeededError, ...] = field(default=())


class Unreadable(Exception):
    """A file that cannot be checked. `code` is stable English; `message` says in Spanish what it is and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def column_letter(column: int) -> str:
    """ "A" for 0, "AB" for 27."""
    letters = ""
    while column >= 0:
        column, letter = divmod(column, 26)
        letters = chr(65 + letter) + letters
        column -= 1
    return letters


def address(row: int | None, column: int | None) -> str:
    """The Excel address of a cell, of a column, of a row, or ""."""
    return (column_letter(column) if column is not None else "") + (str(row + 1) if row is not None else "")
