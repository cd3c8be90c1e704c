"""The sheet of a course between `course.yaml` and a form. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from webapp.authoring.forms import lines

_PLAIN = (
    "title", "short_title", "summary", "topic", "hours", "licence", "pass_mark", "attempts", "deadline_days",
    "validity_months",
)  # fmt: skip
_LISTS = ("outcomes", "audience", "authors")
# In the order in which the page asks for them.
NEEDED = ("title", "short_title", "summary", "outcomes", "audience", "topic", "legal_frame", "hours", "authors")


def missing(values: Mapping[str, Any]) -> list[str]:
    """The fields that only the trainer knows and that are not written yet, in order."""
    found = [name for name in NEEDED if not values.get(name)]
    cover = values.get("cover")
    if not (isinstance(cover, dict) and cover.get("alt")):
        found.append("cover_alt")
    return found


def to_form(values: Mapping[str, Any], slug: str) -> dict[str, Any]:
    """What the form shows of a sheet."""
    shown: dict[str, Any] = {name: values[name] for name in _PLAIN if values.get(name) is not None}
    for name in _LISTS:
        rows = values.get(name)
        shown[name] = "\n".join(str(row) for row in rows) if isinstance(rows, list) else ""
    frame, cover = values.get("legal_frame"), values.get("cover")
    shown["hours"] = Decimal(str(values["hours"])) if isinstance(values.get("hours"), (int, float)) else None
    shown["legal_frame"] = [str(name) for name in frame] if isinstance(frame, list) else []
    shown["issuer"] = str(values.get("issuer") or "")
    shown["cover_alt"] = str(cover.get("alt") or "") if isinstance(cover, dict) else ""
    defaults = {"pass_mark": 80, "attempts": 3, "deadline_days": 90, "licence": "CC-BY-4.0"}
    return defaults | shown | {"slug": slug}


def from_form(values: Mapping[str, Any], form: Mapping[str, Any]) -> dict[str, Any]:
    """The sheet with what the form says; order and exam stay as they are. Missing keys go before the modules."""
    changed: dict[str, Any] = {name: form[name] for name in _PLAIN if form.get(name) not in (None, "")}
    changed |= {name: lines(form[name]) for name in _LISTS}
    hours = float(form["hours"])
    changed["hours"] = int(hours) if hours == int(hours) else hours
    changed["legal_frame"] = list(form["legal_frame"])
    changed["issuer"] = form["issuer"] or None
    cover = values.get("cover")
    changed["cover"] = {
        **(cover if isinstance(cover, dict) else {"file": "assets/portada.svg"}),
        "alt": form["cover_alt"],
    }
    written = changed.keys() | {"validity_months"}
    rest: dict[str, Any] = {name: value for name, value in values.items() if name not in written}
    last: dict[str, Any] = {name: rest.pop(name) for name in ("modules", "pretest", "exam") if name in rest}
    return {**changed, **rest, **last}
