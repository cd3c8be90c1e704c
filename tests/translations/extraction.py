"""What pybabel reads and how: the one place with its options, for `make translations` and for the tests."""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "webapp" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
# `ResponseError` and `AmendmentError` carry a Spanish sentence out of `webapp.coursepack`, which knows no gettext; a room
# above translates it.
KEYWORDS = ("_l", "lazy_gettext", "ResponseError:2", "AmendmentError:2")


def extract(target: Path) -> Catalog:
    """Write every Spanish message of the platform to `target`, a .pot file, and return them."""
    keywords = [option for keyword in KEYWORDS for option in ("-k", keyword)]
    _pybabel("extract", "-F", str(ROOT / "babel.cfg"), *keywords, "--no-location", "--sort-output",
             "--project", "Aula Norte", "-o", str(target), str(ROOT))  # fmt: skip
    return read(target)


def update(template: Path, catalogue: Path = CATALOGUE) -> Catalog:
    """Bring `catalogue` up to date with `template`: new messages empty, old ones gone, nothing guessed."""
    _pybabel("update", "-i", str(template), "-o", str(catalogue), "-l", "en", "--no-fuzzy-matching", "--ignore-obsolete",
             "--ignore-pot-creation-date", "--no-wrap")  # fmt: skip
    return read(catalogue)


def read(path: Path) -> Catalog:
    """A catalogue from its file."""
    with path.open("rb") as file:
        return read_po(file, locale=None if path.suffix == ".pot" else "en")


def _pybabel(*arguments: str) -> None:
    CommandLineInterface().run(["pybabel", "-q", *arguments])  # type: ignore[no-untyped-call]
