"""What the docs name exists, and what exists is named."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import get_args

import click
import pytest
from flask import Flask
from flask.cli import ScriptInfo

import aula
import config
from tests.architecture.sources import ROOT, docstring_example, rooms
from webapp.app import create_app
from webapp.coursepack.model import QuestionType

HOUSE = (ROOT / "docs" / "house.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
PAGES = sorted(
    [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "courses" / "README.md", *(ROOT / "deploy").iterdir()]
)
ROW = re.compile(r"^\|\s*((?:`[^`|]+`(?:,\s*)?)+)\s*\|", re.MULTILINE)


def _first_column(text: str) -> set[str]:
    """The names in code letters that open the rows of the tables of a page."""
    return {name for cell in ROW.findall(text) for name in re.findall(r"`([^`]+)`", cell)}


# --- rooms ------------------------------------------------------------------------------------------------------


def test_the_rooms_of_the_house_are_those_of_its_description() -> None:
    start = HOUSE.index("## Rooms")
    assert _first_column(HOUSE[start : HOUSE.index("\n## ", start + 1)]) == rooms()


def test_the_import_contract_knows_every_room() -> None:
    contracts = (ROOT / "pyproject.toml").read_text()
    layers = re.search(r"^layers = \[(.*?)\]", contracts, re.MULTILINE | re.DOTALL)
    assert layers
    assert set(re.findall(r'"(\w+)"', layers[1])) | {"coursepack", "formats"} == rooms()


# --- settings ---------------------------------------------------------------------------------------------------


def _read_by_config() -> set[str]:
    return set(re.findall(r'env(?:\.get\(|, )"([A-Z][A-Z0-9_]+)"', Path(config.__file__).read_text()))


def test_every_setting_is_documented_and_every_documented_one_is_read() -> None:
    assert _first_column(SETTINGS) == _read_by_config()
    assert _first_column(config.__doc__ or "") == _read_by_config()


def test_nobody_else_reads_the_environment() -> None:
    """`webapp/core/supervise.py` is a process of its own, which is handed what it needs by the one that it replaces."""
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in [*(ROOT / "webapp").rglob("*.py"), ROOT / "aula.py", ROOT / "wsgi.py"]
        if re.search(r"os\.environ|os\.getenv", path.read_text())
    }
    assert readers <= {"webapp/core/supervise.py", "webapp/core/cli.py"}


def test_the_example_of_the_service_sets_what_exists() -> None:
    example = (ROOT / "deploy" / "aula-norte.env.example").read_text()
    assert set(re.findall(r"^#?\s*([A-Z][A-Z_]+)=", example, re.MULTILINE)) <= _read_by_config()


# --- commands ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> click.Context:
    """The console `aula` around an application without a database."""
    folder = tmp_path_factory.mktemp("console")

    def make() -> Flask:
        return create_app(config.load({"AULA_DATA_DIR": str(folder)}))

    return click.Context(aula.main, info_name="aula", obj=ScriptInfo(create_app=make, set_debug_flag=False))


def _commands(context: click.Context) -> dict[str, click.Command]:
    """Every command that is not hidden, by what one types."""
    found: dict[str, click.Command] = {}

    def walk(group: click.Group, path: str, at: click.Context) -> None:
        for name in group.list_commands(at):
            command = group.get_command(at, name)
            if command is None or command.hidden:
                continue
            typed = f"{path} {name}"
            found[typed] = command
            if isinstance(command, click.Group):
                walk(command, typed, click.Context(command, parent=at, info_name=name))

    assert isinstance(context.command, click.Group)
    walk(context.command, "aula", context)
    return found


def test_every_command_tells_how_it_is_typed(console: click.Context) -> None:
    with console:
        silent = [
            typed
            for typed, command in _commands(console).items()
            if not isinstance(command, click.Group)
            and not (docstring_example(command.help) and typed in str(command.help))
        ]
        groups = [typed for typed, command in _commands(console).items() if not command.help]
    assert not silent
    assert not groups


def test_the_console_offers_nothing_but_the_platforms_own_commands(console: click.Context) -> None:
    with console:
        names = {typed.split()[1] for typed in _commands(console)}
        options = {option for parameter in aula.main.get_params(console) for option in parameter.opts}
    assert not names & {"run", "shell", "routes", "db"}
    assert options == {"--help"}


@cache
def _mentioned() -> dict[str, str]:
    """Commands in code letters on the pages of the docs: `aula courses check`, with one page that has it."""
    found: dict[str, str] = {}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        code = "\n".join(re.findall(r"`([^`\n]+)`", text) + re.findall(r"```.*?```", text, re.DOTALL))
        for typed in re.findall(r"(?:^|[\s/(;&=])(aula(?: [a-z][a-z-]+)+)", code, re.MULTILINE):
            found.setdefault(typed, page.relative_to(ROOT).as_posix())
    return found


def test_every_command_that_the_docs_name_exists(console: click.Context) -> None:
    with console:
        known = set(_commands(console))
    unknown = {
        typed: page
        for typed, page in _mentioned().items()
        if not any(typed == command or typed.startswith(command + " ") for command in known)
    }
    assert not unknown


def test_every_target_of_make_that_the_docs_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for page in PAGES
        for target in re.findall(r"(?:`|^|[\s(])make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
        if f"`make {target}" in page.read_text() or f"\nmake {target}" in page.read_text()
    }
    assert named <= targets
    assert {"run", "test", "env", "check", "bench"} <= targets


# --- question types ---------------------------------------------------------------------------------------------


def test_every_question_type_is_taught_to_those_who_write_courses() -> None:
    taught = (ROOT / "courses" / "README.md").read_text(encoding="utf-8")
    assert [kind for kind in get_args(QuestionType) if not re.search(rf"type: {kind}\b", taught)] == []


# --- links ------------------------------------------------------------------------------------------------------


def test_every_file_that_a_page_of_the_docs_links_to_exists() -> None:
    missing = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        if page.suffix == ".md"
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", _without_code(page.read_text(encoding="utf-8")))
        if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()
    ]
    assert not missing


def _without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
