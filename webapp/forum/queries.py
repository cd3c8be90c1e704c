"""Reading questions, answers and announcements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Integer, Select, bindparam, cast, func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.catalog.models import Course
from webapp.core.db import rows
from webapp.forum.models import Announcement, AnnouncementRecipient, LessonAnswer, LessonQuestion, MutedCourse
from webapp.forum.policies import named_for, seen_by
from webapp.learning.models import Enrolment

PAGE_SIZE = 20
NAMES_SHOWN = 200


def shown_name(given_names: str, first_surname: str) -> str:
    """What others in the course read of a name: no more than a classmate would be told."""
    return " ".join(part for part in (given_names.split(" ")[0], first_surname) if part) or _("Alguien del curso")


# --- questions ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A question as a page shows it. `answers` counts those that whoever reads may see; `settled`: one by the team, or
    one that the team says is right.
    """

    row: LessonQuestion
    author: str
    answers: int
    settled: bool


@dataclass(frozen=True)
class Answered:
    """An answer as a page shows it."""

    row: LessonAnswer
    author: str


_COUNT = (
    select(func.count())
    .select_from(LessonQuestion)
    .where(
        LessonQuestion.course_id == bindparam("course_id"),
        LessonQuestion.step == bindparam("step"),
        LessonQuestion.hidden_at.is_(None),
    )
)


def visible_in(session: Session, course_id: int, step: str) -> int:
    """How many questions of a lesson everybody sees. It stands on every lesson, so its statement stands ready."""
    return int(rows(session, _COUNT, course_id=course_id, step=step).scalar_one())


def question(session: Session, public_id: str) -> LessonQuestion | None:
    return session.scalars(select(LessonQuestion).filter_by(public_id=public_id)).first()


def answer(session: Session, public_id: str) -> tuple[LessonAnswer, LessonQuestion] | None:
    """An answer with its question."""
    found = session.execute(
        select(LessonAnswer, LessonQuestion)
        .join(LessonQuestion, LessonQuestion.id == LessonAnswer.question_id)
        .where(LessonAnswer.public_id == public_id)
    ).first()
    return None if found is None else (found[0], found[1])


def box(
    session: Session, course_id: int, step: str, actor_id: int, teaches: bool, page: int
) -> tuple[list[Asked], int]:
    """A page (from 1) of the questions of a lesson, the newest first, and how many whoever reads may see."""
    return _page(session, actor_id, teaches, page, LessonQuestion.course_id == course_id, LessonQuestion.step == step)


def of_course(session: Session, course_id: int, actor_id: int, which: str, page: int) -> tuple[list[Asked], int]:
    """A page of the questions of a course for who teaches it: `which` is "open", "all" or "hidden"."""
    return _page(session, actor_id, True, page, LessonQuestion.course_id == course_id, *_WHICH[which])


def counts(session: Session, course_id: int) -> dict[str, int]:
    """How many questions of a course each list has."""
    base = select(func.count()).select_from(LessonQuestion).where(LessonQuestion.course_id == course_id)
    return {which: session.scalar(base.where(*condition)) or 0 for which, condition in _WHICH.items()}


_SETTLED = (
    select(LessonAnswer.id)
    .where(
        LessonAnswer.question_id == LessonQuestion.id,
        LessonAnswer.hidden_at.is_(None),
        LessonAnswer.from_team | LessonAnswer.endorsed_at.is_not(None),
    )
    .exists()
)
_WHICH: dict[str, tuple[ColumnElement[bool], ...]] = {
    "open": (LessonQuestion.hidden_at.is_(None), ~_SETTLED),
    "all": (),
    "hidden": (LessonQuestion.hidden_at.is_not(None),),
}


def _page(
    session: Session, actor_id: int, teaches: bool, page: int, *where: ColumnElement[bool]
) -> tuple[list[Asked], int]:
    where = (*where, seen_by(actor_id, LessonQuestion, teaches))
    total = session.scalar(select(func.count()).select_from(LessonQuestion).where(*where)) or 0
    page = min(max(page, 1), max(1, -(-total // PAGE_SIZE)))
    answers = (
        select(func.count())
        .select_from(LessonAnswer)
        .where(LessonAnswer.question_id == LessonQuestion.id, seen_by(actor_id, LessonAnswer, teaches))
        .scalar_subquery()
    )
    found = session.execute(
        select(LessonQuestion, Person.given_names, Person.first_surname, answers, _SETTLED)
        .join(Person, Person.id == LessonQuestion.author_id)
        .where(*where)
        .order_by(LessonQuestion.id.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    return [Asked(row, shown_name(given, first), count, settled) for row, given, first, count, settled in found], total


def author_of(session: Session, person_id: int) -> str:
    """How a page calls whoever wrote something."""
    given, first = session.execute(select(Person.given_names, Person.first_surname).where(Person.id == person_id)).one()
    return shown_name(given, first)


def answers(session: Session, question_id: int, actor_id: int, teaches: bool) -> list[Answered]:
    """The answers to a question that whoever reads may see, the oldest first."""
    found = session.execute(
        select(LessonAnswer, Person.given_names, Person.first_surname)
        .join(Person, Person.id == LessonAnswer.author_id)
        .where(LessonAnswer.question_id == question_id, seen_by(actor_id, LessonAnswer, teaches))
        .order_by(LessonAnswer.id)
    )
    return [Answered(row, shown_name(given, first)) for row, given, first in found]


def is_answered(session: Session, question_id: int) -> bool:
    """Whether anybody has answered, hidden or not."""
    return session.scalar(select(LessonAnswer.id).filter_by(question_id=question_id).limit(1)) is not None


# --- announcements ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Received:
    """An announcement as a learner sees it. `asked` says whether it went to them; who enrolled later only sees it."""

    row: Announcement
    author: str
    asked: bool
    read_at: datetime | None


@dataclass(frozen=True)
class Sent:
    """An announcement as its senders see it, in people."""

    row: Announcement
    author: str
    recipients: int
    read: int
    by_mail: int
    mailed: int


def on_the_way(course_id: int, at: datetime) -> Select[int]:
    """The people whom an announcement of a course goes to: enrolled by then, not concluded, with an open account."""
    return (
        select(Enrolment.person_id)
        .join(Person, Person.id == Enrolment.person_id)
        .where(
            Enrolment.course_id == course_id,
            Enrolment.enrolled_at <= at,
            Enrolment.concluded_at.is_(None),
            Person.active,
        )
    )


def audience(session: Session, course_id: int, at: datetime) -> int:
    """How many people an announcement would go to."""
    return session.scalar(on_the_way(course_id, at).with_only_columns(func.count())) or 0


def announcement(session: Session, public_id: str) -> Announcement | None:
    return session.scalars(select(Announcement).filter_by(public_id=public_id)).first()


def received(session: Session, course_id: int, person_id: int) -> list[Received]:
    """The announcements of a course for somebody in it, the newest first."""
    found = session.execute(
        select(Announcement, Person.given_names, Person.first_surname, AnnouncementRecipient)
        .join(Person, Person.id == Announcement.author_id)
        .outerjoin(
            AnnouncementRecipient,
            (AnnouncementRecipient.announcement_id == Announcement.id) & (AnnouncementRecipient.person_id == person_id),
        )
        .where(Announcement.course_id == course_id, Announcement.retired_at.is_(None))
        .order_by(Announcement.id.desc())
        .limit(100)
    )
    return [
        Received(row, shown_name(given, first), mine is not None, mine.read_at if mine is not None else None)
        for row, given, first, mine in found
    ]


_UNREAD = (
    select(Course.slug, Course.title, func.count())
    .select_from(AnnouncementRecipient)
    .join(Announcement, Announcement.id == AnnouncementRecipient.announcement_id)
    .join(Course, Course.id == Announcement.course_id)
    .where(
        AnnouncementRecipient.person_id == bindparam("person_id"),
        AnnouncementRecipient.read_at.is_(None),
        Announcement.retired_at.is_(None),
    )
    .group_by(Course.slug, Course.title)
    .order_by(Course.title)
)
_IN_COURSE = (
    select(
        func.count(),
        func.count(AnnouncementRecipient.id) - func.count(AnnouncementRecipient.read_at),
    )
    .select_from(Announcement)
    .outerjoin(
        AnnouncementRecipient,
        (AnnouncementRecipient.announcement_id == Announcement.id)
        & (AnnouncementRecipient.person_id == bindparam("person_id")),
    )
    .where(Announcement.course_id == bindparam("course_id"), Announcement.retired_at.is_(None))
)


def unread_by_course(session: Session, person_id: int) -> Sequence[Any]:
    """Slug and title of each course with announcements that somebody has not read, and how many."""
    return rows(session, _UNREAD, person_id=person_id).all()


def in_course(session: Session, course_id: int, person_id: int) -> tuple[int, int]:
    """How many announcements a course has, and how many of them went to somebody who has not read them."""
    total, unread = rows(session, _IN_COURSE, course_id=course_id, person_id=person_id).one()
    return int(total), int(unread)


def is_muted(session: Session, person_id: int, course_id: int) -> bool:
    return session.get(MutedCourse, (person_id, course_id)) is not None


def sent(session: Session, *where: ColumnElement[bool]) -> list[Sent]:
    """Announcements with how many people they went to and how many have read, the newest first."""
    recipients = (
        select(
            AnnouncementRecipient.announcement_id,
            func.count().label("recipients"),
            func.count(AnnouncementRecipient.read_at).label("read"),
            func.sum(cast(AnnouncementRecipient.by_mail, Integer)).label("by_mail"),
            func.count(AnnouncementRecipient.mailed_at).label("mailed"),
        )
        .group_by(AnnouncementRecipient.announcement_id)
        .subquery()
    )
    found = session.execute(
        select(
            Announcement,
            Person.given_names,
            Person.first_surname,
            *(recipients.c[name] for name in ("recipients", "read", "by_mail", "mailed")),
        )
        .join(Person, Person.id == Announcement.author_id)
        .join(recipients, recipients.c.announcement_id == Announcement.id)
        .where(*where)
        .order_by(Announcement.id.desc())
        .limit(100)
    )
    return [Sent(row, shown_name(given, first), *numbers) for row, given, first, *numbers in found]


def unread(session: Session, row: Announcement, actor: Person, on: date) -> tuple[list[str], int]:
    """The names of who has not read that `actor` may see (200 at most), and how many more have not."""
    base = (
        select(Person)
        .join(AnnouncementRecipient, AnnouncementRecipient.person_id == Person.id)
        .where(AnnouncementRecipient.announcement_id == row.id, AnnouncementRecipient.read_at.is_(None))
    )
    total = session.scalar(base.with_only_columns(func.count()).order_by(None)) or 0
    people = session.scalars(
        base.where(named_for(session, actor, on)).order_by(Person.search_name, Person.id).limit(NAMES_SHOWN)
    ).all()
    return [person.full_name for person in people], total - len(people)
