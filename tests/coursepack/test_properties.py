"""What holds for every question, whatever its author wrote and whatever a browser sends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from webapp.coursepack.drawing import TooFewQuestions, bank_tags, draw, option_order
from webapp.coursepack.markdown import Context, compile_lesson
from webapp.coursepack.model import Bank, Course, Draw, Lab, Question
from webapp.coursepack.problems import Report
from webapp.coursepack.scoring import ResponseError, feedback, parse_response, percent, present, score
from webapp.coursepack.serialise import from_json, to_json
from webapp.coursepack.yamltext import parse

from .responses import ids_shown, right_form
from .strategies import BODIES, HIDDEN, compiled, questions, written_questions
from .test_reading import Page

# Random questions go through the whole reading, which takes its time on a busy machine; that is no flaw of the data.
loose = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

seeds = st.integers(0, 2**63 - 1)
KEY_NAMES = {
    "correct",
    "feedback",
    "feedback_html",
    "answer",
    "accept",
    "right",
    "tolerance",
    "common",
    "explanation_html",
}


def names_in(value: Any) -> Iterator[str]:
    """Every name that stands anywhere in a JSON value."""
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from names_in(inner)


@pytest.mark.parametrize("kind", BODIES)
@given(st.data())
@settings(loose, max_examples=40)
def test_the_right_answer_scores_one(kind: str, data: st.DataObject) -> None:
    question = compiled(data.draw(written_questions((kind,))))
    response = parse_response(question, right_form(question))
    assert score(question, response) == 1
    told = feedback(question, response)
    assert (told["correct"], told["share"], told["percent"], told["answered"]) == (True, 1.0, 100, True)


@given(questions)
@loose
def test_no_answer_scores_nothing(question: Question) -> None:
    assert parse_response(question, {}) is None
    assert score(question, None) == 0
    assert feedback(question, None)["correct"] is False


@given(questions, seeds, st.data())
@settings(loose, max_examples=150)
def test_any_answer_a_page_can_send_scores_between_nothing_and_one(
    question: Question, seed: int, data: st.DataObject
) -> None:
    ids = ids_shown(present(question, seed))
    value = st.sampled_from([*ids, "", "1", "2", "3", "true", "false", "abc", "1,234.5", "x" * 400])
    names = st.sampled_from(["r", "csrf_token", *(f"r.{key}" for key in ids)])
    form = data.draw(st.dictionaries(names, st.lists(value, max_size=3), max_size=6))
    try:
        response = parse_response(question, form)
    except ResponseError as error:
        assert error.code and error.message
        return
    share = score(question, response)
    assert isinstance(share, Fraction) and 0 <= share <= 1
    told = feedback(question, response, seed)
    assert json.loads(json.dumps(told)) == told
    assert told["correct"] is (share == 1)
    if response is not None:
        assert json.loads(json.dumps(response)) == response
        assert parse_response(question, response) == response  # what was kept is understood again


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
json_names = st.sampled_from(
    ["choice", "choices", "answer", "pairs", "positions", "order", "value", "text", "blanks", "r", "r.x"]
)


@given(questions, st.dictionaries(json_names | st.text(max_size=5), json_values, max_size=3))
@settings(loose, max_examples=150)
def test_garbage_is_refused_with_a_code_and_never_breaks(question: Question, garbage: dict[str, Any]) -> None:
    try:
        response = parse_response(question, garbage)
    except ResponseError as error:
        assert isinstance(error, ValueError)
        assert error.code.isidentifier() and error.message.endswith(".")
        return
    assert 0 <= score(question, response) <= 1


@given(questions, seeds)
@settings(loose, max_examples=150)
def test_what_a_browser_sees_never_holds_the_key(question: Question, seed: int) -> None:
    view = present(question, seed)
    assert not KEY_NAMES & set(names_in(view))
    assert HIDDEN not in json.dumps(view)
    assert json.loads(json.dumps(view)) == view


@given(written_questions(("single", "multiple")), seeds, st.data())
@loose
def test_what_a_browser_sees_does_not_depend_on_which_option_is_right(
    written: dict[str, Any], seed: int, data: st.DataObject
) -> None:
    before = present(compiled(written), seed)
    place = data.draw(st.integers(0, len(written["options"]) - 1))
    for number, option in enumerate(written["options"]):
        option["correct"] = number == place
    assert present(compiled(written), seed) == before


@given(written_questions(("ordering",)), seeds, st.randoms())
@loose
def test_what_a_browser_sees_does_not_depend_on_the_right_order(
    written: dict[str, Any], seed: int, random: Any
) -> None:
    before = present(compiled(written), seed)
    random.shuffle(written["items"])
    assert present(compiled(written), seed) == before


@given(written_questions(("matching",)), seeds)
@loose
def test_what_a_browser_sees_does_not_depend_on_the_pairs(written: dict[str, Any], seed: int) -> None:
    before = present(compiled(written), seed)
    pairs = written["pairs"]
    rights = [pair["right"] for pair in pairs]
    for pair, right in zip(pairs, rights[1:] + rights[:1], strict=True):
        pair["right"] = right
    assert present(compiled(written), seed) == before


@given(questions, seeds)
@loose
def test_the_same_seed_shows_the_same_order(question: Question, seed: int) -> None:
    assert present(question, seed) == present(question, seed)
    assert option_order(question, seed) == option_order(question, seed)


@given(written_questions(("single",)))
@settings(loose, max_examples=30)
def test_other_seeds_show_other_orders(written: dict[str, Any]) -> None:
    question = compiled(written)
    orders = {option_order(question, seed) for seed in range(60)}
    assert len(orders) > 1
    assert all(sorted(order) == sorted(ids_shown(present(question, 0))) for order in orders)


@given(questions, st.text(max_size=40))
@loose
def test_an_option_of_another_question_is_refused(question: Question, foreign: str) -> None:
    if question.type in {"numeric", "short"} or not foreign.strip() or foreign.strip() in {"true", "false"}:
        return
    name = "r" if question.type in {"single", "multiple", "truefalse"} else f"r.{foreign}"
    with pytest.raises(ResponseError) as refused:
        parse_response(question, {name: [foreign]})
    assert refused.value.code in {"unknown_option", "unknown_field"}


# -- a course as JSON -------------------------------------------------------------------------------------------------


@given(st.lists(questions, max_size=8, unique_by=lambda question: question.id))
@settings(loose, max_examples=60)
def test_a_course_comes_back_from_json_exactly(course: Course, found: list[Question]) -> None:
    banks = {**course.banks, "otro": Bank("otro", "Otro", tuple(found))}
    whole = replace(course, banks=banks, issuer="autoridad", validity_months=12)
    assert from_json(json.loads(json.dumps(to_json(whole)))) == whole


def test_a_lab_comes_back_from_json_exactly(course: Course) -> None:
    lab = Lab("uno", "load", "marco/1/i", "<p>x</p>", ("<p>y</p>",), ({"1": "a"},), {"7": ({"ID": "1", "8": "b"},)})
    whole = replace(course, labs={"uno": lab, "dos": Lab("dos", "mend", "marco/1/i", "", errors=4, difficulties=(1,))})
    assert from_json(json.loads(json.dumps(to_json(whole)))) == whole


def test_a_course_compiled_before_there_were_labs_is_read(course: Course) -> None:
    before = to_json(course)
    del before["labs"]
    assert from_json(before) == course


def test_json_of_another_format_is_refused(course: Course) -> None:
    with pytest.raises(ValueError, match="format 99"):
        from_json({**to_json(course), "format": 99})


# -- draws ------------------------------------------------------------------------------------------------------------


@st.composite
def banks(draw_from: st.DrawFn) -> Bank:
    tags = draw_from(st.lists(st.lists(st.sampled_from("abcd"), max_size=2, unique=True), min_size=1, max_size=30))
    made = [Question(f"q{place}", "truefalse", "", {}, tuple(own)) for place, own in enumerate(tags)]
    return Bank("banco", "Banco", tuple(made))


@given(banks(), st.integers(1, 10), seeds)
@loose
def test_the_same_seed_draws_the_same_questions(bank: Bank, count: int, seed: int) -> None:
    if count <= len(bank.questions):
        assert draw(bank, Draw(count=count), seed) == draw(bank, Draw(count=count), seed)


@given(banks(), st.integers(1, 10), seeds, st.data())
@loose
def test_a_draw_has_the_number_asked_for_without_repeats_or_excluded(
    bank: Bank, count: int, seed: int, data: st.DataObject
) -> None:
    ids = [question.id for question in bank.questions]
    exclude = frozenset(data.draw(st.sets(st.sampled_from(ids))))
    if len(ids) - len(exclude) < count:
        with pytest.raises(TooFewQuestions):
            draw(bank, Draw(count=count), seed, exclude)
        return
    drawn = draw(bank, Draw(count=count), seed, exclude)
    assert len(drawn) == len(set(drawn)) == count
    assert set(drawn) <= set(ids) - exclude


@given(seeds, seeds)
@loose
def test_two_draws_by_one_rule_are_equally_difficult(first: int, second: int) -> None:
    made = [
        Question(f"{t}{d}{n}", "truefalse", "", {}, (t,), difficulty=d)
        for t in "abcdef"
        for d in (1, 2, 3)
        for n in "xyz"
    ]
    bank, level = Bank("banco", "Banco", tuple(made)), {question.id: question.difficulty for question in made}
    before = draw(bank, Draw(per_tag=2), first)
    after = draw(bank, Draw(per_tag=2), second, frozenset(before))
    assert sum(level[name] for name in before) == sum(level[name] for name in after)


def test_any_question_may_be_drawn() -> None:
    made = [
        Question(f"{t}{d}{n}", "truefalse", "", {}, (t,), difficulty=d) for t in "abc" for d in (1, 2, 3) for n in "xy"
    ]
    bank = Bank("banco", "Banco", tuple(made))
    assert {name for seed in range(200) for name in draw(bank, Draw(per_tag=1), seed)} == {q.id for q in made}


@given(banks(), st.integers(1, 12), seeds)
@loose
def test_a_draw_is_spread_over_the_tags(bank: Bank, count: int, seed: int) -> None:
    if count > len(bank.questions):
        return
    first_tag = {question.id: question.tags[0] if question.tags else "" for question in bank.questions}
    have = [list(first_tag.values()).count(tag) for tag in sorted(set(first_tag.values()))]
    drawn = [first_tag[name] for name in draw(bank, Draw(count=count), seed)]
    taken = [drawn.count(tag) for tag in sorted(set(first_tag.values()))]
    for tag, other in ((a, b) for a in range(len(have)) for b in range(len(have))):
        assert taken[tag] <= taken[other] + 1 or taken[other] == have[other]


@given(banks(), st.integers(1, 3), seeds)
@loose
def test_a_draw_per_tag_has_enough_of_every_tag(bank: Bank, wanted: int, seed: int) -> None:
    have = {tag: {q.id for q in bank.questions if tag in q.tags} for tag in bank_tags(bank)}
    if any(len(ids) < wanted for ids in have.values()):
        with pytest.raises(TooFewQuestions):
            draw(bank, Draw(per_tag=wanted), seed)
        return
    drawn = set(draw(bank, Draw(per_tag=wanted), seed))
    assert all(len(drawn & ids) >= wanted for ids in have.values())
    if all(len(question.tags) <= 1 for question in bank.questions):
        assert len(drawn) == wanted * len(have)


@given(banks(), seeds)
@loose
def test_without_a_rule_all_questions_come_in_the_order_of_the_file(bank: Bank, seed: int) -> None:
    ids = [question.id for question in bank.questions]
    assert draw(bank, Draw(), seed) == tuple(ids)
    assert draw(bank, Draw(), seed, frozenset(ids[:1])) == tuple(ids[1:])


# -- percent ----------------------------------------------------------------------------------------------------------

shares = st.fractions(0, 1, max_denominator=12)


@given(st.lists(st.tuples(shares, st.integers(1, 5)), min_size=1))
@loose
def test_a_percent_is_whole_and_rounded_down(scores: list[tuple[Fraction, int]]) -> None:
    exact = 100 * sum((share * points for share, points in scores), Fraction(0)) / sum(p for _, p in scores)
    result = percent(scores)
    assert isinstance(result, int)
    assert result <= exact < result + 1


# -- text -------------------------------------------------------------------------------------------------------------

_pieces = st.sampled_from(
    [
        "# ",
        "## ",
        "> ",
        "- ",
        "1. ",
        "::: clave\n",
        ":::",
        "\n",
        "\n\n",
        "| a | b |\n|--|--|\n",
        "**",
        "*",
        "`",
        "```\n",
        "[",
        "]",
        "(",
        ")",
        "![",
        "<",
        ">",
        "&lt;",
        "<script>",
        "<img onerror=x>",
        "[@ley art. 1]",
        "[@",
        "[^1]",
        "[^1]: ",
        "^[",
        "{{b}}",
        "javascript:",
        "](javascript:alert(1))",
        "](data:text/html,x)",
        "](//a.mx)",
        "![x](assets/x.svg)",
        "leccion:",
        "\\",
        "---\n",
        "    ",
        "\t",
        "a",
        "ñ",
        "\u200b",
        "<https://a.mx>",
        '" onclick="x',
        "' style='x",
    ]
)
ALLOWED = {
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "p",
    "ul",
    "ol",
    "li",
    "strong",
    "em",
    "code",
    "pre",
    "blockquote",
    "a",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "div",
    "aside",
    "section",
    "figure",
    "figcaption",
    "img",
    "details",
    "summary",
    "sup",
    "hr",
    "br",
}


@given(st.lists(_pieces | st.text(max_size=5), max_size=30).map("".join))
@settings(loose, max_examples=250)
def test_no_text_of_a_lesson_breaks_the_compiler_or_gets_through_as_code(source: str) -> None:
    html = compile_lesson(source, Context({}, {}, frozenset({"otra"})), Report("x.md"), 1).html
    page = Page(html)
    assert {tag for tag, _ in page.tags} <= ALLOWED
    for _, attributes in page.tags:
        assert not {name for name in attributes if name.startswith("on") or name == "style"}
        for name in ("href", "src"):
            address = str(attributes.get(name) or "")
            assert ":" not in address.split("/")[0] or address.startswith(("https:", "#fnref")), address
            assert not address.startswith("//")


@given(st.text(max_size=300) | st.lists(st.sampled_from(list("[]{}:,-?&*!|>%@`'\"#\n \ta1")), max_size=80).map("".join))
@settings(loose, max_examples=250)
def test_no_text_breaks_the_yaml_reading(text: str) -> None:
    report = Report("x.yaml")
    root = parse(text, report)
    assert root is None or not [problem for problem in report.in_order() if problem.code == "yaml_syntax"]
