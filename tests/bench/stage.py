"""The installation that is measured: real courses, the measured one, and learners who are ready for what comes."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from flask import Flask, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

import config
from tests.bench import package
from tests.bench.browser import Pass
from webapp.accounts import queries as accounts
from webapp.accounts.identity import SEEN, TOKEN
from webapp.accounts.models import Person, RoleGrant
from webapp.accounts.notices import load_notice
from webapp.accounts.services import accept_notice, create_person, join, open_session, sync_privacy_notice
from webapp.app import create_app
from webapp.catalog import queries as catalog
from webapp.catalog.services import sync
from webapp.core.clock import now
from webapp.core.db import changing_schema, db, transaction
from webapp.core.jobs import enqueue
from webapp.core.schema import upgrade
from webapp.core.storage import storage
from webapp.learning import services as learning
from webapp.learning.models import StepProgress
from webapp.organizations.models import ObligedSubject, State
from webapp.organizations.services import load_demo, sync_reference
from webapp.records.services import Achievement, accredit


@dataclass(frozen=True)
class Learner:
    """A signed-in person and where their enrolments are."""

    person_id: int
    entry: Pass


class Stage:
    """A data folder with an application on it, in this process; servers run on the same folder."""

    def __init__(self, folder: Path) -> None:
        courses = folder / "courses"
        self.folder = folder / "data"
        self.environment = {
            "AULA_DATA_DIR": str(self.folder),
            "AULA_COURSES_DIR": str(courses),
            "AULA_DEMO": "1",
        }
        package.write_courses(courses, config.ROOT / "courses")
        self.app: Flask = create_app(config.load(self.environment))
        self.app.config["JOBS_INLINE_OFF"] = True
        self._people = 0
        with self.app.app_context():
            with changing_schema():
                upgrade()
            with transaction() as database:
                sync_reference(database)
                load_demo(database)
                sync_privacy_notice(database, load_notice(self.app.config), now())
                results = sync(database, courses, storage(), now())
            refused = [result for result in results if result.outcome != "published"]
            if refused:
                raise RuntimeError(f"courses were refused: {refused}")

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction on the data folder."""
        with self.app.app_context(), transaction() as database:
            yield database

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self.app.app_context():
            yield db.session()

    def learners(self, count: int, *slugs: str, ready_for_exam: bool = False) -> list[Learner]:
        """People who are signed in and enrolled in these courses; `ready_for_exam` = every step before it is done."""
        with self.writing() as database:
            revisions = [_revision(database, slug) for slug in slugs]
            subjects = database.scalars(select(ObligedSubject).where(ObligedSubject.valid_to.is_(None))).all()
            tokens = []
            for number in range(count):
                person = self._person(database, subjects[number % len(subjects)])
                for revision in revisions:
                    _enrol(database, person, revision, ready_for_exam)
                tokens.append((person.id, open_session(database, person.id, "Cifras", "bench", now())))
        return [Learner(person_id, self._pass(token)) for person_id, token in tokens]

    def coordinator(self, state: str) -> Learner:
        """A signed-in coordinator of a state, by its ISO code."""
        with self.writing() as database:
            row = database.scalars(select(State).filter_by(iso=state)).one()
            subject = database.scalars(select(ObligedSubject).filter_by(state_id=row.id, valid_to=None)).first()
            assert subject is not None
            person = self._person(database, subject)
            database.add(RoleGrant(person_id=person.id, role="coordinator", state_id=row.id, granted_at=now()))
            database.flush()
            token = open_session(database, person.id, "Cifras", "bench", now())
        return Learner(person.id, self._pass(token))

    def constancias(self, count: int) -> None:
        """Issue `count` constancias that have no file yet, and ask the worker for all of them in one job."""
        with self.writing() as database:
            revision = _revision(database, package.REAL_SLUG)
            subject = database.scalars(select(ObligedSubject).where(ObligedSubject.valid_to.is_(None))).first()
            assert subject is not None
            for number in range(count):
                person = self._person(database, subject)
                achievement = Achievement(
                    source=f"bench:{number}",
                    person_id=person.id,
                    name=person.full_name,
                    course_slug=revision.slug,
                    course_title=revision.course.title,
                    topic=revision.course.topic,
                    revision=revision.hash,
                    hours=Decimal(str(revision.course.hours)),
                    score=90,
                    pass_mark=80,
                    issuer_key=self.app.config["ISSUER"],
                    validity_months=None,
                    obliged_subject_id=subject.id,
                    state_id=subject.state_id,
                    sex=person.sex,
                )
                accredit(database, achievement, now(), with_document=False)

    def ask_for_documents(self) -> str:
        """Queue the job that makes every missing document; returns its public id."""
        with self.writing() as database:
            return enqueue(database, "records.render_missing", now()).public_id

    def _person(self, database: Session, subject: ObligedSubject) -> Person:
        self._people += 1
        moment = now()
        person = create_person(
            database,
            email=f"cifra{self._people}@prueba.example",
            now=moment,
            given_names="Marina",
            first_surname="Cardón",
            second_surname="Estero",
            sex="mujer",
            post="enlace-area",
            registered=True,
        )
        notice = accounts.current_notice(database, "es")
        assert notice is not None
        accept_notice(database, person, notice, False, moment)
        join(database, person, subject, (moment - timedelta(days=365)).date(), moment)
        return person

    def _pass(self, token: str) -> Pass:
        """The cookie that the sign-in would have set, and the token that its forms would carry."""
        with self.app.test_request_context():
            session.permanent = True
            session[TOKEN], session[SEEN] = token, int(now().timestamp())
            session["csrf_token"] = secrets.token_hex(20)
            form_token = generate_csrf()
            serializer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
            return Pass(str(serializer.dumps(dict(session))), str(form_token))


def _revision(database: Session, slug: str) -> catalog.Revision:
    found = catalog.course_by_slug(database, slug)
    assert found is not None, slug
    return catalog.revision(database, found.revision_id)


def _enrol(database: Session, person: Person, revision: catalog.Revision, ready: bool) -> None:
    moment = now()
    enrolment = learning.enrol(database, person, revision, moment)
    if not ready:
        return
    done = [
        {"enrolment_id": enrolment.id, "step": s.key, "started_at": moment, "completed_at": moment, "exempted": False}
        | {"seconds": 60}
        for s in revision.course.lesson_steps
    ]
    database.execute(insert(StepProgress), done)
    learning.confirm_name(database, enrolment, person, moment)
