"""Answer keys that turned out wrong, mended after people answered.

An amendment stands beside the key of its revision, which never changes. Three kinds: `accept` takes further answers for
right, `key` puts another key in the place of the old one, `void` gives the whole point to everybody who was asked.
Nobody loses a point by an amendment: whoever handed in before it keeps what the old key gave, if that was more.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from webapp.coursepack.answers import LONGEST, comparable, parse_number
from webapp.coursepack.marking import TRUTH, Response
from webapp.coursepack.model import Question, QuestionType
from webapp.coursepack.scoring import score

AmendmentKind = Literal["accept", "key", "void"]

# What can be amended in a question of each type. Pairs and orders hang together: of them nothing but the whole.
KINDS_OF: dict[QuestionType, tuple[AmendmentKind, ...]] = {
    "single": ("accept", "key", "void"),
    "multiple": ("key", "void"),
    "truefalse": ("key", "void"),
    "numeric": ("accept", "key", "void"),
    "short": ("accept", "key", "void"),
    "cloze": ("accept", "void"),
    "matching": ("void",),
    "ordering": ("void",),
}


class AmendmentError(ValueError):
    """An amendment that its question cannot take. `code` is stable; `message` is a Spanish sentence without variables."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


@dataclass(frozen=True)
class Amendment:
    """A change to the key of one question.

    `answers` are ids of options (single, multiple), "true" or "false", numbers or texts as typed; of a cloze they belong
    to the blank `blank`. `tolerance` goes with a new key of a number. `applied_at` parts who handed in before from who
    did later.
    """

    question: str
    kind: AmendmentKind
    applied_at: datetime
    answers: tuple[str, ...] = ()
    blank: str = ""
    tolerance: str = "0"


def amend(question: Question, amendment: Amendment) -> Question:
    """The question with its key amended; a void one keeps its key. Raises AmendmentError when they do not fit."""
    if amendment.kind not in KINDS_OF[question.type]:
        raise AmendmentError("kind_does_not_fit", "Esta pregunta no se puede corregir así; puedes anularla.")
    if amendment.kind == "void":
        return question
    if not amendment.answers:
        raise AmendmentError("no_answer", "Di qué respuesta vale.")
    body = copy.deepcopy(question.body)
    part = body
    if question.type == "cloze":
        if amendment.blank not in body["blanks"]:
            raise AmendmentError("unknown_blank", "Elige el hueco que quieres corregir.")
        part = body["blanks"][amendment.blank]
    _amend_part(part, part.get("type", question.type), amendment)
    if body == question.body:
        raise AmendmentError("nothing_changes", "Con ese cambio la clave queda como estaba.")
    return replace(question, body=body)


def amended(question: Question, amendments: Iterable[Amendment]) -> Question:
    """The question as it is marked today, with everything that was amended in it."""
    for amendment in _of(question, amendments):
        question = amend(question, amendment)
    return question


def share(
    question: Question, response: Response | None, amendments: Iterable[Amendment], handed_in: datetime | None
) -> Fraction:
    """The share of the point that a response earns, from 0 to 1, when it was handed in at that moment (None: now)."""
    earned = score(question, response)
    for amendment in _of(question, amendments):
        if amendment.kind == "void":
            return Fraction(1)
        question = amend(question, amendment)
        now_earned = score(question, response)
        before = handed_in is not None and handed_in < amendment.applied_at
        earned = max(earned, now_earned) if before else now_earned
    return earned


def _of(question: Question, amendments: Iterable[Amendment]) -> Sequence[Amendment]:
    own = [amendment for amendment in amendments if amendment.question == question.id]
    return sorted(own, key=lambda amendment: amendment.applied_at)


def _amend_part(part: dict[str, Any], type: str, amendment: Amendment) -> None:
    """Amend the key in a body, or in one blank of it."""
    adds = amendment.kind == "accept"
    match type:
        case "single" | "multiple" | "choice":
            _amend_options(part["options"], amendment.answers, adds)
        case "truefalse":
            if len(amendment.answers) != 1 or amendment.answers[0] not in TRUTH:
                raise AmendmentError("not_a_truth", "Di si la frase es verdadera o falsa.")
            part["answer"] = amendment.answers[0] == "true"
        case "numeric":
            _amend_number(part, amendment, adds)
        case _:
            _amend_texts(part, amendment.answers, adds)


def _amend_options(options: list[dict[str, Any]], answers: Sequence[str], adds: bool) -> None:
    if not {option["id"] for option in options}.issuperset(answers):
        raise AmendmentError("unknown_option", "Elige opciones de esta pregunta.")
    for option in options:
        option["correct"] = option["id"] in answers or (adds and option["correct"])


def _amend_number(part: dict[str, Any], amendment: Amendment, adds: bool) -> None:
    numbers = [parse_number(typed) for typed in amendment.answers]
    tolerance = parse_number(amendment.tolerance)
    if None in numbers or tolerance is None or tolerance < 0 or (not adds and len(numbers) != 1):
        raise AmendmentError("not_a_number", "Escribe solo el número, sin palabras ni unidades.")
    written = [str(number) for number in numbers]
    if adds:
        fresh = [one for one in written if all(Decimal(one) != Decimal(old) for old in _numbers_of(part))]
        if fresh:
            part["also"] = [*part.get("also", ()), *fresh]
    else:
        part["answer"], part["tolerance"] = written[0], str(tolerance)
        part.pop("also", None)


def _numbers_of(part: dict[str, Any]) -> list[str]:
    return [part["answer"], *part.get("also", ())]


def _amend_texts(part: dict[str, Any], answers: Sequence[str], adds: bool) -> None:
    if any(not comparable(text) or len(text) > LONGEST for text in answers):
        raise AmendmentError("no_answer", "Di qué respuesta vale.")
    kept = list(part["accept"]) if adds else []
    known = {comparable(text) for text in kept}
    part["accept"] = [*kept, *(text for text in answers if comparable(text) not in known)]
