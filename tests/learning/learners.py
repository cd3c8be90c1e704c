"""Learners for tests: people who are signed in without reading mail, and who know the answers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from webapp.accounts import queries as accounts
from webapp.accounts.identity import SEEN, TOKEN
from webapp.accounts.models import ObligedSubjectRequest, Person, RoleGrant, RoleName
from webapp.accounts.services import accept_notice, create_person, join, open_session
from webapp.accounts.services.affiliations import ask_for_subject
from webapp.catalog import queries as catalog
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.coursepack.model import Course, Question
from webapp.demo.answers import right_response, wrong_response
from webapp.learning.models import QuizAttempt
from webapp.organizations.models import ObligedSubject, Region, State

SLUG = "proteccion-de-datos-personales"
COURSE = f"/cursos/{SLUG}"
EXAM, PRETEST = "examen-final", "diagnostico"
_numbers = itertools.count(1)


def subject_of(state: str = "MX-BCS") -> ObligedSubject:
    """An obliged subject of that state which exists today. Needs an application context."""
    found = db.session.scalars(
        select(ObligedSubject)
        .join(State)
        .where(State.iso == state, ObligedSubject.valid_to.is_(None))
        .order_by(ObligedSubject.id)
    ).first()
    assert found is not None
    return found


def add_person(
    app: Flask,
    *,
    roles: tuple[RoleName, ...] = (),
    names: tuple[str, str, str] = ("Marina", "Cardón", "Estero"),
    state: str = "MX-BCS",
    works: bool = True,
    asks_for: str = "",
    sex: Any = "mujer",
) -> int:
    """A registered person who works for an obliged subject of `state` since a year, or `asks_for` one; their id."""
    with app.app_context(), transaction() as session:
        moment = now()
        person = create_person(
            session,
            email=f"persona{next(_numbers)}@prueba.example",
            now=moment,
            given_names=names[0],
            first_surname=names[1],
            second_surname=names[2],
            sex=sex,
            post="enlace-area",
            registered=True,
        )
        notice = accounts.current_notice(session, "es")
        if notice is not None:
            accept_notice(session, person, notice, False, moment)
        if asks_for:
            ask_for_subject(
                session, person, asks_for, session.scalars(select(State).filter_by(iso=state)).one(), moment
            )
        elif works:
            join(session, person, subject_of(state), (moment - timedelta(days=365)).date(), moment)
        for role in roles:
            session.add(_grant(person, role, state))
        session.flush()
        return person.id


def _grant(person: Person, role: RoleName, state: str) -> RoleGrant:
    return RoleGrant(
        person_id=person.id,
        role=role,
        state_id=db.session.scalar(select(State.id).filter_by(iso=state)) if role == "coordinator" else None,
        region_id=db.session.scalar(select(Region.id).filter_by(key="norte"))
        if role == "regional-coordinator"
        else None,
        granted_at=now(),
    )


def open_request_of(app: Flask, person_id: int) -> str:
    """The public id of the «no lo encuentro» that a person has open."""
    with app.app_context():
        found = db.session.scalars(select(ObligedSubjectRequest).filter_by(person_id=person_id, state="open")).one()
        return found.public_id


def sign_in(app: Flask, person_id: int) -> FlaskClient:
    """A browser in which this person is signed in."""
    with app.app_context(), transaction() as session:
        token = open_session(session, person_id, "Prueba", "test", now())
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie[TOKEN], cookie[SEEN] = token, int(now().timestamp())
    return client


@dataclass
class Learner:
    """A person with a browser, walking through the course over HTTP as a page without scripts does."""

    app: Flask
    id: int
    client: FlaskClient
    _token: str = ""

    def post(self, path: str, /, **fields: Any) -> TestResponse:
        """Send a form with the token of this browser's session."""
        return self.client.post(path, data={"csrf_token": self.token(), **fields})

    def token(self) -> str:
        """The token that every form of this browser carries, from a small page that has one."""
        if not self._token:
            found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.client.get("/salir").text)
            assert found
            self._token = found[1]
        return self._token

    # --- the course -----------------------------------------------------------------------------------------

    def enrol(self) -> TestResponse:
        return self.post(f"{COURSE}/inscribirme")

    def read_lessons(self) -> None:
        """Say *Siguiente* in every lesson and hand in every check, all right."""
        for step in course(self.app).lesson_steps:
            if step.kind == "lesson":
                assert self.post(f"{COURSE}/{step.key}/siguiente").status_code == 303
            else:
                self.take(step.key)

    def confirm_name(self) -> TestResponse:
        return self.post(f"{COURSE}/nombre")

    def start(self, key: str) -> str:
        """Begin a quiz; the path of the attempt."""
        answer = self.post(f"{COURSE}/{key}/empezar")
        assert answer.status_code == 303, answer.text
        assert answer.location.startswith("/intentos/"), answer.location
        return answer.location

    def take(self, key: str, wrong: int = 0) -> str:
        """Take a quiz with the first `wrong` answers wrong and the rest right; the path of the attempt."""
        attempt = self.start(key)
        answer = self.post(f"{attempt}/entregar", **self.form(attempt, wrong), entregar="1")
        assert answer.status_code == 303, answer.text
        assert answer.location == f"{attempt}/resultado"
        return attempt

    def form(self, attempt: str, wrong: int = 0) -> dict[str, Any]:
        """The fields of an attempt's page, filled."""
        fields: dict[str, Any] = {}
        for place, question in enumerate(self.questions(attempt)):
            fields |= fields_of(question, (wrong_response if place < wrong else right_response)(question))
        return fields

    def questions(self, attempt: str) -> list[Question]:
        """The questions that were drawn for an attempt, in their order."""
        with self.app.app_context():
            row = db.session.execute(
                select(QuizAttempt.questions, QuizAttempt.step).filter_by(public_id=attempt.split("/")[2])
            ).one()
        found = course(self.app)
        by_id = {question.id: question for question in found.banks[found.steps[row.step].bank].questions}
        return [by_id[name] for name in row.questions]

    def save(self, attempt: str, question: Question, response: Mapping[str, Any], key: str) -> TestResponse:
        """Send one answer as the script of the page does."""
        return self.client.post(
            f"{attempt}/respuestas",
            data={"question": question.id, "client_key": key, **fields_of(question, response)},
            headers={"X-CSRFToken": self.token(), "Accept": "application/json"},
        )

    def reach_exam(self) -> None:
        """Enrol, read everything and confirm the name."""
        self.enrol()
        self.read_lessons()
        assert self.confirm_name().status_code == 303

    def finish(self, wrong: int = 0) -> str:
        """From nothing to the exam handed in; the path of the attempt."""
        self.reach_exam()
        return self.take(EXAM, wrong)


def course(app: Flask) -> Course:
    """The published course, with its answer key."""
    with app.app_context():
        state = catalog.course_by_slug(db.session(), SLUG)
        assert state is not None
        return catalog.revision(db.session(), state.revision_id).course


def email_of(app: Flask, person_id: int) -> str:
    """The address that a person signs in with."""
    with app.app_context():
        return db.session.scalars(select(Person.email).filter_by(id=person_id)).one()


def learner(app: Flask, **who: Any) -> Learner:
    """A new person with a browser in which they are signed in."""
    person_id = add_person(app, **who)
    return Learner(app, person_id, sign_in(app, person_id))


def fields_of(question: Question, response: Mapping[str, Any]) -> dict[str, Any]:
    """A response as the fields of a form name it."""
    base = f"{question.id}/r"
    fields: dict[str, Any] = {}
    for value in response.values():
        if isinstance(value, Mapping):
            fields |= {f"{base}.{part}": str(given) for part, given in value.items()}
        elif isinstance(value, bool):
            fields[base] = str(value).lower()
        else:
            fields[base] = value if isinstance(value, list) else str(value)
    return fields
