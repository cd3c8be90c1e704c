"""What this room holds about a person, for *descargar mis datos*. Credentials are counted, never shown."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import (
    AccountSession,
    Affiliation,
    ObligedSubjectRequest,
    Passkey,
    Person,
    PrivacyAcceptance,
    RoleGrant,
)
from webapp.core.audit import AuditEvent
from webapp.core.mail import OutboxMessage
from webapp.core.registry import personal_data
from webapp.organizations.models import ObligedSubject, Region, State

OWN_COLUMNS = (
    "email",
    "personal_email",
    "given_names",
    "first_surname",
    "second_surname",
    "search_name",
    "sex",
    "post",
    "language",
)


@personal_data("cuenta")
def account(session: Session, person_id: int) -> dict[str, Any]:
    """The person and everything that hangs on the account."""
    person = session.get_one(Person, person_id)
    return {
        **{name: getattr(person, name) for name in OWN_COLUMNS},
        "created_at": person.created_at.isoformat(),
        "registered_at": person.registered_at and person.registered_at.isoformat(),
        "active": person.active,
        "con_contraseña": person.password is not None,
        "con_segundo_paso": person.tf_primary_method is not None,
        "llaves": _passkeys(session, person_id),
        "sesiones": _sessions(session, person_id),
        "funciones": _roles(session, person_id),
        "avisos_aceptados": _acceptances(session, person_id),
        "correos_enviados": _messages(session, person),
        "bitácora": _acts(session, person_id),
    }


@personal_data("lugar de trabajo")
def workplaces(session: Session, person_id: int) -> dict[str, Any]:
    """Where the person worked, with dates, and what they asked to be found."""
    affiliations = session.execute(
        select(Affiliation, ObligedSubject.name)
        .join(ObligedSubject, ObligedSubject.id == Affiliation.obliged_subject_id)
        .where(Affiliation.person_id == person_id)
        .order_by(Affiliation.valid_from, Affiliation.id)
    )
    requests = session.execute(
        select(ObligedSubjectRequest, State.name)
        .join(State, State.id == ObligedSubjectRequest.federal_state_id)
        .where(ObligedSubjectRequest.person_id == person_id)
        .order_by(ObligedSubjectRequest.id)
    )
    return {
        "adscripciones": [
            {
                "person_id": "tú",
                "obliged_subject_id": name,
                "valid_from": row.valid_from.isoformat(),
                "valid_to": row.valid_to and row.valid_to.isoformat(),
            }
            for row, name in affiliations
        ],
        "solicitudes": [
            {
                "federal_state_id": state,
                "written_name": row.written_name,
                "state": row.state,
                "reason": row.reason,
                "created_at": row.created_at.isoformat(),
                "decided_at": row.decided_at and row.decided_at.isoformat(),
            }
            for row, state in requests
        ],
    }


def _passkeys(session: Session, person_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(select(Passkey).filter_by(user_id=person_id).order_by(Passkey.id))
    return [{"name": row.name, "created_at": row.create_datetime.isoformat()} for row in rows]


def _sessions(session: Session, person_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(select(AccountSession).filter_by(person_id=person_id).order_by(AccountSession.id))
    return [
        {
            "created_at": row.created_at.isoformat(),
            "browser": row.browser,
            "ended_at": row.ended_at and row.ended_at.isoformat(),
        }
        for row in rows
    ]


def _roles(session: Session, person_id: int) -> list[dict[str, Any]]:
    rows = session.execute(
        select(RoleGrant, State.name, Region.name)
        .outerjoin(State, State.id == RoleGrant.state_id)
        .outerjoin(Region, Region.id == RoleGrant.region_id)
        .where(RoleGrant.person_id == person_id)
        .order_by(RoleGrant.id)
    )
    return [
        {
            "role": row.role,
            "alcance": state or region,
            "granted_at": row.granted_at.isoformat(),
            "revoked_at": row.revoked_at and row.revoked_at.isoformat(),
        }
        for row, state, region in rows
    ]


def _acceptances(session: Session, person_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(select(PrivacyAcceptance).filter_by(person_id=person_id).order_by(PrivacyAcceptance.id))
    return [
        {
            "version": row.version,
            "accepted_at": row.accepted_at.isoformat(),
            "channel": row.channel,
            "invitations": row.invitations,
        }
        for row in rows
    ]


def _messages(session: Session, person: Person) -> list[dict[str, Any]]:
    addresses = [address for address in (person.email, person.personal_email) if address]
    rows = session.scalars(
        select(OutboxMessage).where(OutboxMessage.recipient.in_(addresses)).order_by(OutboxMessage.id)
    )
    return [
        {"recipient": row.recipient, "subject": row.subject, "created_at": row.created_at.isoformat()} for row in rows
    ]


def _acts(session: Session, person_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(select(AuditEvent).filter_by(actor_id=person_id).order_by(AuditEvent.id))
    return [{"at": row.at.isoformat(), "action": row.action} for row in rows]
