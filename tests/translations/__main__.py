"""Bring the English catalogue up to date with the sources, and say which messages wait for their English."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.translations.extraction import CATALOGUE, extract, update


def main() -> int:
    """The exit status: 0, whether something is missing or not; the tests are the judge of that."""
    with TemporaryDirectory() as folder:
        template = Path(folder) / "messages.pot"
        extract(template)
        catalogue = update(template)
    missing = [message.id for message in catalogue if message.id and not (message.string and all(message.string))]
    for one in missing:
        print(f"no English yet: {one!r}", file=sys.stderr)
    print(f"{CATALOGUE.name}: {len(catalogue)} messages, {len(missing)} without English")
    return 0


if __name__ == "__main__":
    sys.exit(main())
