"""What can be done with materials."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import PurePosixPath

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.core import audit
from webapp.core.jobs import enqueue
from webapp.core.scan import Verdict
from webapp.coursepack.uploads import Examined, Refused
from webapp.materials import queries, uses
from webapp.materials.models import Material, MaterialQuota
from webapp.materials.policies import authority_of
from webapp.organizations.models import Authority
from webapp.organizations.names import search_key

SCAN = "materials.scan"


class MaterialsError(Exception):
    """Something that may not be done with a material. Nothing was changed."""

    def __init__(self, code: str, text: LazyString) -> None:
        super().__init__(code)
        self.code, self.text = code, text


def check_room(session: Session, actor: Person, found: Examined, file_name: str, quota_mb: int) -> None:
    """Raises Refused for a file that is in the library already, or does not fit into it."""
    authority_id = authority_of(session, actor)
    with found.path.open("rb") as file:
        key = hashlib.file_digest(file, "sha256").hexdigest()
    same = queries.same_file(session, authority_id, actor.id, key)
    name = _bare(file_name)
    if same is not None:
        raise Refused("already_kept", name, f"ya está en tu biblioteca, con el título «{same.title}». Usa ese.")
    room = queries.usage(session, actor.id, authority_id, quota_mb)
    if found.size > room.left:
        size, left = (f"{amount / queries.MEGABYTE:.1f} MB" for amount in (found.size, room.left))
        raise Refused(
            "quota", name, f"mide {size} y en tu biblioteca quedan {left}. Retira lo que no uses o pide más espacio."
        )


def take(
    session: Session,
    actor: Person,
    found: Examined,
    file_name: str,
    key: str,
    quota_mb: int,
    has_scanner: bool,
    now: datetime,
) -> Material:
    """Make a material of a file that was examined and is in the storage under `key`. Raises what `check_room` does.

    Ask `check_room` before the file is put into the storage, so that nothing stays of what is refused: a large file is
    written before the transaction, not in it, where everybody who writes would wait for the disk.
    """
    authority_id = authority_of(session, actor)
    if authority_id is not None:  # two uploads at once must not both take the last room
        session.execute(select(Authority.id).filter_by(id=authority_id).with_for_update())
    check_room(session, actor, found, file_name, quota_mb)
    name = _bare(file_name)
    title = _title(name)
    row = Material(
        title=title,
        search_title=search_key(f"{title} {name}")[:300],
        file_name=name,
        kind=found.kind,
        media_type=found.media_type,
        size=found.size,
        facts=dict(found.facts),
        key=key,
        authority_id=authority_id,
        uploaded_by_id=actor.id,
        uploaded_at=now,
        scan_state="pending" if has_scanner else "unscanned",
    )
    session.add(row)
    session.flush()
    if has_scanner:
        enqueue(session, SCAN, now, material=row.id)
    audit.record(session, now, actor.id, "material-added", f"material:{row.name}", size=row.size, kind=row.kind)
    return row


def _bare(file_name: str) -> str:
    """The name of an uploaded file without folders, and not longer than its column."""
    return PurePosixPath(file_name.replace("\\", "/")).name[-120:] or "archivo"


def _title(file_name: str) -> str:
    """What a file is called on screen until somebody says it better."""
    return PurePosixPath(file_name).stem.replace("_", " ").strip()[:150] or file_name


def describe(session: Session, material: Material, title: str, alt: str, actor: Person, now: datetime) -> None:
    """Say what a material is called and what is to be seen in it."""
    material.title, material.alt = title, alt
    material.search_title = search_key(f"{title} {material.file_name}")[:300]
    audit.record(session, now, actor.id, "material-described", f"material:{material.name}")


def retire(session: Session, material: Material, actor: Person, now: datetime) -> None:
    """Offer and serve a material no more. Raises MaterialsError while it is in use. Doing it twice changes nothing."""
    if material.retired_at is not None:
        return
    places = uses.places(session, material)
    if places:
        raise MaterialsError(
            "material_in_use",
            _l("Todavía se usa en: %(places)s. Quítalo de ahí y vuelve a intentarlo.", places="; ".join(places[:5])),
        )
    material.retired_at = now
    audit.record(session, now, actor.id, "material-retired", f"material:{material.name}")


def set_quota(session: Session, authority_key: str, megabytes: int, actor: Person, now: datetime) -> None:
    """Give an authority a quota of its own. Raises MaterialsError for one that is not known."""
    authority = session.scalar(select(Authority).filter_by(key=authority_key))
    if authority is None:
        raise MaterialsError("unknown_authority", _l("Esa autoridad no existe. Elige una de la lista."))
    row = session.scalar(select(MaterialQuota).filter_by(authority_id=authority.id))
    if row is None:
        row = MaterialQuota(authority_id=authority.id)
        session.add(row)
    row.megabytes, row.set_by_id, row.set_at = megabytes, actor.id, now
    audit.record(session, now, actor.id, "material-quota", f"authority:{authority.key}", megabytes=megabytes)


# --- scanning ---------------------------------------------------------------------------------------------------


def note_verdict(session: Session, material: Material, verdict: Verdict, now: datetime) -> None:
    """Write down what the scanner said."""
    material.scan_state = "clean" if verdict.is_clean else "infected"
    material.finding, material.scanned_at = verdict.finding, now
    if not verdict.is_clean:
        audit.record(session, now, None, "material-infected", f"material:{material.name}", finding=verdict.finding)


def ask_for_scans(session: Session, now: datetime) -> int:
    """Have everything scanned of which nothing is known; how many materials that is."""
    unknown = select(Material).where(
        Material.scan_state.in_(("unscanned", "pending", "error")), Material.retired_at.is_(None)
    )
    rows = list(session.scalars(unknown.order_by(Material.id)))
    for row in rows:
        row.scan_state = "pending"
        enqueue(session, SCAN, now, material=row.id)
    return len(rows)
