"""The verbs on drafts. Every act writes what it did to each file, and can be undone while nobody went on from there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.authoring.errors import DraftConflict, DraftError
from webapp.authoring.models import Draft, DraftChange, DraftFile
from webapp.authoring.queries import issuers
from webapp.catalog import services as catalog
from webapp.catalog.models import Change
from webapp.catalog.policies import authority_of
from webapp.catalog.services import CatalogError, Published
from webapp.core.db import lock_for_update
from webapp.core.storage import Storage
from webapp.coursepack import model as package
from webapp.coursepack.files import DEEPEST_FOLDER, LONGEST_PATH, MEDIA_TYPES, MOST_FILES, largest_of

MOST_NOTE = 200
Content = bytes | Path  # the bytes of a file, or where they lie
_PATH = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*(?:/[a-z0-9]+(?:[-_.][a-z0-9]+)*)*")
_TEXTS = {".md": "text/markdown", ".yaml": "application/yaml"}


def create(
    session: Session,
    actor: Person,
    slug: str,
    title: str,
    files: Mapping[str, Content],
    storage: Storage,
    now: datetime,
    remarks: Sequence[Mapping[str, str]] = (),
) -> Draft:
    """Begin a draft with these files, shared with the trainers of the actor's authority."""
    draft = Draft(
        slug=slug,
        title=title[:200],
        owner_id=actor.id,
        authority_id=authority_of(session, actor, now.date()),
        remarks=[dict(remark) for remark in remarks],
        created_at=now,
        updated_at=now,
    )
    session.add(draft)
    session.flush()
    if files:
        apply(session, draft, dict(files), actor, storage, now, _("Se creó el borrador"))
    return draft


def write(
    session: Session,
    draft: Draft,
    path: str,
    content: bytes,
    actor: Person,
    storage: Storage,
    now: datetime,
    *,
    base_key: str | None,
    note: str = "",
) -> str:
    """Write one file over the version that the writer had before them; returns its new key.

    `base_key` is the key of that version, None for a new file. Raises DraftConflict when the file is another by now.
    """
    apply(session, draft, {path: content}, actor, storage, now, note, bases={path: base_key})
    return keys(session, draft)[path]


def remove(
    session: Session, draft: Draft, path: str, actor: Person, storage: Storage, now: datetime, note: str = ""
) -> None:
    """Take a file out of a draft. Its bytes stay for whoever undoes it."""
    apply(session, draft, {path: None}, actor, storage, now, note)


def rename(
    session: Session,
    draft: Draft,
    path: str,
    new_path: str,
    actor: Person,
    storage: Storage,
    now: datetime,
    note: str = "",
) -> None:
    """Give a file another path. Raises DraftError when another file has it."""
    present = keys(session, draft)
    if path not in present:
        raise DraftError("no_such_file", _("El borrador no tiene el archivo «%(path)s».", path=path))
    if new_path in present:
        raise DraftError("path_taken", _("Ya hay un archivo «%(path)s»; elige otro nombre.", path=new_path))
    content = storage.get(present[path])
    apply(session, draft, {path: None, new_path: content}, actor, storage, now, note)


def apply(
    session: Session,
    draft: Draft,
    changes: Mapping[str, Content | None],
    actor: Person,
    storage: Storage,
    now: datetime,
    note: str,
    *,
    bases: Mapping[str, str | None] | None = None,
) -> int:
    """Do one act: the files of `changes` get these bytes, or go (None). Returns the version that the act made.

    `bases` are the keys that the actor saw; a file that is another by now raises DraftConflict and nothing is done.
    Nothing is stored before all of it was found to be in order.
    """
    lock_for_update(session, draft)
    rows = {row.path: row for row in session.scalars(select(DraftFile).filter_by(draft_id=draft.id))}
    _check_bases(session, draft, {path: row.storage_key for path, row in rows.items()}, bases or {})
    for path, content in changes.items():
        _check_file(path, content)
    if len(rows.keys() | {path for path, content in changes.items() if content is not None}) > MOST_FILES:
        raise DraftError(
            "too_many_files", _("El curso pasa de %(most)s archivos; quita los que no uses.", most=MOST_FILES)
        )
    after = {path: None if content is None else _keep(storage, content) for path, content in changes.items()}
    sizes = {path: 0 if content is None else _size(content) for path, content in changes.items()}
    return _record(session, draft, rows, after, sizes, actor, now, note)


def undo(session: Session, draft: Draft, number: int, actor: Person, storage: Storage, now: datetime) -> int:
    """Give the files of an act the bytes that they had before it, as a new act.

    Raises DraftError where there is no such act, or where a later one changed the same file.
    """
    lock_for_update(session, draft)
    acts = session.scalars(select(DraftChange).filter_by(draft_id=draft.id, number=number)).all()
    if not acts:
        raise DraftError("no_such_change", _("Ese cambio no existe en el historial."))
    rows = {row.path: row for row in session.scalars(select(DraftFile).filter_by(draft_id=draft.id))}
    for act in acts:
        present = rows[act.path].storage_key if act.path in rows else None
        if present != act.after_key:
            raise DraftError(
                "changed_since",
                _("«%(path)s» cambió después. Deshaz primero los cambios más recientes.", path=act.path),
            )
    after = {act.path: act.before_key for act in acts}
    sizes = {path: len(storage.get(key)) if key else 0 for path, key in after.items()}
    note = _("Se deshizo el cambio %(number)s", number=number)
    return _record(session, draft, rows, after, sizes, actor, now, note)


def discard(session: Session, draft: Draft, now: datetime) -> None:
    """Put a draft away. The course that was published of it, if any, stays as it is."""
    lock_for_update(session, draft)
    draft.discarded_at = now
    session.flush()


def keys(session: Session, draft: Draft) -> dict[str, str]:
    """The storage key of every file of a draft, by path."""
    found = session.execute(select(DraftFile.path, DraftFile.storage_key).filter_by(draft_id=draft.id))
    return {row.path: row.storage_key for row in found}


def _record(
    session: Session,
    draft: Draft,
    rows: dict[str, DraftFile],
    after: Mapping[str, str | None],
    sizes: Mapping[str, int],
    actor: Person,
    now: datetime,
    note: str,
) -> int:
    """Write an act: its rows of history and the files as they are now. An act that changes nothing is none."""
    before = {path: rows[path].storage_key if path in rows else None for path in after}
    changed = [path for path in sorted(after) if before[path] != after[path]]
    if not changed:
        return draft.version
    draft.version += 1
    draft.updated_at = now
    for path in changed:
        session.add(
            DraftChange(
                draft_id=draft.id,
                number=draft.version,
                path=path,
                before_key=before[path],
                after_key=after[path],
                person_id=actor.id,
                at=now,
                note=note[:MOST_NOTE],
            )
        )
        _put_row(session, draft, rows.get(path), path, after[path], sizes[path])
    session.flush()
    return draft.version


def _put_row(session: Session, draft: Draft, row: DraftFile | None, path: str, key: str | None, size: int) -> None:
    if key is None:
        if row is not None:
            session.delete(row)
    elif row is not None:
        row.storage_key, row.size = key, size
    else:
        suffix = "." + path.rpartition(".")[2]
        media_type = _TEXTS.get(suffix) or MEDIA_TYPES.get(suffix, "application/octet-stream")
        session.add(DraftFile(draft_id=draft.id, path=path, storage_key=key, size=size, media_type=media_type))


def _check_bases(session: Session, draft: Draft, present: Mapping[str, str], bases: Mapping[str, str | None]) -> None:
    for path, base in bases.items():
        if present.get(path) == base:
            continue
        last = session.execute(
            select(Person.given_names, Person.first_surname)
            .join(DraftChange, DraftChange.person_id == Person.id)
            .where(DraftChange.draft_id == draft.id, DraftChange.path == path)
            .order_by(DraftChange.number.desc())
        ).first()
        who = " ".join(last) if last else ""
        raise DraftConflict(
            path,
            who,
            _(
                "%(who)s guardó «%(path)s» mientras lo editabas. Copia tu texto, mira su versión y guarda de nuevo.",
                who=who,
                path=path,
            ),
        )


def _keep(storage: Storage, content: Content) -> str:
    return storage.put(content) if isinstance(content, bytes) else storage.put_file(content)


def _size(content: Content) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def _check_file(path: str, content: Content | None) -> None:
    if not _PATH.fullmatch(path) or len(path) > LONGEST_PATH or path.count("/") > DEEPEST_FOLDER:
        raise DraftError("bad_name", _("«%(path)s» no sirve como nombre dentro de un curso.", path=path[:120]))
    if content is not None and _size(content) > largest_of(path):
        megabytes = largest_of(path) // 1024**2
        raise DraftError("file_too_large", _("«%(path)s» pasa de %(most)s MB; redúcelo.", path=path, most=megabytes))


def publish(
    session: Session,
    draft: Draft,
    folder: Path,
    course: package.Course,
    change: Change,
    base_version: str,
    actor: Person,
    storage: Storage,
    now: datetime,
) -> Published:
    """Publish what `folder` holds of a draft, as it was at `base_version`. Raises DraftError.

    The first time makes the course; later ones a revision, `minor` or `substantive`.
    """
    lock_for_update(session, draft)
    if str(draft.version) != base_version:
        raise DraftError(
            "changed_meanwhile", _("El borrador cambió mientras lo publicabas. Míralo y publica de nuevo.")
        )
    if course.issuer is not None and course.issuer not in dict(issuers(session, actor, draft)):
        raise DraftError(
            "issuer_not_yours",
            _(
                "La constancia no puede salir a nombre de «%(key)s»; elige en la ficha a tu autoridad.",
                key=course.issuer,
            ),
        )
    try:
        done = catalog.publish(session, folder, course, storage, now, actor.id, change, course_id=draft.course_id)
    except CatalogError as error:
        raise DraftError(error.code, error.text) from error
    draft.course_id, draft.published_revision_id = done.course_id, done.revision_id
    session.flush()
    return done


def retitle(session: Session, draft: Draft, title: str, slug: str | None = None) -> None:
    """Keep the title by which a draft is listed; its slug only while it is unpublished."""
    draft.title = title[:200]
    if slug is not None and draft.course_id is None:
        draft.slug = slug
    session.flush()
