"""Loading the reference and the demonstration, once and again."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.organizations.models import Authority, ObligedSubject, Region, RegionState, State
from webapp.organizations.services import Loaded, load_demo, search_key, search_name, sync_reference


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("  Ayuntamiento   de\tEnsenada ", "ayuntamiento de ensenada"),
        ("Gómez Palacio", "gomez palacio"),
        ("ACUÑA", "acuna"),
        ("Acun\u0303a", "acuna"),
        ("Fundación Marea Alta, A. C.", "fundacion marea alta a c"),
        ("Información y Transparencia (INTRAC)", "informacion y transparencia intrac"),
        ("100%_real", "100 real"),
        ("¿?…", ""),
    ],
)
def test_a_search_key_has_no_accents_case_punctuation_or_spare_spaces(name: str, key: str) -> None:
    assert search_key(name) == key


def test_a_search_key_of_a_search_key_is_itself() -> None:
    key = search_key("Pingüinos  y Ñandúes, S. A.")
    assert search_key(key) == key == "pinguinos y nandues s a"


def test_a_search_name_adds_the_words_that_only_the_short_name_has() -> None:
    assert search_name("Congreso del Estado de Chihuahua", "Congreso Chih") == "congreso del estado de chihuahua chih"


def test_the_reference_is_loaded_and_loading_it_again_changes_nothing(session: Session) -> None:
    first = sync_reference(session)
    assert first == Loaded(states=32, regions=3, memberships=20, authorities=13)
    assert sync_reference(session) == Loaded()
    assert session.scalar(select(func.count()).select_from(State)) == 32
    assert session.scalar(select(func.count()).select_from(RegionState)) == 20


def test_an_institute_that_closed_keeps_its_row_and_names_its_successor(session: Session) -> None:
    sync_reference(session)
    itai = session.scalars(select(Authority).where(Authority.key == "itai-bcs")).one()
    assert itai.valid_to == date(2026, 1, 1)
    assert itai.successor_id is not None
    successor = session.get(Authority, itai.successor_id)
    assert successor is not None and successor.key == "contraloria-bcs"
    assert itai.state is not None and itai.state.iso == "MX-BCS"


def test_what_a_coordinator_changed_is_left_alone_by_the_next_load(session: Session) -> None:
    sync_reference(session)
    north = session.scalars(select(Region).where(Region.key == "norte")).one()
    north.name = "Norte grande"
    membership = session.scalars(select(RegionState).where(RegionState.region_id == north.id)).first()
    assert membership is not None
    membership.valid_from, membership.valid_to = date(2025, 4, 1), date(2026, 5, 1)
    session.flush()
    assert sync_reference(session) == Loaded()
    assert (north.name, membership.valid_to) == ("Norte grande", date(2026, 5, 1))


def test_a_row_that_went_missing_comes_back(session: Session) -> None:
    sync_reference(session)
    session.delete(session.scalars(select(Authority).where(Authority.key == "istai")).one())
    session.flush()
    assert sync_reference(session) == Loaded(authorities=1)


def test_the_demo_brings_its_reference_and_is_loaded_once(session: Session) -> None:
    first = load_demo(session)
    assert first.states == 32
    assert first.authorities == 14
    assert first.obliged_subjects == session.scalar(select(func.count()).select_from(ObligedSubject))
    assert first.obliged_subjects >= 9 * 12
    assert load_demo(session) == Loaded()


def test_every_demo_obliged_subject_is_marked_and_answers_to_the_demo_authority(padron: Session) -> None:
    demo = padron.scalars(select(Authority).where(Authority.key == "aula-norte-demo")).one()
    assert demo.time_zone == "America/Mazatlan"
    for subject in padron.scalars(select(ObligedSubject)):
        assert subject.name.endswith(" (demo)")
        assert subject.authority_id == demo.id


def test_an_obliged_subject_that_ended_is_kept_with_its_successor(padron: Session) -> None:
    ended = padron.scalars(select(ObligedSubject).where(ObligedSubject.key == "demo-coa-planeacion-acuna")).one()
    assert ended.valid_to == date(2026, 7, 1)
    successor = padron.get(ObligedSubject, ended.successor_id)
    assert successor is not None
    assert (successor.key, successor.valid_from) == ("demo-coa-ciudad-acuna", date(2026, 7, 1))


def test_obliged_subjects_get_public_ids_that_differ(padron: Session) -> None:
    ids = list(padron.scalars(select(ObligedSubject.public_id)))
    assert len(ids) == len(set(ids))
    assert all(len(one) == 12 for one in ids)
