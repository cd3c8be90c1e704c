"""Who sees a post, and whose names a sender of announcements sees: each predicate beside its filter.

Who takes part in a course at all is enrolled in it or teaches it (`catalog.policies`).
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import Session

from webapp.accounts.models import Affiliation, Person
from webapp.catalog.policies import authority_of
from webapp.forum.models import LessonAnswer, LessonQuestion
from webapp.organizations.models import ObligedSubject


def can_see(actor: Person, post: LessonQuestion | LessonAnswer, teaches: bool) -> bool:
    """What is hidden is there for its author and for those who teach. Asked only of who takes part."""
    return teaches or post.hidden_at is None or post.author_id == actor.id


def seen_by(actor_id: int, table: type[LessonQuestion] | type[LessonAnswer], teaches: bool) -> ColumnElement[bool]:
    """The condition that `can_see` decides by."""
    return true() if teaches else or_(table.hidden_at.is_(None), table.author_id == actor_id)


def can_change(actor: Person, post: LessonQuestion | LessonAnswer) -> bool:
    """Change or withdraw one's own words, while nobody has hidden them."""
    return post.author_id == actor.id and post.hidden_at is None


def named_for(session: Session, actor: Person, on: date) -> ColumnElement[bool]:
    """The condition on `Person` that a sender of announcements sees who has not read.

    Administrators see everybody; a trainer, those who work for the authority that the trainer works for.
    """
    if actor.holds_any(("administrator",)):
        return true()
    authority = authority_of(session, actor, on)
    if authority is None:
        return false()
    return Person.id.in_(
        select(Affiliation.person_id)
        .join(ObligedSubject, ObligedSubject.id == Affiliation.obliged_subject_id)
        .where(
            Affiliation.valid_from <= on,
            or_(Affiliation.valid_to.is_(None), Affiliation.valid_to > on),
            ObligedSubject.authority_id == authority,
        )
    )
