"""The English catalogue is complete, says the same with the same blanks, and holds nothing else."""

from __future__ import annotations

import ast
import re
from collections import Counter
from itertools import zip_longest
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tests.translations.extraction import CATALOGUE, ROOT, extract, read

BLANK = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}|</?\w+|href=\S+?\"[^\"]*\"")
# Words that are the same in both languages, names, and signs.
SAME = frozenset({
    "%", "Error:", "Folio", "Folio %(folio)s", "Folio AN-2026-000412", "No", "Personal", "Federal", "Municipal",
    "hh:mm", "Error", "%(count)d s", "Distractor",
    "Megabytes", "PDF", "Video", "Material: %(title)s", "%(num)d material",
})  # fmt: skip
ACCENT = re.compile(r"[ñáéíóú¿¡«»]", re.IGNORECASE)
# Examples of people, places and files that keep their names.
ACCENTED = frozenset({
    "Datos personales, 10 horas, acreditada el 23 nov 2026. Expedida a M***** C*** Á*****.",
    "Cobertura en la Región Norte",
})  # fmt: skip

Key = str | tuple[str, ...]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What the code says now, in Spanish."""
    return extract(tmp_path_factory.mktemp("extraction") / "messages.pot")


@pytest.fixture(scope="module")
def english() -> dict[Key, tuple[str, ...]]:
    """The English of each message: one string, or one for one thing and one for several."""
    return {_key(message.id): _strings(message.string) for message in read(CATALOGUE) if message.id}


def _key(given: str | list[str] | tuple[str, ...]) -> Key:
    return given if isinstance(given, str) else tuple(given)


def _strings(given: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (given or "",) if given is None or isinstance(given, str) else tuple(given)


def test_every_text_of_the_sources_has_its_english(sources: Catalog, english: dict[Key, tuple[str, ...]]) -> None:
    wanted = [_key(message.id) for message in sources if message.id]
    assert len(wanted) > 1000
    assert [key for key in wanted if not all(english.get(key, ("",)))] == [], "run make translations"


def test_no_translation_is_left_over(sources: Catalog, english: dict[Key, tuple[str, ...]]) -> None:
    assert sorted(map(str, english.keys() - {_key(message.id) for message in sources if message.id})) == []
    assert list(read(CATALOGUE).obsolete) == []


def test_no_translation_is_guessed() -> None:
    assert [message.id for message in read(CATALOGUE) if message.id and message.fuzzy] == []


def test_a_translation_has_the_blanks_and_tags_of_its_source(english: dict[Key, tuple[str, ...]]) -> None:
    different = [
        (source, translation)
        for key, strings in english.items()
        for source, translation in zip_longest(_strings(key), strings, fillvalue="")
        if Counter(BLANK.findall(source)) != Counter(BLANK.findall(translation))
    ]
    assert different == []


def test_what_surrounds_a_text_is_the_same(english: dict[Key, tuple[str, ...]]) -> None:
    """Spaces at its ends, and whether it is a sentence: a text may be joined to others."""
    different = [
        (source, translation)
        for key, strings in english.items()
        for source, translation in zip(_strings(key), strings, strict=True)
        if _surroundings(source) != _surroundings(translation)
    ]
    assert different == []


def _surroundings(text: str) -> tuple[bool, bool, str]:
    return text[:1].isspace(), text[-1:].isspace(), text[-1] if text[-1] in ".:?…" else ""


def test_no_spanish_is_left_in_english(english: dict[Key, tuple[str, ...]]) -> None:
    same = {source for key, strings in english.items() for source, string in zip(_strings(key), strings, strict=True)
            if source == string}  # fmt: skip
    assert same == SAME
    accented = {str(key) for key, strings in english.items() if any(ACCENT.search(string) for string in strings)}
    assert accented == ACCENTED


def test_every_text_that_is_translated_can_be_extracted() -> None:
    """Only literals can: `_(name)` would find nothing unless its sentence is written down as a literal elsewhere."""
    # Of a ResponseError and an AmendmentError, see below.
    allowed = {"webapp/learning/views.py: error.message", "webapp/authoring/regrading.py: error.message"}
    found = {
        f"{path.relative_to(ROOT)}: {ast.unparse(call.args[0])}"
        for path, call in _calls("_", "_l", "gettext", "lazy_gettext", "ngettext")
        if not _is_literal(call.args[0])
    }
    assert found == allowed


@pytest.mark.parametrize("refusal", ["ResponseError", "AmendmentError"])
def test_every_refusal_of_the_course_packages_can_be_extracted(refusal: str) -> None:
    calls = [call for _, call in _calls(refusal)]
    assert calls and [ast.unparse(call) for call in calls if not _is_literal(call.args[1])] == []


def _is_literal(argument: ast.expr) -> bool:
    return isinstance(argument, ast.Constant) and isinstance(argument.value, str)


def _calls(*names: str) -> list[tuple[Path, ast.Call]]:
    """Every call of these names in the platform."""
    return [
        (path, node)
        for path in sorted((ROOT / "webapp").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    ]
