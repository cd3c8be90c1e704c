"""Amended keys: what may be amended, what it is worth, and that nobody loses by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from webapp.coursepack.amending import KINDS_OF, Amendment, AmendmentError, amend, amended, share
from webapp.coursepack.marking import KINDS
from webapp.coursepack.model import Question
from webapp.coursepack.scoring import feedback

AT = datetime(2026, 11, 3, 18, 0, tzinfo=UTC)
BEFORE, AFTER = AT - timedelta(days=1), AT + timedelta(days=1)


def options(*right: str) -> list[dict[str, Any]]:
    return [{"id": k, "html": k, "text": k, "correct": k in right, "feedback_html": ""} for k in ("a", "b", "c")]


SINGLE = Question("q", "single", "", {"options": options("a")})
MULTIPLE = Question("q", "multiple", "", {"options": options("a", "b")})
TRUTH = Question("q", "truefalse", "", {"answer": True, "feedback": {"true": "", "false": ""}})
TEXTS = {"correct_html": "", "incorrect_html": "", "common": []}
NUMBER = Question("q", "numeric", "", {"answer": "20", "tolerance": "0", "unit": "días", **TEXTS})
SHORT = Question("q", "short", "", {"accept": ["Comité"], **TEXTS})
BLANKS = {"x": {"type": "choice", "options": options("a")}, "y": {"type": "short", "accept": ["uno"], **TEXTS}}
CLOZE = Question("q", "cloze", "", {"segments": [{"blank": "x"}, {"blank": "y"}], "blanks": BLANKS})


def change(kind: Any, *answers: str, at: datetime = AT, **rest: Any) -> Amendment:
    return Amendment("q", kind, at, answers, **rest)


@pytest.mark.parametrize(
    ("question", "amendment", "response", "worth"),
    [
        (SINGLE, change("accept", "b"), {"choice": "b"}, 1),
        (SINGLE, change("accept", "b"), {"choice": "a"}, 1),
        (SINGLE, change("accept", "b"), {"choice": "c"}, 0),
        (SINGLE, change("key", "b"), {"choice": "b"}, 1),
        (SINGLE, change("void"), {"choice": "c"}, 1),
        (SINGLE, change("void"), None, 1),
        (MULTIPLE, change("key", "b", "c"), {"choices": ["b", "c"]}, 1),
        (TRUTH, change("key", "false"), {"answer": False}, 1),
        (NUMBER, change("accept", "1,020"), {"value": "1 020"}, 1),
        (NUMBER, change("accept", "15"), {"value": "20"}, 1),
        (NUMBER, change("key", "15", tolerance="0.5"), {"value": "15.5"}, 1),
        (SHORT, change("accept", "órgano colegiado"), {"text": "Organo  Colegiado"}, 1),
        (CLOZE, change("accept", "c", blank="x"), {"blanks": {"x": "c", "y": "uno"}}, 1),
        (CLOZE, change("accept", "dos", blank="y"), {"blanks": {"x": "b", "y": "DOS"}}, Fraction(1, 2)),
    ],
)
def test_an_amendment_gives_the_point_to_whom_it_says(
    question: Question, amendment: Amendment, response: Any, worth: Any
) -> None:
    assert share(question, response, [amendment], BEFORE) == worth
    assert share(question, response, [amendment], AFTER) == worth


def test_who_handed_in_before_a_new_key_keeps_the_point_and_who_comes_later_meets_the_new_key() -> None:
    new_key = change("key", "b")
    assert share(SINGLE, {"choice": "a"}, [new_key], BEFORE) == 1
    assert share(SINGLE, {"choice": "a"}, [new_key], AFTER) == 0
    assert share(SINGLE, {"choice": "a"}, [new_key], None) == 0


def test_amendments_add_up_in_the_order_they_were_made() -> None:
    line = [change("key", "b"), change("accept", "c", at=AT + timedelta(hours=1))]
    assert KINDS["single"].right_answer(amended(SINGLE, line).body) == "b; c"
    assert [share(SINGLE, {"choice": k}, reversed(line), AFTER) for k in "abc"] == [0, 1, 1]


def test_an_amendment_of_another_question_changes_nothing() -> None:
    other = Amendment("otra", "void", AT)
    assert share(SINGLE, {"choice": "c"}, [other], BEFORE) == 0 and amended(SINGLE, [other]) == SINGLE


def test_an_accepted_number_is_told_with_the_right_one() -> None:
    assert KINDS["numeric"].right_answer(amend(NUMBER, change("accept", "15")).body) == "20 o 15 días"


def test_what_is_taught_after_a_void_question_says_that_it_counts() -> None:
    review = feedback(SINGLE, {"choice": "c"}, None, share(SINGLE, {"choice": "c"}, [change("void")], BEFORE))
    assert review["correct"] and review["percent"] == 100


@pytest.mark.parametrize(
    ("question", "amendment", "code"),
    [
        (MULTIPLE, change("accept", "c"), "kind_does_not_fit"),
        (SINGLE, change("key"), "no_answer"),
        (SINGLE, change("key", "z"), "unknown_option"),
        (SINGLE, change("key", "a"), "nothing_changes"),
        (SINGLE, change("accept", "a"), "nothing_changes"),
        (TRUTH, change("key", "quizá"), "not_a_truth"),
        (TRUTH, change("key", "true"), "nothing_changes"),
        (NUMBER, change("key", "veinte"), "not_a_number"),
        (NUMBER, change("key", "20", "21"), "not_a_number"),
        (NUMBER, change("key", "21", tolerance="-1"), "not_a_number"),
        (NUMBER, change("accept", "20.0"), "nothing_changes"),
        (SHORT, change("accept", "  "), "no_answer"),
        (SHORT, change("accept", "comite"), "nothing_changes"),
        (CLOZE, change("accept", "c", blank="z"), "unknown_blank"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(question: Question, amendment: Amendment, code: str) -> None:
    with pytest.raises(AmendmentError) as refused:
        amend(question, amendment)
    assert refused.value.code == code and refused.value.message.endswith(".")


def test_every_type_of_question_can_at_least_be_void() -> None:
    assert set(KINDS_OF) == set(KINDS) and all("void" in kinds for kinds in KINDS_OF.values())
