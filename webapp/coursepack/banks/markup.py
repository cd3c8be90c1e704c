"""Between HTML, as other platforms write questions, and the Markdown of a course package."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~{}])")
_STARTS = re.compile(r"^(\s*)([#+-]|\d+[.)]|:::)(?=\s|$)", re.MULTILINE)
_SPACES = re.compile(r"[ \t\u00a0]+")
_BLOCKS = {"p", "div", "ul", "ol", "blockquote", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "section"}
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*"}
_SILENT = {"script", "style", "head", "template"}


def plain(text: str) -> str:
    """Markdown that shows exactly this text. Line breaks stay paragraphs; of spaces in a row a page shows one."""
    escaped = _STARTS.sub(
        lambda m: f"{m[1]}\\{m[2]}" if not m[2][0].isdigit() else f"{m[1]}{m[2][:-1]}\\{m[2][-1]}",
        _SPECIAL.sub(r"\\\1", text),
    )
    lines = (_SPACES.sub(" ", line).strip() for line in escaped.split("\n"))
    return "\n\n".join(line for line in lines if line)


def from_html(html: str) -> str:
    """The Markdown of a piece of HTML: emphasis, lists, links over https and images; everything else as its text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = "".join(reader.parts)
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def one_line(markdown: str) -> str:
    """What options take: a text without paragraphs."""
    return " ".join(markdown.split())


def text_of(html: str) -> str:
    """The words of a piece of HTML, for what shows words only."""
    reader = _Reader(escaping=False)
    reader.feed(html)
    reader.close()
    return " ".join("".join(part for part in reader.parts if part not in {"**", "*"}).split())


class _Reader(HTMLParser):
    """Gathers Markdown while HTML goes by. What is not closed is closed at the end of its block."""

    def __init__(self, escaping: bool = True) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._escaping = escaping
        self._lists: list[list[int | None]] = []
        self._open: list[str] = []
        self._links: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _SILENT:
            self._silent += 1
        elif tag in _MARKS:
            self._open.append(_MARKS[tag])
            self.parts.append(_MARKS[tag])
        elif tag == "br":
            self.parts.append("\n\n")
        elif tag in {"ul", "ol"}:
            self._block()
            self._lists.append([0 if tag == "ol" else None])
        elif tag == "li":
            self._item()
        elif tag == "a":
            self._links.append(given.get("href", ""))
            if self._linked(self._links[-1]):
                self.parts.append("[")
        elif tag == "img":
            self.parts.append(self._image(given))
        elif tag in _BLOCKS:
            self._block()

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _MARKS and _MARKS[tag] in self._open:
            self._open.remove(_MARKS[tag])
            if self.parts[-1] == _MARKS[tag]:
                self.parts.pop()  # emphasis on nothing
            else:
                self.parts.append(_MARKS[tag])
        elif tag in {"ul", "ol"} and self._lists:
            self._lists.pop()
            self._block()
        elif tag == "a" and self._links:
            href = self._links.pop()
            if self._linked(href):
                self.parts.append(f"]({href})")
        elif tag in {"td", "th"}:
            self.parts.append(" ")
        elif tag in _BLOCKS:
            self._block()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            text = _SPACES.sub(" ", data.replace("\n", " "))
            self.parts.append(_SPECIAL.sub(r"\\\1", text) if self._escaping else text)

    def close(self) -> None:
        super().close()
        self._block()

    def _block(self) -> None:
        self.parts += reversed(self._open)
        self._open.clear()
        self.parts.append("\n\n")

    def _item(self) -> None:
        self._block()
        if not self._lists:
            return
        level = self._lists[-1]
        number = level[0]
        if number is None:
            self.parts.append("- ")
        else:
            level[0] = number + 1
            self.parts.append(f"{number + 1}. ")

    def _linked(self, href: str) -> bool:
        return self._escaping and href.startswith("https://") and not re.search(r"[\s()<>]", href)

    def _image(self, given: dict[str, str]) -> str:
        name = given.get("src", "")
        alt = _SPECIAL.sub(r"\\\1", given.get("alt", "").strip())
        if not self._escaping or not name.startswith("assets/"):
            return f" {given.get('alt', '')} "
        return f"\n\n![{alt}]({name})\n\n"


def to_html(text: str) -> str:
    """Plain words as HTML."""
    return escape(text, quote=False)
