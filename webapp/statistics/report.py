"""A report: one thing that the page, the table files and the JSON are all made from, so that they cannot disagree."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter

from babel.dates import format_date
from flask_babel import LazyString, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp.accounts.labels import SEXES
from webapp.core.i18n import format_day, percent_sign
from webapp.organizations.models import State
from webapp.organizations.reference import type_labels
from webapp.statistics import queries
from webapp.statistics.figures import Counts, Figure, added
from webapp.statistics.period import Period, quarter_of
from webapp.statistics.queries import Facts, Scope, Situation, SubjectRow

SITUATIONS: dict[Situation, LazyString] = {
    "concluded": _l("Concluida"),
    "open": _l("En curso"),
    "overdue": _l("Plazo terminado"),
}

LEVELS: dict[str, LazyString] = {"federal": _l("Federal"), "estatal": _l("Estatal"), "municipal": _l("Municipal")}

MONTH_FIGURES = ("enrolled", "concluded", "participations", "trained_people")
COURSE_FIGURES = (
    "trained_people",
    "participations",
    "person_hours",
    "enrolled",
    "in_progress",
    "concluded",
    "completion_rate",
    "approval_rate",
    "gain",
)
SUBJECT_FIGURES = ("trained_people", "participations", "person_hours", "enrolled", "in_progress", "concluded")
# People are not among them: somebody may have been accredited in obliged subjects of two kinds.
KIND_FIGURES = ("covered", "coverage_rate", "participations", "person_hours", "enrolled", "in_progress", "concluded")
STATE_FIGURES = (
    "trained_people",
    "participations",
    "person_hours",
    "covered",
    "coverage_rate",
    "enrolled",
    "in_progress",
    "concluded",
    "completion_rate",
    "gain",
)


@dataclass(frozen=True)
class Line:
    """One thing of a table (a month, a course, a state …) and its figures by key."""

    key: str
    label: str
    figures: dict[str, Figure]


@dataclass(frozen=True)
class Table:
    """A split of the report. Every line has the same figures, `columns` in order."""

    key: str
    title: str
    subject: str  # what a line is
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Place:
    """What a report is about: a state, a region, or all states that someone sees. `key` goes into file names."""

    key: str
    name: str
    said: str  # as it stands after "En": "la Región Norte"


@dataclass(frozen=True)
class Report:
    """The figures of a place in a period, whole and split."""

    place: Place
    scope: Scope
    course_title: str | None
    counts: Counts
    figures: dict[str, Figure]
    tables: tuple[Table, ...]
    subjects: tuple[SubjectRow, ...] = ()

    @property
    def missing(self) -> list[SubjectRow]:
        """Obliged subjects without a participation: first where somebody has begun, then where somebody is registered."""
        found = [row for row in self.subjects if row.key and not row.counts.covered]
        return sorted(found, key=lambda row: (row.counts.unfinished == 0, row.registered == 0))

    def table(self, key: str) -> Table:
        return next(table for table in self.tables if table.key == key)


def state_report(session: Session, state: State, scope: Scope, course_title: str | None) -> Report:
    """Everything about one state: totals, and splits by month, course, sex, kind and obliged subject."""
    facts = queries.gather(session, scope)
    subjects = tuple(queries.obliged_subjects(session, facts))
    types = dict[str, str | LazyString](type_labels())
    tables = (
        _by_month(facts),
        _by_course(session, facts),
        _by_sex(facts, state.id),
        _by_kind("types", _("Por tipo de sujeto obligado"), _("Tipo"), scope, subjects, attrgetter("type"), types),
        _by_kind("levels", _("Por ámbito de gobierno"), _("Ámbito"), scope, subjects, attrgetter("level"), LEVELS),
        Table(
            "obliged-subjects",
            _("Por sujeto obligado"),
            _("Sujeto obligado"),
            SUBJECT_FIGURES,
            tuple(_line(row.key, row.name or outside_padron(), row.counts, SUBJECT_FIGURES, scope) for row in subjects),
        ),
    )
    place = Place(state.iso, state.name, state.name)
    return Report(place, scope, course_title, facts.total, scope.figures(facts.total), tables, subjects)


def outside_padron() -> str:
    """What the line is called that holds what was done without an obliged subject of the padrón."""
    return str(_("Sin sujeto obligado del padrón"))


def states_report(
    session: Session, place: Place, states: Collection[State], scope: Scope, course_title: str | None
) -> Report:
    """Several states side by side, and together."""
    facts = queries.gather(session, scope)
    tables = (
        Table(
            "states",
            _("Por estado"),
            _("Estado"),
            STATE_FIGURES,
            tuple(_line(state.iso, state.name, facts.states[state.id], STATE_FIGURES, scope) for state in states),
        ),
        _by_month(facts),
        _by_course(session, facts),
    )
    return Report(place, scope, course_title, facts.total, scope.figures(facts.total), tables)


def _line(key: str, label: str, counts: Counts, columns: tuple[str, ...], scope: Scope) -> Line:
    found = scope.figures(counts)
    return Line(key, label, {column: found[column] for column in columns})


def _by_month(facts: Facts) -> Table:
    lines = tuple(
        _line(f"{row.year}-{row.month:02}", _month_name(row.year, row.month), row.counts, MONTH_FIGURES, facts.scope)
        for row in facts.months
    )
    return Table("months", _("Por mes"), _("Mes"), MONTH_FIGURES, lines)


def _month_name(year: int, month: int) -> str:
    return format_date(date(year, month, 1), "MMM y", locale=str(get_locale() or "es_MX"))


def _by_course(session: Session, facts: Facts) -> Table:
    titles = queries.course_titles(session, facts.courses)
    found = sorted((titles.get(slug, slug), slug) for slug in facts.courses)
    lines = tuple(_line(slug, title, facts.courses[slug], COURSE_FIGURES, facts.scope) for title, slug in found)
    return Table("courses", _("Por curso"), _("Curso"), COURSE_FIGURES, lines)


def _by_sex(facts: Facts, state_id: int) -> Table:
    columns = ("trained_people",)
    lines = tuple(
        _line(sex, str(SEXES[sex]), Counts(people=people), columns, facts.scope)
        for sex, people in facts.sexes[state_id].items()
    )
    return Table("sexes", _("Por sexo"), _("Sexo"), columns, lines)


def _by_kind(
    key: str,
    title: str,
    subject: str,
    scope: Scope,
    subjects: Sequence[SubjectRow],
    kind_of: Callable[[SubjectRow], str],
    labels: Mapping[str, str | LazyString],
) -> Table:
    """The obliged subjects of each kind together, in the order of `labels`; what is outside of the padrón comes last."""
    found: dict[str, list[Counts]] = {}
    for row in subjects:
        found.setdefault(kind_of(row), []).append(row.counts)
    order = [*labels, *sorted(set(found) - {*labels, ""}), ""]
    lines = tuple(
        _line(kind, str(labels.get(kind, kind)) or outside_padron(), added(found[kind]), KIND_FIGURES, scope)
        for kind in order
        if kind in found
    )
    return Table(key, title, subject, KIND_FIGURES, lines)


# --- words ------------------------------------------------------------------------------------------------------


def said(value: int | float) -> str:
    """1,234.5, which is how both languages of the platform write it; a table has too many cells to ask a locale."""
    return f"{value:,.1f}".removesuffix(".0")


def show(figure: Figure) -> str:
    """A figure as it is read in Spanish: "66.7 %", "2.3 puntos", "412"; a dash where there is nothing to divide by."""
    if figure.value is None:
        return "–"
    if figure.unit == "percent":
        return f"{said(figure.value)}{percent_sign()}"
    if figure.unit == "points":
        return str(_("%(number)s puntos", number=said(figure.value)))
    return said(figure.value)


def parts(figure: Figure) -> str:
    """What a figure in a table is made of: "58/79", "n = 40"; nothing for a plain count."""
    if not figure.denominator:
        return ""
    whole = said(figure.denominator)
    return f"n = {whole}" if figure.key == "gain" else f"{said(figure.numerator)}/{whole}"


def detail(figure: Figure) -> str | None:
    """What a figure is made of, for the small line under it; None for a plain count."""
    if figure.denominator is None:
        return None
    whole = said(figure.denominator)
    if figure.key == "gain":
        return str(_("n = %(pairs)s pares de diagnóstico y examen", pairs=whole))
    part = said(figure.numerator)
    words: dict[str, str] = {
        "covered": _("de %(whole)s en el padrón", whole=whole),
        "coverage_rate": _("%(part)s de %(whole)s sujetos obligados", part=part, whole=whole),
        "completion_rate": _("%(part)s de %(whole)s con plazo terminado", part=part, whole=whole),
        "approval_rate": _("%(part)s de %(whole)s inscripciones con examen", part=part, whole=whole),
    }
    return words[figure.key]


def period_words(period: Period, today: date) -> str:
    """A period as it stands in a sentence: "este trimestre", "en 2026", "del 3 ene 2026 al 9 feb 2026"."""
    if period == quarter_of(today):
        return str(_("este trimestre"))
    if period.is_quarter:
        return str(_("en el trimestre %(number)s de %(year)s", number=period.label[-1], year=period.first.year))
    if len(period.label) == 4:
        return str(_("en %(year)s", year=period.label))
    return str(_("del %(first)s al %(last)s", first=format_day(period.first), last=format_day(period.last)))


def period_name(period: Period) -> str:
    """A period as it stands in a list: "Trimestre 4 de 2026"."""
    if period.is_quarter:
        return str(_("Trimestre %(number)s de %(year)s", number=period.label[-1], year=period.first.year))
    if len(period.label) == 4:
        return str(_("Año %(year)s", year=period.label))
    return str(_("Del %(first)s al %(last)s", first=format_day(period.first), last=format_day(period.last)))


def headline(report: Report, today: date) -> str:
    """The first line of a page: who was trained, where, when, and who is missing."""
    counts = report.counts
    words = {
        "place": report.place.said,
        "covered": said(counts.covered),
        "padron": said(counts.padron),
        "missing": said(counts.missing),
        "when": period_words(report.scope.period, today),
        "what": _("«%(title)s»", title=report.course_title) if report.course_title else _("un curso"),
        "people": said(counts.people),
    }
    if counts.people == 0:
        nobody = _("En %(place)s, nadie ha concluido %(what)s %(when)s; faltan %(missing)s sujetos obligados.", **words)
        return str(nobody)
    first = ngettext(
        "En %(place)s, %(people)s persona de %(covered)s de %(padron)s sujetos obligados concluyó %(what)s %(when)s",
        "En %(place)s, %(people)s personas de %(covered)s de %(padron)s sujetos obligados concluyeron "
        "%(what)s %(when)s",
        counts.people,
        **words,
    )
    if counts.missing == 0:
        return str(_("%(first)s; no falta ninguno.", first=first))
    last = ngettext("falta %(missing)s", "faltan %(missing)s", counts.missing, missing=words["missing"])
    return f"{first}; {last}."


def busiest(table: Table, column: str, most: int) -> list[Line]:
    """The `most` lines with the highest figures of a column, the highest first; equal ones as in the table."""
    return sorted(table.lines, key=lambda line: -(line.figures[column].value or 0))[:most]


def leader(table: Table, column: str) -> Line | None:
    """The line with the highest figure of a column; None where all are nought."""
    found = max(table.lines, key=lambda line: line.figures[column].value or 0, default=None)
    return found if found is not None and found.figures[column].value else None
