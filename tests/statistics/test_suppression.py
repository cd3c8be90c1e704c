"""What is withheld cannot be computed from what is released, not even by somebody who knows the rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.statistics.suppression import (
    THRESHOLD,
    Released,
    is_small,
    parts_are_safe,
    release_split,
    secret_order,
)

KEYS = ("mujer", "hombre", "otra", "prefiere-no-decir", "no-especificado")
Release = Callable[[dict[str, int], Sequence[str]], Released]


def tables(width: int, most: int) -> Iterator[tuple[int, ...]]:
    """Every table of `width` cells whose total is at most `most`."""
    if width == 0:
        yield ()
        return
    for first in range(most + 1):
        for rest in tables(width - 1, most - first):
            yield (first, *rest)


def spans(release: Release, width: int, most: int) -> list[tuple[Released, int]]:
    """For every hidden cell of every release: how far apart the values lie that it could have.

    A reader who knows the rules, but not the secret order, keeps all tables that could have led to the release.
    """
    keys = KEYS[:width]
    could_be: dict[tuple[tuple[int | None, ...], int | None], set[tuple[int, ...]]] = defaultdict(set)
    for table in tables(width, most):
        for order in permutations(keys):
            found = release(dict(zip(keys, table, strict=True)), order)
            could_be[tuple(found.cells[key] for key in keys), found.total].add(table)
    return [
        (Released(dict(zip(keys, cells, strict=True)), total), max(values) - min(values))
        for (cells, total), candidates in could_be.items()
        for place, cell in enumerate(cells)
        if cell is None
        for values in [{table[place] for table in candidates}]
    ]


def primary_only(cells: dict[str, int], _order: Sequence[str]) -> Released:
    """The mistake: hide the small cells and publish the total."""
    return Released({key: None if is_small(n) else n for key, n in cells.items()}, sum(cells.values()))


@pytest.mark.parametrize(("width", "most"), [(2, 25), (3, 22), (4, 16)])
def test_every_hidden_cell_could_be_many_things_to_a_reader_who_knows_the_rules(width: int, most: int) -> None:
    found = spans(release_split, width, most)
    assert found
    assert all(span >= THRESHOLD for released, span in found if released.total is not None)
    assert all(span > 0 for _, span in found)


def test_the_audit_finds_the_leak_of_hiding_small_cells_alone() -> None:
    assert any(span == 0 for _, span in spans(primary_only, 3, 15))


cells_of_people = st.fixed_dictionaries({key: st.integers(0, 40) for key in KEYS})


@given(cells_of_people, st.permutations(KEYS))
def test_small_cells_are_hidden_and_noughts_stay(cells: dict[str, int], order: list[str]) -> None:
    found = release_split(cells, order)
    for key, count in cells.items():
        assert (found.cells[key] == 0) == (count == 0)
        if is_small(count):
            assert found.cells[key] is None
        assert found.cells[key] in (None, count)
    assert found.total in (None, sum(cells.values()))


@given(cells_of_people, st.permutations(KEYS))
def test_never_is_one_cell_hidden_alone_under_a_total(cells: dict[str, int], order: list[str]) -> None:
    found = release_split(cells, order)
    hidden = [key for key, count in found.cells.items() if count is None]
    assert found.total is None or len(hidden) != 1


@given(cells_of_people, st.permutations(KEYS))
def test_the_sum_of_what_is_hidden_leaves_every_hidden_cell_open(cells: dict[str, int], order: list[str]) -> None:
    found = release_split(cells, order)
    hidden = [key for key, count in found.cells.items() if count is None]
    if found.total is not None and hidden:
        rest = found.total - sum(count for count in found.cells.values() if count is not None)
        assert rest - len(hidden) >= THRESHOLD  # one of them may hold 1, or 1 and all that is left


def test_a_table_without_small_cells_is_published_whole() -> None:
    cells = {"mujer": 12, "hombre": 5, "otra": 0}
    assert release_split(cells, list(cells)) == Released(cells, 17)


def test_a_share_goes_when_few_are_in_it_or_few_are_outside_of_it() -> None:
    assert [parts_are_safe(*one) for one in ((0, 0), (0, 9), (9, 9), (5, 10))] == [True] * 4
    assert [parts_are_safe(*one) for one in ((4, 20), (16, 20), (0, 4), (3, 3))] == [False] * 4


def test_the_secret_order_is_the_same_every_time_and_differs_by_table_and_secret() -> None:
    one = secret_order(KEYS, "secret", "MX-BCS 2026-T1")
    assert sorted(one) == sorted(KEYS)
    assert one == secret_order(KEYS, "secret", "MX-BCS 2026-T1")
    others = [secret_order(KEYS, secret, f"MX-BCS {n}") for n in range(20) for secret in ("a", "b")]
    assert len({tuple(order) for order in others}) > 10
