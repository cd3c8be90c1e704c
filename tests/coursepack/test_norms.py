"""Norms as data and citations proved against them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from webapp.coursepack.model import Article
from webapp.coursepack.norms import Reference, fractions_of, load_norms, parse_citation, quote, resolve
from webapp.coursepack.problems import Report

from .example import NORM, ROOT, Example

TEXT = """Deberá contener:
I. La denominación;
II. Los datos:
a) Los primeros, y
b) Los segundos;
III. Los medios:
1. Uno.
2. Dos, y
IV. Los plazos.
Los plazos de la fracción IV se cuentan en días hábiles.
"""
ARTICLE = Article("21", TEXT, "", fractions_of(TEXT))


def test_a_norm_is_read_with_its_dates_articles_and_fractions(example: Example) -> None:
    norms, problems = load_norms(example.folder.parent / "_norms")
    norm = norms["lgpdppso-2025"]
    assert problems == []
    assert (norm.short, norm.valid_from, norm.valid_to) == ("LGPDPPSO", date(2025, 3, 21), None)
    assert list(norm.articles) == ["14", "19", "Transitorio Primero"]
    assert norm.articles["14"].fractions == ("I", "II", "III")
    assert norm.articles["Transitorio Primero"].place == "Transitorios"


def test_the_norms_of_the_curriculum_are_whole() -> None:
    norms, problems = load_norms(ROOT / "courses" / "_norms")
    assert problems == []
    assert {"lgpdppso-2025", "lgtaip-2025"} <= set(norms)


def test_a_missing_folder_is_one_problem(tmp_path: Path) -> None:
    norms, problems = load_norms(tmp_path / "_norms")
    assert (norms, [problem.code for problem in problems]) == ({}, ["missing_file"])


def test_a_norm_with_an_error_is_left_out_and_the_others_stay(example: Example) -> None:
    example.write("../_norms/otra.yaml", "id: otra\n")
    norms, problems = load_norms(example.folder.parent / "_norms")
    assert list(norms) == ["lgpdppso-2025"]
    assert {problem.file for problem in problems} == {"_norms/otra.yaml"}


def test_a_norm_behind_a_link_is_not_read(example: Example) -> None:
    example.path("../_norms/enlace.yaml").symlink_to(example.path(NORM))
    _, problems = load_norms(example.folder.parent / "_norms")
    assert [problem.code for problem in problems] == ["symlink"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("lgpdppso-2025 art. 21", Reference("lgpdppso-2025", "21")),
        ("@lgpdppso-2025 art. 21 fr. IX", Reference("lgpdppso-2025", "21", "IX")),
        ("  @lgtaip-2025   art. 3 Bis\n fr. II Bis ", Reference("lgtaip-2025", "3 Bis", "II Bis")),
        ("x art. Transitorio Décimo Noveno", Reference("x", "Transitorio Décimo Noveno")),
        (
            "x art. Transitorio Primero (reforma DOF 14-11-2025)",
            Reference("x", "Transitorio Primero (reforma DOF 14-11-2025)"),
        ),
        ("lgpdppso-2025 21", None),
        ("LGPDPPSO art. 21", None),
        ("lgpdppso-2025 art.", None),
        ("", None),
    ],
)
def test_a_citation_is_read_in_one_form_only(text: str, parts: Reference | None) -> None:
    assert parse_citation(text) == parts


@pytest.mark.parametrize("text", ["x art. 21 fr. 9", "x art. 21 fr. ix", "x art. 21, fr. IX"])
def test_a_fraction_written_otherwise_is_no_article_of_any_norm(text: str, example: Example) -> None:
    norms, _ = load_norms(example.folder.parent / "_norms")
    report = Report("x")
    assert resolve(text.replace("x", "lgpdppso-2025", 1), norms, report, 7) is None
    assert [(problem.code, problem.line) for problem in report.in_order()] == [("unknown_article", 7)]


def test_the_case_of_a_transitory_article_does_not_matter(example: Example) -> None:
    norms, _ = load_norms(example.folder.parent / "_norms")
    citation = resolve("lgpdppso-2025 art. transitorio primero", norms, Report(), 1)
    assert citation is not None
    assert (citation.article, citation.label) == ("Transitorio Primero", "LGPDPPSO, transitorio Primero")


def test_a_whole_article_is_quoted_whole() -> None:
    assert quote(ARTICLE) == TEXT


@pytest.mark.parametrize(
    ("fraction", "quoted"),
    [
        ("I", "Deberá contener:\nI. La denominación;"),
        ("II", "Deberá contener:\n[…]\nII. Los datos:\na) Los primeros, y\nb) Los segundos;"),
        ("III", "Deberá contener:\n[…]\nIII. Los medios:\n1. Uno.\n2. Dos, y"),
        ("IV", "Deberá contener:\n[…]\nIV. Los plazos."),
    ],
)
def test_a_fraction_is_quoted_with_its_items_and_without_what_follows(fraction: str, quoted: str) -> None:
    assert quote(ARTICLE, fraction) == quoted


def test_every_fraction_of_the_curriculum_can_be_quoted_in_words_of_its_article() -> None:
    norms, _ = load_norms(ROOT / "courses" / "_norms")
    for norm in norms.values():
        for article in norm.articles.values():
            for fraction in article.fractions:
                lines = quote(article, fraction).split("\n")
                assert all(line in article.text for line in lines if line != "[…]"), (norm.id, article.number)
                assert any(line.lstrip().startswith(f"{fraction}.") for line in lines)
