"""The order of a course, read from `course.yaml` and changed in it: pure, on the text of the file.

What is written back is plain YAML: comments of a file that somebody wrote by hand do not survive a change made here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from webapp.coursepack.intake.names import slug_of

FOLDERS = {"lesson": ("lessons/", ".md"), "check": ("quizzes/", ".yaml"), "lab": ("labs/", "/lab.yaml"),
           "package": ("packages/", "/package.yaml")}  # fmt: skip


class BadOutline(Exception):
    """`course.yaml` is no sheet that can be changed here; the checker says why."""


@dataclass(frozen=True)
class StepLine:
    """A step where it stands: kind, key, and the file that holds it."""

    kind: str
    key: str

    @property
    def path(self) -> str:
        before, after = FOLDERS.get(self.kind, ("", ""))
        return f"{before}{self.key}{after}"


@dataclass(frozen=True)
class ModuleLine:
    """A module with its steps."""

    id: str
    title: str
    steps: tuple[StepLine, ...]


def read(text: bytes) -> dict[str, Any]:
    """The sheet as values. Raises BadOutline."""
    try:
        sheet = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise BadOutline from error
    if not isinstance(sheet, dict):
        raise BadOutline
    return sheet


def write(sheet: dict[str, Any]) -> bytes:
    """The sheet as the file holds it."""
    return yaml.safe_dump(sheet, allow_unicode=True, sort_keys=False, width=110).encode()


EXAM_QUESTIONS, EXAM_MINUTES = 10, 20  # of an exam that is begun in the browser; its author changes them in the file


def modules(sheet: dict[str, Any]) -> list[ModuleLine]:
    """The modules and steps of a sheet, as far as they can be read."""
    found = []
    for row in _rows(sheet):
        steps = tuple(
            StepLine(str(kind), str(key)) for step in row["steps"] for kind, key in step.items() if kind in FOLDERS
        )
        found.append(ModuleLine(str(row.get("id", "")), str(row.get("title", "")), steps))
    return found


def move_step(sheet: dict[str, Any], key: str, by: int) -> None:
    """Move a step up (-1) or down (1); past the end of its module, into the one beside it."""
    rows = _rows(sheet)
    place, index = _find(rows, key)
    steps = rows[place]["steps"]
    if 0 <= index + by < len(steps):
        steps.insert(index + by, steps.pop(index))
    elif 0 <= place + by < len(rows):
        target = rows[place + by]["steps"]
        target.insert(len(target) if by < 0 else 0, steps.pop(index))
    _drop_empty(sheet)


def put_step(sheet: dict[str, Any], key: str, module: str, index: int) -> None:
    """Put a step at a place of a module."""
    rows = _rows(sheet)
    target = next((row for row in rows if row.get("id") == module), None)
    if target is None:
        raise BadOutline
    place, at = _find(rows, key)
    step = rows[place]["steps"].pop(at)
    target["steps"].insert(max(0, min(index, len(target["steps"]))), step)
    _drop_empty(sheet)


def add_step(sheet: dict[str, Any], kind: str, key: str, module: str) -> None:
    """Put a new step at the end of a module; of the last one where there is none of that id."""
    if not isinstance(sheet.get("modules"), list) or not sheet["modules"]:
        sheet["modules"] = [{"id": "modulo-1", "title": "Módulo 1", "steps": []}]
    rows = _rows(sheet)
    target = next((row for row in rows if row.get("id") == module), rows[-1])
    target["steps"].append({kind: key})


def begin_exam(sheet: dict[str, Any], title: str, bank: str) -> bool:
    """Give the course an exam that draws from a bank; False where it has one already."""
    if isinstance(sheet.get("exam"), dict):
        return False
    draw = {"count": EXAM_QUESTIONS}
    sheet["exam"] = {"id": "examen-final", "title": title, "bank": bank, "draw": draw, "minutes": EXAM_MINUTES}
    return True


def step_keys(sheet: dict[str, Any]) -> set[str]:
    """Every key that a step of the course has, and those that no step may have."""
    taken = {line.key for module in modules(sheet) for line in module.steps} | {"material"}
    ends = (sheet.get(name) for name in ("pretest", "exam"))
    return taken | {str(row.get("id")) for row in ends if isinstance(row, dict)}


def remove_step(sheet: dict[str, Any], key: str) -> StepLine:
    """Take a step out; returns what it was."""
    rows = _rows(sheet)
    place, at = _find(rows, key)
    step = rows[place]["steps"].pop(at)
    _drop_empty(sheet)
    kind, found = next(iter(step.items()))
    return StepLine(str(kind), str(found))


def move_module(sheet: dict[str, Any], module: str, by: int) -> None:
    """Move a module up or down."""
    rows = _rows(sheet)
    place = _module(rows, module)
    if 0 <= place + by < len(rows):
        rows.insert(place + by, rows.pop(place))


def rename_module(sheet: dict[str, Any], module: str, title: str) -> None:
    """Give a module another title; its id stays."""
    rows = _rows(sheet)
    rows[_module(rows, module)]["title"] = title


def split_module(sheet: dict[str, Any], key: str, title: str) -> None:
    """Begin a new module at a step."""
    rows = _rows(sheet)
    place, at = _find(rows, key)
    if at == 0:
        return
    steps = rows[place]["steps"]
    new = {"id": slug_of(title, {str(row.get("id")) for row in rows}, "modulo"), "title": title, "steps": steps[at:]}
    del steps[at:]
    rows.insert(place + 1, new)


def _rows(sheet: dict[str, Any]) -> list[dict[str, Any]]:
    rows = sheet.get("modules")
    if not isinstance(rows, list) or not all(
        isinstance(row, dict) and isinstance(row.get("steps"), list) and all(isinstance(s, dict) for s in row["steps"])
        for row in rows
    ):
        raise BadOutline
    return rows


def _find(rows: list[dict[str, Any]], key: str) -> tuple[int, int]:
    for place, row in enumerate(rows):
        for index, step in enumerate(row["steps"]):
            if key in step.values():
                return place, index
    raise BadOutline


def _module(rows: list[dict[str, Any]], module: str) -> int:
    for place, row in enumerate(rows):
        if row.get("id") == module:
            return place
    raise BadOutline


def _drop_empty(sheet: dict[str, Any]) -> None:
    """A module without steps is none."""
    rows = _rows(sheet)
    if any(row["steps"] for row in rows):
        sheet["modules"] = [row for row in rows if row["steps"]]
