"""What all formats of question banks meet in: questions as `quizzes/*.yaml` writes them, and what could not come along."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

LARGEST = 5 * 1024 * 1024
MOST_QUESTIONS = 2000


@dataclass(frozen=True)
class Fault:
    """Something wrong in a file of questions.

    `number` counts questions from 1 (0: the file as a whole); `place` says where as its reader sees it ("línea 12",
    "Preguntas!D7"). `code` is stable; `message` is a Spanish sentence that names the cause and the way out.
    """

    code: str
    message: str
    number: int = 0
    place: str = ""


@dataclass(frozen=True)
class LeftOut:
    """A question that the other format cannot hold, and why."""

    number: int
    place: str
    title: str
    why: str


@dataclass
class Source:
    """A question as it was found. `data` is what YAML would say of it, without `id`; None where it has no equal here.

    `why` says what has no equal. `notes` tell what was changed on the way, to be looked at.
    """

    number: int
    place: str
    title: str
    kind: str  # as the file calls it
    data: Json | None = None
    why: str = ""
    notes: tuple[str, ...] = ()


@dataclass
class Found:
    """What a reader of one format gives back: sources in order, faults, and files that came inside (path → bytes)."""

    sources: list[Source] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    assets: dict[str, bytes] = field(default_factory=dict)


class Unrepresentable(Exception):
    """A question that is sound where it comes from and has no equal here. The text says what."""


class Faulty(Exception):
    """A question that is wrong in itself."""

    def __init__(self, code: str, message: str, line: int = 0) -> None:
        super().__init__(code)
        self.code, self.message, self.line = code, message, line


def decode(data: bytes) -> str:
    """The text of a file, whatever editor wrote it: UTF-8, UTF-16 with its mark, or Windows 1252. One kind of line end."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return _lines(data.decode(encoding))
            except UnicodeDecodeError as error:
                raise Faulty("wrong_encoding", "El archivo está dañado: su texto no se puede leer.") from error
    try:
        return _lines(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _lines(data.decode("cp1252", errors="replace"))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def choice_data(prompt: str, options: list[tuple[str, float, str]], general: str) -> tuple[Json, tuple[str, ...]]:
    """A choice out of (text, percent of the point, feedback). Raises Unrepresentable for points that are not ours.

    One option worth all and none worth a part: `single`. Several worth the same part of it: `multiple`, where each right
    one adds its part and each wrong one takes as much away; a file that takes away something else is told about it.
    """
    right = [weight for _, weight, _ in options if weight > 0]
    wrong = [weight for _, weight, _ in options if weight <= 0]
    if not right:
        raise Faulty("no_right_answer", "Ninguna opción es correcta. Marca la que vale.")
    notes: tuple[str, ...] = ()
    if len(right) == 1 and right[0] >= 99.5:
        kind = "single"
    elif len(right) > 1 and max(right) - min(right) < 1 and abs(sum(right) - 100) < 1.5:
        kind = "multiple"
        part = 100 / len(right)
        if any(abs(weight + part) > 1 for weight in wrong):
            notes = (
                "Aquí cada opción incorrecta resta lo mismo que suma una correcta; en el archivo restaba otra cosa.",
            )
    elif len(right) > 1 and min(right) >= 99.5:
        raise Unrepresentable("tiene varias opciones que valen todo el punto")
    else:
        raise Unrepresentable("da parte del punto a algunas opciones")
    rows = []
    for text, weight, feedback in options:
        row: Json = {"text": text}
        if weight > 0:
            row["correct"] = True
        if feedback:
            row["feedback"] = feedback
        rows.append(row)
    return with_general({"type": kind, "prompt": prompt, "options": rows}, general), notes


def with_general(data: Json, general: str) -> Json:
    """Put what is said to everybody where it is said here."""
    return {**data, "explanation": general} if general else data


def verdict(correct: str, incorrect: str) -> Json:
    """The feedback of a number or a text, as far as there is one."""
    said = {"correct": correct, "incorrect": incorrect}
    found = {word: text for word, text in said.items() if text}
    return {"feedback": found} if found else {}
