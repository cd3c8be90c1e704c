"""Reading the catalogue. A compiled course is parsed once per process and revision, because it never changes."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp.catalog.models import Course, CourseAsset, CourseRevision, LearningPath
from webapp.core.db import rows
from webapp.coursepack import model as package
from webapp.coursepack.serialise import from_json

MOST_PARSED = 48  # a parsed course of 8 lessons and 70 questions takes about half a megabyte


@dataclass(frozen=True)
class Revision:
    """A revision as the rooms above use it: its row's identity and the compiled course with answer keys."""

    id: int
    course_id: int
    slug: str
    number: int
    hash: str
    course: package.Course


@dataclass(frozen=True)
class CourseState:
    """A course by its slug: whether it is open, and its published revision."""

    id: int
    slug: str
    retired: bool
    revision_id: int


_parsed: OrderedDict[int, Revision] = OrderedDict()
_lock = Lock()


def revision(session: Session, revision_id: int) -> Revision:
    """The revision under that id. Raises NoResultFound when there is none."""
    with _lock:
        if revision_id in _parsed:
            _parsed.move_to_end(revision_id)
            return _parsed[revision_id]
    row = session.execute(
        select(
            CourseRevision.course_id, Course.slug, CourseRevision.number, CourseRevision.hash, CourseRevision.content
        )
        .join(Course, Course.id == CourseRevision.course_id)
        .where(CourseRevision.id == revision_id)
    ).one()
    course = _with_asset_addresses(from_json(json.loads(row.content)), row.slug, row.number)
    found = Revision(revision_id, row.course_id, row.slug, row.number, row.hash, course)
    with _lock:
        _parsed[revision_id] = found
        while len(_parsed) > MOST_PARSED:
            _parsed.popitem(last=False)
    return found


def is_substantive(session: Session, course_id: int, after: int, until: int) -> bool:
    """Whether a revision with a number above `after` and up to `until` changed what is taught or asked."""
    found = session.scalar(
        select(CourseRevision.id)
        .where(
            CourseRevision.course_id == course_id,
            CourseRevision.number > after,
            CourseRevision.number <= until,
            CourseRevision.change == "substantive",
        )
        .limit(1)
    )
    return found is not None


def changed_steps(old: Revision, new: Revision) -> list[package.Step]:
    """The lessons, checks and labs of `new` that `old` lacks or that read otherwise there, in the order of `new`."""

    def reads(revision: Revision, step: package.Step) -> tuple[Any, ...]:
        course = revision.course
        own = asset_path(revision.slug, revision.number, "")
        bank = course.banks[step.bank].questions if step.bank else ()
        asked = [(question.id, question.prompt_html.replace(own, ""), question.body) for question in bank]
        return step.title, step.html.replace(own, ""), asked, course.labs.get(step.key)

    before = {step.key: reads(old, step) for step in old.course.lesson_steps}
    return [step for step in new.course.lesson_steps if before.get(step.key) != reads(new, step)]


def forget_parsed() -> None:
    """Drop what was parsed (a test that changes databases under the same process needs it)."""
    with _lock:
        _parsed.clear()


# Statements of the hottest pages stand ready: building one costs four times as much as running it.
_COURSE_BY_SLUG = select(Course.id, Course.slug, Course.state, Course.revision_id).where(
    Course.slug == bindparam("slug"), Course.revision_id.is_not(None)
)


def course_by_slug(session: Session, slug: str) -> CourseState | None:
    """The course under that slug, retired or not; None when there never was one."""
    row = rows(session, _COURSE_BY_SLUG, slug=slug).first()
    return None if row is None else CourseState(row.id, row.slug, row.state == "retired", row.revision_id)


def published(session: Session) -> Sequence[Revision]:
    """The published revisions of the courses that are open, in the order of their titles."""
    ids = session.scalars(
        select(Course.revision_id)
        .where(Course.state == "published", Course.revision_id.is_not(None))
        .order_by(Course.title)
    ).all()
    return [revision(session, revision_id) for revision_id in ids if revision_id is not None]


def titles(session: Session) -> list[tuple[str, str]]:
    """Slug and title of every course, retired ones included, in the order of their titles."""
    rows = session.execute(
        select(Course.slug, Course.title).where(Course.revision_id.is_not(None)).order_by(Course.title)
    )
    return [(row.slug, row.title) for row in rows]


def paths(session: Session) -> list[package.LearningPath]:
    """The learning paths, in the order of their titles."""
    found = [_path(row) for row in session.scalars(select(LearningPath.content))]
    return sorted(found, key=lambda path: path.title)


def path_by_slug(session: Session, slug: str) -> package.LearningPath | None:
    """The learning path under that slug."""
    row = session.scalar(select(LearningPath.content).where(LearningPath.slug == slug))
    return None if row is None else _path(row)


def _path(content: dict[str, Any]) -> package.LearningPath:
    stops = tuple(package.PathStop(**stop) for stop in content["stops"])
    return package.LearningPath(**{**content, "posts": tuple(content["posts"]), "stops": stops})


def asset(session: Session, slug: str, number: int, path: str) -> tuple[str, str] | None:
    """Storage key and media type of a file of a revision that pages may ask for; None when there is no such file.

    Interactive packages are files of a revision too, and no page of the platform ever gets one.
    """
    if not path.startswith("assets/"):
        return None
    row = session.execute(
        select(CourseAsset.storage_key, CourseAsset.media_type)
        .join(CourseRevision, CourseRevision.id == CourseAsset.revision_id)
        .join(Course, Course.id == CourseRevision.course_id)
        .where(Course.slug == slug, CourseRevision.number == number, CourseAsset.path == path)
    ).first()
    return None if row is None else (row.storage_key, row.media_type)


def asset_path(slug: str, number: int, path: str) -> str:
    """Where a file of a revision is served. It names the revision, so browsers may keep it forever."""
    return f"/cursos/{slug}/material/{number}/{path}"


def _with_asset_addresses(course: package.Course, slug: str, number: int) -> package.Course:
    """The compiled HTML names its files relative to the page ("material/…"); give them their full address."""
    prefix = asset_path(slug, number, "")

    def full(html: str) -> str:
        return html.replace('"material/', f'"{prefix}')

    def full_bank(bank: package.Bank) -> package.Bank:
        questions = tuple(
            replace(q, prompt_html=full(q.prompt_html), explanation_html=full(q.explanation_html))
            for q in bank.questions
        )
        return replace(bank, questions=questions)

    return replace(
        course,
        steps={key: replace(step, html=full(step.html)) for key, step in course.steps.items()},
        banks={key: full_bank(bank) for key, bank in course.banks.items()},
    )
