"""The demonstration: made once, of people who do not exist, by the rules that real people obey."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.accounts.hands import post
from tests.installations import MakeApp
from webapp.accounts.models import Affiliation, ObligedSubjectRequest, Person, PrivacyAcceptance, RoleGrant
from webapp.core import registry
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.mail import OutboxMessage
from webapp.demo import cli, services
from webapp.demo.people import ACCOUNTS, PASSWORD
from webapp.formatlab.curriculum import curriculum
from webapp.forum.models import Announcement, AnnouncementRecipient, LessonAnswer, LessonQuestion
from webapp.learning.models import Enrolment, QuizAttempt
from webapp.records.models import Accreditation, Constancia

PEOPLE = 25


def fill(app: Flask, people: int) -> None:
    with app.app_context(), transaction() as session:
        services.fill(session, app.config["ISSUER"], curriculum(app.config["COURSES_DIR"]), now(), people)


@pytest.fixture
def filled(app: Flask) -> Flask:
    """An installation with far fewer people than the demonstration has."""
    fill(app, 4)
    return app


def count(session: Session, table: type) -> int:
    return session.scalars(select(func.count()).select_from(table)).one()


def test_it_shows_every_stage_of_learning_and_every_rule_holds(app: Flask, session: Session) -> None:
    fill(app, PEOPLE)
    with app.app_context():
        assert registry.verify(db.session()) == []
    assert count(session, Person) == PEOPLE + len(ACCOUNTS)
    concluded = session.scalars(select(func.count(Enrolment.concluded_at))).one()
    assert 0 < concluded < count(session, Enrolment) < count(session, Person)
    assert count(session, Constancia) == count(session, Accreditation) == concluded
    assert set(session.scalars(select(QuizAttempt.kind))) == {"pretest", "check", "exam"}
    failed = select(QuizAttempt.id).where(QuizAttempt.kind == "exam", QuizAttempt.passed.is_(False))
    assert session.scalars(failed).all()


def test_it_is_made_once(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services.fill, "__defaults__", (3,))
    with app.app_context():
        assert cli.ensure_demo() is True
    people = count(session, Person)
    with app.app_context():
        assert cli.ensure_demo() is False
    assert count(session, Person) == people


def test_the_same_people_live_in_every_demonstration(make_app: MakeApp) -> None:
    """What one installation shows is found in another; only the questions that exams draw differ."""
    moment, stories = now(), []
    for _ in range(2):
        app = make_app()
        with app.app_context(), transaction() as session:
            services.fill(session, app.config["ISSUER"], curriculum(app.config["COURSES_DIR"]), moment, 5)
            columns = (Person.email, Person.given_names, Person.first_surname, Person.sex, Person.created_at)
            stories.append(session.execute(select(*columns).order_by(Person.id)).all())
    assert stories[0] == stories[1]


def test_nothing_happens_before_its_time_or_after_today(filled: Flask, session: Session) -> None:
    assert session.scalars(select(Enrolment).where(Enrolment.enrolled_at > now())).all() == []
    late = select(QuizAttempt).where(QuizAttempt.submitted_at > now() + timedelta(minutes=10))
    assert session.scalars(late).all() == []


def test_nobody_in_it_can_be_somebody(filled: Flask, session: Session) -> None:
    """Every address is of a reserved domain, everybody is marked, and everybody accepted the notice."""
    for person in session.scalars(select(Person)):
        assert person.demo and person.email.endswith("@demo.example"), person.email
    assert count(session, PrivacyAcceptance) == count(session, Person)


def test_everybody_works_somewhere_or_has_asked(filled: Flask, session: Session) -> None:
    placed = set(session.scalars(select(Affiliation.person_id)))
    asked = set(session.scalars(select(ObligedSubjectRequest.person_id)))
    assert placed | asked == set(session.scalars(select(Person.id)))


def test_each_account_that_is_printed_opens_where_it_works(filled: Flask) -> None:
    for account in ACCOUNTS:
        client = filled.test_client()
        entered = post(client, "/entrar/clave", email=account.email, password=PASSWORD)
        assert entered.status_code in {302, 303}, account.email
        assert account.given_names in client.get("/mi-cuenta").text
        desk = client.get("/coordinacion", follow_redirects=True)
        coordinates = account.role in {"coordinator", "regional-coordinator", "administrator"}
        assert (desk.status_code == 200) is coordinates, account.email


def test_the_accounts_hold_the_roles_that_are_printed(filled: Flask, session: Session) -> None:
    held = session.execute(select(Person.email, RoleGrant.role).join(RoleGrant, RoleGrant.person_id == Person.id))
    assert {tuple(row) for row in held} == {(one.email, one.role) for one in ACCOUNTS if one.role is not None}


def test_outside_of_a_demonstration_nobody_is_made(make_app: MakeApp) -> None:
    app = make_app(AULA_DEMO="0")
    refused = app.test_cli_runner().invoke(args=["demo"])
    assert refused.exit_code != 0
    assert "AULA_DEMO=1" in refused.output
    with app.app_context():
        assert not services.is_filled(db.session())


def test_it_prints_how_to_sign_in(filled: Flask) -> None:
    shown = filled.test_cli_runner().invoke(args=["demo"])
    assert shown.exit_code == 0
    assert PASSWORD in shown.output
    assert set(re.findall(r"\S+@demo\.example", shown.output)) == {account.email for account in ACCOUNTS}


def test_its_people_ask_answer_and_read_what_is_announced(filled: Flask, session: Session) -> None:
    assert count(session, LessonQuestion) == 4
    assert {True, False} == set(session.scalars(select(LessonAnswer.from_team)))
    assert session.scalars(select(func.count(LessonAnswer.endorsed_at))).one() == 1
    assert count(session, Announcement) == 1
    mine = select(AnnouncementRecipient.read_at).join(Person).where(Person.email == "participante@demo.example")
    assert session.scalars(mine).one() is None  # something is left to do


def test_no_mail_goes_to_a_person_of_the_demonstration(filled: Flask, session: Session) -> None:
    assert session.scalars(select(OutboxMessage.recipient)).all() == []
