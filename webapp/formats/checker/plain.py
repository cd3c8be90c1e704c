"""Tells apart, at a glance and many at once, the values of a column that need no judge: most of a workbook.

Whatever is not plain is only suspect. The judges of `cells` decide; nothing here is a rule.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Collection, Sequence
from typing import cast

from webapp.formats.model import FieldType, Value

SHORT, LONG = 150, 4_000  # most characters of a short and of a long text
# What SIPOTPE, a public pre-validator, allows in a text.
STRANGE = re.compile(r"""[^\w!"#$%&'()*+,\-.?¿¡@:;°/\s]""")
_COMMON = (string.ascii_letters + string.digits + "_ !\"#$%&'()*+,-.?@:;/\0").encode()
_URL = re.compile(r"https?://\w[\w-]*(\.[\w-]+)+([/?#]\S*)?")
_AT_ONCE = 1_000

Plain = Callable[[Collection[str]], bool]


def suspects(values: Sequence[Value], kind: FieldType) -> set[Value]:
    """The distinct values of a column that a judge must see."""
    plain = _PLAIN.get(kind)
    if plain is None:
        return set(values) - {None}
    found: set[Value] = set()
    for start in range(0, len(values), _AT_ONCE):
        distinct = set(values[start : start + _AT_ONCE]) - {None}
        texts = cast(set[str], distinct)
        if set(map(type, distinct)) != {str}:
            texts = {value for value in distinct if isinstance(value, str)}
            found |= distinct - texts
        if not plain(texts):
            found.update(text for text in texts if not plain([text]))
    return found


def _texts(most: int) -> Plain:
    """Texts of at most so many characters, without blanks at the ends, all of whose characters are allowed."""

    def are_plain(texts: Collection[str]) -> bool:
        if not texts:
            return True
        joined = "\0".join(["", *texts, ""])
        if max(map(len, texts)) > most or joined.count("\0") != len(texts) + 1:
            return False
        if "\0\0" in joined or "\0 " in joined or " \0" in joined or "\0#" in joined:  # "#" may begin an Excel error
            return False
        rest = joined.encode("utf-8", "surrogatepass").translate(None, _COMMON).decode("utf-8", "surrogatepass")
        return not STRANGE.search(rest) and not re.search(r"\s", rest)

    return are_plain


def _are_urls(texts: Collection[str]) -> bool:
    return all(map(_URL.fullmatch, texts))


_PLAIN: dict[FieldType, Plain] = {
    "short_text": _texts(SHORT),
    "long_text": _texts(LONG),
    "note": _texts(LONG),
    "url": _are_urls,
}
