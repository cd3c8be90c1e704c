"""An icon that a template or a menu names is in the sprite; otherwise people would see an empty square."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes

WEBAPP = Path(__file__).parents[2] / "webapp"
KEYWORD = "icon"


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    known, named = _sprite(), 0
    for path in sorted((WEBAPP / "templates").rglob("*.html")):
        tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(path.read_text(encoding="utf-8"))
        for name in _named_in_template(tree):
            named += 1
            assert name in known, f"{path.relative_to(WEBAPP)}: {name}"
    assert named > 50


def test_every_icon_of_a_navigation_entry_is_in_the_sprite() -> None:
    known = _sprite()
    for path in sorted(WEBAPP.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) == "add_entry":
                name = call.args[5] if len(call.args) > 5 else next(k.value for k in call.keywords if k.arg == KEYWORD)
                assert isinstance(name, ast.Constant) and name.value in known, f"{path}: {ast.unparse(call)}"


def test_the_reading_of_templates_sees_every_way_of_naming_an_icon() -> None:
    source = (
        '{% set ROW_ICONS = {"a": "one"} %}{{ icon("two" if x == "no" else "three") }}'
        '{{ button("no", icon="four") }}{{ empty("no", icon=name) }}{{ rows([{"icon": "five", "label": "no"}]) }}'
    )
    tree = Environment(autoescape=True).parse(source)
    assert sorted(_named_in_template(tree)) == ["five", "four", "one", "three", "two"]


def _sprite() -> set[str]:
    return set(re.findall(r'<symbol id="([\w-]+)"', (WEBAPP / "static" / "icons.svg").read_text(encoding="utf-8")))


def _named_in_template(tree: nodes.Template) -> Iterator[str]:
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == KEYWORD and call.args:
            yield from _constants(call.args[0])
    for keyword in tree.find_all(nodes.Keyword):
        if keyword.key == KEYWORD:
            yield from _constants(keyword.value)
    for pair in tree.find_all(nodes.Pair):
        if isinstance(pair.key, nodes.Const) and pair.key.value == KEYWORD:
            yield from _constants(pair.value)
    for assign in tree.find_all(nodes.Assign):
        table = isinstance(assign.target, nodes.Name) and assign.target.name.lower().endswith("icons")
        if table and isinstance(assign.node, nodes.Dict):
            for pair in assign.node.items:
                yield from _constants(pair.value)


def _constants(node: nodes.Node) -> Iterator[str]:
    """The names an expression can come to: itself, or either end of a condition. Variables are named elsewhere."""
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, nodes.CondExpr):
        for end in (node.expr1, node.expr2):
            if end is not None:
                yield from _constants(end)
