"""Fills an installation with a region at work: people in nine states who enrol, learn, pass, fail and leave halfway.

Everything goes through the services that real people use, with moments of the past, so that the demonstration obeys
every rule that the real thing obeys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from flask_security import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts import queries as people_known
from webapp.accounts import services as accounts
from webapp.accounts.models import Person, RoleGrant
from webapp.accounts.services.affiliations import ask_for_subject
from webapp.catalog import queries as catalog
from webapp.coursepack import model as package
from webapp.demo.answers import right_response, wrong_response
from webapp.demo.forum import talk
from webapp.demo.labs import count_files, do_lab
from webapp.demo.people import ACCOUNTS, HOST, PASSWORD, Account, draw_name
from webapp.formatlab.curriculum import Curriculum
from webapp.learning import queries as learning
from webapp.learning import services as learn
from webapp.learning.models import Enrolment
from webapp.organizations import queries as organizations
from webapp.organizations.models import ObligedSubject, Region, State

PEOPLE = 110
DAYS = 170  # how far back the first enrolment lies
POSTS = ("titular-ut", "comite", "enlace-area", "oficial-datos", "archivo", "otra")
COURSE = "proteccion-de-datos-personales"  # what the demo people take, where it is published
SEED = 2026


@dataclass(frozen=True)
class Stage:
    """Where the demonstration happens."""

    revision: catalog.Revision
    subjects: Sequence[ObligedSubject]
    default_issuer: str
    curriculum: Curriculum


def is_filled(session: Session) -> bool:
    """Whether the demonstration was made already."""
    return session.scalar(select(Person.id).where(Person.demo).limit(1)) is not None


def fill(session: Session, default_issuer: str, known: Curriculum, now: datetime, people: int = PEOPLE) -> int:
    """Make the demo accounts and the activity of `people` others; returns how many people there are.

    Needs the reference data, the demo padrón and at least one published course.
    """
    rng = Random(SEED)  # noqa: S311  the same people every time
    published = catalog.published(session)
    revision = next((one for one in published if one.slug == COURSE), published[0])
    subjects = [s for s in _subjects(session, now) if s.valid_from <= (now - timedelta(days=DAYS)).date()]
    stage = Stage(revision, subjects, default_issuer, known)
    for account in ACCOUNTS:
        _add_account(session, stage, account, now)
    for number in range(people):
        _live(session, stage, rng, number, now)
    count_files(session, stage.curriculum, sorted({subject.state.iso for subject in subjects}), rng, now)
    talk(session, stage.revision, rng, now)
    return len(ACCOUNTS) + people


def _subjects(session: Session, now: datetime) -> list[ObligedSubject]:
    states = [state.id for state in organizations.states(session)]
    return organizations.obliged_subjects_of(session, states, now.date())


def _add_account(session: Session, stage: Stage, account: Account, now: datetime) -> None:
    began = now - timedelta(days=60)
    person = accounts.create_person(
        session,
        email=account.email,
        now=began,
        given_names=account.given_names,
        first_surname=account.first_surname,
        second_surname=account.second_surname,
        sex=account.sex,
        post="titular-ut",
        registered=True,
        demo=True,
    )
    person.password = hash_password(PASSWORD)
    subject = next(s for s in stage.subjects if s.state.iso == (account.state or "MX-BCS"))
    accounts.join(session, person, subject, began.date(), began)
    _accept_notice(session, person, began)
    if account.role is not None:
        session.add(
            RoleGrant(
                person_id=person.id,
                role=account.role,
                state_id=session.scalar(select(State.id).filter_by(iso=account.state)) if account.state else None,
                region_id=session.scalar(select(Region.id).filter_by(key=account.region)) if account.region else None,
                granted_at=began,
            )
        )
    else:
        enrolment = learn.enrol(session, person, stage.revision, now - timedelta(days=5))
        _read(session, stage, enrolment, 5, now - timedelta(days=4))
    session.flush()


def _accept_notice(session: Session, person: Person, at: datetime) -> None:
    notice = people_known.current_notice(session, "es")
    if notice is not None:
        accounts.accept_notice(session, person, notice, False, at)


def _live(session: Session, stage: Stage, rng: Random, number: int, now: datetime) -> None:
    """One person's story: most finish, some fail first, some stop halfway, some only enrol."""
    given, first, second, sex = draw_name(rng)
    began = now - timedelta(days=rng.uniform(1, DAYS))
    person = accounts.create_person(
        session,
        email=f"persona{number:04d}@{HOST}",
        now=began,
        given_names=given,
        first_surname=first,
        second_surname=second,
        sex=sex,
        post=rng.choice(POSTS),
        registered=True,
        demo=True,
    )
    subject = _draw_subject(stage, rng)
    if rng.random() < 0.04:
        ask_for_subject(session, person, f"Oficina de {subject.municipality}", subject.state, began)
    else:
        accounts.join(session, person, subject, began.date(), began)
    _accept_notice(session, person, began)
    fate = rng.random()
    if fate < 0.08:
        return  # registered and went no further
    enrolment = learn.enrol(session, person, stage.revision, began)
    at = began + timedelta(minutes=20)
    if fate < 0.3:
        _read(session, stage, enrolment, rng.randrange(0, len(stage.revision.course.lesson_steps)), at)
        return
    if rng.random() < 0.6:
        _answer(session, stage, enrolment, stage.revision.course.pretest, rng.uniform(0.2, 0.6), rng, at)
    at += timedelta(days=rng.uniform(0.1, 12))
    if at >= now:
        return
    _read(session, stage, enrolment, len(stage.revision.course.lesson_steps), at)
    learn.confirm_name(session, enrolment, person, at)
    for skill in (rng.uniform(0.62, 1), rng.uniform(0.8, 1)):
        at += timedelta(hours=rng.uniform(1, 60))
        if at >= now:
            return
        _answer(session, stage, enrolment, stage.revision.course.exam, skill, rng, at)
        if enrolment.concluded_at is not None:
            return


def _draw_subject(stage: Stage, rng: Random) -> ObligedSubject:
    """Where somebody works: more often in the states that have a demo coordinator, and some places send nobody."""
    wanted = rng.choices(("MX-BCS", "MX-SON", ""), (35, 20, 45))[0]
    near = [subject for subject in stage.subjects if wanted in ("", subject.state.iso)]
    return near[int(len(near) * rng.random() ** 1.4)]


def _read(session: Session, stage: Stage, enrolment: Enrolment, steps: int, at: datetime) -> None:
    """Go through the first `steps` steps that are not done yet."""
    states = learning.step_states(session, enrolment.id)
    for step in stage.revision.course.lesson_steps[:steps]:
        if (step.key in states and states[step.key].done) or step.kind == "package":  # those run in a browser only
            continue
        learn.reach_step(session, enrolment, step, step.minutes * 50, at)
        if step.kind == "lesson":
            learn.complete_lesson(session, enrolment, stage.revision, step, stage.default_issuer, at)
        elif step.kind == "lab":
            rng = Random(enrolment.id)  # noqa: S311
            do_lab(session, stage.curriculum, enrolment, stage.revision, step, stage.default_issuer, rng, at)
        else:
            _answer(session, stage, enrolment, step.key, 0.85, Random(enrolment.id), at)  # noqa: S311


def _answer(
    session: Session, stage: Stage, enrolment: Enrolment, key: str | None, skill: float, rng: Random, at: datetime
) -> None:
    """Take a quiz, each question right with the probability `skill`."""
    if key is None:
        return
    course = stage.revision.course
    step: package.Step = course.steps[key]
    row = learn.start_attempt(session, enrolment, stage.revision, step, at)
    attempt = learning.attempt_of(session, enrolment.person_id, row.public_id)
    if attempt is None:
        raise RuntimeError("an attempt that was just begun is missing")
    questions = {question.id: question for question in course.banks[step.bank].questions}
    responses = {}
    for name in attempt.questions:
        question = questions[name]
        response = right_response(question) if rng.random() < skill else wrong_response(question)
        if response:
            responses[name] = (question, response)
    learn.save_changed(session, attempt, responses, at)
    learn.submit_attempt(session, attempt, enrolment, stage.revision, stage.default_issuer, at + timedelta(minutes=9))
