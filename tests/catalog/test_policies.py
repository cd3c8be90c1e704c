"""Who teaches which course: the predicate and the filter say the same."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import Write
from tests.forum.classroom import Classroom
from webapp.accounts.queries import person_with_grants
from webapp.authoring.models import Draft
from webapp.catalog.models import Course
from webapp.catalog.policies import can_teach, taught_by
from webapp.core.clock import now
from webapp.organizations.models import Authority


@pytest.fixture
def classroom(app: Flask) -> Classroom:
    found = Classroom(app, learners=("ana",))
    found.let_states_answer_for_their_own()
    return found


def teachers(classroom: Classroom, write: Write) -> set[str]:
    """Who of the classroom teaches its course."""
    found = set()
    with write() as session:
        for name, person_id in classroom.people.items():
            person, today = person_with_grants(session, person_id), now().date()
            alone = can_teach(session, person, classroom.course_id, today)
            listed = classroom.course_id in session.scalars(select(Course.id).where(taught_by(session, person, today)))
            assert alone is listed, name
            if alone:
                found.add(name)
    return found


def test_every_trainer_teaches_the_platforms_own_courses_and_no_learner_does(
    classroom: Classroom, write: Write
) -> None:
    assert teachers(classroom, write) == {"rosa", "adrift", "administrator"}


def test_a_course_with_an_issuer_is_taught_by_the_trainers_of_that_authority(
    classroom: Classroom, write: Write
) -> None:
    for state, expected in (("mx-bcs", {"rosa", "administrator"}), ("mx-son", {"administrator"})):
        with write() as session:
            authority = session.scalars(select(Authority).filter_by(key=state)).one()
            session.get_one(Course, classroom.course_id).issuer_id = authority.id
        assert teachers(classroom, write) == expected


def test_a_course_of_the_studio_is_taught_by_whoever_may_author_its_draft(classroom: Classroom, write: Write) -> None:
    with write() as session:
        session.get_one(Course, classroom.course_id).origin = "studio"
    assert teachers(classroom, write) == {"administrator"}
    with write() as session:
        session.add(
            Draft(
                slug="curso",
                title="Curso",
                owner_id=classroom.trainer_without_place,
                course_id=classroom.course_id,
                created_at=now(),
                updated_at=now(),
            )
        )
    assert teachers(classroom, write) == {"adrift", "administrator"}
