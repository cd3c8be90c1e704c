"""The trainer's room: drafts and courses."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from webapp.authoring import queries
from webapp.authoring.views.blueprint import AUTHORS, HOME, author, blueprint, draft_path
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
