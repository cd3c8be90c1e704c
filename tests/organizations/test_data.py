"""The tables that come with the platform hold together and claim no more than their sources."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import get_args
from zoneinfo import ZoneInfo, available_timezones

import pytest

from webapp.organizations import reference
from webapp.organizations.models import Level
from webapp.organizations.reference import day, rows, type_labels

NORTH = {"MX-BCN", "MX-BCS", "MX-CHH", "MX-COA", "MX-DUR", "MX-NLE", "MX-SIN", "MX-SON", "MX-TAM"}


def test_there_are_32_states_with_unique_codes() -> None:
    states = rows("states")
    assert [state["inegi"] for state in states] == [f"{number:02}" for number in range(1, 33)]
    assert len({state["iso"] for state in states}) == len({state["name"] for state in states}) == 32


@pytest.mark.parametrize(
    ("iso", "inegi", "name"),
    [
        ("MX-COA", "05", "Coahuila de Zaragoza"),
        ("MX-COL", "06", "Colima"),
        ("MX-CHP", "07", "Chiapas"),
        ("MX-CHH", "08", "Chihuahua"),
        ("MX-GUA", "11", "Guanajuato"),
        ("MX-GRO", "12", "Guerrero"),
        ("MX-MEX", "15", "México"),
    ],
)
def test_codes_that_are_easily_mistaken_are_right(iso: str, inegi: str, name: str) -> None:
    assert {"iso": iso, "inegi": inegi, "name": name} in rows("states")


def test_the_north_has_its_nine_states_and_only_one_is_called_verified() -> None:
    north = [row for row in rows("region_states") if row["region"] == "norte"]
    assert {row["state"] for row in north} == NORTH
    assert len(north) == 9
    assert [row["state"] for row in north if row["verified"] == "yes"] == ["MX-BCS"]
    assert all(row["source"] for row in north)


def test_the_other_regions_hold_verified_states_only() -> None:
    others = [row for row in rows("region_states") if row["region"] != "norte"]
    assert {row["verified"] for row in others} == {"yes"}
    assert "MX-OAX" in {row["state"] for row in others if row["region"] == "centro"}
    assert {row["state"] for row in others if row["region"] == "sureste"} == {"MX-YUC", "MX-CAM", "MX-ROO"}


def test_no_state_is_in_two_regions() -> None:
    assert max(Counter(row["state"] for row in rows("region_states")).values()) == 1


def test_regions_and_states_that_are_named_exist() -> None:
    regions = {row["key"] for row in rows("regions")}
    states = {row["iso"] for row in rows("states")}
    assert {row["region"] for row in rows("region_states")} == regions
    assert {row["state"] for row in rows("region_states")} <= states


def test_every_northern_state_has_its_institute_and_every_authority_its_source() -> None:
    authorities = rows("authorities")
    assert {row["state"] for row in authorities if row["kind"] == "organismo-garante"} == NORTH
    assert all(row["source"] for row in authorities)


def test_an_authority_has_a_date_only_where_a_source_gives_the_day() -> None:
    dated = {row["key"]: (row["valid_from"], row["valid_to"]) for row in rows("authorities")}
    assert {key: dates for key, dates in dated.items() if any(dates)} == {"itai-bcs": ("", "2026-01-01")}


@pytest.mark.parametrize("file", ["authorities", "demo_obliged_subjects"])
def test_successors_exist_and_lead_to_an_end(file: str) -> None:
    successor = {row["key"]: row["successor"] for row in rows(file)}
    assert len(successor) == len(rows(file)), "a key occurs twice"
    assert any(successor.values())
    for key in successor:
        seen = [key]
        while successor[seen[-1]]:
            seen.append(successor[seen[-1]])
            assert seen[-1] in successor, f"{seen[-2]} names {seen[-1]}, which does not exist"
            assert seen.count(seen[-1]) == 1, f"successors go round in a circle: {seen}"


@pytest.mark.parametrize("file", ["authorities", "demo_authorities", "demo_obliged_subjects"])
def test_every_time_zone_is_known_and_every_validity_ends_after_it_begins(file: str) -> None:
    for row in rows(file):
        assert row["time_zone"] in available_timezones()
        start, end = day(row["valid_from"]), day(row["valid_to"])
        assert start is None or end is None or start < end, row["key"]


def test_the_demo_padron_has_every_type_in_every_northern_state() -> None:
    subjects = rows("demo_obliged_subjects")
    wanted = {(state, type_) for state in NORTH for type_ in type_labels()}
    assert {(row["state"], row["type"]) for row in subjects} == wanted
    assert min(Counter(row["state"] for row in subjects).values()) >= 12


def test_every_demo_obliged_subject_says_that_it_is_one() -> None:
    assert {row["mark"] for row in rows("demo_obliged_subjects")} == {"(demo)"}
    assert all(row["key"].startswith("demo-") for row in rows("demo_obliged_subjects"))


def test_demo_rows_fit_their_columns_and_name_what_exists() -> None:
    authorities = {row["key"] for row in rows("demo_authorities")}
    states = {row["iso"] for row in rows("states")}
    for row in rows("demo_obliged_subjects"):
        assert row["level"] in get_args(Level)
        assert row["authority"] in authorities
        assert row["state"] in states
        assert len(row["short_name"]) <= 80
        assert len(row["name"]) + len(row["mark"]) < 250
        assert row["level"] == "municipal" or row["type"] not in {"municipio", "paramunicipal"}


def test_a_successor_in_the_padron_begins_no_later_than_its_predecessor_ends() -> None:
    subjects = {row["key"]: row for row in rows("demo_obliged_subjects")}
    ended = [row for row in subjects.values() if row["valid_to"]]
    assert ended
    for row in ended:
        assert subjects[row["successor"]]["valid_from"] <= row["valid_to"]


@pytest.mark.parametrize(
    ("municipality", "summer_offset"),
    [("Tijuana", -7), ("Juárez", -6), ("Ojinaga", -5), ("Acuña", -5), ("Matamoros", -5), ("Reynosa", -5)],
)
def test_a_border_town_keeps_the_summer_time_of_its_neighbour(municipality: str, summer_offset: int) -> None:
    zones = {row["time_zone"] for row in rows("demo_obliged_subjects") if row["municipality"] == municipality}
    assert len(zones) == 1
    assert _offset(zones.pop(), date(2026, 7, 1)) == summer_offset


@pytest.mark.parametrize(
    ("municipality", "offset"),
    [("Hermosillo", -7), ("La Paz", -7), ("Mazatlán", -7), ("Meoqui", -6), ("Monterrey", -6), ("Durango", -6)],
)
def test_an_inland_town_has_one_offset_all_year(municipality: str, offset: int) -> None:
    zones = {row["time_zone"] for row in rows("demo_obliged_subjects") if row["municipality"] == municipality}
    assert len(zones) == 1
    zone = zones.pop()
    assert {_offset(zone, date(2026, 1, 15)), _offset(zone, date(2026, 7, 15))} == {offset}


def test_a_row_of_another_width_names_file_and_line(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("data")
    (folder / "states.csv").write_text("iso,inegi,name\nMX-BCS,03\n", encoding="utf-8")
    monkeypatch.setattr(reference, "DATA_DIR", folder)
    with pytest.raises(ValueError, match=r"states\.csv, line 2"):
        rows("states")


def _offset(zone: str, on: date) -> int:
    """Hours from UTC at noon of that day."""
    from_utc = datetime(on.year, on.month, on.day, 12, tzinfo=ZoneInfo(zone)).utcoffset()
    assert from_utc is not None
    return int(from_utc.total_seconds() // 3600)
