"""Counting: one statement per kind of fact reads a scope once, and all figures of all tables are made from that.

Days are days of `Scope.zone`, the zone of the authority that issues: a quarter of the platform begins for everybody at
the same instant. A correction of an accreditation replaces what it corrects, in whatever period it was written down.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, Select, and_, case, cast, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from webapp.accounts.models import SEXES, Affiliation, Person
from webapp.catalog.models import Course
from webapp.core.clock import local_date
from webapp.learning.models import Enrolment, QuizAttempt
from webapp.organizations.models import Authority, ObligedSubject
from webapp.records.models import Accreditation, Constancia
from webapp.statistics.figures import Counts, Figure, figures
from webapp.statistics.period import Period

Situation = Literal["concluded", "open", "overdue"]
ROWS_AT_A_TIME = 2000


@dataclass(frozen=True)
class Scope:
    """What is counted: these states, this period up to a cut (a day of `zone`, counted whole), one course or all."""

    state_ids: frozenset[int]
    period: Period
    cut: date
    zone: str
    course: str | None = None

    @property
    def last_day(self) -> date:
        """The last day whose facts count: the cut, or the end of the period when that comes first."""
        return min(self.period.last, self.cut)

    @property
    def is_begun(self) -> bool:
        """Whether any day of the period counts."""
        return self.last_day >= self.period.first

    def midnight(self, day: date) -> datetime:
        """The instant at which a day begins."""
        return datetime.combine(day, time(), ZoneInfo(self.zone))

    @property
    def begins(self) -> datetime:
        return self.midnight(self.period.first)

    @property
    def ends(self) -> datetime:
        """The first instant that no longer counts."""
        return self.midnight(self.last_day + timedelta(days=1))

    def figures(self, counts: Counts) -> dict[str, Figure]:
        """The figures that these counts of this scope make."""
        return figures(counts, self.last_day, self.zone)


@dataclass(frozen=True)
class SubjectRow:
    """An obliged subject of the padrón and what its people did in the period. `ended_on`: the first day without it.

    One row without `key` may stand at the end: what was done without an obliged subject of the padrón.
    """

    key: str
    name: str
    level: str
    type: str
    municipality: str
    ended_on: date | None
    registered: int  # people who are affiliated to it today
    counts: Counts


@dataclass(frozen=True)
class MonthRow:
    """What happened in a month, as far as it lies in the period."""

    year: int
    month: int
    counts: Counts


@dataclass(frozen=True)
class EnrolmentRow:
    """An enrolment in a list for staff. Days are days of the scope's zone; `days_left` of the plazo, at the cut."""

    name: str
    obliged_subject: str
    course_slug: str
    course: str
    enrolled_on: date
    due_on: date
    concluded_on: date | None
    days_left: int | None  # None for a concluded one, negative after the plazo
    situation: Situation


def issuer_zone(session: Session, issuer: str) -> str:
    """The time zone of the authority with that key. Raises NoResultFound."""
    return session.scalars(select(Authority.time_zone).where(Authority.key == issuer)).one()


# --- counting ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    """Everything that is counted in a scope, counted once: each page, table and file is a view of this.

    Counts per state id, course slug and id of an obliged subject of the padrón (None: none of it); trained people per
    state id and sex, where a person counts once in a state, under the sex of the last accreditation.
    """

    scope: Scope
    total: Counts
    states: dict[int, Counts]
    courses: dict[str, Counts]
    subjects: dict[int | None, Counts]
    months: list[MonthRow]
    sexes: dict[int, dict[str, int]]


@dataclass
class _Cell:
    """Accreditations that have state, course, obliged subject and month in common."""

    people: list[int] = field(default_factory=list)  # one for each accreditation
    tenths: int = 0  # of an hour


@dataclass
class _Group:
    """Counts in the making. What must not be counted twice is kept as a set until the end."""

    counts: Counts = field(default_factory=Counts)
    people: set[int] = field(default_factory=set)
    covered: set[int] = field(default_factory=set)
    actions: set[int] = field(default_factory=set)
    tenths: int = 0  # of an hour

    def done(self) -> Counts:
        counts = self.counts
        counts.people, counts.covered, counts.actions = len(self.people), len(self.covered), len(self.actions)
        counts.hours = Decimal(self.tenths) / 10
        return counts


class _Gathering:
    """The groups that every fact is added to: the whole, its state, its course, its obliged subject, its month."""

    def __init__(self, session: Session, scope: Scope) -> None:
        self.session, self.scope = session, scope
        self.slugs = {row.id: row.slug for row in session.execute(select(Course.id, Course.slug))}
        padron = select(ObligedSubject.id, ObligedSubject.state_id).where(
            ObligedSubject.state_id.in_(scope.state_ids), *_in_padron(scope)
        )
        self.padron = {row.id: row.state_id for row in session.execute(padron)}
        self.firsts = [date(*month, 1) for month in scope.period.months() if date(*month, 1) <= scope.last_day]
        self.total = _Group()
        self.states = {state_id: _Group() for state_id in scope.state_ids}
        self.courses: dict[str, _Group] = defaultdict(_Group)
        self.subjects: dict[int | None, _Group] = {subject_id: _Group() for subject_id in self.padron}
        self.months = [_Group() for _ in self.firsts]
        self.sexes: dict[tuple[int, int], str] = {}  # of (state, person)

    def groups(self, state_id: int, slug: str, subject_id: int | None) -> tuple[_Group, ...]:
        """The groups of a fact, but its month."""
        subject = self.subject_of(state_id, subject_id)
        if subject not in self.subjects:
            self.subjects[subject] = _Group()
        return self.total, self.states[state_id], self.courses[slug], self.subjects[subject]

    def subject_of(self, state_id: int, subject_id: int | None) -> int | None:
        """The obliged subject if it is of the padrón of that state, which is what can be covered; else None."""
        return subject_id if subject_id is not None and self.padron.get(subject_id) == state_id else None

    def count_padron(self) -> None:
        for subject_id, state_id in self.padron.items():
            for group in (self.total, self.states[state_id], self.subjects[subject_id]):
                group.counts.padron += 1

    def count_enrolments(self) -> None:
        for row in self._rows(*_enrolments(self.scope, self.course_ids)):
            state_id, course_id, subject_id, enrolled, in_progress, concluded, due, due_concluded = row
            for group in self.groups(state_id, self.slugs[course_id], subject_id):
                counts = group.counts
                counts.enrolled += enrolled
                counts.in_progress += in_progress
                counts.concluded += concluded
                counts.due += due
                counts.due_concluded += due_concluded
                if enrolled:
                    group.actions.add(course_id)
        instants = [self.scope.midnight(first) for first in self.firsts]
        for month, times in self._rows(_enrolled_by_month(self.scope, self.course_ids, instants)):
            self.months[month].counts.enrolled = times
        for month, times in self._rows(_concluded_by_month(self.scope, self.course_ids, instants)):
            self.months[month].counts.concluded = times

    def _rows(self, *queries: Select[Any]) -> Iterator[Any]:
        for query in queries:
            yield from self.session.execute(query)

    def count_accreditations(self) -> None:
        # First into cells: there are far fewer of them than accreditations, and each is added to five groups.
        cells: dict[tuple[int, str, int | None, int], _Cell] = defaultdict(_Cell)
        for state_id, slug, subject_id, person_id, sex, day, tenths in self.session.execute(
            _accreditations(self.scope).execution_options(yield_per=ROWS_AT_A_TIME)
        ):
            cell = cells[state_id, slug, subject_id, self.month_of(day)]
            cell.people.append(person_id)
            cell.tenths += tenths
            self.sexes[state_id, person_id] = sex  # they come in the order of time
        for (state_id, slug, subject_id, month), cell in cells.items():
            subject = self.subject_of(state_id, subject_id)
            for group in (*self.groups(state_id, slug, subject_id), self.months[month]):
                group.counts.participations += len(cell.people)
                group.people.update(cell.people)
                group.tenths += cell.tenths
                if subject is not None:
                    group.covered.add(subject)

    def month_of(self, day: date) -> int:
        """The number of the month in the period that a day lies in."""
        return max(0, bisect_right(self.firsts, day) - 1)

    def count_exams(self) -> None:
        for row in self._rows(*_exams(self.scope, self.course_ids)):
            state_id, course_id, evaluated, approved, points, pairs = row
            for group in (self.total, self.states[state_id], self.courses[self.slugs[course_id]]):
                counts = group.counts
                counts.evaluated += evaluated
                counts.approved += approved
                counts.gain_points += int(points or 0)
                counts.gain_pairs += pairs

    @property
    def course_ids(self) -> list[int] | None:
        """The course that is asked for; None for all of them."""
        if self.scope.course is None:
            return None
        return [course_id for course_id, slug in self.slugs.items() if slug == self.scope.course]

    def done(self) -> Facts:
        sexes: dict[int, dict[str, int]] = {state_id: dict.fromkeys(SEXES, 0) for state_id in self.scope.state_ids}
        for (state_id, _), sex in self.sexes.items():
            sexes[state_id][sex] += 1
        return Facts(
            self.scope,
            self.total.done(),
            {key: group.done() for key, group in self.states.items()},
            {key: group.done() for key, group in self.courses.items()},
            {key: group.done() for key, group in self.subjects.items()},
            [MonthRow(f.year, f.month, group.done()) for f, group in zip(self.firsts, self.months, strict=True)],
            sexes,
        )


def gather(session: Session, scope: Scope) -> Facts:
    """Count a scope. Before its period begins there is nothing, not even a padrón."""
    gathering = _Gathering(session, scope)
    if scope.is_begun:
        gathering.count_padron()
        gathering.count_enrolments()
        gathering.count_accreditations()
        gathering.count_exams()
    return gathering.done()


def _times(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows of the group meet the condition."""
    return func.sum(case((condition, 1), else_=0))


def _within(column: Any, scope: Scope) -> ColumnElement[bool]:
    """Whether an instant lies in the period, up to the cut."""
    return and_(column >= scope.begins, column < scope.ends)


def _concluded_by_cut(scope: Scope) -> ColumnElement[bool]:
    return and_(Enrolment.concluded_at.is_not(None), Enrolment.concluded_at < scope.ends)


def _of_scope(scope: Scope, course_ids: list[int] | None) -> tuple[ColumnElement[bool], ...]:
    """The enrolments of the scope that had been made by the cut."""
    conditions: list[ColumnElement[bool]] = [
        Enrolment.state_id.in_(scope.state_ids),
        Enrolment.enrolled_at < scope.ends,
    ]
    if course_ids is not None:
        conditions.append(Enrolment.course_id.in_(course_ids))
    return tuple(conditions)


def _enrolments(scope: Scope, course_ids: list[int] | None) -> list[Select[Any]]:
    """Sums per state, course and obliged subject, over enrolments with something to count: those whose plazo had not
    ended before the period (which holds for all that were made in it), and those that were concluded late. Two
    statements, because each finds its rows by an index, and the years before stay unread.
    """
    due, concluded = _within(Enrolment.due_at, scope), _concluded_by_cut(scope)
    keys: list[Any] = [Enrolment.state_id, Enrolment.course_id, Enrolment.obliged_subject_id]
    sums: list[Any] = [
        _times(Enrolment.enrolled_at >= scope.begins),
        _times(and_(Enrolment.due_at >= scope.ends, ~concluded)),
        _times(_within(Enrolment.concluded_at, scope)),
        _times(due),
        _times(and_(due, concluded)),
    ]
    query = select(*keys, *sums).where(*_of_scope(scope, course_ids)).group_by(*keys)
    return [
        query.where(Enrolment.due_at >= scope.begins),
        query.where(Enrolment.due_at < scope.begins, Enrolment.concluded_at >= scope.begins),
    ]


def _enrolled_by_month(scope: Scope, course_ids: list[int] | None, instants: list[datetime]) -> Select[Any]:
    """How many enrolments were made in each month, by the number of the month in the period."""
    month = _index_of(Enrolment.enrolled_at, instants)
    return (
        select(month, func.count())
        .where(*_of_scope(scope, course_ids), Enrolment.enrolled_at >= scope.begins)
        .group_by(month)
    )


def _concluded_by_month(scope: Scope, course_ids: list[int] | None, instants: list[datetime]) -> Select[Any]:
    """How many enrolments were concluded in each month."""
    month = _index_of(Enrolment.concluded_at, instants)
    return (
        select(month, func.count())
        .where(*_of_scope(scope, course_ids), _within(Enrolment.concluded_at, scope))
        .group_by(month)
    )


def _index_of(column: Any, firsts: list[Any]) -> ColumnElement[Any]:
    """Which interval a value lies in, given where each begins. The database cannot be asked for a month of a zone."""
    later_first: list[tuple[Any, Any]] = [
        (column >= first, literal_column(str(index))) for index, first in reversed(list(enumerate(firsts)))
    ]
    return case(*later_first, else_=literal_column("0"))


def _accreditations(scope: Scope) -> Select[Any]:
    """The accreditations that count, of the scope and corrected by none, in the order of time; hours in tenths.

    A constancia is revoked only where it should never have existed, so what it certified counts no more.
    """
    later, revoked = aliased(Accreditation), aliased(Accreditation)
    columns: list[Any] = [
        Accreditation.state_id,
        Accreditation.course_slug,
        Accreditation.obliged_subject_id,
        Accreditation.person_id,
        Accreditation.sex,
        Accreditation.accredited_on,
        cast(func.round(Accreditation.hours * 10), Integer),
    ]
    query = (
        select(*columns)
        .where(
            Accreditation.state_id.in_(scope.state_ids),
            Accreditation.accredited_on.between(scope.period.first, scope.last_day),
            ~select(later.id).where(later.corrects_id == Accreditation.id).exists(),
            # A correction has no constancia of its own; what earned it is what it has in common with the first.
            Accreditation.source.not_in(
                select(revoked.source)
                .join(Constancia, Constancia.accreditation_id == revoked.id)
                .where(Constancia.revoked_at < scope.ends, Constancia.superseded_at.is_(None))
            ),
        )
        .order_by(Accreditation.accredited_at, Accreditation.id)
    )
    return query if scope.course is None else query.where(Accreditation.course_slug == scope.course)


def _in_padron(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    """Obliged subjects that existed on some day of the period, up to the cut (`valid_to` is exclusive)."""
    return (
        ObligedSubject.valid_from <= scope.last_day,
        or_(ObligedSubject.valid_to.is_(None), ObligedSubject.valid_to > scope.period.first),
    )


def _exams(scope: Scope, course_ids: list[int] | None) -> list[Select[Any]]:
    """Per state and course: enrolments with an exam handed in, those that passed one, and the gain of the first exam
    over the pre-test with the number of such pairs. Who had concluded before the period takes no exam in it; the rest
    is read by two statements, as above.
    """
    before = aliased(QuizAttempt)
    keys: list[Any] = [Enrolment.state_id, Enrolment.course_id]
    pair = and_(QuizAttempt.number == 1, before.score.is_not(None))
    sums: list[Any] = [
        func.count(Enrolment.id.distinct()),
        func.count(case((QuizAttempt.passed.is_(True), Enrolment.id)).distinct()),
        func.sum(case((pair, QuizAttempt.score - before.score), else_=0)),
        _times(pair),
    ]
    query = (
        select(*keys, *sums)
        .select_from(Enrolment)
        .join(QuizAttempt, and_(QuizAttempt.enrolment_id == Enrolment.id, QuizAttempt.kind == "exam"))
        .outerjoin(before, and_(before.enrolment_id == Enrolment.id, before.kind == "pretest"))
        .where(*_of_scope(scope, course_ids), _within(QuizAttempt.submitted_at, scope))
        .group_by(*keys)
    )
    return [query.where(Enrolment.concluded_at.is_(None)), query.where(Enrolment.concluded_at >= scope.begins)]


def course_titles(session: Session, slugs: Collection[str]) -> dict[str, str]:
    """The titles of those courses by slug. Not every slug of an accreditation has a course here."""
    rows = session.execute(select(Course.slug, Course.title).where(Course.slug.in_(slugs)))
    return {row.slug: row.title for row in rows}


def obliged_subjects(session: Session, facts: Facts) -> list[SubjectRow]:
    """Every obliged subject of the padrón with its counts, by name. Those with `counts.covered` 0 are missing.

    Facts without an obliged subject of the padrón make one more row at the end, so that nothing is lost in a sum.
    """
    scope = facts.scope
    registered = (
        select(func.count())
        .where(Affiliation.obliged_subject_id == ObligedSubject.id, Affiliation.valid_to.is_(None))
        .scalar_subquery()
    )
    query = (
        select(
            ObligedSubject.id,
            ObligedSubject.key,
            ObligedSubject.name,
            ObligedSubject.level,
            ObligedSubject.type,
            ObligedSubject.municipality,
            ObligedSubject.valid_to,
            registered.label("registered"),
        )
        .where(ObligedSubject.state_id.in_(scope.state_ids), *_in_padron(scope))
        .order_by(ObligedSubject.search_name, ObligedSubject.id)
    )
    rows = [
        SubjectRow(key, name, level, kind, place, ended_on, people, facts.subjects.get(subject_id, Counts()))
        for subject_id, key, name, level, kind, place, ended_on, people in session.execute(query)
    ]
    outside = facts.subjects.get(None)
    return [*rows, SubjectRow("", "", "", "", "", None, 0, outside)] if outside is not None else rows


# --- lists ------------------------------------------------------------------------------------------------------


def enrolment_count(session: Session, scope: Scope, *, unfinished: bool = False) -> int:
    """How many rows `enrolment_rows` gives without a limit."""
    if not scope.is_begun:
        return 0
    return session.scalars(select(func.count()).select_from(Enrolment).where(*_listed(scope, unfinished))).one()


def enrolment_rows(
    session: Session, scope: Scope, *, unfinished: bool = False, limit: int | None = None, offset: int = 0
) -> Iterator[EnrolmentRow]:
    """The enrolments made in the period, the newest first; or those that are `unfinished` (in progress, or with a
    plazo that ended in the period), the most urgent first. Read in portions."""
    if not scope.is_begun:
        return
    # What can still be saved comes first, and of that what ends soonest; then what has ended most recently.
    is_over, left = Enrolment.due_at < scope.ends, case((Enrolment.due_at >= scope.ends, Enrolment.due_at))
    urgent: tuple[Any, ...] = (is_over, left, Enrolment.due_at.desc(), Enrolment.id)
    order = urgent if unfinished else (Enrolment.enrolled_at.desc(), Enrolment.id.desc())
    query = _enrolment_list(scope, unfinished).order_by(*order).limit(limit).offset(offset or None)
    for row in session.execute(query.execution_options(yield_per=ROWS_AT_A_TIME)):
        yield _enrolment_row(row, scope)


def _enrolment_row(row: Any, scope: Scope) -> EnrolmentRow:
    given, first, second, obliged_subject, slug, title, enrolled_at, due_at, concluded_at = row
    due_on = local_date(due_at, scope.zone)
    done = concluded_at is not None and concluded_at < scope.ends
    return EnrolmentRow(
        name=" ".join(part for part in (given, first, second) if part),
        obliged_subject=obliged_subject or "",
        course_slug=slug,
        course=title,
        enrolled_on=local_date(enrolled_at, scope.zone),
        due_on=due_on,
        concluded_on=local_date(concluded_at, scope.zone) if done else None,
        days_left=None if done else (due_on - scope.last_day).days,
        situation="concluded" if done else ("overdue" if due_at < scope.ends else "open"),
    )


def _enrolment_list(scope: Scope, unfinished: bool) -> Select[Any]:
    columns: list[Any] = [
        Person.given_names,
        Person.first_surname,
        Person.second_surname,
        ObligedSubject.name,
        Course.slug,
        Course.title,
        Enrolment.enrolled_at,
        Enrolment.due_at,
        Enrolment.concluded_at,
    ]
    return (
        select(*columns)
        .select_from(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Course, Course.id == Enrolment.course_id)
        .outerjoin(ObligedSubject, ObligedSubject.id == Enrolment.obliged_subject_id)
        .where(*_listed(scope, unfinished))
    )


def _listed(scope: Scope, unfinished: bool) -> list[ColumnElement[bool]]:
    """What an enrolment must fulfil to stand in the list. Of its own columns, so that counting joins nothing."""
    conditions = [Enrolment.state_id.in_(scope.state_ids), Enrolment.enrolled_at < scope.ends]
    if scope.course is not None:
        conditions.append(Enrolment.course_id == select(Course.id).where(Course.slug == scope.course).scalar_subquery())
    if unfinished:
        return [*conditions, ~_concluded_by_cut(scope), Enrolment.due_at >= scope.begins]
    return [*conditions, Enrolment.enrolled_at >= scope.begins]
