"""A lab is read from its file, stands in the course as a step, and its answer is compared row by row."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from webapp.coursepack.filling import compare, normal, solution, typed
from webapp.coursepack.model import Course, Lab
from webapp.formats.blank import Content, fill
from webapp.formats.definitions import Library
from webapp.formats.model import Field, Format, Value, Workbook

from .example import FORMAT, ROOT, Example

NAME = "reglamento-de-mercados"


@pytest.fixture
def course(example: Example) -> Course:
    example.add_lab()
    return example.course()


@pytest.fixture(scope="module")
def library() -> Library:
    return Library(ROOT / "courses" / "_formats")


def filled(format: Format, *rows: list[Value]) -> Workbook:
    return fill(format, Content(rows=rows))


def test_a_lab_is_a_step_with_its_own_rule(course: Course) -> None:
    step = course.steps[NAME]
    assert (step.kind, step.title, step.minutes) == ("lab", "Reporta un reglamento nuevo", 20)
    assert (step.pass_mark, step.attempts, step.module) == (90, None, "formatos")
    assert step in course.lesson_steps


def test_a_lab_keeps_its_case_its_hints_and_its_answer(course: Course) -> None:
    lab = course.labs[NAME]
    assert (lab.kind, lab.format) == ("load", FORMAT)
    assert "<h2" in lab.case_html and "<table" in lab.case_html
    assert len(lab.hints) == 2 and lab.hints[0].startswith("<p>El catálogo")
    assert lab.rows[0]["512747"] == "Reglamento"


def test_the_difficulties_of_a_seeded_lab_are_numbers(example: Example) -> None:
    example.add_lab()
    text = example.read("labs/reglamento-de-mercados/lab.yaml").split("rows:")[0]
    example.write(
        "labs/reglamento-de-mercados/lab.yaml",
        text.replace("kind: load", "kind: find") + "errors: 6\ndifficulties: [2, 1]\n",
    )
    lab = example.course().labs[NAME]
    assert (lab.kind, lab.errors, lab.difficulties, lab.rows) == ("find", 6, (1, 2), ())


def test_a_solution_filled_in_is_all_right(course: Course, library: Library) -> None:
    lab, format = course.labs[NAME], library.get(FORMAT)
    found = compare(lab, format, fill(format, solution(lab, format)))
    assert (found.percent, found.wrong, found.missing, found.surplus) == (100, {}, 0, 0)


def test_each_cell_that_differs_is_counted_under_its_column(course: Course, library: Library) -> None:
    lab, format = course.labs[NAME], library.get(FORMAT)
    rows = [list(row) for row in solution(lab, format).rows]
    rows[0][3], rows[0][5] = "Manual", date(2026, 1, 16)
    found = compare(lab, format, filled(format, *rows))
    assert (found.right, found.total, dict(found.wrong)) == (8, 10, {"512747": 1, "512742": 1})
    assert found.percent == 80


def test_rows_may_stand_in_any_order_and_one_too_many_costs(course: Course, library: Library) -> None:
    format = library.get(FORMAT)
    first = course.labs[NAME].rows[0]
    lab = replace(course.labs[NAME], rows=(first, {**first, "512741": "Reglamento de Panteones"}))
    rows = [list(row) for row in solution(lab, format).rows]
    assert compare(lab, format, filled(format, *reversed(rows))).percent == 100
    surplus = compare(lab, format, filled(format, *rows, ["2026", None, None, "Otro"]))
    assert (surplus.surplus, surplus.percent) == (1, 66)


@pytest.mark.parametrize("rows", [[], [[None, None]]])
def test_an_empty_template_earns_nothing(course: Course, library: Library, rows: list[list[Value]]) -> None:
    lab, format = course.labs[NAME], library.get(FORMAT)
    found = compare(lab, format, filled(format, *rows))
    assert (found.percent, found.missing, found.surplus) == (0, 1, 0)


def test_rows_of_a_table_are_found_by_their_link_whatever_its_number(library: Library) -> None:
    format = next(known for known in library.formats if known.layout == "load-2018" and known.tables)
    column = next(place for place, field in enumerate(format.fields) if field.type == "table")
    field = format.fields[column]
    inner = format.table(field.table).fields[0]
    lab = Lab("x", "load", format.id, "", (), ({field.id: "1"},), {field.table: ({"ID": "1", inner.id: "7"},)})
    for number in (1, 40):
        main: list[Value] = [*([None] * column), number]
        book = fill(format, Content(rows=[main], tables={field.table: [[number, "7"], [99, "8"]]}))
        assert compare(lab, format, book).percent == 100, number
    loose = fill(format, Content(rows=[main], tables={field.table: [[2, "7"]]}))
    assert compare(lab, format, loose).percent == 0


MONEY, DAY, TEXT = Field("1", "money", "m"), Field("2", "date", "d"), Field("3", "short_text", "t")


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (MONEY, "1234.50", 1234.5), (MONEY, " 20 ", 20), (MONEY, "$1,234", "$1,234"), (MONEY, "1_000", "1_000"),
        (DAY, "31/03/2026", date(2026, 3, 31)), (DAY, "31/02/2026", "31/02/2026"), (DAY, "2026-03-31", "2026-03-31"),
        (TEXT, "2026", "2026"), (TEXT, "  ", None), (None, "3", 3),
    ],
)  # fmt: skip
def test_what_is_typed_becomes_what_a_cell_would_hold(field: Field | None, text: str, value: Value) -> None:
    assert typed(field, text) == value


@pytest.mark.parametrize(
    ("field", "one", "other", "same"),
    [
        (MONEY, 1234.5, "1234.50", True), (MONEY, 20, 20.0, True), (MONEY, "1,234", 1234, False),
        (DAY, date(2026, 3, 31), "31/03/2026", True), (DAY, "31/03/2026", "30/03/2026", False),
        (TEXT, "2026", 2026.0, True), (TEXT, "Secretaría  del Ayto.", "secretaria del ayto", True), (TEXT, None, "", True),
    ],
)  # fmt: skip
def test_two_cells_that_say_the_same_are_equal(field: Field, one: Value, other: Value, same: bool) -> None:
    assert (normal(field, one) == normal(field, other)) is same
