"""`python -m tests.bench`: measure and print one table. `--help` tells what can be left out."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import constancias, crowd, desk, exam, formats, fresh, memory, pages, visit
from tests.bench.table import draw

# Each measures in a folder of its own, so that one part alone gives the same figures as all of them.
PARTS = {
    "pages": pages.measure,
    "exam": exam.measure,
    "crowd": crowd.measure,
    "desk": desk.measure,
    "visit": visit.measure,
    "memory": memory.measure,
    "constancias": constancias.measure,
    "formats": formats.measure,
    "fresh": fresh.measure,
}


def main() -> int:
    """Measure what was asked for and print it; 0 also where a target is missed, because this is no test."""
    parser = argparse.ArgumentParser(prog="tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only these: {', '.join(PARTS)}")
    options = parser.parse_args()
    unknown = set(options.parts) - PARTS.keys()
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="aula-bench-") as folder:
        rows = []
        for part in options.parts or PARTS:
            for row in PARTS[part](Path(folder) / part):
                rows.append(row)
                print(f"  {row.work}: {row.ours}", file=sys.stderr, flush=True)
    print(draw(rows))
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"\n{os.cpu_count()} cores, load {load}, {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
