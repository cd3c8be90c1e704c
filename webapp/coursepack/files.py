"""The files of a package, read once, with nothing trusted: names, links, sizes, encodings and contents.

Everything later works on what was read here. No path that an author writes inside a file is ever opened: it is looked
up among the names found in the folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from webapp.coursepack.model import Asset
from webapp.coursepack.problems import Report
from webapp.coursepack.svg import check_svg

LARGEST_FILE = 5 * 1024 * 1024
LARGEST_VIDEO = 200 * 1024 * 1024
LARGEST_TEXT = 1024 * 1024
LARGEST_LESSON = 64 * 1024  # ten times a usual lesson; some Markdown takes time by the square of its length
LARGEST_PACKAGE = 500 * 1024 * 1024  # without the archives of interactive packages, which have limits of their own
LARGEST_ARCHIVE = 300 * 1024 * 1024
MOST_FILES = 1000
DEEPEST_FOLDER = 4
LONGEST_PATH = 200

MEDIA_TYPES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".pdf": "application/pdf",
    ".vtt": "text/vtt",
    ".mp4": "video/mp4",
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
IMAGES = {".svg", ".png", ".jpg", ".jpeg", ".webp"}
VIDEOS = {".mp4"}
# How a file of each type begins. Texts and SVG are judged by reading them.
_BEGINNINGS = {
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".webp": (b"RIFF",),
    ".pdf": (b"%PDF-",),
    ".vtt": (b"WEBVTT", b"\xef\xbb\xbfWEBVTT"),
    ".xlsx": (b"PK\x03\x04",),
    ".docx": (b"PK\x03\x04",),
}
_ARCHIVE = re.compile(r"packages/[^/]+/content\.(?:zip|h5p)")
_NAME = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_NAME_SAYS = "usa minúsculas sin acentos, números, guiones y puntos, como «ciclo-de-vida.svg»"
# What operating systems and editors leave behind: nobody's content, passed over in silence.
_LITTER = re.compile(r"\..*|~.*|.*~|thumbs\.db|desktop\.ini|__macosx", re.IGNORECASE)
# Line breaks and tabs are text; other controls are not, nor are marks that turn the direction of what people see.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
# Composing accents takes time that grows with the square of a pile of them; nobody writes more than a few on a letter.
_NO_LATIN = re.compile("[^\x00-\u02ff]{17,}")
_HIGHEST_PILE = 16


def largest_of(path: str) -> int:
    """Return how many bytes a file of a package may have, by its name."""
    if _ARCHIVE.fullmatch(path):
        return LARGEST_ARCHIVE
    return LARGEST_VIDEO if Path(path).suffix in VIDEOS else LARGEST_FILE


@dataclass(frozen=True)
class Archive:
    """An interactive package as it lies on disk. It may be large, so it is only measured and never held."""

    path: str
    place: Path
    sha256: str
    size: int


@dataclass
class Package:
    """What a folder holds: texts by path ("lessons/x.md"), assets, archives, and the digest of each file that counts."""

    texts: dict[str, str] = field(default_factory=dict)
    assets: dict[str, Asset] = field(default_factory=dict)
    archives: dict[str, Archive] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)


def scan(folder: Path, report: Report) -> Package:
    """Read every file of a package folder. Problems go to the report, under the path of the file."""
    package = Package()
    if folder.is_symlink() or not folder.is_dir():
        code = "symlink" if folder.is_symlink() else "missing_file"
        report.add(code, f"«{folder.name}» no es una carpeta del curso; revisa la ruta.")
        return package
    total = 0
    for count, (path, entry) in enumerate(_walk(folder, "", report), 1):
        if count > MOST_FILES:
            report.add("too_many_files", f"El paquete pasa de {MOST_FILES} archivos; quita los que no uses.")
            break
        own = report.inside(path)
        if _ARCHIVE.fullmatch(path):
            _take_archive(package, path, Path(entry), own)
            continue
        data = _read_bytes(Path(entry), own)
        if data is None:
            continue
        total += len(data)
        if total > LARGEST_PACKAGE:
            megabytes = LARGEST_PACKAGE // 1024**2
            report.add("package_too_large", f"El paquete pasa de {megabytes} MB; reduce las imágenes y los videos.")
            break
        _take(package, path, data, own)
    return package


def read_text_file(path: Path, report: Report) -> str | None:
    """Read one text file with the same care as a package; None when it cannot be used."""
    if path.is_symlink():
        report.add("symlink", "Es un enlace simbólico; copia el archivo.")
        return None
    data = _read_bytes(path, report)
    return decode(data, report) if data is not None else None


def _walk(folder: Path, prefix: str, report: Report, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield (path in the package, path on disk) of regular files by name, without following any link."""
    try:
        entries = sorted(os.scandir(folder), key=lambda item: item.name)
    except OSError:
        message = "El sistema no deja abrir la carpeta; revisa sus permisos."
        report.inside(prefix.rstrip("/")).add("unreadable", message)
        return
    for entry in entries:
        path = prefix + entry.name
        own = report.inside(path.encode("utf-8", "replace").decode())
        if _LITTER.fullmatch(entry.name):
            continue
        if entry.is_symlink():
            own.add("symlink", "Es un enlace simbólico; copia el archivo dentro del paquete.")
        elif not _NAME.fullmatch(entry.name) or len(path) > LONGEST_PATH:
            own.add("bad_name", f"El nombre no sirve como dirección: {_NAME_SAYS}.")
        elif entry.is_dir(follow_symlinks=False):
            if depth + 1 >= DEEPEST_FOLDER:
                own.add("too_deep_folder", "Hay demasiadas carpetas una dentro de otra; sube los archivos de nivel.")
            else:
                yield from _walk(Path(entry.path), f"{path}/", report, depth + 1)
        elif entry.is_file(follow_symlinks=False):
            yield path, entry.path
        else:
            own.add("not_a_file", "No es un archivo ni una carpeta; quítalo del paquete.")


def _read_bytes(path: Path, report: Report) -> bytes | None:
    """Read a regular file up to the limit; the file that was opened is the file that is judged."""
    try:
        with _open(path) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                report.add("not_a_file", "No es un archivo; quítalo del paquete.")
                return None
            largest = largest_of(path.name)
            data = file.read(largest + 1)
    except OSError:
        report.add("unreadable", "El sistema no deja leer el archivo; revisa sus permisos.")
        return None
    if len(data) > largest:
        message = f"El archivo pasa de {largest // 1024**2} MB; redúcelo o enlázalo desde otro sitio."
        report.add("file_too_large", message)
        return None
    return data


def _open(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)), "rb")


def _take_archive(package: Package, path: str, place: Path, report: Report) -> None:
    """Note the digest and size of an archive, a piece at a time."""
    hasher, size = hashlib.sha256(), 0
    try:
        with _open(place) as file:
            while size <= LARGEST_ARCHIVE and (piece := file.read(1024 * 1024)):
                hasher.update(piece)
                size += len(piece)
    except OSError:
        report.add("unreadable", "El sistema no deja leer el archivo; revisa sus permisos.")
        return
    if size > LARGEST_ARCHIVE:
        report.add(
            "file_too_large", f"El archivo pasa de {LARGEST_ARCHIVE // 1024**2} MB; reduce sus videos e imágenes."
        )
        return
    package.archives[path] = Archive(path, place, hasher.hexdigest(), size)
    package.digests[path] = hasher.hexdigest()


def _take(package: Package, path: str, data: bytes, report: Report) -> None:
    """Put a file where it belongs by its place in the package."""
    parts = path.split("/")
    suffix = Path(path).suffix
    if parts[0] == "assets" and len(parts) > 1:
        _take_asset(package, path, data, report)
    elif path == "course.yaml" or _is_source(parts, suffix):
        text = decode(data, report, LARGEST_LESSON if suffix == ".md" else LARGEST_TEXT)
        if text is not None:
            package.texts[path] = text
            package.digests[path] = hashlib.sha256(data).hexdigest()
    elif parts[0] in {"lessons", "quizzes"} and (len(parts) > 2 or suffix in {".md", ".yaml", ".yml"}):
        message = "Las lecciones van en lessons/*.md y los cuestionarios en quizzes/*.yaml; muévelo."
        report.add("misplaced_file", message)
    elif parts[0] == "packages":
        message = "De un material interactivo se leen package.yaml y content.zip o content.h5p; muévelo o quítalo."
        report.add("misplaced_file", message)
    elif parts[0] == "labs":
        message = "De una práctica solo se lee labs/<nombre>/lab.yaml; muévelo o quítalo."
        report.add("misplaced_file", message)
    else:
        report.add("unknown_file", "El archivo no se usa ni se publica; si es material va en assets/, si no, quítalo.")


def _is_source(parts: list[str], suffix: str) -> bool:
    if parts[0] == "labs":
        return len(parts) == 3 and parts[2] == "lab.yaml"
    if parts[0] == "packages":
        return len(parts) == 3 and parts[2] == "package.yaml"
    return len(parts) == 2 and (parts[0], suffix) in {("lessons", ".md"), ("quizzes", ".yaml")}


def _take_asset(package: Package, path: str, data: bytes, report: Report) -> None:
    suffix = Path(path).suffix
    media_type = MEDIA_TYPES.get(suffix)
    if media_type is None:
        known = ", ".join(sorted(MEDIA_TYPES))
        report.add("unknown_asset_type", f"No se publican archivos «{suffix}»; se publican {known}.")
        return
    digest = hashlib.sha256(data).hexdigest()
    # Kept even when its content is refused, so that a page that uses it is not reported as well.
    package.assets[path] = Asset(path, media_type, digest, len(data))
    package.digests[path] = digest
    check_asset(path, data, report)


def check_asset(path: str, data: bytes, report: Report) -> None:
    """Report what is wrong with the content of a material, by its extension."""
    suffix = Path(path).suffix
    if suffix == ".svg":
        check_svg(data, report)
    elif suffix == ".csv":
        decode(data, report)
    elif not _begins_well(data, suffix):
        message = f"El contenido no es de un archivo «{suffix}»; expórtalo de nuevo en ese formato."
        report.add("wrong_content", message)


def _begins_well(data: bytes, suffix: str) -> bool:
    if suffix == ".mp4":  # the first box of the file says its kind after its length
        return data[4:8] == b"ftyp"
    return data.startswith(_BEGINNINGS[suffix]) and (suffix != ".webp" or data[8:12] == b"WEBP")


def decode(data: bytes, report: Report, largest: int = LARGEST_TEXT) -> str | None:
    """Return the text of UTF-8 bytes (a mark at the beginning is allowed), composed (NFC), with plain line ends."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        report.add("not_utf8", "El archivo no está en UTF-8; guárdalo de nuevo con la codificación UTF-8.", line)
        return None
    if not text.strip():
        report.add("empty_file", "El archivo está vacío; escribe su contenido o quítalo.")
        return None
    if len(data) > largest:
        report.add("file_too_large", f"El texto pasa de {largest // 1024} kB; divídelo en varios archivos.")
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    pile = _pile_of_accents(text)
    if pile is not None:
        line = text.count("\n", 0, pile) + 1
        report.add("control_character", "Hay una letra con muchos acentos encimados; escríbela de nuevo.", line)
        return None
    text = unicodedata.normalize("NFC", text)
    found = _FORBIDDEN.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        message = f"Hay un carácter invisible (U+{ord(found[0]):04X}); bórralo y escribe de nuevo esa línea."
        report.add("control_character", message, line)
        return None
    return text


def _pile_of_accents(text: str) -> int | None:
    """Return where too many combining marks follow each other, None when that is nowhere."""
    for run in _NO_LATIN.finditer(text):
        high = 0
        for place in range(run.start(), run.end()):
            high = high + 1 if unicodedata.combining(text[place]) else 0
            if high > _HIGHEST_PILE:
                return place
    return None
