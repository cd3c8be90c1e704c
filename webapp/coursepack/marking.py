"""How each type of question is shown, read and marked: one class per type, found by `KINDS[question.type]`.

To add a type: its declaration in `schema`, its reading in `questions`, its class here and a paragraph in
`courses/README.md`. `scoring` is the door; nobody else imports this module.

A response is a small JSON object. An incomplete one is a response too (it is saved as it grows):

| type | response |
|---|---|
| single | `{"choice": id}` |
| multiple | `{"choices": [id, …]}` |
| truefalse | `{"answer": true}` |
| matching | `{"pairs": {left id: right id}}` |
| ordering | `{"positions": {item id: 1…n}}` |
| numeric | `{"value": "1,234.5"}` as it was typed |
| short | `{"text": "…"}` as it was typed |
| cloze | `{"blanks": {blank id: option id or what was typed}}` |
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from webapp.coursepack.answers import LONGEST, comparable, parse_number, plain_number
from webapp.coursepack.drawing import option_order
from webapp.coursepack.model import Question, QuestionType

Json = dict[str, Any]
Response = Mapping[str, Any]

TRUTH = {"true": "Verdadero", "false": "Falso"}


class ResponseError(ValueError):
    """A response that cannot be kept. `code` is stable English; `message` a Spanish sentence for the person.

    The sentence is written in the call and has no variables, so that the catalogue can hold its translation.

    `field` is the id of the blank or item that is meant, "" for the question as a whole.
    """

    def __init__(self, code: str, message: str, field: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.field = field


class Kind(Protocol):
    """What a type of question can do. `values` are those of the field `r`, `fields` those of `r.<id>`."""

    def view(self, question: Question, seed: int) -> Json:
        """What a browser may know beyond the prompt, in the order of this seed."""
        ...

    def parse(self, body: Json, values: Sequence[str], fields: Mapping[str, str]) -> Json | None:
        """The response, None when nothing was answered. Raises `ResponseError`."""
        ...

    def score(self, body: Json, response: Response) -> Fraction:
        """The share that is right, from 0 to 1."""
        ...

    def marks(self, body: Json, response: Response) -> tuple[str, list[Json]]:
        """Feedback on the whole as HTML (or ""), and one mark per option, item, pair or blank."""
        ...

    def right_answer(self, body: Json) -> str:
        """The right answer as plain text."""
        ...


class Options:
    """single and multiple: options, each with its own feedback."""

    def __init__(self, several: bool) -> None:
        self.several = several

    def view(self, question: Question, seed: int) -> Json:
        return {"options": _shuffled(question, question.body["options"], seed)}

    def parse(self, body: Json, values: Sequence[str], fields: Mapping[str, str]) -> Json | None:
        _no_fields(fields)
        known = [option["id"] for option in body["options"]]
        for value in values:
            _known_option(value, known)
        chosen = [option for option in known if option in values]
        if not chosen:
            return None
        if self.several:
            return {"choices": sorted(chosen)}
        if len(chosen) > 1:
            raise ResponseError("several_choices", "Elige una sola opción.")
        return {"choice": chosen[0]}

    def score(self, body: Json, response: Response) -> Fraction:
        chosen = self._chosen(response)
        right = {option["id"] for option in body["options"] if option["correct"]}
        if not self.several:
            return Fraction(int(len(chosen) == 1 and chosen <= right))
        return Fraction(max(0, len(chosen & right) - len(chosen - right)), len(right))

    def marks(self, body: Json, response: Response) -> tuple[str, list[Json]]:
        chosen = self._chosen(response)
        return "", [
            {
                "id": option["id"],
                "html": option["html"],
                "chosen": option["id"] in chosen,
                "right": option["correct"],
                "feedback_html": option["feedback_html"],
            }
            for option in body["options"]
        ]

    def right_answer(self, body: Json) -> str:
        return "; ".join(option["text"] for option in body["options"] if option["correct"])

    def _chosen(self, response: Response) -> set[str]:
        if self.several:
            return set(response.get("choices", ()))
        return {response["choice"]} if "choice" in response else set()


class TrueFalse:
    """A sentence that is true or false, with feedback on either choice."""

    def view(self, question: Question, seed: int) -> Json:
        return {"options": [{"id": key, "html": word} for key, word in TRUTH.items()]}

    def parse(self, body: Json, values: Sequence[str], fields: Mapping[str, str]) -> Json | None:
        _no_fields(fields)
        for value in values:
            _known_option(value, TRUTH)
        if not values:
            return None
        if len(set(values)) > 1:
            raise ResponseError("several_choices", "Elige una sola opción.")
        return {"answer": values[0] == "true"}

    def score(self, body: Json, response: Response) -> Fraction:
        return Fraction(int(response.get("answer") is body["answer"]))

    def marks(self, body: Json, response: Response) -> tuple[str, list[Json]]:
        return "", [
            {
                "id": key,
                "html": word,
                "chosen": response.get("answer") is (key == "true"),
                "right": body["answer"] is (key == "true"),
                "feedback_html": body["feedback"][key],
            }
            for key, word in TRUTH.items()
        ]

    def right_answer(self, body: Json) -> str:
        return TRUTH["true" if body["answer"] else "false"]


class Matching:
    """Left sides that each take one right side; a right side may serve several, distractors none."""

    def view(self, question: Question, seed: int) -> Json:
        lefts = [{"id": left["id"], "html": left["html"]} for left in question.body["lefts"]]
        return {"lefts": lefts, "rights": _shuffled(question, question.body["rights"], seed)}

    def parse(self, body: Json, values: Sequence[str], fields: Mapping[str, str]) -> Json | None:
        _no_values(values)
        lefts = {left["id"] for left in body["lefts"]}
        rights = {right["id"] for right in body["rights"]}
        pairs = {}
        for left, right in sorted(fields.items()):
            _known_field(left, lefts)
            _known_option(right, rights, left)
            pairs[left] = right
        return {"pairs": pairs} if pairs else None

    def score(self, body: Json, response: Response) -> Fraction:
        pairs = response.get("pairs", {})
        return Fraction(sum(pairs.get(left["id"]) == left["right"] for left in body["lefts"]), len(body["lefts"]))

    def marks(self, body: Json, response: Response) -> tuple[str, list[Json]]:
        pairs = response.get("pairs", {})
        texts = {right["id"]: right["text"] for right in body["rights"]}
        return "", [
            {
                "id": left["id"],
                "html": left["html"],
                "given": texts.get(pairs.get(left["id"]), ""),
                "expected": texts[left["right"]],
                "correct": pairs.get(left["id"]) == left["right"],
                "feedback_html": left["feedback_html"],
            }
            for left in body["lefts"]
        ]

    def right_answer(self, body: Json) -> str:
        texts = {right["id"]: right["text"] for right in body["rights"]}
        return "; ".join(f"{left['text']} → {texts[left['right']]}" for left in body["lefts"])


class Ordering:
    """Items to be put in order: each item gets a place, and each place that is right counts.

    Two items may stand on one place while somebody is still moving them; that never earns more than a right order.
    """

    def view(self, question: Question, seed: int) -> Json:
        return {"items": _shuffled(question, question.body["items"], seed)}

    def parse(self, body: Json, values: Sequence[str], fields: Mapping[str, str]) -> Json | None:
        _no_values(values)
        items = {item["id"] for item in body["items"]}
        places = {str(place) for place in range(1, len(items) + 1)}
        for item, place in fields.items():
            _known_field(item, items)
            if place not in places:
                raise ResponseError("bad_position", "El lugar de cada elemento va del primero al último.", item)
        positions = {item: int(place) for item, place in sorted(fields.items())}
        return {"positions": positions} if positions else None

    def score(self, body: Json, response: Response) -> Fraction:
        given = response.get("positions", {})
        right = sum(given.get(item["id"]) == place for place, item in enumerate(body["items"], 1))
        return Fraction(right, len(body["items"]))

    def marks(self, body: Json, response: Response) -> tuple[str, list[Json]]:
        given = response.get("positions", {})
        return body["feedback_html"], [
            {
                "id": item["id"],
                "html": item["html"],
                "given": given.get(item["id"]),
                "expected": place,
                "correct": given.get(item["id"]) == place,
                "feedback_html": "",
            }
            for place, item in enumerate(body["items"], 1)
        ]

    def right_answer(self, body: Json) -> str:
        return "; ".join(f"{place}. {item['text']}" for place, item in enumerate(body["items"], 1))


class Numeric:
    """A number within a tolerance."""

    def view(self, question: Question, seed: int) -> Json:
        return {"unit": question.body["unit"]}

    def parse(self, body: Json, values: Sequence[str], fields: Mapping[str, str]) -> Json | None:
        _no_fields(fields)
        typed = _one_text(values)
        if not typed:
            return None
        _number(typed)
        return {"value": typed}

    def score(self, body: Json, response: Response) -> Fraction:
        return Fraction(int(_numeric_right(body, response.get("value", ""))))

    def marks(self, body: Json, response: Response) -> tuple[str, list[Json]]:
        return _numeric_feedback(body, response.get("value", "")), []

    def right_answer(self, body: Json) -> str:
        return _numeric_text(body)


class Short:
    """A short text, compared without accents, case or spacing."""

    def view(self, question: Question, seed: int) -> Json:
        return {}

    def parse(self, body: Json, values: Sequence[str], fields: Mapping[str, str]) -> Json | None:
        _no_fields(fields)
        typed = _one_text(values)
        return {"text": typed} if typed else None

    def score(self, body: Json, response: Response) -> Fraction:
        return Fraction(int(_short_right(body, response.get("text", ""))))

    def marks(self, body: Json, response: Response) -> tuple[str, list[Json]]:
        return _short_feedback(body, response.get("text", "")), []

    def right_answer(self, body: Json) -> str:
        return str(body["accept"][0])


class Cloze:
    """A text with blanks, each of them a choice, a number or a short text."""

    def view(self, question: Question, seed: int) -> Json:
        return {"segments": [self._segment(question, segment, seed) for segment in question.body["segments"]]}

    def _segment(self, question: Question, segment: Json, seed: int) -> Json:
        if "blank" not in segment:
            return {name: value for name, value in segment.items() if name != "text"}
        name = segment["blank"]
        blank = question.body["blanks"][name]
        shown: Json = {"blank": name, "type": blank["type"]}
        if blank["type"] == "choice":
            html = {option["id"]: option["html"] for option in blank["options"]}
            shown["options"] = [{"id": key, "html": html[key]} for key in option_order(question, seed, name)]
        if blank["type"] == "numeric":
            shown["unit"] = blank["unit"]
        return shown

    def parse(self, body: Json, values: Sequence[str], fields: Mapping[str, str]) -> Json | None:
        _no_values(values)
        blanks = {}
        for name, typed in sorted(fields.items()):
            _known_field(name, body["blanks"])
            blank = body["blanks"][name]
            if blank["type"] == "choice":
                _known_option(typed, [option["id"] for option in blank["options"]], name)
            elif blank["type"] == "numeric":
                _number(typed, name)
            blanks[name] = typed
        return {"blanks": blanks} if blanks else None

    def score(self, body: Json, response: Response) -> Fraction:
        given = response.get("blanks", {})
        right = sum(self._right(blank, given.get(name, "")) for name, blank in body["blanks"].items())
        return Fraction(right, len(body["blanks"]))

    def marks(self, body: Json, response: Response) -> tuple[str, list[Json]]:
        given = response.get("blanks", {})
        return "", [self._mark(name, blank, given.get(name, "")) for name, blank in body["blanks"].items()]

    def right_answer(self, body: Json) -> str:
        return "".join(
            f"[{self._expected(body['blanks'][segment['blank']])}]" if "blank" in segment else segment.get("text", " ")
            for segment in body["segments"]
        )

    def _right(self, blank: Json, given: str) -> bool:
        if blank["type"] == "choice":
            return any(option["correct"] for option in blank["options"] if option["id"] == given)
        return _numeric_right(blank, given) if blank["type"] == "numeric" else _short_right(blank, given)

    def _mark(self, name: str, blank: Json, given: str) -> Json:
        shown, feedback = given, ""
        if blank["type"] == "choice":
            chosen = next((option for option in blank["options"] if option["id"] == given), None)
            shown, feedback = (chosen["text"], chosen["feedback_html"]) if chosen else ("", "")
        else:
            feedback = (_numeric_feedback if blank["type"] == "numeric" else _short_feedback)(blank, given)
        return {
            "id": name,
            "given": shown,
            "expected": self._expected(blank),
            "correct": self._right(blank, given),
            "feedback_html": feedback,
        }

    def _expected(self, blank: Json) -> str:
        if blank["type"] == "choice":
            return " o ".join(str(option["text"]) for option in blank["options"] if option["correct"])
        return _numeric_text(blank) if blank["type"] == "numeric" else str(blank["accept"][0])


KINDS: dict[QuestionType, Kind] = {
    "single": Options(several=False),
    "multiple": Options(several=True),
    "truefalse": TrueFalse(),
    "matching": Matching(),
    "ordering": Ordering(),
    "numeric": Numeric(),
    "short": Short(),
    "cloze": Cloze(),
}


def _shuffled(question: Question, things: Sequence[Json], seed: int) -> list[Json]:
    html = {thing["id"]: thing["html"] for thing in things}
    return [{"id": key, "html": html[key]} for key in option_order(question, seed)]


def _numeric_right(body: Json, typed: str) -> bool:
    value = parse_number(typed)
    rights = (body["answer"], *body.get("also", ()))  # what an amendment accepts besides
    return value is not None and any(abs(value - Decimal(right)) <= Decimal(body["tolerance"]) for right in rights)


def _numeric_feedback(body: Json, typed: str) -> str:
    """The feedback on what was typed; on nothing there is nothing to say."""
    if not typed:
        return ""
    if _numeric_right(body, typed):
        return str(body["correct_html"])
    value = parse_number(typed)
    for mistake in body["common"]:
        if value is not None and value == Decimal(mistake["value"]):
            return str(mistake["feedback_html"])
    return str(body["incorrect_html"])


def _numeric_text(body: Json) -> str:
    text = " o ".join(plain_number(Decimal(right)) for right in (body["answer"], *body.get("also", ())))
    if body["unit"]:
        text += f" {body['unit']}"
    if Decimal(body["tolerance"]):
        text += f" (se acepta ±{plain_number(Decimal(body['tolerance']))})"
    return text


def _short_right(body: Json, typed: str) -> bool:
    given = comparable(typed)
    return bool(given) and any(given == comparable(accepted) for accepted in body["accept"])


def _short_feedback(body: Json, typed: str) -> str:
    """The feedback on what was typed; on nothing there is nothing to say."""
    if not typed:
        return ""
    if _short_right(body, typed):
        return str(body["correct_html"])
    for mistake in body["common"]:
        if comparable(typed) == comparable(mistake["text"]):
            return str(mistake["feedback_html"])
    return str(body["incorrect_html"])


def _number(typed: str, field: str = "") -> None:
    if parse_number(typed) is None:
        raise ResponseError(
            "not_a_number",
            "Escribe solo el número, sin palabras ni unidades: por ejemplo 20 o 1,234.5. "
            "La coma separa los miles y el punto los decimales.",
            field,
        )


def _one_text(values: Sequence[str]) -> str:
    if len(values) > 1:
        raise ResponseError("several_answers", "Escribe una sola respuesta.")
    return values[0] if values else ""


def _known_option(value: str, known: Container[str], field: str = "") -> None:
    if value not in known:
        raise ResponseError("unknown_option", "Esa opción no es de esta pregunta; vuelve a cargar la página.", field)


def _known_field(name: str, known: Container[str]) -> None:
    if name not in known:
        raise ResponseError("unknown_field", "Ese campo no es de esta pregunta; vuelve a cargar la página.", name)


def _no_fields(fields: Mapping[str, str]) -> None:
    for name in fields:
        _known_field(name, ())


def _no_values(values: Sequence[str]) -> None:
    if values:
        raise ResponseError("unknown_field", "Ese campo no es de esta pregunta; vuelve a cargar la página.")


def short_enough(value: str, field: str = "") -> str:
    """Return a typed value without outer space. Raises `ResponseError` when it is longer than an answer may be."""
    if len(value) > LONGEST:
        raise ResponseError("too_long", "La respuesta es demasiado larga; acórtala.", field)
    return value.strip()
