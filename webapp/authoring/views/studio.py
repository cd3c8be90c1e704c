"""The trainer's room: drafts and courses, and one draft."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from webapp.authoring import queries
from webapp.authoring.views.blueprint import AUTHORS, HOME, author, blueprint, draft_or_404, draft_path
from webapp.core.access import role
from webapp.core.clock import now
from webapp.core.db import db


@blueprint.get(HOME)
@role(*AUTHORS)
def studio() -> ResponseReturnValue:
    """The drafts and the published courses of whoever asks."""
    session, actor, today = db.session(), author(), now().date()
    return render_template(
        "authoring/studio.html",
        drafts=queries.drafts(session, actor, today),
        courses=queries.courses(session, actor, today),
        draft_path=draft_path,
    )


@blueprint.get("/estudio/borradores/<public_id>")
@role(*AUTHORS)
def draft(public_id: str) -> ResponseReturnValue:
    """A draft: its files and its history."""
    session = db.session()
    found = draft_or_404(session, public_id)
    return render_template(
        "authoring/draft.html",
        draft=found,
        files=queries.files(session, found),
        acts=queries.history(session, found),
        path=draft_path(found),
    )
