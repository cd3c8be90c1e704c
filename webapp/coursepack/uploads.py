"""What a file from outside must be before it may become material of a course: measured, recognised and cleaned.

`examine` is the whole of it. It trusts neither name nor declared type, reads what is complicated in a child process with
limits, and writes nothing but the cleaned copy of a picture beside the file that it was given.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from webapp.coursepack import inside
from webapp.coursepack.problems import Report
from webapp.coursepack.svg import check_svg
from webapp.formats.guard import check_archive, run_limited
from webapp.formats.model import Unreadable

Kind = Literal["image", "pdf", "video", "captions", "document", "sheet", "slides"]

MEGABYTE = 1024 * 1024
SECONDS, MEMORY_MB = 20, 700


@dataclass(frozen=True)
class Accepted:
    """A kind of file: what it is called, its extension, its media type and its limit."""

    kind: Kind
    media_type: str
    megabytes: int


_OFFICE = "application/vnd.openxmlformats-officedocument."
ACCEPTED: dict[str, Accepted] = {
    ".png": Accepted("image", "image/png", 5),
    ".jpg": Accepted("image", "image/jpeg", 5),
    ".jpeg": Accepted("image", "image/jpeg", 5),
    ".webp": Accepted("image", "image/webp", 5),
    ".svg": Accepted("image", "image/svg+xml", 5),
    ".pdf": Accepted("pdf", "application/pdf", 30),
    ".mp4": Accepted("video", "video/mp4", 200),
    ".vtt": Accepted("captions", "text/vtt", 1),
    ".docx": Accepted("document", _OFFICE + "wordprocessingml.document", 30),
    ".xlsx": Accepted("sheet", _OFFICE + "spreadsheetml.sheet", 10),
    ".pptx": Accepted("slides", _OFFICE + "presentationml.presentation", 50),
}
LARGEST = max(accepted.megabytes for accepted in ACCEPTED.values()) * MEGABYTE
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "una imagen PNG"), (b"\xff\xd8\xff", "una imagen JPEG"), (b"GIF8", "una imagen GIF"),
    (b"%PDF-", "un PDF"), (b"PK\x03\x04", "un archivo comprimido (ZIP u Office)"), (b"MZ", "un programa de Windows"),
    (b"\x7fELF", "un programa"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "un documento de Office anterior a 2007 o con contraseña"),
    (b"Rar!", "un archivo RAR"), (b"7z\xbc\xaf", "un archivo 7z"),
)  # fmt: skip
_MAGIC = {
    ".png": b"\x89PNG\r\n\x1a\n", ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff", ".pdf": b"%PDF-",
    ".docx": b"PK\x03\x04", ".xlsx": b"PK\x03\x04", ".pptx": b"PK\x03\x04",
}  # fmt: skip


class Refused(Exception):
    """A file that is not taken: a stable code, and a Spanish sentence with the file, the cause and the way out."""

    def __init__(self, code: str, name: str, cause: str) -> None:
        self.code = code
        self.message = f"«{name}»: {cause}"
        super().__init__(self.message)


@dataclass(frozen=True)
class Examined:
    """A file that may be kept. `path` is what to keep: the file itself, or the cleaned copy of a picture beside it.

    `facts` are what was learnt of it ("width", "height", "pages", "has_text"); `warnings` are Spanish sentences.
    """

    kind: Kind
    media_type: str
    path: Path
    size: int
    facts: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


class _Cause(Exception):
    """Why, without the name of the file."""

    def __init__(self, code: str, cause: str) -> None:
        self.code, self.cause = code, cause
        super().__init__(cause)


def examine(path: Path, filename: str) -> Examined:
    """Judge the file at `path`, which came under `filename`. Raises Refused.

    The folder of `path` must be one's own to write to: a picture is written anew there, without what it tells of
    cameras and places.
    """
    name = filename.replace("\\", "/").rpartition("/")[2][:120] or "archivo"
    suffix = Path(name).suffix.lower()
    try:
        accepted = ACCEPTED.get(suffix)
        if accepted is None:
            raise _Cause(
                "unknown_kind",
                f"no se aceptan archivos «{suffix or 'sin extensión'}». Sube uno de estos: {', '.join(ACCEPTED)}.",
            )
        size = path.stat().st_size
        _check_size(size, accepted)
        _check_beginning(path, suffix)
        return _JUDGES[accepted.kind](path, suffix, accepted, size)
    except _Cause as error:
        raise Refused(error.code, name, error.cause) from error
    except Unreadable as error:
        raise Refused(error.code, name, _said(error)) from error


def _check_size(size: int, accepted: Accepted) -> None:
    if size == 0:
        raise _Cause("empty", "está vacío (0 bytes). Vuelve a guardarlo o a descargarlo.")
    if size > accepted.megabytes * MEGABYTE:
        raise _Cause(
            "too_big",
            f"mide {size / MEGABYTE:.1f} MB y el máximo de este tipo es de {accepted.megabytes} MB. Redúcelo o divídelo.",
        )


def _check_beginning(path: Path, suffix: str) -> None:
    """The first bytes against the extension."""
    with path.open("rb") as file:
        head = file.read(512)
    right = head.startswith(_MAGIC.get(suffix, b""))
    if suffix == ".mp4":
        right = head[4:8] == b"ftyp"
    elif suffix == ".webp":
        right = head.startswith(b"RIFF") and head[8:12] == b"WEBP"
    elif suffix == ".vtt":
        right = head.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT")
    elif suffix == ".svg":
        right = b"\0" not in head and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    if not right:
        raise _Cause("wrong_content", f"se llama «{suffix}», pero por dentro es {_called(head)}. {_way_out(suffix)}")


def _called(head: bytes) -> str:
    if head[4:8] == b"ftyp":
        return "un video o sonido MP4"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html")):
        return "una página web (HTML)"
    return next((words for start, words in _BEGINNINGS if head.startswith(start)), "otra cosa")


def _way_out(suffix: str) -> str:
    if suffix == ".vtt":
        return "Los subtítulos empiezan con la palabra WEBVTT: expórtalos otra vez como WebVTT en UTF-8."
    return "Ponle la extensión que le toca o expórtalo de nuevo en ese formato."


def _refuse_second_face(path: Path) -> None:
    """A file that is also a ZIP is two files in one: what one program shows is not what another opens."""
    if zipfile.is_zipfile(path):
        raise _Cause("polyglot", "lleva un ZIP escondido detrás de su contenido. Expórtalo de nuevo desde su programa.")


# --- kind by kind -----------------------------------------------------------------------------------------------


def _image(path: Path, suffix: str, accepted: Accepted, size: int) -> Examined:
    if suffix == ".svg":
        return _drawing(path, accepted, size)
    clean = path.with_name(path.name + ".clean")
    facts = run_limited(inside.clean_image, str(path), str(clean), seconds=SECONDS, memory_mb=MEMORY_MB)
    return Examined("image", accepted.media_type, clean, clean.stat().st_size, facts)


def _drawing(path: Path, accepted: Accepted, size: int) -> Examined:
    problems = Report()
    check_svg(path.read_bytes(), problems)
    if found := problems.in_order():
        first = found[0]
        line = f" (línea {first.line})" if first.line else ""
        raise _Cause(first.code, f"{first.message}{line}")
    return Examined("image", accepted.media_type, path, size)


def _pdf(path: Path, suffix: str, accepted: Accepted, size: int) -> Examined:
    _refuse_second_face(path)
    facts = run_limited(inside.read_pdf, str(path), seconds=SECONDS, memory_mb=MEMORY_MB)
    silent = "No tiene texto: parece escaneado, y quien usa lector de pantalla no lo puede leer. Pásalo por un OCR."
    return Examined("pdf", accepted.media_type, path, size, facts, () if facts["has_text"] else (silent,))


def _video(path: Path, suffix: str, accepted: Accepted, size: int) -> Examined:
    _refuse_second_face(path)
    boxes = _boxes(path, size)
    if "moov" not in boxes:
        raise _Cause("damaged", "no tiene índice (moov): la grabación se cortó. Expórtalo o cópialo de nuevo.")
    late = "mdat" in boxes and boxes.index("mdat") < boxes.index("moov")
    words = "Su índice está al final, así que tarda en empezar. Expórtalo con «inicio rápido» (fast start)."
    return Examined("video", accepted.media_type, path, size, {}, (words,) if late else ())


def _boxes(path: Path, size: int) -> list[str]:
    """The names of the outermost boxes of an MP4, in their order."""
    names: list[str] = []
    with path.open("rb") as file:
        place = 0
        while place + 8 <= size and len(names) < 1000:
            file.seek(place)
            head = file.read(16)
            length, name = int.from_bytes(head[:4], "big"), head[4:8].decode("latin-1")
            if length == 1:
                length = int.from_bytes(head[8:16], "big")
            elif length == 0:
                length = size - place
            if length < 8 or place + length > size:
                raise _Cause("damaged", f"está incompleto: la parte «{name}» no cabe en el archivo. Cópialo de nuevo.")
            names.append(name)
            place += length
    return names


def _captions(path: Path, suffix: str, accepted: Accepted, size: int) -> Examined:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Cause(
            "encoding", f"no está en UTF-8 (byte {error.start}). Ábrelo en un editor de texto y guárdalo como UTF-8."
        ) from error
    if "\0" in text or not text[6:7].isspace() or "-->" not in text:
        raise _Cause(
            "damaged", "no trae ningún subtítulo con su tiempo («00:01.000 --> 00:04.000»). Expórtalo otra vez."
        )
    return Examined("captions", accepted.media_type, path, size)


_MAIN_PART = {".docx": "word/document.xml", ".xlsx": "xl/workbook.xml", ".pptx": "ppt/presentation.xml"}


def _office(path: Path, suffix: str, accepted: Accepted, size: int) -> Examined:
    names = check_archive(path)
    if "vbaproject.bin" in {name.rpartition("/")[2] for name in names}:
        raise _Cause("macros", f"trae macros. Guárdalo sin macros, como «{suffix}».")
    if _MAIN_PART[suffix] not in names:
        other = next((known for known, part in _MAIN_PART.items() if part in names), "")
        if other:
            raise _Cause("wrong_content", f"se llama «{suffix}», pero por dentro es «{other}». Ponle esa extensión.")
        raise _Cause(
            "wrong_content", f"es un ZIP, no un documento «{suffix}». Ábrelo en su programa y guárdalo de nuevo."
        )
    run_limited(inside.read_office, str(path), seconds=SECONDS, memory_mb=MEMORY_MB)
    return Examined(accepted.kind, accepted.media_type, path, size)


_JUDGES: dict[Kind, Callable[[Path, str, Accepted, int], Examined]] = {
    "image": _image, "pdf": _pdf, "video": _video, "captions": _captions,
    "document": _office, "sheet": _office, "slides": _office,
}  # fmt: skip

# The words of the guard of workbooks speak of workbooks; these are those of any file.
_WORDS = {
    "damaged": "está incompleto o dañado. Ábrelo en su programa y guárdalo de nuevo.",
    "password": "tiene contraseña. Quítala y guárdalo de nuevo.",
    "document_type": "declara un tipo de documento (DTD), cosa que ningún documento de Office hace. Guárdalo de nuevo.",
    "too_complex": "está dañado, o pide más memoria o tiempo del que se le da. Simplifícalo o expórtalo de nuevo.",
    "unsafe_zip": "está armado de una forma en que ningún programa guarda. Ábrelo en su programa y guárdalo de nuevo.",
}


def _said(error: Unreadable) -> str:
    return _WORDS.get(error.code) or error.message[:1].lower() + error.message[1:]
