"""YAML as a tree of texts with line numbers, without anything in YAML that is clever.

Anchors, aliases, type tags, several documents and deep nesting are refused: they are how a small file becomes a large
one in memory, and no trainer needs them. Values stay the text that was written, so that the option `No` is never read
as false; `shape` decides what a text means.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from webapp.coursepack.problems import Report

DEEPEST = 12
MOST_EVENTS = 100_000
_NULLS = {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True)
class Scalar:
    """A text as written. `line` is where it begins, `text_line` where its first word stands (differs for `|`, `>`)."""

    value: str
    line: int
    text_line: int
    is_null: bool = False


@dataclass(frozen=True)
class Sequence:
    line: int
    items: list[Node] = field(default_factory=list)


@dataclass(frozen=True)
class Mapping:
    line: int
    entries: list[tuple[Scalar, Node]] = field(default_factory=list)


Node = Scalar | Sequence | Mapping


class _Stop(Exception):
    """The file was refused; the reason is already in the report."""


def parse(text: str, report: Report, first_line: int = 1) -> Node | None:
    """Read YAML text that begins at `first_line` of its file; None when it cannot be used (the report says why)."""
    # A tab after a key is the one thing that libyaml takes and PyYAML does not.
    quick = None if "\t" in text else _parse_quickly(text, report, first_line)
    return quick or _parse_and_explain(text, report, first_line)


def _parse_quickly(text: str, report: Report, first_line: int) -> Node | None:
    """Read with libyaml, ten times as fast; None without a word when there is anything to explain."""
    found = Report(report.file)
    try:
        root = _Builder(found, first_line - 1, yaml.CSafeLoader).build(text)
    except (yaml.YAMLError, UnicodeEncodeError, _Stop):
        return None
    for problem in found.in_order():
        report.add(problem.code, problem.message, problem.line)
    return root


def _parse_and_explain(text: str, report: Report, first_line: int) -> Node | None:
    """Read with PyYAML, whose errors name their cause and their line."""
    try:
        root = _Builder(report, first_line - 1, yaml.SafeLoader).build(text)
        if root is None:
            report.add("empty_file", "No hay más que comentarios o renglones vacíos; escribe el contenido.", first_line)
        return root
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        report.add("yaml_syntax", _explain(error), first_line + (mark.line if mark else 0))
    except yaml.YAMLError:
        report.add("control_character", "El texto trae caracteres de control; bórralos y guarda de nuevo.", first_line)
    except _Stop:
        return None
    return None


class _Builder:
    def __init__(self, report: Report, shift: int, loader: type[yaml.SafeLoader | yaml.CSafeLoader]) -> None:
        self.report = report
        self.shift = shift
        self.loader = loader
        self.stack: list[Sequence | Mapping] = []
        self.keys: list[Scalar | None] = []  # the key that waits for its value, one per open mapping or sequence
        self.root: Node | None = None

    def build(self, text: str) -> Node | None:
        documents = 0
        for event in self._events(text):
            line = self._line(event)
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    message = "El archivo trae más de un documento YAML; quita la línea ---."
                    self._refuse("yaml_documents", message, line)
            elif isinstance(event, yaml.AliasEvent):
                self._refuse_alias(line)
            elif isinstance(event, yaml.NodeEvent):
                self._plain(event, line)
                self._open(event, line)
            elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
                self.stack.pop()
                self.keys.pop()
        return self.root

    def _events(self, text: str) -> Iterator[yaml.Event]:
        for count, event in enumerate(yaml.parse(text, Loader=self.loader)):
            if count > MOST_EVENTS:
                message = "El archivo tiene demasiados elementos; divídelo en varios."
                self._refuse("yaml_size", message, self._line(event))
            yield event

    def _line(self, event: yaml.Event) -> int:
        return (event.start_mark.line if event.start_mark else 0) + 1 + self.shift

    def _plain(self, event: yaml.NodeEvent, line: int) -> None:
        """Refuse what a plain text file has no need of."""
        if event.anchor is not None:
            self._refuse_alias(line)
        if getattr(event, "tag", None) is not None:
            message = "YAML lee «!» al principio como un tipo de dato; escribe el texto entre comillas."
            self._refuse("yaml_tag", message, line)
        if len(self.stack) >= DEEPEST:
            message = f"Hay más de {DEEPEST} niveles de sangría o de corchetes; ningún curso los necesita."
            self._refuse("yaml_depth", message, line)

    def _open(self, event: yaml.NodeEvent, line: int) -> None:
        if isinstance(event, yaml.ScalarEvent):
            block = event.style in {"|", ">"}
            is_null = not event.style and event.value in _NULLS
            self._place(Scalar(event.value, line, line + block, is_null), line)
            return
        node: Sequence | Mapping = Sequence(line) if isinstance(event, yaml.SequenceStartEvent) else Mapping(line)
        self._place(node, line)
        self.stack.append(node)
        self.keys.append(None)

    def _place(self, node: Node, line: int) -> None:
        """Put a node where it belongs: at the root, in the open list, or as key or value of the open mapping."""
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
            return
        key = self.keys[-1]
        if key is not None:
            parent.entries.append((key, node))
            self.keys[-1] = None
            return
        if not isinstance(node, Scalar):
            self._refuse("bad_key", "Antes de los dos puntos va una palabra, no una lista ni un grupo.", line)
            return
        if any(node.value == known.value for known, _ in parent.entries):
            self.report.add("duplicate_key", f"La clave «{node.value}» se repite; deja solo una.", line)
        self.keys[-1] = node

    def _refuse_alias(self, line: int) -> None:
        message = "YAML lee «&» y «*» al principio como anclas y alias, que no van; escribe el texto entre comillas."
        self._refuse("yaml_alias", message, line)

    def _refuse(self, code: str, message: str, line: int) -> None:
        self.report.add(code, message, line)
        raise _Stop


# Fragments of what PyYAML says → what the author can do about it.
_ADVICE = (
    ("mapping values are not allowed", "hay dos puntos dentro de un texto; escribe ese texto entre comillas"),
    ("'\\t' that cannot start", "hay un tabulador; usa espacios para la sangría"),
    ("cannot start any token", "un texto empieza con un signo reservado (@, `, %); escríbelo entre comillas"),
    ("could not find expected ':'", "falta «: » después de una clave, o la sangría de un texto de varias líneas"),
    ("unexpected end of stream", "falta cerrar unas comillas"),
    ("expected <block end>", "la sangría no coincide con la de arriba, o sobra texto después de unas comillas"),
    ("expected ',' or", "falta cerrar un corchete o una llave, o sobra una coma"),
    ("unknown escape character", "hay una barra invertida entre comillas dobles; usa comillas simples"),
    ("block sequence entries are not allowed", "un guion de lista está en el renglón de su clave; bájalo al siguiente"),
)


def _explain(error: yaml.MarkedYAMLError) -> str:
    said = f"{error.context or ''} {error.problem or ''}"
    for fragment, advice in _ADVICE:
        if fragment in said:
            return f"El YAML no se entiende aquí: {advice}."
    return "El YAML no se entiende aquí: revisa la sangría y las comillas de esta línea y de la anterior."
