"""Who may do what with an enrolment."""

from __future__ import annotations

from webapp.accounts.models import Person
from webapp.learning.models import Enrolment


def can_grant_attempts(actor: Person, enrolment: Enrolment) -> bool:
    """Trainers and administrators may give more attempts, to anyone but themselves."""
    return actor.holds_any(("trainer", "administrator")) and enrolment.person_id != actor.id
