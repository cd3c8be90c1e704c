"""What is taken as material and what is refused: a code, and a sentence with the file, the cause and the way out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from PIL import Image
from pptx import Presentation
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from webapp.coursepack.uploads import MEGABYTE, Refused, examine
from webapp.formats.blank import write_blank
from webapp.formats.definitions import read_format

ROOT = Path(__file__).parents[2]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
VTT = "WEBVTT\n\n00:01.000 --> 00:04.000\nHola, ¿cómo estás?\n".encode()


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30), gps: bool = False) -> bytes:
    target, image = io.BytesIO(), Image.new("RGB", size, (20, 90, 110))
    exif = Image.Exif()
    if gps:
        exif[0x010E] = "Oficina de Marina"
        exif[0x0112] = 6  # lies on its side
        exif.get_ifd(0x8825)[1] = "N"
        exif.get_ifd(0x8825)[2] = (24.0, 8.0, 32.0)
    image.save(target, kind, exif=exif)
    return target.getvalue()


def pdf(change: Callable[[PdfWriter], None] = lambda writer: None) -> bytes:
    target, writer = io.BytesIO(), PdfWriter()
    writer.add_blank_page(200, 200)
    change(writer)
    writer.write(target)
    return target.getvalue()


def launching(writer: PdfWriter) -> None:
    action = {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("calc.exe")}
    link = {NameObject("/Subtype"): NameObject("/Link"), NameObject("/A"): DictionaryObject(action)}
    writer.pages[0][NameObject("/Annots")] = ArrayObject([DictionaryObject(link)])


def scripted(writer: PdfWriter) -> None:
    action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)


def carrying(writer: PdfWriter) -> None:
    writer.add_attachment("x.exe", b"MZ")


def box(name: bytes, content: bytes = b"") -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + name + content


FTYP = box(b"ftyp", b"isom\0\0\2\0isomiso2mp41")
MP4 = FTYP + box(b"moov", b"x" * 100) + box(b"mdat", b"y" * 500)
LATE = FTYP + box(b"mdat", b"y" * 500) + box(b"moov", b"x" * 100)


def docx() -> bytes:
    target, document = io.BytesIO(), Document()
    document.add_paragraph("Guía de carga")
    document.save(target)
    return target.getvalue()


def pptx() -> bytes:
    target = io.BytesIO()
    Presentation().save(target)
    return target.getvalue()


def xlsx() -> bytes:
    target = io.BytesIO()
    write_blank(read_format(ROOT / "courses/_formats/lgtaip-2015-michoacan/2018/i.yaml"), target)
    return target.getvalue()


def with_part(name: str, content: bytes, package: bytes | None = None) -> bytes:
    target = io.BytesIO(package or docx())
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return target.getvalue()


def judged(folder: Path, name: str, content: bytes) -> object:
    path = folder / "upload"
    path.write_bytes(content)
    return examine(path, name)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("foto.jpg", picture(), "image"),
        ("FOTO DE LA OFICINA.JPEG", picture(), "image"),
        ("foto.png", picture("PNG"), "image"),
        ("foto.webp", picture("WEBP"), "image"),
        ("ciclo.svg", SVG, "image"),
        ("guía.pdf", pdf(), "pdf"),
        ("clase.mp4", MP4, "video"),
        ("clase.vtt", VTT, "captions"),
        ("clase.vtt", b"\xef\xbb\xbf" + VTT, "captions"),
        ("guía.docx", docx(), "document"),
        ("formato.xlsx", xlsx(), "sheet"),
        ("clase.pptx", pptx(), "slides"),
    ],
)
def test_what_trainers_have_is_taken(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)
    found = examine(path, name)
    assert found.kind == kind
    assert found.size == found.path.stat().st_size > 0
    assert path.read_bytes() == content


def test_a_picture_is_upright_and_tells_of_no_camera_and_no_place(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(picture(gps=True) + b"<script>alert(1)</script>")
    found = examine(path, "foto.jpg")
    clean = found.path.read_bytes()
    assert b"Marina" not in clean and b"script" not in clean and b"Exif" not in clean
    with Image.open(found.path) as image:
        assert (image.size, dict(image.getexif())) == ((30, 40), {})
    assert found.facts == {"width": 30, "height": 40}


def test_a_video_that_begins_late_and_a_pdf_without_text_are_taken_with_a_word(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(LATE)
    assert "inicio rápido" in examine(path, "clase.mp4").warnings[0]
    path.write_bytes(MP4)
    assert examine(path, "clase.mp4").warnings == ()
    path.write_bytes(pdf())
    found = examine(path, "escaneo.pdf")
    assert found.facts == {"pages": 1, "has_text": 0}
    assert "OCR" in found.warnings[0]


REFUSED: tuple[tuple[str, str, bytes, str], ...] = (
    ("empty", "vacío.pdf", b"", "0 bytes"),
    ("unknown_kind", "programa.exe", b"MZ", ".exe"),
    ("unknown_kind", "sin-nombre", b"hola", "sin extensión"),
    ("unknown_kind", "página.html", b"<html>", ".html"),
    ("unknown_kind", "foto.jpg.exe", picture(), ".exe"),
    ("too_big", "enorme.jpg", b"\xff\xd8\xff" + bytes(6 * MEGABYTE), "6.0 MB"),
    ("too_big", "enorme.vtt", VTT + b" " * MEGABYTE, "1.0 MB"),
    ("wrong_content", "foto.png", picture("JPEG"), "JPEG"),
    ("wrong_content", "foto.jpg", b"GIF89a" + bytes(50), "GIF"),
    ("wrong_content", "guía.pdf", b"<!doctype html><p>no</p>", "HTML"),
    ("wrong_content", "guía.pdf", b"\n%PDF-1.7\n", "otra cosa"),
    ("wrong_content", "guía.docx", pptx(), ".pptx"),
    ("wrong_content", "clase.mp4", pdf(), "PDF"),
    ("wrong_content", "clase.vtt", b"1\n00:01 --> 00:02\n", "WEBVTT"),
    ("wrong_content", "viejo.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "2007"),
    ("wrong_content", "hoja.xlsx", with_part("otra.txt", b"x", b"PK\x05\x06" + bytes(18)), "ZIP"),
    ("damaged", "foto.jpg", picture(size=(400, 300))[:400], "dañado"),
    ("damaged", "guía.pdf", b"%PDF-1.7\n" + bytes(300), "dañado"),
    ("damaged", "clase.mp4", MP4[:-100], "mdat"),
    ("damaged", "clase.mp4", FTYP, "moov"),
    ("damaged", "guía.docx", docx()[:-200], "dañado"),
    ("damaged", "clase.vtt", b"WEBVTT\n\nnada\n", "-->"),
    ("encoding", "clase.vtt", VTT.decode().encode("cp1252"), "UTF-8"),
    ("too_many_pixels", "mapa.png", picture("PNG", (8000, 6000)), "millones de puntos"),
    ("password", "guía.pdf", pdf(lambda writer: writer.encrypt("secreta")), "contraseña"),
    ("pdf_script", "guía.pdf", pdf(scripted), "JavaScript"),
    ("pdf_launch", "guía.pdf", pdf(launching), "Launch"),
    ("pdf_attachment", "guía.pdf", pdf(carrying), "adjuntos"),
    ("polyglot", "guía.pdf", pdf() + docx(), "ZIP"),
    ("polyglot", "clase.mp4", MP4 + docx(), "ZIP"),
    ("macros", "guía.docx", with_part("word/vbaProject.bin", b"x"), "macros"),
    ("unsafe_zip", "guía.docx", with_part("../fuera.xml", b"<x/>"), "armado"),
    ("unsafe_zip", "guía.docx", with_part("WORD/Document.xml", b"<x/>"), "armado"),
    ("too_compressed", "guía.docx", with_part("word/nada.bin", bytes(30 * MEGABYTE)), "word/nada.bin"),
    ("document_type", "guía.docx", with_part("word/x.xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"), "DTD"),
    (
        "remote_template",
        "guía.docx",
        with_part("word/_rels/settings.xml.rels", b'<R Type="x/attachedTemplate" TargetMode="External"/>'),
        "plantilla",
    ),
    ("unsafe_svg", "ciclo.svg", SVG.replace(b"<path", b"<script/><path"), "script"),
    ("unsafe_svg", "ciclo.svg", SVG.replace(b"d=", b"onclick='x()' d="), "onclick"),
    ("broken_svg", "ciclo.svg", SVG[:-8], "XML"),
)


@pytest.mark.parametrize(("code", "name", "content", "said"), REFUSED, ids=[f"{row[0]}-{row[1]}" for row in REFUSED])
def test_what_is_refused_is_said_with_its_cause(
    tmp_path: Path, code: str, name: str, content: bytes, said: str
) -> None:
    with pytest.raises(Refused) as caught:
        judged(tmp_path, name, content)
    assert caught.value.code == code, caught.value.message
    assert name in caught.value.message and said in caught.value.message
    assert str(tmp_path) not in caught.value.message


def test_a_moving_picture_is_sent_to_be_a_video(tmp_path: Path) -> None:
    target = io.BytesIO()
    frames = [Image.new("RGB", (9, 9), (shade, 0, 0)) for shade in (0, 200)]
    frames[0].save(target, "WEBP", save_all=True, append_images=frames[1:])
    with pytest.raises(Refused) as caught:
        judged(tmp_path, "baile.webp", target.getvalue())
    assert caught.value.code == "moving"


def test_the_name_of_a_folder_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        judged(tmp_path, "C:\\Usuarios\\marina\\x.exe", b"MZ")
    assert caught.value.message.startswith("«x.exe»:")
