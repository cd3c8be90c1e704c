"""The tables that come with the platform, as CSV in `data/`. What each column means stands in `data/README.md`."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path

DATA_DIR = Path(__file__).parent / "data"


def rows(name: str) -> list[dict[str, str]]:
    """The rows of `data/<name>.csv` by column. Raises ValueError, with file and line, for a row of another width."""
    found = []
    with (DATA_DIR / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file, strict=True)
        for row in reader:
            if None in row or None in row.values():
                raise ValueError(f"{name}.csv, line {reader.line_num}: not as many cells as columns")
            found.append(row)
    return found


def day(cell: str) -> date | None:
    """A date in ISO 8601; an empty cell means that no source supports one, or that there is no end."""
    return date.fromisoformat(cell) if cell else None


@cache
def type_labels() -> dict[str, str]:
    """Kinds of obliged subject: key to Spanish label, in the order in which a list shows them."""
    return {row["key"]: row["label"] for row in rows("types")}
