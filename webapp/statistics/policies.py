"""Whose figures may be seen by whom: each predicate beside the filter that lists by the same rule."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.accounts.policies import states_in_scope
from webapp.organizations.models import Region, State


def can_see_state(session: Session, actor: Person, state: State, on: date) -> bool:
    """The figures and the people of a state: whoever has it in scope on that day."""
    states = states_in_scope(session, actor, on)
    return states is None or state.id in states


def states_visible_to(session: Session, actor: Person, on: date) -> ColumnElement[bool]:
    """The condition on `State` that `can_see_state` decides by."""
    states = states_in_scope(session, actor, on)
    return true() if states is None else State.id.in_(states)


def can_see_region(actor: Person, region: Region) -> bool:
    """A region side by side: who coordinates it, and administrators."""
    return actor.holds_any(("administrator",)) or region.id in _own_regions(actor)


def regions_visible_to(actor: Person) -> ColumnElement[bool]:
    """The condition on `Region` that `can_see_region` decides by."""
    return true() if actor.holds_any(("administrator",)) else Region.id.in_(_own_regions(actor))


def can_manage_tokens(actor: Person) -> bool:
    """Give other systems access to the figures: administrators."""
    return actor.holds_any(("administrator",))


def home_of(session: Session, actor: Person) -> State | Region | None:
    """Where the desk opens: one's own state, else one's own region; None for who has neither."""
    own = sorted(grant.state_id for grant in actor.grants if grant.state_id is not None and grant.revoked_at is None)
    if own:
        return session.get_one(State, own[0])
    return session.scalars(select(Region).where(Region.id.in_(_own_regions(actor))).order_by(Region.id)).first()


def _own_regions(actor: Person) -> set[int]:
    return {
        grant.region_id
        for grant in actor.grants
        if grant.role == "regional-coordinator" and grant.region_id is not None and grant.revoked_at is None
    }
