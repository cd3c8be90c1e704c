"""Background work. The truth is a `Job` row written with the business data; huey is only the hand that picks it up.

`enqueue` inserts the row in the caller's transaction and pokes huey after the commit. A worker claims the row with one
conditional update, so two of them never hold it at once, and renews its lease for as long as it lives; a row whose lease
ran out – the worker was killed – or whose poke was lost with the queue file is poked again by the sweeper. Work is
therefore done at least once: handlers must be idempotent.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from flask import Flask, current_app
from huey import SqliteHuey
from huey.consumer import Consumer
from sqlalchemy import JSON, CheckConstraint, Index, String, Text, Update, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.core.clock import now
from webapp.core.db import Model, UTCDateTime, after_commit, db, random_id, transaction

LEASE = timedelta(seconds=60)
SWEEP_SECONDS = 5.0
MAX_ATTEMPTS = 5
BACKOFF = (timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))

JobState = Literal["queued", "running", "done", "failed"]


class Job(Model):
    """One piece of work, its state and its progress. `public_id` is what a page that waits for it asks about."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state IN ('queued','running','done','failed')", name="state"),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        Index("ix_job_waiting", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=random_id)
    name: Mapped[str] = mapped_column(String(80))
    args: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[JobState] = mapped_column(String(8), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    progress: Mapped[int] = mapped_column(default=0)
    actor_id: Mapped[int | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


@dataclass(frozen=True)
class Run:
    """One try at a job: what a handler gets of it. `attempt` counts from 1 and tells this try from a later one."""

    job_id: int
    attempt: int

    @property
    def is_last(self) -> bool:
        """Whether the job is given up if this try fails."""
        return self.attempt >= MAX_ATTEMPTS

    def progress(self, percent: int) -> None:
        """Say how far the work has come (0–100)."""
        with transaction() as session:
            session.execute(_held_by(self).values(progress=max(0, min(100, percent))))


class WorkerLostError(Exception):
    """A job whose worker ended, time and again, before the job did."""


Handler = Callable[..., dict[str, Any] | None]
_handlers: dict[str, Handler] = {}
_under_way: set[Run] = set()  # what this process works on


def job(name: str) -> Callable[[Handler], Handler]:
    """Register `handler(run, **args)` under `name`. What it returns (JSON-ready) is kept as the job's result."""

    def register(handler: Handler) -> Handler:
        if name in _handlers:
            raise ValueError(f"job {name} is registered twice")
        _handlers[name] = handler
        return handler

    return register


def enqueue(session: Session, name: str, at: datetime, actor_id: int | None = None, **args: Any) -> Job:
    """Ask for work in the caller's transaction: it happens if, and only if, that transaction is committed."""
    row = Job(name=name, args=args, actor_id=actor_id, created_at=at, due_at=at)
    session.add(row)
    session.flush()
    job_id = row.id
    after_commit(session, lambda: _poke(job_id))
    return row


def run_job(job_id: int) -> None:
    """Claim the job, do it, and write down how it ended. Nothing happens when another worker holds it."""
    claimed = _claim(job_id)
    if claimed is None:
        return
    run, name, args = claimed
    _under_way.add(run)
    try:
        _finish(run, _handler(run, name)(run, **args))
    except Exception as error:  # whatever a handler raises is the job's failure, never the worker's
        current_app.logger.exception("job %s (%s) failed", job_id, name)
        _give_back(run, f"{type(error).__name__}: {error}")
    finally:
        _under_way.discard(run)
        db.session.remove()


def _handler(run: Run, name: str) -> Handler:
    if run.attempt > MAX_ATTEMPTS:
        raise WorkerLostError(f"the worker ended {MAX_ATTEMPTS} times before the job did")
    if name not in _handlers:
        raise LookupError(f"no job is called {name}")
    return _handlers[name]


def run_due_jobs() -> int:
    """Do all work that is due, here and now (tests, and commands that must not leave work behind)."""
    done = 0
    while (job_id := db.session.scalar(select(Job.id).where(*_is_waiting(now())).order_by(Job.id))) is not None:
        run_job(job_id)
        done += 1
    return done


def _is_waiting(at: datetime) -> tuple[Any, ...]:
    free = or_(Job.state == "queued", (Job.state == "running") & (Job.lease_until < at))
    return free, Job.due_at <= at


def _claim(job_id: int) -> tuple[Run, str, dict[str, Any]] | None:
    at = now()
    with transaction() as session:
        row = session.execute(
            update(Job)
            .where(Job.id == job_id, *_is_waiting(at))
            .values(state="running", lease_until=at + LEASE, attempts=Job.attempts + 1)
            .returning(Job.name, Job.args, Job.attempts)
        ).first()
    return None if row is None else (Run(job_id, row.attempts), row.name, row.args)


def _held_by(run: Run) -> Update:
    """An update of the job of this try, and of nothing once another worker has taken the job over."""
    return update(Job).where(Job.id == run.job_id, Job.state == "running", Job.attempts == run.attempt)


def renew_leases() -> None:
    """Keep what this process works on from being taken for dead."""
    for run in tuple(_under_way):
        with transaction() as session:
            session.execute(_held_by(run).values(lease_until=now() + LEASE))


def _give_back(run: Run, error: str) -> None:
    db.session.rollback()
    at = now()
    values: dict[str, Any] = {"error": error[:2000], "lease_until": None}
    if run.is_last:
        values |= {"state": "failed", "finished_at": at}
    else:
        values |= {"state": "queued", "due_at": at + BACKOFF[run.attempt - 1]}
    with transaction() as session:
        session.execute(_held_by(run).values(**values))


def _finish(run: Run, result: dict[str, Any] | None) -> None:
    with transaction() as session:
        session.execute(
            _held_by(run).values(
                state="done", progress=100, result=result, error=None, lease_until=None, finished_at=now()
            )
        )


def failed_jobs(session: Session) -> list[Job]:
    """What was given up, the oldest first."""
    return list(session.scalars(select(Job).where(Job.state == "failed").order_by(Job.id)))


def retry(session: Session, row: Job, at: datetime) -> None:
    """Begin a job that was given up anew, with all its tries."""
    row.state, row.attempts, row.due_at, row.finished_at = "queued", 0, at, None
    job_id = row.id
    after_commit(session, lambda: _poke(job_id))


# --- the hand ---------------------------------------------------------------------------------------------------


def init_app(app: Flask) -> None:
    """Open the queue beside the database; it is expendable and may be deleted at any time."""
    queue = _open_queue(Path(app.config["DATA_DIR"]) / "queue.db")

    @queue.task(name="run_job")  # type: ignore[untyped-decorator]
    def work(job_id: int) -> None:
        with app.app_context():
            run_job(job_id)

    queue.storage.close()  # no connection may be carried into the processes that are forked from this one
    app.extensions["queue"] = queue
    app.extensions["queue_task"] = work


def _open_queue(path: Path) -> SqliteHuey:
    """The queue; a new one where a power cut has damaged it, because it is written without waiting for the disk."""
    if path.exists() and not _is_sound(path):
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    return SqliteHuey("aula", filename=str(path), fsync=False)


def _is_sound(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path)) as connection:
            return bool(connection.execute("PRAGMA quick_check").fetchone()[0] == "ok")
    except sqlite3.OperationalError:  # busy, or not ours to read: no damage
        return True
    except sqlite3.DatabaseError:
        return False


def _poke(job_id: int) -> None:
    if not current_app.config.get("JOBS_INLINE_OFF"):
        try:
            current_app.extensions["queue_task"](job_id)
        except Exception:  # the row is safe; the sweeper will find it
            current_app.logger.exception("could not poke the queue for job %s", job_id)


def work_forever(app: Flask, threads: int = 2) -> None:
    """Run the worker until it is told to stop: SIGTERM lets it end what it works on, SIGINT does not."""
    stop = threading.Event()
    sweeper = threading.Thread(target=_sweep_forever, args=(app, stop), daemon=True)
    sweeper.start()
    consumer: Any = Consumer(
        app.extensions["queue"],
        **{"workers": threads, "periodic": False, "initial_delay": 0.05, "max_delay": 1, "graceful_signal": "TERM"},
    )
    try:
        consumer.run()
    finally:
        stop.set()


def _sweep_forever(app: Flask, stop: threading.Event) -> None:
    while not stop.wait(SWEEP_SECONDS):
        with app.app_context():
            try:
                renew_leases()
                sweep()
            except Exception:
                app.logger.exception("the sweeper failed and will try again")
            finally:
                db.session.remove()


def sweep() -> None:
    """Poke every job that waits although it is due: its poke was lost, or the worker that held it is gone."""
    ids = db.session.scalars(select(Job.id).where(*_is_waiting(now())).order_by(Job.id).limit(500)).all()
    queue: Any = current_app.extensions["queue"]
    waiting = queue.pending_count()
    if waiting == 0:
        for job_id in ids:
            _poke(job_id)
