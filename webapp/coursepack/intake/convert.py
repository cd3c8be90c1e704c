"""Documents as lessons: what a PDF, a presentation or a text document says, as Markdown with its pictures beside it.

These functions meet parsers with files from outside, so they run in the limited child of `formats.guard` (`convert`).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from webapp.coursepack.intake.guard import Refused
from webapp.formats.guard import run_limited
from webapp.formats.model import Unreadable

MOST_PAGES = 2_000
MOST_LOOKED_AT = 40  # pages of a PDF whose text is counted; the rest is estimated from them
MOST_PICTURES = 200
SECONDS, MEMORY = 30, 500
_PICTURES = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}


@dataclass
class Converted:
    """What a document gave. In `markdown` a picture is named `media/<name>`; `pictures` holds those bytes.

    `pages` are pages or slides; `unread` names what had to be left out.
    """

    title: str = ""
    markdown: str = ""
    words: int = 0
    pages: int = 0
    pictures: dict[str, bytes] = field(default_factory=dict)
    without_alt: int = 0
    unread: list[str] = field(default_factory=list)


def convert(file: Path, suffix: str, path: str) -> Converted:
    """Read a document in a child process. Raises Refused where it cannot or must not be read."""
    function = {".pdf": read_pdf, ".pptx": read_pptx, ".docx": read_docx}[suffix]
    try:
        return run_limited(function, file, seconds=SECONDS, memory_mb=MEMORY)
    except Unreadable as error:
        if error.code == "too_complex":
            cause = "pide más memoria o tiempo del que se da a un documento. Divídelo o expórtalo de nuevo."
            raise Refused("too_complex", path, cause) from error
        raise Refused(error.code, path, error.message) from error
    except RuntimeError as error:
        raise Refused("damaged", path, "está incompleto o dañado. Ábrelo y guárdalo otra vez.") from error


# -- PDF --------------------------------------------------------------------------------------------------------------


def read_pdf(file: Path) -> Converted:
    """Pages, title and words of a PDF; its text stays in it. Raises Unreadable."""
    import pypdf

    reader = pypdf.PdfReader(file)
    if reader.is_encrypted:
        raise Unreadable("encrypted", "tiene contraseña. Quítala y guárdalo de nuevo.")
    pages = len(reader.pages)
    if pages > MOST_PAGES:
        raise Unreadable("too_many_pages", f"tiene {pages} páginas y el máximo son {MOST_PAGES}. Divídelo.")
    root = reader.trailer["/Root"].get_object()
    _refuse_active(root)
    words = sum(len((reader.pages[place].extract_text() or "").split()) for place in range(min(pages, MOST_LOOKED_AT)))
    title = str(reader.metadata.title or "").strip() if reader.metadata else ""
    return Converted(title=title, words=words * pages // max(1, min(pages, MOST_LOOKED_AT)), pages=pages)


def _refuse_active(root: Any) -> None:
    names = root.get("/Names")
    names = names.get_object() if names is not None else {}
    action = root.get("/OpenAction")
    action = action.get_object() if action is not None else {}
    kind = action.get("/S", "") if isinstance(action, dict) else ""
    if "/JavaScript" in names or kind in ("/JavaScript", "/Launch") or "/AA" in root:
        raise Unreadable("active_pdf", "trae instrucciones que se ejecutan al abrirlo. Imprímelo a un PDF nuevo.")
    if "/EmbeddedFiles" in names:
        raise Unreadable("attachments", "trae otros archivos adentro. Sácalos e imprímelo a un PDF nuevo.")


# -- PPTX -------------------------------------------------------------------------------------------------------------


def read_pptx(file: Path) -> Converted:
    """Every slide: its title as a heading, then its texts, tables, pictures and notes."""
    from pptx import Presentation

    deck = Presentation(str(file))
    found = Converted(title=str(deck.core_properties.title or "").strip())
    parts: list[str] = []
    for number, slide in enumerate(deck.slides, 1):
        found.pages += 1
        heading = slide.shapes.title
        title = _line(heading.text_frame.text) if heading is not None and heading.has_text_frame else ""
        parts.append(f"## {escape(title) or f'Diapositiva {number}'}")
        for shape in _shapes(slide.shapes):
            if heading is None or shape.shape_id != heading.shape_id:
                parts += _shape(shape, found, number)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            notes = slide.notes_slide.notes_text_frame.text.strip()
            parts += [escape(_line(line)) for line in notes.splitlines() if line.strip()]
    if parts and not found.title and found.pages:
        found.title = _line(parts[0].removeprefix("## ")) if not parts[0].startswith("## Diapositiva") else ""
    found.markdown = "\n\n".join(part for part in parts if part.strip())
    found.words = len(found.markdown.split())
    return found


def _shapes(shapes: Any) -> Iterator[Any]:
    for shape in shapes:
        if shape.shape_type is not None and int(shape.shape_type) == 6:  # a group
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _shape(shape: Any, found: Converted, number: int) -> list[str]:
    if getattr(shape, "has_table", False) and shape.has_table:
        return [_table([[_line(cell.text) for cell in row.cells] for row in shape.table.rows])]
    if hasattr(shape, "image"):
        return [_picture(shape, found, number)]
    if shape.has_text_frame:
        lines = [(paragraph.level, _line(paragraph.text)) for paragraph in shape.text_frame.paragraphs]
        lines = [(level, text) for level, text in lines if text]
        if len(lines) == 1:
            return [escape(lines[0][1])]
        return ["\n".join(f"{'  ' * min(level, 3)}- {escape(text)}" for level, text in lines)]
    if (getattr(shape, "has_chart", False) and shape.has_chart) or int(shape.shape_type or 0) in (16, 17, 24):
        found.unread.append(f"una gráfica o un video de la diapositiva {number}")
    return []


def _picture(shape: Any, found: Converted, number: int) -> str:
    try:
        image = shape.image
        suffix = _PICTURES.get(image.content_type)
        blob = image.blob
    except (KeyError, ValueError, AttributeError):
        suffix, blob = None, b""
    alt = _line(shape._element._nvXxPr.cNvPr.get("descr") or "")
    if suffix is None or len(found.pictures) >= MOST_PICTURES:
        found.unread.append(f"una imagen de la diapositiva {number}")
        return escape(alt)
    return _add_picture(found, alt, suffix, blob)


def _add_picture(found: Converted, alt: str, suffix: str, blob: bytes) -> str:
    name = f"{len(found.pictures) + 1:02d}{suffix}"
    found.pictures[name] = blob
    found.without_alt += not alt
    return f"![{escape(alt)}](media/{name})"


def _line(text: str) -> str:
    return " ".join(text.replace("\x0b", " ").split())


def escape(text: str) -> str:
    """Text that Markdown shows as it is, at the beginning of a line too."""
    text = re.sub(r"([\\`*_\[\]<>|])", r"\\\1", text)
    return re.sub(r"^(\s*)([#>+\-=~:]|\d+[.)])", lambda m: m[1] + m[2][:-1] + "\\" + m[2][-1], text)


def _table(rows: list[list[str]]) -> str:
    width = max((len(row) for row in rows), default=0)
    if not width:
        return ""
    cells = [[escape(cell) or " " for cell in row] + [" "] * (width - len(row)) for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return "\n".join([lines[0], "|" + "---|" * width, *lines[1:]])


# -- DOCX -------------------------------------------------------------------------------------------------------------


def read_docx(file: Path) -> Converted:
    """A text document with headings, lists, tables, links and pictures."""
    import mammoth  # type: ignore[import-untyped]

    found = Converted()

    def keep(image: Any) -> dict[str, str]:
        suffix = _PICTURES.get(image.content_type)
        if suffix is None or len(found.pictures) >= MOST_PICTURES:
            found.unread.append("una imagen de un tipo que no se publica")
            return {"src": ""}
        with image.open() as source:
            _add_picture(found, _line(image.alt_text or ""), suffix, source.read())
        return {"src": f"media/{list(found.pictures)[-1]}"}

    with file.open("rb") as source:
        html = mammoth.convert_to_html(source, convert_image=mammoth.images.img_element(keep)).value
    writer = _MarkdownWriter()
    writer.feed(html)
    writer.close()
    found.markdown = writer.text()
    found.words = len(found.markdown.split())
    found.pages = max(1, round(found.words / 400))
    return found


class _MarkdownWriter(HTMLParser):
    """The HTML that mammoth writes, as Markdown. Knows the elements that mammoth knows, and nothing else."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[str] = []
        self.buffer: list[str] = []
        self.lists: list[list[Any]] = []  # kind and count
        self.rows: list[list[str]] | None = None
        self.link = ""
        self.pending = ""  # the mark of the list item or heading whose text comes

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in {"p", "h1", "h2", "h3", "h4", "h5", "h6"} and self.rows is None:
            self._flush()
            if tag != "p":
                self.pending = "#" * min(6, int(tag[1]) + 1) + " "
        elif tag in {"ul", "ol"}:
            self._flush()
            self.lists.append([tag, 0])
        elif tag == "li" and self.lists:
            self._flush()
            kind, count = self.lists[-1]
            self.lists[-1][1] = count + 1
            mark = f"{count + 1}. " if kind == "ol" else "- "
            self.pending = "   " * (len(self.lists) - 1) + mark
        elif tag == "table":
            self._flush()
            self.rows = []
        elif tag == "tr" and self.rows is not None:
            self.rows.append([])
        elif tag in {"td", "th"} and self.rows is not None:
            self.buffer = []
        elif tag in {"strong", "b"}:
            self.buffer.append("**")
        elif tag in {"em", "i"}:
            self.buffer.append("*")
        elif tag == "br":
            self.buffer.append(" ")
        elif tag == "a":
            href = str(values.get("href") or "")
            self.link = href if href.startswith("https://") and not re.search(r"[\s()<>]", href) else ""
            if self.link:
                self.buffer.append("[")
        elif tag == "img" and values.get("src"):
            self.buffer.append(f"![{escape(str(values.get('alt') or ''))}]({values['src']})")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"p", "h1", "h2", "h3", "h4", "h5", "h6", "li"} and self.rows is None:
            self._flush()
        elif tag in {"ul", "ol"} and self.lists:
            self._flush()
            self.lists.pop()
        elif tag in {"td", "th"} and self.rows:
            self.rows[-1].append(_line("".join(self.buffer)) or " ")
            self.buffer = []
        elif tag == "table" and self.rows is not None:
            rows, self.rows = self.rows, None
            width = max((len(row) for row in rows), default=0)
            if width:
                lines = [f"| {' | '.join(row + [' '] * (width - len(row)))} |" for row in rows]
                self.blocks.append("\n".join([lines[0], "|" + "---|" * width, *lines[1:]]))
        elif tag in {"strong", "b"}:
            self._close("**")
        elif tag in {"em", "i"}:
            self._close("*")
        elif tag == "a" and self.link:
            self.buffer.append(f"]({self.link})")
            self.link = ""

    def handle_data(self, data: str) -> None:
        self.buffer.append(escape(data) if self.buffer else escape(data.lstrip()))

    def _close(self, mark: str) -> None:
        """End an emphasis; one around nothing, or that ends in a space, is no emphasis in Markdown."""
        place = len(self.buffer) - 1 - self.buffer[::-1].index(mark) if mark in self.buffer else -1
        if place < 0:
            return
        inside = "".join(self.buffer[place + 1 :])
        bare = inside.strip()
        left, right = inside[: len(inside) - len(inside.lstrip())], inside[len(inside.rstrip()) :]
        self.buffer[place:] = [f"{left}{mark}{bare}{mark}{right}"] if bare else [inside]

    def _flush(self) -> None:
        text = _line("".join(self.buffer))
        self.buffer = []
        if text:
            self.blocks.append(
                ("\0" if self.pending.lstrip()[:1] in "-0123456789" and self.pending else "") + self.pending + text
            )
            self.pending = ""

    def text(self) -> str:
        """All of it. Items of one list stand together."""
        self._flush()
        joined = "\n\n".join(self.blocks)
        return re.sub(r"(\0[^\n]*)\n\n(?=\0)", r"\1\n", joined).replace("\0", "")


# -- pictures and videos ----------------------------------------------------------------------------------------------


def seconds_of(file: Path) -> int | None:
    """How long an MP4 lasts, by its `mvhd` box; None where it does not say."""
    with file.open("rb") as source:
        return _mvhd(source, file.stat().st_size, 0)


def _mvhd(source: io.BufferedReader, end: int, depth: int) -> int | None:
    for _ in range(1000):
        start = source.tell()
        head = source.read(16)
        if start >= end or len(head) < 8:
            return None
        size, kind, skip = int.from_bytes(head[:4], "big"), head[4:8], 8
        if size == 1:
            size, skip = int.from_bytes(head[8:16], "big"), 16
        if size == 0:
            size = end - start
        if size < skip or start + size > end:
            return None
        if kind == b"moov" and depth == 0:
            source.seek(start + skip)
            return _mvhd(source, start + size, 1)
        if kind == b"mvhd" and depth == 1:
            source.seek(start + skip)
            return _duration(source.read(32))
        source.seek(start + size)
    return None


def _duration(box: bytes) -> int | None:
    if len(box) < 32:
        return None
    wide = box[0] == 1
    scale = int.from_bytes(box[20:24] if wide else box[12:16], "big")
    length = int.from_bytes(box[24:32] if wide else box[16:20], "big")
    return length // scale if scale else None
