"""What a cell holds, as a person would type it and as the rules compare it."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import zip_longest
from typing import TypeVar

from webapp.formats.model import Value

_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)
_MOST_SHOWN = 80

Key = TypeVar("Key", bound=Hashable)
Outcome = TypeVar("Outcome")


def is_empty(value: Value) -> bool:
    """Nothing, or nothing but blanks."""
    return value is None or (isinstance(value, str) and not value.strip())


def text_of(value: Value) -> str:
    """A value as a person sees or types it: dates as dd/mm/aaaa, numbers with at most 15 digits as Excel shows them."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "VERDADERO" if value else "FALSO"
    if isinstance(value, int | float):
        return _number_text(value)
    if isinstance(value, time):
        return f"{value:%H:%M}" if not (value.second or value.microsecond) else f"{value:%H:%M:%S}"
    return f"{value.day:02d}/{value.month:02d}/{value.year:04d}"


def _number_text(value: int | float) -> str:
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = f"{Decimal(f'{value:.15g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def shown(value: Value) -> str:
    """A value for a sentence: one line, cut where it is long."""
    text = " ".join(text_of(value).split("\n"))
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"


def date_of(value: Value) -> date | None:
    """The day that a native cell or a text dd/mm/aaaa names; None when it names none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str) and (match := _DATE.fullmatch(value.strip())):
        return real_date(int(match[1]), int(match[2]), int(match[3]))
    return None


def real_date(day: int, month: int, year: int) -> date | None:
    """A day of the calendar, or None where the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def year_of(value: Value) -> int | None:
    """The year that a cell holds as four digits, typed as text or as a number."""
    text = text_of(value).strip()
    return int(text) if re.fullmatch(r"\d{4}", text, re.ASCII) else None


def folded(text: str) -> str:
    """A text without case, accents and repeated blanks, to see whether two differ in nothing else."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in apart if not unicodedata.combining(letter)).split())


def same_label(one: str, other: str) -> bool:
    """Whether two headers say the same: templates carry blanks and line breaks that mean nothing."""
    return one == other or folded(one) == folded(other)


def is_filled(row: Sequence[Value]) -> bool:
    """Whether any cell of a row holds something."""
    return any(value is not None and not is_empty(value) for value in row)


def columns_of(rows: Sequence[Sequence[Value]], width: int) -> list[Sequence[Value]]:
    """The first `width` columns of rows that end where their last value is."""
    if max(map(len, rows), default=0) > width:
        rows = [row[:width] for row in rows]
    columns: list[Sequence[Value]] = list(zip_longest(*rows))
    return columns + [(None,) * len(rows)] * (width - len(columns))


def judged(
    keys: Sequence[Key], judge: Callable[[Key], Outcome | None], suspects: Collection[Key]
) -> Iterator[tuple[int, Outcome]]:
    """Each place whose key is among `suspects` and about which `judge` has something to say.

    A key is judged once, wherever it stands. This is what keeps the check of 100,000 rows near the time of reading them.
    Where hardly any key comes twice, what was said of each is not remembered: that would only take memory.
    """
    if 2 * len(suspects) > len(keys):
        for index, key in enumerate(keys):
            if (said := judge(key)) is not None:
                yield index, said
        return
    outcomes = {key: outcome for key in suspects if (outcome := judge(key)) is not None}
    if outcomes:
        for index, key in enumerate(keys):
            if key in outcomes:
                yield index, outcomes[key]
