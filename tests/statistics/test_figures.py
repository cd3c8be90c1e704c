"""Figures against sums made by hand (see `fill_first_quarter`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.statistics.conftest import ZONE, empty_world, state_id
from webapp.core.db import db, transaction
from webapp.statistics import queries
from webapp.statistics.figures import DEFINITIONS, RULES, Counts, Figure, figures
from webapp.statistics.period import Period, parse

T1 = parse("2026-T1")
AFTER = date(2026, 6, 1)


@pytest.fixture
def reading(first_quarter: Flask) -> Iterator[Session]:
    with first_quarter.app_context():
        yield db.session()


@pytest.fixture
def bcs(first_quarter: Flask) -> int:
    return state_id(first_quarter, "MX-BCS")


def found_in(
    session: Session, state_ids: list[int], period: Period, cut: date, course: str | None = None, *, zone: str = ZONE
) -> dict[str, Figure]:
    scope = queries.Scope(frozenset(state_ids), period, cut, zone, course)
    return scope.figures(queries.gather(session, scope).total)


def parts(figure: Figure) -> tuple[object, object, object]:
    return figure.value, figure.numerator, figure.denominator


def test_the_issuer_of_the_demo_has_the_zone_of_its_place(first_quarter: Flask, reading: Session) -> None:
    assert queries.issuer_zone(reading, first_quarter.config["ISSUER"]) == ZONE


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("trained_people", (2, 2, None)),  # Ana and Luis
        ("participations", (2, 2, None)),  # the corrected one once, the one of April not
        ("person_hours", (4.5, 4.5, None)),  # 3 (not 9) + 1.5
        ("covered", (2, 2, 3)),  # Salud and Agua of Salud, Agua, Obras
        ("coverage_rate", (66.7, 2, 3)),
        ("actions", (2, 2, None)),
        ("enrolled", (3, 3, None)),  # Ana twice and Luis; Eva was enrolled before
        ("in_progress", (0, 0, None)),  # nobody's plazo was still running when the quarter ended
        ("overdue", (2, 2, None)),  # Ana's second course, concluded in April, and Eva
        ("concluded", (2, 2, None)),  # Ana and Luis
        ("completion_rate", (33.3, 1, 3)),  # Ana of Ana, Ana and Eva; the plazo of Luis ends on 18 June
        ("approval_rate", (66.7, 2, 3)),  # Ana at the second try, Luis; not Eva
        ("gain", (0.8, 1.5, 2)),  # Ana 60 - 40, Eva 45 - 50: 15 of 100 are 1.5 of 10; Luis took no pretest
    ],
)
def test_figures_of_a_quarter_agree_with_the_sums_made_by_hand(
    reading: Session, bcs: int, key: str, expected: tuple[object, object, object]
) -> None:
    found = found_in(reading, [bcs], T1, AFTER)
    assert parts(found[key]) == expected


def test_every_figure_has_a_definition_with_its_unit(reading: Session, bcs: int) -> None:
    found = found_in(reading, [bcs], T1, AFTER)
    assert list(found) == list(DEFINITIONS)
    assert all(DEFINITIONS[key].unit == figure.unit for key, figure in found.items())


def test_the_cut_hides_what_happened_later(reading: Session, bcs: int) -> None:
    found = found_in(reading, [bcs], T1, date(2026, 3, 30))
    assert parts(found["trained_people"]) == (1, 1, None)  # Luis is accredited on the 31st
    assert parts(found["in_progress"]) == (1, 1, None)  # Luis
    assert parts(found["concluded"]) == (1, 1, None)
    assert parts(found["approval_rate"]) == (50.0, 1, 2)
    assert {figure.cut for figure in found.values()} == {date(2026, 3, 30)}


def test_a_figure_says_its_cut_zone_universe_and_rules(reading: Session, bcs: int) -> None:
    """A quarter that is over was cut when it ended, so that it can be counted again to the digit."""
    for figure in found_in(reading, [bcs], T1, AFTER).values():
        assert (figure.cut, figure.zone, figure.rules) == (date(2026, 3, 31), ZONE, RULES)
        assert str(figure.universe)


def test_a_period_that_has_not_begun_at_the_cut_is_empty(reading: Session, bcs: int) -> None:
    found = found_in(reading, [bcs], T1, date(2025, 12, 1))
    assert {key: figure.numerator for key, figure in found.items()} == dict.fromkeys(found, 0)
    assert found["completion_rate"].value is None
    scope = queries.Scope(frozenset([bcs]), T1, date(2025, 12, 1), ZONE)
    assert queries.gather(reading, scope).months == []


def test_a_course_is_counted_alone(reading: Session, bcs: int) -> None:
    found = found_in(reading, [bcs], T1, AFTER, "archivo")
    assert parts(found["enrolled"]) == (1, 1, None)
    assert parts(found["trained_people"]) == (0, 0, None)
    assert parts(found["covered"]) == (0, 0, 3)
    assert parts(found["gain"]) == (None, 0, 0)


def test_a_day_begins_where_the_issuer_is(first_quarter: Flask, reading: Session, bcs: int) -> None:
    """Ana enrolled on 10 January at noon in La Paz, which is 19:00 UTC."""
    day = parse("2026-01-10..2026-01-10")
    for zone, expected in ((ZONE, 1), ("Pacific/Kiritimati", 0)):  # there it was the 11th
        assert found_in(reading, [bcs], day, AFTER, zone=zone)["enrolled"].value == expected


def test_several_states_count_a_person_once_and_each_state_on_its_own(first_quarter: Flask, reading: Session) -> None:
    both = frozenset([state_id(first_quarter, "MX-BCS"), state_id(first_quarter, "MX-SON")])
    scope = queries.Scope(both, T1, AFTER, ZONE)
    found = queries.gather(reading, scope).states
    assert {key: (c.people, c.covered, c.padron) for key, c in found.items()} == {
        state_id(first_quarter, "MX-BCS"): (2, 2, 3),
        state_id(first_quarter, "MX-SON"): (1, 1, 1),
    }
    total = queries.gather(reading, scope).total
    assert (total.people, total.covered, total.padron, total.enrolled) == (3, 3, 4, 4)


def test_no_state_is_no_figure(reading: Session) -> None:
    found = found_in(reading, [], T1, AFTER)
    assert {figure.numerator for figure in found.values()} == {0}


def test_the_series_by_month_knows_the_empty_months(reading: Session, bcs: int) -> None:
    rows = queries.gather(reading, queries.Scope(frozenset([bcs]), T1, AFTER, ZONE)).months
    found = [(r.month, r.counts.enrolled, r.counts.concluded, r.counts.participations, r.counts.people) for r in rows]
    assert found == [(1, 1, 1, 1, 1), (2, 1, 0, 0, 0), (3, 1, 1, 1, 1)]


def test_the_series_by_sex_adds_up_to_the_people(reading: Session, bcs: int) -> None:
    found = queries.gather(reading, queries.Scope(frozenset([bcs]), T1, AFTER, ZONE)).sexes
    assert found == {bcs: {"mujer": 1, "hombre": 1, "otra": 0, "prefiere-no-decir": 0, "no-especificado": 0}}


def test_the_series_by_course_adds_up_to_the_whole(reading: Session, bcs: int) -> None:
    found = queries.gather(reading, queries.Scope(frozenset([bcs]), T1, AFTER, ZONE)).courses
    assert [(slug, c.enrolled, c.participations, c.evaluated) for slug, c in sorted(found.items())] == [
        ("archivo", 1, 0, 0),
        ("datos", 2, 2, 3),
    ]


def test_who_is_missing_is_who_no_counted_accreditation_names(reading: Session, bcs: int) -> None:
    """Obras lost its only accreditation to a correction."""
    rows = queries.obliged_subjects(reading, queries.gather(reading, queries.Scope(frozenset([bcs]), T1, AFTER, ZONE)))
    assert [(row.name, row.counts.covered, row.counts.people) for row in rows] == [
        ("Agua", 1, 1),
        ("Obras", 0, 0),
        ("Salud", 1, 1),
    ]


def test_unfinished_enrolments_are_as_many_as_the_figure_says(reading: Session, bcs: int) -> None:
    scope = queries.Scope(frozenset([bcs]), T1, date(2026, 3, 30), ZONE)
    rows = list(queries.enrolment_rows(reading, scope, unfinished=True))
    assert [(row.name.split()[0], row.course_slug, row.situation, row.days_left) for row in rows] == [
        ("Luis", "datos", "open", 80),  # what can still be saved comes first
        ("Ana", "archivo", "overdue", -27),
        ("Eva", "datos", "overdue", -59),  # 30 January to 30 March
    ]
    assert len(rows) == queries.enrolment_count(reading, scope, unfinished=True)
    assert len(rows) == queries.gather(reading, scope).total.unfinished


def test_the_list_of_enrolments_is_cut_into_pages_without_loss(reading: Session, bcs: int) -> None:
    scope = queries.Scope(frozenset([bcs]), T1, AFTER, ZONE)
    whole = list(queries.enrolment_rows(reading, scope))
    pages = [row for page in range(3) for row in queries.enrolment_rows(reading, scope, limit=1, offset=page)]
    assert pages == whole
    assert len(whole) == queries.enrolment_count(reading, scope) == 3


# --- people who move, subjects that end, rows without a place ---------------------------------------------------


def test_who_moves_counts_in_each_place_and_once_in_the_whole(app: Flask) -> None:
    """Of the day of accreditation: one course in an obliged subject that ended, the next one in its successor."""
    with app.app_context(), transaction() as session:
        w = empty_world(session, app.config["ISSUER"])
        old = w.subject("Vieja", last="2026-02-01")
        new, idle = w.subject("Nueva", first="2026-02-01"), w.subject("Quieta")
        datos, archivo, ana = w.course("datos"), w.course("archivo"), w.person("Ana")
        w.accredit(ana, datos, old, "2026-01-31")
        w.accredit(ana, archivo, new, "2026-02-01")
        scope = queries.Scope(frozenset([idle.state_id]), T1, AFTER, ZONE)
        total = queries.gather(session, scope).total
        assert (total.people, total.participations, total.covered, total.padron) == (1, 2, 2, 3)
        rows = {row.name: row.counts for row in queries.obliged_subjects(session, queries.gather(session, scope))}
        assert {name: (c.people, c.participations, c.covered) for name, c in rows.items()} == {
            "Vieja": (1, 1, 1),
            "Nueva": (1, 1, 1),
            "Quieta": (0, 0, 0),
        }
        february = queries.Scope(frozenset([idle.state_id]), parse("2026-02-01..2026-02-28"), AFTER, ZONE)
        assert queries.gather(session, february).total.padron == 2  # the one that ended on the first is no longer there


def test_what_is_outside_of_the_padron_is_counted_and_covers_nothing(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        w = empty_world(session, app.config["ISSUER"])
        salud, gone = w.subject("Salud"), w.subject("Extinta", last="2025-12-31")
        datos, ana, luis = w.course("datos"), w.person("Ana"), w.person("Luis", "hombre")
        w.accredit(luis, datos, salud, "2026-01-09")
        enrolment = w.enrol(luis, datos, salud, "2026-01-02")
        enrolment.obliged_subject_id = None  # «no lo encuentro»: the state is known, the place is not yet
        w.accredit(ana, datos, gone, "2026-01-10")
        scope = queries.Scope(frozenset([salud.state_id]), T1, AFTER, ZONE)
        rows = queries.obliged_subjects(session, queries.gather(session, scope))
        assert [(r.name, r.counts.people, r.counts.enrolled, r.counts.covered) for r in rows] == [
            ("Salud", 1, 0, 1),
            ("", 1, 1, 0),
        ]
        total = queries.gather(session, scope).total
        assert (total.people, total.enrolled, total.covered, total.padron) == (2, 1, 1, 1)


def test_the_sex_that_counts_is_that_of_the_last_accreditation_even_if_an_earlier_one_was_corrected_since(
    app: Flask,
) -> None:
    with app.app_context(), transaction() as session:
        w = empty_world(session, app.config["ISSUER"])
        salud, datos, archivo = w.subject("Salud"), w.course("datos"), w.course("archivo")
        person = w.person("Alex", "no-especificado")
        first = w.accredit(person, datos, salud, "2026-01-10")
        person.sex = "otra"
        w.accredit(person, archivo, salud, "2026-02-10")
        person.sex = "no-especificado"  # the correction keeps what the corrected one says
        w.accredit(person, datos, salud, "2026-01-10", corrects=first)
        scope = queries.Scope(frozenset([salud.state_id]), T1, AFTER, ZONE)
        found = queries.gather(session, scope).sexes[salud.state_id]
        assert {sex: people for sex, people in found.items() if people} == {"otra": 1}


@pytest.mark.parametrize(
    ("part", "whole", "percent"), [(1, 2, 50.0), (58, 79, 73.4), (1, 8, 12.5), (1, 16, 6.3), (1, 3, 33.3), (2, 3, 66.7)]
)
def test_percent_is_rounded_half_up_to_one_decimal(part: int, whole: int, percent: float) -> None:
    found = figures(Counts(covered=part, padron=whole), AFTER, ZONE)
    assert found["coverage_rate"].value == percent


@pytest.mark.parametrize(("points", "pairs", "value"), [(15, 2, 0.8), (-15, 2, -0.8), (0, 3, 0.0), (745, 10, 7.5)])
def test_gain_is_said_in_points_of_ten(points: int, pairs: int, value: float) -> None:
    assert figures(Counts(gain_points=points, gain_pairs=pairs), AFTER, ZONE)["gain"].value == value
