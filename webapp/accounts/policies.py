"""Who may do what with people and their questions: each predicate beside the filter that lists by the same rule."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import Session

from webapp.accounts.models import ObligedSubjectRequest, Person, RoleName
from webapp.organizations.queries import states_of_region


def roles_of(person: Person) -> set[RoleName]:
    """The roles that a person (with grants loaded) holds at this moment."""
    return {grant.role for grant in person.grants if grant.revoked_at is None}


def states_in_scope(session: Session, actor: Person, on: date) -> set[int] | None:
    """The states whose people and figures `actor` may see on a day. None means all of them; the empty set, none."""
    states: set[int] = set()
    for grant in actor.grants:
        if grant.revoked_at is not None:
            continue
        if grant.role == "administrator":
            return None
        if grant.role == "coordinator" and grant.state_id is not None:
            states.add(grant.state_id)
        if grant.role == "regional-coordinator" and grant.region_id is not None:
            states |= {state.id for state in states_of_region(session, grant.region_id, on)}
    return states


def can_manage_people(actor: Person) -> bool:
    """Find people, give and take roles, close accounts: administrators."""
    return "administrator" in roles_of(actor)


def can_decide_request(session: Session, actor: Person, request: ObligedSubjectRequest, on: date) -> bool:
    """Answer a «no lo encuentro»: whoever has its state in scope."""
    states = states_in_scope(session, actor, on)
    return states is None or request.federal_state_id in states


def requests_visible_to(session: Session, actor: Person, on: date) -> ColumnElement[bool]:
    """The condition on `ObligedSubjectRequest` that `can_decide_request` decides by."""
    states = states_in_scope(session, actor, on)
    return true() if states is None else ObligedSubjectRequest.federal_state_id.in_(states)
