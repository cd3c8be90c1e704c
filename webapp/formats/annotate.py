"""Gives a workbook back with what was found in it: coloured cells, comments and a first sheet that lists everything.

The values of the workbook stay as they came. Files from outside are measured by `guard` before they get here.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Literal

from webapp.formats import layout, report_book
from webapp.formats.model import Finding, Report, Rule, Severity, address
from webapp.formats.report_book import COLOURS, SEVERITIES, LessonUrl, no_lesson

MOST_ROWS = 5_000  # of data; what is longer gets a workbook of errors alone
WORST: tuple[Severity, ...] = ("blocking", "warning", "info")
MARK = "Aula Norte:\n"  # begins what this module wrote into a comment; what stands before it is the owner's
AUTHOR = "Aula Norte"
HEADER_GREY = "E1E1E1"

Made = Literal["annotated", "errors"]


def annotate(
    source: Path, report: Report, rules: Mapping[str, Rule], target: BinaryIO, lesson_url: LessonUrl = no_lesson
) -> Made:
    """Write the workbook of `source` with its findings into `target`, or the findings alone, and say which.

    The findings alone are what an .xls and a workbook of more than 5,000 rows give. Marks of an earlier annotation go.
    Values that Excel keeps beside its formulas are not kept: it works them out again when it opens the file.
    """
    if report.rows > MOST_ROWS or not zipfile.is_zipfile(source):
        report_book.write(report, rules, target, lesson_url)
        return "errors"
    import openpyxl

    workbook = openpyxl.load_workbook(source, rich_text=True)
    _clean(workbook)
    for (name, row, column), findings in _by_cell(report, workbook).items():
        _mark(workbook[name], row, column, findings, rules)
    _list(workbook, report, rules, lesson_url)
    workbook.save(target)
    return "annotated"


def annotate_file(source: Path, report: Report, rules: Mapping[str, Rule], target: Path) -> Made:
    """The same from file to file, as a child process with limits calls it."""
    with target.open("wb") as file:
        return annotate(source, report, rules, file)


def _clean(workbook: Any) -> None:
    """Take away the sheet, the comments and the colours of an earlier annotation."""
    for sheet in list(workbook.worksheets):
        if sheet.cell(1, 1).value == report_book.TITLE:
            workbook.remove(sheet)
            continue
        written = list(sheet._cells.values())  # not iter_rows, which also makes every empty cell before the last one
        for cell in [cell for cell in written if cell.comment and MARK in cell.comment.text]:
            prior = cell.comment.text.partition(MARK)[0].rstrip()
            cell.comment = _comment(prior, cell.comment.author) if prior else None
            cell.fill = _fill(HEADER_GREY if cell.row == _header_row(sheet.title) + 1 else None)


def _by_cell(report: Report, workbook: Any) -> dict[tuple[str, int, int], list[Finding]]:
    """The findings by the cell that shows them, rows and columns from 1: that of a column is its header."""
    cells: dict[tuple[str, int, int], list[Finding]] = {}
    for finding in report.findings:
        place = _place(finding)
        if place and finding.sheet in workbook.sheetnames:
            cells.setdefault((finding.sheet, *place), []).append(finding)
    return cells


def _place(finding: Finding) -> tuple[int, int] | None:
    if finding.row is None and finding.column is None:
        return None
    row = _header_row(finding.sheet) if finding.row is None else finding.row
    return row + 1, (finding.column or 0) + 1


def _header_row(sheet: str) -> int:
    return layout.HEADER_ROW if sheet == layout.MAIN_SHEET else layout.TABLE_HEADER_ROW


def _mark(sheet: Any, row: int, column: int, findings: list[Finding], rules: Mapping[str, Rule]) -> None:
    around = [
        area
        for area in sheet.merged_cells.ranges
        if area.min_row <= row <= area.max_row and area.min_col <= column <= area.max_col
    ]
    cell = sheet.cell(around[0].min_row, around[0].min_col) if around else sheet.cell(row, column)
    findings = sorted(findings, key=lambda finding: WORST.index(finding.severity))
    told = "\n\n".join(_told(finding, rules.get(finding.code)) for finding in findings)
    prior = f"{cell.comment.text}\n\n" if cell.comment else ""
    cell.fill = _fill(COLOURS[findings[0].severity])
    cell.comment = _comment(report_book.legible(f"{prior}{MARK}{told}"), cell.comment.author if prior else AUTHOR)


def _told(finding: Finding, rule: Rule | None) -> str:
    """What a comment says: never by colour alone."""
    told = f"{SEVERITIES[finding.severity]}. {finding.message}"
    return f"{told}\nPor qué importa: {rule.why}\nCómo se arregla: {rule.mend}" if rule else told


def _list(workbook: Any, report: Report, rules: Mapping[str, Rule], lesson_url: LessonUrl) -> None:
    """The first sheet, with a link to each cell and to each lesson."""
    from openpyxl.styles import Alignment, Font

    sheet = workbook.create_sheet(layout.ERRORS_SHEET, 0)
    for other in workbook.worksheets:
        other.sheet_view.tabSelected = other is sheet
    workbook.active = 0
    _text(sheet, report_book.TITLE_ROW, 0, report_book.TITLE).font = Font(bold=True, size=14)
    _text(sheet, report_book.SUMMARY_ROW, 0, report_book.summary(report))
    for column, (header, width) in enumerate(zip(report_book.HEADERS, report_book.WIDTHS, strict=True)):
        cell = _text(sheet, report_book.HEADER_ROW, column, header)
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), _fill("333333")
        sheet.column_dimensions[cell.column_letter].width = width
    row = report_book.HEADER_ROW
    for row, line in enumerate(report_book.lines(report, rules, lesson_url), start=report_book.FIRST_ROW):
        for column, value in enumerate(line.values):
            _text(sheet, row, column, value).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.cell(row + 1, 1).fill = _fill(COLOURS[line.finding.severity])
        _link_to_cell(sheet.cell(row + 1, report_book.CELL_COLUMN + 1), line.finding, workbook)
        if line.lesson:
            link = sheet.cell(row + 1, report_book.LESSON_COLUMN + 1)
            link.hyperlink, link.style = line.lesson, "Hyperlink"
    sheet.freeze_panes = sheet.cell(report_book.FIRST_ROW + 1, 1)
    sheet.auto_filter.ref = f"A{report_book.HEADER_ROW + 1}:{address(row, len(report_book.HEADERS) - 1)}"


def _link_to_cell(cell: Any, finding: Finding, workbook: Any) -> None:
    from openpyxl.worksheet.hyperlink import Hyperlink

    if finding.sheet not in workbook.sheetnames:
        return
    row, column = _place(finding) or (1, 1)
    name = finding.sheet.replace("'", "''")
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{name}'!{address(row - 1, column - 1)}")
    if not cell.value:
        _text(cell.parent, cell.row - 1, cell.column - 1, "Ver la hoja")
    cell.style = "Hyperlink"


def _text(sheet: Any, row: int, column: int, text: str) -> Any:
    """Write a text as a text, whatever it begins with."""
    cell = sheet.cell(row + 1, column + 1)
    if not text:
        return cell
    cell.value, cell.data_type = text, "s"
    cell.quotePrefix = report_book.is_formula_like(text)
    return cell


def _comment(text: str, author: str) -> Any:
    from openpyxl.comments import Comment

    return Comment(text, author, height=180, width=360)


def _fill(colour: str | None) -> Any:
    from openpyxl.styles import PatternFill

    return PatternFill("solid", fgColor=colour) if colour else PatternFill()
