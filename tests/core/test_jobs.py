"""Background work: asked for with the data it belongs to, done by one worker at a time, tried again, never lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

import config
from tests.conftest import Write
from tests.core.console import done, invoke
from tests.learning.learners import add_person, sign_in
from tests.learning.together import at_once
from webapp.app import create_app
from webapp.core import jobs
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.jobs import BACKOFF, LEASE, MAX_ATTEMPTS, Job, Run, enqueue, run_job

RunJobs = Callable[[], int]
Clock = time_machine.Traveller
NAME = "test.work"


class Work:
    """A handler that notes when it was called and then does what a test wants."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.act: Callable[[Run], Any] = lambda run: None

    def __call__(self, run: Run, **args: Any) -> Any:
        self.calls.append(args)
        return self.act(run)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    handler = Work()
    monkeypatch.setitem(jobs._handlers, NAME, handler)
    return handler


def ask(write: Write, **args: Any) -> int:
    with write() as session:
        return enqueue(session, NAME, now(), **args).id


def row(session: Session, job_id: int) -> Job:
    return session.scalars(select(Job).where(Job.id == job_id).execution_options(populate_existing=True)).one()


def die(run: Run) -> None:
    """End as a worker that is killed: nothing is written down."""
    raise SystemExit


def run_and_die(app: Flask, job_id: int) -> None:
    with app.app_context(), pytest.raises(SystemExit):
        run_job(job_id)


# --- asked for --------------------------------------------------------------------------------------------------


def test_work_that_was_asked_for_is_done_once_with_its_arguments(
    app: Flask, write: Write, session: Session, run_jobs: RunJobs, work: Work
) -> None:
    work.act = lambda run: {"made": 3}
    job_id = ask(write, course="a", times=2)
    assert run_jobs() == 1
    assert run_jobs() == 0
    assert work.calls == [{"course": "a", "times": 2}]
    found = row(session, job_id)
    assert (found.state, found.progress, found.result) == ("done", 100, {"made": 3})
    assert (found.lease_until, found.error) == (None, None)
    assert found.finished_at is not None


def test_work_of_a_transaction_that_is_undone_is_never_done(
    app: Flask, write: Write, session: Session, run_jobs: RunJobs, work: Work
) -> None:
    app.config["JOBS_INLINE_OFF"] = False  # so that asking pokes the queue, as it does in life
    with pytest.raises(ZeroDivisionError), write() as writing:
        enqueue(writing, NAME, now())
        _ = 1 / 0
    assert app.extensions["queue"].pending_count() == 0
    assert run_jobs() == 0
    assert work.calls == []
    ask(write)
    assert app.extensions["queue"].pending_count() == 1


# --- one worker at a time ---------------------------------------------------------------------------------------


def test_workers_that_reach_for_the_same_job_do_it_once(app: Flask, write: Write, session: Session, work: Work) -> None:
    job_id = ask(write)
    at_once(app, 4, lambda _: run_job(job_id))
    assert len(work.calls) == 1
    assert row(session, job_id).attempts == 1


@pytest.mark.sqlite_only
def test_what_a_killed_worker_held_is_done_by_another_when_the_lease_ends(
    app: Flask, write: Write, session: Session, run_jobs: RunJobs, work: Work, clock: Clock
) -> None:
    job_id = ask(write)
    work.act = die
    run_and_die(app, job_id)
    assert row(session, job_id).state == "running"
    work.act = lambda run: None
    clock.shift(LEASE / 2)
    assert run_jobs() == 0
    clock.shift(LEASE)
    assert run_jobs() == 1
    assert (row(session, job_id).state, len(work.calls)) == ("done", 2)


@pytest.mark.sqlite_only
def test_a_worker_that_lives_keeps_what_it_works_on_however_long_that_takes(
    app: Flask, write: Write, run_jobs: RunJobs, work: Work, clock: Clock
) -> None:
    taken: list[int] = []

    def take_long(run: Run) -> None:
        for _ in range(4):
            clock.shift(LEASE * 0.75)
            jobs.renew_leases()
            taken.extend(at_once(app, 1, lambda _: jobs.run_due_jobs()))

    work.act = take_long
    ask(write)
    run_jobs()
    assert taken == [0, 0, 0, 0]
    assert len(work.calls) == 1


@pytest.mark.sqlite_only
def test_a_worker_that_lost_its_job_to_another_no_longer_says_how_it_ended(
    app: Flask, write: Write, session: Session, run_jobs: RunJobs, work: Work, clock: Clock
) -> None:
    job_id = ask(write)

    def second(run: Run) -> dict[str, str]:
        return {"by": "the second"}

    def first(run: Run) -> None:
        clock.shift(LEASE * 2)  # a machine that slept
        work.act = second
        at_once(app, 1, lambda _: run_job(job_id))
        run.progress(10)
        raise OSError("too late")

    work.act = first
    run_jobs()
    found = row(session, job_id)
    assert (found.state, found.progress, found.result, found.error) == ("done", 100, {"by": "the second"}, None)


# --- failing ----------------------------------------------------------------------------------------------------


@pytest.mark.sqlite_only
def test_work_that_fails_is_tried_again_ever_later_and_parked_after_five_times(
    app: Flask, write: Write, session: Session, run_jobs: RunJobs, work: Work, clock: Clock
) -> None:
    def fail(run: Run) -> None:
        raise OSError("no room")

    work.act = fail
    job_id = ask(write)
    waits = []
    while row(session, job_id).state != "failed":
        assert run_jobs() == 1
        assert run_jobs() == 0  # not before its time
        found = row(session, job_id)
        if found.state == "queued":
            waits.append(found.due_at - now())
            clock.move_to(found.due_at)
    assert tuple(waits) == BACKOFF
    assert (len(work.calls), found.attempts, found.error) == (MAX_ATTEMPTS, MAX_ATTEMPTS, "OSError: no room")
    clock.shift(LEASE * 100)
    assert run_jobs() == 0


@pytest.mark.sqlite_only
def test_work_that_kills_its_worker_each_time_is_parked_as_well(
    app: Flask, write: Write, session: Session, run_jobs: RunJobs, work: Work, clock: Clock
) -> None:
    job_id = ask(write)
    work.act = die
    for _ in range(MAX_ATTEMPTS):
        run_and_die(app, job_id)
        clock.shift(LEASE * 2)
    run_jobs()
    found = row(session, job_id)
    assert (found.state, len(work.calls)) == ("failed", MAX_ATTEMPTS)
    assert "ended" in str(found.error)


def test_work_that_fails_does_not_stop_what_waits_behind_it(
    app: Flask, write: Write, session: Session, run_jobs: RunJobs, work: Work
) -> None:
    def fail_for_two(run: Run) -> None:
        if work.calls[-1]["number"] == 2:
            with transaction() as writing:
                writing.execute(select(1))
                raise OSError("poison")

    work.act = fail_for_two
    ids = [ask(write, number=number) for number in (1, 2, 3)]
    run_jobs()
    assert [row(session, job_id).state for job_id in ids] == ["done", "queued", "done"]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("result", [{"when": object()}, object()])
def test_a_result_that_cannot_be_kept_is_a_failure_like_any_other(
    app: Flask, write: Write, session: Session, run_jobs: RunJobs, work: Work, result: Any
) -> None:
    work.act = lambda run: result
    job_id = ask(write)
    run_jobs()
    found = row(session, job_id)
    assert found.state == "queued"
    assert "JSON" in str(found.error)


@pytest.mark.sqlite_only
def test_work_that_nobody_knows_is_named(app: Flask, write: Write, session: Session, run_jobs: RunJobs) -> None:
    with write() as writing:
        job_id = enqueue(writing, "test.gone", now()).id
    run_jobs()
    assert "test.gone" in str(row(session, job_id).error)


@pytest.mark.sqlite_only
def test_what_failed_for_good_is_listed_and_tried_again_on_request(
    app: Flask, write: Write, session: Session, run_jobs: RunJobs, work: Work
) -> None:
    job_id = ask(write)
    with write() as writing:
        parked = writing.get_one(Job, job_id)
        parked.state, parked.error, parked.finished_at = "failed", "OSError: no room", now()
    listed = done(invoke(app, "jobs", "failed"))
    assert NAME in listed
    assert "no room" in listed
    assert done(invoke(app, "jobs", "retry")) == "1 jobs begin anew.\n"
    run_jobs()
    assert (row(session, job_id).state, len(work.calls)) == ("done", 1)
    assert done(invoke(app, "jobs", "failed")) == "No job has failed.\n"


# --- progress ---------------------------------------------------------------------------------------------------


def test_progress_is_seen_while_the_work_goes_on_by_whoever_asked_for_it(
    app: Flask, write: Write, run_jobs: RunJobs, work: Work
) -> None:
    mine, other = add_person(app), add_person(app)
    client, stranger = sign_in(app, mine), sign_in(app, other)
    with write() as writing:
        address = f"/trabajos/{enqueue(writing, NAME, now(), actor_id=mine).public_id}"
    seen: list[Any] = [client.get(address).json]

    def tell(run: Run) -> dict[str, str]:
        for percent in (-5, 40, 140):
            run.progress(percent)
            look = Thread(target=lambda: seen.append(client.get(address).json))
            look.start()
            look.join()
        return {"file": "x"}

    work.act = tell
    run_jobs()
    seen.append(client.get(address).json)
    assert [one["progress"] for one in seen] == [0, 0, 40, 100, 100]
    assert [one["state"] for one in seen] == ["queued", "running", "running", "running", "done"]
    assert seen[-1]["result"] == {"file": "x"}
    assert stranger.get(address).status_code == 404


# --- the queue is expendable ------------------------------------------------------------------------------------


def take_from_queue(app: Flask) -> int:
    """Do what lies in the queue, as the threads of the worker do; how much it was."""
    queue, done = app.extensions["queue"], 0
    while (task := queue.dequeue()) is not None:
        queue.execute(task)
        done += 1
    return done


def sweep(app: Flask) -> None:
    with app.app_context():
        jobs.sweep()
        db.session.remove()


@pytest.fixture
def again(app: Flask) -> Iterator[Callable[[], Flask]]:
    """Start the platform again on the same folder."""
    opened: list[Flask] = []

    def start() -> Flask:
        found = create_app(config.load({"AULA_DATA_DIR": str(app.config["DATA_DIR"])}))
        opened.append(found)
        return found

    yield start
    for one in opened:
        with one.app_context():
            db.session.remove()
            db.engine.dispose()


def spoil_nothing(path: Path) -> None:
    path.unlink()


def spoil_head(path: Path) -> None:
    path.write_bytes(b"no database at all, but of some length" * 300)


def spoil_body(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for place in range(4096, len(content)):
        content[place] = 0xA5
    path.write_bytes(content)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("spoil", [spoil_nothing, spoil_head, spoil_body])
def test_work_survives_the_loss_of_the_queue(
    app: Flask, write: Write, session: Session, work: Work, again: Callable[[], Flask], spoil: Callable[[Path], None]
) -> None:
    app.config["JOBS_INLINE_OFF"] = False
    job_id = ask(write)
    app.extensions["queue"].storage.close()
    queue = Path(app.config["DATA_DIR"]) / "queue.db"
    spoil(queue)
    for rest in ("-wal", "-shm"):
        queue.with_name(queue.name + rest).unlink(missing_ok=True)
    restarted = again()
    sweep(restarted)
    assert take_from_queue(restarted) == 1
    assert row(session, job_id).state == "done"


@pytest.mark.sqlite_only
def test_a_queue_that_refuses_its_poke_does_not_undo_what_was_committed(
    app: Flask, write: Write, session: Session, run_jobs: RunJobs, work: Work
) -> None:
    app.config["JOBS_INLINE_OFF"] = False
    with sqlite3.connect(Path(app.config["DATA_DIR"]) / "queue.db") as queue:
        queue.execute("DROP TABLE task")
    queue.close()
    job_id = ask(write)
    assert row(session, job_id).state == "queued"
    assert run_jobs() == 1


@pytest.mark.sqlite_only
def test_the_sweeper_pokes_what_is_due_once_and_nothing_else(
    app: Flask, write: Write, work: Work, clock: Clock
) -> None:
    ask(write)
    with write() as writing:
        enqueue(writing, NAME, now() + LEASE)
    app.config["JOBS_INLINE_OFF"] = False
    sweep(app)
    sweep(app)  # what lies in the queue already is not poked again
    assert take_from_queue(app) == 1
    clock.shift(LEASE)
    sweep(app)
    assert take_from_queue(app) == 1
    sweep(app)
    assert take_from_queue(app) == 0
