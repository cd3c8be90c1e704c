"""Responses as a browser sends them, made from the key."""

from __future__ import annotations

from typing import Any

from webapp.coursepack.model import Question


def right_form(question: Question) -> dict[str, list[str]]:
    """Return the form fields of the right answer."""
    body = question.body
    match question.type:
        case "single" | "multiple":
            return {"r": [option["id"] for option in body["options"] if option["correct"]]}
        case "truefalse":
            return {"r": ["true" if body["answer"] else "false"]}
        case "matching":
            return {f"r.{left['id']}": [left["right"]] for left in body["lefts"]}
        case "ordering":
            return {f"r.{item['id']}": [str(place)] for place, item in enumerate(body["items"], 1)}
        case "numeric":
            return {"r": [body["answer"]]}
        case "short":
            return {"r": [body["accept"][-1]]}
        case "cloze":
            return {f"r.{name}": [_right_blank(blank)] for name, blank in body["blanks"].items()}


def _right_blank(blank: dict[str, Any]) -> str:
    if blank["type"] == "choice":
        return next(str(option["id"]) for option in blank["options"] if option["correct"])
    return str(blank["answer"] if blank["type"] == "numeric" else blank["accept"][0])


def ids_shown(view: dict[str, Any]) -> list[str]:
    """Return every id that a view of a question offers, in the order of the view."""
    found = []
    for name in ("options", "lefts", "rights", "items"):
        found += [thing["id"] for thing in view.get(name, ())]
    for segment in view.get("segments", ()):
        found += [segment["blank"]] if "blank" in segment else []
        found += [option["id"] for option in segment.get("options", ())]
    return found
