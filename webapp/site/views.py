"""Home, language, health, accessibility statement, progress of a job, and two pages that help building."""

from __future__ import annotations

import email
import email.policy
import email.utils
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from flask import Blueprint, abort, current_app, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.catalog import queries as catalog
from webapp.core.access import current_actor, public, signed_in
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.i18n import COOKIE, LANGUAGES
from webapp.core.jobs import Job
from webapp.core.mail import mail_folder
from webapp.core.schema import schema_versions
from webapp.core.web import safe_destination, same_for_visitors
from webapp.learning import queries as learning
from webapp.learning.asides import Place, asides
from webapp.learning.models import Enrolment

blueprint = Blueprint("site", __name__)
YEAR_SECONDS = 365 * 24 * 3600
MOST_MESSAGES = 50


@blueprint.get("/")
@public
@same_for_visitors
def home() -> ResponseReturnValue:
    """For a visitor: what this is, and how to begin. For those signed in: go on where they were."""
    session = db.session()
    revisions = catalog.published(session)
    actor = current_actor()
    if not isinstance(actor, Person):
        return render_template(
            "site/home.html", revisions=revisions, paths=catalog.paths(session), asset_path=catalog.asset_path
        )
    open_courses, mine = [], set()
    for enrolment in learning.enrolments_of(session, actor.id):
        revision = catalog.revision(session, enrolment.revision_id)
        mine.add(revision.slug)
        if enrolment.concluded_at is None:
            open_courses.append((enrolment, revision.course, _progress(session, enrolment, revision)))
    return render_template(
        "site/home_signed_in.html",
        person=actor,
        asides=asides(session, Place(actor.id)),
        open_courses=open_courses,
        concluded=len(mine) > len(open_courses),
        others=[revision for revision in revisions if revision.slug not in mine],
        own_paths=[path for path in catalog.paths(session) if actor.post in path.posts],
        asset_path=catalog.asset_path,
    )


# --- learning paths ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stop:
    """A course on a path as whoever reads the page stands to it. `progress` is None for who is not enrolled."""

    revision: catalog.Revision
    why: str
    enrolment: Enrolment | None = None
    progress: learning.Progress | None = None


@blueprint.get("/rutas")
@public
@same_for_visitors
def paths() -> ResponseReturnValue:
    """The learning paths, one for each role."""
    actor = current_actor()
    return render_template(
        "site/paths.html", paths=catalog.paths(db.session()), post=actor.post if isinstance(actor, Person) else None
    )


@blueprint.get("/rutas/<slug>")
@public
@same_for_visitors
def learning_path(slug: str) -> ResponseReturnValue:
    """The courses of a path in order, how long they take, and the next step of whoever is signed in."""
    session = db.session()
    found = catalog.path_by_slug(session, slug)
    if found is None:
        abort(404)
    actor = current_actor()
    open_courses = {revision.slug: revision for revision in catalog.published(session)}
    stops = [
        _stop(session, open_courses[stop.course], stop.why, actor if isinstance(actor, Person) else None)
        for stop in found.stops
        if stop.course in open_courses
    ]
    following = next((stop for stop in stops if stop.enrolment is None or stop.enrolment.concluded_at is None), None)
    return render_template("site/path.html", path=found, stops=stops, following=following)


def _stop(session: Session, published: catalog.Revision, why: str, person: Person | None) -> Stop:
    enrolment = learning.enrolment(session, person.id, published.course_id) if person else None
    if enrolment is None:
        return Stop(published, why)
    own = catalog.revision(session, enrolment.revision_id)
    return Stop(published, why, enrolment, _progress(session, enrolment, own))


def _progress(session: Session, enrolment: Enrolment, revision: catalog.Revision) -> learning.Progress:
    return learning.progress(
        revision.course, learning.step_states(session, enrolment.id), learning.exam_passed(session, enrolment.id)
    )


# --- language, health, building ---------------------------------------------------------------------------------


@blueprint.get("/idioma/<code>")
@public
def change_language(code: str) -> ResponseReturnValue:
    """Remember the language in a cookie and go back to the page. Nothing is written on the server."""
    if code not in LANGUAGES:
        abort(404)
    response = redirect(safe_destination(request.args.get("next"), "/"))
    response.set_cookie(
        COOKIE, code, max_age=YEAR_SECONDS, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"]
    )
    return response


@blueprint.get("/accesibilidad")
@public
@same_for_visitors
def accessibility() -> ResponseReturnValue:
    """What was checked, with which tools, and whom to tell about a barrier."""
    return render_template("site/accessibility.html")


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """This process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """The database answers and is at the version that the program needs."""
    try:
        present, head = schema_versions()
    except SQLAlchemyError:
        current_app.logger.exception("the database does not answer")
        return jsonify(status="no database"), 503
    ready = present == head
    return jsonify(status="ok" if ready else "migration pending"), 200 if ready else 503


@blueprint.get("/trabajos/<public_id>")
@signed_in
def job(public_id: str) -> ResponseReturnValue:
    """How far one's own background work has come."""
    actor = current_actor()
    row = db.session.scalars(
        select(Job).where(Job.public_id == public_id, Job.actor_id == getattr(actor, "id", None))
    ).first()
    if row is None:
        abort(404)
    return jsonify(state=row.state, progress=row.progress, result=row.result)


# --- while building ---------------------------------------------------------------------------------------------


def _only_in_development() -> None:
    if not (current_app.config["DEMO"] or current_app.debug):
        abort(404)


@blueprint.get("/componentes")
@public
def components() -> ResponseReturnValue:
    """Every component in every state."""
    _only_in_development()
    return render_template("site/components.html", instant=now())


@dataclass(frozen=True)
class Mail:
    """A mail as the mailbox shows it."""

    recipient: str
    subject: str
    sent_at: datetime
    text: str


@blueprint.get("/desarrollo/correo")
@public
def mailbox() -> ResponseReturnValue:
    """The mails that left while there is no mail server, the newest first. Only in demo mode, so only on loopback."""
    _only_in_development()
    if current_app.config["SMTP_URL"]:
        abort(404)
    paths = sorted(mail_folder().glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return render_template("site/mailbox.html", mails=[_read_mail(path.read_bytes()) for path in paths[:MOST_MESSAGES]])


def _read_mail(content: bytes) -> Mail:
    message = email.message_from_bytes(content, policy=email.policy.default)
    body = message.get_body(("plain",)) if isinstance(message, EmailMessage) else None
    return Mail(
        str(message["To"]),
        str(message["Subject"]),
        email.utils.parsedate_to_datetime(str(message["Date"])),
        body.get_content() if body is not None else "",
    )
