"""Which questions an attempt gets, and in which order their options stand.

Everything follows from whole numbers kept with the attempt: the same seed gives the same draw and the same order again,
in every process. Nothing here is a secret that has to resist guessing; the seed never leaves the server.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from random import Random

from webapp.coursepack.model import Bank, Draw, Question

LEVELS = 3  # of difficulty


class TooFewQuestions(ValueError):
    """A bank cannot give as many questions as the rule asks for. `tag` is "" when the rule names no tag."""

    def __init__(self, bank: str, have: int, wanted: int, tag: str = "") -> None:
        super().__init__(f"bank {bank} has {have} of {wanted} questions" + (f" with tag {tag}" if tag else ""))
        self.have = have
        self.wanted = wanted
        self.tag = tag


def draw(bank: Bank, rule: Draw, seed: int, exclude: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the ids of the questions of one attempt, none of them in `exclude`.

    Without a rule all questions come, in the order of the file. `per_tag` takes at least that many of every tag of the
    bank (a question with two tags counts for both). `count` takes exactly that many and spreads them over the tags as
    evenly as the bank allows. Raises `TooFewQuestions`.
    """
    left = [question for question in bank.questions if question.id not in exclude]
    if rule.per_tag is None and rule.count is None:
        return tuple(question.id for question in left)
    rng = Random(f"draw/{seed}")  # noqa: S311 - a repeatable choice of questions, no secret
    pool = sorted(left, key=lambda question: question.id)
    rng.shuffle(pool)
    pool = _levelled(pool, rng)
    by_tag = rule.per_tag is not None
    chosen = _per_tag(bank, pool, rule.per_tag or 0) if by_tag else _spread(bank, pool, rule.count or 0, rng)
    rng.shuffle(chosen)
    return tuple(chosen)


def _levelled(pool: Sequence[Question], rng: Random) -> list[Question]:
    """The questions so that each tag begins with one of every difficulty, then a second one of each, and so on.

    The tags take turns at which difficulty comes first. So two draws by the same rule have nearly the same mean
    difficulty whatever the seed – a pre-test and an exam are equivalent forms – and yet any question may be drawn.
    """
    tags = sorted({_first_tag(question) for question in pool})
    rng.shuffle(tags)
    turn = {tag: place for place, tag in enumerate(tags)}
    seen: Counter[tuple[str, int]] = Counter()
    ranked = []
    for question in pool:
        tag, level = _first_tag(question), question.difficulty
        ranked.append((seen[tag, level], (level + turn[tag]) % LEVELS, question))
        seen[tag, level] += 1
    return [question for _, _, question in sorted(ranked, key=lambda row: row[:2])]


def _first_tag(question: Question) -> str:
    return question.tags[0] if question.tags else ""


def bank_tags(bank: Bank) -> tuple[str, ...]:
    """Tags of a bank in the order in which the file names them first."""
    return tuple(dict.fromkeys(tag for question in bank.questions for tag in question.tags))


def _per_tag(bank: Bank, pool: Sequence[Question], wanted: int) -> list[str]:
    """Take `wanted` of every tag; the scarcest tag chooses first, so that shared questions are not taken from it."""
    by_tag = {tag: [question for question in pool if tag in question.tags] for tag in bank_tags(bank)}
    chosen: dict[str, Question] = {}
    for tag in sorted(by_tag, key=lambda name: (len(by_tag[name]), name)):
        have = sum(1 for question in chosen.values() if tag in question.tags)
        fresh = [question for question in by_tag[tag] if question.id not in chosen]
        if have + len(fresh) < wanted:
            raise TooFewQuestions(bank.id, have + len(fresh), wanted, tag)
        for question in fresh[: max(0, wanted - have)]:
            chosen[question.id] = question
    return list(chosen)


def _spread(bank: Bank, pool: Sequence[Question], wanted: int, rng: Random) -> list[str]:
    """Take one question of each tag in turn until there are `wanted`; a question is filed under its first tag."""
    if len(pool) < wanted:
        raise TooFewQuestions(bank.id, len(pool), wanted)
    queues: dict[str, deque[str]] = {}
    for question in pool:
        queues.setdefault(_first_tag(question), deque()).append(question.id)
    tags = sorted(queues)
    rng.shuffle(tags)
    chosen: list[str] = []
    while len(chosen) < wanted:
        for tag in tags:
            if queues[tag] and len(chosen) < wanted:
                chosen.append(queues[tag].popleft())
    return chosen


def option_order(question: Question, seed: int, blank: str = "") -> tuple[str, ...]:
    """Return the ids of what a learner chooses from, in the order in which this attempt shows them.

    Options (single, multiple), right sides (matching), items (ordering), or the options of one `blank` (cloze).
    True/false keeps its order. The order of the file has no part in it: in an ordering question that order is the key.
    """
    body = question.body
    match question.type:
        case "single" | "multiple":
            ids = [option["id"] for option in body["options"]]
        case "truefalse":
            return ("true", "false")
        case "matching":
            ids = [right["id"] for right in body["rights"]]
        case "ordering":
            ids = [item["id"] for item in body["items"]]
        case "cloze" if blank and body["blanks"][blank]["type"] == "choice":
            ids = [option["id"] for option in body["blanks"][blank]["options"]]
        case _:
            return ()
    ids.sort()
    Random(f"order/{seed}/{question.id}/{blank}").shuffle(ids)  # noqa: S311 - a repeatable order, no secret
    return tuple(ids)
