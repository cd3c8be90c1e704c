"""What people change in their own account."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.accounts import queries
from webapp.accounts.errors import AccountsError
from webapp.accounts.models import Person, PrivacyAcceptance, Sex
from webapp.accounts.services.letters import send_notice_letter
from webapp.accounts.services.people import set_name
from webapp.core import audit


def change_details(
    session: Session,
    person: Person,
    *,
    given_names: str,
    first_surname: str,
    second_surname: str,
    post: str,
    sex: Sex,
    now: datetime,
) -> None:
    """Change name, function and sex. Constancias that were issued keep theirs; they are reissued on request."""
    renamed = (person.given_names, person.first_surname, person.second_surname) != (
        given_names,
        first_surname,
        second_surname,
    )
    set_name(person, given_names, first_surname, second_surname)
    person.post, person.sex, person.update_datetime = post, sex, now
    session.flush()
    audit.record(session, now, person.id, "accounts.details_changed", f"person:{person.id}", name=renamed)


def set_language(session: Session, person: Person, language: str, now: datetime) -> None:
    """Choose the language of the mails."""
    person.language, person.update_datetime = language, now
    session.flush()


def choose_invitations(session: Session, person: Person, wanted: bool, now: datetime) -> None:
    """Say yes or no to invitations; the choice is kept beside the notice under which it was made."""
    last = session.scalar(
        select(PrivacyAcceptance).filter_by(person_id=person.id).order_by(PrivacyAcceptance.id.desc()).limit(1)
    )
    if last is None:
        raise AccountsError("no_notice", _l("Primero acepta el aviso de privacidad."))
    session.add(
        PrivacyAcceptance(
            person_id=person.id,
            version=last.version,
            text_hash=last.text_hash,
            accepted_at=now,
            channel="cuenta",
            invitations=wanted,
        )
    )
    session.flush()


def set_personal_email(session: Session, person: Person, email: str, now: datetime) -> None:
    """Keep a second address, proven by a code, which also opens the account: it outlives a job."""
    _refuse_taken(session, person, email)
    if email == person.email:
        raise AccountsError("same_email", _l("Ese ya es tu correo de trabajo. Usa otro, que no dependa de tu empleo."))
    person.personal_email, person.personal_email_confirmed_at = email, now
    _note_email(session, person, "accounts.personal_email_set", "personal-email-changed", (person.email,), now)


def drop_personal_email(session: Session, person: Person, now: datetime) -> None:
    """Forget the second address."""
    old = person.personal_email
    if old is None:
        return
    person.personal_email = person.personal_email_confirmed_at = None
    _note_email(session, person, "accounts.personal_email_dropped", "personal-email-changed", (person.email, old), now)


def set_work_email(session: Session, person: Person, email: str, now: datetime) -> None:
    """Replace the address of work by another one, proven by a code."""
    _refuse_taken(session, person, email)
    if email == person.personal_email:
        raise AccountsError("same_email", _l("Ese ya es tu correo personal. Quítalo primero, o usa otro."))
    old, person.email = person.email, email
    others = (old, person.personal_email) if person.personal_email else (old,)
    _note_email(session, person, "accounts.work_email_set", "email-changed", others, now)


def _refuse_taken(session: Session, person: Person, email: str) -> None:
    """Only whoever has proven that they read `email` gets here, so saying that it is taken gives nothing away."""
    other = session.scalar(
        select(Person.id)
        .where(Person.id != person.id, or_(Person.email == email, Person.personal_email == email))
        .limit(1)
    )
    if other is not None:
        raise AccountsError(
            "email_taken", _l("Ese correo ya es de otra cuenta. Si es tuya, entra con él y quítalo de ahí primero.")
        )


def _note_email(
    session: Session, person: Person, action: str, letter: str, addresses: tuple[str, ...], now: datetime
) -> None:
    person.update_datetime = now
    session.flush()
    audit.record(session, now, person.id, action, f"person:{person.id}")
    for address in addresses:
        send_notice_letter(session, address, person.language, letter, now)


def request_password_reset(session: Session, email: str, language: str, now: datetime) -> Person | None:
    """Whose password may be set by a link sent to this address. The caller mails either way, so that nothing shows."""
    person = queries.person_by_email(session, email)
    audit.record(session, now, None, "accounts.reset_asked", "address")
    return person if person is not None and person.active else None
