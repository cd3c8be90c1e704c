"""Spoils workbooks as people do: `python mutate.py SOURCES TARGETS`. Knows spreadsheets, and nothing of this project.

SOURCES holds right workbooks of twelve rows (8 to 19) and a blank one, by short names; each mutation takes one of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import xlwt
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

FIRST, LAST = 8, 19
MAIN = "Reporte de Formatos"
Book = openpyxl.Workbook
Mutate = Callable[[Book, Worksheet], None]

MUTATIONS: dict[str, tuple[str, Mutate]] = {}
FILES: dict[str, Callable[[Path, Path], None]] = {}


def of(source: str) -> Callable[[Mutate], Mutate]:
    """Mutates the workbook of that name; the function's own name is the mutation's."""

    def keep(function: Mutate) -> Mutate:
        MUTATIONS[function.__name__] = (source, function)
        return function

    return keep


def file(function: Callable[[Path, Path], None]) -> Callable[[Path, Path], None]:
    """Writes a whole file: sources and the path without its extension are given."""
    FILES[function.__name__] = function
    return function


def fill(sheet: Worksheet, columns: str, value: Any, first: int = FIRST, last: int = LAST) -> None:
    """Write the same value, or what a function makes of the old one, down some columns."""
    for column in columns.split():
        for row in range(first, last + 1):
            cell = sheet[f"{column}{row}"]
            cell.value = value(cell.value) if callable(value) else value


def as_text(day: datetime) -> str:
    return f"{day:%d/%m/%Y}"


def loose(sheet: Worksheet) -> None:
    """Take the merges apart, which rows and columns that move would leave behind."""
    for merged in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(merged))


# --- dates


@of("xii")
def dates_typed_as_text(book: Book, main: Worksheet) -> None:
    fill(main, "B C O P", as_text)


@of("xii")
def dates_in_iso(book: Book, main: Worksheet) -> None:
    fill(main, "O", lambda day: f"{day:%Y-%m-%d}")


@of("i")
def years_of_two_digits(book: Book, main: Worksheet) -> None:
    fill(main, "J", lambda day: f"{day:%d/%m/%y}", last=10)


@of("i")
def month_before_day(book: Book, main: Worksheet) -> None:
    main["J8"] = f"{main['J8'].value:%m/%d/%Y}"


@of("i")
def dates_pasted_as_numbers(book: Book, main: Worksheet) -> None:
    fill(main, "F", lambda day: (day - datetime(1899, 12, 30)).days)
    for row in range(FIRST, LAST + 1):
        main[f"F{row}"].number_format = "General"


@of("i")
def date_in_words(book: Book, main: Worksheet) -> None:
    main["K9"] = "31 de diciembre de 2018"


@of("iii")
def june_thirty_first(book: Book, main: Worksheet) -> None:
    main["C10"] = "31/06/2018"


@of("iii")
def date_with_a_blank_after_it(book: Book, main: Worksheet) -> None:
    main["G8"] = f"{main['G8'].value:%d/%m/%Y} "


@of("iii")
def date_with_an_hour(book: Book, main: Worksheet) -> None:
    main["G8"] = main["G8"].value.replace(hour=14, minute=30)


@of("iii")
def days_of_one_digit(book: Book, main: Worksheet) -> None:
    fill(main, "B", lambda day: f"{day.day}/{day.month}/{day.year}")


@of("viii")
def dates_of_last_half_year_left_in(book: Book, main: Worksheet) -> None:
    fill(main, "B", lambda day: date(day.year, 1, 1), last=10)
    fill(main, "C", lambda day: date(day.year, 6, 30), last=10)


@of("xii")
def rows_of_last_year_left_in(book: Book, main: Worksheet) -> None:
    fill(main, "A", "2019", last=9)
    fill(main, "B C", lambda day: day.replace(year=2019), last=9)


@of("iii")
def start_of_period_mistyped(book: Book, main: Worksheet) -> None:
    fill(main, "B", lambda day: day.replace(day=31))


@of("iii")
def one_month_for_a_period(book: Book, main: Worksheet) -> None:
    fill(main, "B", lambda day: day.replace(month=9))


@of("viii")
def quarter_in_a_half_yearly_format(book: Book, main: Worksheet) -> None:
    fill(main, "C", lambda day: date(day.year, 9, 30))


@of("iii")
def year_after_the_period(book: Book, main: Worksheet) -> None:
    fill(main, "A", lambda year: str(int(year) + 1))


@of("iii")
def year_as_a_number(book: Book, main: Worksheet) -> None:
    fill(main, "A", int)


@of("xii")
def validated_on_the_last_day(book: Book, main: Worksheet) -> None:
    fill(main, "O", main["C8"].value)


@of("xii")
def updated_after_validation(book: Book, main: Worksheet) -> None:
    fill(main, "P", date(2020, 4, 30))


# --- rows


@of("xii")
def rows_left_half_filled(book: Book, main: Worksheet) -> None:
    fill(main, "D E F G H I J K L M N O P Q", None, first=18)


@of("viii")
def total_below_the_last_row(book: Book, main: Worksheet) -> None:
    main["M20"] = sum(main[f"M{row}"].value for row in range(FIRST, LAST + 1))


@of("xii")
def row_pasted_twice(book: Book, main: Worksheet) -> None:
    for above, cell in zip(main[18], main[19], strict=True):
        cell.value = above.value


@of("xii")
def empty_row_between(book: Book, main: Worksheet) -> None:
    for cell in main[12]:
        cell.value = None


@of("xii")
def first_row_left_empty(book: Book, main: Worksheet) -> None:
    for cell in main[8]:
        cell.value = None


@of("xii")
def note_beside_the_table(book: Book, main: Worksheet) -> None:
    main["S9"] = "revisado con el área"


@of("iii")
def three_hundred_rows(book: Book, main: Worksheet) -> None:
    for row in range(LAST + 1, LAST + 301):
        for column, cell in enumerate(main[8], start=1):
            main.cell(row, column, cell.value)
        main.cell(row, 4, f"https://transparencia.example/aplicabilidad-{row}.pdf")


@of("iii")
def start_merged_down_the_rows(book: Book, main: Worksheet) -> None:
    main.merge_cells("B8:B19")


@of("xii")
def cells_of_only_blanks(book: Book, main: Worksheet) -> None:
    main["K9"], main["K10"] = "   ", "\u00a0"


@of("xii")
def row_of_only_blanks_at_the_end(book: Book, main: Worksheet) -> None:
    fill(main, "A D F", " ", first=20, last=24)


# --- amounts


@of("viii")
def amounts_with_currency(book: Book, main: Worksheet) -> None:
    fill(main, "M", lambda amount: f"${amount:,.2f}")


@of("viii")
def amount_with_commas(book: Book, main: Worksheet) -> None:
    main["M8"] = f"{main['M8'].value:,.2f}"


@of("viii")
def amount_of_three_decimals(book: Book, main: Worksheet) -> None:
    main["O8"] = main["O8"].value + 0.005


@of("viii")
def amount_with_a_blank_for_thousands(book: Book, main: Worksheet) -> None:
    main["M8"] = "11 900"


@of("ix")
def dash_for_nothing(book: Book, main: Worksheet) -> None:
    main["P8"] = "-"


@of("xxviii-b")
def amounts_shown_as_currency(book: Book, main: Worksheet) -> None:
    for row in range(FIRST, LAST + 1):
        main[f"T{row}"].number_format = '"$"#,##0.00'


@of("xxviii-b")
def amount_with_its_currency_behind(book: Book, main: Worksheet) -> None:
    main["T8"] = "327000.00 MXN"


@of("ix")
def amount_left_over_by_a_sum(book: Book, main: Worksheet) -> None:
    main["AA8"] = 3514.3999999999996


@of("viii")
def formula_without_its_result(book: Book, main: Worksheet) -> None:
    main["M9"] = "=M8+100"


# --- secondary tables


@of("ix")
def amount_where_the_id_goes(book: Book, main: Worksheet) -> None:
    main["Z10"] = 4498.3


@of("ix")
def table_ids_with_decimals(book: Book, main: Worksheet) -> None:
    main["Z8"], main["Z9"] = "1.0", 2.5


@of("ix")
def table_ids_as_text(book: Book, main: Worksheet) -> None:
    fill(main, "Z AE", str)


@of("xvii")
def table_ids_with_zeros_in_front(book: Book, main: Worksheet) -> None:
    fill(main, "L", lambda number: f"{number:03d}")


@of("xvii")
def hint_left_in_a_table_column(book: Book, main: Worksheet) -> None:
    main["L8"] = "Colocar el ID de los registros de la Tabla_514305"


@of("xvii")
def table_numbered_anew(book: Book, main: Worksheet) -> None:
    table = book["Tabla_514305"]
    fill(table, "A", lambda number: number + 100, first=4, last=table.max_row)


@of("ix")
def table_row_without_id(book: Book, main: Worksheet) -> None:
    book["Tabla_512964"]["A4"] = None


@of("ix")
def table_row_of_nobody(book: Book, main: Worksheet) -> None:
    book["Tabla_512963"].append([99, "37501", "Viáticos en el país", 120.5])


@of("viii")
def table_never_filled(book: Book, main: Worksheet) -> None:
    table = book["Tabla_512939"]
    table.delete_rows(4, table.max_row)


@of("viii")
def no_aplica_for_a_table(book: Book, main: Worksheet) -> None:
    main["Q8"] = "No aplica"


@of("viii")
def table_left_out_with_a_reason(book: Book, main: Worksheet) -> None:
    table_never_filled(book, main)
    fill(main, "Q", None)
    fill(main, "AG", "En el periodo no se otorgaron percepciones adicionales en dinero")


@of("viii")
def table_left_out_without_a_reason(book: Book, main: Worksheet) -> None:
    table_left_out_with_a_reason(book, main)
    fill(main, "AG", "N/A")


# --- catalogues


@of("i")
def catalogue_without_accent(book: Book, main: Worksheet) -> None:
    main["D8"] = "Codigo"


@of("i")
def catalogue_in_capitals(book: Book, main: Worksheet) -> None:
    main["D8"] = "CÓDIGO"


@of("i")
def catalogue_with_a_blank(book: Book, main: Worksheet) -> None:
    main["D8"] = "Código "


@of("xii")
def catalogue_value_of_another(book: Book, main: Worksheet) -> None:
    main["L8"] = "PRESIDENCIA"


@of("i")
def catalogue_made_longer(book: Book, main: Worksheet) -> None:
    book["Hidden_1"].append(["Bando municipal"])
    main["D8"] = "Bando municipal"


@of("i")
def catalogue_sheet_deleted(book: Book, main: Worksheet) -> None:
    del book["Hidden_1"]


# --- texts and links


@of("iii")
def dash_of_a_word_processor(book: Book, main: Worksheet) -> None:
    main["F8"] = "Coordinación – Archivos"


@of("xxviii-b")
def short_text_of_a_paragraph(book: Book, main: Worksheet) -> None:
    main["O8"] = "Se omite por tratarse de persona moral. " * 4


@of("iii")
def note_of_a_whole_regulation(book: Book, main: Worksheet) -> None:
    main["I8"] = "Artículo único. " * 260


@of("xvii")
def line_break_in_a_name(book: Book, main: Worksheet) -> None:
    main["F10"] = "José\nÁngel"


@of("iii")
def blank_of_a_web_page(book: Book, main: Worksheet) -> None:
    main["F8"] = "Coordinación\u00a0de Archivos"


@of("xii")
def excel_error_left(book: Book, main: Worksheet) -> None:
    main["H9"] = "#N/A"


@of("iii")
def links_of_every_wrong_kind(book: Book, main: Worksheet) -> None:
    main["D8"], main["D9"] = "www.municipio.example/tabla.pdf", "E:\\transparencia\\TABLA 2018.pdf"
    main["D10"], main["E8"] = "TABLA 2018.pdf", "https://municipio.example/tabla de 2018.pdf"


@of("iii")
def link_behind_a_word(book: Book, main: Worksheet) -> None:
    main["D8"].hyperlink = main["D8"].value
    main["D8"].value = "Ver documento"


# --- the template


@of("xii")
def numbering_column_put_first(book: Book, main: Worksheet) -> None:
    loose(main)
    main.insert_cols(1)
    main["A7"] = "No."
    for row in range(FIRST, LAST + 1):
        main[f"A{row}"] = row - FIRST + 1


@of("xii")
def column_deleted(book: Book, main: Worksheet) -> None:
    loose(main)
    main.delete_cols(11)


@of("xii")
def columns_swapped(book: Book, main: Worksheet) -> None:
    loose(main)
    for row in range(4, LAST + 1):
        main[f"J{row}"].value, main[f"K{row}"].value = main[f"K{row}"].value, main[f"J{row}"].value


@of("xii")
def column_pasted_over_whole(book: Book, main: Worksheet) -> None:
    loose(main)
    for row in (4, 5, *range(7, LAST + 1)):
        main[f"D{row}"] = main[f"J{row}"].value


@of("xii")
def column_pasted_over_data(book: Book, main: Worksheet) -> None:
    for row in range(FIRST, LAST + 1):
        main[f"D{row}"] = main[f"J{row}"].value


@of("iii")
def hidden_first_row_deleted(book: Book, main: Worksheet) -> None:
    loose(main)
    main.delete_rows(1)


@of("iii")
def hidden_rows_of_codes_deleted(book: Book, main: Worksheet) -> None:
    loose(main)
    main.delete_rows(4, 2)


@of("iii")
def logo_row_put_above(book: Book, main: Worksheet) -> None:
    loose(main)
    main.insert_rows(1)
    main["A1"] = "H. AYUNTAMIENTO DE RÍO AZUL"


@of("iii")
def main_sheet_renamed(book: Book, main: Worksheet) -> None:
    main.title = "Hoja1"


@of("ix")
def table_sheet_renamed(book: Book, main: Worksheet) -> None:
    book["Tabla_512963"].title = "Tabla 512963"


@of("iii")
def sheet_of_notes_added(book: Book, main: Worksheet) -> None:
    book.create_sheet("Hoja2").append(["pendientes"])


@of("iii")
def number_of_another_format(book: Book, main: Worksheet) -> None:
    main["A1"] = "53405"


@of("ix")
def codes_and_ids_turned_into_numbers(book: Book, main: Worksheet) -> None:
    main["A1"] = int(str(main["A1"].value))
    for row in (4, 5):
        for cell in main[row]:
            cell.value = int(str(cell.value))


@of("xii")
def id_pasted_over(book: Book, main: Worksheet) -> None:
    main["E5"] = "999999"


@of("xii")
def type_pasted_over(book: Book, main: Worksheet) -> None:
    main["D4"] = "1"


@of("xii")
def header_in_own_words(book: Book, main: Worksheet) -> None:
    main["E7"] = "Nivel tabular"


@of("xii")
def header_with_other_blanks(book: Book, main: Worksheet) -> None:
    main["E7"] = f"  {main['E7'].value.upper()}\n"


@of("iii")
def short_name_overwritten(book: Book, main: Worksheet) -> None:
    main["D3"] = "RÍO AZUL"


@of("viii")
def painted_filtered_and_frozen(book: Book, main: Worksheet) -> None:
    for row in (1, 4, 5):
        main.row_dimensions[row].hidden = False
    main.auto_filter.ref, main.freeze_panes = "A7:AG19", "D8"
    main["M8"].fill, main["M8"].comment = PatternFill("solid", fgColor="FFFF00"), Comment("revisar", "área")
    main.data_validations.dataValidation.clear()
    main.column_dimensions["K"].hidden = True


@of("xii-2023")
def validation_date_in_the_layout_of_2023(book: Book, main: Worksheet) -> None:
    loose(main)
    main.insert_cols(16)
    main["P4"], main["P7"] = "4", "Fecha de validación"
    fill(main, "P", date(2026, 1, 10))


@of("xii-2023")
def update_date_empty_in_the_layout_of_2023(book: Book, main: Worksheet) -> None:
    main["P8"] = None


@of("blank")
def blank_template_as_downloaded(book: Book, main: Worksheet) -> None:
    pass


# --- other files


@file
def export_of_the_public_consultation(sources: Path, target: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Información"
    for row in (
        ["Sujeto Obligado", "Municipio de Río Azul"], ["Normativa", "Ley de Transparencia"], ["Formato", "VIII"],
        ["Periodo", "2023"], [], ["ID", "FECHA CREACION", "FECHA MODIFICACION", "EJERCICIO"],
        ["A1B2", "01/04/2023", "02/04/2023", "2023"],
    ):  # fmt: skip
        sheet.append(row)
    book.save(target.with_suffix(".xlsx"))


@file
def workbook_of_no_format(sources: Path, target: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["Nombre", "Puesto", "Sueldo"])
    book.save(target.with_suffix(".xlsx"))


@file
def xlsx_called_xls(sources: Path, target: Path) -> None:
    target.with_suffix(".xls").write_bytes((sources / "iii.xlsx").read_bytes())


@file
def xls_saved_as_xlsx(sources: Path, target: Path) -> None:
    book = xlwt.Workbook()
    book.add_sheet(MAIN).write(0, 0, "53399")
    book.save(str(target.with_suffix(".xlsx")))


@file
def web_page_called_xlsx(sources: Path, target: Path) -> None:
    target.with_suffix(".xlsx").write_text("<html><body><table><tr><td>2018</td></tr></table></body></html>")


def main(sources: Path, targets: Path) -> None:
    """Make every mutated workbook."""
    for name, (source, mutate) in MUTATIONS.items():
        book = openpyxl.load_workbook(sources / f"{source}.xlsx")
        mutate(book, book[MAIN])
        book.save(targets / f"{name}.xlsx")
    for name, write in FILES.items():
        write(sources, targets / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
