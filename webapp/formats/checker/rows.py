"""Does each row agree with itself: its period, its year and its two dates?

`Fecha de validación` is in no layout after 2023: every rule holds only where the layout has the columns that it speaks of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from webapp.formats.checker.findings import Fault, Findings
from webapp.formats.checker.grid import Grid, Role
from webapp.formats.checker.values import date_of, judged, text_of, year_of
from webapp.formats.model import Period

_MONTHS: dict[Period, int] = {"quarterly": 3, "half-yearly": 6, "yearly": 12}
_NAMES = {3: "un trimestre", 6: "un semestre", 12: "un año"}
_PERIODS: dict[Period, str] = {"quarterly": "trimestral", "half-yearly": "semestral", "yearly": "anual"}
_DAY = timedelta(days=1)
_ROLES: tuple[Role, ...] = ("exercise", "start", "end", "validation", "update")


Said = tuple[Role, Fault]


@dataclass(frozen=True)
class Dates:
    """What the dates of a row say; None where a cell says nothing or the layout has no such column."""

    exercise: int | None
    start: date | None
    end: date | None
    validation: date | None
    update: date | None


def check_rows(grid: Grid, period: Period, findings: Findings, today: date) -> None:
    """Judge the dates of every row of the main sheet."""
    keys = list(zip(*(_parsed(grid, role) for role in _ROLES), strict=True))

    def judge(key: tuple[int | date | None, ...]) -> list[Said] | None:
        return list(_row(Dates(*key), period, today)) or None  # type: ignore[arg-type]

    for place, said in judged(keys, judge, set(keys)):
        for role, fault in said:
            grid.add(findings, fault, place, grid.roles[role])


def _parsed(grid: Grid, role: Role) -> Sequence[int | date | None]:
    """The years or days of a column, by row."""
    if role not in grid.roles:
        return [None] * len(grid.numbers)
    values = grid.roles[role].values
    parse = year_of if role == "exercise" else date_of
    return list(map({value: parse(value) for value in set(values)}.__getitem__, values))


def _row(dates: Dates, period: Period, today: date) -> Iterator[Said]:
    yield from filter(None, [_period(dates.start, dates.end, period), _year(dates.exercise, dates.start, dates.end)])
    yield from filter(None, [_validation(dates.validation, dates.update, dates.end)])
    yield from filter(None, [_future("validation", dates.validation, today), _future("update", dates.update, today)])


def _period(start: date | None, end: date | None, period: Period) -> Said | None:
    if start is None or end is None:
        return None
    if start > end:
        return "start", Fault("period_reversed", {"end": text_of(end)})
    parts = {"start": text_of(start), "end": text_of(end)}
    if not _opens_quarter(start):
        return "start", Fault("period_shape", parts)
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    if not _closes_quarter(end):
        return "end", Fault("period_shape", parts)
    expected = _MONTHS.get(period)
    if expected is None or (months == expected and (start.month - 1) % months == 0):
        return None
    if months not in _NAMES or (start.month - 1) % months:
        return "end", Fault("period_shape", parts)
    return "end", Fault("period_length", {**parts, "found": _NAMES[months], "period": _PERIODS[period]})


def _opens_quarter(day: date) -> bool:
    return day.day == 1 and day.month in (1, 4, 7, 10)


def _closes_quarter(day: date) -> bool:
    return day == date.max or _opens_quarter(day + _DAY)


def _year(year: int | None, start: date | None, end: date | None) -> Said | None:
    if year is None or start is None or end is None or start.year <= year <= end.year or start > end:
        return None
    period = str(start.year) if start.year == end.year else f"{start.year}–{end.year}"
    return "exercise", Fault("year_mismatch", {"period": period})


def _validation(validation: date | None, update: date | None, end: date | None) -> Said | None:
    if validation is None:
        return None
    if update and validation < update:
        return "validation", Fault("validation_before_update", {"update": text_of(update)})
    if end and validation <= end:
        return "validation", Fault("validation_within_period", {"end": text_of(end)})
    return None


def _future(role: Role, day: date | None, today: date) -> Said | None:
    return (role, Fault("date_in_future", {"today": text_of(today)})) if day and day > today else None
