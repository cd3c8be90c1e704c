"""The door to questions: what a browser sees of one, what it sends back, and what that is worth.

`present` is the only view of a question that may leave the server before the attempt is handed in. The words of each
type are in `marking`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from webapp.coursepack.drawing import option_order
from webapp.coursepack.marking import KINDS, Response, ResponseError, short_enough
from webapp.coursepack.model import Question

__all__ = ["ResponseError", "feedback", "parse_response", "percent", "present", "score"]

_MOST_FIELDS = 200
# The names in a JSON response, by type: what `parse_response` returns is accepted again, and an order as a list too.
_JSON_KEYS = {
    "single": ("choice",),
    "multiple": ("choices",),
    "truefalse": ("answer",),
    "matching": ("pairs",),
    "ordering": ("positions", "order"),
    "numeric": ("value",),
    "short": ("text",),
    "cloze": ("blanks",),
}


def present(question: Question, seed: int) -> dict[str, Any]:
    """Return what a browser may see of a question, ready for JSON, in the order of this seed and without its key.

    Always `id`, `type`, `points`, `prompt_html`; then by type `options`, `lefts` and `rights`, `items`, `unit` or
    `segments`. Options, items and sides are `{"id", "html"}`; segments are `{"html"}`, `{"break": true}` or
    `{"blank", "type", "options"?, "unit"?}`. A form names its fields `r` (one choice, several, or one typed value) or
    `r.<id of a left side, item or blank>`.
    """
    return {
        "id": question.id,
        "type": question.type,
        "points": question.points,
        "prompt_html": question.prompt_html,
        **KINDS[question.type].view(question, seed),
    }


def parse_response(question: Question, form: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the response in a form (`r`, `r.<id>`, each a list of strings) or in JSON (`{"choice": …}`).

    None when nothing was answered. Fields of other names in a form, such as its token, are not looked at.
    Raises `ResponseError` (a ValueError with `code`, `message`, `field`) for what no page of ours sends, and for typed
    values that are too long or no number.
    """
    values, fields = _read(question, form)
    if len(values) + len(fields) > _MOST_FIELDS:
        raise ResponseError("too_many_fields", "La respuesta trae demasiados campos; vuelve a cargar la página.")
    values = [value for value in map(short_enough, values) if value]
    fields = {name: value for name, value in ((n, short_enough(v, n)) for n, v in fields.items()) if value}
    return KINDS[question.type].parse(question.body, values, fields)


def score(question: Question, response: Response | None) -> Fraction:
    """Return the share of the question that is right, from 0 to 1; no answer is 0."""
    return KINDS[question.type].score(question.body, response) if response else Fraction(0)


def feedback(
    question: Question, response: Response | None, seed: int | None = None, earned: Fraction | None = None
) -> dict[str, Any]:
    """Return everything that is taught after an answer, ready for JSON. It holds the key.

    `earned` is the share that counts where that is not what the key gives (see `amending`).

    `correct`, `share` (0.0–1.0), `percent` (whole, rounded down), `answered`, `message_html` (on the whole, may be ""),
    `marks`, `right_answer` (text), `explanation_html`, `sources` (`label`, `text`). A mark of an option holds `id`,
    `html`, `chosen`, `right`, `feedback_html`; a mark of a pair, item or blank `id`, `html` (not for blanks), `given`,
    `expected`, `correct`, `feedback_html`. With a `seed`, options and items stand in the order of that attempt.
    """
    kind = KINDS[question.type]
    share = score(question, response) if earned is None else earned
    message, marks = kind.marks(question.body, response or {})
    if seed is not None and question.type in {"single", "multiple", "ordering"}:
        place = {key: number for number, key in enumerate(option_order(question, seed))}
        marks = sorted(marks, key=lambda mark: place[mark["id"]])
    return {
        "id": question.id,
        "type": question.type,
        "answered": bool(response),
        "correct": share == 1,
        "share": float(share),
        "percent": int(share * 100),
        "message_html": message,
        "marks": marks,
        "right_answer": kind.right_answer(question.body),
        "explanation_html": question.explanation_html,
        "sources": [{"label": source.label, "text": source.text} for source in question.sources],
    }


def percent(scores: Sequence[tuple[Fraction, int]]) -> int:
    """Return the whole percent, rounded down, of (share, points) of each question; 0 when there are no points."""
    points = sum(weight for _, weight in scores)
    return int(100 * sum((share * weight for share, weight in scores), Fraction(0)) / points) if points else 0


def _read(question: Question, form: Mapping[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Bring both doors to one shape: the values of `r`, and the last value of each `r.<id>`."""
    present_keys = [key for key in _JSON_KEYS[question.type] if key in form]
    if present_keys:
        return _read_json(present_keys[0], form[present_keys[0]])
    values: list[str] = []
    fields: dict[str, str] = {}
    for name, given in form.items():
        if name == "r":
            values = _strings(given)
        elif name.startswith("r."):
            fields[name[2:]] = (_strings(given) or [""])[-1]
    return values, fields


def _read_json(key: str, given: Any) -> tuple[list[str], dict[str, str]]:
    if given is None:
        return [], {}
    if key in {"pairs", "positions", "blanks"}:
        if not isinstance(given, Mapping):
            raise _wrong_kind()
        return [], {_string(name): _string(value) for name, value in given.items()}
    if key == "order":
        items = _strings(given)
        if len(set(items)) < len(items):
            raise ResponseError("bad_position", "Cada elemento va una sola vez en el orden.")
        return [], {item: str(place) for place, item in enumerate(items, 1)}
    if key == "choices":
        return _strings(given), {}
    return [_string(given)], {}


def _strings(given: Any) -> list[str]:
    if isinstance(given, (list, tuple)):
        return [_string(value) for value in given]
    return [_string(given)]


def _string(given: Any) -> str:
    """Text as it is, true and whole numbers as a form would send them; nothing else belongs in a response."""
    if given is None:
        return ""
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, str):
        return given
    if isinstance(given, (int, float)) and abs(given) < 10**30:
        return str(given)
    raise _wrong_kind()


def _wrong_kind() -> ResponseError:
    return ResponseError("wrong_kind", "La respuesta no llegó como se esperaba; vuelve a cargar la página.")
