"""A question between its YAML and a form: names of fields are paths, "options.0.text". Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.authoring.bankfile import Values, write_question
from webapp.coursepack.markdown import Context
from webapp.coursepack.model import Problem, Question
from webapp.coursepack.problems import Report
from webapp.coursepack.questions import compile_question
from webapp.coursepack.schema import QUESTION
from webapp.coursepack.yamltext import parse

TYPES = tuple(QUESTION.variants)
BLANK_TYPES = ("choice", "numeric", "short")
_TEXTS = ("accept", "distractors", "items")  # lists of plain texts, rows of one field in the form
_SHARED = ("prompt", "explanation", "points", "difficulty")
_PLAIN: dict[str, tuple[str, ...]] = {
    "truefalse": ("answer",), "numeric": ("answer", "tolerance", "unit"), "cloze": ("text",),
}  # fmt: skip
_ROWS: dict[str, dict[str, tuple[str, ...]]] = {
    "single": {"options": ("text", "correct", "feedback")},
    "multiple": {"options": ("text", "correct", "feedback")},
    "choice": {"options": ("text", "correct", "feedback")},
    "matching": {"pairs": ("left", "right", "feedback"), "distractors": ("text",)},
    "ordering": {"items": ("text",)},
    "numeric": {"common": ("value", "feedback")},
    "short": {"accept": ("text",), "common": ("text", "feedback")},
    "cloze": {"blanks": ("name", "type")},
}
_FEEDBACK: dict[str, tuple[str, ...]] = {
    "truefalse": ("true", "false"), "ordering": (), "numeric": ("correct", "incorrect"),
    "short": ("correct", "incorrect"),
}  # fmt: skip
_LEAST = {"options": 3, "pairs": 3, "items": 3, "accept": 1, "blanks": 1}
MOST_ROWS = 40
_PATH = re.compile(r"[a-z]+(?:\.(?:[a-z]+|[0-9]{1,2}))*")
_TOP_KEY = re.compile(r"^(?:  - |    )([a-z_]+):")


@dataclass(frozen=True)
class Judged:
    """What the reader of packages says of a question: the question, and its problems by the field they stand at."""

    question: Question | None
    problems: dict[str, list[Problem]]


def to_form(values: Values, kind: str) -> Values:
    """What the form shows of a question (or of a blank), with empty rows where it has none."""
    shown: Values = {name: _said(values.get(name)) for name in (*_SHARED, *_PLAIN.get(kind, ()))}
    for name in _ROWS.get(kind, {}):
        shown[name] = _rows_to_form(name, values.get(name))
    if kind in _FEEDBACK:
        shown["feedback"] = _feedback_to_form(values.get("feedback"), _FEEDBACK[kind])
    for name in ("tags", "source"):
        found = values.get(name)
        shown[name] = [str(item) for item in found] if isinstance(found, list) else []
    return shown


def _rows_to_form(name: str, found: Any) -> list[Values]:
    rows: list[Values] = []
    if name == "blanks" and isinstance(found, dict):
        for blank, body in found.items():
            inner = body if isinstance(body, dict) else {}
            kind = str(inner.get("type", "short"))
            rows.append({**to_form(inner, kind), "name": blank, "type": kind})
    elif isinstance(found, list):
        rows = [
            {k: _said(v) for k, v in row.items()} if isinstance(row, dict) else {"text": _said(row)} for row in found
        ]
    return rows or [{} for _ in range(_LEAST.get(name, 0))]


def _feedback_to_form(found: Any, words: tuple[str, ...]) -> Any:
    if not words:
        return _said(found)
    if isinstance(found, dict):
        return {word: _said(found.get(word)) for word in words}
    return dict.fromkeys(words, _said(found))


def _said(value: Any) -> str:
    return "" if value is None or isinstance(value, (list, dict)) else str(value).rstrip("\n")


def tidy(form: Values, kind: str) -> Values:
    """What was typed, in the shape that `to_form` gives: rows that are still empty stay, what is no field goes."""
    shown: Values = {name: _typed(form.get(name)) for name in (*_SHARED, *_PLAIN.get(kind, ()))}
    for name, columns in _ROWS.get(kind, {}).items():
        rows = form.get(name)
        found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        if name == "blanks":
            shown[name] = [_tidy_blank(row) for row in found]
        else:
            shown[name] = [{column: _typed(row.get(column)) for column in columns} for row in found]
    if kind in _FEEDBACK:
        said, words = form.get("feedback"), _FEEDBACK[kind]
        one = said if isinstance(said, dict) else {}
        shown["feedback"] = {word: _typed(one.get(word)) for word in words} if words else _typed(said)
    for name in ("tags", "source"):
        items = form.get(name)
        shown[name] = [str(item) for item in items] if isinstance(items, list) else []
    return shown


def _tidy_blank(row: Values) -> Values:
    kind = row.get("type") if row.get("type") in BLANK_TYPES else "short"
    return {**tidy(row, str(kind)), "name": _typed(row.get("name")), "type": kind}


def _typed(value: Any) -> str:
    return value if isinstance(value, str) else ""


def from_form(form: Values, kind: str, old: Mapping[str, Any], *, blank: bool = False) -> Values:
    """The question that a form tells. What the form does not know of the old one stays."""
    known = {*_SHARED, *_PLAIN.get(kind, ()), *_ROWS.get(kind, {}), "feedback", "tags", "source"}
    made: Values = {name: value for name, value in old.items() if name not in known}
    for name in (*(() if blank else _SHARED), *_PLAIN.get(kind, ())):
        _keep(made, name, form.get(name))
    for name, columns in _ROWS.get(kind, {}).items():
        rows = _rows_from_form(name, columns, form.get(name))
        if rows:
            made[name] = rows
    if kind in _FEEDBACK:
        feedback = _feedback_from_form(form.get("feedback"), _FEEDBACK[kind], blank=blank)
        if feedback:
            made["feedback"] = feedback
    for name in () if blank else ("tags", "source"):
        items = [text for item in form.get(name) or [] if (text := _clean(item))]
        if items:
            made[name] = list(dict.fromkeys(items))
    return made


def _rows_from_form(name: str, columns: tuple[str, ...], found: Any) -> Any:
    rows = [row for row in found or [] if isinstance(row, dict)]
    if name == "blanks":
        return {
            blank: {"type": kind, **from_form(row, kind, {}, blank=True)}
            for row in rows
            if (blank := _clean(row.get("name"))) and (kind := _clean(row.get("type"))) in BLANK_TYPES
        }
    told = []
    for row in rows:
        values: Values = {}
        for column in columns:
            if column != "correct" or row.get(column) == "true":
                _keep(values, column, row.get(column))
        if values.keys() - {"correct"}:
            told.append(values)
    return [row["text"] for row in told] if name in _TEXTS else told


def _feedback_from_form(found: Any, words: tuple[str, ...], *, blank: bool) -> Any:
    if not words:
        return _clean(found)
    said: Values = {}
    for word in words:
        _keep(said, word, found.get(word) if isinstance(found, dict) else None)
    if blank and len(said) == len(words) and len(set(said.values())) == 1:
        return next(iter(said.values()))
    return said


def _keep(values: Values, name: str, found: Any) -> None:
    text = _clean(found)
    if text:
        values[name] = text


def _clean(found: Any) -> str:
    if not isinstance(found, str):
        return ""
    return "\n".join(line.rstrip() for line in found.replace("\r\n", "\n").replace("\r", "\n").split("\n")).strip()


def nest(fields: Mapping[str, list[str]]) -> Values:
    """The fields of a request as what they describe: paths become groups, numbers lists in their order."""
    root: Values = {}
    for name, given in fields.items():
        if not _PATH.fullmatch(name) or name.count(".") > 5:
            continue
        *way, last = name.split(".")
        place = root
        for part in way:
            step = place.setdefault(part, {})
            place = step if isinstance(step, dict) else {}
        place[last] = given if name == "tags" else given[-1]
    made: Values = _listed(root)
    made["source"] = str(made.get("source") or "").splitlines()
    _mark_right(made, fields)
    return made


def _mark_right(made: Values, fields: Mapping[str, list[str]]) -> None:
    """Of a choice the radio button that was pressed names the right row; the others have none."""
    for name, given in fields.items():
        if name.endswith("right") and _PATH.fullmatch(name):
            prefix = name.removesuffix("right").rstrip(".")
            place = _at(made, f"{prefix}.options" if prefix else "options")
            if isinstance(place, list):
                for number, row in enumerate(place):
                    row["correct"] = "true" if str(number) == given[-1] else ""


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_listed(value[key]) for key in sorted(value, key=int)][:MOST_ROWS]
    return {key: _listed(item) for key, item in value.items()}


def _at(form: Values, path: str) -> Any:
    place: Any = form
    for part in path.split("."):
        if isinstance(place, list) and part.isdigit() and int(part) < len(place):
            place = place[int(part)]
        elif isinstance(place, dict):
            place = place.get(part)
        else:
            return None
    return place


def act(form: Values, verb: str, path: str) -> str:
    """Add a row at the end of `path`, or take out or move the one that it names. Returns the path to go on from."""
    if verb == "add":
        *way, last = path.split(".")
        holder = _at(form, ".".join(way)) if way else form
        if not isinstance(holder, dict) or not last.isalpha():
            return path
        rows = holder.setdefault(last, [])
        if isinstance(rows, list) and len(rows) < MOST_ROWS:
            rows.append({"type": "choice", "options": [{}, {}, {}]} if last == "blanks" else {})
            return f"{path}.{len(rows) - 1}"
        return path
    name, _dot, number = path.rpartition(".")
    rows = _at(form, name)
    if not isinstance(rows, list) or not number.isdigit() or int(number) >= len(rows):
        return path
    place = int(number)
    row = rows.pop(place)
    if verb != "remove":
        place = max(0, min(place + (-1 if verb == "up" else 1), len(rows)))
        rows.insert(place, row)
    return f"{name}.{min(place, max(len(rows) - 1, 0))}"


def judge(values: Values, context: Context) -> Judged:
    """Read a question as the reader of packages does."""
    report = Report("pregunta")
    text = write_question(values)
    node = parse(text, report)
    read = QUESTION.read(node.items[0], report, "pregunta") if node is not None and hasattr(node, "items") else None
    question = compile_question(read, context, report) if read is not None and read.get("type") else None
    problems: dict[str, list[Problem]] = {}
    for problem in report.in_order():
        problems.setdefault(_field_at(text, problem.line), []).append(problem)
    return Judged(question if not report.has_errors else None, problems)


def _field_at(text: str, line: int) -> str:
    """The field of a question whose lines hold this one; "" for the question as a whole."""
    field = ""
    for number, row in enumerate(text.splitlines(), 1):
        if number > line:
            break
        if match := _TOP_KEY.match(row):
            field = match[1]
    return "" if line <= 1 else field
