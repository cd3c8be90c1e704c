"""From a drop to a draft: reading it, beginning a draft of it, or making an existing draft the same."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.authoring import outline, services
from webapp.authoring.drafting import norms_of
from webapp.authoring.errors import DraftError
from webapp.authoring.inbox import Drop
from webapp.authoring.lessonfile import body_of, with_body
from webapp.authoring.models import Draft
from webapp.core.scan import PIECE, Scanner, ScannerUnavailable
from webapp.core.storage import Storage
from webapp.coursepack.intake import Dropped, Proposal, Refused, Remark, propose
from webapp.coursepack.intake.names import slug_of

# What the sheet of a draft keeps when its folder is dropped again: it was written here, and no file says it.
WRITTEN_HERE = (
    "title", "short_title", "summary", "outcomes", "audience", "topic", "legal_frame", "hours", "authors", "licence",
    "issuer", "reviewed_on", "pass_mark", "attempts", "deadline_days", "validity_months", "language",
)  # fmt: skip


def read(drop: Drop, courses_dir: Path, now: datetime, scanner: Scanner | None = None) -> None:
    """Turn what was dropped into a proposal, once the scanner, where there is one, found nothing. Raises Refused."""
    if scanner is not None:
        _scan(drop, scanner)
    drop.read(dict(norms_of(courses_dir)), now.date())


def _scan(drop: Drop, scanner: Scanner) -> None:
    """Ask clamd about every file. Raises Refused."""
    for one in drop.dropped:
        with one.file.open("rb") as file:
            look_through(scanner, one.path, iter(lambda file=file: file.read(PIECE), b""))  # type: ignore[misc]


def look_through(scanner: Scanner, name: str, pieces: Iterable[bytes]) -> None:
    """Ask clamd about a file that somebody brings. Without its word nothing comes in. Raises Refused."""
    try:
        verdict = scanner.scan(pieces)
    except ScannerUnavailable as error:
        cause = _("el buscador de virus no contesta, y sin él nada entra. Inténtalo de nuevo en un rato.")
        raise Refused("scanner_down", name, cause) from error
    if not verdict.is_clean:
        cause = _("trae un virus (%(finding)s). Límpialo o déjalo fuera.", finding=verdict.finding)
        raise Refused("infected", name, cause)


def begin(session: Session, drop: Drop, actor: Person, storage: Storage, now: datetime) -> Draft:
    """Make a draft of a proposal."""
    proposal = drop.proposal
    return services.create(
        session, actor, proposal.slug, proposal.title, proposal.files, storage, now, _told(proposal.remarks)
    )


def blank(session: Session, actor: Person, title: str, storage: Storage, now: datetime) -> Draft:
    """Begin a draft that has no folder: one module with one lesson, and the sheet to be filled in."""
    with TemporaryDirectory() as folder:
        lesson = Path(folder) / "lesson.md"
        lesson.write_text(_("## Primer apartado\n\nEscribe aquí.\n"), encoding="utf-8")
        name = _("Primera lección")
        proposal = propose([Dropped(f"01 {name}.md", lesson)], {}, now.date(), actor.full_name)
        sheet = proposal.files["course.yaml"]
        values = outline.read(sheet if isinstance(sheet, bytes) else sheet.read_bytes())
        files = {**proposal.files, "course.yaml": outline.write(values | {"title": title, "short_title": title[:60]})}
        for path, content in proposal.files.items():
            if path.endswith(".md") and isinstance(content, bytes):  # what it teaches is for its author to say
                text = content.decode()
                files[path] = with_body(text, body_of(text), {"summary": ""}).encode()
        return services.create(session, actor, slug_of(title, empty="curso"), title, files, storage, now)


def apply_again(
    session: Session,
    draft: Draft,
    drop: Drop,
    version: str,
    keep: Collection[str],
    actor: Person,
    storage: Storage,
    now: datetime,
) -> None:
    """Make a draft what its folder says by now, except for the files to keep. Raises DraftError.

    `version` is the one that the difference was shown against.
    """
    if version != str(draft.version):
        raise DraftError(
            "changed_meanwhile", _("El borrador cambió mientras mirabas la diferencia. Suéltala otra vez.")
        )
    present, proposal = services.keys(session, draft), drop.proposal
    changes: dict[str, services.Content | None] = dict.fromkeys(present.keys() - proposal.files.keys())
    changes.update(proposal.files)
    changes["course.yaml"] = _sheet(present, proposal, storage)
    changes = {path: content for path, content in changes.items() if path not in keep}
    draft.remarks = _told(proposal.remarks)
    services.apply(session, draft, changes, actor, storage, now, _("Se soltó la carpeta otra vez"))


def coming(drop: Drop, present: Mapping[str, str], storage: Storage) -> dict[str, str]:
    """The key that each file of a draft would have after a drop was applied to it."""
    sheet = hashlib.sha256(_sheet(present, drop.proposal, storage)).hexdigest()
    return drop.digests | {"course.yaml": sheet}


def _sheet(present: Mapping[str, str], proposal: Proposal, storage: Storage) -> bytes:
    source = proposal.files["course.yaml"]
    if "course.yaml" not in present:
        return source if isinstance(source, bytes) else source.read_bytes()
    return merged_sheet(storage.get(present["course.yaml"]), source)


def merged_sheet(present: bytes, coming: bytes | Path) -> bytes:
    """The sheet of a dropped folder, with what was written in the studio kept."""
    source = coming if isinstance(coming, bytes) else coming.read_bytes()
    try:
        old, new = outline.read(present), outline.read(source)
    except outline.BadOutline:
        return source
    if "summary" in new:  # the folder brings a sheet of its own
        return source
    kept = {name: old[name] for name in WRITTEN_HERE if name in old}
    cover = old.get("cover")
    if isinstance(cover, dict) and isinstance(new.get("cover"), dict) and cover.get("file") == new["cover"].get("file"):
        kept["cover"] = cover
    return outline.write(new | kept)


def _told(remarks: Sequence[Remark]) -> list[dict[str, str]]:
    return [asdict(remark) for remark in remarks]
