"""Makes load templates as SIPOT hands them out, empty or with rows in them. The layout is `layout.py`'s."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, BinaryIO

from webapp.formats import layout
from webapp.formats.model import TYPE_CODES, Format, Sheet, Value, Workbook

CODES = {type: code for code, type in TYPE_CODES.items()}
MADE_ON = datetime(2018, 1, 1)  # the same moment in every file, so that the same content gives the same bytes
WIDTH, TEXT_WIDTH = 22, 40  # of columns, in characters

Rows = Sequence[Sequence[Value]]


class NotATemplate(Exception):
    """The definition is of a layout that no load template has. The message is for people."""


@dataclass(frozen=True)
class Content:
    """What stands in a template: rows of the main sheet, and of each table by its id with the `ID` first.

    `warning` are the lines of a last sheet that says that the data are fictitious; without lines there is no such sheet.
    """

    rows: Rows = ()
    tables: Mapping[str, Rows] = field(default_factory=dict)
    warning: Sequence[str] = ()


def write_blank(format: Format, target: BinaryIO) -> None:
    """Write the blank template of a format. The same definition gives the same bytes. Raises NotATemplate."""
    write_filled(format, Content(), target)


def write_filled(format: Format, content: Content, target: BinaryIO) -> None:
    """Write the template of a format with rows in it, dates as native cells. Raises NotATemplate."""
    write_workbook(format, fill(format, content), target)


def write_workbook(format: Format, filled: Workbook, target: BinaryIO) -> None:
    """Write what `fill` gave, whatever its cells hold now, with the looks, names and validations of the template."""
    import xlsxwriter

    packed = io.BytesIO()
    options = {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(packed, options) as workbook:
        _Writer(workbook, format, filled).write()
    _repack(packed, target)


def fill(format: Format, content: Content) -> Workbook:
    """The template of a format with rows in it, as reading its file would give it. Raises NotATemplate.

    Where there is no row, the hints of the blank template stand in row 8.
    """
    if format.layout != "load-2018":
        raise NotATemplate(f"«{format.id}» se conoce por otra clase de archivo, no por una plantilla de carga de 2018.")
    sheets = [Sheet(layout.MAIN_SHEET, _main_rows(format, content)), *_catalogues(format)]
    for table in format.tables:
        rows = _table_rows(format, table.id, content.tables.get(table.id, ()))
        sheets += [Sheet(layout.table_sheet(table.id), rows), *_catalogues(format, table.id)]
    if content.warning:
        sheets.append(Sheet(layout.FICTITIOUS_SHEET, [[line] for line in content.warning]))
    return Workbook("load-2018", "xlsx", {sheet.name: sheet for sheet in sheets})


def _main_rows(format: Format, content: Content) -> Rows:
    names = (format.name, format.short_name, format.description)
    hints = [layout.hint(column.table) if column.type == "table" else None for column in format.fields]
    return [
        [format.format_id],
        [value for label in layout.LABELS for value in (label, None, None)],
        [value for name in names for value in (name, None, None)],
        [CODES[column.type] for column in format.fields],
        [column.id for column in format.fields],
        [layout.BAND],
        [column.header or column.name for column in format.fields],
        *(content.rows or ([hints] if any(hints) else [])),
    ]


def _table_rows(format: Format, table_id: str, rows: Rows) -> Rows:
    fields = format.table(table_id).fields
    return [
        [None, *(CODES[column.type] for column in fields)],
        [None, *(column.id for column in fields)],
        [layout.TABLE_ID_HEADER, *(column.header or column.name for column in fields)],
        *rows,
    ]


def _catalogues(format: Format, table_id: str = "") -> list[Sheet]:
    return [
        Sheet(catalogue.sheet, [[value] for value in catalogue.field.catalogue])
        for catalogue in layout.catalogues(format, table_id)
    ]


def _repack(packed: io.BytesIO, target: BinaryIO) -> None:
    """Store the parts without compression: what compresses them differs between machines, and with it the bytes."""
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as stored:
        for name in source.namelist():
            part = zipfile.ZipInfo(name)  # 1980-01-01, as every part
            part.create_system, part.external_attr = 3, 0o600 << 16
            stored.writestr(part, source.read(name))


class _Writer:
    """Writes the values of a workbook and gives them the looks, names and validations of a template."""

    def __init__(self, target: Any, format: Format, filled: Workbook) -> None:
        self.target, self.format, self.filled = target, format, filled
        arial = {"font_name": "Arial"}
        self.label = target.add_format(
            {**arial, "font_size": 11, "bold": True, "font_color": "#FFFFFF", "bg_color": "#333333"}
        )
        self.name = target.add_format({**arial, "font_size": 10, "bg_color": "#E1E1E1"})
        self.header = target.add_format(
            {**arial, "font_size": 10, "bg_color": "#E1E1E1", "text_wrap": True, "valign": "top"}
        )
        self.date = target.add_format({"num_format": "dd/mm/yyyy"})
        self.time = target.add_format({"num_format": "hh:mm"})

    def write(self) -> None:
        fictitious = layout.FICTITIOUS_SHEET if layout.FICTITIOUS_SHEET in self.filled.sheets else ""
        self.target.set_properties(
            {"title": self.format.short_name, "comments": fictitious, "keywords": fictitious, "created": MADE_ON}
        )
        for name in self.filled.sheets:
            self.target.add_worksheet(name)
        self._main_sheet()
        for table in self.format.tables:
            self._table_sheet(table.id)
        if fictitious:
            self._sheet(fictitious, {}, ()).set_column(0, 0, 100)

    def _main_sheet(self) -> None:
        last = max(len(self.format.fields) - 1, 0)
        merged = [(row, first, first + 2) for row in (layout.LABEL_ROW, layout.NAME_ROW) for first in (0, 3, 6)]
        looks = {
            layout.LABEL_ROW: self.label,
            layout.NAME_ROW: self.name,
            layout.BAND_ROW: self.label,
            layout.HEADER_ROW: self.header,
        }
        sheet = self.target.get_worksheet_by_name(layout.MAIN_SHEET)
        for row, first, end in [*merged, (layout.BAND_ROW, 0, last)]:
            if first < end:
                sheet.merge_range(row, first, row, end, "", looks[row])
        self._sheet(layout.MAIN_SHEET, looks, layout.HIDDEN_ROWS)
        self._columns(sheet, "", layout.FIRST_ROW)

    def _table_sheet(self, table_id: str) -> None:
        looks = {layout.TABLE_HEADER_ROW: self.header}
        sheet = self._sheet(layout.table_sheet(table_id), looks, layout.TABLE_HIDDEN_ROWS)
        self._columns(sheet, table_id, layout.TABLE_FIRST_ROW)

    def _columns(self, sheet: Any, table_id: str, first_row: int) -> None:
        """Widths, and for each catalogue its sheet, the name by which the column finds it, and the validation."""
        for index, column in layout.columns(self.format, table_id):
            sheet.set_column(index, index, TEXT_WIDTH if column.type in ("long_text", "note", "url") else WIDTH)
        for catalogue in layout.catalogues(self.format, table_id):
            self._sheet(catalogue.sheet, {}, ())
            last = max(len(catalogue.field.catalogue), 1)
            self.target.define_name(catalogue.defined_name, f"={catalogue.sheet}!$A$1:$A${last}")
            rule = {"validate": "list", "source": f"={catalogue.defined_name}", "ignore_blank": True}
            sheet.data_validation(first_row, catalogue.column, layout.LAST_CHECKED_ROW, catalogue.column, rule)

    def _sheet(self, name: str, looks: Mapping[int, Any], hidden: Sequence[int]) -> Any:
        sheet = self.target.get_worksheet_by_name(name)
        for row in hidden:
            sheet.set_row(row, None, None, {"hidden": True})
        for row, values in enumerate(self.filled.sheets[name].rows):
            for column, value in enumerate(values):
                self._cell(sheet, row, column, value, looks.get(row))
        return sheet

    def _cell(self, sheet: Any, row: int, column: int, value: Value, look: Any) -> None:
        if isinstance(value, str):
            sheet.write_string(row, column, value, look)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, look)
        elif isinstance(value, int | float):
            sheet.write_number(row, column, value, look)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, self.date)
        elif isinstance(value, time):
            sheet.write_datetime(row, column, value, self.time)
