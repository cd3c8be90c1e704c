"""Loading what the platform knows about institutions from the start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast, get_args
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.organizations.models import Authority, Level, ObligedSubject, Region, RegionState, State
from webapp.organizations.names import search_key as search_key
from webapp.organizations.reference import day, rows, type_labels


@dataclass(frozen=True)
class Loaded:
    """How many rows a load added; all zero when everything was there already."""

    states: int = 0
    regions: int = 0
    memberships: int = 0
    authorities: int = 0
    obliged_subjects: int = 0


def sync_reference(session: Session) -> Loaded:
    """Add the states, regions and authorities that are missing. Does not commit.

    What exists stays as it is: a region, its states and an authority belong to the coordinator once they are loaded.
    """
    states = _add_states(session)
    regions = _add_regions(session)
    memberships = _add_memberships(session)
    authorities = _add_authorities(session, "authorities")
    return Loaded(states, regions, memberships, authorities)


def load_demo(session: Session) -> Loaded:
    """Add the demonstration's authority and its invented padrón, with the reference they rest on. Does not commit.

    Every name carries "(demo)": some sound like institutions that exist, and nothing here is theirs.
    """
    reference = sync_reference(session)
    authorities = _add_authorities(session, "demo_authorities")
    subjects = _add_obliged_subjects(session, "demo_obliged_subjects")
    return Loaded(
        reference.states,
        reference.regions,
        reference.memberships,
        reference.authorities + authorities,
        subjects,
    )


def search_name(name: str, short_name: str = "") -> str:
    """What `ObligedSubject.search_name` holds: the words of the name and of the short name that it lacks."""
    key = search_key(name)
    known = set(key.split())
    extra = [word for word in search_key(short_name).split() if word not in known]
    return " ".join([key, *extra])


def _add_states(session: Session) -> int:
    known = set(session.scalars(select(State.iso)))
    new = [State(**row) for row in rows("states") if row["iso"] not in known]
    session.add_all(new)
    session.flush()
    return len(new)


def _add_regions(session: Session) -> int:
    known = set(session.scalars(select(Region.key)))
    new = [Region(**row) for row in rows("regions") if row["key"] not in known]
    session.add_all(new)
    session.flush()
    return len(new)


def _add_memberships(session: Session) -> int:
    """A state that was ever in the region is left alone: its dates may have been corrected since."""
    regions = {region.key: region.id for region in session.scalars(select(Region))}
    states = _state_ids(session)
    known = {(row.region_id, row.state_id) for row in session.scalars(select(RegionState))}
    new = []
    for row in rows("region_states"):
        region_id, state_id = regions[row["region"]], states[row["state"]]
        if (region_id, state_id) not in known:
            valid_from = day(row["valid_from"])
            if valid_from is None:
                raise ValueError(f"region_states.csv: {row['region']} {row['state']} has no valid_from")
            new.append(
                RegionState(
                    region_id=region_id,
                    state_id=state_id,
                    valid_from=valid_from,
                    valid_to=day(row["valid_to"]),
                    verified=row["verified"] == "yes",
                    source=row["source"],
                )
            )
    session.add_all(new)
    session.flush()
    return len(new)


def _add_authorities(session: Session, file: str) -> int:
    states = _state_ids(session)
    ids = _authority_ids(session)
    new = [row for row in rows(file) if row["key"] not in ids]
    made = {
        row["key"]: Authority(
            key=row["key"],
            name=row["name"],
            acronym=row["acronym"],
            kind=row["kind"],
            state_id=states[row["state"]] if row["state"] else None,
            time_zone=_zone(row["time_zone"]),
            valid_from=day(row["valid_from"]),
            valid_to=day(row["valid_to"]),
            source=row["source"],
        )
        for row in new
    }
    session.add_all(made.values())
    session.flush()  # every row has its id before one names another as its successor
    ids |= {key: authority.id for key, authority in made.items()}
    for row in new:
        if row["successor"]:
            made[row["key"]].successor_id = ids[row["successor"]]
    session.flush()
    return len(new)


def _add_obliged_subjects(session: Session, file: str) -> int:
    states = _state_ids(session)
    authorities = _authority_ids(session)
    ids = dict(session.execute(select(ObligedSubject.key, ObligedSubject.id)).all())
    new = [row for row in rows(file) if row["key"] not in ids]
    made = {row["key"]: _obliged_subject(row, states, authorities) for row in new}
    session.add_all(made.values())
    session.flush()
    ids |= {key: subject.id for key, subject in made.items()}
    for row in new:
        if row["successor"]:
            made[row["key"]].successor_id = ids[row["successor"]]
    session.flush()
    return len(new)


def _obliged_subject(row: dict[str, str], states: dict[str, int], authorities: dict[str, int]) -> ObligedSubject:
    valid_from = day(row["valid_from"])
    if valid_from is None or row["level"] not in get_args(Level) or row["type"] not in type_labels():
        raise ValueError(f"obliged subject {row['key']}: valid_from, level or type cannot be used")
    name = f"{row['name']} {row['mark']}".strip()
    return ObligedSubject(
        key=row["key"],
        name=name,
        short_name=row["short_name"],
        search_name=search_name(name, row["short_name"]),
        state_id=states[row["state"]],
        level=cast(Level, row["level"]),
        type=row["type"],
        municipality=row["municipality"],
        time_zone=_zone(row["time_zone"]),
        authority_id=authorities[row["authority"]] if row["authority"] else None,
        valid_from=valid_from,
        valid_to=day(row["valid_to"]),
    )


def _state_ids(session: Session) -> dict[str, int]:
    return dict(session.execute(select(State.iso, State.id)).all())


def _authority_ids(session: Session) -> dict[str, int]:
    return dict(session.execute(select(Authority.key, Authority.id)).all())


def _zone(name: str) -> str:
    """`name` if tzdata knows it; raises ZoneInfoNotFoundError."""
    return ZoneInfo(name).key
