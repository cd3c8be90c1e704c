"""Read the colours and rules of `webapp/static/css/aula.css`, which is the only place they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

CSS_PATH = Path(__file__).parents[2] / "webapp" / "static" / "css" / "aula.css"
DARK = "prefers-color-scheme: dark"
Tokens = dict[str, str]


def rules() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Each rule as (media condition or "", selector, declarations), in the order of the file."""
    text = re.sub(r"/\*.*?\*/", "", CSS_PATH.read_text(encoding="utf-8"), flags=re.DOTALL)
    media, selector, start = "", "", 0
    for match in re.finditer(r"[{}]", text):
        head = text[start : match.start()].strip()
        start = match.end()
        if match.group() == "}":
            if head:
                yield media, selector, _declarations(head)
            elif media:
                media = ""
        elif head.startswith("@"):
            media = head
        else:
            selector = head


def _declarations(body: str) -> dict[str, str]:
    pairs = (line.split(":", 1) for line in body.split(";") if ":" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def palettes() -> dict[str, Tokens]:
    """The hexadecimal colour of each token by day ("light") and by night ("dark")."""
    found: dict[str, Tokens] = {"": {}, DARK: {}}
    for media, selector, declarations in rules():
        place = DARK if DARK in media else media
        if selector == ":root" and place in found:
            found[place] |= {name: value for name, value in declarations.items() if value.startswith("#")}
    return {"light": found[""], "dark": found[""] | found[DARK]}


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2 between two colours written as #rrggbb, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
