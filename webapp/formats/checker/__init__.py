"""Says everything that is wrong with a workbook, in the order in which it must be mended.

Integrity first (`integrity`), since nothing can be judged in a template that was altered; then each cell (`cells`), each
row (`rows`), the rows together (`across`), and completeness against `Nota` (`completeness`). What each rule says, how
severe it is and where it holds is data: `courses/_formats/rules.yaml`. It is a training equivalent and no official
validator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

from webapp.formats import guard
from webapp.formats.checker.across import check_across
from webapp.formats.checker.cells import check_cells
from webapp.formats.checker.completeness import check_completeness
from webapp.formats.checker.findings import MOST_PER_COLUMN, Fault, Findings
from webapp.formats.checker.integrity import find_structure
from webapp.formats.checker.rows import check_rows
from webapp.formats.model import Format, Report, Rule, Workbook
from webapp.formats.reader import read
from webapp.formats.recognition import recognise
from webapp.formats.rules import holding

__all__ = ["MOST_PER_COLUMN", "check", "check_file"]

EXPORTS: dict[str, str] = {"export-2016": "de 2015 a 2017", "export-2019": "de 2019 en adelante"}
MOST_SECONDS = 60  # for a file from outside; 100,000 rows take a tenth of it


class Known(Protocol):
    """Whoever knows formats: `definitions.Library`, whose readers the child process need not load."""

    @property
    def formats(self) -> tuple[Format, ...]: ...


def check(workbook: Workbook, format: Format | None, rules: Mapping[str, Rule], today: date | None = None) -> Report:
    """Return every finding about a workbook of this format; `format` is None when it was not recognised.

    Of each rule, the first `MOST_PER_COLUMN` findings of a column are given, and then one that says how many more there
    are. `today` bounds years and dates of update; the machine's date by default. Never raises on what cells hold.
    """
    findings = Findings(holding(rules, format))
    if workbook.layout in EXPORTS:
        findings.add(Fault("consultation_export", {"years": EXPORTS[workbook.layout]}))
        return Report(format, workbook.layout, 0, findings.everything())
    if format is None:
        findings.add(Fault("format_unknown"))
        return Report(None, workbook.layout, 0, findings.everything())
    today = today or date.today()
    structure = find_structure(workbook, format, findings)
    main = structure.main
    if main and not main.numbers:
        findings.add(Fault("no_rows"), main.sheet)
    check_cells(structure, findings, today)
    if main:
        check_rows(main, format.period, findings, today)
    check_across(structure, findings)
    check_completeness(structure, findings)
    return Report(format, workbook.layout, len(main.numbers) if main else 0, findings.everything())


def check_file(path: Path, library: Known, rules: Mapping[str, Rule], today: date | None = None) -> Report:
    """Check a file from outside: measured first, then read, recognised and checked in a limited child process.

    Raises Unreadable.
    """
    guard.check_file(path)
    return guard.run_limited(_check_here, path, library.formats, dict(rules), today, seconds=MOST_SECONDS)


def _check_here(path: Path, formats: Sequence[Format], rules: Mapping[str, Rule], today: date | None) -> Report:
    workbook = read(path)
    return check(workbook, recognise(workbook, formats), rules, today)
