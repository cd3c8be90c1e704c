"""The blueprint of the room, and what every page of it starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Blueprint, abort, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import Conflict, HTTPException

from webapp.accounts.limits import QUARTER, Limit
from webapp.accounts.models import Person
from webapp.accounts.throttling import spend
from webapp.catalog import queries as catalog
from webapp.catalog.models import Course
from webapp.catalog.policies import can_teach
from webapp.core.access import current_actor
from webapp.core.clock import now
from webapp.coursepack.model import Step
from webapp.forum.errors import ForumError
from webapp.learning import queries as learning

POSTS_PER_PERSON = Limit(20, QUARTER)
ANNOUNCEMENTS_PER_PERSON = Limit(6, QUARTER)

blueprint = Blueprint("forum", __name__)


@dataclass(frozen=True)
class Classroom:
    """A course as whoever asks takes part in it: enrolled, teaching it, or both."""

    person: Person
    course_id: int
    revision: catalog.Revision
    enrolled: bool
    teaches: bool

    @property
    def path(self) -> str:
        return f"/cursos/{self.revision.slug}"

    @property
    def studio(self) -> str:
        return f"/estudio/cursos/{self.revision.slug}"

    def title_of(self, step: str) -> str:
        """What a lesson is called; its key where the revision has it no longer."""
        found = self.revision.course.steps.get(step)
        return found.title if found is not None else step


def person() -> Person:
    """Whoever is signed in; the access mark of the view has let in nobody else."""
    return cast("Person", current_actor())


def classroom_or_404(session: Session, slug: str, teaching: bool = False) -> Classroom:
    """The course of whoever takes part in it; `teaching`, of whoever teaches it. For anybody else it does not exist."""
    state = catalog.course_by_slug(session, slug)
    if state is None:
        abort(404)
    enrolment = learning.enrolment(session, person().id, state.id)
    teaches = can_teach(session, person(), state.id, now().date())
    if not teaches and (teaching or enrolment is None):
        abort(404)
    revision_id = enrolment.revision_id if enrolment is not None and not teaching else state.revision_id
    return Classroom(person(), state.id, catalog.revision(session, revision_id), enrolment is not None, teaches)


def classroom_of(session: Session, course_id: int, teaching: bool = False) -> Classroom:
    """The same by the id of the course."""
    return classroom_or_404(session, session.get_one(Course, course_id).slug, teaching)


def lesson_or_404(classroom: Classroom, key: str) -> Step:
    step = classroom.revision.course.steps.get(key)
    if step is None or step.kind != "lesson":
        abort(404)
    return step


def page_number() -> int:
    """Which page of a list is asked for."""
    return max(1, request.args.get("page", 1, type=int))


def count_post() -> None:
    """Refuse who writes as no person does."""
    spend(("forum-post", str(person().id), POSTS_PER_PERSON))


def conflict(error: ForumError) -> HTTPException:
    """The page that says why nothing was done."""
    refusal = Conflict(str(error.text))
    refusal.aula_code = error.code  # type: ignore[attr-defined]
    return refusal
