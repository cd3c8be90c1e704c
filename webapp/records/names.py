"""Names as a constancia can carry them, judged without the typesetter.

The fonts of the sheet draw every Latin letter that a language is written with, so a name of Mexico, of its indigenous
peoples or of most of the world passes. What they cannot draw is refused where the name is confirmed, not where the
document is made, when nobody is there to mend it.
"""

from __future__ import annotations

import unicodedata

BESIDES_LETTERS = frozenset(" .-'’ʼ‐ªº")
SALTILLO = "\ua78b\ua78c"  # the glottal stop of many indigenous languages
_LAST_LETTER = 0xA720  # beyond stand letters of old manuscripts and phonetics
_MARKS = range(0x300, 0x370)
_MOST_MARKS = 2  # on one letter; more of them is a drawing, not a name


def visible(text: str) -> str:
    """`text` composed (NFC), on one line and without the invisible characters that come along when pasting."""
    spaced = "".join(" " if char.isspace() else char for char in unicodedata.normalize("NFC", text))
    return " ".join("".join(char for char in spaced if unicodedata.category(char) not in {"Cc", "Cf"}).split())


def has_letter(name: str) -> bool:
    """Whether there is anything in `name` to call a person by."""
    return any(char.isalpha() and char not in BESIDES_LETTERS for char in name)


def undrawable(name: str) -> str:
    """The characters of `name` that do not belong on a constancia, each once and in their order; "" when all do."""
    refused: dict[str, None] = {}
    marks = _MOST_MARKS  # none may stand before the first letter
    for char in visible(name):
        marks = marks + 1 if ord(char) in _MARKS else 0 if _is_letter(char) else _MOST_MARKS
        if not (_is_letter(char) or char in BESIDES_LETTERS or (ord(char) in _MARKS and marks <= _MOST_MARKS)):
            refused[char] = None
    return "".join(refused)


def _is_letter(char: str) -> bool:
    if char in SALTILLO:
        return True
    return ord(char) < _LAST_LETTER and char.isalpha() and unicodedata.name(char, "").startswith("LATIN ")
