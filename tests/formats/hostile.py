"""Files that somebody could hand in instead of a workbook, made on the spot."""

from __future__ import annotations

import stat
import struct
import zipfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import xlsxwriter
import xlwt

SHEET = "xl/worksheets/sheet1.xml"
CELL_A = "application/vnd.openxmlformats-officedocument.spreadsheetml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PARTS = {
    "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{CELL_A}.sheet.main+xml"/>'
    f'<Override PartName="/{SHEET}" ContentType="{CELL_A}.worksheet+xml"/></Types>',
    "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
    ' Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="Reporte de Formatos" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<?xml version="1.0"?><Relationships'
    ' xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"'
    ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"'
    ' Target="worksheets/sheet1.xml"/></Relationships>',
    SHEET: '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>53405</t></is></c></row>{rows}</sheetData>{after}</worksheet>',
}  # fmt: skip
Entry = tuple[str | zipfile.ZipInfo, str | bytes]


def sheet(rows: str = "", after: str = "") -> str:
    """The XML of the one sheet, with more rows and what comes after them."""
    return PARTS[SHEET].replace("{rows}", rows).replace("{after}", after)


def pack(path: Path, extra: Iterable[Entry] = (), **changed: str | bytes) -> Path:
    """A workbook from its parts; `workbook` and `sheet` replace theirs, `extra` come behind."""
    parts: dict[str, str | bytes] = {**PARTS, SHEET: sheet()}
    parts |= {{"workbook": "xl/workbook.xml", "sheet": SHEET}[name]: text for name, text in changed.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in [*parts.items(), *extra]:
            archive.writestr(name, text)
    return path


def zip_of(path: Path, *names: str) -> Path:
    """A zip with parts of those names and nothing in them."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return path


def link(path: Path) -> Path:
    """A workbook with a symbolic link among its parts."""
    info = zipfile.ZipInfo("xl/media/image1.png")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return pack(path, [(info, "/etc/passwd")])


def bomb(path: Path, megabytes: int) -> Path:
    """A workbook whose sheet is blanks: it unpacks to `megabytes` from a thousandth of that."""
    return pack(path, sheet=sheet().encode() + b" " * (megabytes * 1024 * 1024))


def false_size(path: Path, megabytes: int, claimed: int) -> Path:
    """The same bomb, whose index claims that the sheet has `claimed` bytes."""
    data = bytearray(bomb(path, megabytes).read_bytes())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.find(signature)
        while at >= 0:
            if SHEET.encode() in data[at : at + 120]:
                data[at + offset : at + offset + 4] = struct.pack("<I", claimed)
            at = data.find(signature, at + 4)
    path.write_bytes(data)
    return path


def encrypted_part(path: Path) -> Path:
    """A zip whose parts are flagged as encrypted."""
    data = bytearray(pack(path).read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(signature, at + 4)
    path.write_bytes(data)
    return path


def truncated(path: Path, share: float) -> Path:
    """A workbook of which only a share arrived."""
    data = pack(path, sheet=sheet(rows=many_rows(2_000))).read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def bad_sum(path: Path) -> Path:
    """A workbook whose sheet was damaged on the way."""
    data = bytearray(pack(path, sheet=sheet(rows=many_rows(2_000))).read_bytes())
    at = data.find(SHEET.encode()) + len(SHEET)
    data[at + 15_000 : at + 15_050] = bytes(50)
    path.write_bytes(data)
    return path


def many_rows(count: int, columns: str = "AB") -> str:
    """XML of so many rows with a number in each cell."""
    return "".join(
        f'<row r="{row}">' + "".join(f'<c r="{column}{row}"><v>{row}</v></c>' for column in columns) + "</row>"
        for row in range(2, count + 2)
    )


def styled_empty_rows(count: int) -> str:
    """XML of rows that were formatted and never filled; common in real life."""
    return "".join(f'<row r="{row}"><c r="A{row}" s="0"/><c r="B{row}" s="0"/></row>' for row in range(2, count + 2))


def ole(path: Path, *names: str) -> Path:
    """An OLE container with entries of those names, and nothing that can be read."""
    path.write_bytes(OLE + bytes(600) + b"".join(f"{name}\0".encode("utf-16-le") for name in names) + bytes(9_000))
    return path


def old_workbook(path: Path, rows: Iterable[Iterable[object]], sheet_name: str = "Reporte de Formatos") -> Path:
    """An Excel 97–2003 workbook."""
    book = xlwt.Workbook()
    target = book.add_sheet(sheet_name)
    day = xlwt.easyxf(num_format_str="dd/mm/yyyy")
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if value is not None:
                target.write(row, column, value, *([day] if isinstance(value, date) else []))
    book.save(str(path))
    return path


def false_dimensions(path: Path) -> Path:
    """An old workbook that claims two thousand million rows; the parser asks for their memory and the process dies."""
    data = old_workbook(path, [["53405"]]).read_bytes()
    dimensions = b"\x00\x02\x0e\x00"  # the record and its length
    at = data.index(dimensions) + len(dimensions)
    path.write_bytes(data[: at + 4] + b"\xff\xff\xff\x7f" + data[at + 8 :])
    return path


def new_workbook(path: Path, fill: Callable[[xlsxwriter.Workbook], object], **options: object) -> Path:
    """A workbook that `fill` fills."""
    book = xlsxwriter.Workbook(str(path), dict(options))
    fill(book)
    book.close()
    return path
