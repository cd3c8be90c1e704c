"""A file of questions, changed one question at a time: what is not touched stays as it was written. Pure.

`write_question` is the one place that says how a question looks in YAML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

Values = dict[str, Any]  # a question as it is written: texts, lists and groups of texts
_ORDER = ("id", "type", "tags", "points", "difficulty", "prompt", "source", "options", "pairs", "distractors", "items",
          "answer", "tolerance", "unit", "accept", "text", "blanks", "feedback", "common", "explanation")  # fmt: skip
_INLINE = ("tags", "source")
_BARE = ("minutes", "points", "difficulty", "answer", "tolerance", "value", "correct")
_NUMBER_OR_FLAG = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?|true|false")


class BadBank(Exception):
    """The file is no bank that can be changed here; the checker says why."""


@dataclass(frozen=True)
class BankText:
    """A bank as text: what stands before the questions, the lines of each, and what follows."""

    head: str
    blocks: tuple[str, ...]
    questions: tuple[Values, ...]
    tail: str

    @property
    def ids(self) -> tuple[str, ...]:
        """The id of each question, "" where it has none."""
        return tuple(str(question.get("id", "")) for question in self.questions)

    @property
    def indent(self) -> int:
        """How far in the questions stand."""
        first = next(
            (line for block in self.blocks for line in block.splitlines() if line.lstrip().startswith("-")), "  -"
        )
        return len(first) - len(first.lstrip())

    def index(self, question: str) -> int:
        """Where a question stands. Raises BadBank."""
        if question not in self.ids:
            raise BadBank
        return self.ids.index(question)

    def with_blocks(self, blocks: list[str]) -> str:
        """The file with these questions instead."""
        return f"{self.head}{''.join(blocks)}{self.tail}" if blocks else f"{_empty(self.head)}{self.tail}"


def read(text: str) -> BankText:
    """Part a bank at its questions. Raises BadBank."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  builds only texts, lists and groups
    except (yaml.YAMLError, ValueError) as error:
        raise BadBank from error
    if not isinstance(values, dict) or not isinstance(root, yaml.MappingNode):
        raise BadBank
    found = values.get("questions")
    rows = found if isinstance(found, list) else []
    if (found not in ("", None) and not isinstance(found, list)) or not all(isinstance(row, dict) for row in rows):
        raise BadBank
    node = next((value for key, value in root.value if key.value == "questions"), None)
    if not rows:
        return BankText(text if text.endswith("\n") else text + "\n", (), (), "")
    if node is None or node.flow_style:
        return _rewritten(values, rows)
    return _parted(text, node, rows)


def _parted(text: str, node: Any, rows: list[Values]) -> BankText:
    lines = text.splitlines(keepends=True)
    if not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    starts = [_with_comments(lines, row.start_mark.line) for row in node.value]
    end = len(lines) if node.end_mark.line >= len(lines) else node.end_mark.line
    while end > starts[-1] + 1 and end < len(lines) and lines[end - 1].lstrip().startswith("#"):
        end -= 1
    edges = [*starts, end]
    blocks = tuple("".join(lines[edge : edges[place + 1]]) for place, edge in enumerate(starts))
    return BankText("".join(lines[: starts[0]]), blocks, tuple(rows), "".join(lines[end:]))


def _with_comments(lines: list[str], start: int) -> int:
    """A comment right above a question belongs to it."""
    while start > 0 and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    return start


def _rewritten(values: Values, rows: list[Values]) -> BankText:
    head = _dump({name: value for name, value in values.items() if name != "questions"})
    return BankText(f"{head}questions:\n", tuple(write_question(row) for row in rows), tuple(rows), "")


def _empty(head: str) -> str:
    return re.sub(r"^questions:.*\n", "questions: []\n", head, flags=re.MULTILINE)


def replace(text: str, question: str, values: Values) -> str:
    """The bank with another question in the place of one; a comment above it stays."""
    bank = read(text)
    place = bank.index(question)
    blocks = list(bank.blocks)
    above = "".join(_comments(blocks[place]))
    blank = "\n" if blocks[place].endswith("\n\n") else ""
    blocks[place] = above + write_question(values, bank.indent) + blank
    return bank.with_blocks(blocks)


def _comments(block: str) -> Iterator[str]:
    for line in block.splitlines(keepends=True):
        if not line.lstrip().startswith("#"):
            return
        yield line


def insert(text: str, *rows: Values) -> str:
    """The bank with these questions more, at its end."""
    bank = read(text)
    blocks = [*bank.blocks, *(write_question(values, bank.indent) for values in rows)]
    head = re.sub(r"^questions:.*\n", "questions:\n", bank.head, flags=re.MULTILINE)
    if not re.search(r"^questions:", head, re.MULTILINE):
        head += "questions:\n"
    return BankText(head, (), (), bank.tail).with_blocks(blocks)


def remove(text: str, question: str) -> str:
    """The bank without a question."""
    bank = read(text)
    place = bank.index(question)
    return bank.with_blocks([*bank.blocks[:place], *bank.blocks[place + 1 :]])


def move(text: str, question: str, by: int) -> str:
    """The bank with a question one place up (-1) or down (1)."""
    bank = read(text)
    place = bank.index(question)
    blocks = list(bank.blocks)
    blocks.insert(max(0, min(place + by, len(blocks) - 1)), blocks.pop(place))
    return bank.with_blocks(blocks)


def with_head(text: str, title: str, minutes: int) -> str:
    """The bank under another title and with other minutes; every question stays as it is written. Raises BadBank."""
    bank = read(text)
    head = bank.head
    for name, said in (("minutes", str(minutes)), ("title", title)):
        line = _dump({name: said})
        literal = line.replace("\\", r"\\")
        told, count = re.subn(rf"^{name}:.*\n(?:[ \t]+.*\n)*", literal, head, flags=re.MULTILINE)
        head = told if count else line + head
    return f"{head}{''.join(bank.blocks)}{bank.tail}"


def write_question(values: Values, indent: int = 2) -> str:
    """A question as an item of a bank: keys in the order in which one reads them, long texts as blocks."""
    known = {name: values[name] for name in _ORDER if name in values}
    rest = {name: value for name, value in values.items() if name not in known}
    lines = _dump({**known, **rest}).splitlines(keepends=True)
    pad = " " * indent
    return f"{pad}- " + "".join(
        line if place == 0 or not line.strip() else f"{pad}  {line}" for place, line in enumerate(lines)
    )


def _dump(values: Values) -> str:
    return yaml.dump(
        _typed(values), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110, default_flow_style=False
    )


class _Bare(str):
    """A number or a flag, which is written without quotation marks."""

    __slots__ = ()


class _Inline(list[Any]):
    """A short list, which is written on one line."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _typed(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _typed(item, key) for key, item in value.items()}
    if isinstance(value, list):
        items = [_typed(item) for item in value]
        return _Inline(items) if name in _INLINE else items
    text = str(value)
    return _Bare(text) if name in _BARE and _NUMBER_OR_FLAG.fullmatch(text) else text


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


def _bare(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    tag = dumper.resolve(yaml.ScalarNode, str(text), (True, False))  # type: ignore[no-untyped-call]
    return dumper.represent_scalar(tag, str(text))


def _inline(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Bare, _bare)
_Dumper.add_representer(_Inline, _inline)
