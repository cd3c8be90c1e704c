"""Which lesson teaches a rule, where that lesson is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.catalog import queries as catalog
from webapp.formats.model import Rule


@dataclass(frozen=True)
class Lesson:
    """A lesson of a published course."""

    title: str
    href: str


def lessons(session: Session, rules: Mapping[str, Rule], codes: Iterable[str]) -> dict[str, Lesson]:
    """The lessons of these rules by code; a rule whose lesson is not there is left out."""
    found = {}
    for code in codes:
        slug, _, key = (rules[code].lesson if code in rules else "").partition("/")
        state = catalog.course_by_slug(session, slug) if slug and key else None
        if state is not None and not state.retired:
            step = catalog.revision(session, state.revision_id).course.steps.get(key)
            if step is not None:
                found[code] = Lesson(step.title, f"/cursos/{slug}/{key}")
    return found
