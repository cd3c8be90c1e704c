"""What the name of a file tells: its place in the order, its title, its address in a course."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

_WORDS = r"unidad|m[oó]dulo|tema|lecci[oó]n|cap[ií]tulo|parte|sesi[oó]n|bloque|clase|paso"
_ROMAN = r"x{0,3}(?:ix|iv|v?i{1,3}|v|x)"
_NUMBERED = re.compile(
    rf"\s*(?:(?P<word>{_WORDS})[\s_.-]*)?(?P<number>\d{{1,4}}(?:[.\-_]\d{{1,3}}(?!\d))*)(?P<end>[\s.\-_):]+|$|(?=[^\W\d_]))",
    re.IGNORECASE,
)
_ROMAN_NUMBERED = re.compile(rf"\s*(?P<word>{_WORDS})[\s_.-]+(?P<number>{_ROMAN})(?:[\s.\-_):]+|$)", re.IGNORECASE)
_VALUES = {"i": 1, "v": 5, "x": 10}
_LONGEST_SLUG = 60
_YEAR = re.compile(r"(?:19|20)\d\d")

Order = tuple[tuple[int, ...], tuple[tuple[int, int, str], ...]]


def stem(path: str) -> str:
    """The name of a file without folders and without its extension."""
    return PurePosixPath(path).stem


def order_of(name: str) -> Order:
    """What to sort names by: numbered ones first, by their numbers; then the rest, as people count ("tema 2" < "tema 10")."""
    numbers, rest = _split(name)
    return (numbers or (10**6,), _natural(rest))


def title_of(name: str) -> str:
    """The title that a name gives: without its number, with spaces for what stands for them, its case kept."""
    _numbers, rest = _split(name)
    text = re.sub(r"[_\s]+", " ", rest)
    if " " not in text:
        text = text.replace("-", " ")
    text = " ".join(unicodedata.normalize("NFC", text).split()).strip(" .-–—:")
    if not text:
        text = " ".join(re.sub(r"[_\s]+", " ", name).split()) or "Sin título"
    return text[0].upper() + text[1:]


def slug_of(text: str, taken: set[str] | frozenset[str] = frozenset(), empty: str = "curso") -> str:
    """A key of lower-case letters, digits and hyphens that is not `taken` and begins with a letter."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", bare)
    base = "-".join(words)[:_LONGEST_SLUG].strip("-") or empty
    if not base[0].isalpha():
        base = f"{empty}-{base}"[:_LONGEST_SLUG].strip("-")
    found, number = base, 2
    while found in taken:
        found, number = f"{base}-{number}", number + 1
    return found


def _split(name: str) -> tuple[tuple[int, ...], str]:
    """The numbers at the beginning of a name, and what follows."""
    found = _NUMBERED.match(name)
    if found and not (_YEAR.fullmatch(found["number"]) and not found["word"]):
        return tuple(int(part) for part in re.split(r"[.\-_]", found["number"])), name[found.end() :]
    roman = _ROMAN_NUMBERED.match(name)
    if roman:
        return (_roman(roman["number"]),), name[roman.end() :]
    return (), name


def _roman(text: str) -> int:
    values = [_VALUES[letter] for letter in text.lower()]
    return sum(-value if value < max(values[place:]) else value for place, value in enumerate(values))


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    bare = unicodedata.normalize("NFKD", text).casefold()
    return tuple(
        (0, int(part), "") if part.isdigit() and part.isascii() else (1, 0, part)
        for part in re.split(r"([0-9]{1,12})", bare)
        if part
    )
