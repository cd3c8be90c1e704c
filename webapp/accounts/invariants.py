"""Rules of people that `aula verify` proves."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from webapp.accounts.models import (
    AccountSession,
    Affiliation,
    Person,
    PrivacyAcceptance,
    PrivacyNotice,
    RoleGrant,
)
from webapp.accounts.notices import NoticeText
from webapp.core.registry import Breach, invariant


@invariant("addresses")
def addresses(session: Session) -> Iterable[Breach]:
    """Addresses are in lower case, a personal one is confirmed, and no address opens two accounts."""
    odd = session.scalars(
        select(Person.id).where(
            or_(
                Person.email != func.lower(Person.email),
                Person.personal_email != func.lower(Person.personal_email),
                Person.personal_email.is_not(None) & Person.personal_email_confirmed_at.is_(None),
                Person.personal_email == Person.email,
            )
        )
    )
    for person_id in odd:
        yield Breach("addresses", f"person {person_id}: an address is not as it must be")
    other = aliased(Person)
    shared = session.execute(select(Person.id, other.id).join(other, other.personal_email == Person.email))
    for one, two in shared:
        yield Breach("addresses", f"persons {one} and {two} share an address")


@invariant("one-open-affiliation")
def affiliations(session: Session) -> Iterable[Breach]:
    """A person has at most one open affiliation, and none that overlap by more than the day of the change."""
    rows = session.execute(
        select(Affiliation.person_id, Affiliation.valid_from, Affiliation.valid_to).order_by(
            Affiliation.person_id, Affiliation.valid_from, Affiliation.id
        )
    )
    for (one, _from, until), (two, begins, _until) in pairwise(rows):
        # Two places may write different days at the same instant, hence the one day of grace.
        if one == two and (until is None or (until - begins).days > 1):
            yield Breach("one-open-affiliation", f"person {one}: affiliations overlap on {begins}")


@invariant("registered-people-have-names")
def registered_people(session: Session) -> Iterable[Breach]:
    """Whoever is registered has a name; a notice that was accepted exists in that version and text."""
    nameless = session.scalars(
        select(Person.id).where(
            Person.registered_at.is_not(None), or_(Person.given_names == "", Person.first_surname == "")
        )
    )
    for person_id in nameless:
        yield Breach("registered-people-have-names", f"person {person_id} is registered without a name")
    unknown = session.scalars(
        select(PrivacyAcceptance.id)
        .outerjoin(
            PrivacyNotice,
            (PrivacyNotice.version == PrivacyAcceptance.version)
            & (PrivacyNotice.text_hash == PrivacyAcceptance.text_hash),
        )
        .where(PrivacyNotice.id.is_(None))
    )
    for row in unknown:
        yield Breach("registered-people-have-names", f"acceptance {row} is of a notice that does not exist")


@invariant("notices-unchanged")
def notices(session: Session) -> Iterable[Breach]:
    """The text of a published notice is the one that its hash was made of."""
    for row in session.scalars(select(PrivacyNotice)):
        if NoticeText(row.simplified_html, row.integral_html).hash != row.text_hash:
            yield Breach(
                "notices-unchanged", f"notice {row.version} ({row.language}) was changed after it was published"
            )


@invariant("closed-accounts-have-no-sessions")
def closed_accounts(session: Session) -> Iterable[Breach]:
    """Who was deactivated has no open session, and no role ended before it began."""
    rows = session.scalars(
        select(AccountSession.id).join(Person).where(~Person.active, AccountSession.ended_at.is_(None))
    )
    for row in rows:
        yield Breach("closed-accounts-have-no-sessions", f"session {row} of a closed account is open")
    ghosts = session.scalars(
        select(RoleGrant.id).where(RoleGrant.revoked_at.is_not(None), RoleGrant.revoked_at < RoleGrant.granted_at)
    )
    for row in ghosts:
        yield Breach("closed-accounts-have-no-sessions", f"role grant {row} ended before it began")
