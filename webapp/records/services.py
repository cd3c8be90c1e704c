"""The verbs of records: accredit, correct, re-issue, revoke. All run inside the caller's transaction."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.accounts.models import ObligedSubjectRequest, Person
from webapp.accounts.services import decide_request
from webapp.core import audit
from webapp.core.clock import local_date
from webapp.core.db import random_id
from webapp.core.jobs import enqueue
from webapp.core.mail import queue_mail
from webapp.organizations.models import Authority, ObligedSubject
from webapp.organizations.queries import authority_by_key
from webapp.records import queries
from webapp.records.codes import folio, new_code
from webapp.records.models import Accreditation, Constancia, FolioSeries
from webapp.records.names import has_letter, undrawable, visible


class RecordsError(Exception):
    """Something that may not be done to a record. `code` is stable; the text names the cause and the way out."""

    def __init__(self, code: str, text: LazyString) -> None:
        super().__init__(code)
        self.code, self.text = code, text


def name_problem(name: str) -> RecordsError | None:
    """Why no constancia can carry this name (`name_missing`, `name_undrawable`); None when it can."""
    if not has_letter(name):
        return RecordsError(
            "name_missing", _l("Todavía no has escrito tu nombre. Escríbelo en Mi cuenta y vuelve aquí.")
        )
    refused = undrawable(name)
    return undrawable_error(refused) if refused else None


def undrawable_error(characters: str) -> RecordsError:
    """A constancia cannot show these characters, which came with a name."""
    return RecordsError(
        "name_undrawable",
        _l(
            "Tu nombre lleva «%(characters)s», que la constancia no puede mostrar. Corrígelo en Mi cuenta: se "
            "aceptan letras, espacios, puntos, guiones y apóstrofos.",
            characters=characters,
        ),
    )


@dataclass(frozen=True)
class Achievement:
    """What was achieved, with everything as it is at this moment. `source` is what earned it, once."""

    source: str
    person_id: int
    name: str  # as it must be printed
    course_slug: str
    course_title: str
    topic: str
    revision: str
    hours: Decimal
    score: int  # 0–100
    pass_mark: int
    issuer_key: str  # of the authority that answers for it
    validity_months: int | None
    obliged_subject_id: int | None
    state_id: int | None
    sex: str


def accredit(session: Session, achievement: Achievement, now: datetime, with_document: bool = True) -> Constancia:
    """Write down the achievement and issue its constancia; both are kept, or neither.

    `with_document=False` leaves the PDF for the first time that it is asked for (many issued at once).
    Raises RecordsError `unknown_issuer` when no authority has that key.
    """
    issuer = authority_by_key(session, achievement.issuer_key)
    if issuer is None:
        raise RecordsError(
            "unknown_issuer", _l("La autoridad que expide no está en el padrón; avisa a la administración.")
        )
    day = local_date(now, issuer.time_zone)
    row = Accreditation(
        source=achievement.source,
        person_id=achievement.person_id,
        course_slug=achievement.course_slug,
        course_title=achievement.course_title,
        topic=achievement.topic,
        revision=achievement.revision,
        hours=achievement.hours,
        score=achievement.score,
        pass_mark=achievement.pass_mark,
        issuer_id=issuer.id,
        obliged_subject_id=achievement.obliged_subject_id,
        state_id=achievement.state_id,
        sex=achievement.sex,
        accredited_at=now,
        accredited_on=day,
        recorded_at=now,
    )
    session.add(row)
    session.flush()
    valid_until = None if achievement.validity_months is None else add_months(day, achievement.validity_months)
    constancia = _issue(session, row, issuer, achievement.name, valid_until, None, now)
    audit.record(session, now, row.person_id, "records.accredited", f"accreditation:{row.id}", folio=constancia.folio)
    if with_document:
        enqueue(session, "records.render", now, constancia_id=constancia.id)
    return constancia


def _issue(
    session: Session,
    accreditation: Accreditation,
    issuer: Authority,
    name: str,
    valid_until: date | None,
    supersedes: Constancia | None,
    now: datetime,
) -> Constancia:
    day = local_date(now, issuer.time_zone)
    number = _next_number(session, issuer.id, day.year)
    code, name_of_folio = new_code(), folio(issuer.key, day.year, number)
    snapshot = _snapshot(session, accreditation, issuer, name, name_of_folio, code, day, valid_until)
    row = Constancia(
        accreditation_id=accreditation.id,
        person_id=accreditation.person_id,
        issuer_id=issuer.id,
        year=day.year,
        number=number,
        folio=name_of_folio,
        code=code,
        name=name,
        snapshot=snapshot,
        snapshot_hash=hash_snapshot(snapshot),
        issued_at=now,
        issued_on=day,
        valid_until=valid_until,
        supersedes_id=supersedes.id if supersedes is not None else None,
    )
    session.add(row)
    session.flush()
    return row


def _next_number(session: Session, issuer_id: int, year: int) -> int:
    """The next folio of a series, holding the series until the end of the transaction: no gap, no repeat."""
    wanted = select(FolioSeries).filter_by(issuer_id=issuer_id, year=year).with_for_update()
    series = session.scalars(wanted.execution_options(populate_existing=True)).first()
    if series is None:
        try:
            with session.begin_nested():
                session.add(FolioSeries(issuer_id=issuer_id, year=year, last_number=0))
        except IntegrityError:  # somebody else began the series at this moment
            session.expire_all()
        series = session.scalars(wanted.execution_options(populate_existing=True)).one()
    series.last_number += 1
    session.flush()
    return series.last_number


def _snapshot(
    session: Session,
    accreditation: Accreditation,
    issuer: Authority,
    name: str,
    name_of_folio: str,
    code: str,
    issued_on: date,
    valid_until: date | None,
) -> dict[str, Any]:
    """What the document says, word for word, so that it can be made again and proven unchanged."""
    return {
        "folio": name_of_folio,
        "code": code,
        "name": name,
        "course_title": accreditation.course_title,
        "hours": str(accreditation.hours),
        "score": accreditation.score if accreditation.pass_mark else None,  # nothing was graded without a mark
        "accredited_on": accreditation.accredited_on.isoformat(),
        "issued_on": issued_on.isoformat(),
        "valid_until": valid_until.isoformat() if valid_until else None,
        "issuer_name": issuer.name,
        "obliged_subject_name": queries.obliged_subject_name(session, accreditation.obliged_subject_id),
        "revision": accreditation.revision,
    }


def hash_snapshot(snapshot: dict[str, Any]) -> str:
    """SHA-256 of a snapshot, independent of the order of its keys."""
    return hashlib.sha256(json.dumps(snapshot, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or the last day of that month when it has fewer."""
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise ValueError(f"no such month: {year}-{month + 1}")


def _hold(session: Session, constancia: Constancia) -> None:
    """Read a constancia again and keep others from changing it. Its own row only: PostgreSQL locks no outer join."""
    wanted = select(Constancia).where(Constancia.id == constancia.id).with_for_update()
    session.scalars(wanted.execution_options(populate_existing=True)).one()


def reissue(session: Session, constancia: Constancia, person: Person, now: datetime) -> Constancia:
    """Issue the constancia again under the person's present name; the old one is superseded and says so.

    Asked twice (a double click), it is issued once. Raises RecordsError `not_current`, `same_name`, or what
    `name_problem` says of the name.
    """
    _hold(session, constancia)
    name = visible(person.full_name)
    follows = queries.successor(session, constancia.id)
    if follows is not None and follows.name == name:
        return follows
    if constancia.revoked_at is not None or constancia.superseded_at is not None:
        raise RecordsError(
            "not_current", _l("Solo se vuelve a expedir una constancia que no esté sustituida ni revocada.")
        )
    if constancia.name == name:
        raise RecordsError("same_name", _l("La constancia ya lleva tu nombre actual."))
    problem = name_problem(name)
    if problem is not None:
        raise problem
    accreditation = session.get_one(Accreditation, constancia.accreditation_id)
    issuer = session.get_one(Authority, constancia.issuer_id)
    constancia.superseded_at = now
    session.flush()
    new = _issue(session, accreditation, issuer, name, constancia.valid_until, constancia, now)
    audit.record(
        session,
        now,
        person.id,
        "records.reissued",
        f"constancia:{constancia.id}",
        folio=new.folio,
        old=constancia.folio,
    )
    enqueue(session, "records.render", now, constancia_id=new.id)
    return new


def revoke(session: Session, actor: Person, constancia: Constancia, reason: str, now: datetime) -> None:
    """Withdraw a constancia that should not exist, for a reason that the verification page shows."""
    if not reason.strip():
        raise RecordsError("no_reason", _l("Escribe el motivo: la página de verificación lo muestra."))
    _hold(session, constancia)
    if constancia.revoked_at is not None:
        raise RecordsError("already_revoked", _l("Esta constancia ya está revocada."))
    constancia.revoked_at, constancia.revocation_reason = now, reason.strip()
    session.flush()
    audit.record(session, now, actor.id, "records.revoked", f"constancia:{constancia.id}", reason=reason.strip())
    person = session.get_one(Person, constancia.person_id)
    queue_mail(
        session,
        person.email,
        f"Constancia revocada: {constancia.folio}",
        f"Hola, {person.given_names}:\n\nLa constancia {constancia.folio} ({constancia.snapshot['course_title']}) se "
        f"revocó.\nMotivo: {reason.strip()}\n\nSi crees que es un error, responde a la coordinación de tu estado.\n",
        now,
    )


def correct(
    session: Session,
    actor: Person,
    accreditation: Accreditation,
    obliged_subject: ObligedSubject,
    reason: str,
    now: datetime,
) -> Accreditation:
    """Add the accreditation that says where the person really was that day; the first one stays as it is."""
    row = Accreditation(
        public_id=random_id(),
        source=accreditation.source,
        person_id=accreditation.person_id,
        course_slug=accreditation.course_slug,
        course_title=accreditation.course_title,
        topic=accreditation.topic,
        modality=accreditation.modality,
        revision=accreditation.revision,
        hours=accreditation.hours,
        score=accreditation.score,
        pass_mark=accreditation.pass_mark,
        issuer_id=accreditation.issuer_id,
        obliged_subject_id=obliged_subject.id,
        state_id=obliged_subject.state_id,
        sex=accreditation.sex,
        accredited_at=accreditation.accredited_at,
        accredited_on=accreditation.accredited_on,
        recorded_at=now,
        corrects_id=accreditation.id,
        correction_reason=reason,
    )
    session.add(row)
    session.flush()
    audit.record(
        session, now, actor.id, "records.corrected", f"accreditation:{accreditation.id}", by=row.id, reason=reason
    )
    return row


def link_obliged_subject(
    session: Session,
    actor: Person,
    request: ObligedSubjectRequest,
    obliged_subject: ObligedSubject,
    valid_from: date,
    now: datetime,
) -> list[Accreditation]:
    """Answer «no lo encuentro» with an obliged subject: affiliate the person from `valid_from` and correct what was
    accredited since without one.

    What was accredited under another state stays there: its coordinator did not ask.
    """
    decide_request(session, actor, request, obliged_subject=obliged_subject, valid_from=valid_from, reason="", now=now)
    return [
        correct(session, actor, row, obliged_subject, f"solicitud {request.public_id}", now)
        for row in queries.uncorrected(session, request.person_id)
        if row.obliged_subject_id is None
        and row.state_id in {None, obliged_subject.state_id}
        and local_date(row.accredited_at, obliged_subject.time_zone) >= valid_from
    ]
