"""What a person is given of this room, and the rules that `aula verify` proves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Write
from tests.forum.classroom import LESSON, Classroom
from tests.learning.test_exports import keys_of
from webapp.accounts.labels import DATA_LABELS
from webapp.accounts.models import Person
from webapp.accounts.queries import person_with_grants
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.registry import export_person, verify
from webapp.forum import models, services
from webapp.forum.models import Announcement, AnnouncementRecipient, LessonAnswer, LessonQuestion

TABLES = (
    models.LessonQuestion,
    models.LessonAnswer,
    models.Announcement,
    models.AnnouncementRecipient,
    models.MutedCourse,
)


@pytest.fixture
def classroom(app: Flask) -> Classroom:
    return Classroom(app)


def _everything(session: Session, classroom: Classroom) -> None:
    """Rosa asks, answers, hides and announces; Ana asks and gets the announcement; Bruno wants no mails."""
    rosa, ana = (person_with_grants(session, who) for who in (classroom.rosa, classroom.ana))
    question = services.ask(session, rosa, classroom.course_id, LESSON, "¿Y si no hay?", True, now())
    services.answer(session, rosa, question, "Se dice que no hay.", "https://aula.example", now())
    of_ana = services.ask(session, ana, classroom.course_id, LESSON, "Lo de Ana", True, now())
    services.hide(session, rosa, of_ana, "Trae el nombre de alguien", now())
    services.announce(session, rosa, classroom.course_id, "Cambia el plazo", "El viernes", True, now())
    services.set_course_mail(session, classroom.bruno, classroom.course_id, False, now())


def test_every_personal_column_is_in_it_under_a_label(classroom: Classroom, write: Write, app: Flask) -> None:
    with write() as writing:
        _everything(writing, classroom)
    keys: set[str] = set()
    for who in (classroom.rosa, classroom.ana, classroom.bruno):
        with app.app_context():
            keys |= keys_of(export_person(db.session(), who)["preguntas y avisos"])
    personal = {
        column.name for table in TABLES for column in table.__table__.columns if column.info.get("data") == "personal"
    }
    assert personal <= keys
    assert keys <= set(DATA_LABELS)


def test_nobody_is_given_what_somebody_else_wrote(classroom: Classroom, write: Write, app: Flask) -> None:
    with write() as writing:
        _everything(writing, classroom)
    with app.app_context():
        of_rosa = str(export_person(db.session(), classroom.rosa)["preguntas y avisos"])
        of_ana = str(export_person(db.session(), classroom.ana)["preguntas y avisos"])
    assert "Se dice que no hay." in of_rosa and "Lo de Ana" not in of_rosa
    assert "Lo de Ana" in of_ana and "Trae el nombre de alguien" in of_ana and "¿Y si no hay?" not in of_ana
    assert "Cambia el plazo" in of_ana and "El viernes" not in of_ana


def test_moments_out_of_order_are_found(classroom: Classroom, write: Write, app: Flask) -> None:
    with write() as writing:
        _everything(writing, classroom)
    with app.app_context():
        assert verify(db.session()) == []
    with write() as writing:
        answer = writing.scalars(select(LessonAnswer)).one()
        question = writing.get_one(LessonQuestion, answer.question_id)
        answer.answered_at = question.asked_at - timedelta(days=1)
        recipient = writing.scalars(select(AnnouncementRecipient).filter_by(person_id=classroom.ana)).one()
        recipient.read_at = now() - timedelta(days=1)
        teacher = writing.get_one(Person, classroom.rosa)
        writing.add(
            Announcement(
                course_id=classroom.course_id, author_id=teacher.id, title="A nadie", body="Nada", sent_at=now()
            )
        )
    with app.app_context():
        broken = [breach.rule for breach in verify(db.session())]
    assert sorted(broken) == ["announcements-after-sending"] * 2 + ["answers-after-questions"]
