"""The bank of mistakes that really happen, and how each is made. Which there are is data: `mistakes.yaml`."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import yaml

from webapp.formats import layout
from webapp.formats.checker.grid import Role, role_of
from webapp.formats.fiction import plain
from webapp.formats.model import Field, Format, Value, Workbook

Rows = list[list[Value]]
Cell = tuple[str, int, int]  # sheet, row and column from 0

MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip
EXCEL_EPOCH = date(1899, 12, 30)
TOO_LONG, FAR_TOO_LONG = 151, 4_001  # characters: one more than a short and than a long text may have
HEADING = {"short_name": (layout.NAME_ROW, 3), "format_id": (layout.FORMAT_ID_ROW, 0)}  # cells by what they hold


@dataclass(frozen=True)
class Mistake:
    """A kind of mistake: where it makes sense and what stands in the cell then.

    `place` is where it is made: data cells, the rows of headers, ids or types, A1, NOMBRE CORTO, or a row that is added.
    """

    code: str
    difficulty: int
    place: str
    types: tuple[str, ...]
    match: re.Pattern[str]
    required: bool | None
    texts: tuple[str, ...]
    change: str

    def suits(self, field: Field) -> bool:
        """Whether the mistake makes sense in cells of that column."""
        if self.required is not None and self.required != field.required:
            return False
        return field.type in self.types and bool(self.match.search(plain(field.name)))


@dataclass(frozen=True)
class Spot:
    """A place where a mistake can be made, as the check will name it. `column` is None where it names a whole row."""

    sheet: str
    row: int
    column: int | None = None
    field: Field | None = None


class Draft:
    """A workbook that can still be changed."""

    def __init__(self, format: Format, workbook: Workbook) -> None:
        self.format, self._workbook = format, workbook
        self.sheets: dict[str, Rows] = {
            name: [list(row) for row in sheet.rows] for name, sheet in workbook.sheets.items()
        }
        self.roles: dict[Role, int] = {
            role: index for index, field in layout.columns(format) if (role := role_of(field))
        }

    def workbook(self) -> Workbook:
        """The workbook as it stands now."""
        sheets = {name: replace(self._workbook.sheets[name], rows=rows) for name, rows in self.sheets.items()}
        return replace(self._workbook, sheets=sheets)

    def value(self, sheet: str, row: int, column: int) -> Value:
        """What a cell holds."""
        values = self.sheets[sheet][row]
        return values[column] if column < len(values) else None

    def put(self, changes: Mapping[Cell, Value]) -> dict[Cell, Value]:
        """Write cells, also of the first row after the last, and give what stood there. Writing that undoes it."""
        before: dict[Cell, Value] = {}
        for (sheet, row, column), value in changes.items():
            rows = self.sheets[sheet]
            if row == len(rows):
                rows.append([])
            rows[row] += [None] * (column + 1 - len(rows[row]))
            before[sheet, row, column] = rows[row][column]
            rows[row][column] = value
            while rows and all(value is None for value in rows[-1]):
                rows.pop()
        return before

    def day(self, row: int, role: Role) -> date | None:
        """The date that the main sheet holds in the column of that role."""
        value = self.value(layout.MAIN_SHEET, row, self.roles[role]) if role in self.roles else None
        return value if isinstance(value, date) else None


@cache
def bank() -> tuple[Mistake, ...]:
    """All mistakes, read once."""
    data = yaml.safe_load(Path(__file__).with_name("mistakes.yaml").read_text(encoding="utf-8"))
    return tuple(
        Mistake(
            entry["code"],
            entry["difficulty"],
            entry.get("place") or entry.get("add") or "cell",
            tuple(entry.get("types", ())),
            re.compile(entry.get("match", "")),
            entry.get("required"),
            tuple(entry.get("text", ())),
            entry.get("change", ""),
        )
        for entry in data
    )


def spots(mistake: Mistake, draft: Draft) -> Iterator[Spot]:
    """Where the mistake could be made, as far as types and names of columns tell."""
    format = draft.format
    if mistake.place in HEADING:
        yield Spot(layout.MAIN_SHEET, *HEADING[mistake.place])
        return
    for table_id in ("", *(table.id for table in format.tables)):
        sheet = layout.table_sheet(table_id) if table_id else layout.MAIN_SHEET
        first = layout.TABLE_FIRST_ROW if table_id else layout.FIRST_ROW
        last = len(draft.sheets[sheet])
        if mistake.place == "row_again":
            yield Spot(sheet, last)
        if mistake.place == "table_row" and table_id:
            yield Spot(sheet, last, 0)
        for column, field in layout.columns(format, table_id):
            if mistake.place == "header":
                yield Spot(sheet, layout.TABLE_HEADER_ROW if table_id else layout.HEADER_ROW, column, field)
            elif mistake.place == "field_id":
                yield Spot(sheet, layout.TABLE_ID_ROW if table_id else layout.ID_ROW, column, field)
            elif mistake.place == "type_code":
                yield Spot(sheet, layout.TABLE_CODE_ROW if table_id else layout.CODE_ROW, column, field)
            elif mistake.place == "cell" and mistake.suits(field):
                yield from (Spot(sheet, row, column, field) for row in range(first, last))


def spoil(mistake: Mistake, draft: Draft, spot: Spot, choice: int) -> dict[Cell, Value]:
    """The cells that make the mistake at that spot; none where it cannot be made. `choice` is any whole number."""
    if mistake.place == "row_again":
        return _again(draft, spot, choice)
    if mistake.place == "table_row":
        return _unused(draft, spot, choice)
    assert spot.column is not None
    here = (spot.sheet, spot.row, spot.column)
    value = draft.value(*here)
    if mistake.texts:
        return {here: mistake.texts[choice % len(mistake.texts)]}
    if mistake.change in ROW_CHANGES:
        changed = ROW_CHANGES[mistake.change](draft, spot.row)
        return {(spot.sheet, spot.row, draft.roles[role]): new for role, new in changed.items()}
    if mistake.change == "hint":
        return {here: layout.hint(spot.field.table)} if spot.field else {}
    new = CHANGES[mistake.change](value)
    return {} if new == value and isinstance(new, type(value)) else {here: new}


def _again(draft: Draft, spot: Spot, choice: int) -> dict[Cell, Value]:
    """An earlier row once more, below the last one."""
    first = layout.FIRST_ROW if spot.sheet == layout.MAIN_SHEET else layout.TABLE_FIRST_ROW
    rows = draft.sheets[spot.sheet][first:]
    return _row(spot, rows[choice % len(rows)]) if rows else {}


def _unused(draft: Draft, spot: Spot, choice: int) -> dict[Cell, Value]:
    """A row of a table under a number that no row of the main sheet has."""
    rows = draft.sheets[spot.sheet][layout.TABLE_FIRST_ROW :]
    return _row(spot, [UNKNOWN_ID + choice % 9, *rows[choice % len(rows)][1:]]) if rows else {}


def _row(spot: Spot, values: list[Value]) -> dict[Cell, Value]:
    return {(spot.sheet, spot.row, column): value for column, value in enumerate(values)}


# What becomes of a value. A function that cannot spoil it gives it back as it was.

UNKNOWN_ID = 901


def _text(change: Callable[[str], str]) -> Callable[[Value], Value]:
    return lambda value: change(value) if isinstance(value, str) else value


def _day(change: Callable[[date], Value]) -> Callable[[Value], Value]:
    return lambda value: change(value) if isinstance(value, date) else value


def _amount(change: Callable[[float], Value]) -> Callable[[Value], Value]:
    return lambda value: change(value) if isinstance(value, int | float) else value


def _impossible_day(day: date) -> str:
    """The day after the last of its month; of a month with 31 days, that of the month before."""
    month = day.month if calendar.monthrange(day.year, day.month)[1] < 31 else day.month - 1 or 11
    return f"{calendar.monthrange(day.year, month)[1] + 1}/{month:02d}/{day.year}"


def _date_in_words(day: date) -> str:
    return f"{day.day} de {MONTHS[day.month - 1]} de {day.year}"


def _digits(value: float) -> float:
    return value * 10.0 ** (13 - len(str(int(abs(value)))))


CHANGES: dict[str, Callable[[Value], Value]] = {
    "empty": lambda value: None,
    "blank_at_end": _text(lambda text: f"{text} "),
    "capitals": _text(str.upper),
    "without_accents": _text(lambda text: _unaccented(text)),
    "angle_quotes": _text(lambda text: f"«{text}»"),
    "too_long": _text(lambda text: _repeated(text, TOO_LONG)),
    "far_too_long": _text(lambda text: _repeated(text, FAR_TOO_LONG)),
    "as_text": _text(lambda code: "1" if code != "1" else "2"),
    "without_scheme": _text(lambda text: text.removeprefix("https://")),
    "blank_inside": _text(lambda text: text.replace("-", " ")),
    "other_id": _text(lambda text: f"9{text[1:]}" if text[:1] != "9" else f"8{text[1:]}"),
    "impossible_day": _day(_impossible_day),
    "date_in_words": _day(_date_in_words),
    "two_digit_year": _day(lambda day: f"{day:%d/%m/%y}"),
    "serial_number": _day(lambda day: (day - EXCEL_EPOCH).days),
    "a_century_later": _day(lambda day: day.replace(year=day.year + 100)),
    "start_mistyped": _day(lambda day: day.replace(day=calendar.monthrange(day.year, day.month)[1])),
    "next_year": _day(lambda day: day.replace(year=day.year + 1)),
    "year_before": _amount(lambda year: int(year) - 1),
    "amount": _amount(lambda number: 4498.3 + 10 * number),
    "unknown_id": _amount(lambda number: UNKNOWN_ID + int(number)),
    "currency_sign": _amount(lambda amount: f"${amount:,.2f}"),
    "thousands": _amount(lambda amount: f"{amount:,.2f}" if amount >= 1000 else amount),
    "third_decimal": _amount(lambda amount: round(amount + 0.005, 3)),
    "too_many_digits": _amount(_digits),
}


def _repeated(text: str, length: int) -> str:
    return f"{text}, " * (length // (len(text) + 2) + 1) + text


def _unaccented(text: str) -> str:
    return text.translate(str.maketrans("áéíóúÁÉÍÓÚñÑ", "aeiouAEIOUnN"))


def _period_end(draft: Draft, row: int) -> dict[Role, Value]:
    end = draft.day(row, "end")
    return {"validation": end} if end else {}


def _before_update(draft: Draft, row: int) -> dict[Role, Value]:
    update = draft.day(row, "update")
    return {"validation": update - timedelta(days=9)} if update else {}


def _shorter_period(draft: Draft, row: int) -> dict[Role, Value]:
    start, end = draft.day(row, "start"), draft.day(row, "end")
    if not start or not end or (end - start).days < 100:
        return {}
    return {"end": _months_later(start, 3) - timedelta(days=1)}


def _year_before(draft: Draft, row: int) -> dict[Role, Value]:
    start, end = draft.day(row, "start"), draft.day(row, "end")
    if not start or not end or "exercise" not in draft.roles:
        return {}
    exercise: Value = str(start.year - 1)
    return {
        "exercise": exercise,
        "start": _months_later(start, -12),
        "end": _months_later(start, _months(start, end) - 12) - timedelta(days=1),
    }


def _months(start: date, end: date) -> int:
    """How many months a period has, both of its own included."""
    return (end.year - start.year) * 12 + end.month - start.month + 1


def _period_before(draft: Draft, row: int) -> dict[Role, Value]:
    start, end = draft.day(row, "start"), draft.day(row, "end")
    if not start or not end:
        return {}
    earlier = _months_later(start, start.month - end.month - 1)
    return {"start": earlier, "end": start - timedelta(days=1)} if earlier.year == start.year else {}


def _months_later(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


ROW_CHANGES: dict[str, Callable[[Draft, int], dict[Role, Value]]] = {
    "period_end": _period_end,
    "before_update": _before_update,
    "shorter_period": _shorter_period,
    "period_before": _period_before,
    "year_before_in_all": _year_before,
}
