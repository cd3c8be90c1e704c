"""Hands for tests about people: they fill in forms, read their mail and sign in with the code that it brought."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from sqlalchemy import select
from werkzeug.test import TestResponse

from webapp.accounts import queries, services
from webapp.accounts.models import Person, RoleGrant, RoleName
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.mail import OutboxMessage
from webapp.organizations.models import ObligedSubject, Region, State


def token(client: FlaskClient, path: str = "/entrar") -> str:
    """The CSRF token of a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)
    assert found, f"no token on {path}"
    return found[1]


def post(client: FlaskClient, path: str, /, page: str | None = None, **fields: Any) -> TestResponse:
    """Send a form as a browser does: with the token of the page it is on."""
    return client.post(path, data={"csrf_token": token(client, page or path), **fields})


@dataclass(frozen=True)
class Letter:
    recipient: str
    subject: str
    text: str

    @property
    def code(self) -> str:
        """The code in the first line."""
        found = re.match(r"(\d{6}) ", self.text)
        assert found, self.text
        return found[1]

    @property
    def link(self) -> str:
        found = re.search(r"https?://\S+", self.text)
        assert found, self.text
        return found[0]


def letters(app: Flask, recipient: str | None = None) -> list[Letter]:
    """The mails in the outbox, oldest first."""
    with app.app_context():
        rows = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
        return [Letter(r.recipient, r.subject, r.text) for r in rows if recipient in (None, r.recipient)]


def sign_in(client: FlaskClient, email: str, next: str = "") -> TestResponse:
    """Sign in with a mailed code; the answer to the code."""
    answer = post(client, "/entrar", email=email, next=next)
    assert answer.status_code == 303, answer.text
    code = letters(client.application, email.lower())[-1].code
    return post(client, "/entrar/codigo", code=code)


def add_person(app: Flask, email: str, *roles: RoleName, password: str | None = None, **more: Any) -> int:
    """A registered person with roles: coordinators of Baja California Sur, regional ones of the north."""
    with app.app_context(), transaction() as session:
        names = {"given_names": "Ana", "first_surname": "Pérez", "second_surname": "Núñez"} | more
        person = services.create_person(session, email=email, now=now(), registered=True, **names)
        if password is not None:
            person.password = hash_password(password)
        notice = queries.current_notice(session, "es")
        if notice is not None:
            services.accept_notice(session, person, notice, False, now())
        for role in roles:
            state = session.scalar(select(State).filter_by(iso="MX-BCS")) if role == "coordinator" else None
            region = session.scalar(select(Region)) if role == "regional-coordinator" else None
            session.add(
                RoleGrant(
                    person_id=person.id,
                    role=role,
                    state_id=state.id if state else None,
                    region_id=region.id if region else None,
                    granted_at=now(),
                )
            )
        return person.id


def person(app: Flask, email: str) -> Person | None:
    with app.app_context():
        return queries.person_by_email(db.session(), email)


def a_subject(app: Flask, state: str = "MX-BCS") -> ObligedSubject:
    """An obliged subject of that state which exists today."""
    with app.app_context():
        found = db.session.scalars(
            select(ObligedSubject)
            .join(State)
            .where(State.iso == state, ObligedSubject.valid_to.is_(None))
            .order_by(ObligedSubject.id)
        ).first()
        assert found is not None
        return found


NAMES = {"given_names": "María José", "first_surname": "Ibarra", "second_surname": "Cota", "post": "enlace-area"}
