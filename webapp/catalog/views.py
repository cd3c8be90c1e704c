"""The catalogue page and the files of courses."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from webapp.catalog import queries
from webapp.core.access import public
from webapp.core.db import db
from webapp.core.sending import send_kept
from webapp.core.web import same_for_visitors

blueprint = Blueprint("catalog", __name__)


@blueprint.get("/cursos")
@public
@same_for_visitors
def courses() -> ResponseReturnValue:
    """Every course that is open."""
    return render_template(
        "catalog/courses.html", revisions=queries.published(db.session()), asset_path=queries.asset_path
    )


@blueprint.get("/cursos/<slug>/material/<int:number>/<path:path>")
@public
def material(slug: str, number: int, path: str) -> ResponseReturnValue:
    """A picture or document of a course. Its address names the revision, so it never changes."""
    found = queries.asset(db.session(), slug, number, path)
    if found is None:
        abort(404)
    key, media_type = found
    return send_kept(key, media_type, path.rpartition("/")[2])
