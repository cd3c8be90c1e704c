"""Reading achievements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased, joinedload

from webapp.core.clock import local_date
from webapp.core.clock import now as clock_now
from webapp.core.db import rows
from webapp.organizations.models import Authority, ObligedSubject
from webapp.records.models import Accreditation, Constancia

ConstanciaState = Literal["vigente", "vencida", "sustituida", "revocada"]


@dataclass(frozen=True)
class CurrentConstancia:
    """What other pages need of the constancia of an achievement."""

    folio: str
    code: str


# Built once, because it stands on a hot page and building it costs more than running it.
_CURRENT_CONSTANCIA = (
    select(Constancia.folio, Constancia.code)
    .join(Accreditation, Accreditation.id == Constancia.accreditation_id)
    .where(Accreditation.source == bindparam("source"), Constancia.superseded_at.is_(None))
)


def current_constancia(session: Session, source: str) -> CurrentConstancia | None:
    """The constancia in use for what `source` earned ("enrolment:12"): the last one issued."""
    row = rows(session, _CURRENT_CONSTANCIA, source=source).first()
    return None if row is None else CurrentConstancia(row.folio, row.code)


def constancias_of(session: Session, person_id: int) -> Sequence[Constancia]:
    """Every constancia of a person with its accreditation, the newest first."""
    return session.scalars(
        select(Constancia)
        .options(joinedload(Constancia.accreditation))
        .where(Constancia.person_id == person_id)
        .order_by(Constancia.id.desc())
    ).all()


def constancia_by_code(session: Session, code: str) -> Constancia | None:
    """The constancia under a verification code."""
    return session.scalars(
        select(Constancia).options(joinedload(Constancia.accreditation)).where(Constancia.code == code)
    ).first()


def constancia_by_folio(session: Session, folio: str) -> Constancia | None:
    """The constancia under a folio, however its letters were typed."""
    return session.scalars(
        select(Constancia).options(joinedload(Constancia.accreditation)).where(Constancia.folio == folio.upper())
    ).first()


def successor(session: Session, constancia_id: int) -> Constancia | None:
    """The constancia that replaced another."""
    return session.scalars(select(Constancia).filter_by(supersedes_id=constancia_id)).first()


def issuer(session: Session, constancia: Constancia) -> Authority:
    """The authority that issued it."""
    return session.get_one(Authority, constancia.issuer_id)


def obliged_subject_name(session: Session, obliged_subject_id: int | None) -> str:
    """The name of an obliged subject, "" for None."""
    if obliged_subject_id is None:
        return ""
    return session.scalar(select(ObligedSubject.name).where(ObligedSubject.id == obliged_subject_id)) or ""


def state_of(constancia: Constancia, today: date) -> ConstanciaState:
    """In which state a constancia is on a day of its issuer's zone."""
    if constancia.revoked_at is not None:
        return "revocada"
    if constancia.superseded_at is not None:
        return "sustituida"
    if constancia.valid_until is not None and constancia.valid_until < today:
        return "vencida"
    return "vigente"


def today_of(session: Session, constancia: Constancia) -> date:
    """Today, where the issuer is."""
    return local_date(clock_now(), issuer(session, constancia).time_zone)


def uncorrected(session: Session, person_id: int) -> Sequence[Accreditation]:
    """The accreditations of a person that count: the last of each chain of corrections."""
    later = aliased(Accreditation)
    return session.scalars(
        select(Accreditation)
        .where(Accreditation.person_id == person_id)
        .where(~select(later.id).where(later.corrects_id == Accreditation.id).exists())
        .order_by(Accreditation.id)
    ).all()
