"""Blank templates, seen by a program that did not write them."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date, datetime

import pytest

from tests.formats.sample import SAMPLE, SEXES, opened, written
from webapp.formats.blank import Content, NotATemplate, write_blank
from webapp.formats.model import Value

MAIN = "Reporte de Formatos"


def test_the_same_definition_gives_the_same_bytes() -> None:
    first, second = io.BytesIO(), io.BytesIO()
    write_blank(SAMPLE, first)
    write_blank(SAMPLE, second)
    assert first.getvalue() == second.getvalue()


def test_no_part_depends_on_the_day_the_machine_or_what_compresses() -> None:
    with zipfile.ZipFile(io.BytesIO(written())) as parts:
        assert {(part.date_time, part.create_system, part.compress_type) for part in parts.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), 3, zipfile.ZIP_STORED)
        }
        assert b"2018-01-01T00:00:00Z" in parts.read("docProps/core.xml")


def test_sheets_have_the_names_and_the_state_of_the_official_file() -> None:
    book = opened(written())
    assert book.sheetnames == [MAIN, "Hidden_1", "Hidden_2", "Tabla_109", "Hidden_1_Tabla_109"]
    assert {sheet.sheet_state for sheet in book} == {"visible"}
    assert not any(sheet.protection.sheet or sheet.freeze_panes for sheet in book)


def test_rows_one_four_and_five_are_hidden_and_hold_ids_and_codes_as_text() -> None:
    sheet = opened(written())[MAIN]
    assert [row for row in range(1, 9) if sheet.row_dimensions[row].hidden] == [1, 4, 5]
    assert sheet["A1"].value == "90001"
    assert [cell.value for cell in sheet[4]] == [
        "1",
        "4",
        "4",
        "9",
        "2",
        "6",
        "7",
        "3",
        "10",
        "9",
        "2",
        "4",
        "13",
        "14",
    ]
    assert [cell.value for cell in sheet[5]] == [str(number) for number in range(101, 115)]


def test_title_names_and_band_are_merged_as_in_the_official_file() -> None:
    sheet = opened(written())[MAIN]
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert merged == {"A2:C2", "D2:F2", "G2:I2", "A3:C3", "D3:F3", "G3:I3", "A6:N6"}
    assert [sheet[cell].value for cell in ("A2", "D2", "G2")] == ["TÍTULO", "NOMBRE CORTO", "DESCRIPCIÓN"]
    assert [sheet[cell].value for cell in ("A3", "D3", "G3")] == [SAMPLE.name, SAMPLE.short_name, SAMPLE.description]
    assert sheet["A6"].value == "Tabla Campos"


def test_labels_and_headers_wear_the_official_colours() -> None:
    sheet = opened(written())[MAIN]
    for cell in (sheet["A2"], sheet["G2"], sheet["A6"]):
        assert (cell.font.name, cell.font.sz, cell.font.b) == ("Arial", 11, True)
        assert (cell.font.color.rgb, cell.fill.fgColor.rgb) == ("FFFFFFFF", "FF333333")
    for cell in (sheet["A3"], *sheet[7]):
        assert (cell.font.name, cell.font.sz, cell.fill.fgColor.rgb) == ("Arial", 10, "FFE1E1E1")
    assert sheet["D9"].number_format == "General"


def test_headers_keep_the_noise_of_the_template() -> None:
    sheet = opened(written())[MAIN]
    assert sheet["D7"].value == "Tipo (catálogo) "
    assert sheet["I7"].value == "Integrantes \nTabla_109"
    assert sheet["A7"].value == "Ejercicio"


def test_catalogues_stand_in_their_sheets_from_the_first_row() -> None:
    book = opened(written())
    assert [cell.value for cell in book["Hidden_1"]["A"]] == ["Uno", "Dos", "Tres"]
    assert tuple(cell.value for cell in book["Hidden_1_Tabla_109"]["A"]) == SEXES


def test_names_join_catalogues_to_columns_by_the_index_of_the_column() -> None:
    names = {name: defined.attr_text for name, defined in opened(written()).defined_names.items()}
    assert names == {
        "Hidden_13": "Hidden_1!$A$1:$A$3",
        "Hidden_29": "Hidden_2!$A$1:$A$2",
        "Hidden_1_Tabla_1093": "Hidden_1_Tabla_109!$A$1:$A$2",
    }


def test_lists_are_checked_down_to_row_201_and_blanks_are_allowed() -> None:
    book = opened(written())
    rules = {
        (sheet.title, str(rule.sqref), rule.formula1, rule.type, rule.allow_blank, rule.showErrorMessage)
        for sheet in book
        for rule in sheet.data_validations.dataValidation
    }
    assert rules == {
        (MAIN, "D8:D201", "Hidden_13", "list", True, True),
        (MAIN, "J8:J201", "Hidden_29", "list", True, True),
        ("Tabla_109", "D4:D201", "Hidden_1_Tabla_1093", "list", True, True),
    }


def test_a_table_sheet_hides_two_rows_and_begins_with_id() -> None:
    sheet = opened(written())["Tabla_109"]
    assert [row for row in range(1, 5) if sheet.row_dimensions[row].hidden] == [1, 2]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows == [
        [None, "1", "6", "9"],
        [None, "201", "202", "203"],
        ["ID", "Nombre(s)", "Monto", "Sexo (catálogo)"],
    ]


def test_row_eight_tells_what_to_put_into_a_table_column() -> None:
    sheet = opened(written())[MAIN]
    assert {cell.coordinate: cell.value for cell in sheet[8] if cell.value is not None} == {
        "I8": "Colocar el ID de los registros de la Tabla_109"
    }


def test_rows_take_the_place_of_the_hints_and_keep_their_types() -> None:
    row: list[Value] = [2024, date(2024, 1, 1), None, "=1+1", "https://ejemplo.mx", 12.5]
    sheet = opened(written(content=Content([row], {"109": [[1, "Ana", 10]]})))[MAIN]
    assert [cell.value for cell in sheet[8]][:6] == [
        2024,
        datetime(2024, 1, 1),
        None,
        "=1+1",
        "https://ejemplo.mx",
        12.5,
    ]
    assert (sheet["B8"].number_format, sheet["D8"].data_type, sheet["I8"].value) == ("dd/mm/yyyy", "s", None)


def test_a_layout_that_is_no_load_template_is_refused_by_name() -> None:
    with pytest.raises(NotATemplate, match="prueba/2018/i"):
        write_blank(replace(SAMPLE, layout="export-2019"), io.BytesIO())
