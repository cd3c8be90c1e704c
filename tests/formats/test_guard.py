"""A file from outside is measured before it is parsed, and parsed where it can do no harm."""

from __future__ import annotations

import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.formats import hostile
from webapp.formats.guard import check_file, run_limited
from webapp.formats.model import Unreadable
from webapp.formats.reader import read

DTD = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
EXTERNAL = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>'
MACHINE_WORDS = ("Traceback", "Error", "None", "{")
Make = Callable[[Path], object]

REFUSED: dict[str, tuple[str, str, Make]] = {
    "nothing": ("a.xlsx", "empty", lambda path: path.write_bytes(b"")),
    "more than 25 MB": ("a.xlsx", "too_big", lambda path: path.write_bytes(b"PK\x03\x04" + bytes(26 * 1024 * 1024))),
    "a page": ("a.xls", "html", lambda path: path.write_text("<html><table><tr><td>Ejercicio</td></tr></table></html>")),
    "a page in UTF-16": ("a.xls", "html", lambda path: path.write_bytes("\ufeff<table></table>".encode("utf-16-le"))),
    "a spreadsheet in XML": ("a.xls", "xml", lambda path: path.write_text('<?xml version="1.0"?><Workbook/>')),
    "a PDF": ("a.xlsx", "pdf", lambda path: path.write_bytes(b"%PDF-1.7\n\xe2\xe3")),
    "a CSV": ("a.xlsx", "text", lambda path: path.write_text("Ejercicio,Sexo\n2024,Mujer\n")),
    "a CSV of Excel in Spanish": ("a.xlsx", "text", lambda path: path.write_bytes("Año;Área\n".encode("cp1252"))),
    "a picture": ("a.xlsx", "image", lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))),
    "noise": ("a.xlsx", "not_a_workbook", lambda path: path.write_bytes(bytes(range(256)) * 20)),
    "a workbook of 1995": ("a.xls", "old_workbook", lambda path: path.write_bytes(b"\x09\x08\x08\x00\x00\x05" + bytes(90))),
    "a document of Word": ("a.xlsx", "word", lambda path: hostile.zip_of(path, "word/document.xml")),
    "an old document of Word": ("a.xls", "word", lambda path: hostile.ole(path, "WordDocument")),
    "a presentation": ("a.xlsx", "presentation", lambda path: hostile.zip_of(path, "ppt/presentation.xml")),
    "a spreadsheet of LibreOffice": ("a.xlsx", "opendocument", lambda path: hostile.zip_of(path, "META-INF/manifest.xml")),
    "a binary workbook": ("a.xlsx", "binary_workbook", lambda path: hostile.zip_of(path, "xl/workbook.bin")),
    "a zip of other things": ("a.xlsx", "zip", lambda path: hostile.zip_of(path, "fotos/1.jpg")),
    "a workbook without its list of sheets": ("a.xlsx", "damaged", lambda path: hostile.zip_of(path, "[Content_Types].xml")),
    "a new workbook named as an old one": ("a.xls", "wrong_extension", hostile.pack),
    "an old workbook named as a new one": ("a.xlsx", "wrong_extension", lambda path: hostile.old_workbook(path, [["x"]])),
    "half a workbook": ("a.xlsx", "damaged", lambda path: hostile.truncated(path, 0.5)),
    "a workbook without its end": ("a.xlsx", "damaged", lambda path: hostile.truncated(path, 0.98)),
    "an encrypted workbook": ("a.xlsx", "password", lambda path: hostile.ole(path, "EncryptedPackage", "EncryptionInfo")),
    "a zip with a password": ("a.xlsx", "password", hostile.encrypted_part),
    "macros": ("a.xlsx", "macros", lambda path: hostile.pack(path, [("xl/vbaProject.bin", b"x")])),
    "macros in an old workbook": ("a.xls", "macros", lambda path: hostile.ole(path, "Workbook", "_VBA_PROJECT_CUR")),
    "a strict workbook": (
        "a.xlsx", "strict_ooxml",
        lambda path: hostile.pack(path, workbook='<workbook xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"/>'),
    ),
    "a document type": ("a.xlsx", "document_type", lambda path: hostile.pack(path, sheet=DTD)),
    "an external entity": ("a.xlsx", "document_type", lambda path: hostile.pack(path, sheet=EXTERNAL)),
    "a part that is compressed 300 times": ("a.xlsx", "too_compressed", lambda path: hostile.bomb(path, 40)),
    "a false size": ("a.xlsx", "damaged", lambda path: hostile.false_size(path, 40, claimed=500)),
    "more than 300 MB": (
        "a.xlsx", "too_compressed",
        lambda path: hostile.pack(path, [(f"xl/media/{number}.bin", bytes(31 * 1024 * 1024)) for number in range(10)]),
    ),
    "two parts of one name": ("a.xlsx", "unsafe_zip", lambda path: hostile.pack(path, [(hostile.SHEET.upper(), "<x/>")])),
    "a way out of the folder": ("a.xlsx", "unsafe_zip", lambda path: hostile.pack(path, [("../../etc/cron.xml", "<x/>")])),
    "an absolute name": ("a.xlsx", "unsafe_zip", lambda path: hostile.pack(path, [("/etc/cron.xml", "<x/>")])),
    "a name that reads backwards": ("a.xlsx", "unsafe_zip", lambda path: hostile.pack(path, [("xl/\u202efdp.xml", "<x/>")])),
    "a way out with backslashes": (
        "a.xlsx", "unsafe_zip", lambda path: hostile.pack(path, [("..\\..\\etc\\cron.xml", "<x/>")])
    ),
    "a name with a drive": ("a.xlsx", "unsafe_zip", lambda path: hostile.pack(path, [("C:/cron.xml", "<x/>")])),
    "a long name": ("a.xlsx", "unsafe_zip", lambda path: hostile.pack(path, [("x" * 200 + ".xml", "<x/>")])),
    "a link": ("a.xlsx", "unsafe_zip", hostile.link),
    "thousands of parts": (
        "a.xlsx", "unsafe_zip", lambda path: hostile.pack(path, [(f"xl/{number}.bin", b"") for number in range(2_001)])
    ),
    "an index of megabytes": (
        "a.xlsx", "unsafe_zip", lambda path: hostile.pack(path, [(f"{number:0150}", b"") for number in range(6_000)])
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_and_the_reason(what: str, tmp_path: Path) -> None:
    name, code, make = REFUSED[what]
    path = tmp_path / name
    make(path)
    before = path.read_bytes()
    with pytest.raises(Unreadable) as raised:
        check_file(path)
    assert raised.value.code == code
    assert raised.value.message.endswith(".") and not any(word in raised.value.message for word in MACHINE_WORDS)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_the_refusals_name_the_figures_that_matter(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04" + bytes(26 * 1024 * 1024))
    with pytest.raises(Unreadable, match=r"26\.0 MB y el máximo es de 25 MB"):
        check_file(tmp_path / "a.xlsx")
    with pytest.raises(Unreadable, match=r"«xl/worksheets/sheet1.xml» del archivo está comprimida \d+ veces"):
        check_file(hostile.bomb(tmp_path / "b.xlsx", 40))


def test_a_new_and_an_old_workbook_pass_under_any_name(tmp_path: Path) -> None:
    assert check_file(hostile.pack(tmp_path / "a.xlsx")) == "xlsx"
    assert check_file(hostile.old_workbook(tmp_path / "a.xls", [["x"]])) == "xls"
    assert check_file(hostile.pack(tmp_path / "3f2a.part")) == "xlsx"


def test_formatted_rows_that_nobody_filled_are_no_attack(tmp_path: Path) -> None:
    path = hostile.pack(tmp_path / "a.xlsx", sheet=hostile.sheet(hostile.styled_empty_rows(200_000)))
    assert check_file(path) == "xlsx"
    assert run_limited(count_rows, path, seconds=60) == 1


# In the child


def count_rows(path: Path) -> int:
    """Rows of the first sheet of a workbook."""
    return len(next(iter(read(path).sheets.values())).rows)


def use_memory(megabytes: int) -> int:
    """Ask for so much memory."""
    return len(bytearray(megabytes * 1024 * 1024))


def never_end() -> None:
    """Work for ever."""
    while True:
        pass


def sleep_long() -> None:
    """Wait without working."""
    time.sleep(60)


def die() -> None:
    """End as a crash ends."""
    os.abort()


def write_much(path: Path) -> None:
    """Write more than anybody needs."""
    path.write_bytes(bytes(70 * 1024 * 1024))


def break_down() -> None:
    """Fail as a fault of ours fails."""
    print("some words that a library prints")
    raise KeyError("a fault of ours")


def refuse(code: str) -> None:
    """Refuse a file."""
    raise Unreadable(code, "Un motivo.")


def environment() -> dict[str, str]:
    """What the child sees of its surroundings."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONUTF8", "LC_CTYPE")}


def test_the_child_returns_what_the_function_returns(tmp_path: Path) -> None:
    assert run_limited(count_rows, hostile.pack(tmp_path / "a.xlsx")) == 1


@pytest.mark.parametrize(
    ("function", "args", "seconds"), [(use_memory, (600,), 20), (never_end, (), 1), (sleep_long, (), 1), (die, (), 20)]
)
def test_a_child_that_takes_too_much_is_ended(function: Callable[..., object], args: tuple[int], seconds: int) -> None:
    with pytest.raises(Unreadable) as raised:
        run_limited(function, *args, seconds=seconds)
    assert raised.value.code == "too_complex"


def test_a_child_writes_no_large_file(tmp_path: Path) -> None:
    with pytest.raises((Unreadable, RuntimeError)):
        run_limited(write_much, tmp_path / "much")
    assert (tmp_path / "much").stat().st_size <= 64 * 1024 * 1024


def test_a_refusal_comes_through_and_a_fault_of_ours_stays_one() -> None:
    with pytest.raises(Unreadable, match=r"Un motivo\.") as raised:
        run_limited(refuse, "pdf")
    assert raised.value.code == "pdf"
    with pytest.raises(RuntimeError, match="a fault of ours"):
        run_limited(break_down)


def test_the_child_sees_nothing_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    assert run_limited(environment) == {}


@pytest.mark.parametrize(
    "make",
    [
        lambda path: hostile.pack(path, sheet=hostile.sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
        lambda path: hostile.pack(path, sheet="<worksheet>" + "<a>" * 100_000 + "</a>" * 100_000 + "</worksheet>"),
        lambda path: hostile.false_size(path, 600, claimed=900_000),
        hostile.bad_sum,
    ],
    ids=["a cell at the far end", "nested 100,000 deep", "a false size", "a wrong sum"],
)
def test_what_only_the_parser_meets_ends_in_a_reason(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    make(path)
    check_file(path)
    with pytest.raises(Unreadable) as raised:
        run_limited(read, path)
    assert raised.value.code in ("too_complex", "too_many_rows", "damaged", "no_content")
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist()  # it was a zip like any other


def test_a_file_that_ends_the_parser_ends_only_the_child(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as raised:
        run_limited(read, hostile.false_dimensions(tmp_path / "a.xls"))
    assert raised.value.code == "too_complex"
