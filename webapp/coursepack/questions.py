"""From the YAML of a question to a question with its key.

Ids of options, sides and items are made from their text and nothing else. They stay when an author moves an option,
and they say nothing about its place in the file, which for an ordering question is the key.

| type | body |
|---|---|
| single, multiple | `options`: id, html, text, correct, feedback_html |
| truefalse | `answer`, `feedback`: html by "true" and "false" |
| matching | `lefts`: id, html, text, right, feedback_html · `rights`: id, html, text |
| ordering | `items` in right order: id, html, text · `feedback_html` |
| numeric | `answer`, `tolerance` as text · `unit`, `correct_html`, `incorrect_html` · `common`: value, feedback_html |
| short | `accept`, `correct_html`, `incorrect_html` · `common`: text, feedback_html |
| cloze | `segments`: html and text, blank, or break · `blanks` by id: type and the body of a choice, numeric or short |
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from webapp.coursepack.answers import comparable, plain_number
from webapp.coursepack.markdown import Context, Snippet, compile_cloze, compile_inline, compile_text
from webapp.coursepack.model import Citation, Question, QuestionType
from webapp.coursepack.problems import Report
from webapp.coursepack.shape import Read

Json = dict[str, Any]


def compile_question(read: Read, context: Context, report: Report) -> Question | None:
    """Return the question that was read; None when so much is missing that it has no body (the report says what)."""
    kind = read.of("type")
    compiler = _Compiler(context, report)
    sources = _sources(read, context, report)
    prompt = compiler.text(read, "prompt")
    explanation = compiler.text(read, "explanation")
    body = _BODIES[kind](compiler, read)
    if body is None or not read.text("id"):
        return None
    cited = dict.fromkeys([*sources, *compiler.citations])
    return Question(
        id=read.text("id"),
        type=kind,
        prompt_html=prompt.html,
        body=body,
        tags=tuple(tag.value for tag in read.items("tags")),
        points=read.of("points", 1),
        difficulty=read.of("difficulty", 2),
        explanation_html=explanation.html,
        sources=tuple(cited),
    )


def _sources(read: Read, context: Context, report: Report) -> list[Citation]:
    found = [context.cite(source.value, report, source.line) for source in read.items("source")]
    return [citation for citation in found if citation is not None]


def opaque_id(role: str, text: str) -> str:
    """Return the id of an option, side or item: the same for the same text, silent about anything else."""
    return role + hashlib.sha256(f"{role}\0{text}".encode()).hexdigest()[:10]


@dataclass
class _Compiler:
    """Compiles the texts of one question and gathers the citations inside them."""

    context: Context
    report: Report

    def __post_init__(self) -> None:
        self.citations: list[Citation] = []

    def text(self, read: Read, name: str) -> Snippet:
        """Compile a field that may hold several paragraphs; empty when it could not be read."""
        found = read.get(name)
        return self.of(found) if found else Snippet("", "")

    def of(self, found: Read) -> Snippet:
        return self._keep(compile_text(found.value, self.context, self.report, found.text_line))

    def inline(self, found: Read) -> Snippet:
        """Compile an option, side or item: one line."""
        return self._keep(compile_inline(found.value, self.context, self.report, found.text_line))

    def _keep(self, snippet: Snippet) -> Snippet:
        self.citations.extend(snippet.citations)
        return snippet

    def thing(self, role: str, found: Read) -> Json:
        """Return an option, side or item as id, html and text."""
        snippet = self.inline(found)
        return {"id": opaque_id(role, snippet.html), "html": snippet.html, "text": snippet.text}

    def distinct(self, things: list[tuple[Json, int]], what: str) -> None:
        """Report things that say the same."""
        seen: set[str] = set()
        for thing, line in things:
            said = " ".join(thing["html"].casefold().split())
            if said in seen:
                message = f"{what} «{thing['text'][:60]}» se repite en la pregunta; cambia una de las dos."
                self.report.add("duplicate_option", message, line)
            seen.add(said)


def _options(compiler: _Compiler, read: Read, *, several: bool) -> Json | None:
    options = []
    for row in read.items("options"):
        text = row.get("text")
        if text is not None:
            option = compiler.thing("o", text)
            option["correct"] = bool(row.of("correct", False))
            option["feedback_html"] = compiler.text(row, "feedback").html
            options.append((option, text.line))
    compiler.distinct(options, "La opción")
    right = sum(option["correct"] for option, _ in options)
    if right == 0 or (right > 1 and not several):
        wanted = "al menos una opción correcta" if several else "exactamente una opción correcta"
        message = f"Lleva {wanted} y tiene {right}; marca con «correct: true» la que corresponda."
        compiler.report.add("right_options", message, read.line)
    return {"options": [option for option, _ in options]} if options else None


def _single(compiler: _Compiler, read: Read) -> Json | None:
    return _options(compiler, read, several=False)


def _multiple(compiler: _Compiler, read: Read) -> Json | None:
    return _options(compiler, read, several=True)


def _truefalse(compiler: _Compiler, read: Read) -> Json | None:
    feedback, answer = read.get("feedback"), read.get("answer")
    if answer is None:
        return None
    words = {word: compiler.text(feedback, word).html if feedback else "" for word in ("true", "false")}
    return {"answer": answer.value, "feedback": words}


def _matching(compiler: _Compiler, read: Read) -> Json | None:
    lefts: list[tuple[Json, int]] = []
    rights: dict[str, Json] = {}
    for row in read.items("pairs"):
        left, right = row.get("left"), row.get("right")
        if left is None or right is None:
            continue
        side = compiler.thing("l", left)
        answer = compiler.thing("r", right)
        rights.setdefault(answer["id"], answer)
        side["right"] = answer["id"]
        side["feedback_html"] = compiler.text(row, "feedback").html
        lefts.append((side, left.line))
    compiler.distinct(lefts, "El lado izquierdo")
    if len(lefts) > 1 and len(rights) == 1:
        message = "Todas las parejas llevan a la misma respuesta; cambia alguna o usa otro tipo de pregunta."
        compiler.report.add("one_right_side", message, read.line_of("pairs"))
    others = [(compiler.thing("r", item), item.line) for item in read.items("distractors")]
    compiler.distinct([(right, read.line) for right in rights.values()] + others, "La respuesta")
    everything = [*rights.values(), *(other for other, _ in others)]
    return {"lefts": [left for left, _ in lefts], "rights": everything} if lefts else None


def _ordering(compiler: _Compiler, read: Read) -> Json | None:
    items = [(compiler.thing("i", item), item.line) for item in read.items("items")]
    compiler.distinct(items, "El elemento")
    feedback = compiler.text(read, "feedback").html
    return {"items": [item for item, _ in items], "feedback_html": feedback} if items else None


def _verdicts(compiler: _Compiler, read: Read) -> Json:
    """The feedback of a number or a short text: two texts, or one for both."""
    found = read.get("feedback")
    if found is None:
        return {"correct_html": "", "incorrect_html": ""}
    if isinstance(found.value, str):
        html = compiler.of(found).html
        return {"correct_html": html, "incorrect_html": html}
    return {f"{word}_html": compiler.text(found, word).html for word in ("correct", "incorrect")}


def _numeric(compiler: _Compiler, read: Read) -> Json | None:
    verdicts = _verdicts(compiler, read)
    answer = read.get("answer")
    if answer is None:
        return None
    tolerance: Decimal = read.of("tolerance", Decimal(0))
    common, seen = [], set()
    for row in read.items("common"):
        feedback = compiler.text(row, "feedback").html
        value: Decimal | None = row.of("value")
        if value is None:
            continue
        if abs(value - answer.value) <= tolerance or value in seen:
            message = f"El error común {plain_number(value)} se repite o cuenta como respuesta correcta; cámbialo."
            compiler.report.add("duplicate_mistake", message, row.line_of("value"))
        seen.add(value)
        common.append({"value": plain_number(value), "feedback_html": feedback})
    return {
        "answer": plain_number(answer.value),
        "tolerance": plain_number(tolerance),
        "unit": read.text("unit"),
        "common": common,
        **verdicts,
    }


def _short(compiler: _Compiler, read: Read) -> Json | None:
    verdicts = _verdicts(compiler, read)
    accepted: dict[str, str] = {}
    for item in read.items("accept"):
        compared = comparable(item.value)
        if not compared:
            message = "Una respuesta aceptada no tiene letras ni números; escríbela con palabras."
            compiler.report.add("bad_value", message, item.line)
        else:
            accepted.setdefault(compared, item.value)
    common = []
    seen = set(accepted)
    for row in read.items("common"):
        feedback = compiler.text(row, "feedback").html
        compared = comparable(row.text("text"))
        if compared in seen:
            message = f"El error común «{row.text('text')[:60]}» se repite o cuenta como respuesta correcta; cámbialo."
            compiler.report.add("duplicate_mistake", message, row.line_of("text"))
        seen.add(compared)
        common.append({"text": row.text("text"), "feedback_html": feedback})
    return {"accept": list(accepted.values()), "common": common, **verdicts} if accepted else None


def _cloze(compiler: _Compiler, read: Read) -> Json | None:
    blanks: dict[str, Json] = {}
    given = read.get("blanks")
    rows: dict[str, Read] = given.value if given else {}
    for name, row in rows.items():
        kind = row.of("type")
        body = _BLANKS[kind](compiler, row) if kind else None
        if body is not None:
            blanks[name] = {"type": kind, **body}
    text = read.get("text")
    if text is None:
        return None
    segments = compile_cloze(text.value, compiler.context, compiler.report, text.text_line)
    used = [segment["blank"] for segment in segments if "blank" in segment]
    _check_blanks(used, rows, text, compiler.report)
    if not used or set(used) - set(blanks):
        return None
    # In the order of the text, so that feedback reads along with it.
    return {"segments": segments, "blanks": {name: blanks[name] for name in used}}


def _check_blanks(used: list[str], rows: dict[str, Read], text: Read, report: Report) -> None:
    if not used:
        message = "El texto no tiene huecos; escribe {{nombre}} donde va cada uno."
        report.add("no_blanks", message, text.line)
    for name in dict.fromkeys(used):
        if name not in rows:
            message = f"El hueco «{name}» no está en blanks, o no se pudo leer; defínelo o corrige su nombre."
            report.add("unknown_blank", message, text.line)
        if used.count(name) > 1:
            message = f"El hueco «{name}» está dos veces en el texto; dale otro nombre al segundo."
            report.add("repeated_blank", message, text.line)
    for name, row in rows.items():
        if name not in used:
            message = f"El hueco «{name}» no está en el texto; escribe {{{{{name}}}}} donde va, o quítalo."
            report.add("unused_blank", message, row.line)


_BODIES: dict[QuestionType, Callable[[_Compiler, Read], Json | None]] = {
    "single": _single,
    "multiple": _multiple,
    "truefalse": _truefalse,
    "matching": _matching,
    "ordering": _ordering,
    "numeric": _numeric,
    "short": _short,
    "cloze": _cloze,
}
_BLANKS: dict[str, Callable[[_Compiler, Read], Json | None]] = {
    "choice": _single,
    "numeric": _numeric,
    "short": _short,
}
