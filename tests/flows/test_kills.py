"""Server and worker are killed again and again while people take an exam: nothing that was acknowledged is lost."""

from __future__ import annotations

import http.client
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.learning.learners import COURSE, EXAM, Learner, fields_of, learner
from tests.servers import Server, serve, wait_until_ready
from webapp.core import registry
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.jobs import Job, run_due_jobs
from webapp.demo.answers import right_response
from webapp.learning.models import Answer, QuizAttempt
from webapp.records.models import Constancia

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only]
LEARNERS, KILLS = 4, 6
PATIENCE_SECONDS = 45.0


@dataclass
class Browser:
    """A learner's browser over a line that drops: what gets no answer is sent again, word for word."""

    learner: Learner
    cookie: str
    url: str
    acknowledged: list[tuple[str, str, str]] = field(default_factory=list)  # attempt, question, client key
    dropped: int = 0

    def post(self, path: str, fields: dict[str, object]) -> tuple[int, str]:
        """Status and destination of a form, sent until somebody answers it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        body = urlencode({"csrf_token": self.learner.token(), **fields}, doseq=True)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        while time.monotonic() < deadline:
            line = http.client.HTTPConnection(str(urlsplit(self.url).netloc), timeout=10)
            try:
                line.request("POST", path, body, headers)
                answer = line.getresponse()
                answer.read()
                if answer.status < 500:
                    return answer.status, answer.getheader("Location", "")
            except (OSError, http.client.HTTPException):
                self.dropped += 1
            finally:
                line.close()
            time.sleep(0.1)
        raise AssertionError(f"nobody answered {path}")

    def take_the_exam(self) -> None:
        status, attempt = self.post(f"{COURSE}/{EXAM}/empezar", {})
        assert (status, attempt[:10]) == (303, "/intentos/")
        for question in self.learner.questions(attempt):
            key = uuid4().hex
            answer = {"question": question.id, "client_key": key, **fields_of(question, right_response(question))}
            status, _ = self.post(f"{attempt}/respuestas", answer)
            assert status == 200
            self.acknowledged.append((attempt.split("/")[2], question.id, key))
            time.sleep(0.3)  # somebody who thinks
        status, result = self.post(f"{attempt}/entregar", {"entregar": "1"})
        assert (status, result) == (303, f"{attempt}/resultado")


def browser(app: Flask, url: str) -> Browser:
    """A learner at the door of the exam."""
    found = learner(app)
    found.reach_exam()
    name = str(app.config["SESSION_COOKIE_NAME"])
    cookie = found.client.get_cookie(name)
    assert cookie is not None
    return Browser(found, f"{name}={cookie.value}", url)


def children(pid: int) -> list[int]:
    """The processes that `pid` has started, and those that they have."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        found = [int(child) for child in path.read_text().split()]
    except OSError:
        return []
    return [one for child in found for one in (child, *children(child))]


def kill_until(done: threading.Event, server: Server) -> Iterator[int]:
    """Kill one of the processes of server and worker, at random, KILLS times, whenever the server has come back."""
    chance = random.Random(20261123)
    for _ in range(KILLS):
        if done.wait(chance.uniform(0.1, 1.0)):
            return
        wait_until_ready(f"{server.url}/healthz", server.process)
        victims = children(server.process.pid)
        if victims and not done.is_set():
            with suppress(ProcessLookupError):
                os.kill(chance.choice(victims), signal.SIGKILL)
                yield 1


def test_kills_lose_no_acknowledged_answer_and_repeat_no_folio(app: Flask, engine_name: str) -> None:
    done = threading.Event()
    folder = Path(app.config["DATA_DIR"])
    with serve(folder, workers=2) as server, ThreadPoolExecutor(LEARNERS + 1) as pool:
        browsers = [browser(app, server.url) for _ in range(LEARNERS)]
        killing = pool.submit(lambda: list(kill_until(done, server)))
        exams = [pool.submit(one.take_the_exam) for one in browsers]
        try:
            for exam in exams:
                exam.result()
        finally:
            done.set()
        assert len(killing.result()) >= 3
    assert sum(one.dropped for one in browsers) > 0, "nobody noticed the kills, so this proves nothing"

    with app.app_context():
        session = db.session()
        kept = list(
            session.execute(
                select(QuizAttempt.public_id, Answer.question, Answer.client_key).join(
                    QuizAttempt, QuizAttempt.id == Answer.attempt_id
                )
            )
        )
        acknowledged = [one for browser in browsers for one in browser.acknowledged]
        assert len(acknowledged) == 20 * LEARNERS
        assert set(acknowledged) <= {tuple(row) for row in kept}
        assert len(kept) == len({(row.public_id, row.client_key) for row in kept})  # sent again is not kept again
        numbers = sorted(session.scalars(select(Constancia.number)))
        assert numbers == list(range(1, LEARNERS + 1))
        assert registry.verify(session) == []
        session.rollback()
        with time_machine.travel(now() + timedelta(minutes=30)):  # when the leases of the killed have ended
            run_due_jobs()
        assert set(session.scalars(select(Job.state))) == {"done"}
        assert None not in session.scalars(select(Constancia.pdf_key)).all()
        assert registry.verify(session) == []
