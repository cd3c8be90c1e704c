"""What was dropped and is not yet a draft: each drop in a folder of its own, under a random name, for a day at most.

No part of the storage or the database: what is refused leaves nothing. A folder holds the files under numbers, who
dropped them, and, once they were read, the proposal or the refusal.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Literal

from webapp.coursepack.intake import Dropped, Proposal, Refused, Remark, examine, propose, unpack
from webapp.coursepack.intake.guard import is_litter
from webapp.coursepack.intake.proposal import is_package
from webapp.coursepack.model import Norm

LIFE = timedelta(days=1)
MOST_KEPT = 60
WAITED_FOR_BYTES, WAITED_FOR_DOCUMENTS = 20 * 1024 * 1024, 4  # above either, it is read in the background
_NAME = re.compile(r"[A-Za-z0-9_-]{22}")
_ABOUT, _PROPOSAL, _REFUSED, _DONE = "about.json", "proposal.json", "refused.json", "done.json"
_DOCUMENTS = (".pdf", ".pptx", ".docx", ".xlsx")

State = Literal["waiting", "proposed", "refused", "done"]


class TooManyDrops(Exception):
    """As many drops as there is room for are being read."""


@dataclass(frozen=True)
class About:
    """Who dropped what: `draft` is the public id of the draft that it is for, "" for a new one."""

    person_id: int
    draft: str
    shown_name: str
    received_at: str
    author: str
    files: list[list[str]] = field(default_factory=list)  # path, name on disk


class Drop:
    """One drop."""

    def __init__(self, folder: Path, about: About) -> None:
        self.folder, self.about = folder, about

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def state(self) -> State:
        for file, state in ((_DONE, "done"), (_REFUSED, "refused"), (_PROPOSAL, "proposed")):
            if (self.folder / file).exists():
                return state  # type: ignore[return-value]
        return "waiting"

    @property
    def dropped(self) -> list[Dropped]:
        return [Dropped(path, self.folder / name) for path, name in self.about.files]

    def is_short(self) -> bool:
        """Whether it is read while one waits."""
        size = sum(one.file.stat().st_size for one in self.dropped)
        documents = sum(one.path.lower().endswith(_DOCUMENTS) for one in self.dropped)
        return size <= WAITED_FOR_BYTES and documents <= WAITED_FOR_DOCUMENTS

    def read(self, norms: dict[str, Norm], today: date) -> None:
        """Make the proposal and keep it here. Raises Refused."""
        proposal = propose(self.dropped, norms, today, self.about.author, self.about.shown_name)
        files = {}
        for number, (path, content) in enumerate(proposal.files.items()):
            if isinstance(content, bytes):
                content_file = self.folder / f"p{number:04d}"
                content_file.write_bytes(content)
            else:
                content_file = content
            files[path] = content_file.name
        kept = {"slug": proposal.slug, "title": proposal.title, "files": files,
                "remarks": [asdict(remark) for remark in proposal.remarks]}  # fmt: skip
        self._write(_PROPOSAL, kept)

    @property
    def proposal(self) -> Proposal:
        kept = json.loads((self.folder / _PROPOSAL).read_text(encoding="utf-8"))
        files: dict[str, bytes | Path] = {path: self.folder / name for path, name in kept["files"].items()}
        return Proposal(kept["slug"], kept["title"], files, [Remark(**remark) for remark in kept["remarks"]])

    @property
    def digests(self) -> dict[str, str]:
        """The key that each file of the proposal would have in the storage."""
        found = {}
        for path, content in self.proposal.files.items():
            with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as file:
                found[path] = hashlib.file_digest(file, "sha256").hexdigest()
        return found

    def refuse(self, refusal: Refused) -> None:
        """Keep why it was refused, and nothing else of it."""
        for entry in self.folder.iterdir():
            if entry.name != _ABOUT:
                entry.unlink()
        self._write(_REFUSED, {"code": refusal.code, "message": refusal.message})

    @property
    def refusal(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.folder / _REFUSED).read_text(encoding="utf-8"))
        return found

    def finish(self, draft: str) -> None:
        """Keep only which draft it became."""
        self._write(_DONE, {"draft": draft})
        for entry in self.folder.iterdir():
            if entry.name not in (_ABOUT, _DONE):
                entry.unlink()

    @property
    def became(self) -> str:
        """The public id of the draft that it became."""
        return str(json.loads((self.folder / _DONE).read_text(encoding="utf-8"))["draft"])

    def delete(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, name: str, value: dict[str, Any]) -> None:
        half = self.folder / f"{name}.half"
        half.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
        half.rename(self.folder / name)


class Inbox:
    """Where the drops of an installation lie."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "estudio"

    def keep(
        self, files: Sequence[tuple[str, IO[bytes]]], person_id: int, author: str, draft: str, now: datetime
    ) -> Drop:
        """Keep what was dropped, unpacked and examined. Raises Refused or TooManyDrops; then nothing is kept."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.sweep(now)
        if sum(1 for _ in self._folder.iterdir()) >= MOST_KEPT:
            raise TooManyDrops
        folder = self._folder / secrets.token_urlsafe(16)
        folder.mkdir(mode=0o700)
        try:
            dropped = [_keep_one(folder, number, path, stream) for number, (path, stream) in enumerate(files)]
            shown = dropped[0].path if len(dropped) == 1 else ""
            if len(dropped) == 1 and shown.lower().endswith(".zip") and not is_package(dropped[0].file):
                inside = folder / "zip"
                inside.mkdir()
                dropped = [
                    Dropped(one.path, one.file.rename(folder / f"z{one.file.name}"))
                    for one in unpack(dropped[0].file, shown, inside)
                ]
                inside.rmdir()
            dropped = [one for one in dropped if not is_litter(one.path)]
            examine(dropped)
            kept = [[one.path, one.file.name] for one in dropped]
            about = About(person_id, draft, shown, now.astimezone(UTC).isoformat(), author, kept)
            drop = Drop(folder, about)
            drop._write(_ABOUT, asdict(about))
            return drop
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def get(self, name: str, person_id: int) -> Drop | None:
        """Somebody's own drop under that name."""
        if not _NAME.fullmatch(name):
            return None
        try:
            about = About(**json.loads((self._folder / name / _ABOUT).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return Drop(self._folder / name, about) if about.person_id == person_id else None

    def sweep(self, now: datetime) -> None:
        """Delete what nobody came back for."""
        for folder in self._folder.iterdir() if self._folder.is_dir() else ():
            if now.timestamp() - folder.stat().st_mtime > LIFE.total_seconds():
                shutil.rmtree(folder, ignore_errors=True)


def _keep_one(folder: Path, number: int, path: str, stream: IO[bytes]) -> Dropped:
    target = folder / f"f{number:04d}"
    with target.open("wb") as file:
        shutil.copyfileobj(stream, file, 1024 * 1024)
    return Dropped(path, target)
