"""Where the curriculum leans on a norm."""

from __future__ import annotations

from flask import Flask

from webapp.coursepack.uses import uses

from .example import BANK, LESSON, Example


def _places(example: Example, article: str) -> set[tuple[str, str, str]]:
    found = uses(example.folder.parent, "lgpdppso-2025", article)
    return {(use.file.split("/", 1)[1], use.within, use.reference.fraction) for use in found}


def test_a_citation_is_found_in_lessons_and_in_questions_with_their_fraction(example: Example) -> None:
    places = _places(example, "14")
    assert (LESSON, "", "II") in places
    assert (BANK, "caracteristicas", "III") in places
    assert (BANK, "cuantas-caracteristicas", "") in places


def test_only_the_article_that_was_asked_for_counts(example: Example) -> None:
    assert _places(example, "1") == set()
    both = _places(example, "14") | _places(example, "19")
    assert both == _places(example, "")


def test_the_line_is_where_it_stands(example: Example) -> None:
    for use in uses(example.folder.parent, "lgpdppso-2025"):
        line = (example.folder.parent / use.file).read_text(encoding="utf-8").splitlines()[use.line - 1]
        assert f"art. {use.reference.article}" in line


def test_a_package_with_errors_is_told_too(example: Example) -> None:
    example.write("course.yaml", "title: roto")
    assert (LESSON, "", "II") in _places(example, "14")


def test_the_console_answers_whatever_the_case_and_names_what_does_not_exist(app: Flask) -> None:
    console = app.test_cli_runner()
    answer = console.invoke(args=["norms", "uses", "LGPDPPSO-2025:34"])
    assert answer.exit_code == 0
    assert "proteccion-de-datos-personales/lessons/vulneraciones.md:" in answer.output
    assert "LGPDPPSO, art. 34" in answer.output
    for wrong, said in (("nada-2025", "No hay una norma"), ("lgpdppso-2025:999", "no tiene artículo")):
        refused = console.invoke(args=["norms", "uses", wrong])
        assert refused.exit_code == 1 and said in refused.output
    assert "lga-2018" in console.invoke(args=["norms", "list"]).output
