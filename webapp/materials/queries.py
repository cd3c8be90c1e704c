"""Reading materials and what they weigh."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.materials.models import Material, MaterialQuota
from webapp.materials.policies import authority_of, can_manage, managed_by
from webapp.organizations.models import Authority
from webapp.organizations.names import search_key

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Usage:
    """Bytes that a library holds, and how many it may. `authority` is "" for a person's own."""

    used: int
    allowed: int
    authority: str = ""

    @property
    def left(self) -> int:
        return max(0, self.allowed - self.used)


def material_by_name(session: Session, name: str) -> Material | None:
    """A material by its public name, whatever its state."""
    return session.scalar(select(Material).filter_by(name=name))


def managed_material(session: Session, actor: Person, name: str) -> Material | None:
    """The same, for whoever may manage it."""
    found = material_by_name(session, name)
    return found if found is not None and can_manage(session, actor, found) else None


def materials(
    session: Session, actor: Person, words: str = "", kind: str = "", page: int = 1, size: int = 24
) -> tuple[list[Material], int]:
    """What `actor` may manage and is not retired, the newest first, and how many there are."""
    wanted = [managed_by(session, actor), Material.retired_at.is_(None)]
    if kind:
        wanted.append(Material.kind == kind)
    wanted += [Material.search_title.contains(word, autoescape=True) for word in search_key(words).split()]
    total = session.scalar(select(func.count()).select_from(Material).where(*wanted)) or 0
    listed = select(Material).where(*wanted).order_by(Material.uploaded_at.desc(), Material.id.desc())
    return list(session.scalars(listed.offset((page - 1) * size).limit(size))), total


def usage(session: Session, person_id: int, authority_id: int | None, default_mb: int) -> Usage:
    """What the library of an authority, or of a person without one, weighs. Retired materials do not count."""
    whose = (
        Material.authority_id == authority_id
        if authority_id is not None
        else Material.authority_id.is_(None) & (Material.uploaded_by_id == person_id)
    )
    used = session.scalar(select(func.coalesce(func.sum(Material.size), 0)).where(whose, Material.retired_at.is_(None)))
    own = session.scalar(select(MaterialQuota.megabytes).filter_by(authority_id=authority_id)) if authority_id else None
    name = session.scalar(select(Authority.name).filter_by(id=authority_id)) if authority_id else None
    return Usage(int(used or 0), (own or default_mb) * MEGABYTE, name or "")


def usage_of(session: Session, actor: Person, default_mb: int) -> Usage:
    """The library into which `actor` brings files."""
    return usage(session, actor.id, authority_of(session, actor), default_mb)


def quotas(session: Session, default_mb: int) -> list[tuple[str, Usage]]:
    """Key and library of every authority that keeps something or has a quota of its own."""
    holding = select(Material.authority_id).where(Material.authority_id.is_not(None))
    rows = session.execute(
        select(Authority.id, Authority.key)
        .where(Authority.id.in_(holding) | Authority.id.in_(select(MaterialQuota.authority_id)))
        .order_by(Authority.name)
    )
    return [(key, usage(session, 0, authority_id, default_mb)) for authority_id, key in rows]


def same_file(session: Session, authority_id: int | None, person_id: int, key: str) -> Material | None:
    """A material of the same library with the same bytes."""
    whose = {"authority_id": authority_id} if authority_id is not None else {"uploaded_by_id": person_id}
    return session.scalar(select(Material).filter_by(key=key, retired_at=None, **whose).limit(1))
