"""The review tree: every step where it stands, with what the intake and the checker have to say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.authoring import lessonfile, outline
from webapp.authoring.models import Draft
from webapp.core.storage import Storage
from webapp.coursepack.checker import CheckReport
from webapp.coursepack.model import Problem

# What the sheet asks for first is said by these codes of `course.yaml`.
SHEET = "course.yaml"
# The checker says these of the very pictures and videos that the intake spoke of; twice would be noise.
_SAID_BY_CHECKER = {"picture_without_alt", "video_without_captions", "cover_without_alt"}


@dataclass(frozen=True)
class Node:
    """A step of the tree. `silent` are its pictures that do not say what they show."""

    kind: str
    key: str
    path: str
    storage_key: str
    title: str
    minutes: int
    problems: tuple[Problem, ...]
    remarks: tuple[dict[str, str], ...]
    silent: tuple[str, ...]


@dataclass(frozen=True)
class Branch:
    """A module of the tree."""

    id: str
    title: str
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Tree:
    """All of a draft. `readable` is False where `course.yaml` cannot be changed here; `loose` is said of no step."""

    branches: tuple[Branch, ...]
    sheet: tuple[Problem, ...]
    loose: tuple[Problem, ...]
    remarks: tuple[dict[str, str], ...]
    readable: bool

    @property
    def minutes(self) -> int:
        return sum(node.minutes for branch in self.branches for node in branch.nodes)

    @property
    def titles(self) -> dict[str, str]:
        """Title of each step by its file."""
        return {node.path: node.title for branch in self.branches for node in branch.nodes}


def steps(files: Mapping[str, str], storage: Storage) -> dict[str, str]:
    """The key of each step by its file, as far as the order can be read."""
    try:
        modules = outline.modules(outline.read(storage.get(files[SHEET])))
    except (outline.BadOutline, KeyError):
        return {}
    return {line.path: line.key for module in modules for line in module.steps}


def grow(draft: Draft, files: Mapping[str, str], report: CheckReport, storage: Storage) -> Tree:
    """Put the tree of a draft together."""
    told = [problem for problem in report.problems if problem.severity != "info"]
    try:
        modules = outline.modules(outline.read(storage.get(files[SHEET]))) if SHEET in files else []
        readable = bool(modules)
    except outline.BadOutline:
        modules, readable = [], False
    branches = tuple(
        Branch(module.id, module.title, tuple(_node(step, draft, files, told, storage) for step in module.steps))
        for module in modules
    )
    paths = {node.path for branch in branches for node in branch.nodes}
    return Tree(
        branches,
        tuple(problem for problem in told if problem.file == SHEET),
        tuple(problem for problem in told if problem.file != SHEET and problem.file not in paths),
        tuple(
            remark
            for remark in draft.remarks
            if remark["target"] not in paths and remark["code"] not in _SAID_BY_CHECKER
        ),
        readable,
    )


def _node(
    step: outline.StepLine, draft: Draft, files: Mapping[str, str], told: list[Problem], storage: Storage
) -> Node:
    text = storage.get(files[step.path]).decode("utf-8", "replace") if step.path in files else ""
    head = lessonfile.head_of(step.path, text)
    minutes = head.get("minutes")
    return Node(
        step.kind,
        step.key,
        step.path,
        files.get(step.path, ""),
        str(head.get("title") or step.key),
        minutes if isinstance(minutes, int) else 0,
        tuple(problem for problem in told if problem.file == step.path),
        tuple(
            remark
            for remark in draft.remarks
            if remark["target"] == step.path and remark["code"] not in _SAID_BY_CHECKER
        ),
        tuple(lessonfile.silent_pictures(text)) if step.kind == "lesson" else (),
    )
