"""Do the rows agree with each other: nothing twice, one year, one period, and tables whose rows are all used?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from webapp.formats.checker.cells import id_of
from webapp.formats.checker.findings import Fault, Findings
from webapp.formats.checker.grid import Grid, Structure
from webapp.formats.checker.values import date_of, text_of, year_of
from webapp.formats.model import Value


def check_across(structure: Structure, findings: Findings) -> None:
    """Judge the rows of the main sheet and of the tables together."""
    for grid in structure.grids():
        _duplicates(grid, findings)
    if structure.main:
        _years(structure.main, findings)
        _periods(structure.main, findings)
        _table_rows(structure, findings)


def _duplicates(grid: Grid, findings: Findings) -> None:
    """Rows that repeat an earlier one in every cell."""
    first: dict[int, int] = {}
    for place, row in enumerate(grid.rows):
        found = first.setdefault(hash(tuple(row)), place)
        if found != place and tuple(grid.rows[found]) == tuple(row):
            findings.add(
                Fault("duplicate_row", {"first": str(grid.numbers[found] + 1)}), grid.sheet, grid.numbers[place]
            )


def _parsed(values: Sequence[Value]) -> list[date | None]:
    days = {value: date_of(value) for value in set(values)}
    return [days[value] for value in values]


def _years(grid: Grid, findings: Findings) -> None:
    """Rows of another year than most, where the year is the period's own: a load of it replaces what it finds."""
    if not {"exercise", "start", "end"} <= grid.roles.keys():
        return
    exercise = grid.roles["exercise"]
    years = {value: year_of(value) for value in set(exercise.values)}
    if len(years) < 2:
        return
    starts, ends = _parsed(grid.roles["start"].values), _parsed(grid.roles["end"].values)
    agreed: list[int | None] = []
    for value, start, end in zip(exercise.values, starts, ends, strict=True):
        year = years[value]
        agreed.append(year if year and start and end and start.year <= year <= end.year else None)
    counts = Counter(year for year in agreed if year)
    main = max(counts, key=lambda year: (counts[year], year), default=None)
    for place, year in enumerate(agreed):
        if year and year != main:
            grid.add(
                findings, Fault("several_years", {"main": str(main), "rows": str(counts[main or 0])}), place, exercise
            )


def _periods(grid: Grid, findings: Findings) -> None:
    """Rows of another period of the same year than more than half: dates of last quarter left in."""
    if not {"start", "end"} <= grid.roles.keys():
        return
    start = grid.roles["start"]
    periods = list(zip(_parsed(start.values), _parsed(grid.roles["end"].values), strict=True))
    if len(set(periods)) < 2:
        return
    main, times = Counter(periods).most_common(1)[0]
    if times * 2 <= len(periods) or None in main:
        return
    fault = Fault("other_period", {"start": text_of(main[0]), "end": text_of(main[1]), "rows": str(times)})
    for place, period in enumerate(periods):
        if period != main and _is_another_quarter(period, main):
            grid.add(findings, fault, place, start)


def _is_another_quarter(period: tuple[date | None, date | None], main: tuple[date | None, date | None]) -> bool:
    """Whether both days are other ones, of the same year and as far apart: one other day alone is a slip in a date."""
    (start, end), (main_start, main_end) = period, main
    if not (start and end and main_start and main_end) or start > end:
        return False
    length = (end.year - start.year) * 12 + end.month - start.month
    main_length = (main_end.year - main_start.year) * 12 + main_end.month - main_start.month
    return start.year == main_start.year and start != main_start and end != main_end and length == main_length


def _table_rows(structure: Structure, findings: Findings) -> None:
    """Rows of tables that no row of the main sheet points to, and rows whose `ID` links nothing.

    A cell of the main sheet that links nothing has been told already: as many rows as it leaves alone are not told again.
    """
    assert structure.main
    for table_id, grid in structure.tables.items():
        key = grid.columns[0]
        ids = [id_of(value) for value in key.values]
        links = _links(structure.main, table_id)
        known = set(ids) - {""}
        unused = known - links.keys()
        broken = sum(times for found, times in links.items() if found not in known)
        for place, found in enumerate(ids):
            if not found:
                grid.add(findings, Fault("table_row_id"), place, key)
            elif found in unused and len(unused) > broken:
                grid.add(findings, Fault("table_row_unused"), place, key)


def _links(main: Grid, table_id: str) -> Counter[str]:
    """What the filled cells that point into a table hold, as ids of its rows, with how often; "" is no id."""
    links: Counter[str] = Counter()
    for column in main.columns:
        if column.field.type == "table" and column.field.table == table_id:
            for value, times in Counter(value for value in column.values if value is not None).items():
                links[id_of(value)] += times
    return links
