"""What answers say about a question: how hard it is, whether it tells who knows from who does not, who is misled.

Classical item analysis, on the first exam of each person. With few answers it says that it knows little, and says how
little: an interval for the difficulty, and no verdict under ten answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from statistics import fmean, median
from typing import Any, Literal

from webapp.coursepack.marking import TRUTH
from webapp.coursepack.model import Question

LEAST, ENOUGH = 10, 30  # answers under which nothing is said, and from which it is said without reserve
Z = 1.96  # of the interval of 95 %

Verdict = Literal["too_few", "check_key", "misleading", "too_hard", "too_easy", "weak", "idle_option", "good"]


@dataclass(frozen=True)
class Sitting:
    """One handed-in quiz: the share of each question that was right, what was answered, and the seconds it took."""

    shares: Mapping[str, Fraction]
    responses: Mapping[str, Mapping[str, Any]]
    seconds: Mapping[str, float]  # only of the questions whose time could be told


@dataclass(frozen=True)
class Choice:
    """An option and who chose it. `ability` is the mean percent that its choosers earned in the other questions."""

    id: str
    text: str
    right: bool
    chosen: int
    ability: float | None


@dataclass(frozen=True)
class Item:
    """What the sittings say of one question.

    `difficulty` is the mean share that was right (0–1; low is hard), with its 95 % interval `low`–`high` (Wilson).
    `discrimination` is the point-biserial correlation of the question with the rest of the quiz (−1 to 1): None when it
    cannot be told, because everybody did the same. `seconds` is the median, None without any.
    """

    question: Question
    answers: int
    blank: int
    difficulty: float | None
    low: float | None
    high: float | None
    discrimination: float | None
    seconds: float | None
    choices: tuple[Choice, ...]

    @property
    def tentative(self) -> bool:
        """Whether the answers are too few to speak without reserve."""
        return self.answers < ENOUGH

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What to say of it, the gravest first; never empty."""
        if self.answers < LEAST or self.difficulty is None:
            return ("too_few",)
        found: list[Verdict] = []
        told = self.discrimination
        doubt = 1 / sqrt(self.answers)  # about the standard error of a correlation: within it, below 0 is chance
        if told is not None and told < -doubt:
            found.append("check_key")
        if _misleads(self.choices):
            found.append("misleading")
        if self.difficulty < 0.3:
            found.append("too_hard")
        if self.difficulty > 0.95:
            found.append("too_easy")
        elif told is not None and not self.tentative and -doubt <= told < 0.15:
            found.append("weak")
        if self.answers >= ENOUGH and any(not choice.right and not choice.chosen for choice in self.choices):
            found.append("idle_option")
        return tuple(found) or ("good",)


def analyse(questions: Iterable[Question], sittings: Sequence[Sitting]) -> list[Item]:
    """The analysis of each question that somebody was asked, in the order given; the others with no answers."""
    rest = [_rests(sitting) for sitting in sittings]
    return [_item(question, sittings, rest) for question in questions]


def _rests(sitting: Sitting) -> dict[str, float]:
    """For each question asked, the percent earned in the others: what a question is compared with is not itself."""
    total, others = sum(sitting.shares.values()), len(sitting.shares) - 1
    return {name: float(100 * (total - share) / others) if others else 0.0 for name, share in sitting.shares.items()}


def _item(question: Question, sittings: Sequence[Sitting], rests: Sequence[Mapping[str, float]]) -> Item:
    asked = [(one, rest[question.id]) for one, rest in zip(sittings, rests, strict=True) if question.id in one.shares]
    shares = [float(one.shares[question.id]) for one, _ in asked]
    mean = fmean(shares) if shares else None
    low, high = _wilson(mean, len(shares)) if mean is not None else (None, None)
    times = [one.seconds[question.id] for one, _ in asked if question.id in one.seconds]
    return Item(
        question,
        len(asked),
        sum(not one.responses.get(question.id) for one, _ in asked),
        mean,
        low,
        high,
        _correlation(shares, [rest for _, rest in asked]),
        median(times) if times else None,
        _choices(question, [(one.responses.get(question.id) or {}, rest) for one, rest in asked]),
    )


def _wilson(share: float, count: int) -> tuple[float, float]:
    """The interval of 95 % around a share of `count`; it stays within 0 and 1 and is honest when they are few."""
    spread = Z * sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    base, scale = share + Z**2 / (2 * count), 1 + Z**2 / count
    return max(0.0, (base - spread) / scale), min(1.0, (base + spread) / scale)


def _correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Pearson's r, which with a question that is right or wrong is the point-biserial correlation."""
    if len(one) < 2:
        return None
    mean_one, mean_other = fmean(one), fmean(other)
    moved = sum((a - mean_one) * (b - mean_other) for a, b in zip(one, other, strict=True))
    size = sqrt(sum((a - mean_one) ** 2 for a in one) * sum((b - mean_other) ** 2 for b in other))
    return moved / size if size > 1e-9 else None


def _choices(question: Question, given: Sequence[tuple[Mapping[str, Any], float]]) -> tuple[Choice, ...]:
    """Who chose what, where there is something to choose from."""
    match question.type:
        case "single" | "multiple":
            options = [(one["id"], one["text"], one["correct"]) for one in question.body["options"]]
        case "truefalse":
            options = [(key, word, question.body["answer"] is (key == "true")) for key, word in TRUTH.items()]
        case _:
            return ()
    chosen: Counter[str] = Counter()
    earned: dict[str, list[float]] = {}
    for response, rest in given:
        for option in _chosen(response):
            chosen[option] += 1
            earned.setdefault(option, []).append(rest)
    return tuple(
        Choice(key, text, right, chosen[key], fmean(earned[key]) if key in earned else None)
        for key, text, right in options
    )


def _chosen(response: Mapping[str, Any]) -> Sequence[str]:
    if "answer" in response:
        return ("true" if response["answer"] else "false",)
    return [response["choice"]] if "choice" in response else response.get("choices", ())


def _misleads(choices: Sequence[Choice]) -> bool:
    """Whether a wrong option draws at least as many as a right one, and those who know more."""
    right = [choice for choice in choices if choice.right and choice.ability is not None]
    if not right:
        return any(choice.chosen for choice in choices)
    most, best = max(choice.chosen for choice in right), max(choice.ability or 0.0 for choice in right)
    return any(
        not choice.right and choice.ability is not None and choice.chosen >= most and choice.ability > best
        for choice in choices
    )
