"""Everything about a workbook from outside that can be shown, worked out where it cannot do harm: in a child process.

What was found lies in a folder as plain files, so that a page can show any part of a large sheet with one read:
`report.json`, and the rows of each sheet in pages (`sheet-0.jsonl`, one page a line).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from webapp.formats import annotate, checker
from webapp.formats.definitions import Library
from webapp.formats.model import Finding, Layout, Report, Rule, Sheet, Value, Workbook
from webapp.formats.reader import read
from webapp.formats.rules import read_rules

PAGE_ROWS = 50
MOST_PAGES = 400  # of a sheet that are kept for showing: 20,000 rows
LONGEST_SHOWN = 300  # characters of a cell
MOST_FINDINGS = 5_000  # that are listed one by one; all of them are counted
RULES_FILE = "rules.yaml"
REPORT_FILE = "report.json"


@dataclass(frozen=True)
class ShownSheet:
    """A sheet as it can be shown. `offsets` are where each page begins in its file; `cut` says that rows are left out."""

    name: str
    rows: int
    columns: int
    offsets: tuple[int, ...]
    cut: bool = False


@dataclass(frozen=True)
class Examination:
    """What is known about a workbook. `counts` are findings by code, all of them; `findings` may be cut."""

    format: str  # Format.id, "" when it is none that is known
    layout: Layout
    rows: int
    findings: tuple[Finding, ...]
    counts: Mapping[str, int]
    severities: Mapping[str, int]
    sheets: tuple[ShownSheet, ...]


def open_library(formats: Path) -> tuple[Library, dict[str, Rule]]:
    """The definitions and the rules of a folder."""
    return Library(formats), read_rules(formats / RULES_FILE)


def check_read(workbook: Workbook, library: Library, rules: Mapping[str, Rule]) -> Report:
    """Check a workbook that was read, of whatever format it turns out to be."""
    return checker.check(workbook, library.recognise(workbook), rules)


def examine(source: Path, formats: Path, folder: Path) -> None:
    """Read and check `source` and keep what was found in `folder`. Raises Unreadable."""
    keep(read(source), *open_library(formats), folder)


def keep(workbook: Workbook, library: Library, rules: Mapping[str, Rule], folder: Path) -> Examination:
    """Check a workbook that was read, and keep it with what was found in `folder`, in the form in which it is shown."""
    report = check_read(workbook, library, rules)
    sheets = tuple(
        _write_pages(sheet, folder / f"sheet-{number}.jsonl") for number, sheet in enumerate(workbook.sheets.values())
    )
    found = summary(report, sheets)
    write_report(found, folder)
    return found


def summary(report: Report, sheets: Sequence[ShownSheet] = ()) -> Examination:
    """A report in the form that is kept."""
    counts: dict[str, int] = {}
    severities: dict[str, int] = {}
    for finding in report.findings:
        counts[finding.code] = counts.get(finding.code, 0) + finding.times
        severities[finding.severity] = severities.get(finding.severity, 0) + finding.times
    return Examination(
        report.format.id if report.format else "",
        report.layout,
        report.rows,
        report.findings[:MOST_FINDINGS],
        counts,
        severities,
        tuple(sheets),
    )


def annotated(source: Path, formats: Path, target: Path) -> annotate.Made:
    """Write the workbook back with its findings, or the findings alone, and say which. Raises Unreadable."""
    library, rules = open_library(formats)
    with target.open("wb") as file:
        return annotate.annotate(source, check_read(read(source), library, rules), rules, file)


# --- what is kept -----------------------------------------------------------------------------------------------


def write_report(examination: Examination, folder: Path) -> None:
    """Keep what was found."""
    (folder / REPORT_FILE).write_text(json.dumps(asdict(examination), ensure_ascii=False), encoding="utf-8")


def read_report(folder: Path) -> Examination:
    """What was found, as `examine` kept it. Raises FileNotFoundError."""
    data: dict[str, Any] = json.loads((folder / REPORT_FILE).read_text(encoding="utf-8"))
    known = {field.name for field in fields(Finding)}
    data["findings"] = tuple(Finding(**{k: v for k, v in row.items() if k in known}) for row in data["findings"])
    data["sheets"] = tuple(ShownSheet(**{**row, "offsets": tuple(row["offsets"])}) for row in data["sheets"])
    return Examination(**data)


def read_page(folder: Path, sheet: int, offsets: Sequence[int], page: int) -> list[list[str]]:
    """The cells of a page of a sheet as they are shown, trailing empty ones cut off."""
    with (folder / f"sheet-{sheet}.jsonl").open("rb") as file:
        file.seek(offsets[page])
        rows: list[list[str]] = json.loads(file.readline())
    return rows


def _write_pages(sheet: Sheet, target: Path) -> ShownSheet:
    offsets: list[int] = []
    columns = 0
    with target.open("wb") as file:
        for page in _pages(sheet):
            offsets.append(file.tell())
            columns = max(columns, *(len(row) for row in page))
            file.write(json.dumps(page, ensure_ascii=False).encode() + b"\n")
    return ShownSheet(sheet.name, len(sheet.rows), columns, tuple(offsets), len(sheet.rows) > PAGE_ROWS * MOST_PAGES)


def _pages(sheet: Sheet) -> Iterator[list[list[str]]]:
    shown = min(len(sheet.rows), PAGE_ROWS * MOST_PAGES)
    for start in range(0, shown, PAGE_ROWS):
        yield [[shown_value(value) for value in row] for row in sheet.rows[start : min(start + PAGE_ROWS, shown)]]


def shown_value(value: Value) -> str:
    """A cell as people see it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "VERDADERO" if value else "FALSO"
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y}" if value.time() == time() else f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = str(value)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
