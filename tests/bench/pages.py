"""What one page or one POST costs: catalogue, course, lesson, progress."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from tests.bench import package
from tests.bench.browser import Browser, WrongAnswerError
from tests.bench.measure import Act, Cost, in_turns
from tests.bench.servers import APPLICATION, CONTROL, Running, run
from tests.bench.stage import Learner, Stage
from tests.bench.table import Row, cpu_row

CONNECTIONS = 4  # so that every worker of the server has its share
REAL_LESSON = "por-que-importa"
COURSE, REAL_COURSE = f"/cursos/{package.SLUG}", f"/cursos/{package.REAL_SLUG}"


def _turns(url: str) -> Iterator[Browser]:
    return cycle([Browser(url) for _ in range(CONNECTIONS)])


def measure(folder: Path) -> Iterator[Row]:
    """The rows of single pages and POSTs."""
    stage = Stage(folder)
    with run(APPLICATION, stage.environment) as ours, run(CONTROL, stage.environment) as control:
        yield from _rows(stage, ours, control)


def _rows(stage: Stage, ours: Running, control: Running) -> Iterator[Row]:
    bare_turns = _turns(control.url)

    def bare() -> None:
        next(bare_turns).get("/")

    def cost(act: Act) -> Cost:
        return in_turns(ours, act, control, bare)

    learner = stage.learners(1, package.SLUG, package.REAL_SLUG)[0]
    yield cpu_row("catalogue, anonymous", cost(_visitor(ours, "/cursos", b"Curso de prueba")), 1)
    yield cpu_row("course page, 10 sections, 30 steps", cost(_page(ours, learner, COURSE, b"leccion-10-2")), 4)
    yield cpu_row("course page, the real course", cost(_page(ours, learner, REAL_COURSE, b"transferencias")), 4)
    yield cpu_row("lesson page, course of 30 steps", cost(_page(ours, learner, f"{COURSE}/leccion-1-1", b"Parte 5")), 3)
    yield cpu_row(
        "lesson page, the real course", cost(_page(ours, learner, f"{REAL_COURSE}/{REAL_LESSON}", b"Nubia")), 3
    )
    yield cpu_row("POST avance (beacon)", cost(_beacon(ours, learner)), 4)
    yield cpu_row("POST siguiente (a lesson done)", cost(_next_lesson(ours, stage.learners(150, package.SLUG))), 4)


def _visitor(server: Running, path: str, holds: bytes) -> Act:
    turns = _turns(server.url)
    return lambda: next(turns).get(path, holds=holds)


def _page(server: Running, learner: Learner, path: str, holds: bytes) -> Act:
    line = cycle([Browser(server.url, learner.entry) for _ in range(CONNECTIONS)])
    return lambda: next(line).get(path, holds=holds)


def _beacon(server: Running, learner: Learner) -> Act:
    line = cycle([Browser(server.url, learner.entry) for _ in range(CONNECTIONS)])
    lessons = cycle(package.lesson_keys())
    return lambda: next(line).post(f"{COURSE}/{next(lessons)}/avance", 204, {"seconds": "20"})


def _next_lesson(server: Running, learners: list[Learner]) -> Act:
    """Every press does a lesson that was not done yet."""
    turns = _turns(server.url)
    keys = package.lesson_keys()
    presses = ((learner, key) for learner in learners for key in keys)

    def press() -> None:
        learner, key = next(presses)
        browser = next(turns)
        browser.enter(learner.entry)
        answer = browser.post(f"{COURSE}/{key}/siguiente", 303)
        if not answer.location.startswith(f"{COURSE}/"):
            raise WrongAnswerError(f"siguiente led to {answer.location}")

    return press
