"""Does each row agree with itself: its period, its year and its two dates?

`Fecha de validación` is in no layout after 2023: every rule holds only where the layout has the columns that it speaks of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from webapp.formats.checker.findings import Fault, Findings
from webapp.formats.checker.grid import Column, Grid, Role
from webapp.formats.checker.values import date_of, judged, text_of, year_of
from webapp.formats.model import Period

_MONTHS: dict[Period, int] = {"quarterly": 3, "half-yearly": 6, "yearly": 12}
_NAMES = {3: "un trimestre", 6: "un semestre", 12: "un año"}
_PERIODS: dict[Period, str] = {"quarterly": "trimestral", "half-yearly": "semestral", "yearly": "anual"}
_DAY = timedelta(days=1)

Values = tuple[object, ...]
Judge = Callable[..., tuple[Role, Fault] | None]


def check_rows(grid: Grid, period: Period, findings: Findings, today: date) -> None:
    """Judge the dates of every row of the main sheet."""
    _check(grid, ("start", "end"), lambda start, end: _period(start, end, period), findings)
    _check(grid, ("exercise", "start", "end"), _year, findings)
    _check(grid, ("validation", "update", "end"), _validation, findings)
    _check(grid, ("update",), lambda update: _future("update", update, today), findings)
    _check(grid, ("validation",), lambda validation: _future("validation", validation, today), findings)


def _check(grid: Grid, roles: Sequence[Role], judge: Judge, findings: Findings) -> None:
    """Judge the columns of some roles together; roles that the layout lacks are judged as None."""
    columns: list[Column | None] = [grid.roles.get(role) for role in roles]
    if columns[0] is None:
        return
    read = [year_of if role == "exercise" else date_of for role in roles]
    nothing: list[object] = [None] * len(grid.numbers)
    parsed = [
        list(map({value: parse(value) for value in set(column.values)}.__getitem__, column.values))
        if column
        else nothing
        for column, parse in zip(columns, read, strict=True)
    ]
    keys: list[Values] = list(zip(*parsed, strict=True))
    for place, (role, fault) in judged(keys, lambda values: judge(*values)):
        grid.add(findings, fault, place, grid.roles[role])


def _period(start: date | None, end: date | None, period: Period) -> tuple[Role, Fault] | None:
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


def _year(year: int | None, start: date | None, end: date | None) -> tuple[Role, Fault] | None:
    if year is None or start is None or end is None or start.year <= year <= end.year or start > end:
        return None
    period = str(start.year) if start.year == end.year else f"{start.year}–{end.year}"
    return "exercise", Fault("year_mismatch", {"period": period})


def _validation(validation: date | None, update: date | None, end: date | None) -> tuple[Role, Fault] | None:
    if validation is None:
        return None
    if update and validation < update:
        return "validation", Fault("validation_before_update", {"update": text_of(update)})
    if end and validation <= end:
        return "validation", Fault("validation_within_period", {"end": text_of(end)})
    return None


def _future(role: Role, day: date | None, today: date) -> tuple[Role, Fault] | None:
    return (role, Fault("date_in_future", {"today": text_of(today)})) if day and day > today else None
