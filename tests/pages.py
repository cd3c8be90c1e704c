"""What must be true of every page, whoever sees it, and a test client that looks at each page it is given."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import webapp

CATALOGUE = Path(webapp.__file__).parent / "translations" / "en" / "LC_MESSAGES" / "messages.po"
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
UNSEEN = frozenset({"script", "style", "template", "svg"})
NOT_TYPED_INTO = frozenset({"hidden", "submit", "button", "reset", "image"})


class Element:
    """An open tag, its attributes, the tags around its content, and the language its text is in."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: Element | None) -> None:
        self.tag, self.attributes = tag, attributes
        self.path: tuple[str, ...] = (*parent.path, tag) if parent else (tag,)
        self.language: str = attributes.get("lang", parent.language if parent else "")
        self.unseen: bool = tag in UNSEEN or (parent is not None and parent.unseen)


class Page(HTMLParser):
    """A page read once, with everything that the checks below ask about."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[Element, tuple[str, ...]]] = []  # with the tags around it
        self.texts: list[tuple[str, str]] = []  # text and its language
        self.named: dict[str, str] = {}
        self._open: list[Element] = []
        self._collecting: list[tuple[Element, list[str]]] = []
        self.contents: list[tuple[Element, str]] = []  # of title, h1, label, button, a
        self.feed(html)
        self.close()

    def updatepos(self, i: int, j: int) -> int:
        return j  # nobody asks for lines, and counting them takes a tenth of the reading

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        parent = self._open[-1] if self._open else None
        element = Element(tag, attributes, parent)
        self.elements.append((element, parent.path if parent else ()))
        if tag not in VOID:
            self._open.append(element)
        if tag in {"title", "h1", "label", "button", "a"}:
            self._collecting.append((element, []))
        for _, parts in self._collecting:
            parts.append(attributes.get("aria-label", "") or attributes.get("alt", ""))

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            closed = self._open.pop()
            if self._collecting and self._collecting[-1][0] is closed:
                element, parts = self._collecting.pop()
                self.contents.append((element, " ".join("".join(parts).split())))
            if closed.tag == tag:
                return

    def handle_data(self, data: str) -> None:
        for _, parts in self._collecting:
            parts.append(data)
        if self._open and not self._open[-1].unseen:
            text = " ".join(data.split())
            if text:
                self.texts.append((text, self._open[-1].language))

    def content_of(self, tag: str) -> list[str]:
        """The texts of every element of that tag, names given by attributes included."""
        return [text for element, text in self.contents if element.tag == tag]


def problems_of(html: str) -> list[str]:
    """Everything that is wrong with a page, one sentence each."""
    page = Page(html)
    return [
        *_title_and_heading(page),
        *_ids(page),
        *_fields(page),
        *_names(page),
        *_language(page),
    ]


def _title_and_heading(page: Page) -> list[str]:
    # A title inside a drawing is not the page's.
    titles = [element for element, around in page.elements if element.tag == "title" and "svg" not in around]
    found = []
    if len(titles) != 1 or not any(page.content_of("title")):
        found.append(f"{len(titles)} titles, or an empty one")
    headings = page.content_of("h1")
    if len(headings) != 1 or not headings[0]:
        found.append(f"h1: {headings}, not exactly one with text")
    return found


def _ids(page: Page) -> list[str]:
    ids = Counter(element.attributes["id"] for element, _ in page.elements if "id" in element.attributes)
    found = [f"id {name!r} is used {count} times" for name, count in ids.items() if count > 1]
    for element, _ in page.elements:
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            if name in element.attributes:
                missing = [one for one in element.attributes[name].split() if one not in ids]
                found += [f"{name}={one!r} points at nothing" for one in missing]
    return found


def _fields(page: Page) -> list[str]:
    labelled = {element.attributes.get("for") for element, text in page.contents if element.tag == "label" and text}
    found = []
    for element, around in page.elements:
        if element.tag not in {"input", "select", "textarea"}:
            continue
        attributes = element.attributes
        if element.tag == "input" and attributes.get("type", "text") in NOT_TYPED_INTO:
            continue
        named = attributes.get("aria-label") or attributes.get("aria-labelledby")
        if not named and attributes.get("id") not in labelled and "label" not in around:
            found.append(f"the field {attributes.get('name') or attributes.get('id')!r} has no label")
    return found


def _names(page: Page) -> list[str]:
    found = [
        f"an <{element.tag}> without a name: {element.attributes}"
        for element, text in page.contents
        if element.tag in {"button", "a"} and not text and not element.attributes.get("aria-labelledby")
    ]
    found += [
        f"an image without alt: {element.attributes.get('src')}"
        for element, _ in page.elements
        if element.tag == "img" and "alt" not in element.attributes
    ]
    found += [
        f"inline {name} on <{element.tag}>"
        for element, _ in page.elements
        for name in element.attributes
        if name == "style" or name.startswith("on")
    ]
    return found


def _language(page: Page) -> list[str]:
    language = next((element.language for element, _ in page.elements if element.tag == "html"), "")
    if language not in {"es-MX", "es", "en"}:
        return [f"the page says that its language is {language!r}"]
    spanish = _spanish_only()
    return [
        f"untranslated on an English page: {text!r}" for text, lang in page.texts if lang == "en" and text in spanish
    ]


@cache
def _spanish_only() -> frozenset[str]:
    """The Spanish texts of the platform whose English is another; none before there is an English catalogue."""
    if not CATALOGUE.exists():
        return frozenset()
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="en")
    return frozenset(
        " ".join(message.id.split())
        for message in catalogue
        if isinstance(message.id, str) and message.id and message.string and message.string != message.id
    )


class CheckingClient(FlaskClient):
    """A test client that fails on a page with something wrong in it."""

    def submit(self, path: str, /, page: str | None = None, **fields: Any) -> TestResponse:
        """Send a form as a browser does: with the token of `page` (else `path`), which it is on."""
        shown = self.get(page or path)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', shown.text)
        assert token, f"no form on {page or path} ({shown.status_code})"
        return self.post(path, data={"csrf_token": token[1], **fields})

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.data and not 300 <= response.status_code < 400:
            problems = problems_of(response.text)
            assert not problems, f"{response.request.path} ({response.status_code}): " + "; ".join(problems)
        return response
