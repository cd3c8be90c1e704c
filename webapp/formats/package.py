"""What the parser of values does not give of an .xlsx: where each sheet is packed, and errors that formulas left in cells.

`python-calamine` reads a cell that holds `#N/A` as an empty one, and an empty cell is told something else than an error.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree.ElementTree import Element

from webapp.formats import layout

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

_AT_ONCE = 1024 * 1024
_LONGEST_CELL = 64 * 1024  # bytes of XML
_MOST_ROWS, _MOST_COLUMNS = 200_000, 16_384
_SIGN = b't="e"'
_CELL = re.compile(
    rb'<c [^<>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^<>]*>(?:<f[^<>]*/>|<f[^<>]*>[^<]*</f>)?<v>(#[A-Z0-9/]{1,12}[!?]?)</v>'
)

Errors = dict[tuple[int, int], str]  # by row and column, both from 0


def parse(archive: zipfile.ZipFile, part: str) -> Element:
    """The tree of a small part. Raises what a broken or a forbidden document raises."""
    from defusedxml.ElementTree import fromstring

    root: Element = fromstring(archive.read(part), forbid_dtd=True)
    return root


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part that holds each worksheet, by the name of the sheet."""
    relations = parse(archive, "xl/_rels/workbook.xml.rels")
    targets = {str(relation.get("Id")): str(relation.get("Target")) for relation in relations}
    sheets = parse(archive, "xl/workbook.xml").iter(f"{MAIN}sheet")
    parts = {str(sheet.get("name")): targets.get(str(sheet.get(_RELATION)), "") for sheet in sheets}
    return {name: "xl/" + part.removeprefix("/xl/") for name, part in parts.items() if "worksheets/" in part}


def error_cells(path: Path) -> Mapping[str, Errors]:
    """Of each sheet that has any, the cells that hold an error of Excel ("#N/A").

    The bytes of a sheet are only looked over, since hardly any has one. Raises what a broken document raises.
    """
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        found = {name: errors for name in names if (errors := _errors(archive, name))}
        if not found:
            return {}
        return {sheet: found[part] for sheet, part in sheet_parts(archive).items() if part in found}


def _errors(archive: zipfile.ZipFile, part: str) -> Errors:
    errors: Errors = {}
    for piece in _pieces(archive, part):
        if _SIGN not in piece:
            continue
        for match in _CELL.finditer(piece):
            row, column = int(match[2]) - 1, layout.column_number(match[1].decode())
            if _SIGN in match[0] and row < _MOST_ROWS and column < _MOST_COLUMNS:
                errors[row, column] = match[3].decode()
    return errors


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The bytes of a part, cut between cells."""
    rest = b""
    with archive.open(part) as file:
        while chunk := file.read(_AT_ONCE):
            piece = rest + chunk
            cut = piece.rfind(b"<c ", len(piece) - _LONGEST_CELL if len(piece) > _LONGEST_CELL else 0)
            rest = piece[cut:] if cut >= 0 else b""
            yield piece[:cut] if cut >= 0 else piece
    yield rest
