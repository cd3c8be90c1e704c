"""Reading work on labs and what it showed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from webapp.formatlab.models import LabAttempt, LabCount, LabOutcome, LabWork
from webapp.learning.models import Enrolment
from webapp.organizations.models import State


def current_work(session: Session, enrolment_id: int, step: str) -> LabWork | None:
    """The workbook that a learner works on in a lab: the one opened last."""
    return session.scalars(
        select(LabWork).filter_by(enrolment_id=enrolment_id, step=step).order_by(LabWork.number.desc()).limit(1)
    ).first()


def attempts(session: Session, enrolment_id: int, step: str) -> Sequence[LabAttempt]:
    """What was handed in for a lab, in order."""
    return session.scalars(
        select(LabAttempt).filter_by(enrolment_id=enrolment_id, step=step).order_by(LabAttempt.number)
    ).all()


def attempt_of(session: Session, person_id: int, public_id: str) -> LabAttempt | None:
    """A submission if it is this person's; None otherwise, as if it did not exist."""
    return session.scalars(
        select(LabAttempt)
        .join(Enrolment, Enrolment.id == LabAttempt.enrolment_id)
        .where(LabAttempt.public_id == public_id, Enrolment.person_id == person_id)
    ).first()


# --- what goes wrong where ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scope:
    """What a figure of problems is about: a state by its ISO code and a format by its id ("" is all), and months
    ("2026-01") from the first to the last, both counted."""

    state: str = ""
    format: str = ""
    first: str = ""
    last: str = "9999-12"


@dataclass(frozen=True)
class Problem:
    """How often a rule was broken. `files` of the laboratory, out of those checked; `left` in labs of courses, and the
    columns in which that happened most."""

    code: str
    files: int
    left: int
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Problems:
    """The rules that were broken, the most frequent first, and how many files were checked."""

    checked: int
    rows: tuple[Problem, ...]


def problems(session: Session, scope: Scope) -> Problems:
    """What goes wrong: rules by the files that broke them, and by the mistakes that learners left in labs."""
    files = {
        row.code: int(row.files)
        for row in session.execute(
            select(LabCount.code, func.sum(LabCount.files).label("files"))
            .where(*_counted(scope))
            .group_by(LabCount.code)
        )
    }
    checked = files.pop("", 0)
    left: dict[str, Counter[str]] = {}
    for row in session.execute(_left_in_labs(scope)):
        left.setdefault(row.code, Counter())[row.field] += int(row.times)
    rows = [
        Problem(code, files.get(code, 0), own.total(), tuple(name for name, _ in own.most_common(4) if name)[:3])
        for code, own in ((code, left.get(code, Counter())) for code in {*files, *left})
    ]
    return Problems(checked, tuple(sorted(rows, key=lambda row: (-row.files, -row.left, row.code))))


def _counted(scope: Scope) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [LabCount.month.between(scope.first, scope.last)]
    if scope.state:
        found.append(LabCount.state == scope.state)
    if scope.format:
        found.append(LabCount.format == scope.format)
    return found


def _left_in_labs(scope: Scope) -> Select[str, str, int]:
    wanted = (
        select(LabOutcome.code, LabOutcome.field, func.sum(LabOutcome.count).label("times"))
        .join(LabAttempt, LabAttempt.id == LabOutcome.attempt_id)
        .join(Enrolment, Enrolment.id == LabAttempt.enrolment_id)
        .where(LabOutcome.outcome.in_(("left", "broken")), *_handed_in(scope))
        .group_by(LabOutcome.code, LabOutcome.field)
    )
    if scope.state:
        wanted = wanted.join(State, State.id == Enrolment.state_id).where(State.iso == scope.state)
    return wanted.where(LabAttempt.format == scope.format) if scope.format else wanted


def _handed_in(scope: Scope) -> list[ColumnElement[bool]]:
    """Between the first instant of the first month and the last of the last, in UTC as the laboratory counts."""
    found: list[ColumnElement[bool]] = []
    if scope.first:
        found.append(LabAttempt.submitted_at >= datetime.strptime(scope.first, "%Y-%m").replace(tzinfo=UTC))
    if scope.last < "9999":
        year, month = divmod(int(scope.last[:4]) * 12 + int(scope.last[5:]), 12)
        found.append(LabAttempt.submitted_at < datetime(year, month + 1, 1, tzinfo=UTC))
    return found


def counted_places(session: Session) -> tuple[list[str], list[str]]:
    """The formats and the months of which anything was counted."""
    formats = session.scalars(select(LabCount.format).where(LabCount.format != "").distinct().order_by(LabCount.format))
    months = session.scalars(select(LabCount.month).distinct().order_by(LabCount.month.desc()))
    return list(formats), list(months)


# --- what a submission showed -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CodeOutcome:
    """What became of the mistakes of one rule in a submission; `wrong` are cells not as the case tells."""

    code: str
    mended: int
    left: int
    broken: int
    wrong: int
    fields: tuple[str, ...]


def outcomes(session: Session, attempt_id: int) -> list[CodeOutcome]:
    """What a submission showed, by rule: first what was left or made, then what was mended."""
    rows = session.scalars(select(LabOutcome).filter_by(attempt_id=attempt_id).order_by(LabOutcome.id)).all()
    found = []
    for code in dict.fromkeys(row.code for row in rows):
        own = [row for row in rows if row.code == code]
        sums = {
            name: sum(row.count for row in own if row.outcome == name) for name in ("mended", "left", "broken", "wrong")
        }
        shown = tuple(dict.fromkeys(row.field for row in own if row.field and row.outcome in ("wrong", "broken")))
        found.append(CodeOutcome(code, fields=shown, **sums))
    return sorted(found, key=lambda item: -(item.left + item.broken + item.wrong))


def missed_codes(session: Session, enrolment_id: int, step: str) -> list[str]:
    """Rules whose mistakes were left or made in the submission made last, the most frequent first: the remedial path."""
    last = select(func.max(LabAttempt.id)).filter_by(enrolment_id=enrolment_id, step=step).scalar_subquery()
    rows = session.execute(
        select(LabOutcome.code, func.sum(LabOutcome.count))
        .where(LabOutcome.attempt_id == last, LabOutcome.outcome.in_(("left", "broken")))
        .group_by(LabOutcome.code)
        .order_by(func.sum(LabOutcome.count).desc(), LabOutcome.code)
    )
    return [row.code for row in rows]
