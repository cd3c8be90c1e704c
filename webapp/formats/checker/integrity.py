"""Is this the template as it was downloaded: its sheets, codes, ids, columns and headers? Finds where everything is.

Columns are known by the ids of row 5, never by their headers, which carry noise of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from webapp.formats import layout
from webapp.formats.checker.findings import Fault, Findings, together
from webapp.formats.checker.grid import Grid, Structure, grid_of
from webapp.formats.checker.values import folded, is_empty, same_label, shown, text_of
from webapp.formats.model import TYPE_CODES, Field, Format, Sheet, Value, Workbook

HINT = "Colocar el ID"  # how the hint begins that templates carry in the columns of tables
_CODES = {type: code for code, type in TYPE_CODES.items()}


@dataclass(frozen=True)
class Heads:
    """Which rows of a sheet hold codes, ids and headers, where its data begin, and its first column."""

    codes: int
    ids: int
    headers: int
    first: int
    column: int = 0

    def moved(self, by: int) -> Heads:
        """The same rows, further down or up."""
        return Heads(self.codes + by, self.ids + by, self.headers + by, self.first + by, self.column)


MAIN = Heads(layout.CODE_ROW, layout.ID_ROW, layout.HEADER_ROW, layout.FIRST_ROW)
TABLE = Heads(
    layout.TABLE_CODE_ROW, layout.TABLE_ID_ROW, layout.TABLE_HEADER_ROW, layout.TABLE_FIRST_ROW, column=1
)  # fmt: skip


def find_structure(workbook: Workbook, format: Format, findings: Findings) -> Structure:
    """Compare a load workbook with its format and say what is where."""
    if workbook.layout == "load-2016":
        findings.add(Fault("layout_2016"))
    known = {layout.FICTITIOUS_SHEET, layout.ERRORS_SHEET}
    main, tables = None, {}
    sheet = _sheet(workbook, layout.MAIN_SHEET, format.fields, MAIN, findings)
    if sheet:
        known.add(sheet.name)
        main = _main(workbook, sheet, format, findings)
    for table in format.tables:
        if sheet := _sheet(workbook, layout.table_sheet(table.id), table.fields, TABLE, findings):
            known.add(sheet.name)
            if grid := _grid(sheet, table.fields, TABLE, findings):
                tables[table.id] = grid
    if workbook.layout != "load-2016":  # its catalogue sheets have other names
        known.update(_catalogues(workbook, format, findings))
        for name in workbook.sheets:
            if name not in known:
                findings.add(Fault("sheet_added"), name, value=name)
    return Structure(format, main, tables)


# --- sheets -----------------------------------------------------------------------------------------------------


def _sheet(
    workbook: Workbook, name: str, fields: Sequence[Field], heads: Heads, findings: Findings
) -> Sheet | None:  # fmt: skip
    """The sheet of that name, or the one that took its place under another."""
    if name in workbook.sheets:
        return workbook.sheets[name]
    alike = [sheet for sheet in workbook.sheets.values() if _plain(sheet.name) == _plain(name)]
    if alike and workbook.layout == "load-2016":  # it writes `Tabla 227037`
        return alike[0]
    found = alike or [sheet for sheet in workbook.sheets.values() if _shares(sheet, fields, heads) > len(fields) / 2]
    if not found:
        findings.add(Fault("sheet_missing"), name, value=name)
        return None
    findings.add(Fault("sheet_renamed", {"expected": name}), found[0].name, value=found[0].name)
    return found[0]


def _plain(name: str) -> str:
    return folded(name).replace("_", "").replace(" ", "")


def _shares(sheet: Sheet, fields: Sequence[Field], heads: Heads) -> int:
    """How many ids of these fields the sheet has in the row where they belong."""
    return len({field.id for field in fields} & set(_texts(sheet, heads.ids)))


def _texts(sheet: Sheet, row: int) -> list[str]:
    """A row as texts without blanks at the ends; none beyond its last value."""
    texts = [text_of(value).strip() for value in sheet.rows[row]] if 0 <= row < len(sheet.rows) else []
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _catalogues(workbook: Workbook, format: Format, findings: Findings) -> Iterator[str]:
    """Check the sheets of catalogues; give the names that belong to the template."""
    for table_id in ("", *(table.id for table in format.tables)):
        for catalogue in layout.catalogues(format, table_id):
            yield catalogue.sheet
            sheet = workbook.sheets.get(catalogue.sheet)
            if sheet is None:
                findings.add(Fault("sheet_missing"), catalogue.sheet, value=catalogue.sheet)
                continue
            values = [text_of(sheet.value(row, 0)) for row in range(len(sheet.rows))]
            listed = list(catalogue.field.catalogue)
            if listed and values != listed:
                apart = [value for value in values if value not in listed] + [v for v in listed if v not in values]
                fault = Fault("catalogue_sheet_changed", {"apart": together(apart) if apart else "su orden"})
                findings.add(fault, sheet.name, name=catalogue.field.name)


# --- the main sheet ---------------------------------------------------------------------------------------------


def _main(workbook: Workbook, sheet: Sheet, format: Format, findings: Findings) -> Grid | None:
    grid = _grid(sheet, format.fields, MAIN, findings)
    if grid is None or _first_row(sheet, format.fields) != MAIN.ids:
        return grid  # rows above moved, which was said
    found = text_of(sheet.value(layout.FORMAT_ID_ROW, 0)).strip()
    if format.format_id and found != format.format_id:
        fault = Fault("format_id_changed", {"expected": format.format_id})
        findings.add(fault, sheet.name, layout.FORMAT_ID_ROW, 0, found)
    if workbook.layout == "load-2018":  # that of 2016 has its names in other columns
        _names(sheet, format, findings)
    return grid


def _names(sheet: Sheet, format: Format, findings: Findings) -> None:
    """Compare TÍTULO and NOMBRE CORTO."""
    for column, label, expected in zip((0, 3), layout.LABELS, (format.name, format.short_name), strict=False):
        value = sheet.value(layout.NAME_ROW, column)
        if expected and not same_label(text_of(value), expected):
            fault = Fault("template_name_changed", {"label": label, "expected": shown(expected)})
            findings.add(fault, sheet.name, layout.NAME_ROW, column, value)


# --- rows and columns -------------------------------------------------------------------------------------------


def _grid(sheet: Sheet, fields: Sequence[Field], heads: Heads, findings: Findings) -> Grid | None:
    """Find the rows and columns of a sheet, say what is wrong with them, and read its data."""
    row = _first_row(sheet, fields)
    if row is None:
        findings.add(Fault("field_ids_missing", {"row": str(heads.ids + 1)}), sheet.name)
        return None
    if row != heads.ids:
        fault = Fault("rows_shifted", {"expected": str(heads.ids + 1), "found": str(row + 1)})
        findings.add(fault, sheet.name, row)
        heads = heads.moved(row - heads.ids)
    placed = _columns(sheet, fields, heads, findings)
    _labels(sheet, placed, heads, findings)
    is_table = heads.column == 1
    grid = grid_of(sheet.name, _without_hints(sheet, heads), heads.first, placed, key=is_table)
    _blank_rows(grid, heads.first, findings)
    _outside(grid, max(len(_texts(sheet, heads.ids)), len(fields) + heads.column), findings)
    return grid


def _first_row(sheet: Sheet, fields: Sequence[Field]) -> int | None:
    """The row that holds most ids of these fields, or None when none holds any."""
    ids = {field.id for field in fields}
    shares = [(len(ids & set(_texts(sheet, row))), -row) for row in range(min(layout.SEARCHED_ROWS, len(sheet.rows)))]
    most, row = max(shares, default=(0, 0))
    return -row if most else None


def _columns(
    sheet: Sheet, fields: Sequence[Field], heads: Heads, findings: Findings
) -> list[tuple[int, Field]]:  # fmt: skip
    """Each field with the column where it stands, in the order of the format."""
    actual = _texts(sheet, heads.ids)[heads.column :]
    if actual == [field.id for field in fields]:
        return [(index, field) for index, field in enumerate(fields, start=heads.column)]
    placed: dict[int, int] = {}
    added: list[int] = []
    for place, column in _aligned([field.id for field in fields], actual):
        if column is None:
            continue
        if place is None:
            added.append(column)
            continue
        placed[place] = column
        if actual[column] != fields[place].id:
            fault = Fault("field_id_changed", {"expected": fields[place].id})
            findings.add(fault, sheet.name, heads.ids, column + heads.column, actual[column], fields[place].name)
    for place, field in enumerate(fields):
        if place in placed:
            continue
        moved = next((column for column in added if actual[column] == field.id), None)
        if moved is None:
            findings.add(Fault("column_missing"), sheet.name, value=field.id, name=field.name)
            continue
        added.remove(moved)
        placed[place] = moved
        findings.add(Fault("column_moved"), sheet.name, None, moved + heads.column, field.id, field.name)
    for column in added:
        header = text_of(sheet.value(heads.headers, column + heads.column))
        findings.add(Fault("column_added"), sheet.name, None, column + heads.column, header, header)
    return [(placed[place] + heads.column, field) for place, field in enumerate(fields) if place in placed]


def _aligned(expected: list[str], actual: list[str]) -> Iterator[tuple[int | None, int | None]]:
    """Pairs of places of two lists of ids: both where they belong together, one where the other has nothing."""
    for kind, start, end, first, last in SequenceMatcher(None, expected, actual, autojunk=False).get_opcodes():
        strangers = not (set(expected[start:end]) & set(actual) or set(actual[first:last]) & set(expected))
        if kind == "equal" or (end - start == last - first and strangers):
            yield from zip(range(start, end), range(first, last), strict=True)
        else:
            yield from ((place, None) for place in range(start, end))
            yield from ((None, column) for column in range(first, last))


def _labels(sheet: Sheet, placed: Sequence[tuple[int, Field]], heads: Heads, findings: Findings) -> None:
    """Compare the codes and the headers of the columns that are there."""
    for column, field in placed:
        code, header = text_of(sheet.value(heads.codes, column)).strip(), text_of(sheet.value(heads.headers, column))
        if code != _CODES[field.type]:
            fault = Fault("type_code_changed", {"expected": _CODES[field.type]})
            findings.add(fault, sheet.name, heads.codes, column, code, field.name)
        if not (same_label(header, field.header or field.name) or same_label(header, field.name)):
            fault = Fault("header_changed", {"expected": shown(field.name)})
            findings.add(fault, sheet.name, heads.headers, column, header, field.name)


def _without_hints(sheet: Sheet, heads: Heads) -> Sequence[Sequence[Value]]:
    """The rows of a sheet, the first data row emptied when nothing but the template's hints stands in it."""
    if heads.first >= len(sheet.rows):
        return sheet.rows
    filled = [value for value in sheet.rows[heads.first] if not is_empty(value)]
    if filled and all(isinstance(value, str) and value.startswith(HINT) for value in filled):
        return [*sheet.rows[: heads.first], (), *sheet.rows[heads.first + 1 :]]
    return sheet.rows


def _blank_rows(grid: Grid, first: int, findings: Findings) -> None:
    """Rows left empty above the last one that holds something."""
    if not grid.numbers:
        return
    if grid.numbers[0] != first:
        findings.add(Fault("data_start_late", {"expected": str(first + 1)}), grid.sheet, grid.numbers[0])
    for above, number in zip(grid.numbers, grid.numbers[1:], strict=False):
        if number > above + 1:
            findings.add(Fault("blank_row", {"rows": str(number - above - 1)}), grid.sheet, above + 1)


def _outside(grid: Grid, width: int, findings: Findings) -> None:
    """Values to the right of the last column of the format, said once for each column."""
    said: set[int] = set()
    for number, row in zip(grid.numbers, grid.rows, strict=True):
        if len(row) > width:
            for column in range(width, len(row)):
                if column not in said and not is_empty(row[column]):
                    said.add(column)
                    findings.add(Fault("data_outside_columns"), grid.sheet, number, column, row[column])
