"""A draft as the folder that it is: for the reader, the checker, the preview, the export and publishing."""

from __future__ import annotations

import shutil
import zipfile
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import SpooledTemporaryFile, TemporaryDirectory
from threading import Lock
from typing import IO

from webapp.authoring.models import Draft
from webapp.core.storage import Storage
from webapp.coursepack.checker import CheckReport, check_folder
from webapp.coursepack.model import Norm
from webapp.coursepack.norms import load_norms
from webapp.coursepack.reader import Reading, read

MOST_KEPT = 24
KEPT_IN_MEMORY = 4 * 1024 * 1024  # of an export; a longer one goes to the disk
PACKED = (".zip", ".h5p", ".mp4", ".png", ".jpg", ".jpeg", ".webp")  # no smaller when packed again
_kept: OrderedDict[tuple[str, str, int], CheckReport] = OrderedDict()
_lock = Lock()


def norms_of(courses_dir: Path) -> Mapping[str, Norm]:
    """The norms of the curriculum, read once as long as their folder does not change."""
    folder = courses_dir / "_norms"
    return _norms(folder, max((path.stat().st_mtime_ns for path in folder.glob("*.yaml")), default=0))


@lru_cache(maxsize=2)
def _norms(folder: Path, changed: int) -> Mapping[str, Norm]:
    return load_norms(folder)[0]


@contextmanager
def materialised(draft: Draft, files: Mapping[str, str], storage: Storage, courses_dir: Path) -> Iterator[Path]:
    """A folder that holds the draft, with the norms and formats of the curriculum beside it, while the block lasts."""
    with TemporaryDirectory(prefix="borrador-") as root:
        folder = Path(root) / draft.slug
        folder.mkdir()
        for name in ("_norms", "_formats"):
            (Path(root) / name).symlink_to((courses_dir / name).resolve(), target_is_directory=True)
        for path, key in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(storage.path(key), target)
        yield folder


def check(draft: Draft, files: Mapping[str, str], storage: Storage, courses_dir: Path) -> CheckReport:
    """What the checker says of a draft; the same as of a folder. Kept by version, because a version never changes."""
    name = (draft.public_id, draft.slug, draft.version)
    with _lock:
        if name in _kept:
            _kept.move_to_end(name)
            return _kept[name]
    with materialised(draft, files, storage, courses_dir) as folder:
        report = check_folder(folder, norms_of(courses_dir))
    with _lock:
        _kept[name] = report
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return report


def reading(draft: Draft, files: Mapping[str, str], storage: Storage, courses_dir: Path) -> Reading:
    """The lessons of a draft as they are read, whole or not."""
    with materialised(draft, files, storage, courses_dir) as folder:
        return read(folder, norms_of(courses_dir))


def export(draft: Draft, files: Mapping[str, str], storage: Storage) -> IO[bytes]:
    """The draft as a ZIP with one folder, which this room and `aula courses sync` take alike. Whoever sends it closes it."""
    target: IO[bytes] = SpooledTemporaryFile(max_size=KEPT_IN_MEMORY)  # noqa: SIM115
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(f"{draft.slug}/{path}", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_STORED if path.endswith(PACKED) else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.file_size = storage.size(files[path])
            with archive.open(entry, "w") as place:
                for piece in storage.stream(files[path]):
                    place.write(piece)
    target.seek(0)
    return target


@dataclass(frozen=True)
class Difference:
    """What a dropped folder would change in a draft, by path."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    same: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether anything would change."""
        return bool(self.added or self.changed or self.removed)


def difference(present: Mapping[str, str], coming: Mapping[str, str]) -> Difference:
    """Compare two sets of files by path and key."""
    both = sorted(present.keys() & coming.keys())
    return Difference(
        tuple(sorted(coming.keys() - present.keys())),
        tuple(path for path in both if present[path] != coming[path]),
        tuple(sorted(present.keys() - coming.keys())),
        tuple(path for path in both if present[path] == coming[path]),
    )
