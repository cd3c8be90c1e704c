"""How each type of question is marked and explained."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from webapp.coursepack.answers import comparable, parse_number, plain_number
from webapp.coursepack.drawing import draw
from webapp.coursepack.model import Bank, Course, Draw, Question
from webapp.coursepack.scoring import ResponseError, feedback, parse_response, percent, present, score
from webapp.coursepack.serialise import from_json, to_json

from .responses import right_form


@pytest.fixture
def bank(course: Course) -> dict[str, Question]:
    """The questions of the manual by their type."""
    return {question.type: question for question in course.banks["banco"].questions}


def option(question: Question, text: str) -> str:
    things = [*question.body.get("options", ()), *question.body.get("items", ())]
    return next(str(thing["id"]) for thing in things if thing["text"].startswith(text))


def answered(question: Question, form: dict[str, Any]) -> Fraction:
    return score(question, parse_response(question, form))


# -- what is worth what -----------------------------------------------------------------------------------------------


def test_a_single_choice_is_all_or_nothing(bank: dict[str, Question]) -> None:
    question = bank["single"]
    assert answered(question, {"r": [option(question, "Sirve")]}) == 1
    assert answered(question, {"r": [option(question, "Es sensible")]}) == 0


@pytest.mark.parametrize(
    ("chosen", "share"),
    [
        (["Nombre", "Medio"], Fraction(1)),
        (["Nombre"], Fraction(1, 2)),
        (["Nombre", "Religión"], Fraction(0)),
        (["Nombre", "Medio", "Religión"], Fraction(1, 2)),
        (["Nombre", "Medio", "Religión", "Estado"], Fraction(0)),
        (["Religión", "Estado"], Fraction(0)),
    ],
)
def test_in_a_multiple_choice_a_wrong_mark_takes_a_right_one(
    bank: dict[str, Question], chosen: list[str], share: Fraction
) -> None:
    question = bank["multiple"]
    assert answered(question, {"r": [option(question, text) for text in chosen]}) == share


def test_true_or_false_is_all_or_nothing(bank: dict[str, Question]) -> None:
    assert answered(bank["truefalse"], {"r": ["false"]}) == 1
    assert answered(bank["truefalse"], {"r": ["true"]}) == 0


def test_each_right_pair_counts(bank: dict[str, Question]) -> None:
    question = bank["matching"]
    form = right_form(question)
    (first, second, third), notary = form, question.body["rights"][-1]["id"]
    assert answered(question, {**form, first: [notary]}) == Fraction(2, 3)
    assert answered(question, {second: form[second]}) == Fraction(1, 3)
    assert answered(question, {first: form[third], second: form[first], third: form[second]}) == 0


def test_each_item_in_its_place_counts(bank: dict[str, Question]) -> None:
    question = bank["ordering"]
    ids = [item["id"] for item in question.body["items"]]
    assert answered(question, {"order": ids}) == 1
    assert answered(question, {"order": [ids[0], ids[2], ids[1]]}) == Fraction(1, 3)
    assert answered(question, {f"r.{key}": ["1"] for key in ids}) == Fraction(1, 3)
    assert answered(question, {f"r.{ids[1]}": ["2"]}) == Fraction(1, 3)


@pytest.mark.parametrize(
    ("typed", "share"), [("3", 1), (" 3.0 ", 1), ("+3", 1), ("3.", 1), ("2", 0), ("-3", 0), ("3.01", 0)]
)
def test_a_number_is_right_whatever_way_it_is_written(bank: dict[str, Question], typed: str, share: int) -> None:
    assert answered(bank["numeric"], {"r": [typed]}) == share


def test_a_number_within_the_tolerance_is_right(bank: dict[str, Question]) -> None:
    question = replace(bank["numeric"], body={**bank["numeric"].body, "answer": "1234.5", "tolerance": "0.1"})
    assert [answered(question, {"r": [typed]}) for typed in ("1,234.4", "1 234.6", "1234.61")] == [1, 1, 0]


@pytest.mark.parametrize("typed", ["libre", "LIBRE", "  Libré. ", "consentimiento   libre", "«libre»", "li\u00adbre"])
def test_a_short_answer_is_compared_without_accents_case_or_spacing(bank: dict[str, Question], typed: str) -> None:
    assert answered(bank["short"], {"r": [typed]}) == 1


def test_another_word_is_wrong(bank: dict[str, Question]) -> None:
    assert answered(bank["short"], {"r": ["libremente"]}) == 0
    assert answered(bank["short"], {"r": ["..."]}) == 0


def test_each_right_blank_counts(bank: dict[str, Question]) -> None:
    question = bank["cloze"]
    form = right_form(question)
    assert answered(question, {"r.medida": form["r.medida"]}) == Fraction(1, 2)
    assert answered(question, {**form, "r.para-que": ["otra cosa"]}) == Fraction(1, 2)
    assert answered(question, {**form, "r.para-que": [" FINALIDAD "]}) == 1


def test_points_weigh_and_the_percent_is_rounded_down() -> None:
    assert percent([(Fraction(1), 1), (Fraction(0), 2)]) == 33
    assert percent([(Fraction(2, 3), 1)]) == 66
    assert percent([(Fraction(1), 3)]) == 100
    assert percent([(Fraction(799, 1000), 1)]) == 79
    assert percent([]) == 0


# -- what is typed ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("20", "20"),
        (" 20 ", "20"),
        ("1,234.5", "1234.5"),
        ("1,234,567", "1234567"),
        ("1 234.5", "1234.5"),
        ("1\u00a0234", "1234"),
        ("\u22123.5", "-3.5"),
        (".5", "0.5"),
        ("0.50", "0.50"),
        ("007", "7"),
    ],
)
def test_numbers_are_read_as_people_in_mexico_write_them(typed: str, value: str) -> None:
    assert parse_number(typed) == Decimal(value)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " 20 días",
        "veinte",
        "20%",
        "$20",
        "1,5",
        "12,34",
        "1,2345",
        "1.234.5",
        "1e5",
        "NaN",
        "inf",
        "0x10",
        "٣",
        "½",
        "--1",
        ".",
        "9" * 31,
        "1 2",
        "20 30",
        "1,234 567",
    ],
)
def test_what_is_no_plain_number_is_not_guessed(typed: str) -> None:
    assert parse_number(typed) is None


def test_a_refused_number_is_explained_kindly(bank: dict[str, Question]) -> None:
    with pytest.raises(ResponseError) as refused:
        parse_response(bank["numeric"], {"r": [" 20 días"]})
    assert refused.value.code == "not_a_number"
    assert refused.value.message.startswith(
        "Escribe solo el número, sin palabras ni unidades: por ejemplo 20 o 1,234.5."
    )


def test_numbers_are_shown_without_exponent_or_idle_zeros() -> None:
    assert [plain_number(Decimal(text)) for text in ("20", "20.50", "1E+3", "-0.0", "0.10")] == [
        "20",
        "20.5",
        "1000",
        "0",
        "0.1",
    ]


def test_comparing_keeps_words_apart() -> None:
    assert comparable("  Órgano   INTERNO de\ncontrol. ") == "organo interno de control"
    assert comparable("acta") != comparable("actas")


# -- what a browser sends ---------------------------------------------------------------------------------------------


def test_a_form_and_its_json_are_the_same_response(bank: dict[str, Question]) -> None:
    chosen = [option(bank["multiple"], text) for text in ("Nombre", "Medio")]
    ids = [item["id"] for item in bank["ordering"].body["items"]]
    lefts = {left["id"]: left["right"] for left in bank["matching"].body["lefts"]}
    same: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("single", {"r": [option(bank["single"], "Sirve")]}, {"choice": option(bank["single"], "Sirve")}),
        ("multiple", {"r": chosen}, {"choices": chosen[::-1]}),
        ("truefalse", {"r": ["true"]}, {"answer": True}),
        ("matching", {f"r.{left}": [right] for left, right in lefts.items()}, {"pairs": lefts}),
        ("ordering", {f"r.{key}": [str(n)] for n, key in enumerate(ids, 1)}, {"order": ids}),
        ("ordering", {f"r.{ids[0]}": ["2"]}, {"positions": {ids[0]: 2}}),
        ("numeric", {"r": ["1,000"]}, {"value": "1,000"}),
        ("numeric", {"r": ["20"]}, {"value": 20}),
        ("short", {"r": [" hola "]}, {"text": "hola"}),
        ("cloze", {"r.para-que": ["x"]}, {"blanks": {"para-que": "x"}}),
    ]
    for kind, form, data in same:
        assert parse_response(bank[kind], form) == parse_response(bank[kind], data), kind


def test_what_was_typed_is_kept_as_it_was_typed(bank: dict[str, Question]) -> None:
    assert parse_response(bank["numeric"], {"r": [" 1,234.50 "]}) == {"value": "1,234.50"}
    assert parse_response(bank["short"], {"r": ["  Libré "]}) == {"text": "Libré"}


def test_fields_of_the_page_that_are_no_answer_are_not_looked_at(bank: dict[str, Question]) -> None:
    assert parse_response(bank["truefalse"], {"csrf_token": ["x"], "siguiente": ["1"]}) is None
    assert parse_response(bank["truefalse"], {"csrf_token": ["x"], "r": ["true"]}) == {"answer": True}


def test_what_was_emptied_again_is_no_answer(bank: dict[str, Question]) -> None:
    ids = [left["id"] for left in bank["matching"].body["lefts"]]
    assert parse_response(bank["short"], {"r": ["   "]}) is None
    assert parse_response(bank["matching"], {f"r.{key}": [""] for key in ids}) is None
    assert parse_response(bank["multiple"], {"choices": []}) is None
    assert parse_response(bank["single"], {"choice": None}) is None


@pytest.mark.parametrize(
    ("kind", "form", "code"),
    [
        ("single", {"r": ["otra"]}, "unknown_option"),
        ("truefalse", {"r": ["quizá"]}, "unknown_option"),
        ("truefalse", {"r": ["true", "false"]}, "several_choices"),
        ("single", {"r.x": ["1"]}, "unknown_field"),
        ("matching", {"r": ["1"]}, "unknown_field"),
        ("matching", {"r.x": ["1"]}, "unknown_field"),
        ("cloze", {"r.medida": ["útiles"]}, "unknown_option"),
        ("cloze", {"r.otro": ["x"]}, "unknown_field"),
        ("numeric", {"r": ["1", "2"]}, "several_answers"),
        ("short", {"r": ["x" * 301]}, "too_long"),
        ("short", {"text": {"a": 1}}, "wrong_kind"),
        ("matching", {"pairs": ["a"]}, "wrong_kind"),
        ("numeric", {"value": True}, "not_a_number"),
        ("numeric", {"value": float("nan")}, "wrong_kind"),
        ("multiple", {"r": ["x"] * 500}, "too_many_fields"),
    ],
)
def test_what_no_page_sends_is_refused_with_a_code(
    bank: dict[str, Question], kind: str, form: dict[str, Any], code: str
) -> None:
    with pytest.raises(ResponseError) as refused:
        parse_response(bank[kind], form)
    assert refused.value.code == code


@pytest.mark.parametrize("place", ["0", "4", "-1", "1.5", "x", "01"])
def test_a_place_outside_the_list_is_refused_and_named(bank: dict[str, Question], place: str) -> None:
    key = bank["ordering"].body["items"][0]["id"]
    with pytest.raises(ResponseError) as refused:
        parse_response(bank["ordering"], {f"r.{key}": [place]})
    assert (refused.value.code, refused.value.field) == ("bad_position", key)


def test_an_order_that_names_an_item_twice_is_refused(bank: dict[str, Question]) -> None:
    key = bank["ordering"].body["items"][0]["id"]
    with pytest.raises(ResponseError, match="bad_position"):
        parse_response(bank["ordering"], {"order": [key, key]})


def test_two_choices_in_a_single_choice_are_refused(bank: dict[str, Question]) -> None:
    ids = [row["id"] for row in bank["single"].body["options"][:2]]
    with pytest.raises(ResponseError, match="several_choices"):
        parse_response(bank["single"], {"r": ids})


# -- what is shown before and after -----------------------------------------------------------------------------------


def test_each_type_is_shown_with_what_it_needs(bank: dict[str, Question]) -> None:
    shown = {
        kind: set(present(question, 7)) - {"id", "type", "points", "prompt_html"} for kind, question in bank.items()
    }
    assert shown == {
        "single": {"options"},
        "multiple": {"options"},
        "truefalse": {"options"},
        "matching": {"lefts", "rights"},
        "ordering": {"items"},
        "numeric": {"unit"},
        "short": set(),
        "cloze": {"segments"},
    }


def test_true_comes_before_false(bank: dict[str, Question]) -> None:
    for seed in range(10):
        assert [row["id"] for row in present(bank["truefalse"], seed)["options"]] == ["true", "false"]


def test_a_cloze_is_shown_in_whole_pieces(bank: dict[str, Question]) -> None:
    segments = present(bank["cloze"], 1)["segments"]
    assert [sorted(segment) for segment in segments] == [
        ["html"],
        ["blank", "options", "type"],
        ["html"],
        ["blank", "type"],
        ["html"],
    ]
    assert segments[0]["html"] == "Los datos deben ser adecuados, relevantes y estrictamente "


def test_feedback_marks_each_option_in_the_order_of_the_attempt(bank: dict[str, Question]) -> None:
    question = bank["single"]
    wrong = option(question, "Es sensible")
    told = feedback(question, {"choice": wrong}, seed=5)
    assert [mark["id"] for mark in told["marks"]] == [row["id"] for row in present(question, 5)["options"]]
    states = {mark["id"]: (mark["chosen"], mark["right"]) for mark in told["marks"]}
    assert states[wrong] == (True, False)
    assert states[option(question, "Sirve")] == (False, True)
    assert told["right_answer"] == "Sirve a una finalidad del taller"
    assert told["explanation_html"].startswith("<p>Un dato se justifica")
    assert told["sources"][0]["label"] == "LGPDPPSO, art. 19"
    assert "estrictamente necesarios" in told["sources"][0]["text"]


def test_feedback_on_true_or_false_speaks_to_the_choice(bank: dict[str, Question]) -> None:
    told = feedback(bank["truefalse"], {"answer": True})
    chosen = next(mark for mark in told["marks"] if mark["chosen"])
    assert (chosen["id"], chosen["right"]) == ("true", False)
    assert "Si nadie sabe para qué" in chosen["feedback_html"]
    assert told["right_answer"] == "Falso"


def test_feedback_on_pairs_says_what_was_given_and_expected(bank: dict[str, Question]) -> None:
    question = bank["matching"]
    left, notary = question.body["lefts"][0]["id"], question.body["rights"][-1]["id"]
    first, second, _ = feedback(question, {"pairs": {left: notary}})["marks"]
    assert (first["given"], first["expected"], first["correct"]) == (
        "Ante notario",
        "Sin error, mala fe, violencia o dolo",
        False,
    )
    assert (second["given"], second["correct"]) == ("", False)


def test_feedback_on_an_order_says_each_place(bank: dict[str, Question]) -> None:
    question = bank["ordering"]
    ids = [item["id"] for item in question.body["items"]]
    told = feedback(question, parse_response(question, {"order": [ids[1], ids[0], ids[2]]}))
    assert [(mark["given"], mark["expected"]) for mark in told["marks"]] == [(2, 1), (1, 2), (3, 3)]
    assert told["percent"] == 33
    assert "por eso va primero" in told["message_html"]
    assert told["right_answer"].startswith("1. Escribes la finalidad del trámite; 2. Marcas")


@pytest.mark.parametrize(
    ("kind", "response", "said"),
    [
        ("numeric", {"value": "3"}, "Libre, específica e informada"),
        ("numeric", {"value": "2.0"}, "Te faltó una"),
        ("numeric", {"value": "9"}, "Cuenta las fracciones"),
        ("short", {"text": "Libre"}, "sin nada que afecte la voluntad"),
        ("short", {"text": "INFORMADO"}, "Informado se refiere"),
        ("short", {"text": "x"}, "Busca la palabra"),
    ],
)
def test_a_common_mistake_has_its_own_feedback(
    bank: dict[str, Question], kind: str, response: dict[str, str], said: str
) -> None:
    assert said in feedback(bank[kind], response)["message_html"]


def test_nothing_is_said_about_what_was_not_answered(bank: dict[str, Question]) -> None:
    assert feedback(bank["numeric"], None)["message_html"] == ""
    assert feedback(bank["short"], None)["message_html"] == ""
    assert [mark["feedback_html"] for mark in feedback(bank["cloze"], None)["marks"]] == ["", ""]


def test_feedback_on_blanks_says_what_was_chosen_in_words(bank: dict[str, Question]) -> None:
    question = bank["cloze"]
    useful = next(row["id"] for row in question.body["blanks"]["medida"]["options"] if not row["correct"])
    told = feedback(question, {"blanks": {"medida": useful, "para-que": "finalidad"}})
    assert [(mark["given"], mark["expected"], mark["correct"]) for mark in told["marks"]] == [
        ("útiles", "necesarios", False),
        ("finalidad", "finalidad", True),
    ]
    assert told["right_answer"].endswith("estrictamente [necesarios] para la [finalidad].")


def test_the_right_number_is_told_with_unit_and_tolerance(bank: dict[str, Question]) -> None:
    assert feedback(bank["numeric"], None)["right_answer"] == "3 características"
    body = {**bank["numeric"].body, "tolerance": "0.5", "unit": "días"}
    assert feedback(replace(bank["numeric"], body=body), None)["right_answer"] == "3 días (se acepta ±0.5)"


def test_a_page_of_an_exam_is_made_from_json_in_a_few_milliseconds(course: Course) -> None:
    """The bound is three times the budget of 5 ms, for busy machines; the best of ten runs counts."""
    kinds = course.banks["banco"].questions
    many = tuple(replace(question, id=f"{question.id}-{copy}") for copy in range(20) for question in kinds)
    data = json.loads(json.dumps(to_json(replace(course, banks={**course.banks, "banco": Bank("banco", "x", many)}))))
    times = []
    for seed in range(10):
        start = time.perf_counter()
        bank = from_json(data).banks["banco"]
        by_id = {question.id: question for question in bank.questions}
        views = [present(by_id[name], seed) for name in draw(bank, Draw(count=20), seed)]
        times.append(time.perf_counter() - start)
        assert len(views) == 20
    assert min(times) < 0.015
