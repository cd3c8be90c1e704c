"""From the YAML of a lab to a lab, and the proof that it can be done.

A proof makes what a learner will get and solves it: the format exists, the declared rows are accepted, the mistakes can
be seeded and are exactly those that the check finds. A lab that cannot be solved is an error of its author, not of the
learner.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from webapp.coursepack.filling import compare, solution
from webapp.coursepack.judging import practice_of
from webapp.coursepack.markdown import Context, compile_lesson, compile_text
from webapp.coursepack.model import Lab
from webapp.coursepack.problems import Report
from webapp.coursepack.shape import Read
from webapp.formats.blank import NotATemplate, fill
from webapp.formats.checker import check
from webapp.formats.definitions import DefinitionError, Library, UnknownFormat
from webapp.formats.model import Field, Format, Rule
from webapp.formats.practice import TooManyErrors
from webapp.formats.rules import read_rules

Row = dict[str, str]
MOST_TOLD = 3  # findings about one solution


def compile_lab(name: str, read: Read, context: Context, report: Report) -> Lab:
    """Return the lab that was read from `labs/<name>/lab.yaml`; what could not be read is empty (the report says why)."""
    case = read.get("case")
    hints = [compile_text(hint.value, context, report, hint.text_line) for hint in read.items("hints")]
    tables = read.of("tables", {})
    return Lab(
        id=name,
        kind=read.of("kind"),
        format=read.text("format"),
        case_html=compile_lesson(case.value, context, report, case.text_line).html if case else "",
        hints=tuple(hint.html for hint in hints),
        rows=tuple(_row(row) for row in read.items("rows")),
        tables={table: tuple(_row(row) for row in rows.value) for table, rows in tables.items()},
        errors=read.of("errors", 0),
        difficulties=tuple(sorted(item.value for item in read.items("difficulties"))) or (1, 2, 3),
    )


def _row(read: Read) -> Row:
    return {column: value.value for column, value in read.value.items()}


class Proof:
    """Proves labs with the formats of a folder, which is opened when the first lab asks for it."""

    def __init__(self, formats: Path) -> None:
        self._folder = formats

    @cached_property
    def _library(self) -> Library:
        return Library(self._folder)

    @cached_property
    def _rules(self) -> dict[str, Rule]:
        return read_rules(self._folder / "rules.yaml")

    def prove(self, lab: Lab, read: Read, report: Report) -> None:
        """Report what keeps the lab from being done, at the line of its file."""
        format = self._format(lab, read, report)
        if format is None:
            return
        if lab.kind == "load":
            if not _report_unknown_columns(lab, format, read, report):
                self._solve(lab, format, read, report)
        else:
            self._seed(lab, format, read, report)

    def _solve(self, lab: Lab, format: Format, read: Read, report: Report) -> None:
        """Fill the template with the declared rows and hand it in."""
        try:
            solved = fill(format, solution(lab, format))
        except NotATemplate as error:
            report.add("unknown_format", str(error), read.line_of("format"))
            return
        blocking = [found for found in check(solved, format, self._rules).findings if found.severity == "blocking"]
        for found in blocking[:MOST_TOLD]:
            message = f"La solución no se podría cargar: {found.message.rstrip('.')}. Corrige rows o tables."
            report.add("unsolved_lab", message[:390], read.line_of("rows"))
        if not blocking and compare(lab, format, solved).percent < 100:
            message = "La solución no se reconoce a sí misma; revisa que los ID de tables sean los de rows."
            report.add("unsolved_lab", message, read.line_of("rows"))

    def _seed(self, lab: Lab, format: Format, read: Read, report: Report) -> None:
        """Make the workbooks of three learners."""
        try:
            for seed in range(3):
                practice_of(lab, format, self._rules, seed)
        except (NotATemplate, TooManyErrors) as error:
            report.add("unseedable_lab", str(error), read.line_of("errors"))

    def _format(self, lab: Lab, read: Read, report: Report) -> Format | None:
        if not lab.format:
            return None  # already reported by the shape
        try:
            found = self._library.get(lab.format)
        except (UnknownFormat, DefinitionError) as error:
            message = f"No hay un formato «{lab.format}» en _formats: {error}"
            report.add("unknown_format", message, read.line_of("format"))
            return None
        if found.id != lab.format:  # a short name may mean another format tomorrow
            message = f"Escribe el id completo del formato: «{found.id}» en lugar de «{lab.format}»."
            report.add("unknown_format", message, read.line_of("format"))
            return None
        return found


def _report_unknown_columns(lab: Lab, format: Format, read: Read, report: Report) -> bool:
    """Report columns and tables that the format does not have; returns whether there were any."""
    tables = {table.id: table.fields for table in format.tables}
    wrong = _unknown(read.items("rows"), format.fields, "el reporte", report)
    for name, rows in read.of("tables", {}).items():
        if name not in tables:
            known = ", ".join(tables) or "ninguna"
            report.add("unknown_column", f"El formato no tiene la tabla «{name}» (tiene: {known}).", rows.line)
            wrong = True
        else:
            wrong |= _unknown(rows.value, tables[name], f"la tabla «{name}»", report, extra=("ID",))
    return wrong


def _unknown(
    rows: list[Read], fields: tuple[Field, ...], where: str, report: Report, extra: tuple[str, ...] = ()
) -> bool:
    known = {field.id for field in fields} | set(extra)
    wrong = False
    for row in rows:
        columns: Mapping[str, Read] = row.value
        for column, value in columns.items():
            if column not in known:
                message = f"En {where} no hay una columna con el id «{column}»; cópialo del renglón 5 de la plantilla."
                report.add("unknown_column", message, value.line)
                wrong = True
    return wrong
