"""Find or install everything that tests need, and say loudly what could not be had."""

from __future__ import annotations

import sys

from tests.setup.tools import TOOLS, in_ci, obtain


def main() -> int:
    """The exit status: 1 when something is missing under `CI=true`."""
    missing = []
    for tool in TOOLS:
        found = obtain(tool)
        if found is None:
            missing.append(tool)
        else:
            print(f"{tool.name}: {found}")
    if not missing:
        return 0
    print("\n" + "!" * 100, file=sys.stderr)
    for tool in missing:
        print(f"!! {tool.name} IS MISSING. WITHOUT IT THERE ARE NO TESTS OF: {tool.purpose}", file=sys.stderr)
    print("!" * 100 + "\n", file=sys.stderr)
    return 1 if in_ci() else 0


if __name__ == "__main__":
    sys.exit(main())
