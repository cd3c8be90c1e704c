"""Where people work, with dates: joining an obliged subject, leaving it, and answering «no lo encuentro»."""

from __future__ import annotations

from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.accounts.errors import AccountsError
from webapp.accounts.models import Affiliation, ObligedSubjectRequest, Person
from webapp.core import audit
from webapp.core.clock import local_date
from webapp.core.db import lock_for_update
from webapp.organizations.models import ObligedSubject, State


def join(session: Session, person: Person, subject: ObligedSubject, valid_from: date, now: datetime) -> Affiliation:
    """Open an affiliation from a day of the obliged subject's place. None other may be open."""
    row = Affiliation(person_id=person.id, obliged_subject_id=subject.id, valid_from=valid_from, created_at=now)
    session.add(row)
    session.flush()
    return row


def ask_for_subject(session: Session, person: Person, written_name: str, state: State, now: datetime) -> None:
    """«No lo encuentro»: note what was written for the coordinator of the state. Blocks nothing."""
    session.add(
        ObligedSubjectRequest(
            person_id=person.id, federal_state_id=state.id, written_name=written_name[:250], created_at=now
        )
    )
    session.flush()


def change_workplace(
    session: Session,
    person: Person,
    subject: ObligedSubject | None,
    written_name: str,
    state: State | None,
    now: datetime,
) -> None:
    """A person says where they work from today on: an obliged subject, or a written name and its state.

    The affiliation until now ends today by the calendar of its own place; history stays. A question that was open
    is withdrawn, because the person has answered it.
    """
    present = _open_affiliation(session, person.id)
    if subject is not None and present is not None and present.obliged_subject_id == subject.id:
        raise AccountsError("same_workplace", _l("Ya estás en ese sujeto obligado. No hay nada que cambiar."))
    _withdraw_requests(session, person.id, now)
    if present is not None:
        zone = session.scalar(select(ObligedSubject.time_zone).filter_by(id=present.obliged_subject_id)) or "UTC"
        present.valid_to = max(present.valid_from, local_date(now, zone))
        session.flush()
    if subject is not None:
        join(session, person, subject, local_date(now, subject.time_zone), now)
    elif state is not None:
        ask_for_subject(session, person, written_name, state, now)
    audit.record(
        session,
        now,
        person.id,
        "accounts.workplace_changed",
        f"person:{person.id}",
        obliged_subject_id=subject.id if subject is not None else None,
    )


def decide_request(
    session: Session,
    actor: Person,
    request: ObligedSubjectRequest,
    *,
    obliged_subject: ObligedSubject | None,
    valid_from: date | None,
    reason: str,
    now: datetime,
) -> None:
    """Answer «no lo encuentro»: link the person to an obliged subject from a day on, or decline with a reason.

    Only the affiliation is made here; correcting what was accredited meanwhile is for the room above.
    """
    lock_for_update(session, request)
    if request.state != "open":
        raise AccountsError("request_decided", _l("Alguien ya respondió esta solicitud. Vuelve a cargar la lista."))
    reason = reason.strip()
    if obliged_subject is None:
        if not reason:
            raise AccountsError("no_reason", _l("Escribe el motivo: la persona lo va a leer."))
        request.state = "declined"
    else:
        if valid_from is None:
            raise AccountsError("no_date", _l("Escribe desde qué día trabaja ahí."))
        _link(session, request, obliged_subject, valid_from, now)
        request.state = "linked"
        request.obliged_subject_id = obliged_subject.id
    request.reason = reason
    request.decided_at, request.decided_by_id = now, actor.id
    session.flush()
    audit.record(
        session,
        now,
        actor.id,
        f"accounts.request_{request.state}",
        f"request:{request.id}",
        obliged_subject_id=request.obliged_subject_id,
        valid_from=valid_from.isoformat() if valid_from is not None else None,
    )


def _link(
    session: Session, request: ObligedSubjectRequest, subject: ObligedSubject, valid_from: date, now: datetime
) -> None:
    if valid_from > local_date(now, subject.time_zone):
        raise AccountsError("future_date", _l("La fecha desde la que trabaja ahí no puede ser futura."))
    if valid_from < subject.valid_from or (subject.valid_to is not None and valid_from >= subject.valid_to):
        raise AccountsError(
            "outside_validity",
            _l("Ese sujeto obligado no existía en esa fecha. Elige otra fecha u otro sujeto obligado."),
        )
    person = session.get_one(Person, request.person_id)
    last = session.scalar(
        select(Affiliation)
        .filter_by(person_id=person.id)
        .order_by(Affiliation.valid_from.desc(), Affiliation.id.desc())
        .limit(1)
    )
    if last is not None and (last.valid_to is None or last.valid_to > valid_from):
        raise AccountsError(
            "overlap", _l("La persona estaba en otro sujeto obligado en esa fecha. Elige una fecha posterior.")
        )
    join(session, person, subject, valid_from, now)


def _open_affiliation(session: Session, person_id: int) -> Affiliation | None:
    return session.scalar(
        select(Affiliation).where(Affiliation.person_id == person_id, Affiliation.valid_to.is_(None)).with_for_update()
    )


def _withdraw_requests(session: Session, person_id: int, now: datetime) -> None:
    session.execute(
        update(ObligedSubjectRequest)
        .where(ObligedSubjectRequest.person_id == person_id, ObligedSubjectRequest.state == "open")
        .values(state="declined", reason="retirada por la persona", decided_at=now, decided_by_id=person_id)
    )
