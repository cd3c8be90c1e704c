"""A ZIP from outside: measured by its index, refused by name and cause, and unpacked with its real bytes counted.

Nothing of an entry's name is cleaned: a name that could lead elsewhere refuses the whole archive. Every refusal is an
`Unreadable` with a code of `problems` and a sentence that names the entry, the cause and the way out.
"""

from __future__ import annotations

import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from webapp.formats.model import Unreadable

MEGABYTE = 1024 * 1024
MAX_RATIO = 100  # of an entry that unpacks to more than a megabyte
MAX_INDEX = 4 * MEGABYTE
MAX_NAME = 180  # bytes
MAX_DEPTH = 12
AT_ONCE = 256 * 1024
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError)

_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_HEADER = 30  # bytes of an entry's own header, before its name
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_AGAIN = "Expórtalo de nuevo desde el programa en que se hizo."


@dataclass(frozen=True)
class Limits:
    """How large an archive may be: bytes packed, bytes unpacked, entries."""

    packed: int = 300 * MEGABYTE
    unpacked: int = 1024 * MEGABYTE
    entries: int = 5_000


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]]:
    """The archive and its files by name, once the index was found harmless. Raises Unreadable."""
    size = path.stat().st_size
    if size == 0:
        raise Unreadable("archive_damaged", f"El archivo está vacío. {_AGAIN}")
    if size > limits.packed:
        raise Unreadable(
            "archive_size", f"El archivo mide {_megabytes(size)} y el máximo es {_megabytes(limits.packed)}."
        )
    _check_index_size(path, size)
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive, _check_index(archive.infolist(), size, limits)
    except BROKEN as error:
        raise Unreadable("archive_damaged", f"El archivo está incompleto, dañado o no es un ZIP. {_AGAIN}") from error


def unpack(path: Path, target: Path, limits: Limits) -> int:
    """Write every file of the archive below `target`, which is made; returns the bytes. Raises Unreadable.

    What was written before a refusal stays: the caller throws the folder away.
    """
    total = 0
    with opened(path, limits) as (archive, files):
        for name, entry in files.items():
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("xb") as file:
                for piece in pieces(archive, entry, limits.unpacked - total):
                    total += file.write(piece)
    return total


def measure(archive: zipfile.ZipFile, files: dict[str, zipfile.ZipInfo], limits: Limits) -> int:
    """Unpack into nothing, so that an archive that lies about its sizes is found before anything is kept."""
    total = 0
    for entry in files.values():
        for piece in pieces(archive, entry, limits.unpacked - total):
            total += len(piece)
    return total


def pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> Iterator[bytes]:
    """The real bytes of an entry. Raises Unreadable where they are not as many as declared, or more than are `left`."""
    count = 0
    try:
        with archive.open(entry) as file:
            while piece := file.read(AT_ONCE):
                count += len(piece)
                if count > left:
                    break
                yield piece
    except BROKEN as error:
        raise _refused("archive_damaged", entry, "está dañado o mide otra cosa de lo que declara", _AGAIN) from error
    if count > left:
        raise _refused("archive_unpacked", entry, "pasa del máximo que se desempaca", "Reduce videos e imágenes.")
    if count != entry.file_size:
        raise _refused("archive_damaged", entry, "mide otra cosa de lo que declara", _AGAIN)


def _check_index_size(path: Path, size: int) -> None:
    """Measure the index by its own word, because reading a huge one is already too much."""
    with path.open("rb") as file:
        file.seek(max(0, size - 65_557))
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        raise Unreadable("archive_damaged", f"El archivo está incompleto o no es un ZIP. {_AGAIN}")
    if int.from_bytes(tail[end + 12 : end + 16], "little") > MAX_INDEX:
        raise Unreadable("archive_entries", f"El índice del archivo es demasiado largo. {_AGAIN}")


def _check_index(entries: list[zipfile.ZipInfo], size: int, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    if len(entries) > limits.entries:
        message = f"El archivo trae {len(entries)} archivos y el máximo es {limits.entries}. Quita lo que no se use."
        raise Unreadable("archive_entries", message)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked:
        most = _megabytes(limits.unpacked)
        message = f"Desempacado mediría {_megabytes(unpacked)} y el máximo es {most}. Reduce videos e imágenes."
        raise Unreadable("archive_unpacked", message)
    for entry in entries:
        _check_entry(entry)
    _check_overlaps(entries, size)
    return _check_clashes(entries)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    fault = _fault_of_name(entry.orig_filename)
    if fault:
        raise _refused("archive_name", entry, f"tiene un nombre que {fault}", "Cámbialo y exporta de nuevo.")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or (kind == stat.S_IFDIR) > entry.is_dir():
        raise _refused("archive_link", entry, "es un enlace o un dispositivo, no un archivo", "Cópialo como archivo.")
    if entry.flag_bits & _ENCRYPTED:
        raise _refused("archive_encrypted", entry, "está cifrado con contraseña", "Expórtalo sin contraseña.")
    if entry.compress_type not in _METHODS:
        raise _refused(
            "archive_method", entry, "está comprimido de una forma que no se lee", "Usa ZIP normal (Deflate)."
        )
    if entry.file_size > MEGABYTE and entry.file_size > MAX_RATIO * entry.compress_size:
        ratio = entry.file_size // max(1, entry.compress_size)
        raise _refused("archive_ratio", entry, f"está comprimido {ratio} veces; se admiten {MAX_RATIO}", _AGAIN)


def _fault_of_name(name: str) -> str:
    """What is wrong with the name of an entry, "" when nothing is."""
    steps = name.removesuffix("/").split("/")
    if name.startswith("/"):
        return "empieza con «/»"
    if any(letter in name for letter in "\\:"):
        return "lleva «\\» o «:»"
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs") for letter in name):
        return "lleva caracteres invisibles"
    if any(step in ("", ".", "..") for step in steps):
        return "lleva pasos vacíos o «..»"
    if any(step != step.rstrip(". ") or _RESERVED.fullmatch(step) for step in steps):
        return "Windows reserva"
    if len(name.encode()) > MAX_NAME:
        return f"pasa de {MAX_NAME} bytes"
    return f"pasa de {MAX_DEPTH} carpetas" if len(steps) > MAX_DEPTH else ""


def _check_overlaps(entries: list[zipfile.ZipInfo], size: int) -> None:
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise _refused("archive_damaged", entry, "está encimado con otro dentro del ZIP", _AGAIN)
        end = entry.header_offset + _HEADER + entry.compress_size
    if end > size:
        raise Unreadable("archive_damaged", f"El índice declara más de lo que el archivo trae. {_AGAIN}")


def _check_clashes(entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    files: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    for entry in entries:
        plain = _plain(entry.filename)
        if plain in seen:
            raise _refused("archive_repeated", entry, "está repetido (sin contar mayúsculas)", "Deja solo uno.")
        seen.add(plain)
        if not entry.is_dir():
            files[entry.filename] = entry
    taken = {_plain(name) for name in files}
    for entry in entries:
        steps = _plain(entry.filename).split("/")
        if any("/".join(steps[:depth]) in taken for depth in range(1, len(steps))):
            raise _refused("archive_repeated", entry, "está en una carpeta que también es un archivo", "Renombra uno.")
    return files


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().removesuffix("/")


def _refused(code: str, entry: zipfile.ZipInfo, cause: str, way_out: str) -> Unreadable:
    shown = "".join(letter if letter.isprintable() else "�" for letter in entry.orig_filename)
    return Unreadable(code, f"Dentro del archivo, «{shown[:120]}» {cause}. {way_out}")


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:,.0f} MB"
