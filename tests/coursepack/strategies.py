"""Random questions, made by the same door as those of an author: YAML, schema, compiler."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from hypothesis import strategies as st

from webapp.coursepack.markdown import Context
from webapp.coursepack.model import Article, Norm, Question
from webapp.coursepack.problems import Report
from webapp.coursepack.questions import compile_question
from webapp.coursepack.schema import QUESTION
from webapp.coursepack.yamltext import parse

# Stands in every text that only somebody who has handed in may read, and nowhere else.
HIDDEN = "RESERVADO"

_words = st.text("abcdefghijklmnñopqrstuvwxyzáéíóúü", min_size=1, max_size=12)
_text = st.lists(_words, min_size=1, max_size=6).map(" ".join)
_secret = _text.map(lambda text: f"{HIDDEN} {text}")
_verdicts = st.fixed_dictionaries({"correct": _secret, "incorrect": _secret})
_number = st.decimals(-(10**6), 10**6, places=2).map(str)


def _bare(text: str) -> str:
    return text.translate(str.maketrans("áéíóúüñ", "aeiouun"))


def _distinct(least: int, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(_text, min_size=least, max_size=most, unique_by=_bare)


@st.composite
def _options(draw: st.DrawFn, several: bool) -> list[dict[str, Any]]:
    texts = draw(_distinct(2, 6))
    most = len(texts) if several else 1
    right = draw(st.sets(st.integers(0, len(texts) - 1), min_size=1, max_size=most))
    return [{"text": text, "correct": place in right, "feedback": draw(_secret)} for place, text in enumerate(texts)]


@st.composite
def _matching(draw: st.DrawFn) -> dict[str, Any]:
    lefts, rights = draw(_distinct(2, 6)), draw(_distinct(2, 6))
    chosen = [0, 1, *draw(st.lists(st.integers(0, len(rights) - 1), min_size=len(lefts), max_size=len(lefts)))]
    pairs = [
        {"left": left, "right": rights[place], "feedback": draw(_secret)}
        for left, place in zip(lefts, chosen, strict=False)
    ]
    used = {pair["right"] for pair in pairs}
    return {"type": "matching", "pairs": pairs, "distractors": [text for text in rights if text not in used]}


_numeric = st.fixed_dictionaries({"type": st.just("numeric"), "answer": _number, "unit": _words, "feedback": _verdicts})
_short = st.fixed_dictionaries({"type": st.just("short"), "accept": _distinct(1, 3), "feedback": _verdicts})
_choice = st.fixed_dictionaries({"type": st.just("choice"), "options": _options(several=False)})


@st.composite
def _cloze(draw: st.DrawFn) -> dict[str, Any]:
    blanks = draw(st.lists(st.one_of(_choice, _numeric, _short), min_size=1, max_size=5))
    named = {f"b{place}": blank for place, blank in enumerate(blanks)}
    text = " ".join(f"{draw(_text)} {{{{{name}}}}}" for name in named)
    return {"type": "cloze", "text": text, "blanks": named}


BODIES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "single": st.fixed_dictionaries({"type": st.just("single"), "options": _options(several=False)}),
    "multiple": st.fixed_dictionaries({"type": st.just("multiple"), "options": _options(several=True)}),
    "truefalse": st.fixed_dictionaries(
        {
            "type": st.just("truefalse"),
            "answer": st.booleans(),
            "feedback": st.fixed_dictionaries({"true": _secret, "false": _secret}),
        }
    ),
    "matching": _matching(),
    "ordering": st.fixed_dictionaries({"type": st.just("ordering"), "items": _distinct(3, 7), "feedback": _secret}),
    "numeric": _numeric,
    "short": _short,
    "cloze": _cloze(),
}


@st.composite
def written_questions(draw: st.DrawFn, kinds: tuple[str, ...] = tuple(BODIES)) -> dict[str, Any]:
    """A question as an author writes it, as plain values."""
    return {
        "id": "q-" + draw(st.text("abc123", min_size=1, max_size=6)),
        "prompt": draw(_text),
        "tags": draw(st.lists(st.sampled_from(["uno", "dos", "tres"]), max_size=3, unique=True)),
        "source": ["ley art. 1"],
        "explanation": draw(_secret),
        "points": draw(st.integers(1, 5)),
        "difficulty": draw(st.integers(1, 3)),
        **draw(st.sampled_from(kinds).flatmap(lambda kind: BODIES[kind])),
    }


def compiled(written: dict[str, Any]) -> Question:
    """Send a written question through the same reading as a file (JSON is YAML too)."""
    report = Report("q.yaml")
    root = parse(json.dumps(written, ensure_ascii=False), report)
    assert root is not None
    read = QUESTION.read(root, report, "pregunta")
    assert read is not None, report.in_order()
    question = compile_question(read, Context({"ley": NORM}, {}, frozenset()), report)
    assert question is not None and not report.has_errors, report.in_order()
    return question


_DAY = date(2025, 1, 1)
NORM = Norm("ley", "LEY", "Ley", "DOF", _DAY, _DAY, {"1": Article("1", f"{HIDDEN} texto")})
questions = written_questions().map(compiled)
