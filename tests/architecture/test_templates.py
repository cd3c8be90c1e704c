"""Templates: nothing inline, nothing declared safe, nothing that nobody shows."""

from __future__ import annotations

import re

import pytest

from tests.architecture.sources import platform, templates

FORBIDDEN = {
    "a filter that switches escaping off": re.compile(r"\|\s*" + "safe" + r"\b|\{%-?\s*autoescape\s+false"),
    "a script in the page": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "a style in the page": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "a handler attribute": re.compile(r"\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "an address of another machine": re.compile(r"(?:src|action)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE),
}
# Shown by a library under the name that it expects.
SHOWN_BY_FLASK_SECURITY = re.compile(r"security/\w+\.html")
SHOWN_BY_ERROR_HANDLER = re.compile(r"errors/\d{3}\.html")
NAMED = re.compile(r"""["']([\w/-]+\.html)["']""")


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what: str) -> None:
    pattern = FORBIDDEN[what]
    found = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1} {match[0]!r}"
        for name, text in templates().items()
        for match in pattern.finditer(text)
    ]
    assert not found


def test_every_template_is_shown_by_somebody() -> None:
    named = {name for module in platform() for name in NAMED.findall(module.text)}
    named |= {name for text in templates().values() for name in NAMED.findall(text)}
    unused = [
        name
        for name in templates()
        if name not in named and not SHOWN_BY_FLASK_SECURITY.match(name) and not SHOWN_BY_ERROR_HANDLER.match(name)
    ]
    assert not unused


def test_every_template_that_is_named_exists() -> None:
    named = {(module.path, name) for module in platform() for name in NAMED.findall(module.text) if "/" in name} | {
        (path, name) for path, text in templates().items() for name in NAMED.findall(text) if "/" in name
    }
    missing = sorted(f"{path}: {name}" for path, name in named if name not in templates())
    assert not missing
