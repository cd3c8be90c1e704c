"""`python -m tests.bench`: measure and print one table. `--help` tells what can be left out."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench import pages
from tests.bench.servers import APPLICATION, CONTROL, run
from tests.bench.stage import Stage
from tests.bench.table import Row, draw

PARTS = ("pages", "exam", "crowd", "desk", "visit", "memory", "constancias")


def main() -> int:
    """Measure what was asked for and print it; 0 also where a target is missed, because this is no test."""
    parser = argparse.ArgumentParser(prog="tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only these: {', '.join(PARTS)}")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="aula-bench-") as folder:
        rows = []
        for row in _measure(Path(folder), options.parts or PARTS):
            rows.append(row)
            print(f"  {row.work}: {row.ours}", file=sys.stderr, flush=True)
    print(draw(rows))
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"\n{os.cpu_count()} cores, load {load}, {time.monotonic() - began:.0f} s")
    return 0


def _measure(folder: Path, parts: Sequence[str]) -> Iterator[Row]:
    if "pages" in parts:
        stage = Stage(folder / "pages")
        with run(APPLICATION, stage.environment) as ours, run(CONTROL, stage.environment) as control:
            yield from pages.measure(stage, ours, control)


if __name__ == "__main__":
    sys.exit(main())
