"""Reads a workbook of any layout into plain values, and says which layout it is.

Facts of the layouts: the load template of 2018 has merged labels in A2, D2 and G2; that of 2016 has them in A2, B2 and C2;
what the public consultation exports is a sheet «Información» (2019 and later) or «Informacion» (before) without numbers.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from webapp.formats import layout
from webapp.formats.guard import check_file, unreadable
from webapp.formats.model import Layout, Sheet, Unreadable, Value, Workbook
from webapp.formats.package import Errors, error_cells

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

MAX_ROWS = 100_000
MAX_SHEETS = 200
MAX_CELLS = 10_000_000  # of a sheet, from A1 to the last cell written
_TEXTS_KEPT = 50_000


def read(path: Path) -> Workbook:
    """Read a workbook, export of the public consultation or template of any year included.

    Formulas are not evaluated: their last result is read, and None where none was stored. Raises Unreadable. A crafted
    file can end the process by asking for too much memory: a file from outside is read through `guard.run_limited`.
    """
    kind = check_file(path)
    book = _open(path)
    if len(book.sheet_names) > MAX_SHEETS:
        raise Unreadable(
            "too_many_sheets", f"El libro tiene {len(book.sheet_names)} hojas; se leen hasta {MAX_SHEETS}."
        )
    errors = _error_cells(path) if kind == "xlsx" else {}
    sheets = {name: _read_sheet(book, name, errors.get(name, {})) for name in book.sheet_names}
    if not any(sheet.rows for sheet in sheets.values()):
        raise Unreadable("no_content", "El libro no tiene ninguna celda escrita. Revisa que sea el archivo correcto.")
    return Workbook(_layout(sheets), kind, sheets)


def load_sheet(workbook: Workbook) -> Sheet | None:
    """The main sheet of a load workbook, also under another name; None when there is none."""
    return _main_sheet(workbook.sheets)


def as_id(value: Value) -> str:
    """An id as text, also where a spreadsheet program turned it into a number (53405.0)."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() if value is not None else ""


def _open(path: Path) -> CalamineWorkbook:
    from python_calamine import CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_object(str(path))
    except PasswordError as error:
        raise unreadable("password") from error
    except BaseException as error:
        raise _damaged(error) from error


def _damaged(error: BaseException) -> BaseException:
    """A parser's complaint, or its panic, means a damaged file; anything else goes its way."""
    from python_calamine import CalamineError

    is_complaint = isinstance(error, (CalamineError, OSError, ValueError)) or type(error).__name__ == "PanicException"
    return unreadable("damaged") if is_complaint else error


def _error_cells(path: Path) -> Mapping[str, Errors]:
    try:
        return error_cells(path)
    except (ParseError, KeyError, OSError, EOFError, ValueError, NotImplementedError, BadZipFile, zlib.error) as error:
        raise unreadable("damaged") from error


def _read_sheet(book: CalamineWorkbook, name: str, errors: Errors) -> Sheet:
    try:
        sheet = book.get_sheet_by_name(name)
        _check_extent(sheet)
        return Sheet(name, _with_errors(_rows(sheet), errors))
    except Unreadable:
        raise
    except BaseException as error:
        raise _damaged(error) from error


def _check_extent(sheet: CalamineSheet) -> None:
    if sheet.end is None:
        return
    rows, columns = sheet.end[0] + 1, sheet.end[1] + 1
    if rows - layout.FIRST_ROW > MAX_ROWS:
        raise Unreadable(
            "too_many_rows",
            f"La hoja «{sheet.name}» llega a la fila {rows:,} y se leen hasta {MAX_ROWS:,} filas de datos. Borra las filas "
            "sobrantes, o divide el archivo.",
        )
    if rows * columns > MAX_CELLS:
        raise unreadable("too_complex")


def _with_errors(rows: list[list[Value]], errors: Errors) -> list[list[Value]]:
    """The rows with the errors of Excel in their cells, which the parser leaves empty."""
    for (row, column), text in errors.items():
        rows += ([] for _ in range(row + 1 - len(rows)))
        rows[row] += [None] * (column + 1 - len(rows[row]))
        rows[row][column] = text
    return rows


def _rows(sheet: CalamineSheet) -> list[list[Value]]:
    """Rows from row 1 and column A on. Equal texts are kept once: the same words fill most of a column."""
    texts: dict[Any, Any] = {"": None}
    rows: list[list[Value]] = []
    for raw in _raw_rows(sheet):
        row = [texts.setdefault(value, value) if type(value) is str else value for value in raw]
        if timedelta in map(type, row):
            row = [str(value) if type(value) is timedelta else value for value in row]
        while row and row[-1] is None:
            row.pop()
        rows.append(row)
        if len(texts) > _TEXTS_KEPT:
            texts = {"": None}
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _raw_rows(sheet: CalamineSheet) -> Iterator[list[Any]]:
    """Rows from column A on: what the parser gives begins at the first column written."""
    first = sheet.start[1] if sheet.start else 0
    return ([""] * first + row for row in sheet.iter_rows()) if first else sheet.iter_rows()


def _main_sheet(sheets: Mapping[str, Sheet]) -> Sheet | None:
    by_label = (sheet for sheet in sheets.values() if _folded(sheet.value(layout.LABEL_ROW, 0)) == "titulo")
    return sheets.get(layout.MAIN_SHEET) or next(by_label, None)


def _layout(sheets: Mapping[str, Sheet]) -> Layout:
    main = _main_sheet(sheets)
    if main is not None:
        return "load-2016" if _folded(main.value(layout.LABEL_ROW, 1)) == "nombre corto" else "load-2018"
    names = {unicodedata.normalize("NFC", name).strip() for name in sheets}
    if "Información" in names:
        return "export-2019"
    if "Informacion" in names:
        return "export-2016"
    return "unknown"


def _folded(value: Value) -> str:
    """Lower case, without accents."""
    text = unicodedata.normalize("NFD", str(value or ""))
    return "".join(letter for letter in text if not unicodedata.combining(letter)).strip().lower()
