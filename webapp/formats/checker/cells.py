"""Is each cell of the shape that its type asks for? One fault a cell: the one that matters most.

The shapes are those of SIPOTPE, a public pre-validator of loads: blanks at the ends are cut first, then the type is judged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, time

from webapp.formats.checker.findings import Fault, Findings, together
from webapp.formats.checker.grid import Column, Structure, role_of
from webapp.formats.checker.integrity import HINT
from webapp.formats.checker.plain import LONG, SHORT, STRANGE
from webapp.formats.checker.values import date_of, folded, judged, real_date, text_of, year_of
from webapp.formats.model import Field, Value

Judge = Callable[[Value], Fault | None]

FIRST_YEAR = 2000


_ERRORS = re.compile(
    r"#(REF|N/A|NAME|VALUE|DIV/0|NULL|NUM|SPILL|CALC|¡REF|¿NOMBRE|¡VALOR|¡DIV/0|¡NULO|¡NUM)[!?]?", re.I
)
_PLAIN_NUMBER = re.compile(r"[-+]?(\d{1,12})(\.\d{1,2})?", re.ASCII)
_ANY_NUMBER = re.compile(r"[-+]?(\d+)(\.\d*)?", re.ASCII)
_WITH_COMMAS = re.compile(r"[-+]?\d[\d,]*,\d+(\.\d+)?|[-+]?\d+,\d+", re.ASCII)
_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)
_SHORT_YEAR = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2}", re.ASCII)
_AMOUNT = re.compile(r"\$\s*\d[\d,]*(\.\d+)?|\d{1,3}(,\d{3})+(\.\d+)?|\d+\.\d+", re.ASCII)  # money, and no id
_WHOLE = re.compile(r"\d{1,15}", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_URL = re.compile(r"(https?|ftp)://[^\s/.?#]+(\.[^\s/.?#]+)*\.?(:\d+)?([/?#].*)?", re.IGNORECASE | re.DOTALL)
_LOCAL = re.compile(r"[a-z]:[\\/]|\\\\|file:", re.IGNORECASE)
_FILE = re.compile(r"[^/\\]+\.(pdf|docx?|xlsx?|pptx?|zip|rar|jpe?g|png|html?|txt|csv)", re.IGNORECASE)
_MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip


def check_cells(structure: Structure, findings: Findings, today: date) -> None:
    """Judge every cell of the main sheet and of the tables by the type of its column."""
    for grid in structure.grids():
        for column in grid.columns:
            if column.field.id:  # the `ID` of a table is no field; the tables are judged as a whole
                judge = _judge(column, structure, today)
                grid.report(findings, column, judged(column.values, judge, column.suspects))


def _judge(column: Column, structure: Structure, today: date) -> Judge:
    shape = _shape(column, structure, today)

    def judge(value: Value) -> Fault | None:
        if value is None:
            return None
        if fault := shape(value):
            return fault
        return Fault("blanks_at_ends") if isinstance(value, str) and value != value.strip() else None

    return judge


def _shape(column: Column, structure: Structure, today: date) -> Judge:
    """What judges the type of a column."""
    field = column.field
    if field.type == "catalogue":
        return _catalogue(field)
    if field.type == "table":
        grid = structure.tables.get(field.table)
        return _table_id({id_of(value) for value in grid.columns[0].values} if grid else None)
    if role_of(field) == "exercise" and field.type != "year":
        return _exercise
    if field.type == "year":
        return lambda value: _year(value, today)
    return _SHAPES.get(field.type, _anything)


def _anything(value: Value) -> Fault | None:
    return None


# --- text -------------------------------------------------------------------------------------------------------


def _short_text(value: Value) -> Fault | None:
    return _text(value, "short_text_too_long", SHORT)


def _long_text(value: Value) -> Fault | None:
    return _text(value, "long_text_too_long", LONG)


def _text(value: Value, too_long: str, most: int) -> Fault | None:
    text = unicodedata.normalize("NFC", text_of(value).strip())
    if len(text) > most:
        return Fault(too_long, {"length": f"{len(text):,}", "most": f"{most:,}"})
    if _ERRORS.fullmatch(text):
        return Fault("error_value")
    if strange := STRANGE.findall(text):
        return Fault("text_characters", {"characters": _named(list(dict.fromkeys(strange)))})
    return None


def _named(characters: Sequence[str], most: int = 5) -> str:
    """Characters one after the other: as they look, and by number where nothing is to be seen."""
    named = " ".join(one if one.isprintable() else f"U+{ord(one):04X}" for one in characters[:most])
    return f"{named} y {len(characters) - most} más" if len(characters) > most else named


# --- numbers ----------------------------------------------------------------------------------------------------


def _number(value: Value) -> Fault | None:
    if isinstance(value, float) and -1e12 < value < 1e12 and round(value, 2) == value:
        return None
    text = text_of(value).strip()
    if isinstance(value, date | time):
        return Fault("not_a_number")
    if _PLAIN_NUMBER.fullmatch(text):
        return None
    if match := _ANY_NUMBER.fullmatch(text):
        return Fault("amount_digits" if len(match[1]) > 12 else "amount_decimals")
    bare = re.sub(r"^[-+]?\s*(\$|mxn)\s*|\s*(\$|mxn|m\.n\.|pesos)$", "", text, flags=re.IGNORECASE)
    if bare != text and (_ANY_NUMBER.fullmatch(bare) or _WITH_COMMAS.fullmatch(bare)):
        return Fault("amount_symbol")
    return Fault("amount_commas" if _WITH_COMMAS.fullmatch(text) else "not_a_number")


# --- dates, hours and years -------------------------------------------------------------------------------------


def _date(value: Value) -> Fault | None:
    if date_of(value):
        return None
    text = text_of(value).strip()
    if isinstance(value, int | float):
        return Fault("date_as_number")
    if match := _DATE.fullmatch(text):
        return Fault("date_impossible", {"reason": _no_such_day(int(match[1]), int(match[2]), int(match[3]))})
    return Fault("date_two_digit_year" if _SHORT_YEAR.fullmatch(text) else "date_shape")


def _no_such_day(day: int, month: int, year: int) -> str:
    """Why the calendar has no such day."""
    if not 1 <= month <= 12:
        swapped = " (parece que el mes y el día están al revés)" if real_date(month, day, year) else ""
        return f"no hay mes {month}{swapped}"
    if not year:
        return "no hay año 0000"
    last = next(last for last in (31, 30, 29, 28) if real_date(last, month, year))
    return f"{_MONTHS[month - 1]} de {year} tiene {last} días"


def _time(value: Value) -> Fault | None:
    if isinstance(value, time | datetime) or _CLOCK.fullmatch(text_of(value).strip()):
        return None
    return Fault("time_shape")


def _year(value: Value, today: date) -> Fault | None:
    year = year_of(value)
    return None if year and FIRST_YEAR <= year <= today.year else Fault("year_shape", {"last": str(today.year)})


def _exercise(value: Value) -> Fault | None:
    """`Ejercicio` is a short text in templates of 2018, and nevertheless a year."""
    return None if year_of(value) else Fault("exercise_shape")


# --- links, catalogues and tables -------------------------------------------------------------------------------


def _url(value: Value) -> Fault | None:
    text = text_of(value).strip()
    if _URL.fullmatch(text):
        return Fault("url_blanks") if re.search(r"\s", text) else None
    if _LOCAL.match(text):
        return Fault("url_local_path")
    return Fault("url_file_name" if _FILE.fullmatch(text) else "url_incomplete")


def _catalogue(field: Field) -> Judge:
    exact = set(field.catalogue)
    cased = {value.strip().casefold(): value for value in reversed(field.catalogue)}
    alike = {folded(value): value for value in reversed(field.catalogue)}

    def judge(value: Value) -> Fault | None:
        text = text_of(value)
        if text in exact or not exact:
            return None
        if right := cased.get(text.strip().casefold()):
            return Fault("catalogue_case", {"expected": right})
        if right := alike.get(folded(text)):
            return Fault("catalogue_spelling", {"expected": right})
        return Fault("catalogue_unknown", {"options": together(field.catalogue)})

    return judge


def _table_id(known: Collection[str] | None) -> Judge:
    """`known` are the ids of the table; None when its sheet is missing, which has been said already."""

    def judge(value: Value) -> Fault | None:
        text = text_of(value).strip()
        if text.startswith(HINT):
            return Fault("table_hint_left")
        found = id_of(value)
        if found and (known is None or found in known):
            return None
        if not found and _AMOUNT.fullmatch(text):
            return Fault("table_amount")
        return Fault("table_id_unknown" if found else "table_id_not_number")

    return judge


def id_of(value: Value) -> str:
    """The whole number that links a row to a table, without zeros in front; "" for what is no such number."""
    if type(value) is int or (type(value) is float and value.is_integer()):  # nearly all of them
        return str(int(value)) if 0 <= value < 1e15 else ""
    if isinstance(value, date | time):
        return ""
    text = text_of(value).strip()
    return text.lstrip("0") or "0" if _WHOLE.fullmatch(text) else ""


_SHAPES: dict[str, Judge] = {
    "short_text": _short_text,
    "long_text": _long_text,
    "note": _long_text,
    "number": _number,
    "money": _number,
    "date": _date,
    "update_date": _date,
    "time": _time,
    "url": _url,
}
