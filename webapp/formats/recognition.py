"""Tells of which format a workbook is. Reads no definition: the child process that checks a workbook needs nothing more."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.formats import layout
from webapp.formats.model import Format, Workbook
from webapp.formats.reader import as_id, load_sheet


def recognise(workbook: Workbook, formats: Sequence[Format]) -> Format | None:
    """The format of a load workbook: by most of its field ids, and failing that by the number in A1.

    Ids are looked for in all of the top rows, because rows are added and deleted above; and they go before the number,
    which is overwritten by whoever pastes the heading of another format.
    """
    sheet = load_sheet(workbook)
    if sheet is None or workbook.layout not in ("load-2018", "load-2016"):
        return None
    ids = {as_id(value) for row in sheet.rows[: layout.SEARCHED_ROWS] for value in row} - {""}
    number = as_id(sheet.value(layout.FORMAT_ID_ROW, 0))

    def likeness(known: Format) -> tuple[float, bool]:
        return _shared(known, ids), known.format_id == number

    best = max(formats, key=likeness, default=None)
    if best is not None and _shared(best, ids) > 0.5:
        return best
    return max((known for known in formats if known.format_id == number), key=likeness, default=None)


def _shared(definition: Format, ids: set[str]) -> float:
    """Which part of its field ids are among these."""
    own = {known.id for known in definition.fields}
    return len(own & ids) / len(own) if own else 0.0
