"""The curriculum folder and the catalogue: what is new, unchanged, refused or gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.conftest import Write
from tests.coursepack.example import CHECK, COURSE, COVER, LESSON, ROOT, SLUG, Example
from tests.learning.learners import SLUG as REAL
from tests.learning.learners import Learner, add_person, sign_in
from tests.pages import CheckingClient
from webapp.catalog import queries, services
from webapp.catalog.models import Course, CourseRevision
from webapp.core.audit import AuditEvent
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.storage import storage
from webapp.organizations.models import Authority

SHORT_TITLE = "Solo lo necesario"
OTHERS = {path.parent.name for path in (ROOT / "courses").glob("*/course.yaml")} - {REAL}  # retired by every sync here
Sync = Callable[[], dict[str, str]]


@pytest.fixture
def example(tmp_path: Path) -> Example:
    return Example(tmp_path / "courses")


@pytest.fixture
def sync(app: Flask, write: Write, example: Example) -> Sync:
    """Sync a folder with the example and a course of the curriculum; the outcome of each of both, by slug."""

    courses = example.folder.parent

    def run() -> dict[str, str]:
        with write() as session:
            results = services.sync(session, courses, storage(), now())
        return {result.slug: result.outcome for result in results if result.slug not in OTHERS}

    return run


def course(session: Session, slug: str = SLUG) -> Course:
    return session.scalars(select(Course).filter_by(slug=slug)).one()


def revisions(session: Session) -> int:
    """How many revisions there are of the example and of the course of the curriculum."""
    query = select(func.count(CourseRevision.id)).join(Course, Course.id == CourseRevision.course_id)
    return session.scalars(query.where(Course.slug.not_in(OTHERS))).one()


def write_field(example: Example, field: str, value: str) -> None:
    """Give a field of course.yaml another value."""
    line = next(line for line in example.read(COURSE).splitlines() if line.startswith(f"{field}:"))
    example.edit(COURSE, line, f"{field}: {value}")


def retitle(example: Example, title: str) -> None:
    for field in ("title", "short_title"):
        write_field(example, field, title)


def test_a_new_package_is_published_with_its_files(
    sync: Sync, example: Example, session: Session, client: CheckingClient
) -> None:
    assert sync() == {SLUG: "published", REAL: "retired"}
    row = course(session)
    assert (row.state, row.published_at <= now()) == ("published", True)
    assert session.scalars(select(CourseRevision.number).filter_by(course_id=row.id)).all() == [1]
    assert SHORT_TITLE in client.get("/cursos").text
    picture = client.get(f"/cursos/{SLUG}/material/1/{COVER}")
    assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
    assert picture.data == example.path(COVER).read_bytes()
    assert "sandbox" in picture.headers["Content-Security-Policy"]


def test_a_package_that_did_not_change_stays_as_it_is(sync: Sync, session: Session) -> None:
    sync()
    before = course(session).published_at, revisions(session), session.scalar(select(func.max(AuditEvent.id)))
    assert sync()[SLUG] == "unchanged"
    session.expire_all()
    assert (
        course(session).published_at,
        revisions(session),
        session.scalar(select(func.max(AuditEvent.id))),
    ) == before


def test_a_package_with_an_error_keeps_its_published_revision(
    sync: Sync, example: Example, session: Session, client: CheckingClient
) -> None:
    sync()
    published = course(session).revision_id
    retitle(example, "Otro título")
    example.append(LESSON, "\n\nVer [lo que no existe](cita:lgpdppso-2025/999).\n")
    example.write(CHECK, "bank: [")
    assert sync()[SLUG] == "refused"
    session.expire_all()
    assert course(session).revision_id == published
    assert "Otro título" not in client.get("/cursos").text
    assert client.get(f"/cursos/{SLUG}").status_code == 200


def test_a_refused_package_does_not_hold_up_the_others(sync: Sync, example: Example, tmp_path: Path) -> None:
    broken = example.folder.with_name("otro-curso")
    broken.mkdir()
    (broken / "course.yaml").write_text("title: [", encoding="utf-8")
    assert sync() == {SLUG: "published", "otro-curso": "refused", REAL: "retired"}


def test_a_new_package_with_an_error_leaves_nothing(sync: Sync, example: Example, session: Session) -> None:
    before = revisions(session)
    example.write(CHECK, "bank: [")
    assert sync()[SLUG] == "refused"
    assert session.scalars(select(Course).filter_by(slug=SLUG)).first() is None
    assert revisions(session) == before


def test_an_issuer_that_does_not_exist_is_refused_by_its_name(app: Flask, write: Write, example: Example) -> None:
    write_field(example, "issuer", "nadie")
    with write() as session:
        results = services.sync(session, example.folder.parent, storage(), now())
    refused = next(result for result in results if result.slug == SLUG)
    assert refused.outcome == "refused"
    assert [problem.code for problem in refused.problems] == ["unknown_issuer"]
    assert "nadie" in refused.problems[0].message


def test_the_issuer_of_a_course_is_the_authority_that_it_names(sync: Sync, example: Example, session: Session) -> None:
    write_field(example, "issuer", "aula-norte-demo")
    sync()
    key = session.scalar(
        select(Authority.key).join(Course, Course.issuer_id == Authority.id).where(Course.slug == SLUG)
    )
    assert key == "aula-norte-demo"


def test_a_broken_norm_refuses_everything_and_retires_nothing(sync: Sync, example: Example, session: Session) -> None:
    example.write("../_norms/lgpdppso-2025.yaml", "articles: [")
    assert sync() == {"_norms": "refused"}
    assert course(session, REAL).state == "published"


def test_a_folder_that_is_not_there_retires_nothing(app: Flask, write: Write, session: Session, tmp_path: Path) -> None:
    """A mistyped AULA_COURSES_DIR must not close the platform."""
    with write() as writing:
        results = services.sync(writing, tmp_path / "no-existe", storage(), now())
    assert [result.outcome for result in results] == ["refused"]
    assert course(session, REAL).state == "published"


def test_a_course_whose_folder_is_gone_is_retired_and_comes_back_with_it(
    sync: Sync, example: Example, session: Session, client: CheckingClient, tmp_path: Path
) -> None:
    sync()
    away = example.folder.rename(tmp_path / "away")
    assert sync() == {SLUG: "retired"}
    assert sync() == {}
    session.expire_all()
    kept = course(session)
    assert (kept.state, kept.revision_id is not None) == ("retired", True)
    assert SHORT_TITLE not in client.get("/cursos").text
    assert client.get(f"/cursos/{SLUG}").status_code == 200
    before = revisions(session)
    away.rename(example.folder)
    assert sync() == {SLUG: "published"}
    assert revisions(session) == before


def test_going_back_to_an_earlier_text_publishes_that_revision_again(
    sync: Sync, example: Example, session: Session
) -> None:
    sync()
    first = course(session).revision_id
    original = example.read(COURSE)
    retitle(example, "Otro título")
    assert sync()[SLUG] == "published"
    session.expire_all()
    assert course(session).revision_id != first
    example.write(COURSE, original)
    assert sync()[SLUG] == "published"
    session.expire_all()
    assert (course(session).revision_id, revisions(session)) == (first, 3)  # with the real course's


def test_a_learner_keeps_the_revision_they_began(sync: Sync, app: Flask, example: Example, session: Session) -> None:
    """Who enrolled goes on with the course as it was; who comes later gets the new one."""
    sync()
    person_id = add_person(app)
    early = Learner(app, person_id, sign_in(app, person_id))
    assert early.post(f"/cursos/{SLUG}/inscribirme").status_code == 303
    old_title = course(session).title
    retitle(example, "El título nuevo")
    assert sync()[SLUG] == "published"
    assert old_title in early.client.get(f"/cursos/{SLUG}").text
    visitor = app.test_client().get(f"/cursos/{SLUG}").text
    assert "El título nuevo" in visitor and old_title not in visitor


def test_a_revision_is_the_same_wherever_it_lies_and_changes_with_one_letter(example: Example, tmp_path: Path) -> None:
    first = example.course().revision
    assert Example(tmp_path / "elsewhere").course().revision == first
    example.append(LESSON, "\nUna línea más.\n")
    assert example.course().revision != first


def test_a_published_revision_cannot_be_rewritten(sync: Sync, app: Flask, write: Write) -> None:
    sync()
    with pytest.raises(DBAPIError, match="facts"), write() as session:
        session.execute(update(CourseRevision).values(content="{}"))


def test_what_was_parsed_is_the_revision_that_was_asked_for(sync: Sync, app: Flask, example: Example) -> None:
    sync()
    with app.app_context():
        first = queries.course_by_slug(db.session(), SLUG)
        assert first is not None
        title = queries.revision(db.session(), first.revision_id).course.title
    retitle(example, "El título nuevo")
    sync()
    with app.app_context():
        second = queries.course_by_slug(db.session(), SLUG)
        assert second is not None
        assert queries.revision(db.session(), second.revision_id).course.title == "El título nuevo"
        assert queries.revision(db.session(), first.revision_id).course.title == title
