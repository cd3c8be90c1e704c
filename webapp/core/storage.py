"""Files that the platform keeps, under names of its own making: on the disk of the machine, or in an S3 bucket.

A file is named by the SHA-256 of its bytes, so it never changes and is kept once however often it comes.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from urllib.parse import urlsplit

from flask import Flask, current_app

if TYPE_CHECKING:
    from obstore.store import S3Store

CHUNK = 1024 * 1024
PROBE = "aula-norte-can-write-here"  # what a bucket is asked to keep before the platform starts


class StorageError(Exception):
    """A place for files that cannot be used; the message says which, why and what to set."""


class Storage(ABC):
    """Content-addressed files: the key of a file is the SHA-256 of its bytes (64 hex digits)."""

    def put(self, content: bytes) -> str:
        """Keep `content` and return its key. Keeping the same bytes twice keeps them once."""
        key = hashlib.sha256(content).hexdigest()
        if not self.has(key):
            self._keep(key, content)
        return key

    def put_file(self, path: Path) -> str:
        """Keep the bytes of a file, which is read piece by piece, and return their key. The file itself stays."""
        with path.open("rb") as file:
            key = hashlib.file_digest(file, "sha256").hexdigest()
            if not self.has(key):
                file.seek(0)
                self._keep(key, file)
        return key

    def get(self, key: str) -> bytes:
        """The bytes under `key`. Raises FileNotFoundError when there are none."""
        return b"".join(self.stream(key))

    def has(self, key: str) -> bool:
        """Whether there is a file under `key`."""
        try:
            self.size(key)
        except FileNotFoundError:
            return False
        return True

    @abstractmethod
    def size(self, key: str) -> int:
        """How many bytes lie under `key`. Raises FileNotFoundError."""

    @abstractmethod
    def stream(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """`length` bytes from `start` (to the end without it), in pieces. FileNotFoundError comes with the first piece."""

    @abstractmethod
    def path(self, key: str) -> Path:
        """A file of this machine with those bytes, for what can only read files. It must not be written to."""

    @abstractmethod
    def keys(self) -> set[str]:
        """All keys that are kept."""

    @abstractmethod
    def check(self) -> None:
        """Raises StorageError when files cannot be kept there."""

    @abstractmethod
    def _keep(self, key: str, content: bytes | BinaryIO) -> None:
        """Write what is not there yet, so that it is there whole or not at all."""


def _place(key: str) -> str:
    """Where a key lies, below the folder or the prefix of the store."""
    if len(key) != 64 or not all(c in "0123456789abcdef" for c in key):
        raise FileNotFoundError(key)
    return f"{key[:2]}/{key}"


# --- the disk of the machine ------------------------------------------------------------------------------------


class DiskStorage(Storage):
    """Plain files in one folder. They are on the disk, and not only on their way to it, when `put` returns.

    obstore could write them too, but does not wait for the disk: a row that names a file must outlive a power cut.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def size(self, key: str) -> int:
        return self.path(key).stat().st_size

    def stream(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        with self.path(key).open("rb") as file:
            file.seek(start)
            left = length
            while left is None or left > 0:
                piece = file.read(CHUNK if left is None else min(CHUNK, left))
                if not piece:
                    return
                left = None if left is None else left - len(piece)
                yield piece

    def path(self, key: str) -> Path:
        return self._folder / _place(key)

    def keys(self) -> set[str]:
        return {path.name for path in self._folder.glob("*/*") if path.is_file() and "#" not in path.name}

    def check(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{self._folder} cannot be written: {error.strerror}. Set AULA_DATA_DIR.") from error

    def _keep(self, key: str, content: bytes | BinaryIO) -> None:
        target = self.path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f"{key}#{secrets.token_hex(4)}")  # `#`: a backup leaves it out
        try:
            with draft.open("xb") as file:
                if isinstance(content, bytes):
                    file.write(content)
                else:
                    shutil.copyfileobj(content, file, CHUNK)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Put the name of a new file on the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- S3 ---------------------------------------------------------------------------------------------------------


class BucketStorage(Storage):
    """Objects of an S3 bucket, or of anything that speaks S3, under a prefix. `copies` holds what was asked as a file."""

    def __init__(self, url: str, options: Mapping[str, Any], copies: Path) -> None:
        self.url = url
        self._options = options
        self._copies = DiskStorage(copies)
        self._lock = threading.Lock()

    @cached_property
    def _store(self) -> S3Store:
        # Only now: its threads must not be carried into processes that are forked, and it weighs 8 MB.
        from obstore.store import S3Store

        parts = urlsplit(self.url)
        return S3Store(parts.hostname or "", prefix=parts.path.strip("/") or None, **self._options)

    def size(self, key: str) -> int:
        return int(self._store.head(_place(key))["size"])

    def stream(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        end = self.size(key) if length is None else start + length
        while start < end:
            piece = bytes(self._store.get_range(_place(key), start=start, end=min(end, start + CHUNK)))
            if not piece:
                return
            start += len(piece)
            yield piece

    def get(self, key: str) -> bytes:
        return bytes(self._store.get(_place(key)).bytes())

    def path(self, key: str) -> Path:
        """A copy on this machine. Its bytes can never be others, so it may be deleted at any time and is made again."""
        found = self._copies.path(key)
        with self._lock:
            if not found.exists():
                self._copies.put(self.get(key))
        return found

    def keys(self) -> set[str]:
        listed = (item["path"].rpartition("/")[2] for page in self._store.list() for item in page)
        return {name for name in listed if name != PROBE}

    def check(self) -> None:
        from obstore.exceptions import BaseError

        try:
            self._store.put(PROBE, b"")
        except (BaseError, OSError, ValueError) as error:
            reason = " ".join(str(error).split())[:300]
            raise StorageError(
                f"STORAGE_URL is {self.url}, and no file can be kept there: {reason}. "
                "Check the bucket, STORAGE_ENDPOINT, STORAGE_REGION and the two keys."
            ) from error

    def _keep(self, key: str, content: bytes | BinaryIO) -> None:
        self._store.put(_place(key), cast("Any", content))


# --- of the application -----------------------------------------------------------------------------------------


def init_app(app: Flask) -> None:
    folder, url = Path(app.config["DATA_DIR"]), app.config["STORAGE_URL"]
    app.extensions["storage"] = (
        BucketStorage(url, app.config["STORAGE_OPTIONS"], folder / "file-copies")
        if url
        else DiskStorage(folder / "files")
    )


def storage() -> Storage:
    """The storage of the running application."""
    found: Storage = current_app.extensions["storage"]
    return found
