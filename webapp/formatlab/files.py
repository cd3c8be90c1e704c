"""The files of the public laboratory: each in a folder of its own, under a random name, for fifteen minutes at most.

They are no part of the storage, of the database or of a backup. A folder holds the workbook as it came and what the
check found in it; deleting the folder deletes all of it.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Literal

from webapp.formats.examine import REPORT_FILE

LIFE = timedelta(minutes=15)
MARGIN = timedelta(minutes=1)  # the job that deletes is due this much earlier, so that a busy worker is not late
MOST_KEPT = 200  # files at once
LARGEST = 25 * 1024 * 1024
ABOUT_FILE, REFUSAL_FILE = "about.json", "refused.json"
_NAME = re.compile(r"[A-Za-z0-9_-]{22}")

State = Literal["waiting", "done", "refused"]


class TooManyFiles(Exception):
    """As many files as there is room for are being looked at."""


@dataclass(frozen=True)
class About:
    """What is known about a file besides what is in it. `state_iso` is "" when nobody told."""

    shown_name: str
    state_iso: str
    received_at: str  # ISO, UTC
    suffix: str

    @property
    def gone_at(self) -> datetime:
        """When nothing of the file is shown any more."""
        return datetime.fromisoformat(self.received_at) + LIFE


@dataclass(frozen=True)
class Refusal:
    """Why a file could not be checked: stable code and a sentence in Spanish."""

    code: str
    message: str


@dataclass(frozen=True)
class LabFile:
    """A folder of the laboratory."""

    name: str
    folder: Path
    about: About

    @property
    def source(self) -> Path:
        """The workbook as it came."""
        return self.folder / f"libro{self.about.suffix}"

    @property
    def state(self) -> State:
        """Whether it was checked."""
        if (self.folder / REPORT_FILE).exists():
            return "done"
        return "refused" if (self.folder / REFUSAL_FILE).exists() else "waiting"

    @property
    def refusal(self) -> Refusal:
        """Why it was refused. Raises FileNotFoundError when it was not."""
        return Refusal(**json.loads((self.folder / REFUSAL_FILE).read_text(encoding="utf-8")))

    def refuse(self, refusal: Refusal) -> None:
        """Keep why it was refused, and no longer the workbook itself."""
        (self.folder / REFUSAL_FILE).write_text(json.dumps(asdict(refusal), ensure_ascii=False), encoding="utf-8")
        self.source.unlink(missing_ok=True)

    def delete(self) -> None:
        """Delete the workbook and everything that was found in it."""
        shutil.rmtree(self.folder, ignore_errors=True)


class Shelf:
    """Where the files lie while they live."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def of(cls, data_dir: Path) -> Shelf:
        """The shelf of an installation."""
        return cls(data_dir / "laboratorio")

    def keep(self, content: IO[bytes], shown_name: str, state_iso: str, now: datetime) -> LabFile:
        """Keep an uploaded file under a new random name. Sweeps first. Raises TooManyFiles."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.sweep(now)
        if sum(1 for _ in self._folders()) >= MOST_KEPT:
            raise TooManyFiles
        name = secrets.token_urlsafe(16)
        suffix = Path(shown_name).suffix.lower()
        about = About(
            shown_name, state_iso, now.astimezone(UTC).isoformat(), suffix if suffix in (".xlsx", ".xls") else ""
        )
        found = LabFile(name, self._folder / name, about)
        found.folder.mkdir(mode=0o700)
        try:
            (found.folder / ABOUT_FILE).write_text(json.dumps(asdict(about), ensure_ascii=False), encoding="utf-8")
            with found.source.open("wb") as target:
                shutil.copyfileobj(content, target, 1024 * 1024)
        except BaseException:
            found.delete()
            raise
        return found

    def get(self, name: str, now: datetime) -> LabFile | None:
        """The file under that name while its time lasts; None afterwards, whether or not it was deleted by then."""
        if not _NAME.fullmatch(name):
            return None
        found = self._read(self._folder / name)
        return found if found is not None and now < found.about.gone_at else None

    def sweep(self, now: datetime) -> int:
        """Delete every file whose time is up or nearly so; returns how many there were."""
        gone = 0
        for folder in self._folders():
            found = self._read(folder)
            if found is None or found.about.gone_at - MARGIN <= now:
                if found is None and now.timestamp() - folder.stat().st_mtime < LIFE.total_seconds():
                    continue  # it is just being made
                shutil.rmtree(folder, ignore_errors=True)
                gone += 1
        return gone

    def _folders(self) -> Iterator[Path]:
        if self._folder.is_dir():
            yield from (Path(entry.path) for entry in os.scandir(self._folder) if entry.is_dir(follow_symlinks=False))

    def _read(self, folder: Path) -> LabFile | None:
        try:
            about = About(**json.loads((folder / ABOUT_FILE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return LabFile(folder.name, folder, about)
