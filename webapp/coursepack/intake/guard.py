"""What may not come in: looked at before anything is kept, entry by entry, with a sentence that says which and why.

`unpack` opens a ZIP into a folder without believing what it says of itself; `examine` judges the files that are to become
a course. Nothing is parsed here beyond the first and last bytes of a file; what needs a parser is `convert`'s.
"""

from __future__ import annotations

import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from webapp.coursepack.files import LARGEST_VIDEO, MOST_FILES
from webapp.coursepack.problems import Report
from webapp.coursepack.svg import check_svg

MEGABYTE = 1024 * 1024
LARGEST_UPLOAD = 300 * MEGABYTE
MAX_UNPACKED = 500 * MEGABYTE
MAX_RATIO = 100  # of an entry that unpacks to more than a megabyte
MAX_NAME = 180  # bytes
MAX_DEPTH = 12
LARGEST = {".mp4": LARGEST_VIDEO, ".zip": 300 * MEGABYTE, ".h5p": 300 * MEGABYTE, ".pdf": 30 * MEGABYTE,
           ".pptx": 100 * MEGABYTE, ".docx": 30 * MEGABYTE}  # fmt: skip
LARGEST_OTHER = 5 * MEGABYTE
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_LITTER = re.compile(r"\..*|~.*|.*~|thumbs\.db|desktop\.ini|__macosx", re.IGNORECASE)
_MACROS = {".docm", ".pptm", ".xlsm", ".dotm", ".potm", ".ppsm", ".xlam"}
_PROGRAMS = {".exe", ".msi", ".bat", ".cmd", ".com", ".scr", ".js", ".vbs", ".ps1", ".jar", ".sh", ".dll", ".apk"}
_ZIPS = {".zip", ".h5p", ".docx", ".pptx", ".xlsx"}
_HEADS = {
    ".pdf": (b"%PDF-",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".webp": (b"RIFF",),
    ".gif": (b"GIF8",),
    **dict.fromkeys(_ZIPS, (b"PK\x03\x04",)),
}
_INSIDE = {".docx": "word/document.xml", ".pptx": "ppt/presentation.xml", ".xlsx": "xl/workbook.xml"}
_SCRIPT = re.compile(rb"<script|javascript:|<[a-z][^>]{0,300}\son[a-z]+\s*=|<iframe|<object|<embed", re.IGNORECASE)
_END = b"PK\x05\x06"
_TAIL = 70_000


@dataclass(frozen=True)
class Dropped:
    """A file that somebody dropped: where it lay in their folder, and where its bytes lie now."""

    path: str
    file: Path


class Refused(Exception):
    """Something that may not come in. `code` is stable; `message` names the entry, the cause and the way out."""

    def __init__(self, code: str, entry: str, cause: str) -> None:
        shown = _shown(entry)
        super().__init__(code)
        self.code, self.entry, self.message = code, shown, f"«{shown}»: {cause}"


def is_litter(path: str) -> bool:
    """Whether a file is what systems leave behind, which is nobody's content."""
    return any(_LITTER.fullmatch(part) and part not in (".", "..") for part in path.split("/"))


def unpack(archive: Path, name: str, into: Path) -> list[Dropped]:
    """Open a ZIP into a folder and return its files. Raises Refused; what was written is then the caller's to delete."""
    _check_size(name, archive.stat().st_size, LARGEST_UPLOAD)
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = _entries(opened, name, archive.stat().st_size)
            return [_extract(opened, entry, path, into, number) for number, (entry, path) in enumerate(entries)]
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise Refused("damaged_zip", name, "el ZIP está incompleto o dañado. Comprime la carpeta otra vez.") from error


def _entries(opened: zipfile.ZipFile, name: str, size: int) -> list[tuple[zipfile.ZipInfo, str]]:
    infos = opened.infolist()
    if not infos:
        raise Refused("empty_zip", name, "el ZIP está vacío. Comprime la carpeta otra vez.")
    if len(infos) > MOST_FILES * 2:
        raise Refused("too_many_files", name, f"trae {len(infos)} entradas y el máximo son {MOST_FILES} archivos.")
    declared = sum(info.file_size for info in infos)
    if declared > MAX_UNPACKED:
        raise Refused("too_big_unpacked", name, f"descomprimido pasa de {MAX_UNPACKED // MEGABYTE} MB. Divídelo.")
    found: list[tuple[zipfile.ZipInfo, str]] = []
    for info in infos:
        path = check_path(info.orig_filename)
        if info.flag_bits & 0x1:
            raise Refused("encrypted", info.filename, "tiene contraseña. Comprime la carpeta sin contraseña.")
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise Refused(
                "link", info.filename, "es un enlace o un dispositivo, no un archivo. Copia el archivo mismo."
            )
        if info.compress_type not in _METHODS:
            raise Refused("unknown_method", info.filename, "está comprimido con un método raro. Usa un ZIP común.")
        if info.file_size > MEGABYTE and info.file_size > MAX_RATIO * max(1, info.compress_size):
            raise Refused("bomb", info.filename, "crece más de 100 veces al descomprimirse; no se abre por seguridad.")
        if not info.is_dir():
            found.append((info, path))
    check_together([path for _, path in found])
    return [(info, path) for info, path in found if not is_litter(path)]


def _extract(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str, into: Path, number: int) -> Dropped:
    """Write one entry under a name of ours, counting its bytes; the module reads no more than the entry says it has."""
    target = into / f"{number:04d}"
    written = 0
    with opened.open(entry) as source, target.open("wb") as file:
        while chunk := source.read(MEGABYTE):
            written += len(chunk)
            _check_size(path, written, largest_of(path))
            file.write(chunk)
    return Dropped(path, target)


def check_path(path: str) -> str:
    """Return a path with plain separators and composed letters. Raises Refused for one that no folder of files has."""
    steps = path.rstrip("/").split("/")
    if (
        path.startswith(("/", "\\")) or "\\" in path or ":" in path or ".." in steps or "" in steps or "." in steps
        or any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") for letter in path)
        or any(_RESERVED.fullmatch(step) or step != step.rstrip(" .") for step in steps)
    ):  # fmt: skip
        raise Refused("bad_path", path, "ese nombre no es de un archivo dentro de una carpeta. Cámbialo.")
    if len(path.encode("utf-8", "replace")) > MAX_NAME:
        raise Refused("long_path", path, f"el nombre pasa de {MAX_NAME} bytes. Acórtalo.")
    if len(steps) > MAX_DEPTH:
        raise Refused("deep_path", path, f"está dentro de más de {MAX_DEPTH} carpetas. Súbelo de nivel.")
    return unicodedata.normalize("NFC", "/".join(steps))


def check_together(paths: list[str]) -> None:
    """Refuse two files that some systems take for one, a file that is a folder too, and too many. Raises Refused."""
    if len(paths) > MOST_FILES:
        raise Refused("too_many_files", paths[-1], f"son {len(paths)} archivos y el máximo es {MOST_FILES}.")
    seen: dict[str, str] = {}
    folders = {parent.casefold() for path in paths for parent in map(str, PurePosixPath(path).parents)}
    for path in paths:
        key = unicodedata.normalize("NFC", path).casefold()
        if key in seen:
            raise Refused("duplicate", path, f"tiene el mismo nombre que «{_shown(seen[key])}». Cambia uno de los dos.")
        if key in folders:
            raise Refused("file_and_folder", path, "es archivo y carpeta a la vez. Cambia uno de los dos nombres.")
        seen[key] = path


def largest_of(path: str) -> int:
    """How many bytes a file may have when it is dropped, by its name."""
    return LARGEST.get(PurePosixPath(path).suffix.lower(), LARGEST_OTHER)


def examine(dropped: Iterable[Dropped]) -> None:
    """Look at every file from outside. Raises Refused for the first that may not come in."""
    files = list(dropped)
    if not files:
        raise Refused("nothing", "carpeta", "no trae ningún archivo. Elige la carpeta de tu curso.")
    check_together([one.path for one in files])
    total = 0
    for one in files:
        check_path(one.path)
        size = one.file.stat().st_size
        total += size
        _check_size(one.path, size, largest_of(one.path))
        if total > MAX_UNPACKED:
            raise Refused("too_big", one.path, f"con él la carpeta pasa de {MAX_UNPACKED // MEGABYTE} MB. Divídela.")
        _examine_one(one, size)


def _check_size(entry: str, size: int, most: int) -> None:
    if size == 0:
        raise Refused("empty", entry, "está vacío. Guárdalo de nuevo o quítalo de la carpeta.")
    if size > most:
        raise Refused(
            "too_big", entry, f"mide {size / MEGABYTE:.1f} MB y el máximo es de {most // MEGABYTE} MB. Redúcelo."
        )


def _examine_one(one: Dropped, size: int) -> None:
    suffix = PurePosixPath(one.path).suffix.lower()
    with one.file.open("rb") as file:
        head = file.read(4096)
        file.seek(max(0, size - _TAIL))
        tail = file.read()
    if suffix in _MACROS:
        raise Refused("macros", one.path, "lleva macros. Guárdalo sin macros (.docx, .pptx o .xlsx).")
    if suffix in _PROGRAMS or head.startswith((b"MZ", b"\x7fELF", b"#!")):
        raise Refused("program", one.path, "es un programa. Quítalo de la carpeta.")
    if suffix in _HEADS and not head.startswith(_HEADS[suffix]):
        raise Refused("wrong_extension", one.path, f"por dentro no es «{suffix}». Guárdalo de nuevo en ese formato.")
    if (suffix == ".webp" and head[8:12] != b"WEBP") or (suffix == ".mp4" and head[4:8] != b"ftyp"):
        raise Refused("wrong_extension", one.path, f"por dentro no es «{suffix}». Guárdalo de nuevo en ese formato.")
    if suffix == ".vtt" and not head.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT"):
        raise Refused(
            "wrong_extension", one.path, "no empieza con WEBVTT, así que no son subtítulos. Expórtalos de nuevo."
        )
    if suffix == ".svg":
        _examine_svg(one)
    elif suffix in (".html", ".htm", ".xhtml") and _SCRIPT.search(one.file.read_bytes()):
        raise Refused("active_html", one.path, "es una página con código. Guarda su texto en Markdown o en .docx.")
    elif suffix in _INSIDE:
        _examine_office(one, suffix)
    elif suffix in (".pdf", ".png", ".jpg", ".jpeg", ".webp", ".gif", ".mp4"):
        _examine_ends(one, suffix, head, tail)


def _examine_svg(one: Dropped) -> None:
    report = Report(one.path)
    check_svg(one.file.read_bytes(), report)
    problems = report.in_order()
    if problems:
        code = "active_svg" if problems[0].code == "unsafe_svg" else problems[0].code
        raise Refused(code, one.path, problems[0].message)


def _examine_ends(one: Dropped, suffix: str, head: bytes, tail: bytes) -> None:
    """A file that is of two kinds at once shows it at its ends."""
    two = _END in tail or (suffix != ".pdf" and b"%PDF-" in head)
    if suffix == ".png":
        two = two or b"IEND\xaeB`\x82" not in tail[-4096:] or not tail.rstrip(b"\0").endswith(b"IEND\xaeB`\x82")
    elif suffix in (".jpg", ".jpeg"):
        two = two or _SCRIPT.search(tail[tail.rfind(b"\xff\xd9") :]) is not None
    if two:
        raise Refused("two_kinds", one.path, f"es «{suffix}» y otra cosa a la vez, o está cortado. Expórtalo de nuevo.")


def _examine_office(one: Dropped, suffix: str) -> None:
    try:
        with zipfile.ZipFile(one.file) as opened:
            infos = opened.infolist()
            names = {info.filename.lower() for info in infos}
            if any(info.flag_bits & 0x1 for info in infos):
                raise Refused("encrypted", one.path, "tiene contraseña. Quítala y guárdalo de nuevo.")
            for info in infos:
                check_path(info.orig_filename)
                if info.file_size > MEGABYTE and info.file_size > MAX_RATIO * max(1, info.compress_size):
                    raise Refused(
                        "bomb", one.path, f"su parte «{_shown(info.filename)}» crece más de 100 veces; no se abre."
                    )
            if sum(info.file_size for info in infos) > MAX_UNPACKED or len(infos) > MOST_FILES * 5:
                raise Refused("too_big_unpacked", one.path, "por dentro es enorme; no se abre por seguridad. Divídelo.")
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Refused("damaged", one.path, "está incompleto o dañado. Ábrelo y guárdalo otra vez.") from error
    if _INSIDE[suffix] not in names:
        raise Refused("wrong_extension", one.path, f"por dentro no es «{suffix}». Guárdalo de nuevo en ese formato.")
    if any(name.endswith("vbaproject.bin") for name in names):
        raise Refused("macros", one.path, "lleva macros. Guárdalo sin macros.")


def _shown(entry: str) -> str:
    """A name as a page may show it: what cannot be seen is told by its number."""
    shown = "".join(
        letter if unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Zl", "Zp") else f"\\u{ord(letter):04x}"
        for letter in entry
    )
    return shown if len(shown) <= 120 else shown[:117] + "…"
