"""A compiled course as JSON and back, exactly.

The articles that questions quote are written once, in a table, and named by their place in it: a course quotes the
same article many times, and the JSON is read at every page of a quiz.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from webapp.coursepack.model import Asset, Bank, Citation, Course, Draw, Interactive, Lab, Module, Question, Step

FORMAT = 1

_PLAIN = (
    "slug", "revision", "title", "short_title", "summary", "topic", "hours", "language", "licence", "issuer",
    "validity_months", "deadline_days", "pass_mark", "attempts", "cover", "cover_alt", "pretest", "exam",
)  # fmt: skip
_LISTS = ("outcomes", "audience", "authors", "legal_frame")


def to_json(course: Course) -> dict[str, Any]:
    """Return the course as values that `json.dumps` takes, right answers included: it stays on the server."""
    table: dict[Citation, int] = {}
    banks = [_bank_to_json(bank, table) for bank in course.banks.values()]
    return {
        "format": FORMAT,
        **{name: getattr(course, name) for name in _PLAIN},
        **{name: list(getattr(course, name)) for name in _LISTS},
        "reviewed_on": course.reviewed_on.isoformat(),
        "modules": [{"id": module.id, "title": module.title, "steps": list(module.steps)} for module in course.modules],
        "steps": [_step_to_json(step) for step in course.steps.values()],
        "banks": banks,
        "labs": [_lab_to_json(lab) for lab in course.labs.values()],
        "packages": [vars(package) for package in course.packages.values()],
        "citations": [[c.norm, c.article, c.fraction, c.label, c.text] for c in table],
        "assets": [[asset.path, asset.media_type, asset.sha256, asset.size] for asset in course.assets],
    }


def from_json(data: Mapping[str, Any]) -> Course:
    """Return the course that `to_json` wrote. Raises ValueError for another format."""
    if data.get("format") != FORMAT:
        raise ValueError(f"compiled course of format {data.get('format')!r}; this code reads {FORMAT}")
    citations = [Citation(*row) for row in data["citations"]]
    simple: dict[str, Any] = {name: data[name] for name in _PLAIN}
    simple.update((name, tuple(data[name])) for name in _LISTS)
    return Course(
        **simple,
        reviewed_on=date.fromisoformat(data["reviewed_on"]),
        modules=tuple(Module(row["id"], row["title"], tuple(row["steps"])) for row in data["modules"]),
        steps={row["key"]: _step_from_json(row) for row in data["steps"]},
        banks={row["id"]: _bank_from_json(row, citations) for row in data["banks"]},
        assets=tuple(Asset(*row) for row in data["assets"]),
        labs={row["id"]: _lab_from_json(row) for row in data.get("labs", ())},  # packages of before had none
        packages={row["id"]: Interactive(**row) for row in data.get("packages", ())},
    )


def _step_to_json(step: Step) -> dict[str, Any]:
    return {**vars(step), "draw": [step.draw.count, step.draw.per_tag]}


def _step_from_json(row: Mapping[str, Any]) -> Step:
    return Step(**{**row, "draw": Draw(*row["draw"])})


def _lab_to_json(lab: Lab) -> dict[str, Any]:
    return {
        **vars(lab),
        "hints": list(lab.hints),
        "rows": list(lab.rows),
        "tables": {name: list(rows) for name, rows in lab.tables.items()},
        "difficulties": list(lab.difficulties),
    }


def _lab_from_json(row: Mapping[str, Any]) -> Lab:
    tables = {name: tuple(rows) for name, rows in row["tables"].items()}
    lists = {name: tuple(row[name]) for name in ("hints", "rows", "difficulties")}
    return Lab(**{**row, **lists, "tables": tables})


def _bank_to_json(bank: Bank, table: dict[Citation, int]) -> dict[str, Any]:
    return {
        "id": bank.id,
        "title": bank.title,
        "questions": [_question_to_json(question, table) for question in bank.questions],
    }


def _bank_from_json(row: Mapping[str, Any], citations: list[Citation]) -> Bank:
    return Bank(row["id"], row["title"], tuple(_question_from_json(item, citations) for item in row["questions"]))


def _question_to_json(question: Question, table: dict[Citation, int]) -> dict[str, Any]:
    return {
        "id": question.id,
        "type": question.type,
        "prompt_html": question.prompt_html,
        "body": question.body,
        "tags": list(question.tags),
        "points": question.points,
        "difficulty": question.difficulty,
        "explanation_html": question.explanation_html,
        "sources": [table.setdefault(source, len(table)) for source in question.sources],
    }


def _question_from_json(row: Mapping[str, Any], citations: list[Citation]) -> Question:
    return Question(
        id=row["id"],
        type=row["type"],
        prompt_html=row["prompt_html"],
        body=row["body"],
        tags=tuple(row["tags"]),
        points=row["points"],
        difficulty=row.get("difficulty", 2),  # courses compiled before there were difficulties
        explanation_html=row["explanation_html"],
        sources=tuple(citations[place] for place in row["sources"]),
    )
