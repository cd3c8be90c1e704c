"""What the editors of the studio know of a draft while somebody writes: its context, its problems, who else writes in it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.authoring.models import Draft, DraftChange, DraftFile
from webapp.coursepack.files import IMAGES, check_asset
from webapp.coursepack.intake.pictures import cleaned
from webapp.coursepack.markdown import Context, compile_lesson
from webapp.coursepack.model import Asset, Norm, Problem
from webapp.coursepack.norms import TRANSITORY, quote
from webapp.coursepack.problems import Report

ONE_SITTING = timedelta(minutes=10)  # saves of one person so close to each other are one line of the history
STILL_THERE = timedelta(minutes=5)
MOST_FOUND = 20
MOST_LINES = 3000  # of a text that is compared


@dataclass(frozen=True)
class Version:
    """What one person did to a file in one sitting: its last act, with the key of the file after it."""

    number: int
    key: str | None
    at: datetime
    who: str
    person_id: int
    saves: int


@dataclass(frozen=True)
class Line:
    """A line of a comparison: `kind` is "same", "less" (only before) or "more" (only after)."""

    kind: str
    text: str


@dataclass(frozen=True)
class Passage:
    """An article, or a fraction of one, with its exact words and how it is cited."""

    citation: str
    label: str
    text: str


def context_of(session: Session, draft: Draft, norms: Mapping[str, Norm]) -> Context:
    """What a text of this draft may refer to."""
    assets: dict[str, Asset] = {}
    lessons = set()
    for file in session.scalars(select(DraftFile).filter_by(draft_id=draft.id)):
        if file.path.startswith("assets/"):
            assets[file.path] = Asset(file.path, file.media_type, file.storage_key, file.size)
        elif file.path.startswith("lessons/") and file.path.endswith(".md"):
            lessons.add(file.path[8:-3])
    return Context(norms, assets, frozenset(lessons))


def lesson_html(body: str, first_line: int, context: Context) -> tuple[str, list[Problem]]:
    """A lesson as the learner sees it, and what is wrong in its text."""
    report = Report("")
    lesson = compile_lesson(body, context, report, first_line)
    return lesson.html, report.in_order()


def pictures(context: Context) -> list[str]:
    """The pictures of a draft."""
    return sorted(path for path in context.assets if Path(path).suffix in IMAGES)


def refused_picture(name: str, content: bytes) -> str:
    """Why a file cannot be a picture of a lesson; empty when it can."""
    if Path(name).suffix not in IMAGES:
        return f"Las imágenes son {', '.join(sorted(IMAGES))}."
    report = Report(name)
    check_asset(name, content, report)
    problems = report.in_order()
    return problems[0].message if problems else ""


def cleaned_picture(path: str, content: bytes) -> bytes:
    """A picture without what it tells of cameras and places. Raises Refused where it cannot be read."""
    found = cleaned({path: content}, {}).get(path, content)
    return found if isinstance(found, bytes) else found.read_bytes()


def versions(session: Session, draft: Draft, path: str) -> list[Version]:
    """The versions of a file, the newest first; what one person saved in one sitting is one."""
    rows = session.execute(
        select(DraftChange, Person)
        .join(Person, Person.id == DraftChange.person_id)
        .where(DraftChange.draft_id == draft.id, DraftChange.path == path)
        .order_by(DraftChange.number.desc())
    ).all()
    found: list[Version] = []
    for change, person in rows:
        last = found[-1] if found else None
        if last and last.person_id == person.id and last.at - change.at < ONE_SITTING and change.before_key:
            found[-1] = Version(last.number, last.key, last.at, last.who, last.person_id, last.saves + 1)
        else:
            found.append(Version(change.number, change.after_key, change.at, person.short_name, person.id, 1))
    return found


def key_at(session: Session, draft: Draft, path: str, number: int) -> str | None:
    """The key of a file after an act on it."""
    return session.scalar(select(DraftChange.after_key).filter_by(draft_id=draft.id, path=path, number=number))


def last_change(session: Session, draft: Draft, path: str) -> tuple[str, datetime, int] | None:
    """Who changed a file last, when, and their id."""
    row = session.execute(
        select(DraftChange.at, Person)
        .join(Person, Person.id == DraftChange.person_id)
        .where(DraftChange.draft_id == draft.id, DraftChange.path == path)
        .order_by(DraftChange.number.desc())
        .limit(1)
    ).first()
    return (row.Person.short_name, row.at, row.Person.id) if row else None


def somebody_else(session: Session, draft: Draft, path: str, actor: Person, now: datetime) -> str:
    """Who else saved this file in the last minutes; empty when nobody did."""
    name = session.scalars(
        select(Person)
        .join(DraftChange, DraftChange.person_id == Person.id)
        .where(
            DraftChange.draft_id == draft.id,
            DraftChange.path == path,
            DraftChange.person_id != actor.id,
            DraftChange.at > now - STILL_THERE,
        )
        .order_by(DraftChange.number.desc())
        .limit(1)
    ).first()
    return name.short_name if name else ""


def compare(before: str, after: str) -> list[Line]:
    """Two texts line by line."""
    kinds = {" ": "same", "-": "less", "+": "more"}
    told = difflib.ndiff(before.splitlines()[:MOST_LINES], after.splitlines()[:MOST_LINES])
    return [Line(kinds[line[0]], line[2:]) for line in told if line[0] in kinds]


def passages(norms: Iterable[Norm], words: str) -> list[Passage]:
    """The articles of these norms that hold all these words, or whose number it is, with their fractions."""
    wanted = words.casefold().split()
    number = re.sub(r"^art(?:ículo|\.)?\s*", "", words.casefold()).strip()
    found = []
    for norm in norms:
        for article in norm.articles.values():
            text = f"{article.number} {article.text}".casefold()
            is_it = article.number.casefold() == number
            if is_it or all(word in text for word in wanted):
                found.append((not is_it, norm, article))
    told: list[Passage] = []
    for _other, norm, article in sorted(found, key=lambda one: one[0])[:MOST_FOUND]:
        place = article.number if article.number.startswith(TRANSITORY) else f"Artículo {article.number}"
        told.append(Passage(f"{norm.id} art. {article.number}", f"{norm.short}, {place}", article.text))
        told += [
            Passage(
                f"{norm.id} art. {article.number} fr. {numeral}",
                f"{norm.short}, {place}, fracción {numeral}",
                quote(article, numeral),
            )
            for numeral in article.fractions
        ]
    return told
