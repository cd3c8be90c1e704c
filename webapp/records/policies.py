"""Who may do what with a constancia."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from webapp.accounts import policies as accounts
from webapp.accounts.models import ObligedSubjectRequest, Person
from webapp.core.clock import local_date, now
from webapp.records.models import Constancia


def can_revoke(actor: Person) -> bool:
    """Only administrators withdraw a constancia."""
    return actor.holds_any(("administrator",))


def owned_by(actor: Person) -> Select[Constancia]:
    """The constancias that are this person's own."""
    return select(Constancia).where(Constancia.person_id == actor.id)


def requests_visible_to(session: Session, actor: Person) -> Select[ObligedSubjectRequest]:
    """Every «no lo encuentro», answered or not, of the states in the actor's scope."""
    on = local_date(now(), "America/Mexico_City")
    return select(ObligedSubjectRequest).where(accounts.requests_visible_to(session, actor, on))
