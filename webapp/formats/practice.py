"""Makes practice workbooks: a filled template without a fault, then mistakes on purpose, and the key that names them.

The check proves both: nothing blocks before, and after each mistake it finds that mistake and nothing else.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from webapp.formats.blank import fill, write_workbook
from webapp.formats.chance import Chance
from webapp.formats.checker import check
from webapp.formats.fiction import invent
from webapp.formats.mistakes import Cell, Draft, Mistake, Spot, bank, spoil, spots
from webapp.formats.model import Format, Key, Rule, SeededError, Value, Workbook

DIFFICULTIES = (1, 2, 3)
MOST_ADDED = 20  # rows that one kind of mistake adds to each sheet
Place = tuple[str, str, int | None, int | None]


class TooManyErrors(Exception):
    """More mistakes were asked for than fit into the workbook. The message is for people."""

    def __init__(self, asked: int, fit: int) -> None:
        super().__init__(f"Se pidieron {asked} errores y en este libro caben {fit}. Pide menos, o más renglones.")
        self.asked, self.fit = asked, fit


@dataclass(frozen=True)
class Practice:
    """A practice workbook as the bytes of an .xlsx, and its key."""

    workbook: bytes
    key: Key


def make(
    format: Format,
    seed: int,
    errors: int,
    rules: Mapping[str, Rule],
    difficulties: Collection[int] = DIFFICULTIES,
    rows: int | None = None,
    codes: Collection[str] = (),
) -> Practice:
    """Make a practice workbook with that many mistakes, all of `difficulties` and, where given, of `codes`.

    The same arguments give the same bytes on every machine. Without `rows` there are 8 to 25.
    Raises NotATemplate, and TooManyErrors when so many mistakes do not fit.
    """
    workbook, key = spoiled(format, seed, errors, rules, difficulties, rows, codes)
    target = io.BytesIO()
    write_workbook(format, workbook, target)
    return Practice(target.getvalue(), key)


def spoiled(
    format: Format,
    seed: int,
    errors: int,
    rules: Mapping[str, Rule],
    difficulties: Collection[int] = DIFFICULTIES,
    rows: int | None = None,
    codes: Collection[str] = (),
) -> tuple[Workbook, Key]:
    """What `make` packs: the workbook with its mistakes, and their key. Raises what `make` raises."""
    chance = Chance(f"{format.id} {seed}")
    draft = Draft(format, fill(format, invent(format, chance, rows)))
    mistakes = [
        mistake
        for mistake in bank()
        if mistake.code in rules and mistake.difficulty in difficulties and (not codes or mistake.code in codes)
    ]
    seeded = _Seeder(draft, rules, chance).seed(mistakes, errors)
    return draft.workbook(), Key(format.id, seed, tuple(seeded))


@dataclass(frozen=True)
class _Attempt:
    """A mistake at a spot, and the cells that make it."""

    mistake: Mistake
    spot: Spot
    changes: Mapping[Cell, Value]

    @property
    def place(self) -> Place:
        return self.mistake.code, self.spot.sheet, self.spot.row, self.spot.column


class _Seeder:
    """Puts mistakes into a draft, proved by the check: it must say each of them and everything else as before."""

    def __init__(self, draft: Draft, rules: Mapping[str, Rule], chance: Chance) -> None:
        self.draft, self.rules, self.chance = draft, rules, chance
        self.touched: set[Cell] = set()
        self.found = self._check()

    def seed(self, mistakes: Sequence[Mistake], errors: int) -> list[SeededError]:
        """Seed as many errors, each kind once before any comes twice. Raises TooManyErrors."""
        seeded: list[SeededError] = []
        waiting = self.chance.shuffled(mistakes)
        left = {mistake: self._attempts(mistake) for mistake in waiting}
        while len(seeded) < errors:
            batch: list[_Attempt] = []
            while waiting and len(seeded) + len(batch) < errors:
                mistake = waiting.pop(0)
                if attempt := next(left[mistake], None):
                    batch.append(attempt)
                    self.touched.update(attempt.changes)
            if not batch:
                raise TooManyErrors(errors, len(seeded))
            made = self._make(batch)
            seeded += made.values()
            refused = [attempt.mistake for attempt in batch if attempt.place not in made]
            waiting = [*refused, *waiting, *(attempt.mistake for attempt in batch if attempt.place in made)]
        return sorted(seeded, key=lambda error: (error.sheet, error.row or 0, error.column or 0, error.code))

    def _attempts(self, mistake: Mistake) -> Iterator[_Attempt]:
        """The spots in an order of chance, on cells that no other attempt has touched; a bounded number of them."""
        adds = mistake.place in ("row_again", "table_row")  # below the rows that were added before
        rounds = (spots(mistake, self.draft) for _ in range(MOST_ADDED if adds else 1))
        for spot in chain.from_iterable(self.chance.shuffled(list(some)) for some in rounds):
            changes = spoil(mistake, self.draft, spot, self.chance.below(1000))
            if changes and self.touched.isdisjoint(changes):
                yield _Attempt(mistake, spot, changes)

    def _make(self, batch: Sequence[_Attempt]) -> dict[Place, SeededError]:
        """Make those mistakes of a batch that the check says, all at once where it says them all, or by halves."""
        before = [self.draft.put(attempt.changes) for attempt in batch]
        found = self._check()
        if found == self.found + Counter(attempt.place for attempt in batch):
            self.found = found
            return {attempt.place: _error(attempt, was) for attempt, was in zip(batch, before, strict=True)}
        for was in reversed(before):
            self.draft.put(was)
        if len(batch) == 1:
            return {}
        half = len(batch) // 2
        return self._make(batch[:half]) | self._make(batch[half:])

    def _check(self) -> Counter[Place]:
        report = check(self.draft.workbook(), self.draft.format, self.rules)
        return Counter((finding.code, finding.sheet, finding.row, finding.column) for finding in report.findings)


def _error(attempt: _Attempt, was: Mapping[Cell, Value]) -> SeededError:
    code, sheet, row, column = attempt.place
    right = was[sheet, attempt.spot.row, column] if column is not None else None
    return SeededError(code, sheet, row, column, right, attempt.mistake.difficulty)
