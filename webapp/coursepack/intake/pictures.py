"""Pictures of a drop without what they tell of cameras, places and people."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from webapp.coursepack import inside
from webapp.coursepack.intake.guard import Refused
from webapp.formats.guard import run_limited
from webapp.formats.model import Unreadable

SECONDS, MEMORY_MB = 120, 700
_RASTER = {".png", ".jpg", ".jpeg", ".webp"}


def cleaned(files: Mapping[str, bytes | Path], called: Mapping[str, str]) -> dict[str, bytes | Path]:
    """The pictures of `files` that told more than they show, written anew beside where they lie.

    A picture that tells nothing is left as it is, byte for byte, so that a course taken out and put in again stays
    the same. `called` says under which name each was dropped. Raises Refused for a picture that cannot be read.
    """
    pictures = [path for path in files if PurePosixPath(path).suffix.lower() in _RASTER]
    if not pictures:
        return {}
    with TemporaryDirectory() as folder:
        pairs = [_pair(files[path], Path(folder) / str(number)) for number, path in enumerate(pictures)]
        try:
            told = run_limited(
                inside.clean_telling, [(str(a), str(b)) for a, b in pairs], seconds=SECONDS, memory_mb=MEMORY_MB
            )
        except Unreadable as error:
            message = "las imágenes piden más memoria o tiempo del que se da. Redúcelas."
            raise Refused(error.code, called.get(pictures[0], pictures[0]), message) from error
        found: dict[str, bytes | Path] = {}
        for path, (_, target), word in zip(pictures, pairs, told, strict=True):
            if isinstance(word, tuple):
                code, cause = word
                raise Refused(code, called.get(path, path), cause)
            if word:
                found[path] = target.read_bytes() if isinstance(files[path], bytes) else target
        return found


def _pair(content: bytes | Path, place: Path) -> tuple[Path, Path]:
    """Where a picture lies, and where its cleaned copy goes."""
    if isinstance(content, Path):
        return content, content.with_name(f"{content.name}.clean")
    place.write_bytes(content)
    return place, place.with_suffix(".clean")
