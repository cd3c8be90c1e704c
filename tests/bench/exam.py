"""One exam as a browser takes it: start, ten answers saved one by one, hand in, review."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from tests.bench import package
from tests.bench.browser import Browser, WrongAnswerError
from tests.bench.measure import Cost, in_turns
from tests.bench.servers import APPLICATION, CONTROL, run
from tests.bench.stage import Stage
from tests.bench.table import Row

REQUESTS = package.EXAM_QUESTIONS + 4  # start, its page, the answers, hand in, review
WARM_UP, BATCH, ROUNDS = 20, 30, 5
CONNECTIONS = 4
MOST_CPU_SECONDS = 0.05
OPTION = re.compile(rb'name="p(\d+)/r" value="([^"]+)"[^>]*> *<span[^>]*>(?:<p>)?Respuesta (\d)')


@dataclass
class Sitting:
    """An attempt and what the platform said it had kept of it: client key → (question, choice)."""

    public_id: str = ""
    kept: dict[str, tuple[str, str]] = field(default_factory=dict)
    handed_in: bool = False


def take(browser: Browser, sitting: Sitting) -> None:
    """Take the exam of the measured course and pass it. Raises WrongAnswerError as soon as anything is not as it should.

    What was acknowledged stands in `sitting`, also when something went wrong after it.
    """
    door = f"/cursos/{package.SLUG}/{package.EXAM}"
    attempt = browser.post(f"{door}/empezar", 303).location
    sitting.public_id = attempt.rpartition("/")[2]
    right = _right_choices(browser.get(attempt, holds=b"data-question").body)
    for question, choice in right.items():
        key = f"cifra-{question}"
        fields = {"question": question, "client_key": key, f"{question}/r": choice}
        browser.post(f"{attempt}/respuestas", 200, fields, holds=b"saved_at")
        sitting.kept[key] = (question, choice)
    browser.post(f"{attempt}/entregar", 303, {f"{question}/r": choice for question, choice in right.items()})
    sitting.handed_in = True
    browser.get(f"{attempt}/resultado", holds=b'class="score">100')


def _right_choices(page: bytes) -> dict[str, str]:
    """The right choice for each question on the page: its number tells the place of the right option."""
    right = {
        f"p{number.decode()}": choice.decode()
        for number, choice, place in OPTION.findall(page)
        if int(place) == int(number) % 4 + 1
    }
    if len(right) != package.EXAM_QUESTIONS:
        raise WrongAnswerError(f"{len(right)} questions instead of {package.EXAM_QUESTIONS}")
    return right


def measure(folder: Path) -> Iterator[Row]:
    """What an exam costs, the constancia of whoever passes included, its PDF (a job of the worker) not."""
    stage = Stage(folder)
    learners = iter(stage.learners(WARM_UP + ROUNDS * BATCH, package.SLUG, ready_for_exam=True))
    with run(APPLICATION, stage.environment) as ours, run(CONTROL, stage.environment) as control:
        turns = cycle([Browser(ours.url) for _ in range(CONNECTIONS)])
        bare_turns = cycle([Browser(control.url) for _ in range(CONNECTIONS)])

        def sit() -> None:
            browser = next(turns)
            browser.enter(next(learners).entry)
            take(browser, Sitting())

        found = in_turns(ours, sit, control, lambda: next(bare_turns).get("/"), WARM_UP, BATCH)
    cost = Cost(found.ours, found.control * REQUESTS)  # beside as many bare requests
    yield Row(
        f"exam: start, {package.EXAM_QUESTIONS} answers, hand in, review",
        f"<= {MOST_CPU_SECONDS} CPU-s",
        f"{cost.ours / 1000:.4f} CPU-s",
        cost.ours / 1000 <= MOST_CPU_SECONDS,
        f"{cost.ratio:.1f}",
    )
