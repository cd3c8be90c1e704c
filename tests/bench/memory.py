"""Memory of the whole platform, server and job worker: when nothing happens, and under a crowd."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import func, select

from tests.bench import package
from tests.bench.browser import Browser
from tests.bench.crowd import LEARNERS, storm
from tests.bench.processes import family, pss_megabytes
from tests.bench.servers import WORKERS
from tests.bench.stage import Stage
from tests.bench.table import Row
from tests.servers import serve
from webapp.records.models import Constancia

IDLE_MEGABYTES, LOADED_MEGABYTES = 240, 420
SETTLE_SECONDS, LOOK_SECONDS, PATIENCE_SECONDS = 5, 0.2, 120
WAVES = 2


class Watch(threading.Thread):
    """Looks at the memory of a process and its descendants again and again, and remembers the most."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self._root, self._ended = root, threading.Event()
        self.most = 0.0

    def run(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self.most = max(self.most, pss_megabytes(family(self._root)))

    def end(self) -> float:
        """Stop looking; the most that was seen, in MB."""
        self._ended.set()
        self.join()
        return self.most


def measure(folder: Path) -> Iterator[Row]:
    """Idle: after one page. Under load: crowds take the exam while the worker makes the constancias of who passed."""
    stage = Stage(folder)
    crowds = [stage.learners(LEARNERS, package.SLUG, ready_for_exam=True) for _ in range(WAVES)]
    with serve(stage.folder, workers=WORKERS, AULA_COURSES_DIR=stage.environment["AULA_COURSES_DIR"]) as server:
        with Browser(server.url) as browser:
            browser.get("/")
        time.sleep(SETTLE_SECONDS)
        idle = pss_megabytes(family(server.process.pid))
        watch = Watch(server.process.pid)
        watch.start()
        errors = [error for crowd in crowds for error in storm(server.url, crowd).errors]
        made = _wait_for_files(stage, WAVES * LEARNERS)
        loaded = watch.end()
    yield Row(
        "memory idle, job worker included (PSS)", f"<= {IDLE_MEGABYTES} MB", f"{idle:.0f} MB", idle <= IDLE_MEGABYTES
    )
    yield Row(
        f"memory under load: {len(crowds)} x {LEARNERS} exams, {made} constancias, {len(errors)} errors",
        f"<= {LOADED_MEGABYTES} MB",
        f"{loaded:.0f} MB",
        loaded <= LOADED_MEGABYTES and not errors and made == WAVES * LEARNERS,
    )


def _wait_for_files(stage: Stage, wanted: int) -> int:
    """How many constancias have their file, once all have or patience ends."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    made = 0
    while made < wanted and time.monotonic() < deadline:
        time.sleep(0.5)
        with stage.reading() as session:
            made = session.scalar(select(func.count()).where(Constancia.pdf_key.is_not(None))) or 0
    return made
