"""Who teaches a course: the predicate beside its filter.

A course belongs to the authority that issues its constancias; one of the curriculum folder that names no issuer is the
platform's, and every trainer teaches it. Administrators teach them all. A room above that knows more of whose a course
is registers it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.accounts.queries import affiliation_on
from webapp.catalog.models import Course
from webapp.organizations.models import Authority, ObligedSubject

TEACHERS = ("trainer", "administrator")

Teaches = Callable[[Session, Person, date], ColumnElement[bool]]
_registered: list[Teaches] = []


def also_taught_by(condition: Teaches) -> Teaches:
    """Register a condition on `Course`: which other courses a trainer teaches on a day."""
    _registered.append(condition)
    return condition


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


def can_teach(session: Session, actor: Person, course_id: int, on: date) -> bool:
    """See what a course shows of its learners' answers, mend it, announce in it."""
    return session.scalar(select(Course.id).where(Course.id == course_id, taught_by(session, actor, on))) is not None


def taught_by(session: Session, actor: Person, on: date) -> ColumnElement[bool]:
    """The condition on `Course` that `can_teach` decides by."""
    if not actor.holds_any(TEACHERS):
        return false()
    if actor.holds_any(("administrator",)):
        return true()
    theirs = [and_(Course.origin == "folder", Course.issuer_id.is_(None))]
    theirs.extend(condition(session, actor, on) for condition in _registered)
    authority = authority_of(session, actor, on)
    if authority is not None:
        theirs.append(Course.issuer_id == authority)
    return or_(*theirs)
