"""GIFT, the text format of questions that Moodle made known. Written from its published description.

A file is questions separated by blank lines; a question is a text with one block in braces, or none. `~=#{}:` are
written with a backslash before them where they mean themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

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

_TITLE = re.compile(r"\s*::(?P<title>(?:\\.|[^\\])*?)::", re.DOTALL)
_FORMAT = re.compile(r"\s*\[(html|markdown|moodle|plain)\]", re.IGNORECASE)
_TRUTH = re.compile(r"(T|TRUE|F|FALSE)\s*(?=#|$)", re.IGNORECASE)
_WEIGHT = re.compile(r"\s*%\s*(-?[0-9]+(?:\.[0-9]+)?)\s*%")
_TAGS = re.compile(r"\[tag:([^\]]+)\]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]{1,2})?")
_SPECIAL = re.compile(r"([~=#{}:\\])")


@dataclass(frozen=True)
class Answer:
    """An answer of a block: `mark` is "=" or "~", `weight` in percent (None where none was written)."""

    mark: str
    text: str
    weight: float | None
    feedback: str


@dataclass(frozen=True)
class Raw:
    """A question as the file has it: texts still with their backslashes. `block` is None without braces."""

    line: int
    title: str
    markup: str  # html, markdown, moodle or plain
    before: str
    block: str | None
    after: str
    tags: tuple[str, ...]


# --- reading ------------------------------------------------------------------------------------------------------


def read(text: str) -> Found:
    """Read a whole file. What is wrong is in `faults`, every one of them."""
    found = Found()
    for number, raw in enumerate(_questions(text, found), 1):
        if number > MOST_QUESTIONS:
            found.faults.append(
                Fault("too_many", f"El archivo trae más de {MOST_QUESTIONS} preguntas; pártelo en varios.")
            )
            break
        source = Source(number, f"línea {raw.line}", _title(raw), "")
        try:
            source.kind = kind_of(raw)
            source.data, source.notes = _data(raw, source.kind)
        except Unrepresentable as error:
            source.why = str(error)
        except Faulty as error:
            found.faults.append(Fault(error.code, error.message, number, source.place))
        found.sources.append(source)
    if not found.sources and not found.faults:
        found.faults.append(Fault("no_questions", "El archivo no trae ninguna pregunta en GIFT."))
    return found


def _questions(text: str, found: Found) -> Iterator[Raw]:
    """Cut a file into questions. A brace that is not closed ends with the next blank line, and is told."""
    lines = text.split("\n")
    at, count, tags = 0, 0, []
    while at < len(lines):
        line = lines[at].strip()
        if line.startswith("//"):
            tags += _TAGS.findall(line)
        elif line and not line.startswith("$CATEGORY"):
            end = _end(lines, at)
            chunk = [one for one in lines[at:end] if not one.lstrip().startswith("//")]
            for one in lines[at:end]:
                if one.lstrip().startswith("//"):
                    tags += _TAGS.findall(one)
            count += 1
            try:
                yield _cut("\n".join(chunk), at + 1, tuple(tags))
            except Faulty as error:
                found.faults.append(Fault(error.code, error.message, count, f"línea {at + 1}"))
                yield Raw(at + 1, chunk[0].strip()[:60], "moodle", "", "#broken", "", ())
            tags = []
            at = end
            continue
        at += 1


def _end(lines: Sequence[str], start: int) -> int:
    """The line after a question: the first blank one outside of braces, or inside when they are never closed."""
    depth, blank = 0, None
    for at in range(start, len(lines)):
        if not lines[at].strip():
            if depth == 0:
                return at
            blank = at if blank is None else blank
        for mark in re.findall(r"\\.|[{}]", lines[at]):
            if mark == "{" and depth:
                return blank or at + 1  # a second one before the first is closed: something is missing above
            depth = 1 if mark == "{" else 0 if mark == "}" else depth
    return len(lines) if depth == 0 or blank is None else blank


def _cut(chunk: str, line: int, tags: tuple[str, ...]) -> Raw:
    title = ""
    match = _TITLE.match(chunk)
    if match is not None:
        title, chunk = _clean(match["title"]), chunk[match.end() :]
    markup = "moodle"
    match = _FORMAT.match(chunk)
    if match is not None:
        markup, chunk = match[1].lower(), chunk[match.end() :]
    braces = [m for m in re.finditer(r"\\.|[{}]", chunk, re.DOTALL) if m[0] in "{}"]
    if not braces:
        return Raw(line, title, markup, chunk, None, "", tags)
    if [m[0] for m in braces] != ["{", "}"]:
        raise Faulty(
            "unbalanced_braces",
            "Las llaves de las respuestas no cierran. Revisa que haya una «{» y una «}»; donde son texto se escriben "
            "\\{ y \\}.",
        )
    first, last = braces
    return Raw(
        line, title, markup, chunk[: first.start()], chunk[first.end() : last.start()], chunk[last.end() :], tags
    )


def _title(raw: Raw) -> str:
    return raw.title or one_line(_clean(raw.before))[:80]


def kind_of(raw: Raw) -> str:
    """What a question is, by its block: description, essay, truefalse, numerical, matching, short or choice."""
    if raw.block is None:
        return "description"
    if raw.block == "#broken":
        return "broken"
    block = _parts(raw.block, "####")[0].strip()
    if not block:
        return "essay"
    if _TRUTH.match(block):
        return "truefalse"
    if block.startswith("#"):
        return "numerical"
    answers = _answers(block)
    if not answers:
        raise Faulty("no_right_answer", "Las llaves no traen ninguna respuesta. Escribe «=» antes de la correcta.")
    if all(answer.mark == "=" for answer in answers):
        pairs = ["->" in answer.text for answer in answers]
        if all(pairs):
            return "matching"
        return "short"
    return "choice"


def _data(raw: Raw, kind: str) -> tuple[Json | None, tuple[str, ...]]:
    block, general = [*_parts(raw.block or "", "####", 1), ""][:2]
    said = _rich(raw, general)
    prompt = _prompt(raw)
    if kind == "broken":
        return None, ()
    if kind == "description":
        raise Unrepresentable("es un texto sin pregunta; ponlo en una lección")
    if kind == "essay":
        raise Unrepresentable("es de respuesta abierta y la califica una persona")
    if not prompt:
        raise Faulty("no_prompt", "La pregunta no tiene texto antes de las llaves.")
    notes: tuple[str, ...] = ()
    if kind == "truefalse":
        data = _truefalse(raw, block, prompt)
    elif kind == "numerical":
        data = _numerical(raw, block, prompt)
    elif kind == "matching":
        data = _matching(raw, block, prompt)
    elif kind == "short":
        data = _short(raw, block, prompt)
    else:
        data, notes = _choice(raw, block, prompt)
    if raw.tags:
        data["tags"] = list(dict.fromkeys(raw.tags))
    return with_general(data, said), notes


def _choice(raw: Raw, block: str, prompt: str) -> tuple[Json, tuple[str, ...]]:
    options = []
    for answer in _answers(block):
        weight = answer.weight if answer.weight is not None else (100.0 if answer.mark == "=" else 0.0)
        options.append((one_line(_rich(raw, answer.text)), weight, _rich(raw, answer.feedback)))
    return choice_data(prompt, options, "")


def _truefalse(raw: Raw, block: str, prompt: str) -> Json:
    parts = _parts(block.strip(), "#")
    answer = parts[0].strip().upper().startswith("T")
    wrong, right = ([_rich(raw, part) for part in parts[1:]] + ["", ""])[:2]
    said = {"true": right if answer else wrong, "false": wrong if answer else right}
    data: Json = {"type": "truefalse", "prompt": prompt, "answer": answer}
    if any(said.values()):
        data["feedback"] = {word: text for word, text in said.items() if text}
    return data


def _short(raw: Raw, block: str, prompt: str) -> Json:
    accepted, common = [], []
    correct, incorrect = "", ""
    for answer in _answers(block):
        text, said = _clean(answer.text), _rich(raw, answer.feedback)
        if "*" in text and (text != "*" or answer.weight is None or answer.weight > 0):
            raise Unrepresentable("usa comodines (*) en la respuesta")
        if answer.weight is not None and 0 < answer.weight < 99.5:
            raise Unrepresentable("da parte del punto a algunas respuestas")
        if text == "*":  # whatever else was written
            incorrect = said
        elif answer.weight is not None and answer.weight <= 0:
            common.append({"text": text, "feedback": said})
        else:
            accepted.append(text)
            correct = correct or said
    if not accepted:
        raise Faulty("no_right_answer", "Ninguna respuesta vale. Escribe «=» antes de la correcta.")
    data: Json = {"type": "short", "prompt": prompt, "accept": accepted, **verdict(correct, incorrect)}
    told = [row for row in common if row["feedback"]]
    return {**data, "common": told} if told else data


def _matching(raw: Raw, block: str, prompt: str) -> Json:
    pairs, others = [], []
    for answer in _answers(block):
        left, _, right = answer.text.partition("->")
        sides = one_line(_rich(raw, left)), one_line(plain(_clean(right)))
        if sides[0]:
            pairs.append({"left": sides[0], "right": sides[1]})
        else:
            others.append(sides[1])
    return {"type": "matching", "prompt": prompt, "pairs": pairs} | ({"distractors": others} if others else {})


def _numerical(raw: Raw, block: str, prompt: str) -> Json:
    body = block.strip()[1:]
    answers = _answers(body) if re.search(r"(?<!\\)[=~]", body) else []
    if not answers:
        parts = _parts(body, "#")
        answers = [Answer("=", parts[0], None, parts[1] if len(parts) > 1 else "")]
    right = [one for one in answers if one.mark == "=" and (one.weight is None or one.weight >= 99.5)]
    if any(one.weight is not None and 0 < one.weight < 99.5 for one in answers):
        raise Unrepresentable("da parte del punto a algunos números")
    if not right:
        raise Faulty("no_right_answer", "Ningún número vale. Escribe «=» antes del correcto.")
    if len(right) > 1:
        raise Unrepresentable("acepta varios números distintos")
    answer, tolerance = _interval(right[0].text)
    wrong = next(
        (one.feedback for one in answers if one.mark == "~" or (one.weight is not None and one.weight <= 0)), ""
    )
    data: Json = {"type": "numeric", "prompt": prompt, "answer": _plain(answer)}
    if tolerance:
        data["tolerance"] = _plain(tolerance)
    return {**data, **verdict(_rich(raw, right[0].feedback), _rich(raw, wrong))}


def _plain(number: Decimal) -> int | str:
    return int(number) if number == number.to_integral_value() and abs(number) < 10**15 else plain_number(number)


def _interval(text: str) -> tuple[Decimal, Decimal]:
    """A number and how far one may be from it: `5`, `5:0.1` or `1..5`."""
    text = _clean(text)
    if ".." in text:
        low, _, high = text.partition("..")
        ends = _number(low), _number(high)
        return (ends[0] + ends[1]) / 2, abs(ends[1] - ends[0]) / 2
    number, _, tolerance = text.partition(":")
    return _number(number), abs(_number(tolerance)) if tolerance.strip() else Decimal(0)


def _number(text: str) -> Decimal:
    text = text.strip()
    if not _NUMBER.fullmatch(text) or len(text) > 30:
        raise Faulty("bad_number", f"«{text[:40]}» no es un número. Escribe por ejemplo {{#20}} o {{#20:0.5}}.")
    return Decimal(text.replace(",", "."))


def _answers(block: str) -> list[Answer]:
    """The answers of a block, in order. What stands before the first mark must be nothing."""
    pieces = re.split(r"((?<!\\)(?:\\\\)*[=~])", block)
    if pieces[0].strip():
        raise Faulty("no_mark", "Antes de la primera respuesta hay texto. Cada respuesta empieza con «=» o con «~».")
    found = []
    for mark, rest in zip(pieces[1::2], pieces[2::2], strict=True):
        text, *feedback = _parts(rest, "#", 1)
        weight = None
        match = _WEIGHT.match(text)
        if match is not None:
            weight, text = float(match[1]), text[match.end() :]
            if abs(weight) > 100:
                raise Faulty("bad_weight", f"El peso {match[1]} % no existe; va de -100 a 100.")
        elif re.match(r"\s*%[^%\s]*%", text):
            raise Faulty("bad_weight", "El peso entre % no es un número. Escribe por ejemplo %50%.")
        found.append(Answer(mark[-1], text.strip(), weight, feedback[0].strip() if feedback else ""))
    return found


def _parts(text: str, mark: str, most: int = 0) -> list[str]:
    """Split at a mark that no backslash stands before."""
    return re.split(rf"(?<!\\){re.escape(mark)}", text, maxsplit=most)


def _prompt(raw: Raw) -> str:
    before, after = _rich(raw, raw.before), _rich(raw, raw.after)
    return f"{before} \\_\\_\\_\\_\\_ {after}" if after else before


def _clean(text: str) -> str:
    """A text without its backslashes."""
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], text, flags=re.DOTALL).strip()


def _rich(raw: Raw, text: str) -> str:
    """A text as Markdown, by the markup of its question or its own."""
    match = _FORMAT.match(text)
    markup = match[1].lower() if match is not None else raw.markup
    clean = _clean(text[match.end() :] if match is not None else text)
    if markup == "markdown":
        return clean
    if markup == "html" or (markup == "moodle" and re.search(r"</?[a-zA-Z][^<>]*>", clean)):
        return from_html(clean.replace("\n", "<br>") if markup == "moodle" else clean)
    return plain(clean)


# --- writing ------------------------------------------------------------------------------------------------------


def write(bank: Bank) -> tuple[str, list[LeftOut]]:
    """The bank in GIFT, and the questions that GIFT cannot hold."""
    blocks, left_out = [f"// {' '.join(bank.title.split())}"], []
    for number, question in enumerate(bank.questions, 1):
        try:
            body = _WRITERS[question.type](question)
        except KeyError:
            kinds = {"ordering": "ordenar elementos", "cloze": "completar huecos"}
            why = f"GIFT no tiene preguntas de {kinds.get(question.type, question.type)}"
            left_out.append(LeftOut(number, question.id, text_of(question.prompt_html)[:80], why))
            continue
        general = f"\n\t####{_escape(_bare(question.explanation_html))}" if question.explanation_html else ""
        tags = "".join(f" [tag:{tag}]" for tag in question.tags)
        head = f"// [id:{question.id}]{tags}\n::{_escape(question.id)}::[html]{_escape(_bare(question.prompt_html))}"
        blocks.append(f"{head} {{{body}{general}\n}}")
    return "\n\n".join(blocks) + "\n", left_out


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _bare(html: str) -> str:
    """HTML on one line: a blank line would end the question."""
    return " ".join(html.split())


def _said(html: str) -> str:
    return f"#{_escape(_bare(html))}" if html else ""


def _write_options(question: Question) -> str:
    options = question.body["options"]
    part = 100 / sum(option["correct"] for option in options)
    lines = []
    for option in options:
        if question.type == "single":
            mark = "=" if option["correct"] else "~"
        else:
            mark = f"~%{part if option['correct'] else -part:.5f}%".replace(".00000", "")
        lines.append(f"\n\t{mark}{_escape(_bare(option['html']))}{_said(option['feedback_html'])}")
    return "".join(lines)


def _write_truefalse(question: Question) -> str:
    answer, said = question.body["answer"], question.body["feedback"]
    right, wrong = said["true" if answer else "false"], said["false" if answer else "true"]
    feedback = f"{_said(wrong) or '#'}{_said(right)}" if right or wrong else ""
    return f"{'T' if answer else 'F'}{feedback}"


def _write_matching(question: Question) -> str:
    rights = {right["id"]: right["text"] for right in question.body["rights"]}
    used = {left["right"] for left in question.body["lefts"]}
    lines = [
        f"\n\t={_escape(_bare(left['html']))} -> {_escape(rights[left['right']])}" for left in question.body["lefts"]
    ]
    return "".join(lines + [f"\n\t= -> {_escape(text)}" for key, text in rights.items() if key not in used])


def _write_numeric(question: Question) -> str:
    body = question.body
    tolerance = f":{body['tolerance']}" if Decimal(body["tolerance"]) else ""
    wrong = f"\n\t~{_said(body['incorrect_html'])}" if body["incorrect_html"] else ""
    return f"#\n\t={body['answer']}{tolerance}{_said(body['correct_html'])}{wrong}"


def _write_short(question: Question) -> str:
    body = question.body
    lines = [f"\n\t={_escape(text)}{_said(body['correct_html'])}" for text in body["accept"]]
    lines += [f"\n\t=%0%{_escape(row['text'])}{_said(row['feedback_html'])}" for row in body["common"]]
    return "".join(lines) + (f"\n\t=%0%*{_said(body['incorrect_html'])}" if body["incorrect_html"] else "")


_WRITERS = {
    "single": _write_options,
    "multiple": _write_options,
    "truefalse": _write_truefalse,
    "matching": _write_matching,
    "numeric": _write_numeric,
    "short": _write_short,
}
