"""Packages made to do harm: they are refused, quickly, and nothing outside the folder is read."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from webapp.coursepack.markdown import Context, compile_lesson
from webapp.coursepack.problems import Report
from webapp.coursepack.yamltext import parse

from .example import BANK, COURSE, LESSON, NORM, Example


def codes(example: Example) -> set[str]:
    return {problem.code for problem in example.check().errors}


def bomb(levels: int) -> str:
    lines = ['a0: &a0 ["lol","lol"]']
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize("name", [COURSE, BANK, NORM])
def test_a_yaml_bomb_is_refused_before_it_grows(example: Example, name: str) -> None:
    example.write(name, bomb(40))
    start = time.process_time()
    assert "yaml_alias" in codes(example)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        "{" * 200_000,
        "a:\n" + "".join(f"{' ' * n}- \n" for n in range(1, 400)),
        "- " * 100_000,
        "? " * 100_000,
    ],
    ids=["brackets", "braces", "staircase", "dashes", "questions"],
)
def test_endless_nesting_is_refused_at_once(text: str) -> None:
    report = Report("x.yaml")
    start = time.process_time()
    assert parse(text, report) is None
    assert {problem.code for problem in report.in_order()} <= {"yaml_depth", "yaml_syntax", "bad_key"}
    assert report.has_errors
    assert time.process_time() - start < 5


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system ['true']", "!!binary aGk=", "!x y", "!!set {a, b}"])
def test_type_tags_are_never_followed(example: Example, tag: str) -> None:
    example.append(COURSE, f"extra: {tag}\n")
    assert "yaml_tag" in codes(example)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00t", b"\x80\x81", "título".encode("cp1252"), b"a" * 10 + b"\xc3"])
@pytest.mark.parametrize("name", [COURSE, BANK, LESSON, NORM])
def test_other_encodings_are_refused_in_every_kind_of_file(example: Example, name: str, data: bytes) -> None:
    example.write(name, data)
    assert "not_utf8" in codes(example)


@pytest.mark.parametrize("target", ["/etc/passwd", "../../secreto.md", "lo-necesario.md"])
def test_a_link_is_never_followed_not_even_inside(example: Example, target: str) -> None:
    example.write("../../secreto.md", "---\ntitle: SECRETO\nminutes: 1\nsummary: x\n---\nSECRETO")
    example.path("lessons/enlace.md").symlink_to(target)
    example.edit(COURSE, "      - check: repaso", "      - lesson: enlace\n      - check: repaso")
    report = example.check()
    assert ("symlink", "lessons/enlace.md") in {(problem.code, problem.file) for problem in report.errors}
    assert not any("SECRETO" in problem.message or "root:" in problem.message for problem in report.problems)


def test_a_package_that_is_itself_a_link_is_refused(example: Example, tmp_path: Path) -> None:
    link = tmp_path / "enlace"
    link.symlink_to(example.folder)
    example.folder = link
    assert "symlink" in codes(example)


def test_a_folder_of_lessons_that_is_a_link_is_refused(example: Example, tmp_path: Path) -> None:
    (example.folder / "lessons").rename(tmp_path / "fuera")
    (example.folder / "lessons").symlink_to(tmp_path / "fuera")
    found = {(problem.code, problem.file) for problem in example.check().errors}
    assert ("symlink", "lessons") in found


@pytest.mark.parametrize(
    "trick", ["../course", "..%2fcourse", "/etc/passwd", "a/../../b", "..\\course", "a\x00b", "C:\\x", "."]
)
def test_names_that_climb_out_of_the_package_are_refused(example: Example, trick: str) -> None:
    for old in ("lesson: lo-necesario", "bank: banco"):
        example.edit(COURSE, old, f'{old.split(": ")[0]}: "{trick}"'.replace("\\", "\\\\"))
    assert codes(example) & {"bad_value", "control_character"}


@pytest.mark.parametrize(
    "trick",
    [
        "assets/../course.yaml",
        "assets/..%2f..%2fetc/passwd",
        "assets//etc/passwd",
        "/etc/passwd",
        "file:///etc/passwd",
        "assets/portada.svg/../portada.svg",
        "../assets/portada.svg",
        "ASSETS/portada.svg",
        "data:image/png;base64,AAAA",
        "//a.mx/x.png",
    ],
)
def test_pictures_are_only_taken_from_the_names_found_in_the_package(example: Example, trick: str) -> None:
    example.edit(LESSON, "(assets/portada.svg", f"({trick}")
    assert "missing_asset" in codes(example)


def test_a_folder_that_does_not_exist_is_a_problem_and_not_a_crash(example: Example) -> None:
    example.folder = example.folder.with_name("no-existe")
    assert "missing_file" in codes(example)


def test_an_empty_folder_is_a_problem_and_not_a_crash(example: Example, tmp_path: Path) -> None:
    example.folder = tmp_path / "vacio"
    example.folder.mkdir()
    assert codes(example) == {"missing_file"}


@pytest.mark.parametrize("text", ["a", "- a\n- b", "title:", "{}", "null", "# nada\n", "'"])
@pytest.mark.parametrize("name", [COURSE, BANK, NORM])
def test_yaml_of_another_shape_is_a_problem_and_not_a_crash(example: Example, name: str, text: str) -> None:
    example.write(name, text)
    assert codes(example)


@pytest.mark.parametrize(
    "unit",
    [
        "[",
        "![[",
        "`a",
        "[@",
        "<",
        "**a ",
        "[^1]",
        "^[",
        "_a*",
        "[a](",
        "> ",
        "- ",
        "* a\n",
        "::: clave\n\n",
        "|a",
        "&lt",
        "\\",
    ],
)
def test_a_lesson_made_to_be_slow_is_not(unit: str) -> None:
    start = time.process_time()
    compile_lesson(unit * (10_000 // len(unit)), Context({}, {}, frozenset()), Report("x.md"), 1)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "unit",
    ["“", "«", ".", "!", "a\u0301", "\u0301\u0323", "a-", "a.", "\n", " \n", "<a ", "I. ", "[^a", "## a\n", "| ", '"'],
)
def test_a_long_run_of_anything_is_read_quickly(example: Example, unit: str) -> None:
    example.append(LESSON, "\n" + unit * (55_000 // len(unit.encode())))
    example.append(
        NORM, '  - number: x\n    text: "x' + ("\\n" if "\n" in unit else unit.replace('"', "'")) * 25_000 + '"\n'
    )
    start = time.process_time()
    example.check()
    assert time.process_time() - start < 20


def test_accents_piled_on_one_letter_are_refused(example: Example) -> None:
    example.edit(LESSON, "Irma", "I" + "\u0301\u0323" * 20 + "rma")
    assert codes(example) == {"control_character"}


def test_text_too_deep_to_be_shown_is_never_lost_in_silence(example: Example) -> None:
    for marker in ("> ", "- ", "1. ", ">- "):
        report = Report("x.md")
        lesson = compile_lesson(marker * 40 + "perdido", Context({}, {}, frozenset()), report, 1)
        assert "perdido" in lesson.html or report.has_errors
