"""Changing a bank of questions of a draft: mine goes on top of what somebody else did to another question meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.authoring import bankfile, queries, services, writing
from webapp.authoring.bankfile import BadBank, BankText, Values
from webapp.authoring.errors import DraftConflict, DraftError
from webapp.authoring.models import Draft, DraftChange
from webapp.core.db import lock_for_update
from webapp.core.storage import Storage
from webapp.coursepack.answers import comparable
from webapp.coursepack.banks import Imported
from webapp.coursepack.intake.names import slug_of
from webapp.coursepack.markdown import Context
from webapp.coursepack.model import Bank, Problem
from webapp.coursepack.problems import Report
from webapp.coursepack.questions import compile_question
from webapp.coursepack.schema import QUIZ
from webapp.coursepack.yamltext import parse

Edit = Callable[[str], str]
_HEAD = ""


@dataclass(frozen=True)
class Line:
    """A question in the list of its bank: `place` counts from 1."""

    place: int
    values: Values
    problems: tuple[Problem, ...]

    @property
    def id(self) -> str:
        return _text(self.values.get("id"))

    @property
    def type(self) -> str:
        return _text(self.values.get("type"))

    @property
    def prompt(self) -> str:
        return _text(self.values.get("prompt"))

    @property
    def difficulty(self) -> str:
        return _text(self.values.get("difficulty")) or "2"

    @property
    def tags(self) -> tuple[str, ...]:
        found = self.values.get("tags")
        return tuple(_text(tag) for tag in found) if isinstance(found, list) else ()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def lines(bank: BankText, problems: list[Problem]) -> tuple[list[Line], list[Problem]]:
    """Every question with what the checker says at its lines, and what it says of the bank as a whole."""
    ends, end = [], bank.head.count("\n")
    for block in bank.blocks:
        end += block.count("\n")
        ends.append(end)
    first = bank.head.count("\n")
    of: dict[int, list[Problem]] = {}
    rest = []
    for problem in problems:
        place = next((number for number, last in enumerate(ends) if first < problem.line <= last), None)
        of.setdefault(place, []).append(problem) if place is not None else rest.append(problem)
    return [Line(n + 1, values, tuple(of.get(n, ()))) for n, values in enumerate(bank.questions)], rest


def matching(found: list[Line], words: str, tag: str, difficulty: str) -> list[Line]:
    """The questions that hold all the words, whether in prompt, answers or sources, and have that tag and difficulty."""
    wanted = comparable(words).split()
    return [
        line
        for line in found
        if (not tag or tag in line.tags)
        and (not difficulty or line.difficulty == difficulty)
        and (not wanted or all(word in comparable(" ".join(_leaves(line.values))) for word in wanted))
    ]


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield str(value)


def change(
    session: Session,
    draft: Draft,
    path: str,
    base: str,
    question: str | None,
    edit: Edit,
    actor: Person,
    storage: Storage,
    now: datetime,
    note: str,
    extra: Mapping[str, bytes] | None = None,
) -> str:
    """Do one edit of a bank on the file as it is now; returns its new key.

    `question` is the one that the edit replaces ("" the head, None nothing that was there): where that is another than in
    the version `base`, which the actor saw, DraftConflict. Raises BadBank and DraftError.
    """
    lock_for_update(session, draft)
    file = queries.file(session, draft, path)
    if file is None:
        raise DraftError("no_such_file", _("El borrador no tiene el archivo «%(path)s».", path=path))
    text = storage.get(file.storage_key).decode("utf-8", "replace")
    if question is not None and file.storage_key != base:
        seen = _seen(session, draft, path, base, storage)
        if seen is None or _part(seen, question) != _part(text, question):
            last = writing.last_change(session, draft, path)
            who = last[0] if last else ""
            raise DraftConflict(path, who, _("%(who)s cambió lo mismo mientras lo editabas.", who=who))
    changes: dict[str, services.Content | None] = {path: edit(text).encode(), **(extra or {})}
    bases: dict[str, str | None] = {path: file.storage_key}
    services.apply(session, draft, changes, actor, storage, now, note, bases=bases)
    return services.keys(session, draft)[path]


def _seen(session: Session, draft: Draft, path: str, base: str, storage: Storage) -> str | None:
    """The text of a version of this very file; None where it never was one."""
    known = session.scalar(select(DraftChange.id).filter_by(draft_id=draft.id, path=path, after_key=base).limit(1))
    return storage.get(base).decode("utf-8", "replace") if known is not None else None


def _part(text: str, question: str) -> Any:
    bank = bankfile.read(text)
    if question == _HEAD:
        return bank.head
    return bank.questions[bank.index(question)] if question in bank.ids else None


def free_id(bank: BankText, prompt: str, kind: str) -> str:
    """An id for a new question, of the first words of its prompt."""
    words = " ".join(prompt.split()[:6])
    return slug_of(words, set(bank.ids), kind)


def with_imported(text: str, found: Imported) -> str:
    """The bank with the questions of a file at its end; one whose id is taken gets another."""
    taken = set(bankfile.read(text).ids)
    rows = []
    for values in bankfile.read(found.text).questions:
        name = slug_of(_text(values.get("id")), taken, "pregunta")
        taken.add(name)
        rows.append({**values, "id": name})
    return bankfile.insert(text, *rows)


def compiled(key: str, text: str, context: Context) -> Bank | None:
    """The bank as the course will hold it; None as long as it has errors."""
    report = Report(f"quizzes/{key}.yaml")
    node = parse(text, report)
    read = QUIZ.read(node, report, "banco") if node is not None else None
    if read is None:
        return None
    questions = [compile_question(item, context, report) for item in read.items("questions")]
    if report.has_errors:
        return None
    return Bank(key, read.text("title"), tuple(question for question in questions if question is not None))


__all__ = ["BadBank", "Line", "change", "compiled", "free_id", "lines", "matching", "with_imported"]
