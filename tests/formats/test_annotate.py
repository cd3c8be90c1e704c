"""What comes back to a learner: the same data, with what was found in them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from python_calamine import CalamineWorkbook

from tests.formats.sample import SAMPLE, opened, written
from webapp.formats import report_book
from webapp.formats.annotate import annotate
from webapp.formats.blank import Content
from webapp.formats.model import Finding, Report, Rule, Value

MAIN = "Reporte de Formatos"
ROW: list[Value] = [
    2024,
    date(2024, 1, 1),
    date(2024, 3, 31),
    "Cuatro",
    "=HYPERLINK(1)",
    12.5,
    "E:\\doc.pdf",
    3,
    1,
    "Mujer",
    "Área",
]
CONTENT = Content([ROW, [2024]], {"109": [[1, "Ana Núñez", 10.25, "Mujer"]]})
FINDINGS = (
    Finding(
        "not_in_catalogue", "blocking", "«Cuatro» no está en el catálogo.", MAIN, 7, 3, "Cuatro", "Tipo (catálogo)"
    ),
    Finding("odd", "info", "Otra cosa.", MAIN, 7, 3, "Cuatro", "Tipo (catálogo)"),
    Finding("formula", "warning", "=1+1 parece fórmula.\x0b", MAIN, 7, 4, "=HYPERLINK(1)", "Denominación del puesto"),
    Finding("changed_header", "blocking", "El encabezado cambió.", MAIN, None, 5, "", "Monto bruto"),
    Finding("unused_row", "warning", "Nadie usa este renglón.", "Tabla_109", 3, 0, "1", "ID"),
    Finding("missing_sheet", "blocking", "Falta la hoja «Tabla_110».", "Tabla_110"),
    Finding("no_rows", "info", "Hay pocos renglones.", MAIN),
)
RULES = {
    "not_in_catalogue": Rule(
        "not_in_catalogue", "Valor fuera del catálogo", "blocking", "SIPOT lo busca en su lista.", "Elige de la lista.",
        "Uno", "prueba", "D", lesson="curso/catalogos",
    )
}  # fmt: skip


def report(findings: Sequence[Finding] = FINDINGS, rows: int = 2) -> Report:
    return Report(SAMPLE, "load-2018", rows, tuple(findings))


def lesson_url(lesson: str) -> str | None:
    return f"https://aula.example/{lesson}"


def annotated(source: Path, findings: Sequence[Finding] = FINDINGS) -> bytes:
    target = io.BytesIO()
    assert annotate(source, report(findings), RULES, target, lesson_url) == "annotated"
    return target.getvalue()


def values(data: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    sheets.pop("Errores", None)
    return sheets


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "entrega.xlsx"
    path.write_bytes(written(content=CONTENT))
    return path


def test_every_value_of_every_sheet_is_what_it_was(source: Path) -> None:
    assert values(annotated(source)) == values(source.read_bytes())


def test_hidden_rows_names_merges_and_validations_are_what_they_were(source: Path) -> None:
    before, after = opened(source.read_bytes()), opened(annotated(source))
    assert {name: one.attr_text for name, one in after.defined_names.items()} == {
        name: one.attr_text for name, one in before.defined_names.items()
    }
    for sheet in before:
        other = after[sheet.title]
        assert {row: one.hidden for row, one in other.row_dimensions.items()} == {
            row: one.hidden for row, one in sheet.row_dimensions.items()
        }
        assert {str(area) for area in other.merged_cells.ranges} == {str(area) for area in sheet.merged_cells.ranges}
        assert [(str(rule.sqref), rule.formula1) for rule in other.data_validations.dataValidation] == [
            (str(rule.sqref), rule.formula1) for rule in sheet.data_validations.dataValidation
        ]


def test_a_marked_cell_has_the_colour_of_its_worst_finding_and_says_it_in_words(source: Path) -> None:
    cell = opened(annotated(source))[MAIN]["D8"]
    assert cell.fill.fgColor.rgb.endswith("FFC7CE")
    assert cell.comment.author == "Aula Norte"
    for words in (
        "Impide la carga. «Cuatro» no está",
        "SIPOT lo busca en su lista.",
        "Elige de la lista.",
        "Informa. Otra cosa.",
    ):
        assert words in cell.comment.text


def test_a_finding_of_a_column_is_shown_at_its_header(source: Path) -> None:
    assert "El encabezado cambió." in opened(annotated(source))[MAIN]["F7"].comment.text


def test_cells_without_findings_stay_as_they_were(source: Path) -> None:
    sheet = opened(annotated(source))[MAIN]
    marked = [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment]
    assert marked == ["F7", "D8", "E8"]
    assert sheet["B8"].number_format == "dd/mm/yyyy"


def test_the_first_sheet_lists_every_finding_with_a_link_to_its_cell_and_lesson(source: Path) -> None:
    book = opened(annotated(source))
    assert book.sheetnames[0] == book.active.title == "Errores"
    rows = [[cell.value for cell in row] for row in book["Errores"].iter_rows(min_row=5)]
    assert [row[-1] for row in rows] == [finding.code for finding in FINDINGS]
    assert rows[0][:5] == ["Impide la carga", MAIN, "D8", "Tipo (catálogo)", "Cuatro"]
    links = {
        cell.coordinate: cell.hyperlink
        for row in book["Errores"].iter_rows(min_row=5)
        for cell in row
        if cell.hyperlink
    }
    assert [links[f"C{row}"].location for row in (5, 8, 9, 11)] == [
        f"'{MAIN}'!D8", f"'{MAIN}'!F7", "'Tabla_109'!A4", f"'{MAIN}'!A1",
    ]  # fmt: skip
    assert links["J5"].target == "https://aula.example/curso/catalogos"
    assert "C10" not in links  # the sheet is not there


def test_the_first_sheet_counts_findings_by_severity(source: Path) -> None:
    assert opened(annotated(source))["Errores"]["A2"].value == (
        "Prueba · Impide la carga: 3 · Advierte: 2 · Informa: 2"
    )


def test_no_written_cell_is_a_formula(source: Path) -> None:
    target = io.BytesIO()
    report_book.write(report(), RULES, target, lesson_url)
    for data in (annotated(source), target.getvalue()):
        cells = [cell for row in opened(data)["Errores"].iter_rows() for cell in row]
        assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
        dangerous = [cell for cell in cells if str(cell.value).startswith("=")]
        assert [cell.value for cell in dangerous] == ["=HYPERLINK(1)", "=1+1 parece fórmula."]
        assert all(cell.quotePrefix for cell in dangerous)


def test_annotating_again_takes_the_old_marks_away(source: Path, tmp_path: Path) -> None:
    again = tmp_path / "otra vez.xlsx"
    again.write_bytes(annotated(source))
    book = opened(annotated(again, FINDINGS[:1]))
    assert book.sheetnames == ["Errores", *opened(source.read_bytes()).sheetnames]
    marked = [cell.coordinate for row in book[MAIN].iter_rows() for cell in row if cell.comment]
    assert marked == ["D8"]
    assert book[MAIN]["D8"].comment.text.count("Impide la carga") == 1
    assert book[MAIN]["E8"].fill.fill_type is None
    assert book[MAIN]["F7"].fill.fgColor.rgb.endswith("E1E1E1")


def test_a_comment_of_the_owner_stays_before_ours_and_after_it(source: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(source)
    book[MAIN]["D8"].comment = Comment("Preguntar a Lucía", "Rocío")
    book.save(source)
    again = tmp_path / "otra vez.xlsx"
    again.write_bytes(annotated(source))
    comment = opened(again.read_bytes())[MAIN]["D8"].comment
    assert comment.text.startswith("Preguntar a Lucía\n\nAula Norte:") and comment.author == "Rocío"
    assert opened(annotated(again, ()))[MAIN]["D8"].comment.text == "Preguntar a Lucía"


def test_a_sheet_of_the_owner_called_errores_is_not_touched(source: Path) -> None:
    book = openpyxl.load_workbook(source)
    book.create_sheet("Errores")["A1"] = "Mis pendientes"
    book.save(source)
    after = opened(annotated(source))
    assert after["Errores"]["A1"].value == "Mis pendientes"
    assert after.worksheets[0]["A1"].value == report_book.TITLE


def test_more_than_5000_rows_and_an_old_xls_give_the_errors_alone(source: Path, tmp_path: Path) -> None:
    old = tmp_path / "viejo.xls"
    old.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512))
    for path, rows in ((source, 5001), (old, 2)):
        target = io.BytesIO()
        assert annotate(path, report(rows=rows), RULES, target, lesson_url) == "errors"
        book = opened(target.getvalue())
        assert book.sheetnames == ["Errores"]
        assert [row[2] for row in book["Errores"].iter_rows(min_row=5, values_only=True)] == [
            finding.cell or None for finding in FINDINGS
        ]


def test_a_finding_of_a_rule_that_nobody_knows_is_still_listed(source: Path) -> None:
    found = replace(FINDINGS[0], code="unknown")
    assert opened(annotated(source, [found]))["Errores"]["K5"].value == "unknown"
