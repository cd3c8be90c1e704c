"""Achievements for tests of records, without the course that leads to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from webapp.accounts import queries as accounts
from webapp.accounts.models import Person
from webapp.core.clock import now
from webapp.core.db import transaction
from webapp.records.models import Constancia
from webapp.records.services import Achievement, accredit

ISSUER = "aula-norte-demo"
BASE = Achievement(
    source="workshop:1",
    person_id=0,
    name="Marina Cardón Estero",
    course_slug="datos",
    course_title="Protección de datos personales",
    topic="datos-personales",
    revision="3f9a1c0b77de" + "0" * 52,
    hours=Decimal("2.0"),
    score=92,
    pass_mark=80,
    issuer_key=ISSUER,
    validity_months=None,
    obliged_subject_id=None,
    state_id=None,
    sex="mujer",
)


def achieve(session: Session, person_id: int, source: str, at: datetime, **change: Any) -> Constancia:
    """Accredit a person, under their affiliation of that moment, inside the caller's transaction."""
    subject_id, state_id = accounts.affiliation_at(session, person_id, at)
    name = session.get_one(Person, person_id).full_name
    earned = replace(
        BASE, source=source, person_id=person_id, name=name, obliged_subject_id=subject_id, state_id=state_id
    )
    return accredit(session, replace(earned, **change), at)


def give(app: Flask, person_id: int, source: str = "workshop:1", at: datetime | None = None, **change: Any) -> str:
    """The same in a transaction of its own; the code of the constancia."""
    with app.app_context(), transaction() as session:
        return achieve(session, person_id, source, at or now(), **change).code
