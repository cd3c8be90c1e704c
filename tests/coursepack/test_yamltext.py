"""YAML is read by two readers, one quick and one that explains; nobody can tell them apart by what they read."""

from __future__ import annotations

import pytest

from webapp.coursepack.problems import Report
from webapp.coursepack.yamltext import _parse_and_explain, _parse_quickly, parse

from .example import Example

TEXTS = [
    "a: No\nb: ~\nc:\nd: null\ne: 'null'\nf: \"\"\n",
    "a: |\n  uno\n\n  dos  tres\nb: >-\n  uno\n  dos\nc: [x, {y: z}]\n",
    "# nota\n\n- 'doble '' comilla'\n- \"\\u00e1 \\\n  sigue\"\n-   - hondo\n",
    "a: 1\na: 2\n",
    "a: ñ «😀»\n\n\nb: último sin renglón",
]


@pytest.mark.parametrize("text", TEXTS)
def test_both_readers_give_the_same_texts_lines_and_problems(text: str) -> None:
    quick, slow = Report("x.yaml"), Report("x.yaml")
    assert _parse_quickly(text, quick, 7) == _parse_and_explain(text, slow, 7) is not None
    assert quick.in_order() == slow.in_order()


def test_both_readers_read_the_course_of_the_manual_alike(example: Example) -> None:
    for path in sorted(example.folder.rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        assert _parse_quickly(text, Report(), 1) == _parse_and_explain(text, Report(), 1) is not None, path.name


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: 1\na: 2\nb: [", "yaml_syntax"),
        ("a: &x 1\n", "yaml_alias"),
        ("title:\tcon tabulador\n", "yaml_syntax"),
        ("a: \udc80\n", "control_character"),
    ],
)
def test_what_is_refused_is_explained_once(text: str, code: str) -> None:
    report = Report("x.yaml")
    assert parse(text, report) is None
    found = [problem.code for problem in report.in_order()]
    assert found.count(code) == 1
    assert found.count("duplicate_key") <= 1
