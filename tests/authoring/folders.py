"""Folders as trainers have them, built here: documents, a video, captions, questions, pictures, links."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import docx
import pypdf
from pptx import Presentation
from pptx.util import Inches

from webapp.coursepack.intake import Dropped

MARKDOWN = """# Por qué importa

Cada persona tiene derecho a saber qué hace el gobierno con su dinero. La transparencia empieza en tu escritorio.

![Un mapa con una ruta](dibujos/ruta.png)

## Lo que sigue

- Publicar a tiempo
- Revisar antes de publicar
"""
QUESTIONS = """questions:
""" + "".join(
    f"""  - id: plazo-{number}
    type: single
    prompt: "¿Qué haces primero en el caso {number}?"
    source: ["lgpdppso-2025 art. 19"]
    options:
      - text: Lees la solicitud completa
        correct: true
        feedback: Sin leerla no se sabe qué piden.
      - text: Contestas que no existe
        feedback: Antes hay que buscar con cuidado.
    explanation: La solicitud dice qué buscar y para qué.
"""
    for number in range(1, 7)
)
VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\nAsí se publica.\n"


def png(width: int = 8, height: int = 8) -> bytes:
    """A small grey picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def mp4(seconds: int = 150) -> bytes:
    """The boxes of a video that say how long it is; there is nothing to see in it."""

    def box(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", 8 + len(data)) + kind + data

    mvhd = struct.pack(">IIIII", 0, 0, 0, 1000, seconds * 1000) + bytes(80)
    return box(b"ftyp", b"isom\0\0\0\0isommp42") + box(b"moov", box(b"mvhd", mvhd)) + box(b"mdat", bytes(64))


def pdf(text: str = "Lineamientos para publicar", pages: int = 3, title: str = "") -> bytes:
    """A PDF whose pages say `text`; without text, as a scanner leaves them."""
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        page = writer.add_blank_page(612, 792)
        if text:
            from pypdf.generic import DictionaryObject, NameObject, StreamObject

            font = DictionaryObject(
                {
                    NameObject("/Type"): NameObject("/Font"),
                    NameObject("/Subtype"): NameObject("/Type1"),
                    NameObject("/BaseFont"): NameObject("/Helvetica"),
                }
            )
            page[NameObject("/Resources")] = DictionaryObject(
                {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
            )
            stream = StreamObject()
            stream._data = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET".encode("latin-1")
            page[NameObject("/Contents")] = writer._add_object(stream)
    if title:
        writer.add_metadata({"/Title": title})
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def pptx() -> bytes:
    """Three slides: text with notes, a table, two pictures of which one says what it shows."""
    deck = Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text = "La carga, paso a paso"
    first.placeholders[1].text_frame.text = "Baja la plantilla"
    first.placeholders[1].text_frame.add_paragraph().text = "Llena *todas* las columnas"
    first.notes_slide.notes_text_frame.text = "Recuerda que la plantilla cambia cada año."
    second = deck.slides.add_slide(deck.slide_layouts[5])
    second.shapes.title.text = "Plazos"
    table = second.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for place, text in enumerate(("Periodo", "Plazo", "Trimestre", "30 días")):
        table.cell(place // 2, place % 2).text = text
    third = deck.slides.add_slide(deck.slide_layouts[6])
    for alt in ("Pantalla con el botón de carga", ""):
        picture = third.shapes.add_picture(io.BytesIO(png()), Inches(1), Inches(1))
        picture._element._nvXxPr.cNvPr.set("descr", alt)
    target = io.BytesIO()
    deck.save(target)
    return target.getvalue()


def word() -> bytes:
    """A text document with headings, a list, a table and emphasis."""
    document = docx.Document()
    document.add_heading("Antes de publicar", 1)
    paragraph = document.add_paragraph("Revisa que el documento ")
    paragraph.add_run("no lleve datos personales").bold = True
    paragraph.add_run(" que la ley protege.")
    document.add_paragraph("Nombre", style="List Bullet")
    document.add_paragraph("Domicilio", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for place, text in enumerate(("Dato", "Se tacha", "Firma", "No")):
        table.cell(place // 2, place % 2).text = text
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def twelve() -> dict[str, bytes]:
    """A folder of twelve files, in no order, as somebody keeps them."""
    return {
        "Transparencia para empezar/portada.png": png(),
        "Transparencia para empezar/preguntas.yaml": QUESTIONS.encode(),
        "Transparencia para empezar/Unidad 10 - Cierre/1. Lo que sigue.md": b"Ya puedes publicar lo tuyo.\n",
        "Transparencia para empezar/Unidad 2 - Publicar/02 Carga.pptx": pptx(),
        "Transparencia para empezar/Unidad 2 - Publicar/01 Antes de publicar.docx": word(),
        "Transparencia para empezar/Unidad 2 - Publicar/03 Así se publica.mp4": mp4(),
        "Transparencia para empezar/Unidad 2 - Publicar/03 Así se publica.vtt": VTT.encode(),
        "Transparencia para empezar/Unidad 1 - Por qué/01_por_que_importa.md": MARKDOWN.encode(),
        "Transparencia para empezar/Unidad 1 - Por qué/dibujos/ruta.png": png(9),
        "Transparencia para empezar/Unidad 1 - Por qué/02 Lineamientos.pdf": pdf(),
        "Transparencia para empezar/ligas.txt": b"Diario Oficial https://www.dof.gob.mx\n",
        "Transparencia para empezar/calendario.csv": b"mes,plazo\nenero,30\n",
    }


def on_disk(files: Mapping[str, bytes], folder: Path) -> list[Dropped]:
    """The files as the platform holds them after an upload."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for number, (path, content) in enumerate(files.items()):
        target = folder / f"{number:04d}"
        target.write_bytes(content)
        found.append(Dropped(path, target))
    return found


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The files as a ZIP."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return target.getvalue()
