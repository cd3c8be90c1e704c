"""Responses as a person would give them: all right, or none. The demonstration answers exams with them."""

from __future__ import annotations

from typing import Any

from webapp.coursepack.model import Question


def right_response(question: Question) -> dict[str, Any]:
    """A response that scores the whole question, in the form that `coursepack.scoring` keeps."""
    body = question.body
    match question.type:
        case "single":
            return {"choice": _right(body["options"])[0]}
        case "multiple":
            return {"choices": _right(body["options"])}
        case "truefalse":
            return {"answer": body["answer"]}
        case "matching":
            return {"pairs": {left["id"]: left["right"] for left in body["lefts"]}}
        case "ordering":
            return {"positions": {item["id"]: place for place, item in enumerate(body["items"], 1)}}
        case "numeric":
            return {"value": body["answer"]}
        case "short":
            return {"text": body["accept"][0]}
        case "cloze":
            return {"blanks": {name: _right_blank(blank) for name, blank in body["blanks"].items()}}


def wrong_response(question: Question) -> dict[str, Any]:
    """A response that scores nothing, or almost nothing."""
    body = question.body
    match question.type:
        case "single":
            return {"choice": next(option["id"] for option in body["options"] if not option["correct"])}
        case "truefalse":
            return {"answer": not body["answer"]}
        case _:
            return {}  # left blank


def _right(options: list[dict[str, Any]]) -> list[str]:
    return [option["id"] for option in options if option["correct"]]


def _right_blank(blank: dict[str, Any]) -> str:
    if blank["type"] == "choice":
        return _right(blank["options"])[0]
    return str(blank["answer"] if blank["type"] == "numeric" else blank["accept"][0])
