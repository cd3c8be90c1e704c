"""One way to write, rules that know no request, and imports that say what they mean."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.sources import OWN_PACKAGES, Module, platform, rooms

# What holds rules, and therefore gets its actor, its things and its moment as arguments.
RULES = {"services", "queries", "policies", "models"}
# Who may ask the running application for its settings.
KNOWS_THE_APPLICATION = {"views", "jobs", "cli", "invariants", "__init__"}
# The identity that Flask-Security works with is the one exception (docs/decisions/0002-identity-model.md), and the
# modules that belong to signing in as such, where the browser is the subject.
IDENTITY = {
    "webapp/accounts/models.py",
    "webapp/accounts/identity.py",
    "webapp/accounts/security.py",
    "webapp/accounts/security_forms.py",
    "webapp/accounts/doors.py",
    "webapp/accounts/throttling.py",
    "webapp/accounts/arriving.py",
    "webapp/accounts/tokens.py",
}
# Sanitised HTML of lessons and notices, and our own words with values escaped into them.
MAY_DECLARE_SAFE = {"webapp/core/web.py", "webapp/core/i18n.py"}


def test_only_the_transaction_commits() -> None:
    found = [
        module.at(call)
        for module in platform()
        if module.path != "webapp/core/db.py"
        for call in module.calls()
        if isinstance(call.func, ast.Attribute) and call.func.attr == "commit"
    ]
    assert not found


def test_rules_never_see_a_request_a_form_or_the_application() -> None:
    found = [
        f"{module.at(node)} imports {source}.{name}".rstrip(".")
        for module in platform()
        if module.kind in RULES and module.room not in {"core", ""} and module.path not in IDENTITY
        for node, source, name in module.imports()
        if source.split(".")[0] in {"flask", "flask_login", "flask_wtf", "wtforms", "werkzeug"}
        or source.rpartition(".")[2] in {"forms", "views"}
        or (source == "webapp.core.access" and name == "current_actor")
    ]
    assert not found


def test_settings_are_read_where_a_request_a_job_or_a_command_begins() -> None:
    found = [
        module.at(node)
        for module in platform()
        if module.room not in {"core", ""} and module.kind not in KNOWS_THE_APPLICATION and module.path not in IDENTITY
        for node, source, name in module.imports()
        if source == "flask" and name == "current_app"
    ]
    assert not found


def test_the_pure_rooms_know_only_themselves_and_what_a_format_is() -> None:
    found = [
        f"{module.at(node)} imports {source}"
        for module in platform()
        if module.room in {"coursepack", "formats"}
        for node, source, _ in module.imports()
        if source.startswith("webapp.") and source.split(".")[1] not in {module.room, "formats"}
    ]
    assert not found


def test_nobody_queries_or_relates_in_the_old_style() -> None:
    found = []
    for module in platform():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.keyword) and node.arg == "backref":
                found.append(f"{module.path}:{node.value.lineno} backref")
            if isinstance(node, ast.Attribute) and node.attr == "query" and _is_model(node.value):
                found.append(f"{module.at(node)} Model.query")
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_session_query(node.func):
                found.append(f"{module.at(node)} session.query")
    assert not found


def _is_model(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id[:1].isupper()


def _is_session_query(node: ast.Attribute) -> bool:
    return (
        node.attr == "query" and isinstance(node.value, ast.Name | ast.Attribute) and "session" in ast.dump(node.value)
    )


def test_own_modules_are_imported_at_the_top() -> None:
    found = [
        f"{module.at(node)} imports {source}"
        for module in platform()
        for node, source in _inner_imports(module)
        if source.split(".")[0] in OWN_PACKAGES
    ]
    assert not found


def _inner_imports(module: Module) -> Iterator[tuple[ast.stmt, str]]:
    """Imports inside functions, and those for type checkers alone: both are ways around the order of the rooms."""
    top = set(module.tree.body)
    return ((node, source) for node, source, _ in module.imports() if node not in top)


def test_html_is_declared_safe_in_two_places() -> None:
    found = [
        module.at(call)
        for module in platform()
        if module.path not in MAY_DECLARE_SAFE
        for call in module.calls()
        if isinstance(call.func, ast.Name) and call.func.id == "Markup" and not _is_constant(call)
    ]
    assert not found


def _is_constant(call: ast.Call) -> bool:
    return all(isinstance(argument, ast.Constant) for argument in call.args)


def test_no_error_is_swallowed_and_no_warning_waved_through() -> None:
    found = []
    for module in platform():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ExceptHandler) and (
                node.type is None or all(isinstance(statement, ast.Pass) for statement in node.body)
            ):
                found.append(f"{module.at(node)} an except that is bare, or does nothing")
        for number, line in enumerate(module.text.splitlines(), 1):
            if line.rstrip().endswith(("# noqa", "# type: " + "ignore")):
                found.append(f"{module.path}:{number} a wave without a name")
    assert not found


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "util", "helpers", "common", "misc", "tools", "shared"}
    assert not [module.path for module in platform() if module.kind in drawers]


@pytest.mark.parametrize("room", sorted(rooms()))
def test_a_room_says_what_it_owns(room: str) -> None:
    module = next(module for module in platform() if module.path == f"webapp/{room}/__init__.py")
    assert len((ast.get_docstring(module.tree) or "").split()) >= 12


def test_every_module_says_what_it_is_for() -> None:
    assert not [module.path for module in platform() if module.text.strip() and not ast.get_docstring(module.tree)]
