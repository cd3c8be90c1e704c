"""A workbook of findings alone, and the lines that it shares with the sheet of errors of an annotated one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from webapp.formats.layout import ERRORS_SHEET
from webapp.formats.model import Finding, Report, Rule, Severity

SEVERITIES: dict[Severity, str] = {"blocking": "Impide la carga", "warning": "Advierte", "info": "Informa"}
COLOURS: dict[Severity, str] = {"blocking": "FFC7CE", "warning": "FFEB9C", "info": "DDEBF7"}
TITLE = "Errores encontrados por Aula Norte (equivalente formativo, no es el validador oficial)"
HEADERS = (
    "Gravedad", "Hoja", "Celda", "Columna", "Valor", "Qué pasa", "Por qué importa", "Cómo se arregla", "Ejemplo",
    "Lección", "Código",
)  # fmt: skip
WIDTHS = (16, 22, 10, 34, 30, 60, 50, 50, 30, 40, 22)
CELL_COLUMN, LESSON_COLUMN = HEADERS.index("Celda"), HEADERS.index("Lección")
TITLE_ROW, SUMMARY_ROW, HEADER_ROW, FIRST_ROW = 0, 1, 3, 4
LONGEST = 32_000  # characters that a cell of Excel takes, with room to spare

LessonUrl = Callable[[str], str | None]


def no_lesson(lesson: str) -> str | None:
    """Where nobody knows the address of a lesson."""
    return None


@dataclass(frozen=True)
class Line:
    """A finding as a row of the sheet of errors."""

    finding: Finding
    values: Sequence[str]
    lesson: str | None  # address of the lesson


def lines(report: Report, rules: Mapping[str, Rule], lesson_url: LessonUrl = no_lesson) -> Iterator[Line]:
    """The findings in the order of the report, each with what its rule says."""
    for finding in report.findings:
        rule = rules.get(finding.code)
        lesson = lesson_url(rule.lesson) if rule and rule.lesson else None
        explained = (rule.why, rule.mend, rule.example) if rule else ("", "", "")
        values = (
            SEVERITIES[finding.severity], finding.sheet, finding.cell, finding.field, finding.value, finding.message,
            *explained, lesson or "", finding.code,
        )  # fmt: skip
        yield Line(finding, [legible(value) for value in values], lesson)


def summary(report: Report) -> str:
    """How many findings there are of each severity."""
    counts = [
        f"{name}: {sum(finding.times for finding in report.findings if finding.severity == severity):,}"
        for severity, name in SEVERITIES.items()
    ]
    name = f"{report.format.short_name} · " if report.format else ""
    return legible(f"{name}{' · '.join(counts)}")


def legible(text: str) -> str:
    """A text that a cell can hold: without control characters and not too long."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)[:LONGEST]


def is_formula_like(text: str) -> bool:
    """Whether a spreadsheet could take a text for a formula once somebody edits its cell or saves it as CSV."""
    return text[:1] in ("=", "+", "-", "@", "\t", "\r")


def write(report: Report, rules: Mapping[str, Rule], target: BinaryIO, lesson_url: LessonUrl = no_lesson) -> None:
    """Write the findings of a report as a workbook of one sheet, in constant memory."""
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_urls": False,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as workbook:
        title = workbook.add_format({"bold": True, "font_size": 14})
        header = workbook.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": "#333333"})
        text = workbook.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        looks = {
            severity: workbook.add_format({"bold": True, "valign": "top", "bg_color": f"#{colour}"})
            for severity, colour in COLOURS.items()
        }
        sheet = workbook.add_worksheet(ERRORS_SHEET)
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(FIRST_ROW, 0)
        sheet.write_string(TITLE_ROW, 0, TITLE, title)
        sheet.write_string(SUMMARY_ROW, 0, summary(report))
        sheet.write_row(HEADER_ROW, 0, HEADERS, header)
        row = HEADER_ROW
        for row, line in enumerate(lines(report, rules, lesson_url), start=FIRST_ROW):
            for column, value in enumerate(line.values):
                if value:
                    sheet.write_string(row, column, value, looks[line.finding.severity] if column == 0 else text)
            if line.lesson:
                sheet.write_url(row, LESSON_COLUMN, line.lesson)
        sheet.autofilter(HEADER_ROW, 0, row, len(HEADERS) - 1)
