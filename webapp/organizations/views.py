"""The type-ahead of the padrón."""

from __future__ import annotations

import re

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue

from webapp.core.access import public
from webapp.core.clock import local_date, now
from webapp.core.db import db
from webapp.organizations import queries
from webapp.organizations.models import ObligedSubject
from webapp.organizations.names import search_key

blueprint = Blueprint("organizations", __name__)

FEWEST_LETTERS = 2
MOST_RESULTS = 10
ZONE = "America/Mexico_City"  # whose day decides which names are offered; an hour more or less changes nothing recorded


@blueprint.get("/padron/buscar")
@public
def search() -> ResponseReturnValue:
    """`?q=` at least two letters, `?estado=` an ISO code ("MX-BCS") or nothing: at most ten `{id, label, detail}`.

    An unknown state is a 400: offering names of the whole country instead would be a silent surprise.
    """
    text, iso = request.args.get("q", "")[:250], request.args.get("estado", "")
    session = db.session()
    state = queries.state_by_iso(session, iso) if re.fullmatch(r"MX-[A-Z]{3}", iso) else None
    if iso and state is None:
        abort(400, "No conocemos ese estado.")
    found: list[ObligedSubject] = []
    if len(search_key(text).replace(" ", "")) >= FEWEST_LETTERS:
        found = queries.search_obliged_subjects(
            session, text, state.id if state else None, on=local_date(now(), ZONE), limit=MOST_RESULTS
        )
    response = jsonify([{"id": one.public_id, "label": one.name, "detail": detail(one)} for one in found])
    # The same for whoever asks, but the padrón changes, and a shared cache would know what people look for.
    response.headers["Cache-Control"] = "private, max-age=60"
    return response


def detail(subject: ObligedSubject) -> str:
    """What tells two names apart, in Spanish: "Tijuana, Baja California · municipal"."""
    place = ", ".join(part for part in (subject.municipality, subject.state.name) if part)
    return f"{place} · {subject.level}"
