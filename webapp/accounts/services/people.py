"""People: how an account begins, and the one screen that gives it a name."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.accounts import queries
from webapp.accounts.errors import AccountsError
from webapp.accounts.models import Person, PrivacyAcceptance, PrivacyNotice, Sex
from webapp.accounts.services.affiliations import ask_for_subject, join
from webapp.core import audit
from webapp.core.clock import local_date
from webapp.organizations.models import ObligedSubject, State
from webapp.organizations.names import search_key


def create_person(
    session: Session,
    *,
    email: str,
    now: datetime,
    given_names: str = "",
    first_surname: str = "",
    second_surname: str = "",
    sex: Sex = "no-especificado",
    post: str = "",
    language: str = "es",
    registered: bool = False,
    demo: bool = False,
) -> Person:
    """Add a person whose address is known to be theirs. `registered` = the screen with name and workplace is done."""
    person = Person(
        email=email.strip().lower(),
        given_names=given_names,
        first_surname=first_surname,
        second_surname=second_surname,
        search_name=search_name(given_names, first_surname, second_surname),
        sex=sex,
        post=post,
        language=language,
        registered_at=now if registered else None,
        created_at=now,
        confirmed_at=now,
        create_datetime=now,
        update_datetime=now,
        active=True,
        demo=demo,
        fs_uniquifier=uuid.uuid4().hex,
        fs_webauthn_user_handle=uuid.uuid4().hex,
    )
    session.add(person)
    session.flush()
    return person


def search_name(given_names: str, first_surname: str, second_surname: str) -> str:
    """How a name is kept for searching: lower case, no accents."""
    return search_key(" ".join((given_names, first_surname, second_surname)))[:250]


def person_of_address(session: Session, email: str, language: str, now: datetime) -> Person:
    """Who reads this address: the person who has it, or a new one. Called only when that was proven by a code."""
    found = queries.person_by_email(session, email)
    if found is not None:
        return found
    try:
        with session.begin_nested():
            person = create_person(session, email=email, now=now, language=language)
    except IntegrityError:  # another tab was quicker
        found = queries.person_by_email(session, email)
        if found is None:
            raise
        return found
    audit.record(session, now, person.id, "accounts.created", f"person:{person.id}")
    return person


@dataclass(frozen=True)
class Registration:
    """What the registration screen asks. Either `subject`, or `written_name` with `state` («no lo encuentro»)."""

    given_names: str
    first_surname: str
    second_surname: str
    post: str
    sex: Sex
    subject: ObligedSubject | None
    written_name: str
    state: State | None
    notice: PrivacyNotice | None
    invitations: bool


def register(session: Session, person: Person, entry: Registration, now: datetime) -> None:
    """Give an account its name, workplace and accepted privacy notice. Once."""
    if person.registered_at is not None:
        raise AccountsError("already_registered", _l("Tu registro ya estaba completo."))
    set_name(person, entry.given_names, entry.first_surname, entry.second_surname)
    person.post, person.sex = entry.post, entry.sex
    person.registered_at = person.update_datetime = now
    if entry.subject is not None:
        join(session, person, entry.subject, local_date(now, entry.subject.time_zone), now)
    elif entry.state is not None:
        ask_for_subject(session, person, entry.written_name, entry.state, now)
    if entry.notice is not None:
        accept_notice(session, person, entry.notice, entry.invitations, now)
    session.flush()
    audit.record(session, now, person.id, "accounts.registered", f"person:{person.id}")


def set_name(person: Person, given_names: str, first_surname: str, second_surname: str) -> None:
    person.given_names, person.first_surname, person.second_surname = given_names, first_surname, second_surname
    person.search_name = search_name(given_names, first_surname, second_surname)


def accept_notice(
    session: Session, person: Person, notice: PrivacyNotice, invitations: bool, now: datetime
) -> PrivacyAcceptance:
    """Note that a person was shown this version of the notice and accepted it."""
    row = PrivacyAcceptance(
        person_id=person.id,
        version=notice.version,
        text_hash=notice.text_hash,
        accepted_at=now,
        invitations=invitations,
    )
    session.add(row)
    session.flush()
    return row
