"""What rooms above have to say beside the pages of a learner.

A room registers what it knows of a lesson, of a course, or of all courses of a person; this room shows it and need not
know which rooms there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Place:
    """The page beside which something stands: a lesson's, a course's (`step` ""), or all courses' (`course_id` None)."""

    person_id: int
    course_id: int | None = None
    slug: str = ""
    step: str = ""


@dataclass(frozen=True)
class Aside:
    """A line that leads to another page."""

    label: str
    url: str
    icon: str


Source = Callable[[Session, Place], Iterable[Aside]]
_registered: list[Source] = []


def stands_beside(source: Source) -> Source:
    """Register `source(session, place)`, which says what stands beside a page. It is asked for every one, so it is quick."""
    _registered.append(source)
    return source


def asides(session: Session, place: Place) -> list[Aside]:
    """Everything that is to be shown beside a page."""
    return [aside for source in _registered for aside in source(session, place)]
