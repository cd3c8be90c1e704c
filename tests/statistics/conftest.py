"""A platform with the demo padrón and a small world of facts that can be counted by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.accounts.hands import add_person, sign_in
from webapp.accounts.models import Person
from webapp.catalog.models import Course, CourseRevision
from webapp.core.db import db, transaction
from webapp.learning.models import Enrolment, QuizAttempt, QuizKind
from webapp.organizations.models import Authority, ObligedSubject, State
from webapp.records.models import Accreditation

__all__ = ["add_person", "sign_in"]

Row = TypeVar("Row")
ZONE = "America/Mazatlan"  # of the demo issuer, which sits in La Paz


def at(day: str, hour: int = 12) -> datetime:
    """An hour of a day where the issuer is."""
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=ZoneInfo(ZONE))


@dataclass
class World:
    """Hands that write facts. Everything happens in Baja California Sur unless said otherwise."""

    session: Session
    issuer: Authority
    numbers: count[int] = field(default_factory=lambda: count(1))

    def state(self, iso: str = "MX-BCS") -> State:
        return self.session.scalars(select(State).filter_by(iso=iso)).one()

    def subject(
        self, name: str, iso: str = "MX-BCS", first: str = "2020-01-01", last: str | None = None
    ) -> ObligedSubject:
        """A new obliged subject of the padrón; `last` is the first day on which it is gone."""
        row = ObligedSubject(
            key=name,
            name=name,
            search_name=name.lower(),
            state_id=self.state(iso).id,
            level="estatal",
            type="demo",
            time_zone=ZONE,
            valid_from=date.fromisoformat(first),
            valid_to=date.fromisoformat(last) if last else None,
        )
        return self._add(row)

    def course(self, slug: str) -> Course:
        row = Course(slug=slug, title=slug.capitalize(), topic="datos", published_at=at("2020-01-01"))
        self._add(row)
        revision = CourseRevision(course_id=row.id, number=1, hash=slug, content="{}", synced_at=at("2020-01-01"))
        row.revision_id = self._add(revision).id
        self.session.flush()
        return row

    def person(self, name: str = "Ana", sex: str = "mujer") -> Person:
        number = next(self.numbers)
        return self._add(
            Person(
                email=f"p{number}@demo.example",
                given_names=name,
                first_surname=f"Demo{number}",
                sex=sex,
                created_at=at("2020-01-01"),
                fs_uniquifier=f"p{number}",
            )
        )

    def enrol(
        self, person: Person, course: Course, subject: ObligedSubject, day: str, days: int = 30, concluded: str = ""
    ) -> Enrolment:
        return self._add(
            Enrolment(
                person_id=person.id,
                course_id=course.id,
                revision_id=course.revision_id,
                obliged_subject_id=subject.id,
                state_id=subject.state_id,
                sex=person.sex,
                pass_mark=80,
                attempts_allowed=3,
                enrolled_at=at(day),
                due_at=at(day) + timedelta(days=days),
                concluded_at=at(concluded) if concluded else None,
            )
        )

    def attempt(self, enrolment: Enrolment, kind: QuizKind, day: str, score: int, number: int = 1) -> QuizAttempt:
        return self._add(
            QuizAttempt(
                enrolment_id=enrolment.id,
                revision_id=enrolment.revision_id,
                step=kind,
                kind=kind,
                number=number,
                seed=1,
                questions=[],
                pass_mark=80,
                started_at=at(day),
                submitted_at=at(day),
                score=score,
                passed=score >= 80,
            )
        )

    def accredit(
        self,
        person: Person,
        course: Course,
        subject: ObligedSubject,
        day: str,
        hours: str = "2",
        corrects: Accreditation | None = None,
    ) -> Accreditation:
        return self._add(
            Accreditation(
                source=corrects.source if corrects else f"test:{next(self.numbers)}",
                person_id=person.id,
                course_slug=course.slug,
                course_title=course.title,
                topic="datos",
                revision="1",
                hours=Decimal(hours),
                score=90,
                pass_mark=80,
                issuer_id=self.issuer.id,
                obliged_subject_id=subject.id,
                state_id=subject.state_id,
                sex=person.sex,
                accredited_at=at(day),
                accredited_on=date.fromisoformat(day),
                recorded_at=at(day),
                corrects_id=corrects.id if corrects else None,
                correction_reason="error de captura" if corrects else "",
            )
        )

    def _add(self, row: Row) -> Row:
        self.session.add(row)
        self.session.flush()
        return row


def empty_world(session: Session, issuer: str) -> World:
    """The 32 states, and none of the demo's obliged subjects in the padrón of the days that tests use."""
    for row in session.scalars(select(ObligedSubject)):
        row.valid_to = row.valid_from + timedelta(days=1)
    session.flush()
    return World(session, session.scalars(select(Authority).filter_by(key=issuer)).one())


@pytest.fixture
def first_quarter(app: Flask) -> Flask:
    """The first quarter of 2026 in two states, as the sums in `test_figures.py` count it."""
    with app.app_context(), transaction() as session:
        world = empty_world(session, app.config["ISSUER"])
        fill_first_quarter(world)
    return app


def fill_first_quarter(w: World) -> None:
    """Three people of two of the three obliged subjects of B.C.S., and one of Sonora."""
    salud, agua, obras = w.subject("Salud"), w.subject("Agua"), w.subject("Obras")
    w.subject("Extinto", last="2026-01-01")
    w.subject("Futuro", first="2026-04-01")
    sonora = w.subject("Sonora", "MX-SON")
    datos, archivo = w.course("datos"), w.course("archivo")
    ana, luis, eva, teo = w.person("Ana"), w.person("Luis", "hombre"), w.person("Eva"), w.person("Teo", "hombre")

    # Ana: two courses, the exam at the second try; one accreditation was corrected from 9 hours to 3.
    one = w.enrol(ana, datos, salud, "2026-01-10", concluded="2026-01-20")
    w.attempt(one, "pretest", "2026-01-10", 40)
    w.attempt(one, "exam", "2026-01-19", 60)
    w.attempt(one, "exam", "2026-01-20", 90, number=2)
    wrong = w.accredit(ana, datos, obras, "2026-01-20", hours="9")
    w.accredit(ana, datos, salud, "2026-01-20", hours="3", corrects=wrong)
    w.enrol(ana, archivo, salud, "2026-02-01", concluded="2026-04-15")  # concluded after the quarter
    # Luis: late, and accredited on the last day of the quarter.
    two = w.enrol(luis, datos, agua, "2026-03-20", days=90, concluded="2026-03-31")
    w.attempt(two, "exam", "2026-03-31", 85)
    w.accredit(luis, datos, agua, "2026-03-31", hours="1.5")
    w.accredit(luis, archivo, agua, "2026-04-01")  # the day after
    # Eva: from before the quarter, handed in within it, and failed.
    old = w.enrol(eva, datos, obras, "2025-12-31")
    w.attempt(old, "pretest", "2025-12-31", 50)
    w.attempt(old, "exam", "2026-01-02", 45)
    # Teo, in Sonora.
    w.enrol(teo, datos, sonora, "2026-01-05", concluded="2026-01-06")
    w.accredit(teo, datos, sonora, "2026-01-06")


def state_id(app: Flask, iso: str) -> int:
    with app.app_context():
        return db.session.scalars(select(State.id).filter_by(iso=iso)).one()
