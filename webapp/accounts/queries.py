"""Reading people: who they are, where they worked on a day, what they may do. Never writes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session, selectinload

from webapp.accounts.models import (
    AccountSession,
    Affiliation,
    ObligedSubjectRequest,
    Passkey,
    Person,
    PrivacyAcceptance,
    PrivacyNotice,
    RoleGrant,
)
from webapp.core.clock import local_date
from webapp.core.db import rows
from webapp.organizations.models import ObligedSubject, State
from webapp.organizations.names import search_key

# --- people -----------------------------------------------------------------------------------------------------


def person_by_email(session: Session, email: str) -> Person | None:
    """Who signs in with that address, be it the one of work or the confirmed personal one."""
    address = email.strip().lower()
    return session.scalar(
        select(Person)
        .where(or_(Person.email == address, _confirmed_personal(address)))
        .order_by((Person.email == address).desc())
        .limit(1)
    )


def _confirmed_personal(address: str) -> ColumnElement[bool]:
    return (Person.personal_email == address) & Person.personal_email_confirmed_at.is_not(None)


def person_by_public_id(session: Session, public_id: str) -> Person | None:
    return session.scalar(select(Person).where(Person.public_id == public_id))


def person_with_grants(session: Session, person_id: int) -> Person:
    """A person with the roles ever held, as policies need them (jobs, commands and tests have no request to ask)."""
    return session.scalars(
        select(Person)
        .where(Person.id == person_id)
        .options(selectinload(Person.grants))
        .execution_options(populate_existing=True)
    ).one()


def people_matching(text: str) -> list[ColumnElement[bool]]:
    """Conditions on `Person` for what an administrator typed: an address, or words that begin words of the name."""
    text = text.strip()
    if "@" in text:
        address = text.lower()
        return [
            or_(
                Person.email.startswith(address, autoescape=True),
                Person.personal_email.startswith(address, autoescape=True),
            )
        ]
    return [
        or_(
            Person.search_name.startswith(word, autoescape=True),
            Person.search_name.contains(f" {word}", autoescape=True),
        )
        for word in search_key(text).split()[:8]
    ]


def people(session: Session, text: str, role: str, page: int, size: int) -> tuple[list[Person], int]:
    """A page (from 1) of the people that match, by name, and how many there are. `role` "" means any.

    Beyond the last page stands the last one.
    """
    conditions = people_matching(text)
    if role:
        conditions.append(Person.id.in_(select(RoleGrant.person_id).filter_by(role=role, revoked_at=None)))
    total = session.scalar(select(func.count()).select_from(Person).where(*conditions)) or 0
    page = min(page, max(1, -(-total // size)))
    rows = session.scalars(
        select(Person).where(*conditions).order_by(Person.search_name, Person.id).limit(size).offset((page - 1) * size)
    )
    return list(rows), total


def open_grants(session: Session, person_ids: Collection[int]) -> list[RoleGrant]:
    """The roles that these people hold now, oldest first."""
    return list(
        session.scalars(
            select(RoleGrant)
            .where(RoleGrant.person_id.in_(person_ids), RoleGrant.revoked_at.is_(None))
            .order_by(RoleGrant.id)
        )
    )


def is_staff(session: Session, person_id: int) -> bool:
    """Whether the person holds any role beyond learning."""
    return session.scalar(select(RoleGrant.id).filter_by(person_id=person_id, revoked_at=None).limit(1)) is not None


def has_passkey(session: Session, person_id: int) -> bool:
    return session.scalar(select(Passkey.id).filter_by(user_id=person_id).limit(1)) is not None


def active_administrators(session: Session) -> int:
    """How many active people administer the platform."""
    return (
        session.scalar(
            select(func.count(func.distinct(RoleGrant.person_id)))
            .join(Person, Person.id == RoleGrant.person_id)
            .where(RoleGrant.role == "administrator", RoleGrant.revoked_at.is_(None), Person.active)
        )
        or 0
    )


# --- sessions ---------------------------------------------------------------------------------------------------


def session_with_person(session: Session, hashed: str) -> list[Row[Any]]:
    """One select for every signed-in page: the session, its person and one row for each role held (or one without).

    `notice_accepted` tells whether the newest privacy notice has been accepted, `zone` the time zone of the place where
    the person works now (None when that is not known).
    """
    return list(rows(session, _session_with_person(), hashed=hashed))


@cache
def _session_with_person() -> Select[Any]:
    """The statement, built once: building it costs more than running it."""
    newest = (
        select(PrivacyNotice.version)
        .order_by(PrivacyNotice.published_at.desc(), PrivacyNotice.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    accepted = (
        select(PrivacyAcceptance.id)
        .where(PrivacyAcceptance.person_id == Person.id, PrivacyAcceptance.version == newest)
        .correlate(Person)
        .exists()
    )
    return (
        select(
            AccountSession.id.label("session_id"),
            AccountSession.created_at.label("session_created_at"),
            AccountSession.expires_at.label("session_expires_at"),
            AccountSession.ended_at.label("session_ended_at"),
            *(getattr(Person, name).label(name) for name in ACTOR_COLUMNS),
            RoleGrant.id.label("grant_id"),
            RoleGrant.role.label("grant_role"),
            RoleGrant.state_id.label("grant_state_id"),
            RoleGrant.region_id.label("grant_region_id"),
            or_(newest.is_(None), accepted).label("notice_accepted"),
            ObligedSubject.time_zone.label("zone"),
        )
        .select_from(AccountSession)
        .join(Person, Person.id == AccountSession.person_id)
        .outerjoin(Affiliation, (Affiliation.person_id == Person.id) & Affiliation.valid_to.is_(None))
        .outerjoin(ObligedSubject, ObligedSubject.id == Affiliation.obliged_subject_id)
        .outerjoin(RoleGrant, (RoleGrant.person_id == Person.id) & RoleGrant.revoked_at.is_(None))
        .where(AccountSession.token_hash == bindparam("hashed"))
        .order_by(RoleGrant.id)
    )


# What pages know of whoever asks. No credential is among them.
ACTOR_COLUMNS = (
    "id",
    "public_id",
    "email",
    "personal_email",
    "given_names",
    "first_surname",
    "second_surname",
    "sex",
    "post",
    "language",
    "registered_at",
    "demo",
    "active",
    "tf_primary_method",
)


def sessions_of(session: Session, person_id: int, now: datetime) -> list[AccountSession]:
    """The sessions that still open the account, newest first."""
    return list(
        session.scalars(
            select(AccountSession)
            .where(
                AccountSession.person_id == person_id,
                AccountSession.ended_at.is_(None),
                AccountSession.expires_at > now,
            )
            .order_by(AccountSession.created_at.desc(), AccountSession.id.desc())
        )
    )


# --- where a person works ---------------------------------------------------------------------------------------


def affiliation_on(session: Session, person_id: int, day: date) -> tuple[int | None, int] | None:
    """Obliged subject and state of a person on a calendar day of the obliged subject's place.

    While «no lo encuentro» is open, the obliged subject is None and the state is the one that was written. None when
    nothing is known.
    """
    row = session.execute(
        _affiliations(person_id)
        .where(Affiliation.valid_from <= day, or_(Affiliation.valid_to.is_(None), Affiliation.valid_to > day))
        .limit(1)
    ).first()
    return (row.id, row.state_id) if row is not None else _state_of_open_request(session, person_id)


def affiliation_at(session: Session, person_id: int, instant: datetime) -> tuple[int | None, int | None]:
    """The same at an instant: each affiliation is judged by the calendar of its own place. Unknown is None."""
    for row in session.execute(_affiliations(person_id)):
        day = local_date(instant, row.time_zone)
        if row.valid_from <= day and (row.valid_to is None or day < row.valid_to):
            return row.id, row.state_id
    return _state_of_open_request(session, person_id) or (None, None)


def _affiliations(person_id: int) -> Any:
    return (
        select(
            ObligedSubject.id,
            ObligedSubject.state_id,
            ObligedSubject.time_zone,
            Affiliation.valid_from,
            Affiliation.valid_to,
        )
        .join(ObligedSubject, ObligedSubject.id == Affiliation.obliged_subject_id)
        .where(Affiliation.person_id == person_id)
        .order_by(Affiliation.valid_from.desc(), Affiliation.id.desc())
    )


def _state_of_open_request(session: Session, person_id: int) -> tuple[None, int] | None:
    state_id = session.scalar(
        select(ObligedSubjectRequest.federal_state_id)
        .filter_by(person_id=person_id, state="open")
        .order_by(ObligedSubjectRequest.id.desc())
        .limit(1)
    )
    return None if state_id is None else (None, state_id)


@dataclass(frozen=True)
class Workplace:
    """Where a person works now, as the person sees it: one of the padrón, or what was written while that is asked."""

    name: str
    state: str
    pending: bool
    since: date | None


def workplace(session: Session, person_id: int) -> Workplace | None:
    """The open affiliation with its names, else the open «no lo encuentro», else None."""
    row = session.execute(
        select(ObligedSubject.name, State.name.label("state"), Affiliation.valid_from)
        .join(ObligedSubject, ObligedSubject.id == Affiliation.obliged_subject_id)
        .join(State, State.id == ObligedSubject.state_id)
        .where(Affiliation.person_id == person_id, Affiliation.valid_to.is_(None))
    ).first()
    if row is not None:
        return Workplace(row.name, row.state, pending=False, since=row.valid_from)
    asked = session.execute(
        select(ObligedSubjectRequest.written_name, State.name.label("state"))
        .join(State, State.id == ObligedSubjectRequest.federal_state_id)
        .where(ObligedSubjectRequest.person_id == person_id, ObligedSubjectRequest.state == "open")
        .order_by(ObligedSubjectRequest.id.desc())
    ).first()
    return None if asked is None else Workplace(asked.written_name, asked.state, pending=True, since=None)


def open_requests(session: Session, state_ids: Collection[int] | None) -> list[ObligedSubjectRequest]:
    """«No lo encuentro» that nobody has answered, oldest first, of those states (None: of all)."""
    query = select(ObligedSubjectRequest).filter_by(state="open").order_by(ObligedSubjectRequest.id)
    if state_ids is not None:
        query = query.where(ObligedSubjectRequest.federal_state_id.in_(state_ids))
    return list(session.scalars(query))


def request_by_public_id(session: Session, public_id: str) -> ObligedSubjectRequest | None:
    return session.scalar(select(ObligedSubjectRequest).filter_by(public_id=public_id))


# --- privacy ----------------------------------------------------------------------------------------------------


def current_notice(session: Session, language: str) -> PrivacyNotice | None:
    """The newest privacy notice, in that language if it has it, else in Spanish. None before the first one."""
    newest = session.scalar(
        select(PrivacyNotice.version).order_by(PrivacyNotice.published_at.desc(), PrivacyNotice.id.desc()).limit(1)
    )
    return None if newest is None else notice(session, newest, language)


def notice(session: Session, version: str, language: str) -> PrivacyNotice | None:
    """A version of the notice, in that language if it has it, else in Spanish."""
    rows = {row.language: row for row in session.scalars(select(PrivacyNotice).filter_by(version=version))}
    return rows.get(language) or rows.get("es")


def notice_versions(session: Session) -> list[tuple[str, datetime]]:
    """Every version with the moment it was published, newest first."""
    rows = session.execute(
        select(PrivacyNotice.version, func.min(PrivacyNotice.published_at))
        .group_by(PrivacyNotice.version)
        .order_by(func.min(PrivacyNotice.published_at).desc(), PrivacyNotice.version.desc())
    )
    return [(version, at) for version, at in rows]


def wants_invitations(session: Session, person_id: int) -> bool:
    """What the person last chose about invitations to courses."""
    return bool(
        session.scalar(
            select(PrivacyAcceptance.invitations)
            .filter_by(person_id=person_id)
            .order_by(PrivacyAcceptance.id.desc())
            .limit(1)
        )
    )
