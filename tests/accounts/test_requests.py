"""«No lo encuentro»: asked, listed by state, and answered."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts import policies, queries, services
from webapp.accounts.errors import AccountsError
from webapp.accounts.models import Affiliation, ObligedSubjectRequest, Person
from webapp.accounts.services.affiliations import ask_for_subject
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.organizations.models import ObligedSubject, State

DAY = date(2026, 3, 1)


def a_request(session: Session, state: str = "MX-BCS") -> tuple[Person, ObligedSubjectRequest]:
    place = session.scalars(select(State).filter_by(iso=state)).one()
    email = f"p{len(session.scalars(select(Person)).all())}@x.example"
    person = services.create_person(session, email=email, now=now(), given_names="Eva", first_surname="Ruiz")
    ask_for_subject(session, person, "Oficina de Agua", place, now())
    return person, session.scalars(select(ObligedSubjectRequest).filter_by(person_id=person.id)).one()


def a_coordinator(session: Session, state: str | None) -> Person:
    person = services.create_person(session, email=f"c{state}@x.example", now=now())
    place = session.scalars(select(State).filter_by(iso=state)).one()
    services.grant_role(session, None, person, "coordinator", place, None, now())
    return queries.person_with_grants(session, person.id)


def subject_of(session: Session, state: str) -> ObligedSubject:
    query = select(ObligedSubject).join(State).where(State.iso == state, ObligedSubject.valid_to.is_(None))
    found = session.scalars(query.order_by(ObligedSubject.id)).first()
    assert found is not None
    return found


def test_linking_opens_an_affiliation_from_that_day(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        person, request = a_request(session)
        actor, subject = a_coordinator(session, "MX-BCS"), subject_of(session, "MX-BCS")
        services.decide_request(session, actor, request, obliged_subject=subject, valid_from=DAY, reason="", now=now())
        assert (request.state, request.obliged_subject_id, request.decided_by_id) == ("linked", subject.id, actor.id)
        assert queries.affiliation_on(session, person.id, DAY) == (subject.id, subject.state_id)
        assert queries.affiliation_on(session, person.id, DAY - timedelta(days=1)) is None


def test_declining_needs_a_reason_and_changes_no_affiliation(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        person, request = a_request(session)
        actor = a_coordinator(session, "MX-BCS")
        with pytest.raises(AccountsError, match="no_reason"):
            services.decide_request(
                session, actor, request, obliged_subject=None, valid_from=None, reason=" ", now=now()
            )
        services.decide_request(
            session, actor, request, obliged_subject=None, valid_from=None, reason="Es privada", now=now()
        )
        assert (request.state, request.reason) == ("declined", "Es privada")
        assert session.scalars(select(Affiliation)).all() == []
        assert queries.affiliation_at(session, person.id, now()) == (None, None)


def test_a_request_is_answered_once(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        _person, request = a_request(session)
        actor, subject = a_coordinator(session, "MX-BCS"), subject_of(session, "MX-BCS")
        for error in (None, "request_decided"):
            if error is None:
                services.decide_request(
                    session, actor, request, obliged_subject=subject, valid_from=DAY, reason="", now=now()
                )
                continue
            with pytest.raises(AccountsError, match=error):
                services.decide_request(
                    session, actor, request, obliged_subject=None, valid_from=None, reason="no", now=now()
                )
        assert request.state == "linked"


@pytest.mark.parametrize(
    ("valid_from", "code"),
    [(date(2999, 1, 1), "future_date"), (date(1900, 1, 1), "outside_validity"), (None, "no_date")],
)
def test_a_day_that_cannot_be_is_refused(app: Flask, valid_from: date | None, code: str) -> None:
    with app.app_context(), pytest.raises(AccountsError, match=code), transaction() as session:
        _person, request = a_request(session)
        services.decide_request(
            session,
            a_coordinator(session, "MX-BCS"),
            request,
            obliged_subject=subject_of(session, "MX-BCS"),
            valid_from=valid_from,
            reason="",
            now=now(),
        )
    with app.app_context():
        assert db.session.scalars(select(Affiliation)).all() == []


def test_a_day_inside_another_affiliation_is_refused(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        person, request = a_request(session)
        earlier = services.join(session, person, subject_of(session, "MX-SON"), date(2026, 1, 1), now())
        earlier.valid_to = date(2026, 6, 1)
        actor, subject = a_coordinator(session, "MX-BCS"), subject_of(session, "MX-BCS")
        with pytest.raises(AccountsError, match="overlap"):
            services.decide_request(
                session, actor, request, obliged_subject=subject, valid_from=DAY, reason="", now=now()
            )
        services.decide_request(
            session, actor, request, obliged_subject=subject, valid_from=date(2026, 6, 1), reason="", now=now()
        )
        assert queries.affiliation_on(session, person.id, date(2026, 5, 31)) != queries.affiliation_on(
            session, person.id, date(2026, 6, 1)
        )


def test_who_may_answer_is_who_sees_it(app: Flask) -> None:
    today = date(2026, 11, 23)
    with app.app_context(), transaction() as session:
        a_request(session, "MX-BCS")
        a_request(session, "MX-SON")
        for state in ("MX-BCS", "MX-SON", "MX-CHH"):
            actor = a_coordinator(session, state)
            seen = set(
                session.scalars(
                    select(ObligedSubjectRequest.id).where(policies.requests_visible_to(session, actor, today))
                )
            )
            may = {
                one.id
                for one in queries.open_requests(session, None)
                if policies.can_decide_request(session, actor, one, today)
            }
            states = policies.states_in_scope(session, actor, today)
            assert seen == may == {one.id for one in queries.open_requests(session, states)}
            assert len(seen) == (0 if state == "MX-CHH" else 1)
