"""Hand-made tables: what each kind of cell may hold, and what dates and periods may say. Many are from real files."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from tests.formats.workbooks import JUDGED, MAIN, checked, right_sheets
from webapp.formats import layout
from webapp.formats.checker import MOST_PER_COLUMN
from webapp.formats.model import Field, Format, Period, Value

LETTERS = {name: letter for letter, name in zip("ABCDEFGHIJKLMNOP", (f.id for f in JUDGED.fields), strict=True)}


def said(column: str, value: Value) -> str:
    """The code of what is said about one value in a column, "" for nothing."""
    sheets = right_sheets(JUDGED, rows=3)
    index = ord(column) - 65
    row = sheets[MAIN][8]
    row += [None] * (index + 1 - len(row))
    row[index] = value
    findings = [one for one in checked(JUDGED, sheets).findings if one.column == index and one.row == 8]
    assert len(findings) < 2
    return findings[0].code if findings else ""


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("31/03/2025", ""),
        (" 31/03/2025", "blanks_at_ends"),
        (date(2025, 3, 31), ""),
        (datetime(2025, 3, 31, 13, 5), ""),
        ("31/06/2021", "date_impossible"),
        ("32/12/2018", "date_impossible"),
        ("29/02/2025", "date_impossible"),
        ("00/01/2025", "date_impossible"),
        ("03/31/2025", "date_impossible"),
        ("31/03/0000", "date_impossible"),
        ("31/03/25", "date_two_digit_year"),
        ("1/3/25", "date_two_digit_year"),
        ("31-03-25", "date_two_digit_year"),
        (45747.0, "date_as_number"),
        (45747, "date_as_number"),
        ("45747", "date_shape"),
        ("1/3/2025", "date_shape"),
        ("31-03-2025", "date_shape"),
        ("2025-03-31", "date_shape"),
        ("31 de marzo de 2025", "date_shape"),
        ("31/03/2025 ", "blanks_at_ends"),
        ("٣١/٠٣/٢٠٢٥", "date_shape"),
        (True, "date_shape"),
        (time(9, 0), "date_shape"),
    ],
)
def test_a_date_is_a_real_day_in_four_digit_years(value: Value, code: str) -> None:
    assert said("C", value) == code


def test_an_impossible_date_is_explained() -> None:
    sheets = right_sheets(JUDGED, rows=3)
    sheets[MAIN][8][2] = "31/06/2021"
    sheets[MAIN][9][2] = "03/31/2025"
    assert [one.message for one in checked(JUDGED, sheets).findings] == [
        "«31/06/2021» no existe en el calendario; junio de 2021 tiene 30 días · celda C9",
        "«03/31/2025» no existe en el calendario; no hay mes 31 (parece que el mes y el día están al revés) · celda C10",
    ]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("12500", ""), ("12500.5", ""), ("-12500.50", ""), ("+3", ""), (0.0, ""), (12500.0, ""), (0.1 + 0.2, ""),
        (999_999_999_999.99, ""), ("999999999999.99", ""), (7, ""), ("007", ""),
        ("12500.", "amount_decimals"), ("12500.555", "amount_decimals"), (10433.333333, "amount_decimals"),
        (1_250_012_500_000.0, "amount_digits"), ("1250012500000", "amount_digits"), (1e22, "amount_digits"),
        ("12,500", "amount_commas"), ("1,234,567.89", "amount_commas"), ("12500,50", "amount_commas"),
        ("$12,500.00", "amount_symbol"), ("$ 12500", "amount_symbol"), ("12500 MXN", "amount_symbol"),
        ("12500 pesos", "amount_symbol"),
        ("No aplica", "not_a_number"), ("-", "not_a_number"), ("12 500", "not_a_number"), ("1.5e3", "not_a_number"),
        ("$", "not_a_number"), (True, "not_a_number"), (date(2025, 3, 31), "not_a_number"),
        (float("nan"), "not_a_number"), (float("inf"), "not_a_number"), ("12500 ", "blanks_at_ends"),
    ],
)  # fmt: skip
def test_an_amount_is_digits_with_at_most_two_decimals(value: Value, code: str) -> None:
    assert said("F", value) == code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("Dirección de Obras Públicas (2ª sección), núm. 5", ""), ("¿Sí? ¡No! #1 & 50% 'a' \"b\" * + @ _ : ; ° /", ""),
        ("Peña Güémez", ""), ("Pen\u0303a", ""), ("dos\nrenglones", ""), (45.5, ""), (date(2025, 1, 2), ""),
        ("x" * 4000, ""), ("x" * 4001, "long_text_too_long"), (" " + "x" * 4000, "blanks_at_ends"),
        ("a – b", "text_characters"), ("“a”", "text_characters"), ("a = b", "text_characters"), ("[a]", "text_characters"),
        ("a\0b", "text_characters"), ("precio < 5", "text_characters"), ("a\u200bb", "text_characters"),
        ("#N/A", "error_value"), ("#¡REF!", "error_value"), ("#¿NOMBRE?", "error_value"), ("#1 en la lista", ""),
        ("\ttexto", "blanks_at_ends"), ("texto\u00a0", "blanks_at_ends"), ("«a»", "text_characters"),
    ],
)  # fmt: skip
def test_a_text_has_common_characters_and_a_length(value: Value, code: str) -> None:
    assert said("E", value) == code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("https://www.ejemplo.gob.mx/a.pdf", ""), ("http://ejemplo.gob.mx", ""), ("ftp://ejemplo.gob.mx/a", ""),
        ("HTTPS://EJEMPLO.GOB.MX/A.PDF", ""), ("http://10.1.2.3:8080/x?y=1#z", ""), ("https://a.mx/%20x", ""),
        (r"E:\transparencia\HIPERVINCULOS\ESTADO ANALITICO EGRESO POR COG.xlsx", "url_local_path"),
        (r"\\servidor\publico\a.pdf", "url_local_path"), ("file:///C:/a.pdf", "url_local_path"),
        ("PRESUPUESTO 2019.pdf", "url_file_name"), ("acta.docx", "url_file_name"),
        ("www.ejemplo.gob.mx", "url_incomplete"), ("http://", "url_incomplete"), ("https:// a.mx", "url_incomplete"),
        ("No aplica", "url_incomplete"), ("http:/ejemplo.mx/a", "url_incomplete"), (5.0, "url_incomplete"),
        ("http://.mx", "url_incomplete"), ("https://ejemplo.gob.mx/Acta 3.pdf", "url_blanks"),
        ("https://a.mx/1\nhttps://a.mx/2", "url_blanks"), ("https://a.mx ", "blanks_at_ends"),
    ],
)  # fmt: skip
def test_a_link_is_a_whole_address(value: Value, code: str) -> None:
    assert said("G", value) == code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("09:30", ""),
        (time(9, 30), ""),
        ("23:59", ""),
        ("24:00", "time_shape"),
        ("9:30", "time_shape"),
        (0.5, "time_shape"),
    ],
)
def test_an_hour_has_two_digits_of_each(value: Value, code: str) -> None:
    assert said("K", value) == code


@pytest.mark.parametrize(
    ("value", "code"),
    [(2025.0, ""), ("2000", ""), (2026, ""), (2027, "year_shape"), ("1999", "year_shape"),
     ("19", "year_shape"), (2025.5, "year_shape")],
)  # fmt: skip
def test_a_year_is_between_2000_and_the_current_one(value: Value, code: str) -> None:
    assert said("L", value) == code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("Mujer", ""), ("mujer", "catalogue_case"), (" Mujer", "catalogue_case"), ("MUJER", "catalogue_case"),
        ("Mujér", "catalogue_spelling"), ("Femenino", "catalogue_unknown"), (1.0, "catalogue_unknown"),
        ("Mujer.", "catalogue_unknown"),
    ],
)  # fmt: skip
def test_a_catalogue_value_is_the_one_of_the_list(value: Value, code: str) -> None:
    assert said("J", value) == code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1, ""), (1.0, ""), ("1", ""), ("01", ""), ("1 ", "blanks_at_ends"), (2, "table_id_unknown"), (0, "table_id_unknown"),
        (4498.3, "table_amount"), ("$4,498.30", "table_amount"), ("4,498", "table_amount"), ("1,2", "table_id_not_number"),
        (-1, "table_id_not_number"), ("No aplica", "table_id_not_number"), (True, "table_id_not_number"),
        (date(2025, 1, 1), "table_id_not_number"), (layout.hint("109"), "table_hint_left"),
        ("Colocar el ID de los registros de la Tabla_512926", "table_hint_left"),
    ],
)  # fmt: skip
def test_a_table_column_holds_an_id_of_the_table(value: Value, code: str) -> None:
    assert said("I", value) == code


# --- periods ----------------------------------------------------------------------------------------------------


def period_said(period: Period, start: Value, end: Value, exercise: Value = None) -> list[tuple[str, str]]:
    """Codes and columns of what is said about a row with these dates, validated long after."""
    fields = tuple(Field(f.id, f.type, f.name) for f in JUDGED.fields if LETTERS[f.id] in "ABCNOP")
    format = Format(**{**vars(JUDGED), "fields": fields, "tables": (), "period": period})
    sheets = right_sheets(format, rows=1)
    year = exercise or str(end.year if isinstance(end, date) else end)[-4:]
    sheets[MAIN][7] = [year, start, end, date(2026, 1, 2), date(2026, 1, 2)]
    return [(one.code, one.cell[0]) for one in checked(format, sheets).findings]


D = date


@pytest.mark.parametrize(
    ("period", "start", "end", "expected"),
    [
        ("quarterly", D(2025, 1, 1), D(2025, 3, 31), []),
        ("quarterly", D(2025, 10, 1), D(2025, 12, 31), []),
        ("quarterly", "01/04/2025", "30/06/2025", []),
        ("quarterly", D(2018, 9, 1), D(2018, 9, 30), [("period_shape", "B")]),
        ("quarterly", D(2019, 1, 31), D(2019, 3, 31), [("period_shape", "B")]),
        ("quarterly", D(2025, 1, 1), D(2025, 3, 30), [("period_shape", "C")]),
        ("quarterly", D(2025, 1, 1), D(2025, 1, 31), [("period_shape", "C")]),
        ("quarterly", D(2025, 1, 1), D(2025, 9, 30), [("period_shape", "C")]),
        ("quarterly", D(2025, 4, 1), D(2025, 9, 30), [("period_shape", "C")]),
        ("quarterly", D(2025, 1, 1), D(2025, 6, 30), [("period_length", "C")]),
        ("quarterly", D(2025, 1, 1), D(2025, 12, 31), [("period_length", "C")]),
        ("quarterly", D(2025, 3, 31), D(2025, 1, 1), [("period_reversed", "B")]),
        ("half-yearly", D(2025, 7, 1), D(2025, 12, 31), []),
        ("half-yearly", D(2025, 1, 1), D(2025, 3, 31), [("period_length", "C")]),
        ("half-yearly", D(2025, 4, 1), D(2025, 9, 30), [("period_shape", "C")]),
        ("yearly", D(2024, 1, 1), D(2024, 12, 31), []),
        ("yearly", D(2025, 1, 1), D(2025, 6, 30), [("period_length", "C")]),
        ("yearly", D(2024, 7, 1), D(2025, 6, 30), [("period_shape", "C")]),
        ("unknown", D(2022, 1, 1), D(2024, 12, 31), []),
        ("unknown", D(2025, 1, 1), D(2025, 3, 31), []),
        ("unknown", D(2025, 1, 2), D(2025, 3, 31), [("period_shape", "B")]),
        ("quarterly", D.min, D.max, [("period_shape", "C")]),
    ],
)
def test_a_period_is_whole_and_as_long_as_the_format_asks(
    period: Period, start: Value, end: Value, expected: list[tuple[str, str]]
) -> None:
    assert period_said(period, start, end) == [
        *expected,
        *([("validation_within_period", "D")] if end == D.max else []),
    ]


@pytest.mark.parametrize(
    ("exercise", "start", "end", "expected"),
    [
        ("2019", D(2018, 10, 1), D(2018, 12, 31), [("year_mismatch", "A")]),
        (2018.0, D(2018, 10, 1), D(2018, 12, 31), []),
        ("2018", D(2019, 1, 1), D(2019, 3, 31), [("year_mismatch", "A")]),
        ("2023", D(2022, 1, 1), D(2024, 12, 31), []),
        ("2025", D(2022, 1, 1), D(2024, 12, 31), [("year_mismatch", "A")]),
    ],
)
def test_the_exercise_is_a_year_of_the_period(
    exercise: Value, start: date, end: date, expected: list[tuple[str, str]]
) -> None:
    assert period_said("unknown", start, end, exercise) == expected


@pytest.mark.parametrize(
    ("validation", "update", "expected"),
    [
        (D(2025, 4, 10), D(2025, 4, 9), []),
        (D(2025, 4, 9), D(2025, 4, 9), []),
        (D(2025, 4, 1), D(2025, 3, 31), []),
        ("10/04/2025", "09/04/2025", []),
        (D(2025, 3, 31), D(2025, 3, 31), ["validation_within_period"]),
        (D(2025, 3, 31), D(2025, 4, 30), ["validation_before_update"]),
        (D(2025, 4, 10), D(2025, 4, 30), ["validation_before_update"]),
        (D(2025, 4, 10), "30 de abril", ["date_shape"]),
    ],
)
def test_validation_comes_after_update_and_after_the_period(
    validation: Value, update: Value, expected: list[str]
) -> None:
    sheets = right_sheets(JUDGED, rows=3)
    sheets[MAIN][8][13:15] = [validation, update]
    assert [one.code for one in checked(JUDGED, sheets).findings] == expected


def test_a_layout_without_validation_is_not_asked_for_it() -> None:
    """`Fecha de validación` is in no layout after 2023."""
    fields = tuple(field for field in JUDGED.fields if field.name != "Fecha de validación")
    format = Format(**{**vars(JUDGED), "fields": fields})
    assert checked(format, right_sheets(format)).findings == ()


# --- rows together ----------------------------------------------------------------------------------------------


def test_rows_of_last_quarter_are_told_from_those_of_most() -> None:
    sheets = right_sheets(JUDGED, rows=6)
    for row in (9, 11):
        sheets[MAIN][row][:3] = ["2025", D(2025, 4, 1), D(2025, 6, 30)]
    found = checked(JUDGED, sheets).findings
    assert [(one.code, one.cell) for one in found] == [("other_period", "B10"), ("other_period", "B12")]
    assert found[0].message == (
        "Esta fila empieza el 01/04/2025, y otras 4 de este archivo son del 01/01/2025 al 31/03/2025 · celda B10"
    )


def test_a_file_of_four_quarters_has_no_odd_one() -> None:
    sheets = right_sheets(JUDGED, rows=4)
    for row, (start, end) in enumerate([((1, 1), (3, 31)), ((4, 1), (6, 30)), ((7, 1), (9, 30)), ((10, 1), (12, 31))]):
        sheets[MAIN][7 + row][1:3] = [D(2025, *start), D(2025, *end)]
    assert checked(JUDGED, sheets).findings == ()


def test_of_two_years_with_as_many_rows_the_later_one_is_taken_for_the_right_one() -> None:
    sheets = right_sheets(JUDGED, rows=2)
    sheets[MAIN][7][:3] = ["2024", D(2024, 1, 1), D(2024, 3, 31)]
    assert [(one.code, one.cell) for one in checked(JUDGED, sheets).findings] == [("several_years", "A8")]


@pytest.mark.parametrize(
    ("note", "reasoned"),
    [
        ("A LA FECHA DE ACTUALIZACIÓN SE INFORMA QUE EL MUNICIPIO NO CUENTA CON SINDICATOS", True),
        ("No se generó información en el periodo", True),
        ("N A", False), ("n a", False), ("ninguna", False), ("No aplica", False), ("N / A / S", False), ("-", False),
    ],
)  # fmt: skip
def test_a_note_gives_a_reason_in_a_sentence(note: str, reasoned: bool) -> None:
    sheets = right_sheets(JUDGED, rows=2)
    sheets[MAIN][8][4:7] = [None, None, None]
    sheets[MAIN][8][15:] = [note]
    assert [(one.code, one.cell) for one in checked(JUDGED, sheets).findings] == (
        [] if reasoned else [("poor_note", "P9")]
    )


def test_an_empty_cell_of_a_table_is_excused_by_the_note_of_a_row_that_points_to_it() -> None:
    sheets = right_sheets(JUDGED, rows=2)
    sheets["Tabla_109"][3][2] = None
    assert [(one.code, one.sheet, one.cell) for one in checked(JUDGED, sheets).findings] == [
        ("empty_without_note", "Tabla_109", "C4")
    ]
    sheets[MAIN][8][15:] = ["El monto se publicará al cierre del ejercicio"]
    assert checked(JUDGED, sheets).findings == ()


# --- long lists -------------------------------------------------------------------------------------------------


def test_a_list_that_is_too_long_is_closed_by_how_many_more_there_are() -> None:
    more = 234
    sheets = right_sheets(JUDGED, rows=MOST_PER_COLUMN + more)
    for row in sheets[MAIN][7:]:
        row[2] = "31/06/2021"
    found = checked(JUDGED, sheets).findings
    assert len(found) == MOST_PER_COLUMN + 1
    assert (found[-1].code, found[-1].cell, found[-1].times) == ("date_impossible", "C", more)
    assert found[-1].message == ("Fecha que no existe: 234 más, además de los primeros 1,000 · columna C")
    assert sum(one.times for one in found) == MOST_PER_COLUMN + more


def test_a_note_of_thousands_of_lines_is_shown_cut_and_kept_whole() -> None:
    sheets = right_sheets(JUDGED)
    sheets[MAIN][8][4] = "x" * 5_000
    (finding,) = checked(JUDGED, sheets).findings
    assert finding.message == "El texto tiene 5,000 caracteres y aquí caben 4,000 · celda E9"
    assert finding.value == "x" * 5_000


def test_strange_characters_are_named_as_they_are_and_unseen_ones_by_number() -> None:
    """Without quotation marks around quotation marks."""
    sheets = right_sheets(JUDGED)
    sheets[MAIN][8][4] = "«Área» sin\u200bcorte «»"
    (finding,) = checked(JUDGED, sheets).findings
    assert finding.message == "El texto trae signos que no se admiten: « » U+200B · celda E9"
    sheets[MAIN][8][4] = "a – b “c” [d] = <e>"
    (finding,) = checked(JUDGED, sheets).findings
    assert finding.message == "El texto trae signos que no se admiten: – “ ” [ ] y 3 más · celda E9"
