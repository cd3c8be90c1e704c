"""A year of one state in bulk, for measuring and for tests of size: people, enrolments, attempts, accreditations."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from webapp.accounts.models import SEXES, Affiliation, Person
from webapp.catalog.models import Course, CourseRevision
from webapp.core.clock import local_date, now
from webapp.learning.models import Enrolment, QuizAttempt
from webapp.organizations.models import Authority, ObligedSubject, State
from webapp.records.models import Accreditation

STATE, ZONE = "MX-BCS", "America/Mazatlan"
COURSES, SUBJECTS, CHECKS = 4, 79, 5
DAYS, PLAZO = 360, 90
PER_PERSON = 2.5  # enrolments


def fill(session: Session, enrolments: int = 20_000, seed: int = 1) -> None:
    """Write `enrolments` of the last year into Baja California Sur, inside the caller's transaction.

    More than half were concluded and accredited; one accreditation in a hundred was corrected. Each has its checks, a
    pre-test and one or two exams, so that the tables have the size of real ones. The same `seed`, the same year.
    """
    rng = Random(seed)
    moment = now().replace(microsecond=0)
    state_id = session.scalars(select(State.id).filter_by(iso=STATE)).one()
    subjects = _subjects(session, state_id)
    courses = _courses(session, moment)
    people = _people(session, rng, max(1, round(enrolments / PER_PERSON)), subjects, moment)
    pairs = [(person, course) for course in courses for person in people]
    rows = [
        _enrolment(rng, person, course, state_id, moment)
        for person, course in rng.sample(pairs, min(enrolments, len(pairs)))
    ]
    ids = _insert(session, Enrolment, rows)
    _attempts(session, rng, rows, ids)
    _accreditations(session, rng, rows, ids, {course[0]: course[2] for course in courses}, moment)


def _insert(session: Session, model: Any, rows: list[dict[str, Any]]) -> list[int]:
    """Insert the rows and return their ids in the same order."""
    return list(session.scalars(insert(model).returning(model.id, sort_by_parameter_order=True), rows))


def _subjects(session: Session, state_id: int) -> list[int]:
    found = list(session.scalars(select(ObligedSubject.id).filter_by(state_id=state_id, valid_to=None)))
    rows = [
        {
            "key": f"cifras-{number}",
            "name": f"Sujeto obligado de prueba {number}",
            "search_name": f"sujeto obligado de prueba {number}",
            "state_id": state_id,
            "level": ("estatal", "municipal")[number % 2],
            "type": ("dependencia", "municipio", "autonomo")[number % 3],
            "time_zone": ZONE,
            "valid_from": date(2020, 1, 1),
        }
        for number in range(SUBJECTS - len(found))
    ]
    return found + (_insert(session, ObligedSubject, rows) if rows else [])


def _courses(session: Session, moment: datetime) -> list[tuple[int, int, str]]:
    """Id, revision and slug of courses that were retired, so that no page has to show their content."""
    found = []
    for number in range(COURSES):
        slug = f"curso-de-prueba-{number}"
        course = Course(
            slug=slug, title=f"Curso de prueba {number}", topic="datos", state="retired", published_at=moment
        )
        session.add(course)
        session.flush()
        revision = CourseRevision(course_id=course.id, number=1, hash=slug, content="{}", synced_at=moment)
        session.add(revision)
        session.flush()
        found.append((course.id, revision.id, slug))
    return found


def _people(
    session: Session, rng: Random, count: int, subjects: list[int], moment: datetime
) -> list[tuple[int, int, str]]:
    """Id, obliged subject and sex. Some obliged subjects send many people, and a few nobody."""
    sexes = rng.choices(SEXES, (50, 42, 1, 3, 4), k=count)
    rows = [
        {
            "email": f"cifras{number}@prueba.example",
            "given_names": "Marina" if number % 2 else "Íñigo",
            "first_surname": f"Cardón{number}",
            "search_name": f"persona cardon{number}",
            "sex": sexes[number],
            "created_at": moment,
            "fs_uniquifier": f"cifras{number}",
        }
        for number in range(count)
    ]
    ids = _insert(session, Person, rows)
    places = [subjects[int(len(subjects) * 0.95 * rng.random() ** 1.4)] for _ in ids]
    session.execute(
        insert(Affiliation),
        [
            {"person_id": person, "obliged_subject_id": place, "valid_from": date(2020, 1, 1), "created_at": moment}
            for person, place in zip(ids, places, strict=True)
        ],
    )
    return list(zip(ids, places, sexes, strict=True))


def _enrolment(
    rng: Random, person: tuple[int, int, str], course: tuple[int, int, str], state_id: int, moment: datetime
) -> dict[str, Any]:
    began = moment - timedelta(days=rng.uniform(0, DAYS))
    ended = began + timedelta(days=rng.uniform(1, PLAZO * 1.2))
    return {
        "person_id": person[0],
        "course_id": course[0],
        "revision_id": course[1],
        "obliged_subject_id": person[1],
        "state_id": state_id,
        "sex": person[2],
        "pass_mark": 80,
        "attempts_allowed": 3,
        "enrolled_at": began,
        "due_at": began + timedelta(days=PLAZO),
        "concluded_at": ended if ended < moment and rng.random() < 0.7 else None,
    }


def _attempts(session: Session, rng: Random, rows: list[dict[str, Any]], ids: list[int]) -> None:
    attempts = []
    for row, enrolment_id in zip(rows, ids, strict=True):
        began, ended = row["enrolled_at"], row["concluded_at"]
        drawn = [(f"repaso-{n}", "check", 1, rng.randrange(50, 101)) for n in range(CHECKS)]
        drawn.append(("diagnostico", "pretest", 1, rng.randrange(20, 70)))
        if ended is not None and rng.random() < 0.3:
            drawn.append(("examen", "exam", 1, rng.randrange(40, 80)))
            drawn.append(("examen", "exam", 2, rng.randrange(80, 101)))
        elif ended is not None:
            drawn.append(("examen", "exam", 1, rng.randrange(80, 101)))
        attempts += [
            {
                "enrolment_id": enrolment_id,
                "revision_id": row["revision_id"],
                "step": step,
                "kind": kind,
                "number": number,
                "seed": 1,
                "questions": [],
                "pass_mark": 80,
                "started_at": began,
                "submitted_at": ended if kind == "exam" else began,
                "score": score,
                "passed": score >= 80,
            }
            for step, kind, number, score in drawn
        ]
    session.execute(insert(QuizAttempt), attempts)


def _accreditations(
    session: Session,
    rng: Random,
    rows: list[dict[str, Any]],
    ids: list[int],
    slugs: dict[int, str],
    moment: datetime,
) -> None:
    issuer_id = session.scalars(select(Authority.id).order_by(Authority.id)).first()
    facts = [
        {
            "source": f"enrolment:{enrolment_id}",
            "person_id": row["person_id"],
            "course_slug": slugs[row["course_id"]],
            "course_title": slugs[row["course_id"]].capitalize(),
            "topic": "datos",
            "revision": "1",
            "hours": Decimal("6.5"),
            "score": 90,
            "pass_mark": 80,
            "issuer_id": issuer_id,
            "obliged_subject_id": row["obliged_subject_id"],
            "state_id": row["state_id"],
            "sex": row["sex"],
            "accredited_at": row["concluded_at"],
            "accredited_on": local_date(row["concluded_at"], ZONE),
            "recorded_at": row["concluded_at"],
        }
        for row, enrolment_id in zip(rows, ids, strict=True)
        if row["concluded_at"] is not None
    ]
    kept = _insert(session, Accreditation, facts)
    corrections = [
        fact | {"hours": Decimal("6.0"), "recorded_at": moment, "corrects_id": corrected, "correction_reason": "horas"}
        for fact, corrected in zip(facts, kept, strict=True)
        if rng.random() < 0.01
    ]
    session.execute(insert(Accreditation), corrections)
