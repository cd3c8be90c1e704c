"""Roles with scope: given, taken, and the last administrator who cannot go."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts import queries
from webapp.accounts.errors import AccountsError
from webapp.accounts.models import Passkey, Person, RoleGrant, RoleName
from webapp.accounts.services.sessions import end_sessions, shorten_sessions
from webapp.core import audit
from webapp.organizations.models import Region, State


def grant_role(
    session: Session,
    actor: Person | None,
    person: Person,
    role: RoleName,
    state: State | None,
    region: Region | None,
    now: datetime,
) -> RoleGrant:
    """Give a role in its scope. `actor` None: from the console. A role that is held already is returned as it is."""
    if (role == "coordinator") != (state is not None):
        raise AccountsError("state_needed", _l("La coordinación de un estado necesita su estado, y solo ella."))
    if (role == "regional-coordinator") != (region is not None):
        raise AccountsError("region_needed", _l("La coordinación regional necesita su región, y solo ella."))
    _lock_grants(session, person.id)
    scope = {"state_id": state.id if state else None, "region_id": region.id if region else None}
    held = session.scalar(select(RoleGrant).filter_by(person_id=person.id, role=role, revoked_at=None, **scope))
    if held is not None:
        return held
    row = RoleGrant(person_id=person.id, role=role, granted_by_id=actor.id if actor else None, granted_at=now, **scope)
    session.add(row)
    session.flush()
    shorten_sessions(session, person.id, now)
    audit.record(
        session,
        now,
        actor.id if actor else None,
        "accounts.role_granted",
        f"person:{person.id}",
        role=role,
        **scope,
    )
    return row


def revoke_role(session: Session, actor: Person | None, grant: RoleGrant, now: datetime) -> None:
    """Take a role. The last active administrator keeps it."""
    _lock_administrators(session)
    session.refresh(grant)
    if grant.revoked_at is not None:
        return
    if grant.role == "administrator":
        _refuse_last(session, grant.person_id)
    grant.revoked_at = now
    session.flush()
    audit.record(
        session,
        now,
        actor.id if actor else None,
        "accounts.role_revoked",
        f"person:{grant.person_id}",
        role=grant.role,
        state_id=grant.state_id,
        region_id=grant.region_id,
    )


def deactivate(session: Session, actor: Person, person: Person, now: datetime) -> None:
    """Close an account and end its sessions. What the person has achieved stays."""
    if person.id == actor.id:
        raise AccountsError("own_account", _l("No puedes desactivar tu propia cuenta. Pídeselo a otra persona."))
    _lock_administrators(session)
    if _administers(session, person.id):
        _refuse_last(session, person.id)
    person.active = False
    session.flush()
    end_sessions(session, person.id, "deactivated", now, actor_id=actor.id)
    audit.record(session, now, actor.id, "accounts.deactivated", f"person:{person.id}")


def reactivate(session: Session, actor: Person, person: Person, now: datetime) -> None:
    """Open a closed account again."""
    person.active = True
    session.flush()
    audit.record(session, now, actor.id, "accounts.reactivated", f"person:{person.id}")


def forget_second_factor(session: Session, actor: Person | None, person: Person, now: datetime) -> None:
    """Remove app, recovery codes and passkeys of someone who lost them, and end the sessions. The next sign-in asks
    staff to set them up again."""
    person.tf_primary_method = person.tf_totp_secret = None
    person.mf_recovery_codes = None
    for row in session.scalars(select(Passkey).filter_by(user_id=person.id)):
        session.delete(row)
    session.flush()
    actor_id = actor.id if actor else None
    end_sessions(session, person.id, "second factor removed", now, actor_id=actor_id)
    audit.record(session, now, actor_id, "accounts.second_factor_removed", f"person:{person.id}")


def _refuse_last(session: Session, person_id: int) -> None:
    person = session.get_one(Person, person_id)
    if person.active and queries.active_administrators(session) <= 1:
        raise AccountsError(
            "last_administrator", _l("Es la única persona que administra la plataforma. Nombra a otra primero.")
        )


def _administers(session: Session, person_id: int) -> bool:
    return (
        session.scalar(select(RoleGrant.id).filter_by(person_id=person_id, role="administrator", revoked_at=None))
        is not None
    )


def _lock_administrators(session: Session) -> None:
    """Two who take each other's role at once must meet here."""
    session.scalars(select(RoleGrant.id).filter_by(role="administrator", revoked_at=None).with_for_update()).all()


def _lock_grants(session: Session, person_id: int) -> None:
    session.scalars(select(Person.id).filter_by(id=person_id).with_for_update()).all()
