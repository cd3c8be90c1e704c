"""Periods that people ask for: a year, a quarter, or any days from one to another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

_QUARTER = re.compile(r"(\d{4})-T([1-4])", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})", re.ASCII)
FIRST_YEAR, LAST_YEAR = 2000, 2100  # anything else is a slip of the keyboard
LONGEST = timedelta(days=366 * 5)


class PeriodError(ValueError):
    """A period that cannot be used. `code` is stable, `text` says what to write instead."""

    def __init__(self, code: str, text: LazyString) -> None:
        super().__init__(code)
        self.code = code
        self.text = text


@dataclass(frozen=True)
class Period:
    """Whole days from `first` to `last`, both counted. `label` is how it is written in an address ("2026-T4")."""

    first: date
    last: date
    label: str

    @property
    def is_quarter(self) -> bool:
        return _QUARTER.fullmatch(self.label) is not None

    def months(self) -> Iterator[tuple[int, int]]:
        """Year and month of every month that the period touches, in order."""
        year, month = self.first.year, self.first.month
        while (year, month) <= (self.last.year, self.last.month):
            yield year, month
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def parse(written: str) -> Period:
    """Read "2026-T4", "2026" or "2026-01-01..2026-03-31". Raises PeriodError."""
    text = written.strip().upper()
    if found := _QUARTER.fullmatch(text):
        return quarter(_year(found[1]), int(found[2]))
    if _YEAR.fullmatch(text):
        year = _year(text)
        return Period(date(year, 1, 1), date(year, 12, 31), text)
    if found := _DAYS.fullmatch(text):
        return _days(found[1], found[2])
    raise PeriodError(
        "period-format",
        _l("Ese periodo no se entiende. Escribe un trimestre (2026-T4), un año (2026) o 2026-01-01..2026-03-31."),
    )


def quarter(year: int, number: int) -> Period:
    """The quarter 1 to 4 of a year between 1 and 9998."""
    first = date(year, 3 * number - 2, 1)
    last = (date(year, first.month + 3, 1) if number < 4 else date(year + 1, 1, 1)) - timedelta(days=1)
    return Period(first, last, f"{year}-T{number}")


def quarter_of(day: date) -> Period:
    """The quarter that a day lies in."""
    return quarter(day.year, (day.month + 2) // 3)


def quarters_before(day: date, count: int) -> list[Period]:
    """The quarter of `day` and those before it, the newest first, `count` in all."""
    found = [quarter_of(day)]
    while len(found) < count:
        found.append(quarter_of(found[-1].first - timedelta(days=1)))
    return found


def _days(first: str, last: str) -> Period:
    try:
        period = Period(date.fromisoformat(first), date.fromisoformat(last), f"{first}..{last}")
    except ValueError as error:
        raise PeriodError("period-day", _l("Una de las fechas no existe. Revisa el día y el mes.")) from error
    _year(first[:4])
    _year(last[:4])
    if period.first > period.last:
        raise PeriodError("period-order", _l("El periodo termina antes de empezar. Invierte las fechas."))
    if period.last - period.first > LONGEST:
        raise PeriodError("period-length", _l("El periodo es demasiado largo. Pide cinco años o menos."))
    return period


def _year(written: str) -> int:
    year = int(written)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise PeriodError("period-year", _l("El año está fuera de lo que se puede consultar (2000 a 2100)."))
    return year
