"""Whose materials one may see and change: the predicate beside the filter that lists by the same rule."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import Session

from webapp.accounts.models import Affiliation, Person
from webapp.accounts.policies import roles_of
from webapp.materials.models import Material
from webapp.organizations.models import ObligedSubject


def authority_of(session: Session, person: Person) -> int | None:
    """The authority of whom a person works for at this moment, which owns what they bring. None: the person does."""
    return session.scalar(
        select(ObligedSubject.authority_id)
        .join(Affiliation, Affiliation.obliged_subject_id == ObligedSubject.id)
        .where(Affiliation.person_id == person.id, Affiliation.valid_to.is_(None))
    )


def can_manage(session: Session, actor: Person, material: Material) -> bool:
    """See, edit and retire: administrators all; trainers their own and those of their authority."""
    roles = roles_of(actor)
    if "administrator" in roles:
        return True
    authority = authority_of(session, actor)
    is_theirs = authority is not None and material.authority_id == authority
    return "trainer" in roles and (is_theirs or material.uploaded_by_id == actor.id)


def managed_by(session: Session, actor: Person) -> ColumnElement[bool]:
    """The condition on `Material` that `can_manage` decides by."""
    roles = roles_of(actor)
    if "administrator" in roles:
        return true()
    if "trainer" not in roles:
        return false()
    authority = authority_of(session, actor)
    mine = Material.uploaded_by_id == actor.id
    return mine if authority is None else or_(mine, Material.authority_id == authority)


def is_public(material: Material, has_scanner: bool) -> bool:
    """Whether anybody may have the file: found clean, or come without a scanner where there still is none."""
    looked_at = material.scan_state == "clean" or (material.scan_state == "unscanned" and not has_scanner)
    return looked_at and material.retired_at is None
