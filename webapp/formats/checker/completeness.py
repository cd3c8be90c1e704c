"""Is every cell filled, or its emptiness reasoned in `Nota`? Which cells a load cannot do without, the format says."""

from __future__ import annotations

import re
from collections.abc import Sequence

from webapp.formats.checker.cells import id_of
from webapp.formats.checker.findings import Fault, Findings
from webapp.formats.checker.grid import Column, Grid, Structure
from webapp.formats.checker.values import text_of
from webapp.formats.model import Value

_WORD = re.compile(r"[^\W\d_]{2,}")
_FEWEST_WORDS = 3  # "N A", "ninguna" and "no aplica" give no reason


def check_completeness(structure: Structure, findings: Findings) -> None:
    """Judge the empty cells of the main sheet, and those of tables by the notes of the rows that point to them."""
    main = structure.main
    if main is None:
        return
    _required(main, findings)
    note = main.roles.get("note")
    if note is None:
        return
    reasons = {value: is_reasoned(value) for value in set(note.values)}
    reasoned = [reasons[value] for value in note.values]
    _empty(main, note, reasoned, findings)
    for column in main.columns:
        if column.field.type == "table" and (grid := structure.tables.get(column.field.table)):
            _empty_in_table(grid, {id_of(v) for v, ok in zip(column.values, reasoned, strict=True) if ok}, findings)


def is_reasoned(note: Value) -> bool:
    """Whether a note says why something is missing."""
    return len(_WORD.findall(text_of(note))) >= _FEWEST_WORDS


def _must_be_filled(column: Column) -> bool:
    return column.field.required or column.field.type == "update_date"


def _required(grid: Grid, findings: Findings) -> None:
    """Cells without which a row is not loaded."""
    for column in filter(_must_be_filled, grid.columns):
        code = "update_date_empty" if column.field.type == "update_date" else "required_empty"
        grid.report(findings, column, ((place, Fault(code)) for place in _holes(column)))


def _holes(column: Column) -> Sequence[int]:
    """Places of empty cells; `all` looks at 100,000 values in no time, and nearly always there is none."""
    if all(column.values):
        return ()
    return [place for place, value in enumerate(column.values) if value is None]


def _may_need_note(column: Column) -> bool:
    return column.field.id != "" and column.field.type not in ("note", "separator") and not _must_be_filled(column)


def _empty(grid: Grid, note: Column, reasoned: Sequence[bool], findings: Findings) -> None:
    """Empty cells of rows without note; a note that gives no reason is said once, at the note."""
    poor: set[int] = set()
    for column in filter(_may_need_note, grid.columns):
        for place in _holes(column):
            if reasoned[place]:
                continue
            if note.values[place] is None:
                grid.add(findings, Fault("empty_without_note"), place, column)
            else:
                poor.add(place)
    for place in sorted(poor):
        grid.add(findings, Fault("poor_note"), place, note)


def _empty_in_table(grid: Grid, reasoned: set[str], findings: Findings) -> None:
    ids = [id_of(value) for value in grid.columns[0].values]
    for column in filter(_may_need_note, grid.columns):
        for place in _holes(column):
            if ids[place] and ids[place] not in reasoned:
                grid.add(findings, Fault("empty_without_note"), place, column)
