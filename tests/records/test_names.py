"""Which names a constancia can carry, and that the cheap judge agrees with the typesetter."""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import replace

import pytest

from tests.records.test_pdf import SAMPLE
from webapp.records import pdf
from webapp.records.names import has_letter, undrawable, visible


@pytest.mark.parametrize(
    "name",
    [
        "María Fernanda Núñez Güereña",
        "Mª del Carmen O'Brien d’Ávila",
        "Nicté-Há Ḏe la O Łukasz Çelik Øa",
        "ʼÑuu Saꞌvi Xóchitl",
        "J. Guadalupe Peñúñuri-Ibarra",
        "İpek Şahin ß Þór",
        "Sofi\u0301a",
        "Ana\u200b\u202e Paz",  # pasted and invisible: dropped
    ],
)
def test_names_of_people_pass(name: str) -> None:
    assert undrawable(name) == ""
    assert has_letter(name)
    pdf.render(replace(SAMPLE, name=name))


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("Ana 😀 Paz", "😀"),
        ("Анна Ana", "Ан а".replace(" ", "")),
        ("Ana 王 芳", "王芳"),
        ("Ana <b>Paz</b>", "<>/"),
        ("Ana Paz 2", "2"),
        ("Ana, Paz", ","),
        ("a\u0335\u0336\u0337 Paz", "\u0337"),
        ("\u0301Ana", "\u0301"),
    ],
)
def test_what_is_no_name_is_refused_by_its_characters(name: str, refused: str) -> None:
    assert undrawable(name) == refused


@pytest.mark.parametrize("name", ["", "   ", ".", "\u200b", "- ’", "ª º"])
def test_a_name_needs_a_letter(name: str) -> None:
    assert not has_letter(name)


def test_invisible_characters_and_line_breaks_go_and_accents_are_composed() -> None:
    assert visible("  Ana\u202e \u200bSofi\u0301a\u00ad\x00\n\tPaz ") == "Ana Sofía Paz"


def test_the_typesetter_draws_every_character_that_a_name_may_hold() -> None:
    characters = [char for code in range(sys.maxunicode) if not undrawable("A" + (char := chr(code)))]
    letters = [char for char in characters if visible(char) and not unicodedata.combining(char)]
    assert len(letters) > 900
    marks = [f"a{char}" for char in characters if unicodedata.combining(char)]
    assert len(marks) > 90
    pdf.render(replace(SAMPLE, name=" ".join([*letters, *marks])))
