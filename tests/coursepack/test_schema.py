"""The JSON Schemas say what the reader does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from webapp.coursepack.marking import KINDS
from webapp.coursepack.schema import schema_text, schemas

from .example import BANK, CHECK, COURSE, LAB, LESSON, NORM, README, ROOT, Example


class PlainDates(yaml.SafeLoader):
    """YAML as JSON knows it: a date is a text."""


PlainDates.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith("timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

KIND_OF = {COURSE: "course", CHECK: "quiz", BANK: "quiz", NORM: "norm", LESSON: "lesson"}


def load(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        text = text.split("---\n")[1]
    return yaml.load(text, Loader=PlainDates)  # noqa: S506 - PlainDates is a SafeLoader


def errors(kind: str, data: Any) -> list[str]:
    schema = schemas()[f"{kind}.schema.json"]
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(data)]


def test_the_schemas_are_valid_json_schema() -> None:
    for schema in schemas().values():
        jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", sorted(schemas()))
def test_the_files_of_the_curriculum_are_those_that_the_code_writes(name: str) -> None:
    assert (ROOT / "courses" / "_schema" / name).read_text(encoding="utf-8") == schema_text(name)


def test_there_is_no_schema_file_that_the_code_does_not_write() -> None:
    assert {path.name for path in (ROOT / "courses" / "_schema").iterdir()} == set(schemas())


@pytest.mark.parametrize("name", KIND_OF)
def test_the_example_of_the_manual_fits_its_schema(name: str, example: Example) -> None:
    assert errors(KIND_OF[name], load(example.path(name))) == []


def test_the_lab_of_the_manual_fits_its_schema(example: Example) -> None:
    example.add_lab()
    assert errors("lab", load(example.path(LAB))) == []


def test_the_curriculum_fits_its_schemas() -> None:
    for folder, kind in (
        ("*/lessons/*.md", "lesson"),
        ("*/quizzes/*.yaml", "quiz"),
        ("*/course.yaml", "course"),
        ("*/labs/*/lab.yaml", "lab"),
        ("*/packages/*/package.yaml", "package"),
    ):
        for path in sorted((ROOT / "courses").glob(folder)):
            assert errors(kind, load(path)) == [], path


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (COURSE, "topic: datos-personales", "topic: cocina"),
        (COURSE, "title: Pedir", "titel: Pedir"),
        (COURSE, "pass_mark: 80", "pass_mark: 101"),
        (COURSE, "draw: {count: 4}", "draw: {count: 4, per_tag: 1}"),
        (COURSE, "draw: {count: 4}", "draw: {}"),
        (COURSE, "bank: banco", "bank: ../banco"),
        (CHECK, "type: single", "type: selección"),
        (CHECK, "    explanation:", "    otra:"),
        (BANK, "answer: 3", "answer: tres"),
        (NORM, 'number: "14"', "numero: 14"),
        (LESSON, "minutes: 4", "minutes: 0"),
    ],
)
def test_what_the_reader_refuses_the_schema_refuses(name: str, old: str, new: str, example: Example) -> None:
    example.edit(name, old, new)
    assert errors(KIND_OF[name], load(example.path(name))) != []
    assert example.check().errors != ()


def test_every_type_of_question_is_shown_in_the_manual() -> None:
    text = README.read_text(encoding="utf-8")
    assert set(re.findall(r"^    type: (\w+)$", text, re.MULTILINE)) == set(KINDS)
    table = text[text.index("`Question.body`") :]
    assert {name for row in re.findall(r"^\| ([\w, ]+) \| `", table, re.MULTILINE) for name in row.split(", ")} == set(
        KINDS
    )


def test_a_schema_is_written_in_the_letters_of_its_language() -> None:
    assert "Título completo." in schema_text("course.schema.json")
    assert json.loads(schema_text("quiz.schema.json"))["$schema"].endswith("2020-12/schema")
