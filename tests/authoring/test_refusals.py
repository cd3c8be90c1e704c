"""What may not come in is refused before anything is kept, with a code and a sentence that names it."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable

import pypdf
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.authoring.folders import mp4, pdf, png, pptx, word, zipped
from tests.authoring.hands import Trainer, stored, table_counts
from tests.core.clamd import EICAR, clamd, nobody_there, scanned_at
from tests.coursepack.parcels import h5p, link, manifest, with_file
from tests.coursepack.parcels import zipped as a_package

TEXT = b"# Plazos\n\nSon tres.\n"


def entry(name: str, content: bytes = TEXT, *, mode: int = 0, flags: int = 0) -> bytes:
    """A ZIP with one entry as no archiver writes it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo("x")
        info.filename = name
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = mode << 16
        archive.writestr(info, content)
    data = bytearray(target.getvalue())
    if flags:
        place = data.index(b"PK\x01\x02") + 8
        data[place] |= flags
        data[6] |= flags
    return bytes(data)


def many(*names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            info = zipfile.ZipInfo("x")
            info.filename = name
            archive.writestr(info, TEXT)
    return target.getvalue()


def lying() -> bytes:
    """An entry that says it is shorter than it is."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("curso/01.md", b"a" * 5000)
    data = bytearray(target.getvalue())
    for head, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        place = data.index(head) + offset
        data[place : place + 4] = (100).to_bytes(4, "little")
    return bytes(data)


def locked_pdf() -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf()))
    writer.encrypt("secreto", algorithm="RC4-128")
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def pdf_with(change: Callable[[pypdf.PdfWriter], object]) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf()))
    change(writer)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def add_script(writer: pypdf.PdfWriter) -> None:
    """Code that runs when the document opens."""
    from pypdf.generic import DictionaryObject, NameObject, TextStringObject

    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    )


def with_macros() -> bytes:
    target = io.BytesIO(word())
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("word/vbaProject.bin", b"x")
    return target.getvalue()


ZIPS: list[tuple[str, str, bytes]] = [
    ("bad_path", "../fuera.md", entry("../fuera.md")),
    ("bad_path", "/etc/fuera.md", entry("/etc/fuera.md")),
    ("bad_path", "fuera.md", entry("a\\..\\fuera.md")),
    ("bad_path", "C:", entry("C:fuera.md")),
    ("bad_path", "u202e", entry("a\u202edm.md")),
    ("bad_path", "con.md", entry("con.md")),
    ("long_path", "aaaa", entry("a" * 190 + ".md")),
    ("deep_path", "a/a/a", entry("a/" * 13 + "x.md")),
    ("link", "enlace.md", entry("enlace.md", b"/etc/passwd", mode=stat.S_IFLNK | 0o777)),
    ("link", "tubo", entry("tubo", mode=stat.S_IFIFO | 0o666)),
    ("encrypted", "secreto.md", entry("secreto.md", flags=1)),
    ("bomb", "bomba.md", entry("bomba.md", bytes(4 * 1024 * 1024))),
    ("duplicate", "TEMA.md", many("tema.md", "TEMA.md")),
    ("duplicate", "camión.md", many("cami\u00f3n.md", "camio\u0301n.md")),
    ("file_and_folder", "«tema»", many("tema", "tema/uno.md")),
    ("damaged_zip", "curso.zip", lying()),
    ("damaged_zip", "curso.zip", zipped({"a.md": TEXT})[:-30]),
    ("damaged_zip", "curso.zip", b"PK\x03\x04" + bytes(40)),
    ("empty_zip", "curso.zip", zipped({})),
    ("empty", "curso.zip", b""),
]
FILES: list[tuple[str, str, bytes]] = [
    ("empty", "vacio.md", b""),
    ("too_big", "grande.csv", b"a,b\n" * (2 * 1024 * 1024)),
    ("active_svg", "dibujo.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    ("active_html", "pagina.html", b"<html><body onload=alert(1)><script>alert(1)</script></body></html>"),
    ("two_kinds", "foto.png", png() + zipped({"a.md": TEXT})),
    ("two_kinds", "guia.pdf", pdf() + zipped({"a.md": TEXT})),
    ("two_kinds", "foto.jpg", b"\xff\xd8\xff\xe0" + bytes(64) + b"\xff\xd9<script>alert(1)</script>"),
    ("two_kinds", "cortada.png", png()[:-12]),
    ("macros", "libro.docm", word()),
    ("macros", "carta.docx", with_macros()),
    ("wrong_extension", "guia.pdf", b"<html></html>"),
    ("wrong_extension", "foto.png", b"\xff\xd8\xff\xe0" + bytes(64)),
    ("wrong_extension", "clase.mp4", b"RIFF" + bytes(64)),
    ("wrong_extension", "carta.docx", pptx()),
    ("wrong_extension", "clase.vtt", b"hola"),
    ("program", "instala.exe", b"MZ" + bytes(64)),
    ("program", "foto.csv", b"MZ" + bytes(64)),
    ("encrypted", "guia.pdf", locked_pdf()),
    ("active_pdf", "guia.pdf", pdf_with(add_script)),
    ("attachments", "guia.pdf", pdf_with(lambda writer: writer.add_attachment("x.exe", b"MZ"))),
    ("damaged", "guia.pdf", b"%PDF-1.7\n" + bytes(200)),
    ("damaged", "carta.docx", word()[:-200]),
    ("bad_path", "../fuera.md", TEXT),
    ("archive_name", "juego.zip", with_file("../fuera.html")),
    ("archive_link", "juego.zip", link()),
    ("manifest_broken", "juego.zip", a_package({"imsmanifest.xml": "<manifest"})),
    ("manifest_sco", "juego.zip", a_package({"imsmanifest.xml": manifest(items=2)})),
    ("archive_damaged", "juego.h5p", h5p()[:-40]),
    ("damaged_zip", "juego.zip", b"PK\x03\x04" + bytes(40)),
]


@pytest.fixture
def rosa(app: Flask) -> Trainer:
    return Trainer(app)


@pytest.mark.sqlite_only
def test_a_zip_that_is_not_as_it_should_be_is_refused_and_leaves_nothing(rosa: Trainer, session: Session) -> None:
    before = table_counts(session), stored(rosa.app)
    for code, named, content in ZIPS:
        answer = rosa.drop_zip(content)
        assert answer.status_code == 422, (code, named, answer.status_code)
        assert f"Clave: {code}." in answer.text, (code, named, answer.text[answer.text.find("Clave:") :][:80])
        assert named in answer.text, (code, named)
        assert (table_counts(session), stored(rosa.app)) == before, (code, named)


@pytest.mark.sqlite_only
def test_a_file_that_may_not_come_in_is_refused_and_leaves_nothing_of_its_folder(
    rosa: Trainer, session: Session
) -> None:
    before = table_counts(session), stored(rosa.app)
    for code, name, content in FILES:
        answer = rosa.drop({"curso/01 Bien.md": TEXT, f"curso/{name}" if ".." not in name else name: content})
        assert answer.status_code == 422, (code, name, answer.status_code)
        assert f"Clave: {code}." in answer.text, (code, name, answer.text[answer.text.find("Clave:") :][:80])
        assert name in answer.text, (code, name)
        assert (table_counts(session), stored(rosa.app)) == before, (code, name)


@pytest.mark.sqlite_only
def test_what_is_good_is_still_taken_after_a_refusal(rosa: Trainer) -> None:
    assert rosa.drop({"curso/malo.pdf": b"no"}).status_code == 422
    assert rosa.drop({"curso/01 Bien.md": TEXT, "curso/02 Clase.mp4": mp4()}).status_code == 303


@pytest.mark.sqlite_only
def test_nothing_at_all_is_told(rosa: Trainer) -> None:
    assert "Clave: nothing." in rosa.post("/estudio/nuevo").text


def test_with_a_scanner_nothing_comes_in_without_its_word(
    rosa: Trainer, session: Session, run_jobs: Callable[[], int]
) -> None:
    def kept() -> set[str]:
        """Of a drop that was refused behind, only why is kept."""
        own = {path for path in stored(rosa.app) if path.endswith(".json")}
        return {path.rpartition("/")[2] for path in own} | (stored(rosa.app) - own)

    before = table_counts(session)["draft"], kept() | {"about.json", "refused.json"}
    with clamd() as url:
        for address, code, content in ((url, "infected", EICAR), (nobody_there(), "scanner_down", TEXT)):
            with scanned_at(rosa.app, address):
                place = rosa.drop({"curso/01 Tema.md": TEXT, "curso/02 Otro.md": content}).headers["Location"]
                run_jobs()
            answer = rosa.get(place)
            assert answer.status_code == 422 and f"Clave: {code}." in answer.text, answer.text
            assert (table_counts(session)["draft"], kept()) == before
        with scanned_at(rosa.app, url):
            place = rosa.drop({"curso/01 Tema.md": TEXT}).headers["Location"]
            run_jobs()
        assert "/estudio/borradores/" in rosa.get(place).headers["Location"]
