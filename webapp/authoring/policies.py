"""Who may do what with drafts and with the courses that were made of them: each predicate beside its filter.

A draft belongs to its owner and to the authority of the state of the owner's workplace when it was begun. A course belongs to
those of its draft, and to the authority that issues its constancias; a course of the curriculum folder that names no issuer
is the platform's, and every trainer teaches it. Administrators see everything. Whoever is no trainer sees nothing.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.accounts.queries import affiliation_on
from webapp.authoring.models import Draft
from webapp.catalog.models import Course
from webapp.organizations.models import Authority, ObligedSubject

AUTHORS = ("trainer", "administrator")


def authority_of(session: Session, person: Person, on: date) -> int | None:
    """The authority of a state that answers for the workplace of a person on a day.

    The authority of the federation answers for workplaces all over the country, whose trainers are no colleagues.
    """
    affiliation = affiliation_on(session, person.id, on)
    if affiliation is None or affiliation[0] is None:
        return None
    return session.scalar(
        select(Authority.id)
        .join(ObligedSubject, ObligedSubject.authority_id == Authority.id)
        .where(ObligedSubject.id == affiliation[0], Authority.state_id.is_not(None))
    )


def can_author(session: Session, actor: Person, draft: Draft, on: date) -> bool:
    """Read, change and publish a draft."""
    if draft.discarded_at is not None or not actor.holds_any(AUTHORS):
        return False
    if actor.holds_any(("administrator",)) or draft.owner_id == actor.id:
        return True
    return draft.authority_id is not None and draft.authority_id == authority_of(session, actor, on)


def drafts_visible_to(session: Session, actor: Person, on: date) -> ColumnElement[bool]:
    """The condition on `Draft` that `can_author` decides by."""
    if not actor.holds_any(AUTHORS):
        return false()
    if actor.holds_any(("administrator",)):
        return Draft.discarded_at.is_(None)
    authority = authority_of(session, actor, on)
    theirs = Draft.owner_id == actor.id
    if authority is not None:
        theirs = or_(theirs, Draft.authority_id == authority)
    return and_(Draft.discarded_at.is_(None), theirs)


def can_teach(session: Session, actor: Person, course: Course, on: date) -> bool:
    """See what a course shows of its learners' answers, mend it, announce in it."""
    return session.scalar(select(Course.id).where(Course.id == course.id, taught_by(session, actor, on))) is not None


def taught_by(session: Session, actor: Person, on: date) -> ColumnElement[bool]:
    """The condition on `Course` that `can_teach` decides by."""
    if not actor.holds_any(AUTHORS):
        return false()
    if actor.holds_any(("administrator",)):
        return true()
    of_a_draft = Course.id.in_(select(Draft.course_id).where(drafts_visible_to(session, actor, on)))
    of_the_platform = and_(Course.origin == "folder", Course.issuer_id.is_(None))
    authority = authority_of(session, actor, on)
    if authority is None:
        return or_(of_a_draft, of_the_platform)
    return or_(of_a_draft, of_the_platform, Course.issuer_id == authority)
