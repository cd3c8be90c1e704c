"""Reading the institutions. A day asked for is a calendar day of the place; `valid_to` is exclusive."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, and_, case, or_, select
from sqlalchemy.orm import Session, contains_eager

from webapp.organizations.models import Authority, ObligedSubject, RegionState, State
from webapp.organizations.names import search_key

LONGEST_SEARCH = 8  # words; a type-ahead needs two or three


def states(session: Session) -> list[State]:
    """The 32 states in the order of INEGI, which is the one people know from other lists."""
    return list(session.scalars(select(State).order_by(State.inegi)))


def state_by_iso(session: Session, iso: str) -> State | None:
    """The state with that ISO 3166-2 code ("MX-BCS")."""
    return session.scalar(select(State).where(State.iso == iso))


def states_of_region(session: Session, region_id: int, on: date) -> list[State]:
    """The states that belong to the region on that day, in the order of INEGI."""
    return list(
        session.scalars(
            select(State)
            .join(RegionState, RegionState.state_id == State.id)
            .where(RegionState.region_id == region_id, RegionState.valid_from <= on)
            .where(or_(RegionState.valid_to.is_(None), RegionState.valid_to > on))
            .order_by(State.inegi)
            .distinct()
        )
    )


def authority_by_key(session: Session, key: str) -> Authority | None:
    """The authority with that key, whether it still exists or not."""
    return session.scalar(select(Authority).where(Authority.key == key))


def obliged_subject_by_public_id(session: Session, public_id: str) -> ObligedSubject | None:
    """The obliged subject under the id that pages use."""
    return session.scalar(select(ObligedSubject).where(ObligedSubject.public_id == public_id))


def obliged_subjects_of(session: Session, state_ids: Collection[int], on: date) -> list[ObligedSubject]:
    """Every obliged subject of those states that is valid on that day, by state and name, with its state loaded."""
    if not state_ids:
        return []
    return list(
        session.scalars(
            select(ObligedSubject)
            .join(ObligedSubject.state)
            .options(contains_eager(ObligedSubject.state))
            .where(ObligedSubject.state_id.in_(state_ids), _valid(on))
            .order_by(State.inegi, ObligedSubject.search_name, ObligedSubject.id)
        )
    )


def search_obliged_subjects(
    session: Session, text: str, state_id: int | None = None, *, on: date, limit: int = 10
) -> list[ObligedSubject]:
    """Obliged subjects valid on that day in whose name every word of `text` begins some word, with their state loaded.

    Those whose name begins with the whole of `text` come first. Without a letter or digit in `text`, none.
    """
    key = search_key(text)
    words = key.split()[:LONGEST_SEARCH]
    if not words:
        return []
    name = ObligedSubject.search_name
    query = (
        select(ObligedSubject)
        .join(ObligedSubject.state)
        .options(contains_eager(ObligedSubject.state))
        .where(_valid(on), *(_has_word_beginning(word) for word in words))
        .order_by(case((name.startswith(key, autoescape=True), 0), else_=1), name, State.inegi, ObligedSubject.id)
        .limit(limit)
    )
    if state_id is not None:
        query = query.where(ObligedSubject.state_id == state_id)
    return list(session.scalars(query))


def _valid(on: date) -> ColumnElement[bool]:
    return and_(
        ObligedSubject.valid_from <= on,
        or_(ObligedSubject.valid_to.is_(None), ObligedSubject.valid_to > on),
    )


def _has_word_beginning(word: str) -> ColumnElement[bool]:
    name = ObligedSubject.search_name
    return or_(name.startswith(word, autoescape=True), name.contains(f" {word}", autoescape=True))
