"""The one table that a run prints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tests.bench.measure import Cost

HEADINGS = ("work", "target", "ours", "x control", "met")


@dataclass(frozen=True)
class Row:
    """A line of the table. `met` is None where there is no target; `ratio` "" where a control means nothing."""

    work: str
    target: str
    ours: str
    met: bool | None
    ratio: str = ""


def cpu_row(work: str, cost: Cost, limit: float | None) -> Row:
    """A row whose figure is CPU-milliseconds; `limit` is the most it may be."""
    return Row(
        work,
        "" if limit is None else f"<= {limit:g} CPU-ms",
        f"{cost.ours:.2f} CPU-ms",
        None if limit is None else cost.ours <= limit,
        f"{cost.ratio:.1f}",
    )


def draw(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table with aligned columns."""
    words = {True: "yes", False: "NO", None: ""}
    lines = [HEADINGS, *((r.work, r.target, r.ours, r.ratio, words[r.met]) for r in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    ruled = [lines[0], tuple("-" * width for width in widths), *lines[1:]]
    return "\n".join(f"| {' | '.join(c.ljust(w) for c, w in zip(line, widths, strict=True))} |" for line in ruled)
