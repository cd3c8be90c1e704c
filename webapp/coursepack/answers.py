"""What people type, made comparable: numbers as they are written in Mexico, and short texts."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

LONGEST = 300  # characters of a typed answer

_SPACES = "\u00a0\u2007\u2009\u202f"
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)"
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+|[0-9]*)"
    r"(?P<rest>\.[0-9]*)?"
)
_MOST_DIGITS = 30
_EDGES = " .,;:'\"«»“”‘’¡!¿?()[]"


def parse_number(typed: str) -> Decimal | None:
    """Read a number as written in Mexico (`1,234.5`, `1 234.5`, `20`, `-3`); None for anything else.

    A comma is only taken where thousands are parted, so that `1,5` is refused and never read as 15.
    """
    text = typed.translate({ord(space): " " for space in _SPACES}).replace("\u2212", "-").strip()
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    digits = match["whole"].replace(",", "").replace(" ", "")
    decimals = (match["rest"] or ".")[1:]
    if (not digits and not decimals) or len(digits) + len(decimals) > _MOST_DIGITS:
        return None
    return Decimal(f"{match['sign']}{digits or '0'}.{decimals or '0'}")


def plain_number(value: Decimal) -> str:
    """Write a number without exponent and without idle zeros: `20`, `1234.5`."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def comparable(typed: str) -> str:
    """Reduce a short answer to what is compared: no accents, no case, single spaces, no punctuation at the edges."""
    bare = "".join(
        char
        for char in unicodedata.normalize("NFKD", typed)
        if not unicodedata.combining(char) and unicodedata.category(char) != "Cf"
    )
    return " ".join(bare.casefold().split()).strip(_EDGES)
