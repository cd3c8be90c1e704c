"""Fifty learners who take the exam at once and never stop to think, and the proof that nothing of theirs was lost."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from sqlalchemy import select

from tests.bench import package
from tests.bench.browser import Browser, Pass, WrongAnswerError
from tests.bench.exam import Sitting, take
from tests.bench.servers import APPLICATION, run
from tests.bench.stage import Learner, Stage
from tests.bench.table import Row
from webapp.core.registry import verify
from webapp.learning.models import Answer, QuizAttempt

LEARNERS, WAVES = 50, 3
GENERATORS = 2  # processes, so that the learners do not wait for each other in one interpreter
LEAST_PER_SECOND = 20


@dataclass(frozen=True)
class Taken:
    """One learner's exam: what was acknowledged, seconds from first to last byte, and what went wrong ("" = nothing)."""

    sitting: Sitting
    seconds: float
    error: str


@dataclass(frozen=True)
class Wave:
    """What a crowd did: all exams, seconds until the last one ended, and CPU seconds of the generator."""

    taken: Sequence[Taken]
    seconds: float
    generator_cpu: float

    @property
    def errors(self) -> list[str]:
        return [taken.error for taken in self.taken if taken.error]

    @property
    def per_second(self) -> float:
        """Exams that went well, per second."""
        return (len(self.taken) - len(self.errors)) / self.seconds


def storm(url: str, learners: Sequence[Learner]) -> Wave:
    """Let all `learners` take the exam at one moment, each over a connection of its own."""
    shares = [[one.entry for one in learners[place::GENERATORS]] for place in range(GENERATORS)]
    with ProcessPoolExecutor(GENERATORS, get_context("spawn")) as pool:
        list(pool.map(_ready, range(GENERATORS)))  # the processes have started before the clock does
        begin = time.time() + 0.5
        results = list(pool.map(_crowd, [url] * GENERATORS, shares, [begin] * GENERATORS))
    return Wave(
        [taken for share, _, _ in results for taken in share],
        max(ended for _, ended, _ in results) - begin,
        sum(cpu for _, _, cpu in results),
    )


def _ready(_number: int) -> None:
    time.sleep(0.3)  # long enough that no process is asked twice


def _crowd(url: str, entries: Sequence[Pass], begin: float) -> tuple[list[Taken], float, float]:
    """One process of the generator: its exams, the moment the last one ended, CPU seconds spent."""
    cpu = time.process_time()
    with ThreadPoolExecutor(len(entries)) as pool:
        taken = list(pool.map(lambda entry: _sit(url, entry, begin), entries))
    return taken, time.time(), time.process_time() - cpu


def _sit(url: str, entry: Pass, begin: float) -> Taken:
    sitting, error = Sitting(), ""
    time.sleep(max(0.0, begin - time.time()))
    began = time.monotonic()
    try:
        with Browser(url, entry) as browser:
            take(browser, sitting)
    except (WrongAnswerError, HTTPException, OSError) as problem:
        error = f"{type(problem).__name__}: {problem}"[:500]
    return Taken(sitting, time.monotonic() - began, error)


def lost(stage: Stage, sittings: Sequence[Sitting]) -> list[str]:
    """What was acknowledged and is not in the database as it was sent, one line each. Empty: nothing was lost."""
    wanted = {(one.public_id, key, *answer) for one in sittings for key, answer in one.kept.items()}
    ids = [one.public_id for one in sittings]
    with stage.reading() as session:
        kept = session.execute(
            select(QuizAttempt.public_id, Answer.client_key, Answer.question, Answer.response)
            .join(Answer, Answer.attempt_id == QuizAttempt.id)
            .where(QuizAttempt.public_id.in_(ids))
        )
        found = {(public_id, key, question, response["choice"]) for public_id, key, question, response in kept}
        graded = set(
            session.scalars(
                select(QuizAttempt.public_id).where(QuizAttempt.public_id.in_(ids), QuizAttempt.score == 100)
            )
        )
        broken = [f"{breach.rule}: {breach.detail}" for breach in verify(session)]
    missing = [f"answer {one}" for one in sorted(wanted - found)]
    ungraded = [f"attempt {one.public_id}" for one in sittings if one.handed_in and one.public_id not in graded]
    return missing + ungraded + broken


def measure(folder: Path) -> Iterator[Row]:
    """Waves of fifty, each with learners of its own; the middle one is told, errors and losses of all of them."""
    stage = Stage(folder)
    waves, cpu = [], []
    with run(APPLICATION, stage.environment) as ours:
        for _ in range(WAVES):
            learners = stage.learners(LEARNERS, package.SLUG, ready_for_exam=True)
            before = ours.cpu_seconds()
            waves.append(storm(ours.url, learners))
            cpu.append(ours.cpu_seconds() - before)
    sittings = [taken.sitting for wave in waves for taken in wave.taken]
    gone = lost(stage, sittings)
    errors = [error for wave in waves for error in wave.errors]
    answers = sum(len(sitting.kept) for sitting in sittings)
    rate = median(wave.per_second for wave in waves)
    longest = max(taken.seconds for wave in waves for taken in wave.taken)
    yield Row(
        f"{LEARNERS} learners at once: exams",
        f">= {LEAST_PER_SECOND} /s",
        f"{rate:.1f} /s, longest {longest:.1f} s",
        rate >= LEAST_PER_SECOND,
    )
    yield Row(
        "the same: errors / acknowledged answers lost",
        "0 / 0",
        f"{len(errors)} / {len(gone)} of {answers}",
        not errors and not gone and answers == len(sittings) * package.EXAM_QUESTIONS,
    )
    yield Row("the same: CPU of the server, per exam", "", f"{median(cpu) / LEARNERS:.4f} CPU-s", None)
    yield Row(
        "the same: CPU of the generator, per exam",
        "",
        f"{median(wave.generator_cpu for wave in waves) / LEARNERS:.4f} CPU-s",
        None,
    )
    for line in (errors + gone)[:10]:
        yield Row(f"  {line}", "", "", None)
