"""Finding states, authorities and obliged subjects, as of a day."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.organizations import queries
from webapp.organizations.models import ObligedSubject, Region, RegionState, State
from webapp.organizations.services import search_name

TODAY = date(2026, 11, 24)


def test_states_come_in_the_order_of_inegi(padron: Session) -> None:
    states = queries.states(padron)
    assert (len(states), states[0].name, states[31].name) == (32, "Aguascalientes", "Zacatecas")


def test_the_states_of_the_north_are_nine(padron: Session) -> None:
    found = queries.states_of_region(padron, _north(padron), TODAY)
    assert [state.inegi for state in found] == ["02", "03", "05", "08", "10", "19", "25", "26", "28"]


def test_a_state_leaves_a_region_on_the_day_its_membership_ends(padron: Session) -> None:
    north = _north(padron)
    durango = queries.state_by_iso(padron, "MX-DUR")
    assert durango is not None
    membership = padron.scalars(select(RegionState).where(RegionState.state_id == durango.id)).one()
    membership.valid_to = date(2026, 7, 1)
    padron.flush()
    assert durango in queries.states_of_region(padron, north, date(2026, 6, 30))
    assert durango not in queries.states_of_region(padron, north, date(2026, 7, 1))


def test_before_its_first_day_a_region_has_no_states(padron: Session) -> None:
    assert queries.states_of_region(padron, _north(padron), date(2025, 3, 20)) == []
    assert len(queries.states_of_region(padron, _north(padron), date(2025, 3, 21))) == 9


def test_an_authority_is_found_by_its_key_even_after_it_closed(padron: Session) -> None:
    itai = queries.authority_by_key(padron, "itai-bcs")
    assert itai is not None and itai.acronym == "ITAI BCS"
    assert queries.authority_by_key(padron, "nadie") is None


def test_the_obliged_subjects_of_some_states_are_those_valid_on_the_day(padron: Session) -> None:
    sinaloa, sonora = _state(padron, "MX-SIN"), _state(padron, "MX-SON")
    before = queries.obliged_subjects_of(padron, [sonora.id, sinaloa.id], date(2025, 12, 31))
    after = queries.obliged_subjects_of(padron, [sonora.id, sinaloa.id], date(2026, 1, 1))
    assert {subject.state.iso for subject in after} == {"MX-SIN", "MX-SON"}
    assert {one.key for one in before} - {one.key for one in after} == {"demo-sin-archivo"}
    assert [one.state.inegi for one in after] == sorted(one.state.inegi for one in after)


def test_the_obliged_subjects_of_no_state_are_none(padron: Session) -> None:
    assert queries.obliged_subjects_of(padron, [], TODAY) == []


@pytest.mark.parametrize("text", ["ayuntamiento de tij", "TIJ  ayunt", "tijuana ayuntamiento", "Ayúntamiento Tíjuana"])
def test_every_word_may_be_the_beginning_of_any_word_of_the_name(padron: Session, text: str) -> None:
    assert [one.key for one in queries.search_obliged_subjects(padron, text, on=TODAY)] == ["demo-bcn-tijuana"]


def test_the_middle_of_a_word_finds_nothing(padron: Session) -> None:
    assert queries.search_obliged_subjects(padron, "juana", on=TODAY) == []


def test_accents_and_enye_do_not_matter(padron: Session) -> None:
    with_marks = queries.search_obliged_subjects(padron, "acuña", on=TODAY)
    assert with_marks
    assert with_marks == queries.search_obliged_subjects(padron, "ACUNA", on=TODAY)


def test_a_short_name_is_found_too(padron: Session) -> None:
    keys = [one.key for one in queries.search_obliged_subjects(padron, "congreso chih", on=TODAY)]
    assert keys == ["demo-chh-congreso"]


def test_names_that_begin_with_the_text_come_first(padron: Session) -> None:
    _add(padron, "prueba-1", "Agencia del Congreso Abierto")
    found = queries.search_obliged_subjects(padron, "congreso", on=TODAY, limit=20)
    assert found[-1].key == "prueba-1"
    assert all(one.search_name.startswith("congreso") for one in found[:-1])
    assert len(found) == 10


def test_a_state_narrows_the_search(padron: Session) -> None:
    sonora = _state(padron, "MX-SON")
    found = queries.search_obliged_subjects(padron, "congreso", sonora.id, on=TODAY)
    assert [one.key for one in found] == ["demo-son-congreso"]


def test_no_more_than_the_limit_is_returned(padron: Session) -> None:
    assert len(queries.search_obliged_subjects(padron, "de", on=TODAY)) == 10
    assert len(queries.search_obliged_subjects(padron, "de", on=TODAY, limit=3)) == 3


def test_only_what_is_valid_on_the_day_is_offered(padron: Session) -> None:
    def keys(on: date) -> set[str]:
        return {one.key for one in queries.search_obliged_subjects(padron, "acuna municipal", on=on)}

    assert keys(date(2025, 3, 20)) == set()
    assert keys(date(2026, 6, 30)) == {"demo-coa-juventud-acuna", "demo-coa-planeacion-acuna"}
    assert keys(date(2026, 7, 1)) == {"demo-coa-juventud-acuna", "demo-coa-ciudad-acuna"}


@pytest.mark.parametrize("text", ["%", "_", "%%%", "  ", "", "' OR 1=1 --", "\\", "/", "\x00"])
def test_signs_that_mean_something_to_a_database_find_nothing(padron: Session, text: str) -> None:
    assert queries.search_obliged_subjects(padron, text, on=TODAY) == []


def test_a_percent_sign_inside_a_word_is_no_wildcard(padron: Session) -> None:
    assert queries.search_obliged_subjects(padron, "tij%na", on=TODAY) == []


def test_a_very_long_text_is_answered(padron: Session) -> None:
    assert queries.search_obliged_subjects(padron, "ayuntamiento " * 500, on=TODAY) != []


def test_the_state_of_a_result_needs_no_further_query(padron: Session) -> None:
    found = queries.search_obliged_subjects(padron, "congreso", on=TODAY)
    assert all("state" in one.__dict__ for one in found)


def _north(session: Session) -> int:
    return session.scalars(select(Region.id).where(Region.key == "norte")).one()


def _state(session: Session, iso: str) -> State:
    found = queries.state_by_iso(session, iso)
    assert found is not None
    return found


def _add(session: Session, key: str, name: str) -> None:
    session.add(
        ObligedSubject(
            key=key,
            name=name,
            search_name=search_name(name),
            state_id=_state(session, "MX-SON").id,
            level="estatal",
            type="dependencia",
            time_zone="America/Hermosillo",
            valid_from=date(2025, 3, 21),
        )
    )
    session.flush()
