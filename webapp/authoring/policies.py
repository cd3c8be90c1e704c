"""Who may do what with drafts: the predicate beside its filter.

A draft belongs to its owner and to the authority of the state of the owner's workplace when it was begun, and so does the
course that was made of it (`catalog.policies` says whose the others are). Administrators see everything. Whoever is no
trainer sees nothing.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.authoring.models import Draft
from webapp.catalog.models import Course
from webapp.catalog.policies import TEACHERS, also_taught_by, authority_of


def can_author(session: Session, actor: Person, draft: Draft, on: date) -> bool:
    """Read, change and publish a draft."""
    if draft.discarded_at is not None or not actor.holds_any(TEACHERS):
        return False
    if actor.holds_any(("administrator",)) or draft.owner_id == actor.id:
        return True
    return draft.authority_id is not None and draft.authority_id == authority_of(session, actor, on)


def drafts_visible_to(session: Session, actor: Person, on: date) -> ColumnElement[bool]:
    """The condition on `Draft` that `can_author` decides by."""
    if not actor.holds_any(TEACHERS):
        return false()
    if actor.holds_any(("administrator",)):
        return Draft.discarded_at.is_(None)
    authority = authority_of(session, actor, on)
    theirs = Draft.owner_id == actor.id
    if authority is not None:
        theirs = or_(theirs, Draft.authority_id == authority)
    return and_(Draft.discarded_at.is_(None), theirs)


@also_taught_by
def courses_of_drafts(session: Session, actor: Person, on: date) -> ColumnElement[bool]:
    """The condition on `Course` that it was made of a draft which `can_author` gives."""
    return Course.id.in_(select(Draft.course_id).where(drafts_visible_to(session, actor, on)))
