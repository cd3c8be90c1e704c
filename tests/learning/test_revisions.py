"""A course that changes under its learners: they finish what they began, or choose; who was accredited may catch up."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Write
from tests.learning.learners import EXAM, SLUG, Learner, course, learner
from webapp.accounts.models import Person
from webapp.catalog.models import Change, Course, CourseRevision
from webapp.catalog.services import publish
from webapp.core import registry
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.storage import storage
from webapp.coursepack.norms import load_norms
from webapp.coursepack.reader import read_package
from webapp.learning.models import CourseUpdate, Enrolment
from webapp.records.models import Accreditation, Constancia

FIRST, SECOND = "por-que-importa", "principios"
HOME = f"/cursos/{SLUG}"
Publish = Callable[..., int]


@pytest.fixture
def edit(app: Flask, tmp_path: Path, write: Write) -> Publish:
    """`edit(change, lesson=text, …)` adds a sentence to lessons and publishes that as a revision; its number."""
    courses = Path(app.config["COURSES_DIR"])
    folder = tmp_path / SLUG
    shutil.copytree(courses / SLUG, folder)

    def publish_again(change: Change, **lessons: str) -> int:
        for key, text in lessons.items():
            lesson = folder / "lessons" / f"{key.replace('_', '-')}.md"
            lesson.write_text(lesson.read_text("utf-8") + f"\n\n{text}\n", "utf-8")
        found, problems = read_package(folder, load_norms(courses / "_norms")[0])
        assert found is not None, problems
        with write() as session:
            of_the_course = session.scalars(select(Course.id).filter_by(slug=SLUG)).one()
            done = publish(
                session,
                folder,
                found,
                storage(),
                now(),
                session.scalars(select(Person.id)).first() or 0,
                change,
                course_id=of_the_course,
            )
            revision_id = done.revision_id
            return session.get_one(CourseRevision, revision_id).number

    return publish_again


def enrolment_of(session: Session, who: Learner) -> Enrolment:
    session.expire_all()
    return session.scalars(select(Enrolment).filter_by(person_id=who.id)).one()


def number_of(session: Session, who: Learner) -> int:
    return session.get_one(CourseRevision, enrolment_of(session, who).revision_id).number


def records(session: Session) -> list[Any]:
    session.expire_all()
    return [
        tuple(repr(value) for value in row)
        for model in (Accreditation, Constancia)
        for row in session.execute(select(model.__table__).order_by(model.id))
    ]


def test_who_began_a_revision_finishes_it_whatever_is_published_since(
    app: Flask, session: Session, edit: Publish
) -> None:
    began = learner(app)
    began.enrol()
    assert edit("substantive", principios="Texto que no estaba.") == 2
    assert "Texto que no estaba" not in began.client.get(f"{HOME}/{SECOND}").text
    late = learner(app)
    late.enrol()
    assert "Texto que no estaba" in late.client.get(f"{HOME}/{SECOND}").text
    assert (number_of(session, began), number_of(session, late)) == (1, 2)
    page = unescape(began.client.get(HOME).text)
    assert "Hay una revisión nueva de este curso" in page and "Pasar a la nueva" in page
    assert "Hay una revisión nueva" not in late.client.get(HOME).text


def test_who_chooses_the_new_revision_keeps_what_was_done_and_the_rule_of_their_day(
    app: Flask, session: Session, edit: Publish
) -> None:
    began = learner(app)
    began.enrol()
    began.post(f"{HOME}/{FIRST}/siguiente")
    before = enrolment_of(session, began)
    rule = (before.pass_mark, before.attempts_allowed, before.due_at)
    edit("minor", principios="Texto que no estaba.")
    assert began.post(f"{HOME}/revision").status_code == 303
    after = enrolment_of(session, began)
    assert number_of(session, began) == 2 and (after.pass_mark, after.attempts_allowed, after.due_at) == rule
    page = began.client.get(HOME).text
    assert "Sigues con la revisión nueva" in page
    assert "Texto que no estaba" in began.client.get(f"{HOME}/{SECOND}").text
    began.read_lessons()
    began.confirm_name()
    began.take(EXAM)
    assert session.scalars(select(Accreditation).filter_by(person_id=began.id)).one()
    with app.app_context():
        assert registry.verify(db.session()) == []


def test_questions_half_answered_are_handed_in_before_the_revision_changes(
    app: Flask, session: Session, edit: Publish
) -> None:
    began = learner(app)
    began.enrol()
    check = next(step for step in course(app).lesson_steps if step.kind == "check")
    began.start(check.key)
    edit("minor", principios="Texto que no estaba.")
    answer = began.post(f"{HOME}/revision")
    assert answer.status_code == 409 and "a medio responder" in unescape(answer.text)
    assert number_of(session, began) == 1


def test_a_substantive_change_offers_who_was_accredited_a_short_update_and_changes_nothing_issued(
    app: Flask, session: Session, edit: Publish
) -> None:
    done = learner(app)
    done.finish()
    issued = records(session)
    assert done.client.get(f"{HOME}/actualizacion").status_code == 404
    edit("substantive", principios="Texto que no estaba.", por_que_importa="Otro más.")
    page = unescape(done.client.get(HOME).text)
    assert "El curso cambió desde que lo terminaste" in page and "Cambiaron 2 lecciones" in page
    assert "Hay una revisión nueva" not in page
    listed = done.client.get(f"{HOME}/actualizacion").text
    assert f"{HOME}/actualizacion/{FIRST}" in listed and f"{HOME}/actualizacion/{SECOND}" in listed
    assert "Otro más." in done.client.get(f"{HOME}/actualizacion/{FIRST}").text
    step = done.post(f"{HOME}/actualizacion/{FIRST}")
    assert (step.status_code, step.location) == (303, f"{HOME}/actualizacion/{SECOND}")
    done.post(f"{HOME}/actualizacion/{FIRST}")  # again: once is enough
    last = done.post(f"{HOME}/actualizacion/{SECOND}")
    assert (last.status_code, last.location) == (303, HOME)
    assert "Al día con la revisión 2" in unescape(done.client.get(HOME).text)
    assert session.scalars(select(CourseUpdate.completed_at)).one() is not None
    assert records(session) == issued and number_of(session, done) == 1
    with app.app_context():
        assert registry.verify(db.session()) == []
    refused = done.post(f"{HOME}/revision")
    assert refused.status_code == 409


def test_a_minor_change_asks_nothing_of_who_was_accredited(app: Flask, edit: Publish) -> None:
    done = learner(app)
    done.finish()
    edit("minor", principios="Una coma.")
    assert "cambió desde que lo terminaste" not in unescape(done.client.get(HOME).text)
    assert done.client.get(f"{HOME}/actualizacion").status_code == 404


def test_who_caught_up_once_is_asked_only_for_what_changed_since(app: Flask, edit: Publish) -> None:
    done = learner(app)
    done.finish()
    edit("substantive", principios="Texto que no estaba.")
    done.post(f"{HOME}/actualizacion/{SECOND}")
    edit("substantive", por_que_importa="Otro más.")
    page = done.client.get(f"{HOME}/actualizacion").text
    assert f"{HOME}/actualizacion/{FIRST}" in page and f"{HOME}/actualizacion/{SECOND}" not in page
    assert done.client.get(f"{HOME}/actualizacion/{SECOND}").status_code == 404
