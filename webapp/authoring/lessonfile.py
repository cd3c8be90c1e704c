"""Small changes in the files of steps: title and minutes, and what pictures without words show. Pure."""

from __future__ import annotations

import re
from typing import Any

import yaml

from webapp.coursepack.intake.convert import escape

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_SILENT = re.compile(r"!\[\s*\]\(<?(assets/[^)\s>]+)>?((?:\s+\"[^\"]*\")?)\)")


def head_of(path: str, text: str) -> dict[str, Any]:
    """Title, minutes and whatever else the head of a step says; empty where it cannot be read."""
    found = _FRONT.match(text) if path.endswith(".md") else None
    source = found[1] if found else text if path.endswith(".yaml") else ""
    try:
        head = yaml.safe_load(source)
    except yaml.YAMLError:
        return {}
    return head if isinstance(head, dict) else {}


def with_head(path: str, text: str, title: str, minutes: int) -> str:
    """The text of a step under another title and with other minutes."""
    head = head_of(path, text) | {"title": title, "minutes": minutes}
    dumped = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=110)
    if not path.endswith(".md"):
        return dumped
    found = _FRONT.match(text)
    return f"---\n{dumped}---\n{text[found.end() :] if found else text}"


def body_of(text: str) -> str:
    """The text of a lesson after its head and the empty line that follows it."""
    found = _FRONT.match(text)
    return text[found.end() :].removeprefix("\n") if found else text


def with_body(text: str, body: str, head: dict[str, Any]) -> str:
    """A lesson with another text and head; what else its head says stays."""
    dumped = yaml.safe_dump(head_of(".md", text) | head, allow_unicode=True, sort_keys=False, width=110)
    return f"---\n{dumped}---\n\n{body}"


def silent_pictures(text: str) -> list[str]:
    """The pictures of a lesson that do not say what they show, each once."""
    return list(dict.fromkeys(match[1] for match in _SILENT.finditer(text)))


def with_words(text: str, words: dict[str, str]) -> str:
    """The text with what the silent pictures show; where there are no words a picture stays silent."""

    def say(match: re.Match[str]) -> str:
        said = " ".join(words.get(match[1], "").split())
        return f"![{escape(said)}]({match[1]}{match[2]})" if said else match[0]

    return _SILENT.sub(say, text)
