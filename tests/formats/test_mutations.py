"""Workbooks that a script of its own spoiled are answered as a person listed beforehand (`mutations/`)."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from tests.formats import mutations
from tests.formats.workbooks import FORMATS, MAIN, RULES, TODAY
from webapp.formats.checker import check
from webapp.formats.cli import formats
from webapp.formats.definitions import Library
from webapp.formats.model import Unreadable, column_letter
from webapp.formats.reader import read

FOLDER = Path(mutations.__file__).parent
EXPECTED: list[dict[str, Any]] = yaml.safe_load((FOLDER / "expected.yaml").read_text(encoding="utf-8"))
SOURCES = {
    **{name: f"lgtaip-2015-michoacan/2018/{name}" for name in ("i", "iii", "viii", "ix", "xii", "xvii", "xxviii-b")},
    "xii-2023": "lgtaip-2015-durango/2023/xii",
}
LIBRARY = Library(FORMATS)


@pytest.fixture(scope="module")
def mutated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all mutated workbooks, made of what the console writes."""
    sources, targets = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("mutated")
    for name, format_id in SOURCES.items():
        words = ["practice", format_id, "--seed", "7", "--errors", "0", "--rows", "12", "-o", f"{sources / name}.xlsx"]
        assert CliRunner().invoke(formats, words).exit_code == 0
    assert CliRunner().invoke(formats, ["blank", SOURCES["viii"], "-o", f"{sources / 'blank.xlsx'}"]).exit_code == 0
    subprocess.run([sys.executable, FOLDER / "mutate.py", sources, targets], check=True)
    return targets


def cells(written: str) -> Iterator[tuple[str, str, str]]:
    """Code, sheet and cell of each finding that a line of the list stands for."""
    code, place = written.split(" ", 1)
    if place == "file":
        yield code, "", ""
        return
    sheet, _, area = place.rpartition("!") if "!" in place else (MAIN, "", place)
    first, _, last = area.partition(":")
    if not last:
        yield code, sheet, first
        return
    (left, top), (right, bottom) = split(first), split(last)
    for column in range(left, right + 1):
        for row in range(top, bottom + 1):
            yield code, sheet, f"{column_letter(column)}{row}"


def split(cell: str) -> tuple[int, int]:
    """Column, from 0, and row, as Excel counts it, of an address."""
    letters = cell.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column - 1, int(cell[len(letters) :])


def test_the_list_holds_at_least_sixty_and_each_of_them_is_made(mutated: Path) -> None:
    names = [entry["name"] for entry in EXPECTED]
    assert len(names) >= 60
    assert sorted(names) == sorted(path.stem for path in mutated.iterdir())


def test_the_script_imports_nothing_of_what_it_tests() -> None:
    tree = ast.parse((FOLDER / "mutate.py").read_text(encoding="utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert not {name for name in imported if name.split(".")[0] in ("webapp", "tests", "config")}


@pytest.mark.slow
@pytest.mark.parametrize("entry", EXPECTED, ids=[entry["name"] for entry in EXPECTED])
def test_a_mutated_workbook_is_answered_as_a_person_listed(entry: dict[str, Any], mutated: Path) -> None:
    path = next(mutated.glob(f"{entry['name']}.*"))
    if "refused" in entry:
        with pytest.raises(Unreadable) as refusal:
            read(path)
        assert refusal.value.code == entry["refused"]
        return
    workbook = read(path)
    report = check(workbook, LIBRARY.recognise(workbook), RULES, TODAY)
    found = Counter((finding.code, finding.sheet, finding.cell) for finding in report.findings)
    expected = Counter(place for line in entry["finds"] for place in cells(line))
    assert (found - expected, expected - found, report.blocks) == (Counter(), Counter(), entry["blocks"])
