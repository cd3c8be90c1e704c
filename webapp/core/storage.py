"""Files that the platform keeps, under names of its own making, on local disk or any store that obstore speaks."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, current_app

if TYPE_CHECKING:
    from obstore.store import LocalStore


class Storage:
    """Content-addressed files: the key of a file is the SHA-256 of its bytes, so a file never changes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def folder(self) -> Path:
        return self._folder

    def put(self, content: bytes) -> str:
        """Keep `content` and return its key (64 hex digits). Keeping the same bytes twice keeps them once."""
        key = hashlib.sha256(content).hexdigest()
        store = self._store()
        if not (self._folder / self._path(key)).exists():
            store.put(self._path(key), content)
        return key

    def put_file(self, path: Path) -> str:
        """Keep the bytes of a file, a piece at a time: for what may be too large to be held."""
        with path.open("rb") as file:
            key = hashlib.file_digest(file, "sha256").hexdigest()
        if not (self._folder / self._path(key)).exists():
            self._store().put(self._path(key), path)
        return key

    def get(self, key: str) -> bytes:
        """The bytes under `key`. Raises FileNotFoundError when there are none."""
        return bytes(self._store().get(self._path(key)).bytes())

    def path(self, key: str) -> Path:
        """Where the file lies, for a server that sends it by itself."""
        return self._folder / self._path(key)

    def keys(self) -> set[str]:
        """All keys that are kept."""
        return {path.name for path in self._folder.glob("*/*") if path.is_file()}

    @staticmethod
    def _path(key: str) -> str:
        if len(key) != 64 or not all(c in "0123456789abcdef" for c in key):
            raise FileNotFoundError(key)
        return f"{key[:2]}/{key}"

    def _store(self) -> LocalStore:
        from obstore.store import LocalStore  # 8 MB that a page without files need not load

        return LocalStore(prefix=self._folder, mkdir=True)


def init_app(app: Flask) -> None:
    app.extensions["storage"] = Storage(Path(app.config["DATA_DIR"]) / "files")


def storage() -> Storage:
    """The storage of the running application."""
    found: Storage = current_app.extensions["storage"]
    return found
