"""Small cells of what is published: which counts of people are withheld so that no person can be picked out.

Pure. The one published split is additive (people by sex, with its total), so hiding a cell of 1 to 4 alone would leave
it to be computed by subtraction. A further cell is hidden with it, and as many as it takes until every hidden cell
could be anything within a span of at least `THRESHOLD`. Noughts stay: they say nothing about anybody.

Which further cell goes is chosen by chance that the reader does not know (`order`), never by size: a reader who knew
that the smallest was taken could compute from that. The audit in `tests/statistics/test_suppression.py` assumes a
reader who knows these rules and everything released.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

THRESHOLD = 5  # cells under it are withheld


@dataclass(frozen=True)
class Released:
    """A split as it may be published; None is withheld. A withheld total means that every cell but noughts is too."""

    cells: Mapping[str, int | None]
    total: int | None


def is_small(count: int) -> bool:
    """Whether a count of people must be withheld: 1 to 4."""
    return 0 < count < THRESHOLD


def secret_order(keys: Sequence[str], secret: str, table: str) -> list[str]:
    """The keys in an order that only the holder of `secret` knows, the same every time for the same `table`."""
    salt = hmac.new(secret.encode(), f"suppression:{table}".encode(), hashlib.sha256).digest()
    return sorted(keys, key=lambda key: hmac.new(salt, key.encode(), hashlib.sha256).digest())


def release_split(cells: Mapping[str, int], order: Sequence[str]) -> Released:
    """A split of people whose total is their sum. `order` (all keys) says which cells go first where more must go."""
    total = sum(cells.values())
    hidden = {key for key, count in cells.items() if is_small(count)}
    further = [key for key in order if cells[key] >= THRESHOLD]
    while hidden and further and not _is_wide_enough(cells, hidden):
        hidden.add(further.pop(0))
    if is_small(total) or (hidden and not _is_wide_enough(cells, hidden)):
        return Released({key: 0 if count == 0 else None for key, count in cells.items()}, None)
    return Released({key: None if key in hidden else count for key, count in cells.items()}, total)


def _is_wide_enough(cells: Mapping[str, int], hidden: set[str]) -> bool:
    """Whether each hidden cell could be 1 or at least 5 more, given their sum (the total minus what is shown)."""
    return len(hidden) > 1 and sum(cells[key] for key in hidden) - len(hidden) >= THRESHOLD


def parts_are_safe(part: int, whole: int) -> bool:
    """Whether a share may be published with its parts: neither those in it, nor those outside, nor all are few."""
    return not (is_small(part) or is_small(whole - part) or is_small(whole))
