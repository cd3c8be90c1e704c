"""The catalogue page and the files of courses."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, send_file
from flask.typing import ResponseReturnValue

from webapp.catalog import queries
from webapp.core.access import public
from webapp.core.db import db
from webapp.core.storage import storage
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
    # By its path and not its bytes: a player asks for parts of a video, and a part must not cost all of it.
    response = send_file(storage().path(key), media_type, conditional=True, etag=key)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    # What an author drew is never a page of ours: opened by itself, it can run nothing and read nothing.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
