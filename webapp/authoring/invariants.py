"""Rules of drafts that `aula verify` proves."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.authoring.models import Draft, DraftChange, DraftFile
from webapp.core.registry import Breach, invariant


@invariant("draft-files-follow-history")
def draft_files_follow_history(session: Session) -> Iterable[Breach]:
    """Each file of a draft is what the last act on it left, and a draft's version is the number of its last act."""
    last = (
        select(DraftChange.draft_id, DraftChange.path, func.max(DraftChange.number).label("number"))
        .group_by(DraftChange.draft_id, DraftChange.path)
        .subquery()
    )
    told = {
        (row.draft_id, row.path): row.after_key
        for row in session.execute(
            select(DraftChange.draft_id, DraftChange.path, DraftChange.after_key).join(
                last,
                (last.c.draft_id == DraftChange.draft_id)
                & (last.c.path == DraftChange.path)
                & (last.c.number == DraftChange.number),
            )
        )
        if row.after_key is not None
    }
    present = {
        (row.draft_id, row.path): row.storage_key
        for row in session.execute(select(DraftFile.draft_id, DraftFile.path, DraftFile.storage_key))
    }
    for draft_id, path in sorted(told.keys() | present.keys()):
        if told.get((draft_id, path)) != present.get((draft_id, path)):
            yield Breach("draft-files-follow-history", f"draft:{draft_id} {path} is not what its history says")
    numbers = select(DraftChange.draft_id, func.max(DraftChange.number).label("number")).group_by(DraftChange.draft_id)
    newest = numbers.subquery()
    for row in session.execute(
        select(Draft.id, Draft.version, newest.c.number).outerjoin(newest, newest.c.draft_id == Draft.id)
    ):
        if row.version != (row.number or 0):
            yield Breach(
                "draft-files-follow-history", f"draft:{row.id} is at {row.version}, its history at {row.number}"
            )
