"""`aula verify` finds what must not be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.accounts.hands import a_subject, add_person, sign_in
from webapp.accounts.models import AccountSession, Affiliation, Person, PrivacyAcceptance, PrivacyNotice
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.registry import verify


@pytest.fixture
def lived_in(app: Flask) -> Flask:
    add_person(app, "ana@dependencia.example")
    add_person(app, "luis@dependencia.example", "administrator")
    sign_in(app.test_client(), "ana@dependencia.example")
    return app


def test_a_healthy_installation_has_nothing_wrong(lived_in: Flask) -> None:
    with lived_in.app_context():
        assert verify(db.session()) == []


def share_an_address(session: Session) -> None:
    session.execute(
        update(Person)
        .where(Person.id == 1)
        .values(personal_email="luis@dependencia.example", personal_email_confirmed_at=now())
    )


def forget_the_confirmation(session: Session) -> None:
    session.execute(update(Person).where(Person.id == 1).values(personal_email="yo@casa.example"))


def overlap(session: Session) -> None:
    subject = session.info["subject"]
    for begins, ends in ((date(2026, 1, 1), date(2026, 6, 1)), (date(2026, 3, 1), None)):
        session.add(
            Affiliation(person_id=1, obliged_subject_id=subject, valid_from=begins, valid_to=ends, created_at=now())
        )


def lose_the_name(session: Session) -> None:
    session.execute(update(Person).where(Person.id == 1).values(given_names=""))


def accept_nothing(session: Session) -> None:
    session.add(PrivacyAcceptance(person_id=1, version="1999", text_hash="x", accepted_at=now()))


def close_without_ending(session: Session) -> None:
    session.execute(update(Person).where(Person.id == 1).values(active=False))
    session.execute(update(AccountSession).values(ended_at=None))


@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        (share_an_address, "addresses"),
        (forget_the_confirmation, "addresses"),
        (overlap, "one-open-affiliation"),
        (lose_the_name, "registered-people-have-names"),
        (accept_nothing, "registered-people-have-names"),
        (close_without_ending, "closed-accounts-have-no-sessions"),
    ],
)
def test_what_must_not_be_is_named(lived_in: Flask, damage: Callable[[Session], None], rule: str) -> None:
    subject = a_subject(lived_in).id
    with lived_in.app_context():
        with transaction() as session:
            session.info["subject"] = subject
            damage(session)
        found = {breach.rule for breach in verify(db.session())}
    assert found == {rule}


def test_a_published_notice_cannot_be_rewritten(lived_in: Flask) -> None:
    with lived_in.app_context(), pytest.raises(DBAPIError), transaction() as session:
        session.execute(update(PrivacyNotice).values(integral_html="otra cosa"))
