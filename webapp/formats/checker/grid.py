"""Where the columns of a format stand in a workbook: what the integrity check finds and the other checks read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from webapp.formats.checker.findings import Fault, Findings
from webapp.formats.checker.plain import suspects
from webapp.formats.checker.values import columns_of, folded, is_empty, is_filled, text_of
from webapp.formats.model import Field, Format, Value

Role = Literal["exercise", "start", "end", "validation", "update", "note"]
# Headers of official templates without case and accents; ids are not national, so that a role has no other sign.
_ROLES: dict[Role, re.Pattern[str]] = {
    "exercise": re.compile(r"(^|> ?)ejercicio$"),
    "start": re.compile(r"fecha (de )?inicio (del )?periodo que se informa"),
    "end": re.compile(r"fecha (de )?termino (del )?periodo que se informa"),
    "validation": re.compile(r"fecha de validacion"),
}


@dataclass(frozen=True)
class Column:
    """A column of the format as it stands in a sheet.

    `values` are those of the sheet's data rows, None where there is nothing or nothing but blanks; `suspects` are the
    distinct ones that the judge of its type must see.
    """

    index: int
    field: Field
    values: Sequence[Value]
    suspects: Collection[Value]


@dataclass(frozen=True)
class Grid:
    """The data of a sheet. `numbers` are the places of its data rows in the sheet; rows left empty are not among them."""

    sheet: str
    numbers: Sequence[int]
    rows: Sequence[Sequence[Value]]
    columns: Sequence[Column]

    def report(self, findings: Findings, column: Column, faults: Iterable[tuple[int, Fault]]) -> None:
        """Add faults of a column, each with the place of its data row."""
        for place, fault in faults:
            self.add(findings, fault, place, column)

    def add(self, findings: Findings, fault: Fault, place: int, column: Column) -> None:
        """Add a fault at the cell where a data row meets a column."""
        value = column.values[place]
        findings.add(fault, self.sheet, self.numbers[place], column.index, value, column.field.name)

    @cached_property
    def roles(self) -> Mapping[Role, Column]:
        """The columns that rules speak of by what they mean; a layout may lack any of them."""
        return {role: column for column in self.columns if (role := role_of(column.field))}


@dataclass(frozen=True)
class Structure:
    """What could be found of a format in a workbook. `main` is None when nothing else can be judged."""

    format: Format
    main: Grid | None
    tables: Mapping[str, Grid]  # by the id of the secondary table; a table whose sheet is missing is not here

    def grids(self) -> Iterator[Grid]:
        """The main sheet and then the tables."""
        if self.main:
            yield self.main
        yield from self.tables.values()


def role_of(field: Field) -> Role | None:
    """What a column means for the rules of rows, or None."""
    if field.type in ("update_date", "note"):
        return "update" if field.type == "update_date" else "note"
    name = folded(field.name)
    return next((role for role, pattern in _ROLES.items() if pattern.search(name)), None)


def grid_of(
    sheet: str, rows: Sequence[Sequence[Value]], first_row: int, placed: Sequence[tuple[int, Field]], key: bool
) -> Grid:
    """The data of a sheet from `first_row` on. With `key`, its first column is the `ID` of a secondary table."""
    numbers = [number for number in range(first_row, len(rows)) if is_filled(rows[number])]
    data = [rows[number] for number in numbers]
    heads = [(0, Field("", "number", "ID"))] if key else []
    heads += placed
    values = columns_of(data, max((index for index, _ in heads), default=-1) + 1)
    return Grid(sheet, numbers, data, [_column(index, field, values[index]) for index, field in heads])


def _column(index: int, field: Field, values: Sequence[Value]) -> Column:
    """A column whose blanks are None and whose booleans are text, since Python takes True for 1."""
    found = suspects(values, "year" if role_of(field) == "exercise" else field.type)
    if any(value == 0 or value == 1 or is_empty(value) for value in found):
        values = [_cleaned(value) for value in values]
        found = set(values) if not found.isdisjoint((0, 1)) else {_cleaned(value) for value in found}
    return Column(index, field, values, tuple(found))  # a set of 100,000 values takes five times the memory


def _cleaned(value: Value) -> Value:
    if isinstance(value, bool):
        return text_of(value)
    return None if is_empty(value) else value
