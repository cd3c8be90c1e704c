"""The rules of questions, answers and announcements, without pages."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import Write
from tests.forum.classroom import LESSON, Classroom
from webapp.accounts.models import Person
from webapp.accounts.queries import person_with_grants
from webapp.core.audit import AuditEvent
from webapp.core.clock import now
from webapp.core.jobs import Job, enqueue
from webapp.core.mail import OutboxMessage
from webapp.forum import jobs, queries, services
from webapp.forum.errors import ForumError
from webapp.forum.models import Announcement, AnnouncementRecipient, LessonAnswer, LessonQuestion
from webapp.learning.models import Enrolment

BASE = "https://aula.example"


@pytest.fixture
def classroom(app: Flask) -> Classroom:
    return Classroom(app)


@pytest.fixture
def empty_classroom(app: Flask) -> Classroom:
    return Classroom(app, learners=())


def refused(code: str) -> pytest.RaisesExc[ForumError]:
    return pytest.RaisesExc(ForumError, check=lambda error: error.code == code)


def asked(
    session: Session, classroom: Classroom, body: str = "¿Y si no hay nada?", mail: bool = True
) -> LessonQuestion:
    author = session.get_one(Person, classroom.ana)
    return services.ask(session, author, classroom.course_id, LESSON, body, mail, now())


def answered(
    session: Session, question: LessonQuestion, who: int, body: str = "Se publica que no hay."
) -> LessonAnswer:
    return services.answer(session, person_with_grants(session, who), question, body, BASE, now())


def test_the_same_words_sent_twice_are_one_question_and_one_answer(
    verified: None, classroom: Classroom, writing: Session
) -> None:
    first, again = (asked(writing, classroom, " ¿Y si no hay nada?\r\n") for _ in range(2))
    assert first.id == again.id and first.body == "¿Y si no hay nada?"
    one, two = (answered(writing, first, classroom.bruno) for _ in range(2))
    assert one.id == two.id


def test_a_question_is_changed_and_withdrawn_only_while_nobody_has_answered(
    verified: None, classroom: Classroom, writing: Session
) -> None:
    question = asked(writing, classroom)
    services.edit(writing, question, "¿Y si no hubo contratos?", now())
    assert question.body == "¿Y si no hubo contratos?" and question.edited_at is not None
    answer = answered(writing, question, classroom.bruno)
    services.hide(writing, writing.get_one(Person, classroom.rosa), answer, "Se burla", now())
    with refused("question_answered"):  # hidden answers are answers
        services.edit(writing, question, "Otra cosa", now())
    with refused("question_answered"):
        services.withdraw(writing, question, now())
    services.show(writing, writing.get_one(Person, classroom.rosa), answer, now())
    services.withdraw_answer(writing, answer, now())
    services.withdraw(writing, question, now())
    writing.flush()
    assert writing.scalar(select(func.count()).select_from(LessonQuestion)) == 0


@pytest.mark.parametrize(("body", "code"), [("  \n ", "no_words"), ("x" * 2001, "too_long")])
def test_empty_and_endless_words_are_refused(classroom: Classroom, writing: Session, body: str, code: str) -> None:
    with refused(code):
        asked(writing, classroom, body)


def test_an_answer_is_of_the_team_when_its_author_teaches_the_course(
    verified: None, classroom: Classroom, writing: Session
) -> None:
    question = asked(writing, classroom)
    assert answered(writing, question, classroom.rosa).from_team
    assert not answered(writing, question, classroom.bruno).from_team


def test_whoever_asked_is_told_of_answers_unless_they_said_no_or_answered_themselves(
    verified: None, classroom: Classroom, writing: Session
) -> None:
    question = asked(writing, classroom)
    answered(writing, question, classroom.ana, "Ya lo encontré.")
    answered(writing, question, classroom.bruno, "Pon el periodo.")
    services.set_mail(question, False)
    answered(writing, question, classroom.rosa, "Y la leyenda.")
    mails = writing.scalars(select(OutboxMessage)).all()
    assert [mail.recipient for mail in mails] == [writing.get_one(Person, classroom.ana).email]
    assert f"{BASE}/preguntas/{question.public_id}" in mails[0].text
    assert "Pon el periodo" not in mails[0].text and "Bruno" not in mails[0].text


def test_what_is_hidden_is_seen_by_its_author_and_by_who_teaches_and_takes_no_answers(
    verified: None, classroom: Classroom, writing: Session
) -> None:
    question = asked(writing, classroom)
    services.hide(writing, writing.get_one(Person, classroom.rosa), question, " Trae datos de otra persona ", now())
    assert question.hidden_reason == "Trae datos de otra persona"
    event = writing.scalars(select(AuditEvent).filter_by(action="post-hidden")).one()
    assert event.actor_id == classroom.rosa and event.detail["reason"] == "Trae datos de otra persona"
    seen = {
        who: [one.row.id for one in queries.box(writing, classroom.course_id, LESSON, person, teaches, 1)[0]]
        for who, person, teaches in (
            ("ana", classroom.ana, False),
            ("bruno", classroom.bruno, False),
            ("rosa", classroom.rosa, True),
        )
    }
    assert seen == {"ana": [question.id], "bruno": [], "rosa": [question.id]}
    assert queries.visible_in(writing, classroom.course_id, LESSON) == 0
    with refused("question_hidden"):
        answered(writing, question, classroom.bruno)
    with refused("no_words"):
        services.hide(writing, writing.get_one(Person, classroom.rosa), asked(writing, classroom, "¿Otra?"), " ", now())


def test_a_question_is_settled_by_the_team_or_by_an_answer_that_the_team_endorses(
    verified: None, classroom: Classroom, writing: Session
) -> None:
    question = asked(writing, classroom)
    answer = answered(writing, question, classroom.bruno)
    assert queries.counts(writing, classroom.course_id) == {"open": 1, "all": 1, "hidden": 0}
    rosa = writing.get_one(Person, classroom.rosa)
    services.endorse(writing, rosa, answer, True, now())
    writing.flush()
    assert queries.counts(writing, classroom.course_id)["open"] == 0
    services.endorse(writing, rosa, answer, False, now())
    writing.flush()
    assert queries.counts(writing, classroom.course_id)["open"] == 1


# --- announcements ------------------------------------------------------------------------------------------------


def announced(
    session: Session, classroom: Classroom, title: str = "Cambia el plazo", mail: bool = True
) -> Announcement:
    rosa = session.get_one(Person, classroom.rosa)
    return services.announce(session, rosa, classroom.course_id, title, "Ahora es el viernes.", mail, now())


def test_an_announcement_goes_to_who_is_on_the_way_and_to_nobody_else(
    verified: None, classroom: Classroom, writing: Session
) -> None:
    writing.get_one(Person, classroom.carla).active = False
    concluded = writing.scalars(select(Enrolment).filter_by(person_id=classroom.bruno)).one()
    moment, concluded.concluded_at = concluded.concluded_at, now()
    row, again = announced(writing, classroom), announced(writing, classroom)
    assert row.id == again.id
    found = writing.scalars(select(AnnouncementRecipient.person_id).filter_by(announcement_id=row.id)).all()
    assert found == [classroom.ana]
    concluded.concluded_at = moment


def test_an_announcement_to_nobody_is_refused(empty_classroom: Classroom, writing: Session) -> None:
    with refused("nobody_enrolled"):
        announced(writing, empty_classroom)


def test_reading_counts_once_and_only_for_recipients(verified: None, classroom: Classroom, writing: Session) -> None:
    row = announced(writing, classroom)
    first = now()
    assert services.mark_read(writing, classroom.ana, row, first)
    assert services.mark_read(writing, classroom.ana, row, now())
    assert not services.mark_read(writing, classroom.rosa, row, now())
    writing.flush()
    (sent,) = queries.sent(writing, Announcement.id == row.id)
    assert (sent.recipients, sent.read, sent.by_mail, sent.mailed) == (3, 1, 3, 0)
    reading = writing.scalars(select(AnnouncementRecipient).filter_by(person_id=classroom.ana)).one()
    assert reading.read_at == first


def test_names_of_who_has_not_read_are_for_administrators_and_for_trainers_of_the_same_authority(
    verified: None, classroom: Classroom, write: Write
) -> None:
    classroom.let_states_answer_for_their_own()
    with write() as writing:
        row = announced(writing, classroom)

    def seen(who: int) -> tuple[list[str], int]:
        with write() as reading:
            return queries.unread(reading, row, person_with_grants(reading, who), now().date())

    assert seen(classroom.administrator) == (["Ana Palma Cruz", "Bruno Sal Ríos", "Carla Luz Mar"], 0)
    assert seen(classroom.rosa) == (["Ana Palma Cruz", "Bruno Sal Ríos"], 1)  # Carla works in another state
    assert seen(classroom.trainer_without_place) == ([], 3)


def test_mails_leave_in_batches_once_each_and_not_to_who_muted_the_course(
    app: Flask, classroom: Classroom, write: Write, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "BATCH", 1)
    with write() as writing:
        services.set_course_mail(writing, classroom.bruno, classroom.course_id, False, now())
        services.set_course_mail(writing, classroom.bruno, classroom.course_id, False, now())
        announced(writing, classroom)
    run = classroom.run_jobs
    run()
    subjects = session.scalars(select(OutboxMessage.subject)).all()
    assert subjects == ["Aviso de tu curso: Cambia el plazo"] * 2
    job = session.scalars(select(Job).filter_by(name=services.MAIL)).one()
    assert (job.state, job.progress, job.result) == ("done", 100, {"mails": 2})
    with write() as writing:  # a job is done at least once
        enqueue(writing, services.MAIL, now(), announcement=job.args["announcement"])
    run()
    assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 2


def test_mails_of_a_retired_announcement_and_of_a_course_that_was_muted_meanwhile_do_not_leave(
    app: Flask, classroom: Classroom, write: Write, session: Session
) -> None:
    with write() as writing:
        services.retire(writing, writing.get_one(Person, classroom.rosa), announced(writing, classroom), now())
        announced(writing, classroom, "Otro")
        services.set_course_mail(writing, classroom.ana, classroom.course_id, False, now())
        services.set_course_mail(writing, classroom.ana, classroom.course_id, True, now())
    classroom.run_jobs()
    addresses = set(session.scalars(select(OutboxMessage.recipient)))
    people = session.scalars(select(Person.email).where(Person.id.in_((classroom.bruno, classroom.carla))))
    assert addresses == set(people)


def test_an_announcement_that_is_not_to_be_mailed_is_not_mailed(
    classroom: Classroom, write: Write, session: Session
) -> None:
    with write() as writing:
        announced(writing, classroom, mail=False)
    classroom.run_jobs()
    assert session.scalars(select(OutboxMessage.id)).all() == []
    assert set(session.scalars(select(AnnouncementRecipient.by_mail))) == {False}
