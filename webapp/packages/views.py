"""The page of an interactive package, and the one route to which its player reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.accounts.limits import QUARTER, Limit
from webapp.accounts.models import Person
from webapp.accounts.throttling import spend
from webapp.catalog import queries as catalog
from webapp.core.access import current_actor, public, signed_in
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.i18n import language
from webapp.core.storage import storage
from webapp.core.web import HEADERS, csrf
from webapp.coursepack.model import Interactive, Step
from webapp.formats.model import Unreadable
from webapp.learning import queries as learning
from webapp.learning.models import Enrolment
from webapp.learning.views import course_path
from webapp.packages import queries, services, tokens
from webapp.packages.host import REPORTS, content_path, player_path
from webapp.packages.models import PackageAttempt
from webapp.packages.reports import BadReport, parse
from webapp.packages.shelf import Shelf
from webapp.records.services import RecordsError

blueprint = Blueprint("packages", __name__)

SENT_REPORTS = Limit(1200, QUARTER)  # of an attempt: one every quarter of a second would be no package
OPENINGS = Limit(60, QUARTER)  # of a person
TOKEN = "X-Aula-Token"  # noqa: S105  the name of a header
PREFLIGHT_SECONDS = "600"


def content_origin() -> str | None:
    """Where packages are shown, None where this platform has no host for them."""
    host = current_app.config["CONTENT_HOST"]
    return f"{urlsplit(current_app.config['BASE_URL']).scheme}://{host}" if host else None


# --- the page -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Desk:
    """A learner at a package: everything that its page starts from. `attempt` is None before it is opened."""

    person: Person
    enrolment: Enrolment
    revision: catalog.Revision
    step: Step
    package: Interactive
    attempt: PackageAttempt | None

    @property
    def path(self) -> str:
        return course_path(self.revision.slug, self.step.key, "interactivo")


def _desk(session: Session, slug: str, key: str) -> Desk:
    """The package of whoever asks; 404 without an enrolment or where the step is no package."""
    person = current_actor()
    state = catalog.course_by_slug(session, slug)
    enrolment = learning.enrolment(session, person.id, state.id) if isinstance(person, Person) and state else None
    if enrolment is None or not isinstance(person, Person):
        abort(404)
    revision = catalog.revision(session, enrolment.revision_id)
    package = revision.course.packages.get(key)
    if package is None:
        abort(404)
    made = queries.attempts(session, enrolment.id, key)
    return Desk(person, enrolment, revision, revision.course.steps[key], package, made[-1] if made else None)


@blueprint.get("/cursos/<slug>/<key>/interactivo")
@signed_in
def material(slug: str, key: str) -> ResponseReturnValue:
    """The package in its frame, what it reported, what is asked, and what is missing."""
    session = db.session()
    desk = _desk(session, slug, key)
    origin = content_origin()
    page = render_template(
        "packages/material.html",
        course=desk.revision.course,
        step=desk.step,
        package=desk.package,
        attempts=queries.attempts(session, desk.enrolment.id, key),
        attempt=desk.attempt,
        done=_is_done(session, desk),
        origin=origin,
        player=_player(desk, origin) if origin and desk.attempt else None,
        after=desk.revision.course.neighbours(desk.step)[1],
        path=desk.path,
    )
    response = make_response(page)
    if origin:
        # On this page alone a frame of the content host may stand.
        response.headers["Content-Security-Policy"] = f"{HEADERS['Content-Security-Policy']}; frame-src {origin}"
    return response


def _is_done(session: Session, desk: Desk) -> bool:
    state = learning.step_states(session, desk.enrolment.id).get(desk.step.key)
    return state is not None and state.done


def _player(desk: Desk, origin: str) -> str | None:
    """The address of the frame, None when the files of the package cannot be laid out."""
    if desk.attempt is None:
        return None
    try:
        _shelf().unpacked(desk.attempt.package_key, storage())
    except (OSError, Unreadable):
        current_app.logger.exception("package %s cannot be unpacked", desk.attempt.package_key)
        return None
    claim = tokens.Claim(desk.person.id, desk.attempt.public_id, desk.attempt.package_key)
    return f"{origin}{player_path(desk.attempt.standard)}#{tokens.issue(_secret(), claim)}"


@blueprint.post("/cursos/<slug>/<key>/interactivo/abrir")
@signed_in
def open_material(slug: str, key: str) -> ResponseReturnValue:
    """Begin, or go on where one was."""
    return _open(slug, key, another=False)


@blueprint.post("/cursos/<slug>/<key>/interactivo/otro")
@signed_in
def another(slug: str, key: str) -> ResponseReturnValue:
    """Begin again from nothing. What was reached stays reached."""
    return _open(slug, key, another=True)


def _open(slug: str, key: str, another: bool) -> ResponseReturnValue:
    person = _desk(db.session(), slug, key).person
    spend(("package-open", str(person.id), OPENINGS))
    with transaction() as session:
        desk = _desk(session, slug, key)
        if content_origin() is not None:
            last = desk.attempt.number if desk.attempt and another else 0
            services.open_attempt(session, desk.enrolment, desk.revision, desk.step, now(), another_after=last)
            if last:
                flash(_("Empiezas de nuevo. Lo que ya contaba sigue contando."), "success")
    return redirect(f"{desk.path}#material", 303)


# --- what a player reports ----------------------------------------------------------------------------------------


# Asked from another origin, so without the token of a form: the session's cookie is not looked at, and whoever calls must
# hold the signed token of an attempt, which only its owner's page hands out. Nothing here depends on who is signed in.
@csrf.exempt  # type: ignore[untyped-decorator]
@blueprint.route(REPORTS, methods=["GET", "POST"])
@public
def report() -> ResponseReturnValue:
    """GET: what was kept of an attempt. POST: what its package reports now. Both answer with a fresh token."""
    claim = tokens.read(_secret(), request.headers.get(TOKEN, ""))
    if claim is None:
        return _refusal("bad_token", _("El permiso del material venció o no sirve. Vuelve a cargar la página."), 401)
    if request.method == "POST":
        spend(("package-report", claim.attempt, SENT_REPORTS))
        return _keep(claim)
    found = _attempt(db.session(), claim)
    if found is None:
        return _gone()
    attempt, enrolment, revision = found
    package = revision.course.packages[attempt.step]
    return jsonify(
        **_state(attempt, package),
        title=revision.course.steps[attempt.step].title,
        language=language(),
        closed=services.is_closed(db.session(), enrolment, attempt),
        met=attempt.met_at is not None,
        token=tokens.issue(_secret(), claim),
    )


def _keep(claim: tokens.Claim) -> ResponseReturnValue:
    try:
        with transaction() as session:
            found = _attempt(session, claim)
            if found is None:
                return _gone()
            attempt, enrolment, revision = found
            told = parse(request.get_data(), attempt.standard)
            kept = services.keep_report(
                session, enrolment, revision, attempt, told, current_app.config["ISSUER"], now()
            )
    except BadReport as error:
        return _refusal(error.code, _("El material envió algo que no se puede guardar."), 422)
    except RecordsError as error:
        return _refusal(error.code, str(error.text), 409)
    return jsonify(closed=kept.closed, met=kept.met, token=tokens.issue(_secret(), claim))


def _attempt(session: Session, claim: tokens.Claim) -> tuple[PackageAttempt, Enrolment, catalog.Revision] | None:
    """The attempt that a token is about, while its owner may sign in."""
    attempt = queries.attempt_of(session, claim.person_id, claim.attempt)
    person = session.get(Person, claim.person_id)
    if attempt is None or attempt.package_key != claim.package_key or person is None or not person.active:
        return None
    enrolment = session.get_one(Enrolment, attempt.enrolment_id)
    return attempt, enrolment, catalog.revision(session, attempt.revision_id)


def _state(attempt: PackageAttempt, package: Interactive) -> Mapping[str, Any]:
    """What the player gives the package. Nobody's name is among it: what others made need not know who learns."""
    status = attempt.success if attempt.success != "unknown" else attempt.completion
    return {
        "learner": attempt.public_id,
        "name": "Participante",
        "location": attempt.location,
        "suspend_data": attempt.suspend_data,
        "completion": attempt.completion,
        "success": attempt.success,
        "status12": "not attempted" if status == "unknown" else status,
        "score": attempt.score,
        "seconds": attempt.total_seconds,
        "fresh": attempt.reported_at is None,
        "mastery": package.mastery,
        "launch_data": package.launch_data,
        "launch": content_path(attempt.package_key, "" if attempt.standard == "h5p" else package.launch),
    }


def _gone() -> ResponseReturnValue:
    return _refusal("no_attempt", _("Ese recorrido ya no existe. Vuelve a cargar la página."), 404)


def _refusal(code: str, message: str, status: int) -> ResponseReturnValue:
    return jsonify(error={"code": code, "message": message}), status


@blueprint.after_request
def _let_the_player_read(response: Response) -> Response:
    """Scripts of the content host may read the answers of the one route that is theirs; nobody else's may."""
    if request.path != REPORTS:
        return response
    response.vary.add("Origin")
    origin = content_origin()
    if origin is not None and request.headers.get("Origin") == origin:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Access-Control-Allow-Headers"] = f"{TOKEN}, Content-Type"
        response.headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
    return response


def _shelf() -> Shelf:
    return Shelf.of(Path(current_app.config["DATA_DIR"]))


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])
