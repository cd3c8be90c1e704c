"""Derives the definition of a format from its template, blank or filled.

This is how official templates enter. What no template tells (law, fraction, period, conservation) stays empty for a
person to fill in. The catalogue of a column is found by the validation of its cells and the name that this points to; an
old .xls gives neither, so there the sheets `hidden1`, `hidden2`… belong to the catalogue columns in their order.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from webapp.formats import layout
from webapp.formats.definitions import column_name
from webapp.formats.guard import unreadable
from webapp.formats.model import TYPE_CODES, Field, Format, Sheet, Table, Unreadable, Value, Workbook, column_letter
from webapp.formats.package import MAIN, parse, sheet_parts
from webapp.formats.reader import as_id, load_sheet, read

UNPLACED = "sin-marco/sin-version"
_NAMES_2018, _NAMES_2016 = (0, 3, 6), (0, 1, 2)  # columns of title, short name and description
_RANGE = re.compile(r"(?:'(?P<quoted>[^']+)'|(?P<plain>\w+))!\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)")
Sources = Mapping[str, Mapping[int, str]]  # sheet → column → what the list of its cells points to


def derive(path: Path, known: Iterable[Format] = (), id: str = "") -> Format:
    """The definition of the template at `path`, with `id` or, without one, one that shows it has no place yet.

    A column is mandatory when a column of that name is mandatory in a `known` format: templates do not say so.
    Raises Unreadable for what is no workbook, and with the code `not_a_template` for one that is no load template.
    """
    workbook = read(path)
    sheet = load_sheet(workbook)
    if sheet is None or workbook.layout not in ("load-2018", "load-2016"):
        raise _refusal(f"No es una plantilla de carga: no trae la hoja «{layout.MAIN_SHEET}».")
    return _Derivation(workbook, sheet, _lists(path, workbook), known).format(id, path.name)


def _refusal(message: str) -> Unreadable:
    return Unreadable("not_a_template", message)


class _Derivation:
    def __init__(self, workbook: Workbook, sheet: Sheet, lists: Sources, known: Iterable[Format]) -> None:
        self.workbook, self.sheet, self.lists = workbook, sheet, lists
        self.required = {field.name.casefold() for definition in known for field in definition.fields if field.required}

    def format(self, id: str, source: str) -> Format:
        format_id = as_id(self.sheet.value(layout.FORMAT_ID_ROW, 0))
        id = id or f"{UNPLACED}/formato-{format_id or 'sin-numero'}"
        framework, version, _ = id.split("/")
        columns = _NAMES_2016 if self.workbook.layout == "load-2016" else _NAMES_2018
        name, short_name, description = (_text(self.sheet.value(layout.NAME_ROW, column)) for column in columns)
        fields = self._fields(self.sheet, 0, layout.CODE_ROW, layout.ID_ROW, layout.HEADER_ROW)
        return Format(
            id=id, framework=framework, version=version, article="", fraction="", letter="", name=name,
            short_name=short_name, description=description, format_id=format_id, period="unknown", conservation="",
            article_65="", fields=fields, tables=tuple(self._table(field) for field in fields if field.table),
            source=source, mark="F", layout=self.workbook.layout,
        )  # fmt: skip

    def _table(self, column: Field) -> Table:
        names = [name for name in self.workbook.sheets if re.fullmatch(rf"Tabla[_ ]{column.table}", name)]
        if not names:
            raise _refusal(f"Falta la hoja «{layout.table_sheet(column.table)}» de la columna «{column.name}».")
        rows = layout.TABLE_CODE_ROW, layout.TABLE_ID_ROW, layout.TABLE_HEADER_ROW
        return Table(column.table, self._fields(self.workbook.sheets[names[0]], 1, *rows))

    def _fields(self, sheet: Sheet, first: int, code_row: int, id_row: int, header_row: int) -> tuple[Field, ...]:
        width = max((len(sheet.rows[row]) for row in (code_row, id_row) if row < len(sheet.rows)), default=0)
        codes = [as_id(sheet.value(code_row, column)) for column in range(width)]
        catalogue_columns = [column for column in range(width) if TYPE_CODES.get(codes[column]) == "catalogue"]
        fields = []
        for column in range(first, width):
            where = f"Hoja «{sheet.name}», columna {column_letter(column)}"
            field_id = as_id(sheet.value(id_row, column))
            if codes[column] not in TYPE_CODES or not field_id.isdigit():
                raise _refusal(f"{where}: no trae la clave de su tipo y su número en las filas ocultas.")
            header = str(sheet.value(header_row, column) or "")
            catalogue: tuple[str, ...] = ()
            if column in catalogue_columns:
                catalogue = self._catalogue(sheet.name, column, catalogue_columns.index(column) + 1)
            fields.append(self._field(field_id, codes[column], header, catalogue, main=first == 0))
        ids = [field.id for field in fields]
        if not fields or len(set(ids)) < len(ids):
            raise _refusal(f"Hoja «{sheet.name}»: sin columnas, o con números de campo repetidos.")
        return tuple(fields)

    def _field(self, id: str, code: str, header: str, catalogue: tuple[str, ...], *, main: bool) -> Field:
        type, name = TYPE_CODES[code], column_name(header)
        required = main and name.casefold() in self.required
        return Field(id, type, name, header or name, catalogue, id if type == "table" else "", required)

    def _catalogue(self, sheet: str, column: int, number: int) -> tuple[str, ...]:
        """Values of the list that the column points to, or of the sheet that is its by order."""
        target = _RANGE.fullmatch(self.lists.get(sheet, {}).get(column, "").lstrip("="))
        if target is not None:
            name, first, last = target["quoted"] or target["plain"], int(target[4]), int(target[6])
            place = layout.column_number(target[3])
        else:
            name, first, last, place = self._catalogue_sheet(sheet, number), 1, 1_000_000, 0
        values = [row[place] for row in self._rows(name)[first - 1 : last] if place < len(row)]
        return tuple(_listed(value) for value in values if value is not None)

    def _rows(self, sheet: str) -> list[Any]:
        return list(self.workbook.sheets[sheet].rows) if sheet in self.workbook.sheets else []

    def _catalogue_sheet(self, sheet: str, number: int) -> str:
        """ "Hidden_1", "hidden1", and of a table "Hidden_1_Tabla_514194", "hidden_Tabla_2270371"."""
        suffix = "" if sheet == self.sheet.name else sheet
        table = suffix.replace(" ", "_")
        names = (
            [f"hidden_{number}_{table}", f"hidden_{table}{number}"]
            if suffix
            else [f"hidden_{number}", f"hidden{number}"]
        )
        return next(
            (name for name in self.workbook.sheets if name.lower().replace(" ", "_") in map(str.lower, names)), ""
        )


def _text(value: Value) -> str:
    return " ".join(str(value).split()) if value is not None else ""


def _listed(value: Value) -> str:
    return value if isinstance(value, str) else as_id(value)


# What the parser of values does not give: names of ranges and validations of cells


def _lists(path: Path, workbook: Workbook) -> Sources:
    """For each sheet and column of an .xlsx, the range that the list of its cells points to."""
    from defusedxml.common import DefusedXmlException

    if workbook.kind != "xlsx":
        return {}
    try:
        with zipfile.ZipFile(path) as archive:
            return _archive_lists(archive)
    except (ParseError, DefusedXmlException, KeyError, zlib.error, zipfile.BadZipFile) as error:
        raise unreadable("damaged") from error


def _archive_lists(archive: zipfile.ZipFile) -> Sources:
    book = parse(archive, "xl/workbook.xml")
    names = {name.get("name", ""): name.text or "" for name in book.iter(f"{MAIN}definedName")}
    return {sheet: _sheet_lists(archive, part, names) for sheet, part in sheet_parts(archive).items()}


def _sheet_lists(archive: zipfile.ZipFile, part: str, names: Mapping[str, str]) -> dict[int, str]:
    from defusedxml.ElementTree import iterparse

    found = {}
    with archive.open(part) as file:
        for _, element in iterparse(file, events=("end",), forbid_dtd=True):
            if element.tag == f"{MAIN}row":
                element.clear()
            elif element.tag == f"{MAIN}dataValidation" and element.get("type") == "list":
                source = (element.findtext(f"{MAIN}formula1") or "").lstrip("=")
                for area in element.get("sqref", "").split():
                    letters = re.match(r"[A-Z]+", area)
                    if letters:
                        found[layout.column_number(letters[0])] = names.get(source, source)
    return found
