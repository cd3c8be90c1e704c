"""Reading drafts, their files and their history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from webapp.accounts.models import Person
from webapp.authoring.models import Draft, DraftChange, DraftFile
from webapp.authoring.policies import drafts_visible_to
from webapp.catalog.models import Course
from webapp.catalog.policies import taught_by
from webapp.learning.models import Enrolment, KeyAmendment, QuizAttempt, ScoreChange
from webapp.organizations.models import Authority


@dataclass(frozen=True)
class Act:
    """An act of the history: when, who, what for, and the files that it touched."""

    number: int
    at: datetime
    who: str
    note: str
    paths: tuple[str, ...]


def drafts(session: Session, actor: Person, on: date) -> list[Draft]:
    """The drafts that somebody may work on, the last changed first."""
    found = session.scalars(
        select(Draft)
        .where(drafts_visible_to(session, actor, on))
        .options(joinedload(Draft.owner), joinedload(Draft.course))
        .order_by(Draft.updated_at.desc(), Draft.id.desc())
    )
    return list(found)


def draft_by_public_id(session: Session, public_id: str) -> Draft | None:
    """The draft under that id, with its owner and its course."""
    # Not joined: whoever locks the row reads it again in the same way, and no engine locks what may be missing.
    return session.scalars(
        select(Draft)
        .where(Draft.public_id == public_id)
        .options(selectinload(Draft.owner), selectinload(Draft.course))
        .execution_options(populate_existing=True)
    ).first()


def courses(session: Session, actor: Person, on: date) -> list[Course]:
    """The published courses that somebody teaches, by title."""
    found = session.scalars(
        select(Course)
        .where(Course.revision_id.is_not(None), Course.state == "published", taught_by(session, actor, on))
        .order_by(Course.title)
    )
    return list(found)


def files(session: Session, draft: Draft) -> list[DraftFile]:
    """The files of a draft by path."""
    return list(session.scalars(select(DraftFile).filter_by(draft_id=draft.id).order_by(DraftFile.path)))


def file(session: Session, draft: Draft, path: str) -> DraftFile | None:
    """One file of a draft."""
    return session.scalars(select(DraftFile).filter_by(draft_id=draft.id, path=path)).first()


def history(session: Session, draft: Draft, most: int = 30) -> list[Act]:
    """The last acts on a draft, the newest first."""
    numbers = (
        select(DraftChange.number)
        .where(DraftChange.draft_id == draft.id)
        .distinct()
        .order_by(DraftChange.number.desc())
        .limit(most)
    )
    found = session.execute(
        select(DraftChange, Person)
        .join(Person, Person.id == DraftChange.person_id)
        .where(DraftChange.draft_id == draft.id, DraftChange.number.in_(numbers))
        .order_by(DraftChange.number.desc(), DraftChange.path)
    ).all()
    acts = []
    for number, rows in groupby(found, key=lambda row: row.DraftChange.number):
        group = list(rows)
        change, person = group[0].DraftChange, group[0].Person
        paths = tuple(row.DraftChange.path for row in group)
        acts.append(Act(number, change.at, person.short_name, change.note, paths))
    return acts


def issuers(session: Session, actor: Person, draft: Draft) -> list[tuple[str, str]]:
    """Key and name of the authorities in whose name the actor may have constancias of a draft issued."""
    found = select(Authority.key, Authority.name).order_by(Authority.name)
    if not actor.holds_any(("administrator",)):
        found = found.where(Authority.id == draft.authority_id)
    return [(row.key, row.name) for row in session.execute(found)]


# --- courses that are taught --------------------------------------------------------------------------------------


def course(session: Session, slug: str) -> Course | None:
    """The course under that slug."""
    return session.scalars(select(Course).filter_by(slug=slug)).first()


def slug_of(session: Session, course_id: int) -> str:
    """The slug of a course."""
    return session.execute(select(Course.slug).filter_by(id=course_id)).scalar_one()


@dataclass(frozen=True)
class People:
    """Everybody who enrolled in a course, and who concluded it."""

    enrolled: int
    concluded: int


def people_in(session: Session, course_id: int) -> People:
    """How many people a course has had."""
    row = session.execute(
        select(func.count(), func.count(Enrolment.concluded_at)).where(Enrolment.course_id == course_id)
    ).one()
    return People(*row)


def amendments(session: Session, course_id: int) -> list[KeyAmendment]:
    """The answer keys of a course that were mended, the newest first."""
    return list(session.scalars(select(KeyAmendment).filter_by(course_id=course_id).order_by(KeyAmendment.id.desc())))


def amendment(session: Session, public_id: str) -> KeyAmendment | None:
    """The amendment under that id."""
    return session.scalars(select(KeyAmendment).filter_by(public_id=public_id)).first()


@dataclass(frozen=True)
class Changes:
    """What an amendment did (or taking it back): people with another score, and those who passed or ceased to."""

    people: int
    passed: int


def changes(session: Session, row: KeyAmendment) -> dict[bool, Changes]:
    """What was changed when an amendment was applied (False) and when it was taken back (True)."""
    flipped = case((ScoreChange.passed_before != ScoreChange.passed_after, QuizAttempt.enrolment_id))
    found = session.execute(
        select(ScoreChange.undo, func.count(QuizAttempt.enrolment_id.distinct()), func.count(flipped.distinct()))
        .join(QuizAttempt, QuizAttempt.id == ScoreChange.attempt_id)
        .where(ScoreChange.amendment_id == row.id)
        .group_by(ScoreChange.undo)
    )
    return {undo: Changes(people, passed) for undo, people, passed in found}


def names(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    """How people are called, by id."""
    found = session.scalars(select(Person).where(Person.id.in_([one for one in ids if one is not None])))
    return {person.id: person.short_name for person in found}
