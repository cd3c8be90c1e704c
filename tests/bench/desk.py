"""What a coordinator waits for: the page of a state over 20,000 enrolments, and the whole list as a file."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from statistics import median

from tests.bench.browser import Answer, Browser, WrongAnswerError
from tests.bench.servers import APPLICATION, CONTROL, Running, run
from tests.bench.stage import Stage
from tests.bench.statistics_data import DAYS, STATE, fill
from tests.bench.table import Row
from webapp.core.clock import now

ENROLMENTS = 20_000
ROUNDS, WARM_UP = 9, 6
BARE = 500  # requests of the control in a round
PAGE_SECONDS, CSV_SECONDS = 0.1, 2.0


def measure(folder: Path) -> Iterator[Row]:
    """Seconds on the wall and CPU seconds, the middle of several rounds; the slower of the two must meet the target."""
    stage = Stage(folder)
    with stage.writing() as session:
        fill(session, ENROLMENTS)
    last = now().date()
    period = f"desde={last - timedelta(days=DAYS + 2)}&hasta={last}"
    state = f"/coordinacion/estados/{STATE}"
    coordinator = stage.coordinator(STATE)
    with run(APPLICATION, stage.environment) as ours, run(CONTROL, stage.environment) as control:
        browser, bare = Browser(ours.url, coordinator.entry), Browser(control.url)
        for work, path, target in (
            ("state page, 20,000 enrolments", f"{state}?{period}", PAGE_SECONDS),
            ("list of enrolments, first page", f"{state}/inscripciones?{period}", PAGE_SECONDS),
            ("complete CSV, 20,000 rows", f"{state}/inscripciones.csv?{period}", CSV_SECONDS),
        ):
            rounds = [_seconds(ours, browser, path) for _ in range(WARM_UP + ROUNDS)][WARM_UP:]
            wall, cpu = (median(values) for values in zip(*rounds, strict=True))
            yield Row(
                work,
                f"<= {target} s",
                f"{wall:.3f} s, {cpu:.3f} CPU-s",
                max(wall, cpu) <= target,
                f"{cpu / _bare_seconds(control, bare):.0f}",
            )
        yield _proof(browser.get(f"{state}/inscripciones.csv?{period}"))


def _seconds(server: Running, browser: Browser, path: str) -> tuple[float, float]:
    cpu, began = server.cpu_seconds(), time.monotonic()
    browser.get(path)
    return time.monotonic() - began, server.cpu_seconds() - cpu


def _bare_seconds(control: Running, bare: Browser) -> float:
    before = control.cpu_seconds()
    for _ in range(BARE):
        bare.get("/")
    return (control.cpu_seconds() - before) / BARE


def _proof(answer: Answer) -> Row:
    """The rows of the file, counted, against what was written into the database and what the answer announced."""
    rows = list(csv.DictReader(StringIO(answer.body.decode("utf-8-sig"))))
    if [int(row["n"]) for row in rows] != list(range(1, len(rows) + 1)):
        raise WrongAnswerError("the rows of the CSV are not numbered one by one")
    return Row(
        "the same: rows in the file / announced",
        f"{ENROLMENTS} / {ENROLMENTS}",
        f"{len(rows)} / {answer.headers['X-Row-Count']}",
        len(rows) == int(answer.headers["X-Row-Count"]) == ENROLMENTS,
    )
