"""A course with people in it and people who teach it."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy import select

from tests.learning.learners import SLUG, add_person
from webapp.accounts.models import Person
from webapp.catalog import queries as catalog
from webapp.core.clock import now
from webapp.core.db import transaction
from webapp.core.jobs import run_due_jobs
from webapp.learning import services as learning
from webapp.organizations.models import Authority, ObligedSubject, State

LESSON = "por-que-importa"
PEOPLE = {
    "ana": (("Ana", "Palma", "Cruz"), "MX-BCS"),
    "bruno": (("Bruno", "Sal", "Ríos"), "MX-BCS"),
    "carla": (("Carla", "Luz", "Mar"), "MX-SON"),
}


@dataclass
class Classroom:
    """Ids of the course, of three learners of two states, and of those who may teach it."""

    app: Flask
    learners: tuple[str, ...] = tuple(PEOPLE)
    course_id: int = 0
    people: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.learners:
            names, state = PEOPLE[name]
            self.people[name] = add_person(self.app, names=names, state=state)
        self.people["rosa"] = add_person(self.app, roles=("trainer",), names=("Rosa", "Duna", "Salina"))
        self.people["adrift"] = add_person(self.app, roles=("trainer",), names=("Tito", "Mar", "Ola"), works=False)
        self.people["administrator"] = add_person(self.app, roles=("administrator",), names=("Alma", "Sol", "Vega"))
        with self.app.app_context(), transaction() as session:
            state_ = catalog.course_by_slug(session, SLUG)
            assert state_ is not None
            self.course_id = state_.id
            revision = catalog.revision(session, state_.revision_id)
            for name in self.learners:
                learning.enrol(session, session.get_one(Person, self.people[name]), revision, now())

    def let_states_answer_for_their_own(self) -> None:
        """As in life, and unlike in the demo padrón, each state has an authority of its own."""
        with self.app.app_context(), transaction() as session:
            for iso in ("MX-BCS", "MX-SON"):
                state = session.scalars(select(State).filter_by(iso=iso)).one()
                authority = Authority(key=iso.lower(), name=iso, kind="estatal", state_id=state.id, time_zone="UTC")
                session.add(authority)
                session.flush()
                for subject in session.scalars(select(ObligedSubject).filter_by(state_id=state.id)):
                    subject.authority_id = authority.id

    @property
    def ana(self) -> int:
        return self.people["ana"]

    @property
    def bruno(self) -> int:
        return self.people["bruno"]

    @property
    def carla(self) -> int:
        """She works in another state."""
        return self.people["carla"]

    @property
    def rosa(self) -> int:
        """A trainer of the state of Ana and Bruno."""
        return self.people["rosa"]

    @property
    def trainer_without_place(self) -> int:
        return self.people["adrift"]

    @property
    def administrator(self) -> int:
        return self.people["administrator"]

    def run_jobs(self) -> None:
        with self.app.app_context():
            run_due_jobs()
