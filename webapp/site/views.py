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
from sqlalchemy import select, text

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
        return render_template("site/home.html", revisions=revisions, asset_path=catalog.asset_path)
    open_courses, mine = [], set()
    for enrolment in learning.enrolments_of(session, actor.id):
        revision = catalog.revision(session, enrolment.revision_id)
        mine.add(revision.slug)
        if enrolment.concluded_at is None:
            states = learning.step_states(session, enrolment.id)
            passed = learning.exam_passed(session, enrolment.id)
            open_courses.append((enrolment, revision.course, learning.progress(revision.course, states, passed)))
    return render_template(
        "site/home_signed_in.html",
        person=actor,
        open_courses=open_courses,
        concluded=len(mine) > len(open_courses),
        others=[revision for revision in revisions if revision.slug not in mine],
        asset_path=catalog.asset_path,
    )


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
    db.session.execute(text("SELECT 1"))
    present, head = schema_versions()
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
