"""What holds for every format and for any content: right workbooks, one mistake anywhere, and cells of any kind."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.formats.workbooks import FORMATS, JUDGED, MAIN, Sheets, book, checked, places, right_sheets
from webapp.formats import layout
from webapp.formats.checker.grid import role_of
from webapp.formats.definitions import Library
from webapp.formats.model import Field, Format, Value, address

ART_70 = 78  # formats of art. 70 of the law of 2015 of which the whole layout is known


@cache
def formats() -> tuple[Format, ...]:
    return Library(FORMATS).formats


def test_a_right_workbook_of_any_format_has_no_finding() -> None:
    known = [format for format in formats() if format.layout == "load-2018"]
    assert sum(format.framework == "lgtaip-2015-michoacan" and format.article == "70" for format in known) == ART_70
    found = {format.id: places(checked(format, right_sheets(format, rows=3))) for format in known}
    assert {name: places for name, places in found.items() if places} == {}


def test_a_right_workbook_of_a_format_of_2016_is_only_noted_as_such() -> None:
    old = [format for format in formats() if format.layout == "load-2016"]
    assert old
    for format in old:
        sheets = {name.replace("Tabla_", "Tabla "): rows for name, rows in right_sheets(format, rows=2).items()}
        assert [one.code for one in checked(format, sheets, "load-2016").findings] == ["layout_2016"]


# Wrong values by the type of a column, and what must be said of each.
MISTAKES: dict[str, list[tuple[Value, str]]] = {
    "short_text": [("x" * 151, "short_text_too_long"), ("a – b", "text_characters"), ("a ", "blanks_at_ends")],
    "long_text": [("x" * 4001, "long_text_too_long"), ("“a”", "text_characters"), (" a", "blanks_at_ends")],
    "note": [("x y z " * 700, "long_text_too_long"), ("a = b", "text_characters")],
    "date": [("31/06/2021", "date_impossible"), ("1/3/2021", "date_shape"), (45747.0, "date_as_number")],
    "update_date": [("32/12/2018", "date_impossible"), (None, "update_date_empty")],
    "money": [("$5.00", "amount_symbol"), ("1,000", "amount_commas"), (1.234, "amount_decimals")],
    "number": [("cinco", "not_a_number"), (1e13, "amount_digits")],
    "url": [("E:\\a.pdf", "url_local_path"), ("a.pdf", "url_file_name"), ("www.a.mx", "url_incomplete")],
    "catalogue": [("Fuera de la lista", "catalogue_unknown")],
    "table": [(4498.3, "table_amount"), ("Ver tabla", "table_id_not_number"), (987, "table_id_unknown")],
    "year": [("19", "year_shape")],
    "time": [("9:30", "time_shape")],
}


def _mistakes(field: Field) -> list[tuple[Value, str]]:
    if role_of(field) == "exercise":
        return [("Ejercicio 2025", "exercise_shape" if field.type != "year" else "year_shape")]
    if field.type == "catalogue" and not field.catalogue:
        return []
    return MISTAKES.get(field.type, [])


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[Format, Sheets, tuple[str, str, str]]:
    """A workbook with one mistake in one cell, and where it is."""
    format = draw(st.sampled_from([format for format in formats() if format.layout == "load-2018"]))
    sheets = right_sheets(format, rows=3)
    table = draw(st.sampled_from(["", *(table.id for table in format.tables)]))
    sheet, first = (layout.table_sheet(table), layout.TABLE_FIRST_ROW) if table else (MAIN, layout.FIRST_ROW)
    places = [(column, wrong) for column, field in layout.columns(format, table) for wrong in _mistakes(field)]
    column, (value, code) = draw(st.sampled_from(places))
    row = draw(st.integers(first, len(sheets[sheet]) - 1))
    sheets[sheet][row][column] = value
    return format, sheets, (code, sheet, address(row, column))


@given(spoiled())
@settings(max_examples=150, deadline=None)
def test_one_mistake_in_any_cell_is_found_there_and_nothing_else(
    case: tuple[Format, Sheets, tuple[str, str, str]],
) -> None:
    format, sheets, place = case
    assert places(checked(format, sheets)) == [place]


ANY_VALUE: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.text(max_size=30), st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes(), st.times(),
    st.from_regex(r"\d{1,4}[/-]\d{1,2}[/-]\d{0,5}", fullmatch=True), st.sampled_from(["\ud800", "\0", "#N/A", "{0}", "{x"]),
)  # fmt: skip
ANY_ROW = st.lists(ANY_VALUE, max_size=20)


@given(st.lists(ANY_ROW, max_size=6), st.lists(ANY_ROW, max_size=4))
@settings(max_examples=150, deadline=None)
def test_data_of_any_kind_are_answered(rows: list[list[Value]], table_rows: list[list[Value]]) -> None:
    sheets = right_sheets(JUDGED, rows=1)
    sheets[MAIN] += rows
    sheets["Tabla_109"] += table_rows
    for finding in checked(JUDGED, sheets).findings:
        assert finding.message
        assert finding.sheet in sheets


@given(st.dictionaries(st.sampled_from([MAIN, "Tabla_109", "Hidden_1", "x"]), st.lists(ANY_ROW, max_size=12)))
@settings(max_examples=150, deadline=None)
def test_sheets_of_any_kind_are_answered(sheets: dict[str, list[list[Value]]]) -> None:
    assert checked(JUDGED, sheets).findings


@given(st.permutations(range(6)))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_said_of_a_row_does_not_hang_on_where_it_stands(order: list[int]) -> None:
    sheets = right_sheets(JUDGED, rows=6)
    rows = sheets[MAIN][7:]
    rows[0][4] = "a – b"
    rows[1][2] = "31/06/2021"
    rows[2][0] = "2024"
    rows[3][13] = date(2025, 3, 31)
    rows[4][4], rows[4][15] = None, "N A"
    expected = {
        0: "text_characters",
        1: "date_impossible",
        2: "year_mismatch",
        3: "validation_before_update",
        4: "poor_note",
    }
    sheets[MAIN][7:] = [rows[number] for number in order]
    found = {order[finding.row - 7]: finding.code for finding in checked(JUDGED, sheets).findings if finding.row}
    assert found == expected


@given(
    st.lists(st.tuples(st.sampled_from([None, " ", "a", "A ", "b"]), st.sampled_from([None, 0, 1, True, False, 2.5])))
)
@settings(max_examples=100, deadline=None)
def test_a_column_is_judged_cell_by_cell_however_its_values_repeat(cells: list[tuple[Value, Value]]) -> None:
    """Distinct values are judged once; this compares with each row judged in a workbook of its own."""
    together = right_sheets(JUDGED, rows=len(cells))
    alone: Counter[tuple[str, int]] = Counter()
    for number, (text, amount) in enumerate(cells):
        single = right_sheets(JUDGED, rows=1)
        for row in (single[MAIN][7], together[MAIN][7 + number]):
            row[4], row[5] = text, amount
        alone.update((one.code, number) for one in checked(JUDGED, single).findings)
    found = checked(JUDGED, together).findings
    data = [one for one in found if one.sheet == MAIN and one.row is not None and one.code != "duplicate_row"]
    assert Counter((one.code, (one.row or 0) - 7) for one in data) == alone


def test_not_a_number_is_answered_in_every_column() -> None:
    sheets = right_sheets(JUDGED, rows=1)
    sheets[MAIN].append([math.nan] * 16)
    assert checked(JUDGED, sheets).findings
    assert book(sheets).sheets[MAIN].rows
