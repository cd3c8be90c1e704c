"""What rooms contribute to a whole that no single room may see: invariants and the person's own data.

A whole is assembled upwards: `create_app` imports the rooms, each room registers what it knows, and the command or
page that needs the whole asks here. So a low room can serve "all my data" without importing the rooms above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Breach:
    """A rule of the data that does not hold: the rule's name and a sentence with the offending rows."""

    rule: str
    detail: str


Invariant = Callable[[Session], Iterable[Breach]]
PersonalData = Callable[[Session, int], dict[str, Any]]

_invariants: dict[str, Invariant] = {}
_personal_data: dict[str, PersonalData] = {}


def invariant(name: str) -> Callable[[Invariant], Invariant]:
    """Register a check that `aula verify` runs. It yields one Breach for each thing that is wrong."""

    def register(check: Invariant) -> Invariant:
        _invariants[name] = check
        return check

    return register


def personal_data(section: str) -> Callable[[PersonalData], PersonalData]:
    """Register what a room holds about a person: `(session, person id) -> JSON-ready mapping`."""

    def register(export: PersonalData) -> PersonalData:
        _personal_data[section] = export
        return export

    return register


def verify(session: Session) -> list[Breach]:
    """Run every invariant and return what does not hold, in the order of registration."""
    return [breach for check in _invariants.values() for breach in check(session)]


def invariant_names() -> tuple[str, ...]:
    return tuple(_invariants)


def export_person(session: Session, person_id: int) -> dict[str, Any]:
    """Everything the platform holds about a person, by section."""
    return {section: export(session, person_id) for section, export in _personal_data.items()}
