"""Moodle XML: the questions of a Moodle site, with their files inside. Read with a parser that follows nothing outside."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from webapp.coursepack.answers import plain_number
from webapp.coursepack.banks.markup import from_html, one_line, plain, text_of
from webapp.coursepack.banks.neutral import (
    MOST_QUESTIONS,
    Fault,
    Faulty,
    Found,
    Json,
    LeftOut,
    Source,
    Unrepresentable,
    choice_data,
    verdict,
    with_general,
)
from webapp.coursepack.model import Bank, Question

DEEPEST = 40
_NAME = re.compile(r"[^a-z0-9.]+")
_CLOZE = re.compile(r"(?<!\\)\{(\d*):([A-Z_]+):(.*?)(?<!\\)\}", re.DOTALL)
_CHOICES = {"MULTICHOICE", "MC", "MULTICHOICE_V", "MCV", "MULTICHOICE_H", "MCH", "MULTICHOICE_S", "MCS"}
_SHORTS = {"SHORTANSWER", "SA", "MW", "SHORTANSWER_C", "SAC", "MWC"}
_OPEN = {
    "essay": "es de respuesta abierta y la califica una persona",
    "description": "es un texto sin pregunta; ponlo en una lección",
    "calculated": "calcula sus números al azar",
    "calculatedsimple": "calcula sus números al azar",
    "calculatedmulti": "calcula sus números al azar",
    "ddimageortext": "se arrastra sobre una imagen",
    "ddmarker": "se marca sobre una imagen",
    "randomsamatch": "toma otras preguntas al azar",
    "random": "toma otras preguntas al azar",
}


# --- reading ------------------------------------------------------------------------------------------------------


def read(text: str) -> Found:
    """Read a whole file. What is wrong is in `faults`, every one of them."""
    found = Found()
    try:
        root = _root(text)
    except Faulty as error:
        found.faults.append(Fault(error.code, error.message, 0, f"línea {error.line}" if error.line else ""))
        return found
    lines = _lines(text)
    nodes = [node for node in root if node.tag == "question"]
    number = 0
    for place, node in enumerate(nodes):
        kind = node.get("type", "")
        if kind == "category":
            continue
        number += 1
        if number > MOST_QUESTIONS:
            found.faults.append(
                Fault("too_many", f"El archivo trae más de {MOST_QUESTIONS} preguntas; pártelo en varios.")
            )
            break
        where = f"línea {lines[place]}" if place < len(lines) else ""
        source = Source(number, where, one_line(_text(node, "name"))[:80], kind)
        try:
            source.data, source.notes = _Reader(node, found.assets).read(kind)
        except Unrepresentable as error:
            source.why = str(error)
        except Faulty as error:
            found.faults.append(Fault(error.code, error.message, number, where))
        found.sources.append(source)
    if not found.sources and not found.faults:
        found.faults.append(Fault("no_questions", "El archivo no trae ninguna pregunta."))
    return found


def _root(text: str) -> Element:
    try:
        root: Element = fromstring(text.encode(), forbid_dtd=True)
    except DefusedXmlException as error:
        raise Faulty(
            "unsafe_xml", "El XML trae definiciones (DTD o entidades), que no se aceptan. Expórtalo de nuevo."
        ) from error
    except ParseError as error:
        raise Faulty(
            "broken_xml", "El XML está mal formado o cortado. Expórtalo de nuevo.", error.position[0]
        ) from error
    except (LookupError, ValueError, RecursionError) as error:
        raise Faulty("broken_xml", "El XML no se puede leer. Expórtalo de nuevo.") from error
    if root.tag != "quiz":
        raise Faulty("no_quiz", "El archivo no es una exportación de preguntas de Moodle: le falta <quiz>.")
    if _depth(root) > DEEPEST:
        raise Faulty("too_deep", "El XML está anidado de más; ninguna exportación de Moodle lo está.")
    return root


def _depth(root: Element) -> int:
    depth, level = 0, [root]
    while level and depth <= DEEPEST:
        depth += 1
        level = [child for node in level for child in node]
    return depth


def _lines(text: str) -> list[int]:
    """The line of each <question>, comments and CDATA apart."""
    bare = re.sub(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>", lambda m: "\n" * m[0].count("\n"), text, flags=re.DOTALL)
    return [bare.count("\n", 0, match.start()) + 1 for match in re.finditer(r"<question[\s>]", bare)]


def _text(node: Element | None, path: str = "") -> str:
    """The text of a child's <text>, or of the child itself."""
    if node is None:
        return ""
    child = node.find(path) if path else node
    if child is None:
        return ""
    inner = child.find("text")
    return ((inner if inner is not None else child).text or "").strip()


class _Reader:
    """Reads one question; files inside go to `assets`."""

    def __init__(self, node: Element, assets: dict[str, bytes]) -> None:
        self.node, self.assets = node, assets

    def read(self, kind: str) -> tuple[Json, tuple[str, ...]]:
        if kind in _OPEN:
            raise Unrepresentable(_OPEN[kind])
        method = _READERS.get(kind)
        if method is None:
            raise Unrepresentable(f"es de un tipo que aquí no existe ({kind or 'sin tipo'})")
        prompt = self.rich(self.node.find("questiontext"))
        if not prompt:
            raise Faulty("no_prompt", "La pregunta no tiene texto.")
        data, notes = method(self, prompt)
        tags = [tag for tag in (_text(one) for one in self.node.findall("tags/tag")) if tag]
        if tags:
            data["tags"] = tags
        general = "" if kind == "cloze" else self.rich(self.node.find("generalfeedback"))
        return with_general(data, general), notes

    def rich(self, node: Element | None) -> str:
        """A text with its format and its files, as Markdown."""
        if node is None:
            return ""
        text, markup = _text(node), node.get("format", "html")
        names = {file.get("name", ""): self._keep(file) for file in node.findall("file")}
        if markup in {"plain_text", "plain"}:
            return plain(text)
        if markup == "markdown":
            return text
        for name, path in names.items():
            for written in {name, name.replace(" ", "%20")}:
                text = text.replace(f"@@PLUGINFILE@@/{written}", path)
        return from_html(text)

    def _keep(self, file: Element) -> str:
        name = file.get("name", "")
        try:
            content = base64.b64decode(re.sub(r"\s+", "", file.text or ""), validate=True)
        except binascii.Error as error:
            raise Faulty("bad_base64", f"El archivo «{name[:60]}» viene dañado dentro del XML.") from error
        stem = _NAME.sub("-", name.casefold()).strip("-.") or "imagen"
        path = f"assets/{stem}"
        number = 1
        while path in self.assets and self.assets[path] != content:
            number += 1
            path = f"assets/{number}-{stem}"
        self.assets[path] = content
        return path

    # -- types

    def multichoice(self, prompt: str) -> tuple[Json, tuple[str, ...]]:
        options = [
            (one_line(self.rich(answer)), _fraction(answer), self.rich(answer.find("feedback")))
            for answer in self.node.findall("answer")
        ]
        return choice_data(prompt, options, "")

    def truefalse(self, prompt: str) -> tuple[Json, tuple[str, ...]]:
        said, answer = {}, None
        for one in self.node.findall("answer"):
            word = _text(one).casefold()
            if word not in {"true", "false"}:
                raise Faulty("bad_answer", "Una pregunta de verdadero o falso trae otra respuesta.")
            answer = word == "true" if _fraction(one) >= 99.5 else answer
            said[word] = self.rich(one.find("feedback"))
        if answer is None:
            raise Faulty("no_right_answer", "Ni verdadero ni falso vale el punto.")
        data: Json = {"type": "truefalse", "prompt": prompt, "answer": answer}
        told = {word: text for word, text in said.items() if text}
        return (data | {"feedback": told} if told else data), ()

    def shortanswer(self, prompt: str) -> tuple[Json, tuple[str, ...]]:
        notes = (
            ("Aquí no cuentan mayúsculas ni acentos; en el archivo sí.",) if _text(self.node, "usecase") == "1" else ()
        )
        accepted, common, correct, incorrect = [], [], "", ""
        for answer in self.node.findall("answer"):
            text, weight = _text(answer), _fraction(answer)
            said = self.rich(answer.find("feedback"))
            if "*" in text and (text != "*" or weight > 0):
                raise Unrepresentable("usa comodines (*) en la respuesta")
            if 0 < weight < 99.5:
                raise Unrepresentable("da parte del punto a algunas respuestas")
            if weight > 0:
                accepted.append(text)
                correct = correct or said
            elif text == "*":  # whatever else was written
                incorrect = said
            elif said:
                common.append({"text": text, "feedback": said})
        if not accepted:
            raise Faulty("no_right_answer", "Ninguna respuesta vale el punto.")
        data: Json = {"type": "short", "prompt": prompt, "accept": accepted, **verdict(correct, incorrect)}
        return (data | {"common": common} if common else data), notes

    def numerical(self, prompt: str) -> tuple[Json, tuple[str, ...]]:
        answers = self.node.findall("answer")
        right = [one for one in answers if _fraction(one) >= 99.5]
        if any(0 < _fraction(one) < 99.5 for one in answers):
            raise Unrepresentable("da parte del punto a algunos números")
        if not right:
            raise Faulty("no_right_answer", "Ningún número vale el punto.")
        if len(right) > 1:
            raise Unrepresentable("acepta varios números distintos")
        data: Json = {"type": "numeric", "prompt": prompt, "answer": _number(_text(right[0]))}
        tolerance = _text(right[0], "tolerance") or "0"
        if _decimal(tolerance):
            data["tolerance"] = _number(tolerance)
        wrong = next((self.rich(one.find("feedback")) for one in answers if _fraction(one) <= 0), "")
        return {**data, **verdict(self.rich(right[0].find("feedback")), wrong)}, ()

    def matching(self, prompt: str) -> tuple[Json, tuple[str, ...]]:
        pairs, others = [], []
        for one in self.node.findall("subquestion"):
            left, right = one_line(self.rich(one)), one_line(plain(_text(one, "answer")))
            if left:
                pairs.append({"left": left, "right": right})
            elif right:
                others.append(right)
        return {"type": "matching", "prompt": prompt, "pairs": pairs} | ({"distractors": others} if others else {}), ()

    def ordering(self, prompt: str) -> tuple[Json, tuple[str, ...]]:
        return {
            "type": "ordering",
            "prompt": prompt,
            "items": [one_line(self.rich(a)) for a in self.node.findall("answer")],
        }, ()

    def gaps(self, prompt: str) -> tuple[Json, tuple[str, ...]]:
        """gapselect and ddwtos: [[2]] is the second word, to be chosen among those of its group."""
        boxes = self.node.findall("selectoption") or self.node.findall("dragbox")
        words = [(one_line(plain(_text(box))), _text(box, "group")) for box in boxes]
        blanks: Json = {}

        def blank(match: re.Match[str]) -> str:
            number = int(match[1])
            if not 1 <= number <= len(words):
                raise Faulty("bad_gap", f"El hueco [[{number}]] no tiene su respuesta.")
            name = f"hueco-{len(blanks) + 1}"
            group = words[number - 1][1]
            options = [
                {"text": text} | ({"correct": True} if place == number else {})
                for place, (text, own) in enumerate(words, 1)
                if own == group
            ]
            blanks[name] = {"type": "choice", "options": options}
            return f"{{{{{name}}}}}"

        text = re.sub(r"\\\[\\\[(\d{1,3})\\\]\\\]", blank, prompt)
        return _cloze_data(text, blanks), ()

    def cloze(self, _prompt: str) -> tuple[Json, tuple[str, ...]]:
        """Answers embedded in the text: {1:SHORTANSWER:=uno~otro}."""
        html = _text(self.node, "questiontext")
        blanks: Json = {}

        def blank(match: re.Match[str]) -> str:
            name = f"hueco-{len(blanks) + 1}"
            blanks[name] = _embedded(match[2], match[3])
            return f"HUECO{len(blanks)}HUECO"

        marked = from_html(_CLOZE.sub(blank, html))
        return _cloze_data(re.sub(r"HUECO(\d+)HUECO", lambda m: f"{{{{hueco-{m[1]}}}}}", marked), blanks), ()


def _cloze_data(text: str, blanks: Json) -> Json:
    if not blanks:
        raise Faulty("no_gaps", "La pregunta no tiene ningún hueco que se pueda leer.")
    return {"type": "cloze", "prompt": "Completa.", "text": text, "blanks": blanks}


def _embedded(kind: str, body: str) -> Json:
    answers = []
    for piece in re.split(r"(?<!\\)~", body):
        match = re.match(r"\s*(?:(=)|%(-?[0-9.]+)%)?(.*)", piece, re.DOTALL)
        assert match is not None
        text, _, said = match[3].partition("#")
        weight = 100.0 if match[1] else float(match[2] or 0)
        clean = re.sub(r"\\(.)", r"\1", text).strip()
        if 0 < weight < 99.5:
            raise Unrepresentable("da parte del punto a algunas respuestas")
        answers.append((clean, weight > 0, from_html(re.sub(r"\\(.)", r"\1", said))))
    right = [text for text, good, _ in answers if good]
    if not right:
        raise Faulty("no_right_answer", "Un hueco no tiene respuesta correcta.")
    if kind in _CHOICES:
        if len(right) > 1:
            raise Unrepresentable("tiene varias opciones que valen todo el punto")
        return {
            "type": "choice",
            "options": [
                {"text": plain(text)} | ({"correct": True} if good else {}) | ({"feedback": said} if said else {})
                for text, good, said in answers
            ],
        }
    if kind in _SHORTS:
        if any("*" in text for text in right):
            raise Unrepresentable("usa comodines (*) en la respuesta")
        return {"type": "short", "accept": right}
    if kind in {"NUMERICAL", "NM"}:
        if len(right) > 1:
            raise Unrepresentable("acepta varios números distintos")
        number, _, tolerance = right[0].partition(":")
        found: Json = {"type": "numeric", "answer": _number(number)}
        return found | ({"tolerance": _number(tolerance)} if tolerance and _decimal(tolerance) else {})
    raise Unrepresentable(f"tiene un hueco de un tipo que aquí no existe ({kind})")


_READERS: dict[str, Callable[[_Reader, str], tuple[Json, tuple[str, ...]]]] = {
    "multichoice": _Reader.multichoice,
    "truefalse": _Reader.truefalse,
    "shortanswer": _Reader.shortanswer,
    "numerical": _Reader.numerical,
    "matching": _Reader.matching,
    "ordering": _Reader.ordering,
    "gapselect": _Reader.gaps,
    "ddwtos": _Reader.gaps,
    "cloze": _Reader.cloze,
    "multianswer": _Reader.cloze,
}


def _fraction(node: Element) -> float:
    try:
        value = float(node.get("fraction", "0"))
    except ValueError:
        value = float("nan")
    if not -100.01 <= value <= 100.01:
        raise Faulty(
            "bad_weight", f"El peso «{node.get('fraction', '')[:20]}» de una respuesta no es un número de -100 a 100."
        )
    return value


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text.strip().replace(",", ".").replace("\\", ""))
    except InvalidOperation as error:
        raise Faulty("bad_number", f"«{text[:40]}» no es un número.") from error
    if not number.is_finite() or abs(number) > 10**20:
        raise Faulty("bad_number", f"«{text[:40]}» no es un número.")
    return number


def _number(text: str) -> int | str:
    number = _decimal(text)
    return int(number) if number == number.to_integral_value() and abs(number) < 10**15 else plain_number(number)


# --- writing ------------------------------------------------------------------------------------------------------


def write(bank: Bank) -> tuple[str, list[LeftOut]]:
    """The bank in Moodle XML, and the questions that it cannot hold."""
    root, left_out = Element("quiz"), []
    category = SubElement(root, "question", type="category")
    SubElement(SubElement(category, "category"), "text").text = f"$course$/{bank.title.replace('/', '-')}"
    for number, question in enumerate(bank.questions, 1):
        if "<img" in question.prompt_html:
            why = "lleva una imagen, que no viaja en este archivo"
            left_out.append(LeftOut(number, question.id, text_of(question.prompt_html)[:80], why))
            continue
        root.append(_written(question))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n", left_out


_NAMES = {
    "single": "multichoice",
    "multiple": "multichoice",
    "truefalse": "truefalse",
    "matching": "matching",
    "ordering": "ordering",
    "numeric": "numerical",
    "short": "shortanswer",
    "cloze": "cloze",
}


def _written(question: Question) -> Element:
    node = Element("question", type=_NAMES[question.type])
    SubElement(SubElement(node, "name"), "text").text = question.id
    prompt = _cloze_text(question) if question.type == "cloze" else question.prompt_html
    _put(node, "questiontext", prompt)
    _put(node, "generalfeedback", question.explanation_html)
    SubElement(node, "defaultgrade").text = str(question.points)
    if question.type != "cloze":
        _BODIES[question.type](node, question.body)
    if question.tags:
        tags = SubElement(node, "tags")
        for tag in question.tags:
            SubElement(SubElement(tags, "tag"), "text").text = tag
    return node


def _put(node: Element, tag: str, html: str, **given: str) -> Element:
    child = SubElement(node, tag, {"format": "html", **given})
    SubElement(child, "text").text = html
    return child


def _answer(node: Element, html: str, fraction: float, feedback: str, markup: str = "html") -> Element:
    written = f"{fraction:.5f}".rstrip("0").rstrip(".")
    answer = _put(node, "answer", html, fraction=written, format=markup)
    _put(answer, "feedback", feedback)
    return answer


def _options_body(node: Element, body: Json) -> None:
    right = sum(option["correct"] for option in body["options"])
    SubElement(node, "single").text = "true" if right == 1 else "false"
    for option in body["options"]:
        part = 100 / right if option["correct"] else (0 if right == 1 else -100 / right)
        _answer(node, option["html"], part, option["feedback_html"])


def _truth_body(node: Element, body: Json) -> None:
    for word in ("true", "false"):
        _answer(
            node, word, 100 if body["answer"] is (word == "true") else 0, body["feedback"][word], "moodle_auto_format"
        )


def _matching_body(node: Element, body: Json) -> None:
    rights = {right["id"]: right["text"] for right in body["rights"]}
    for left in body["lefts"]:
        SubElement(SubElement(_put(node, "subquestion", left["html"]), "answer"), "text").text = rights[left["right"]]
    for key, text in rights.items():
        if key not in {left["right"] for left in body["lefts"]}:
            SubElement(SubElement(_put(node, "subquestion", ""), "answer"), "text").text = text


def _ordering_body(node: Element, body: Json) -> None:
    for item in body["items"]:
        _put(node, "answer", item["html"])


def _numeric_body(node: Element, body: Json) -> None:
    answer = _answer(node, body["answer"], 100, body["correct_html"], "moodle_auto_format")
    SubElement(answer, "tolerance").text = body["tolerance"]
    if body["incorrect_html"]:
        SubElement(_answer(node, "*", 0, body["incorrect_html"], "moodle_auto_format"), "tolerance").text = "0"


def _short_body(node: Element, body: Json) -> None:
    SubElement(node, "usecase").text = "0"
    for text in body["accept"]:
        _answer(node, text, 100, body["correct_html"], "moodle_auto_format")
    for row in body["common"]:
        _answer(node, row["text"], 0, row["feedback_html"], "moodle_auto_format")
    if body["incorrect_html"]:
        _answer(node, "*", 0, body["incorrect_html"], "moodle_auto_format")


_BODIES: dict[str, Callable[[Element, Json], None]] = {
    "single": _options_body,
    "multiple": _options_body,
    "truefalse": _truth_body,
    "matching": _matching_body,
    "ordering": _ordering_body,
    "numeric": _numeric_body,
    "short": _short_body,
}


def _cloze_text(question: Question) -> str:
    return question.prompt_html + "".join(_segments(question.body))


def _segments(body: Json) -> Iterator[str]:
    for segment in body["segments"]:
        if "blank" in segment:
            yield _embed(body["blanks"][segment["blank"]])
        else:
            yield "<br><br>" if segment.get("break") else segment["html"]


def _embed(blank: dict[str, Any]) -> str:
    def safe(text: str) -> str:
        return re.sub(r"([}#~/\"\\])", r"\\\1", text)

    if blank["type"] == "choice":
        parts = [f"{'=' if option['correct'] else ''}{safe(option['text'])}" for option in blank["options"]]
        return f"{{1:MULTICHOICE:{'~'.join(parts)}}}"
    if blank["type"] == "numeric":
        return f"{{1:NUMERICAL:={blank['answer']}:{blank['tolerance']}}}"
    return f"{{1:SHORTANSWER:{'~'.join('=' + safe(text) for text in blank['accept'])}}}"
