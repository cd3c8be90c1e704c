"""What is measured and refused before a workbook from outside is parsed, and where it is parsed: a limited child process.

Nothing is unpacked here beyond the first bytes of each part. Every refusal is an `Unreadable` with a code of its own and
a sentence that says what the file is and what to do.
"""

from __future__ import annotations

import importlib
import math
import os
import pickle
import stat
import subprocess
import sys
import traceback
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

from webapp.formats.model import Unreadable

Kind = Literal["xlsx", "xls"]
Result = TypeVar("Result")

MEGABYTE = 1024 * 1024
MAX_BYTES = 25 * MEGABYTE
MAX_UNPACKED = 300 * MEGABYTE
MAX_RATIO = 100  # of a part that unpacks to more than a megabyte
MAX_PARTS = 2_000
MAX_DIRECTORY = MEGABYTE  # bytes of the zip's index
MAX_NAME = 180
MAX_DEPTH = 12
MAX_MEMORY = 400  # megabytes
MAX_WRITTEN = 64 * MEGABYTE
_HEAD = 4_096

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE_AS = "Ábrelo con tu programa de hojas de cálculo y guárdalo como «Libro de Excel (.xlsx)»"
_REASONS = {
    "empty": "El archivo está vacío. Vuelve a descargarlo o a guardarlo.",
    "html": "El archivo es una página web (HTML) con otra extensión, no un libro de Excel. " + _SAVE_AS + ".",
    "xml": "El archivo es XML suelto, no un libro de Excel. " + _SAVE_AS + ".",
    "pdf": "El archivo es un PDF. Sube el libro de Excel del formato.",
    "word": "El archivo es un documento de Word. Sube el libro de Excel del formato.",
    "presentation": "El archivo es una presentación. Sube el libro de Excel del formato.",
    "opendocument": "El archivo es de LibreOffice u OpenOffice (ODF). " + _SAVE_AS + ".",
    "binary_workbook": "El archivo es un libro binario (.xlsb). " + _SAVE_AS + ".",
    "text": "El archivo es texto (por ejemplo, CSV), no un libro de Excel. Copia los datos a la plantilla del formato.",
    "image": "El archivo es una imagen. Sube el libro de Excel del formato.",
    "old_workbook": "El archivo es de una versión de Excel anterior a 1997. " + _SAVE_AS + ".",
    "zip": "El archivo es un ZIP sin libro de Excel adentro. Descomprímelo y sube el libro del formato.",
    "not_a_workbook": "El archivo no es un libro de Excel. Sube la plantilla del formato, en .xlsx o .xls.",
    "damaged": "El archivo está incompleto o dañado. Descárgalo de nuevo, o ábrelo y guárdalo otra vez.",
    "password": "El archivo tiene contraseña. Quítala (Archivo, Información, Proteger libro) y guárdalo de nuevo.",
    "macros": "El archivo trae macros, y un formato no las lleva. " + _SAVE_AS + ", sin macros.",
    "strict_ooxml": "El archivo está guardado como «Hoja de cálculo Strict Open XML», que casi nada lee. " + _SAVE_AS + ".",
    "document_type": "El archivo declara un tipo de documento (DTD), cosa que ningún libro hace; no se abre por seguridad.",
    "unsafe_zip": "El archivo está armado de una forma en que Excel no guarda ({detail}); no se abre por seguridad.",
    "too_complex": (
        "El archivo está dañado, o pide más memoria o tiempo del que se da a un libro. Suele pasar cuando hay celdas "
        "escritas muy lejos de la tabla: borra filas y columnas sobrantes, o copia los datos a una plantilla limpia."
    ),
}  # fmt: skip


def unreadable(code: str, detail: str = "") -> Unreadable:
    """The refusal with that code and its sentence; `detail` where the sentence has a place for it."""
    return Unreadable(code, _REASONS[code].format(detail=detail) if detail else _REASONS[code])


def check_file(path: Path) -> Kind:
    """Measure a file from outside before it is parsed, and say how it is packed.

    Raises Unreadable: not a workbook, over 25 MB, over 300 MB unpacked, a zip that Excel would not write, macros, password.
    """
    size = path.stat().st_size
    if size == 0:
        raise unreadable("empty")
    if size > MAX_BYTES:
        limit = MAX_BYTES // MEGABYTE
        raise Unreadable("too_big", f"El archivo mide {size / MEGABYTE:.1f} MB y el máximo es de {limit} MB. Divídelo.")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    kind: Kind
    if head.startswith(b"PK\x03\x04"):
        _check_zip(path, size)
        kind = "xlsx"
    elif head.startswith(_OLE):
        _check_ole(path.read_bytes())
        kind = "xls"
    else:
        raise unreadable(_what_else(head))
    _check_extension(path, kind)
    return kind


def _check_extension(path: Path, kind: Kind) -> None:
    extension = path.suffix.lower()
    if extension in (".xlsx", ".xls") and extension != f".{kind}":
        raise Unreadable(
            "wrong_extension",
            f"El archivo se llama «{extension}», pero por dentro es «.{kind}». Ponle la extensión «.{kind}» o "
            f"guárdalo de nuevo como «{extension}».",
        )


def _what_else(head: bytes) -> str:
    """What a file is that is no workbook, by its first bytes."""
    for start, code in (
        (b"%PDF", "pdf"), (b"PK\x05\x06", "damaged"), (b"PK\x07\x08", "damaged"), (b"\x89PNG", "image"),
        (b"\xff\xd8\xff", "image"), (b"GIF8", "image"), (b"\x09\x00", "old_workbook"), (b"\x09\x02", "old_workbook"),
        (b"\x09\x04", "old_workbook"), (b"\x09\x08", "old_workbook"),
    ):  # fmt: skip
        if head.startswith(start):
            return code
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if any(tag in text for tag in (b"<html", b"<!doctype html", b"<table", b"<body")):
        return "html"
    if text.startswith(b"<?xml"):
        return "xml"
    plain = all(byte >= 32 or byte in (9, 10, 13) for byte in text)
    return "text" if plain else "not_a_workbook"


# Excel 97–2003: a small file system (OLE) whose entries are named in UTF-16


def _check_ole(data: bytes) -> None:
    for name, code in (
        ("EncryptedPackage", "password"), ("WordDocument", "word"), ("PowerPoint Document", "presentation"),
        ("_VBA_PROJECT_CUR", "macros"),
    ):  # fmt: skip
        if name.encode("utf-16-le") in data:
            raise unreadable(code)
    if not any(f"{name}\0".encode("utf-16-le") in data for name in ("Workbook", "Book")):
        raise unreadable("damaged" if len(data) < 2 * _HEAD else "not_a_workbook")


# Excel 2007 and later: a zip


def _check_zip(path: Path, size: int) -> None:
    _check_directory(path, size)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_content(parts)
            _check_parts(parts, size)
            _check_names(parts)
            _check_heads(archive, parts)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise unreadable("damaged") from error


def check_archive(path: Path) -> frozenset[str]:
    """Measure any zip from outside before it is unpacked; the names of its parts in lower case. Raises Unreadable."""
    size = path.stat().st_size
    _check_directory(path, size)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if any(part.flag_bits & 1 for part in parts):
                raise unreadable("password")
            _check_parts(parts, size)
            _check_names(parts)
            _check_heads(archive, parts)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise unreadable("damaged") from error
    return frozenset(part.filename.lower() for part in parts)


def _check_directory(path: Path, size: int) -> None:
    """Measure the index of the zip by its own word, because reading a huge one is already too much."""
    with path.open("rb") as file:
        file.seek(max(0, size - 65_557))
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        raise unreadable("damaged")
    if int.from_bytes(tail[end + 12 : end + 16], "little") > MAX_DIRECTORY:
        raise unreadable("unsafe_zip", "demasiadas partes")


def _check_content(parts: list[zipfile.ZipInfo]) -> None:
    """A zip is many things; only one is a workbook without macros."""
    names = {part.filename.replace("\\", "/").lower() for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise unreadable("password")
    if any(name.endswith("vbaproject.bin") for name in names):
        raise unreadable("macros")
    for mark, code in (
        ("word/document.xml", "word"), ("ppt/presentation.xml", "presentation"), ("xl/workbook.bin", "binary_workbook"),
        ("meta-inf/manifest.xml", "opendocument"),
    ):  # fmt: skip
        if mark in names:
            raise unreadable(code)
    if "xl/workbook.xml" not in names:
        raise unreadable("damaged" if "[content_types].xml" in names else "zip")


def _check_parts(parts: list[zipfile.ZipInfo], size: int) -> None:
    if len(parts) > MAX_PARTS:
        raise unreadable("unsafe_zip", "demasiadas partes")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED:
        limit = MAX_UNPACKED // MEGABYTE
        raise Unreadable(
            "too_compressed",
            f"El archivo ocuparía {unpacked / MEGABYTE:.0f} MB al abrirse y el máximo es de {limit} MB. Divídelo.",
        )
    for part in parts:
        if part.file_size > MEGABYTE and part.file_size > MAX_RATIO * part.compress_size:
            ratio = part.file_size // max(1, part.compress_size)
            raise Unreadable(
                "too_compressed",
                f"La parte «{part.filename}» del archivo está comprimida {ratio} veces; un libro real no pasa de "
                f"{MAX_RATIO}. No se abre por seguridad.",
            )
    if sum(part.compress_size for part in parts) > size:
        raise unreadable("unsafe_zip", "partes encimadas")


def _check_names(parts: list[zipfile.ZipInfo]) -> None:
    seen = set()
    for part in parts:
        name = unicodedata.normalize("NFC", part.filename).casefold().replace("\\", "/").rstrip("/")
        if name in seen:
            raise unreadable("unsafe_zip", "partes repetidas")
        seen.add(name)
        steps = name.split("/")
        if (
            name.startswith("/") or ".." in steps or len(steps) > MAX_DEPTH or len(name.encode()) > MAX_NAME
            or any(letter == ":" or unicodedata.category(letter) in ("Cc", "Cf") for letter in name)
        ):  # fmt: skip
            raise unreadable("unsafe_zip", "nombres de partes que ningún libro tiene")
        if stat.S_IFMT(part.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise unreadable("unsafe_zip", "un enlace en vez de una parte")


def _check_heads(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    for part in parts:
        name = part.filename.lower()
        if not name.endswith((".xml", ".rels")):
            continue
        with archive.open(part) as file:
            head = file.read(_HEAD).replace(b"\0", b"")
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
            raise unreadable("document_type")
        if name == "xl/workbook.xml" and b"purl.oclc.org/ooxml" in head:
            raise unreadable("strict_ooxml")


# A child process with limits

_CHILD = "from webapp.formats.guard import serve; serve()"


def run_limited(
    function: Callable[..., Result], *args: Any, seconds: float = 20, memory_mb: int = MAX_MEMORY
) -> Result:
    """Call an importable function in a child process of so many seconds and megabytes, and return what it returns.

    Arguments and result are pickled. An `Unreadable` passes through; a child that dies or takes too long is
    `Unreadable("too_complex")`; any other exception is a RuntimeError with the child's traceback.
    """
    limits = [str(math.ceil(seconds)), str(memory_mb), str(MAX_WRITTEN)]
    call = pickle.dumps((function.__module__, function.__qualname__, args))
    try:
        done = subprocess.run(  # noqa: S603 (this very interpreter, with fixed words)
            [sys.executable, "-S", "-P", "-c", _CHILD, *limits],
            input=call,
            capture_output=True,
            timeout=seconds,
            env={"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path)), "PYTHONUTF8": "1"},  # and no secret
        )
    except subprocess.TimeoutExpired as error:
        raise unreadable("too_complex") from error
    if not done.stdout:
        if done.returncode == 1:  # it never began
            raise RuntimeError(done.stderr.decode(errors="replace"))
        raise unreadable("too_complex")
    outcome, value = pickle.loads(done.stdout)  # noqa: S301 (written by our own child)
    if outcome == "unreadable":
        raise Unreadable(*value)
    if outcome == "failed":
        raise RuntimeError(value)
    return value  # type: ignore[no-any-return]


def serve() -> None:
    """The child's side of `run_limited`: limit itself, read the call, write the outcome."""
    import resource

    seconds, memory_mb, written = (int(text) for text in sys.argv[1:4])
    for kind, most in (
        (resource.RLIMIT_AS, memory_mb * MEGABYTE), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_FSIZE, written),
        (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        resource.setrlimit(kind, (most, most))
    answer = sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints must not mix with the answer
    module, name, args = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 (written by our own parent)
    outcome: tuple[str, Any]
    try:
        function = importlib.import_module(module)
        for step in name.split("."):
            function = getattr(function, step)
        outcome = ("done", function(*args))  # type: ignore[operator]
        pickled = pickle.dumps(outcome)
    except Unreadable as refusal:
        pickled = pickle.dumps(("unreadable", (refusal.code, refusal.message)))
    except MemoryError:
        pickled = pickle.dumps(("unreadable", ("too_complex", _REASONS["too_complex"])))
    except BaseException:
        pickled = pickle.dumps(("failed", traceback.format_exc()))
    answer.write(pickled)
    answer.flush()
