"""Marks an exercise over a practice workbook: what was mended, what was left, and what was broken on the way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from webapp.formats.checker import check
from webapp.formats.checker.findings import Findings
from webapp.formats.checker.grid import Column, Grid
from webapp.formats.checker.integrity import find_structure
from webapp.formats.checker.values import shown, text_of
from webapp.formats.model import Finding, Format, Key, Rule, SeededError, Value, Workbook, address

ALIKE = 0.5  # share of equal cells from which two rows are taken for the same one, edited

Place = tuple[str, int | None, int | None]  # sheet, row, column
Texts = tuple[str, ...]


@dataclass(frozen=True)
class Missed:
    """A seeded error that was left, or mended wrongly. `cell` is where it stands in the workbook handed in.

    `cell` and `stands` are "" when its row was deleted; `right` is what stood there before the error was put in.
    """

    code: str
    sheet: str
    cell: str
    stands: str
    right: str


@dataclass(frozen=True)
class Score:
    """The marks of an exercise. `broken` are findings that the practice workbook did not have."""

    mended: tuple[SeededError, ...]
    missed: tuple[Missed, ...]
    broken: tuple[Finding, ...]

    @property
    def seeded(self) -> int:
        """How many errors there were to find."""
        return len(self.mended) + len(self.missed)

    @property
    def breakages(self) -> int:
        """How many things were broken, those that a capped list stands for included."""
        return sum(finding.times for finding in self.broken)

    @property
    def percent(self) -> int:
        """max(0, mended − broken) of the seeded errors, from 0 to 100, rounded down."""
        worth = max(0, len(self.mended) - self.breakages)
        return 100 * worth // self.seeded if self.seeded else 100 * (not self.broken)

    @property
    def by_code(self) -> dict[str, tuple[int, int]]:
        """For every code, how many errors were mended and how many were seeded."""
        mended = Counter(error.code for error in self.mended)
        seeded = mended + Counter(missed.code for missed in self.missed)
        return {code: (mended[code], seeded[code]) for code in sorted(seeded)}


def score(
    format: Format,
    key: Key,
    submitted: Workbook,
    rules: Mapping[str, Rule],
    handed_out: Workbook | None = None,
    today: date | None = None,
) -> Score:
    """Mark what a learner made of a practice workbook.

    `handed_out` is that workbook as they got it (the same seed makes it again). With it, rows and columns are followed
    where they were inserted, deleted or sorted, findings that it had beyond its key are not held against anybody, and
    right cells that changed without becoming a fault count as broken: only in rows without a seeded error, since a row
    may be mended in more than one way, and never in `Nota`. Without it, every cell is expected where it was.

    An error is mended when nothing is wrong any more where it stood. Deleting its row mends only an error that is the
    row itself, such as a repeated one or one that nobody uses; deleting a row that was right breaks it.
    """
    report = check(submitted, format, rules, today)
    moves = _Moves(format, handed_out, submitted)
    mended: list[SeededError] = []
    missed: list[Missed] = []
    answered: set[Place | None] = set()
    there: defaultdict[Place, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        there[_place(finding)].append(finding)
    for error in key.errors:
        place = moves.follow(_place(error))
        answered.add(place)
        if _is_mended(error, place, there[place] if place else []):
            mended.append(error)
        else:
            missed.append(_missed(error, place, submitted))
    before = check(handed_out, format, rules, today).findings if handed_out else ()
    known = {(finding.code, moves.follow(_place(finding))) for finding in before}
    broken = [
        finding
        for finding in report.findings
        if _place(finding) not in answered and (finding.code, _place(finding)) not in known
    ]
    silent = moves.silently_broken({(error.sheet, error.row) for error in key.errors})
    places = {_place(finding) for finding in broken}
    return Score(tuple(mended), tuple(missed), (*broken, *(one for one in silent if _place(one) not in places)))


def _place(thing: Finding | SeededError) -> Place:
    return thing.sheet, thing.row, thing.column


def _is_mended(error: SeededError, place: Place | None, findings: Sequence[Finding]) -> bool:
    if place is None:
        return error.right is None  # nothing stood there before: the row itself is the error
    if error.column is None or error.row is None:
        return all(finding.code != error.code for finding in findings)
    return not findings


def _missed(error: SeededError, place: Place | None, submitted: Workbook) -> Missed:
    sheet, row, column = place or (error.sheet, None, None)
    value: Value = None
    if row is not None and column is not None and sheet in submitted.sheets:
        value = submitted.sheets[sheet].value(row, column)
    return Missed(error.code, sheet, address(row, column), text_of(value), text_of(error.right))


class _Moves:
    """Where what stood in the workbook handed out stands in the one handed in."""

    def __init__(self, format: Format, handed_out: Workbook | None, submitted: Workbook) -> None:
        self.pairs: dict[str, _Pair] = {}
        if handed_out is None:
            return
        old, new = (find_structure(book, format, Findings({})) for book in (handed_out, submitted))
        if old.main and new.main:
            self.pairs[old.main.sheet] = _Pair(old.main, new.main)
        for table_id, grid in old.tables.items():
            if table_id in new.tables:
                self.pairs[grid.sheet] = _Pair(grid, new.tables[table_id])

    def follow(self, place: Place) -> Place | None:
        """The place now, or None when its row or column is gone."""
        pair = self.pairs.get(place[0])
        return pair.follow(place) if pair else place

    def silently_broken(self, spoiled: set[tuple[str, int | None]]) -> Iterator[Finding]:
        """Right cells that changed and right rows that are gone; `spoiled` are sheets and rows of seeded errors."""
        for sheet, pair in self.pairs.items():
            yield from pair.silently_broken({row for name, row in spoiled if name == sheet})


class _Pair:
    """The same sheet before and after."""

    def __init__(self, old: Grid, new: Grid) -> None:
        self.old, self.new = old, new
        after = {column.field.id: column for column in new.columns}
        self.columns: list[tuple[Column, Column]] = [
            (column, after[column.field.id]) for column in old.columns if column.field.id in after
        ]
        self.rows = _matched(
            _texts([before for before, _ in self.columns], old), _texts([now for _, now in self.columns], new)
        )

    def follow(self, place: Place) -> Place | None:
        _, row, column = place
        if row in self.old.numbers:
            found = self.rows.get(self.old.numbers.index(row))
            if found is None:
                return None
            row = self.new.numbers[found]
        if column is not None:
            known = {before.index: now.index for before, now in self.columns}
            gone = column in {before.index for before in self.old.columns} - set(known)
            if gone:
                return None
            column = known.get(column, column)
        return self.new.sheet, row, column

    def silently_broken(self, spoiled: set[int | None]) -> Iterator[Finding]:
        for place, number in enumerate(self.old.numbers):
            if number in spoiled:
                continue
            found = self.rows.get(place)
            if found is None:
                message = f"La fila {number + 1} estaba bien y se eliminó"
                yield Finding("right_row_deleted", "warning", message, self.old.sheet)
                continue
            for before, now in self.columns:
                was, stands = before.values[place], now.values[found]
                if was is not None and before.field.type != "note" and _text(was) != _text(stands):
                    yield self._changed(now, self.new.numbers[found], was, stands)

    def _changed(self, column: Column, row: int, was: Value, stands: Value) -> Finding:
        message = f"«{shown(was)}» estaba bien y ahora dice «{shown(stands)}» · celda {address(row, column.index)}"
        return Finding(
            "right_cell_changed", "warning", message, self.new.sheet, row, column.index, text_of(stands),
            column.field.name,
        )  # fmt: skip


def _text(value: Value) -> str:
    """A value for comparison: a date is the same typed as text or as a date."""
    return text_of(value).strip()


def _texts(columns: Sequence[Column], grid: Grid) -> list[Texts]:
    """The rows of a grid as texts of those columns."""
    return [tuple(_text(column.values[place]) for column in columns) for place in range(len(grid.numbers))]


def _matched(old: Sequence[Texts], new: Sequence[Texts]) -> dict[int, int]:
    """Which new row each old one became: equal ones first, then the most alike of what is left, in its place or not."""
    waiting: defaultdict[Texts, list[int]] = defaultdict(list)
    for place, row in reversed(list(enumerate(new))):
        waiting[row].append(place)
    matched = {place: waiting[row].pop() for place, row in enumerate(old) if waiting.get(row)}
    left = sorted(place for places in waiting.values() for place in places)
    for place, row in enumerate(old):
        if place not in matched and left:
            best = max(left, key=lambda one: (_likeness(row, new[one]), -abs(one - place)))
            if _likeness(row, new[best]) >= ALIKE:
                matched[place] = best
                left.remove(best)
    return matched


def _likeness(one: Texts, other: Texts) -> float:
    return sum(a == b for a, b in zip(one, other, strict=True)) / max(len(one), 1)
