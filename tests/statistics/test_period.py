"""Periods as people write them."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.statistics.period import Period, PeriodError, parse, quarter_of, quarters_before


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2026-T1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-t4", date(2026, 10, 1), date(2026, 12, 31)),
        (" 2026 ", date(2026, 1, 1), date(2026, 12, 31)),
        ("2024-02-29..2024-02-29", date(2024, 2, 29), date(2024, 2, 29)),
    ],
)
def test_a_period_is_read_with_both_its_ends_counted(written: str, first: date, last: date) -> None:
    found = parse(written)
    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "period-format"),
        ("2026-T5", "period-format"),
        ("٢٠٢٦", "period-format"),
        ("2026-01-01", "period-format"),
        ("2026-02-30..2026-03-01", "period-day"),
        ("2026-03-01..2026-02-01", "period-order"),
        ("2019-01-01..2026-02-01", "period-length"),
        ("0000-T1", "period-year"),
        ("9999-T4", "period-year"),
        ("9999", "period-year"),
        ("0001-01-01..0001-02-01", "period-year"),
    ],
)
def test_a_period_that_cannot_be_used_is_refused_with_its_reason(written: str, code: str) -> None:
    with pytest.raises(PeriodError) as refusal:
        parse(written)
    assert refusal.value.code == code
    assert str(refusal.value.text)


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_every_day_lies_in_its_quarter_and_the_label_leads_back_to_it(day: date) -> None:
    found = quarter_of(day)
    assert found.first <= day <= found.last
    assert parse(found.label) == found
    assert found.is_quarter


@given(st.dates(date(2005, 1, 1), date(2100, 12, 31)), st.integers(1, 20))
def test_quarters_follow_each_other_without_gap(day: date, count: int) -> None:
    found = quarters_before(day, count)
    assert len(found) == count
    for later, earlier in pairwise(found):
        assert earlier.last + timedelta(days=1) == later.first


def test_the_months_of_a_period_cross_the_year() -> None:
    period = Period(date(2025, 12, 15), date(2026, 2, 1), "")
    assert list(period.months()) == [(2025, 12), (2026, 1), (2026, 2)]
