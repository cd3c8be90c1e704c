"""The blueprint of the room, and what every page of it starts from."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, abort, current_app
from sqlalchemy.orm import Session
from werkzeug.exceptions import Conflict, HTTPException

from webapp.accounts.models import Person
from webapp.authoring import queries
from webapp.authoring.errors import DraftError
from webapp.authoring.models import Draft
from webapp.authoring.policies import can_author
from webapp.catalog.policies import TEACHERS
from webapp.core.access import current_actor
from webapp.core.clock import now
from webapp.core.scan import Scanner

AUTHORS = TEACHERS
HOME = "/estudio"

blueprint = Blueprint("authoring", __name__)


def author() -> Person:
    """Whoever is signed in; the access mark of the view has let in nobody else."""
    return cast("Person", current_actor())


def draft_or_404(session: Session, public_id: str) -> Draft:
    """A draft that whoever asks may work on; any other does not exist."""
    draft = queries.draft_by_public_id(session, public_id)
    if draft is None or not can_author(session, author(), draft, now().date()):
        abort(404)
    return draft


def draft_path(draft: Draft, *rest: str) -> str:
    """The address of a draft or of something in it."""
    return "/".join((HOME, "borradores", draft.public_id, *rest))


def scanner() -> Scanner | None:
    """The clamd that looks through what is brought, where there is one."""
    url = current_app.config["CLAMD_URL"]
    return Scanner(url) if url else None


def conflict(error: DraftError) -> HTTPException:
    """The page that tells a refusal of this room."""
    refusal = Conflict(str(error.text))
    refusal.aula_code = error.code  # type: ignore[attr-defined]
    return refusal
