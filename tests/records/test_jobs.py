"""The signed files: made once, by the job of one or for all that lack theirs; one that cannot be drawn stops nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Write
from tests.learning.learners import add_person
from tests.records.earning import give
from webapp.core.clock import now
from webapp.core.jobs import Job, enqueue
from webapp.records.models import Constancia

RunJobs = Callable[[], int]


def keys(session: Session) -> list[str | None]:
    session.expire_all()
    return list(session.scalars(select(Constancia.pdf_key).order_by(Constancia.id)))


def jobs(session: Session) -> list[Job]:
    session.expire_all()
    return list(session.scalars(select(Job).where(Job.name.startswith("records.")).order_by(Job.id)))


def test_the_file_is_made_once_and_stays(app: Flask, session: Session, run_jobs: RunJobs, write: Write) -> None:
    give(app, add_person(app))
    run_jobs()
    [first] = keys(session)
    assert first is not None
    with write() as writing:
        enqueue(writing, "records.render", now(), constancia_id=1)
        enqueue(writing, "records.render_missing", now())
    run_jobs()
    assert keys(session) == [first]
    assert [job.state for job in jobs(session)] == ["done"] * 3


def test_one_name_that_cannot_be_drawn_is_named_and_not_tried_again(
    app: Flask, session: Session, run_jobs: RunJobs, caplog: pytest.LogCaptureFixture
) -> None:
    give(app, add_person(app), name="Marina 😀")
    run_jobs()
    [job] = jobs(session)
    folio = session.scalars(select(Constancia.folio)).one()
    assert (job.state, job.attempts, job.result) == ("done", 1, {"unprintable": [folio]})
    assert folio in caplog.text
    assert "Marina" not in caplog.text  # nothing personal in the log
    assert keys(session) == [None]


@pytest.mark.sqlite_only
def test_a_batch_goes_on_behind_a_name_that_cannot_be_drawn(
    app: Flask, session: Session, run_jobs: RunJobs, write: Write
) -> None:
    person_id = add_person(app)
    for number in range(5):
        give(app, person_id, f"workshop:{number}", name="Marina 😀" if number == 1 else "Marina Cardón")
    with write() as writing:
        for job in writing.scalars(select(Job)):
            writing.delete(job)
        enqueue(writing, "records.render_missing", now())
    run_jobs()
    folios = session.scalars(select(Constancia.folio).order_by(Constancia.id)).all()
    [job] = jobs(session)
    assert (job.state, job.result) == ("done", {"rendered": 4, "unprintable": [folios[1]]})
    assert [key is None for key in keys(session)] == [False, True, False, False, False]
