"""Item analysis against a table that was worked out by hand, and what it says with few answers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from webapp.coursepack.analysis import Sitting, analyse
from webapp.coursepack.model import Question

OPTIONS = [{"id": key, "text": key.upper(), "correct": key == "a"} for key in ("a", "b", "c")]
FIRST = Question("uno", "single", "", {"options": OPTIONS})
SECOND = Question("dos", "truefalse", "", {"answer": True})
THIRD = Question("tres", "short", "", {"accept": ["sí"]})
QUESTIONS = (FIRST, SECOND, THIRD)

# Five people, three questions. The rest of a question is the percent of the other two.
#            uno   dos  tres | rest of uno, dos, tres
TABLE = [
    ("a", True, 1.0),  # 1 1 1 |  100  100  100
    ("a", True, 0.0),  # 1 1 0 |   50   50  100
    ("a", False, 0.5),  # 1 0 ½ |   25   75   50
    ("b", False, 0.0),  # 0 0 0 |    0    0    0
    ("b", True, 0.0),  # 0 1 0 |   50    0   50
]


def sitting(choice: str, truth: bool, third: float, seconds: float = 20) -> Sitting:
    return Sitting(
        {"uno": Fraction(choice == "a"), "dos": Fraction(truth), "tres": Fraction(third)},
        {"uno": {"choice": choice}, "dos": {"answer": truth}, "tres": {"text": "x"}},
        {"uno": seconds},
    )


SITTINGS = [sitting(*row, seconds=10.0 * place) for place, row in enumerate(TABLE, 1)]


def test_it_equals_the_table_worked_out_by_hand() -> None:
    one, two, three = analyse(QUESTIONS, SITTINGS)
    # Difficulty: 3 of 5, 3 of 5, 1.5 of 5.
    assert (one.difficulty, two.difficulty, three.difficulty) == pytest.approx((0.6, 0.6, 0.3))
    # uno: shares 1 1 1 0 0 with rests 100 50 25 0 50. Means 0.6 and 45; the deviations multiplied add up to
    # 0.4·55 + 0.4·5 + 0.4·(−20) + (−0.6)(−45) + (−0.6)·5 = 40; squares 1.2 and 5,500; r = 40 / √6,600.
    assert one.discrimination == pytest.approx(40 / 6600**0.5) == pytest.approx(0.4924, abs=1e-4)
    # dos: shares 1 1 0 0 1 with rests 100 50 75 0 0. Means 0.6 and 45; 22 + 2 − 18 + 27 − 18 = 15; squares 1.2 and 8,000.
    assert two.discrimination == pytest.approx(15 / 9600**0.5) == pytest.approx(0.1531, abs=1e-4)
    # tres: shares 1 0 ½ 0 0 with rests 100 100 50 0 50. Means 0.3 and 60; 28 − 12 − 2 + 18 + 3 = 35; squares 0.8, 7,000.
    assert three.discrimination == pytest.approx(35 / 5600**0.5) == pytest.approx(0.4677, abs=1e-4)
    assert [(c.id, c.right, c.chosen, c.ability) for c in one.choices] == [
        ("a", True, 3, pytest.approx(175 / 3)),
        ("b", False, 2, 25.0),
        ("c", False, 0, None),
    ]
    assert [(c.id, c.chosen, c.ability) for c in two.choices] == [("true", 3, 50.0), ("false", 2, 37.5)]
    assert three.choices == () and one.seconds == 30.0 and two.seconds is None
    # Wilson, 3 of 5: (0.6 + 0.38416 ± 1.96 √(0.048 + 0.038416)) / 1.76832 – worked out with a pocket calculator.
    assert (one.low, one.high) == pytest.approx((0.2307, 0.8824), abs=1e-4)


def many(count: int, *rows: tuple[str, bool, float]) -> list[Sitting]:
    return [sitting(*rows[place % len(rows)]) for place in range(count)]


def test_with_few_answers_it_says_so_and_nothing_else() -> None:
    assert analyse(QUESTIONS, SITTINGS)[0].verdicts == ("too_few",)
    assert analyse(QUESTIONS, [])[0].verdicts == ("too_few",)
    assert analyse(QUESTIONS, [])[0].difficulty is None


def test_between_ten_and_thirty_it_speaks_with_reserve() -> None:
    assert analyse(QUESTIONS, many(12, *TABLE))[0].tentative
    assert not analyse(QUESTIONS, many(30, *TABLE))[0].tentative


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ([("b", True, 1.0), ("a", False, 0.0)], "check_key"),  # who knows more chooses another option
        ([("b", True, 1.0), ("b", True, 1.0), ("a", False, 0.0)], "misleading"),
        ([("b", True, 1.0), ("b", False, 0.0), ("c", True, 0.0), ("a", True, 1.0)], "too_hard"),
        ([("a", True, 1.0), ("a", False, 0.0)], "too_easy"),
        ([("a", True, 1.0), ("a", False, 0.0), ("b", True, 0.0), ("b", False, 1.0)], "weak"),
        ([("a", True, 1.0), ("b", False, 0.0)], "idle_option"),
        ([("a", True, 1.0), ("b", False, 0.0), ("a", True, 0.5), ("c", False, 0.0)], "good"),
    ],
)
def test_each_verdict_has_its_answers(rows: list[Any], verdict: str) -> None:
    assert verdict in analyse(QUESTIONS, many(60, *rows))[0].verdicts


def test_a_correlation_a_little_below_zero_is_chance_while_there_are_few_answers() -> None:
    # 5 of 9 who know and 5 of 9 who do not, with one more of those who do not: r is slightly below 0.
    rows = [("a", True, 1.0)] * 5 + [("b", True, 1.0)] * 4 + [("a", False, 0.0)] * 6 + [("b", False, 0.0)] * 4
    found = analyse(QUESTIONS, many(19, *rows))[0]
    assert found.discrimination is not None and -0.2 < found.discrimination < 0
    assert found.verdicts == ("good",)
    assert analyse(QUESTIONS, many(190, *rows))[0].verdicts == ("weak", "idle_option")


def test_a_question_that_nobody_was_asked_has_no_answers() -> None:
    other = Question("cuatro", "short", "", {"accept": ["x"]})
    found = analyse([other], SITTINGS)[0]
    assert (found.answers, found.difficulty, found.discrimination) == (0, None, None)


def test_who_left_it_blank_counts_as_blank_and_as_wrong() -> None:
    empty = Sitting({"uno": Fraction(0), "dos": Fraction(1)}, {"dos": {"answer": True}}, {})
    found = analyse(QUESTIONS, [*SITTINGS, empty])[0]
    assert (found.answers, found.blank) == (6, 1) and found.difficulty == pytest.approx(0.5)
