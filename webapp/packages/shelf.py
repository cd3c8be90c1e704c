"""Packages unpacked: one folder for the bytes of each archive, written once and never changed.

The folders are made from the storage whenever they are missing, so that no backup has to hold them.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from webapp.core.storage import Storage
from webapp.coursepack.archives import unpack
from webapp.coursepack.interactive import LIMITS

FOLDER = "packages"  # in the data folder
_KEY = re.compile(r"[0-9a-f]{64}")


class Shelf:
    """The unpacked packages of an installation, by the SHA-256 of their archives."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def of(cls, data_dir: Path) -> Shelf:
        """The shelf of the installation whose data lies there."""
        return cls(data_dir / FOLDER)

    def find(self, key: str) -> Path | None:
        """The folder of a package, None while it is not unpacked."""
        folder = self._folder / key
        return folder if _KEY.fullmatch(key) and folder.is_dir() else None

    def unpacked(self, key: str, storage: Storage) -> Path:
        """The folder of a package, unpacked now if it is not yet. Raises FileNotFoundError and Unreadable.

        Real bytes are counted while they are written beside it, and the folder appears whole or not at all.
        """
        found = self.find(key)
        if found is not None:
            return found
        archive = storage.path(key)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        draft = Path(tempfile.mkdtemp(dir=self._folder, prefix=".draft-"))
        try:
            unpack(archive, draft, LIMITS)
            draft.chmod(0o750)
            with suppress(OSError):  # another process was quicker: its folder is the same
                draft.rename(self._folder / key)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        found = self.find(key)
        if found is None:
            raise FileNotFoundError(key)
        return found
