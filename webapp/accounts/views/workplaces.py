"""Finding the obliged subject that a person means, with and without JavaScript."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.accounts.forms import WorkplaceFields, options
from webapp.core.clock import local_date
from webapp.organizations import queries as organizations
from webapp.organizations.models import ObligedSubject, State
from webapp.organizations.names import search_key

ZONE = "America/Mexico_City"  # whose day decides which names are offered
MOST_MATCHES = 8
NONE_OF_THESE = "ninguno"


@dataclass(frozen=True)
class Choice:
    """What the person chose: an obliged subject, or (None) a written name in a state."""

    subject: ObligedSubject | None
    written_name: str
    state: State | None


def offer_states(session: Session, form: WorkplaceFields) -> None:
    """Fill the list of states; must be done before the form is validated."""
    states = ((state.iso, state.name) for state in organizations.states(session))
    form.state.choices = options([("", _("Elige un estado")), *states])


def chosen(session: Session, form: WorkplaceFields, now: datetime) -> Choice | None:
    """What a form that is valid in shape means. None when the person must still decide: then the form says what."""
    name = form.subject_name.data or ""
    state = organizations.state_by_iso(session, form.state.data) if form.state.data else None
    if form.not_found.data or form.match.data == NONE_OF_THESE:
        return _written(form, name, state)
    picked = form.subject.data or form.match.data
    if picked:
        subject = _of_today(session, picked, now)
        if subject is not None:
            return Choice(subject, "", None)
    matches = organizations.search_obliged_subjects(
        session, name, state.id if state else None, on=local_date(now, ZONE), limit=MOST_MATCHES
    )
    same = [one for one in matches if search_key(one.name) == search_key(name)]
    if len(same) == 1:
        return Choice(same[0], "", None)
    form.subject.data = ""
    if not matches:
        form.subject_name.errors = [
            _("No encontramos ese nombre. Revísalo, o marca «No lo encuentro» y sigue: no te detiene.")
        ]
        return None
    found = [(one.public_id, f"{one.name} · {one.state.name}") for one in matches]
    form.match.choices = options([*found, (NONE_OF_THESE, _("Ninguno de estos"))])
    form.match.errors = [_("Elige tu sujeto obligado de la lista.")]
    return None


def _written(form: WorkplaceFields, name: str, state: State | None) -> Choice | None:
    form.not_found.data = True
    if state is None:
        form.state.errors = [_("Elige el estado donde está: así sabemos a quién preguntarle.")]
        return None
    return Choice(None, name, state)


def _of_today(session: Session, public_id: str, now: datetime) -> ObligedSubject | None:
    """The obliged subject with that public id, if it exists on this day."""
    found = organizations.obliged_subject_by_public_id(session, public_id)
    if found is None:
        return None
    today = local_date(now, found.time_zone)
    return found if found.valid_from <= today and (found.valid_to is None or today < found.valid_to) else None
