"""A workbook of any layout is read into plain values, with the addresses that a person sees."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from tests.formats import hostile
from webapp.formats.definitions import Library
from webapp.formats.model import Layout, Sheet, Unreadable, Value
from webapp.formats.reader import MAX_ROWS, as_id, load_sheet, read

LIBRARY = Library(Path(__file__).parents[2] / "courses" / "_formats")
TITLES = ("TÍTULO", None, None, "NOMBRE CORTO", None, None, "DESCRIPCIÓN")
OLD_TITLES = ("TITULO", "NOMBRE CORTO", "DESCRIPCION")
VIII = LIBRARY.get("lgtaip-2015-michoacan/2018/viii")


def grid(path: Path, rows: list[tuple[Value, ...]], sheet: str = "Reporte de Formatos") -> Path:
    """A workbook of one sheet with those rows."""

    def fill(book: xlsxwriter.Workbook) -> None:
        target = book.add_worksheet(sheet)
        for row, values in enumerate(rows):
            target.write_row(row, 0, values)

    return hostile.new_workbook(path, fill)


def only_sheet(path: Path) -> Sheet:
    return next(iter(read(path).sheets.values()))


LAYOUTS: dict[str, tuple[Layout, str, list[tuple[Value, ...]]]] = {
    "a template": ("load-2018", "Reporte de Formatos", [("53405",), TITLES]),
    "a template with its sheet renamed": ("load-2018", "Hoja1", [("53405",), TITLES]),
    "a template that lost its labels": ("load-2018", "Reporte de Formatos", [("53405",)]),
    "a template of 2016 saved as new": ("load-2016", "Reporte de Formatos", [("22509",), OLD_TITLES]),
    "an export": ("export-2019", "Información", [("Sujeto Obligado:",), ("Normativa:",), (), (), (), ("ID", "EJERCICIO")]),
    "an export of before": ("export-2016", "Informacion", [("EJERCICIO", "PERIODO")]),
    "a list of one's own": ("unknown", "Hoja1", [("Ejercicio", "Nombre"), (2024, "Ana")]),
}  # fmt: skip


@pytest.mark.parametrize("what", LAYOUTS)
def test_the_layout_is_told_by_sheets_and_labels(what: str, tmp_path: Path) -> None:
    layout, sheet, rows = LAYOUTS[what]
    workbook = read(grid(tmp_path / "a.xlsx", rows, sheet))
    assert (workbook.layout, workbook.kind) == (layout, "xlsx")
    assert (load_sheet(workbook) is not None) == layout.startswith("load")


def test_an_old_template_is_read_and_recognised(tmp_path: Path) -> None:
    old = LIBRARY.get("lgtaip-2015-federal/2016/viii")
    ids = tuple(field.id for field in old.fields)
    rows = [("22509",), OLD_TITLES, (), (), ids, (), (), ("Integrante", None, date(2016, 3, 31))]
    path = hostile.old_workbook(tmp_path / "a.xls", rows)
    workbook = read(path)
    assert (workbook.layout, workbook.kind) == ("load-2016", "xls")
    assert only_sheet(path).rows[7] == ["Integrante", None, date(2016, 3, 31)]
    assert LIBRARY.recognise(workbook) == old


def test_a_renamed_template_of_2018_is_recognised_by_its_numbers(tmp_path: Path) -> None:
    ids = tuple(int(field.id) for field in VIII.fields)
    workbook = read(grid(tmp_path / "a.xlsx", [(), TITLES, (), (), ids], "Hoja1"))
    assert LIBRARY.recognise(workbook) == VIII


def test_cells_keep_their_place_their_kind_and_their_blanks(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("A")
        day, moment, hour, length = (
            book.add_format({"num_format": code}) for code in (14, "dd/mm/yyyy hh:mm", "hh:mm", "[h]:mm")
        )
        sheet.write_string("B3", " texto ")
        sheet.write_number("C3", 0)
        sheet.write_boolean("D3", False)
        sheet.write_datetime("B4", datetime(2024, 3, 31), day)
        sheet.write_datetime("C4", datetime(2024, 3, 31, 10, 30), moment)
        sheet.write_number("D4", 0.5, hour)
        sheet.write_number("E4", 1.5, length)
        sheet.write_string("B5", "")
        sheet.merge_range("B6:D6", "junta")
        sheet.write_string("B8", "escondida")
        sheet.set_row(7, None, None, {"hidden": True})
        sheet.write_blank("F9", None, day)

    assert only_sheet(hostile.new_workbook(tmp_path / "a.xlsx", fill)).rows == [
        [],
        [],
        [None, " texto ", 0.0, False],
        [None, date(2024, 3, 31), datetime(2024, 3, 31, 10, 30), time(12), "1 day, 12:00:00"],
        [],
        [None, "junta"],
        [],
        [None, "escondida"],
    ]


def test_dates_counted_from_1904_are_the_same_days(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("A").write_datetime("A1", datetime(2024, 3, 31), book.add_format({"num_format": 14}))

    path = hostile.new_workbook(tmp_path / "a.xlsx", fill, date_1904=True)
    assert only_sheet(path).rows == [[date(2024, 3, 31)]]


def test_a_formula_is_its_last_result_and_never_computed(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("A")
        sheet.write_formula("A1", "=1+1", None, 7)
        sheet.write_formula("B1", "=1/0", None, "#DIV/0!")
        sheet.write_string("D1", "x")

    path = hostile.new_workbook(tmp_path / "a.xlsx", fill)
    assert only_sheet(path).rows == [[7.0, "#DIV/0!", None, "x"]]
    without = hostile.pack(
        tmp_path / "b.xlsx", sheet=hostile.sheet('<row r="2"><c r="A2"><f>WEBSERVICE("http://x")</f></c></row>')
    )
    assert only_sheet(without).rows == [["53405"]]


def test_texts_that_look_like_other_values_stay_what_they_are(tmp_path: Path) -> None:
    path = grid(tmp_path / "a.xlsx", [("1", True), (True, "1"), ("Verdadero", 1)])
    rows = only_sheet(path).rows
    assert [[type(value) for value in row] for row in rows] == [[str, bool], [bool, str], [str, float]]


def test_every_row_up_to_the_limit_is_read_and_one_more_is_refused(tmp_path: Path) -> None:
    last = MAX_ROWS + 7
    for row, fits in ((last, True), (last + 1, False)):
        path = hostile.pack(
            tmp_path / f"{row}.xlsx", sheet=hostile.sheet(f'<row r="{row}"><c r="A{row}"><v>1</v></c></row>')
        )
        if fits:
            assert len(only_sheet(path).rows) == row
        else:
            with pytest.raises(Unreadable, match="llega a la fila 100,008 y se leen hasta 100,000") as raised:
                read(path)
            assert raised.value.code == "too_many_rows"


def test_120_000_filled_rows_are_refused_with_their_number(tmp_path: Path) -> None:
    path = hostile.pack(tmp_path / "a.xlsx", sheet=hostile.sheet(hostile.many_rows(120_000)))
    with pytest.raises(Unreadable, match="120,001"):
        read(path)


def test_too_many_sheets_and_none_at_all_are_refused(tmp_path: Path) -> None:
    many = hostile.new_workbook(tmp_path / "a.xlsx", lambda book: [book.add_worksheet() for _ in range(201)])
    with pytest.raises(Unreadable, match="201 hojas"):
        read(many)
    none = hostile.new_workbook(tmp_path / "b.xlsx", lambda book: book.add_worksheet())
    with pytest.raises(Unreadable) as raised:
        read(none)
    assert raised.value.code == "no_content"


def test_a_workbook_whose_sheet_is_missing_is_damaged(tmp_path: Path) -> None:
    text = hostile.PARTS["xl/workbook.xml"].replace("</sheets>", '<sheet name="B" sheetId="2" r:id="r9"/></sheets>')
    with pytest.raises(Unreadable) as raised:
        read(hostile.pack(tmp_path / "a.xlsx", workbook=text))
    assert raised.value.code in ("damaged", "no_content")


def test_an_old_workbook_cut_short_is_damaged(tmp_path: Path) -> None:
    path = hostile.old_workbook(tmp_path / "a.xls", [[f"fila {row}"] * 10 for row in range(500)])
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(Unreadable) as raised:
        read(path)
    assert raised.value.code in ("damaged", "not_a_workbook")


def test_reading_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = hostile.pack(tmp_path / "a.xlsx")
    before = path.read_bytes()
    read(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("value", "text"), [("53405", "53405"), (53405.0, "53405"), (" 7 ", "7"), (None, ""), (1.5, "1.5")]
)
def test_an_id_is_text_also_where_it_became_a_number(value: Value, text: str) -> None:
    assert as_id(value) == text


def test_what_excel_says_instead_of_a_result_is_read_and_not_taken_for_an_empty_cell(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Datos")
    sheet["B2"], sheet["D3"], sheet["A5"] = "#N/A", "texto", "#REF!"
    book.save(tmp_path / "errores.xlsx")
    rows = read(tmp_path / "errores.xlsx").sheets["Datos"]
    assert (rows.value(1, 1), rows.value(2, 3), rows.value(4, 0), rows.value(0, 0)) == ("#N/A", "texto", "#REF!", None)
