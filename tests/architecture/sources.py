"""The source of the platform, parsed once."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
OWN_PACKAGES = ("webapp", "config", "aula", "wsgi", "tests")


@dataclass(frozen=True)
class Module:
    """A Python file: its path from the root, its text and its tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """ "learning" for `webapp/learning/services.py`; empty for a file of no room."""
        parts = self.path.split("/")
        return parts[1] if parts[0] == "webapp" and len(parts) > 2 else ""

    @property
    def kind(self) -> str:
        """ "services" for `webapp/learning/services.py` and for every file of `webapp/accounts/services/`."""
        parts = self.path.removesuffix(".py").split("/")
        return parts[2] if self.room and len(parts) > 2 else parts[-1]

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))

    def imports(self) -> Iterator[tuple[ast.stmt, str, str]]:
        """Every import as (statement, module, name); the name is empty in `import module`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node, alias.name, "") for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node, node.module or "", alias.name) for alias in node.names)

    def at(self, node: ast.AST) -> str:
        """Where a finding stands, for the message of a failed test."""
        return f"{self.path}:{getattr(node, 'lineno', 0)}"


@cache
def platform() -> tuple[Module, ...]:
    """Every Python file of `webapp/` and the three files beside it."""
    paths = sorted([*(ROOT / "webapp").rglob("*.py"), *(ROOT / f"{name}.py" for name in ("aula", "config", "wsgi"))])
    return tuple(_module(path) for path in paths)


def _module(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    return Module(path.relative_to(ROOT).as_posix(), text, ast.parse(text))


@cache
def rooms() -> frozenset[str]:
    """The folders of `webapp/` that hold Python."""
    return frozenset(module.room for module in platform() if module.room)


@cache
def templates() -> dict[str, str]:
    """The text of every template by its name."""
    folder = ROOT / "webapp" / "templates"
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.html")}


@cache
def committed() -> tuple[Path, ...]:
    """Every file that git tracks or would track, as far as it still exists."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def docstring_example(text: str | None) -> bool:
    """Whether a help text shows how the command is typed."""
    return "Example" in (text or "")
