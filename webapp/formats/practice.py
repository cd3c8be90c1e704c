"""Makes practice workbooks: a filled template without a fault, then mistakes on purpose, and the key that names them.

The check proves both: nothing blocks before, and after each mistake it finds that mistake and nothing else.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from webapp.formats.blank import fill, write_workbook
from webapp.formats.chance import Chance
from webapp.formats.checker import check
from webapp.formats.fiction import invent
from webapp.formats.mistakes import Cell, Draft, Mistake, Spot, bank, spoil, spots
from webapp.formats.model import Finding, Format, Key, Rule, SeededError, Value

DIFFICULTIES = (1, 2, 3)
TRIES = 60  # spots that are tried before a kind of mistake is given up
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
    chance = Chance(f"{format.id} {seed}")
    draft = Draft(format, fill(format, invent(format, chance, rows)))
    mistakes = [
        mistake
        for mistake in bank()
        if mistake.code in rules and mistake.difficulty in difficulties and (not codes or mistake.code in codes)
    ]
    seeded = _Seeder(draft, rules, chance).seed(mistakes, errors)
    target = io.BytesIO()
    write_workbook(format, draft.workbook(), target)
    return Practice(target.getvalue(), Key(format.id, seed, tuple(seeded)))


class _Seeder:
    """Puts mistakes into a draft one after the other, each proved by the check."""

    def __init__(self, draft: Draft, rules: Mapping[str, Rule], chance: Chance) -> None:
        self.draft, self.rules, self.chance = draft, rules, chance
        self.touched: set[Cell] = set()
        self.found = self._check()

    def seed(self, mistakes: list[Mistake], errors: int) -> list[SeededError]:
        """Seed as many errors, each kind once before any comes twice."""
        seeded: list[SeededError] = []
        waiting = [(mistake, self._shuffled_spots(mistake)) for mistake in self.chance.shuffled(mistakes)]
        while len(seeded) < errors:
            if not waiting:
                raise TooManyErrors(errors, len(seeded))
            mistake, left = waiting.pop(0)
            error = next(filter(None, (self._try(mistake, spot) for spot in islice(left, TRIES))), None)
            if error:
                seeded.append(error)
                waiting.append((mistake, left))
        return sorted(seeded, key=lambda error: (error.sheet, error.row or 0, error.column or 0, error.code))

    def _shuffled_spots(self, mistake: Mistake) -> Iterator[Spot]:
        """The spots in an order of chance; rows that are added go below those that were added before."""
        for _ in range(MOST_ADDED if mistake.place in ("row_again", "table_row") else 1):
            yield from self.chance.shuffled(list(spots(mistake, self.draft)))

    def _try(self, mistake: Mistake, spot: Spot) -> SeededError | None:
        """Make a mistake; take it back unless the check says it and says everything else as before."""
        changes = spoil(mistake, self.draft, spot, self.chance.below(1000))
        if not changes or not self.touched.isdisjoint(changes):
            return None
        before = self.draft.put(changes)
        found = self._check()
        new = found - self.found
        if (self.found - found) or new.total() != 1:
            self.draft.put(before)
            return None
        code, sheet, row, column = next(iter(new))
        if (code, sheet, row) != (mistake.code, spot.sheet, spot.row):
            self.draft.put(before)
            return None
        self.found = found
        self.touched.update(changes)
        right: Value = before.get((sheet, spot.row, column)) if column is not None else None
        return SeededError(code, sheet, row, column, right, mistake.difficulty)

    def _check(self) -> Counter[Place]:
        report = check(self.draft.workbook(), self.draft.format, self.rules)
        return Counter(map(_place, report.findings))


def _place(finding: Finding) -> Place:
    return finding.code, finding.sheet, finding.row, finding.column
