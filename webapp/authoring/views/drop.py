"""Dropping files: into a new draft, or onto one that exists; what came of it; the difference and its application."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO

from flask import abort, current_app, flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from webapp.accounts.limits import QUARTER, Limit
from webapp.accounts.throttling import spend
from webapp.authoring import drafting, intake, jobs, services
from webapp.authoring.errors import DraftError
from webapp.authoring.forms import DropForm, PlainForm
from webapp.authoring.inbox import Drop, Inbox, TooManyDrops
from webapp.authoring.models import Draft
from webapp.authoring.views.blueprint import AUTHORS, HOME, author, blueprint, conflict, draft_or_404, draft_path
from webapp.core.access import role
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.jobs import enqueue
from webapp.core.storage import storage
from webapp.core.web import accepts_up_to
from webapp.coursepack.intake import Refused
from webapp.coursepack.intake.guard import LARGEST_UPLOAD, MEGABYTE

BODY = LARGEST_UPLOAD + 1024 * 1024
DROPS = Limit(60, QUARTER)  # of a person
NEW = "/estudio/nuevo"


def _inbox() -> Inbox:
    return Inbox(Path(current_app.config["DATA_DIR"]))


def drop_path(drop: Drop, *rest: str) -> str:
    """The address of a drop."""
    return "/".join((HOME, "entrada", drop.name, *rest))


@blueprint.get(NEW)
@role(*AUTHORS)
def new() -> ResponseReturnValue:
    """Where a folder is dropped."""
    return _page(DropForm(), None)


@blueprint.post(NEW)
@role(*AUTHORS)
@accepts_up_to(BODY)
def drop() -> ResponseReturnValue:
    """Take a folder, a ZIP or files, and make a draft of them."""
    return _take(None)


@blueprint.get("/estudio/borradores/<public_id>/archivos")
@role(*AUTHORS)
def drop_again(public_id: str) -> ResponseReturnValue:
    """Where the folder of a draft is dropped again."""
    return _page(DropForm(), draft_or_404(db.session(), public_id))


@blueprint.post("/estudio/borradores/<public_id>/archivos")
@role(*AUTHORS)
@accepts_up_to(BODY)
def drop_onto(public_id: str) -> ResponseReturnValue:
    """Take the folder of a draft again, to show what changed."""
    return _take(draft_or_404(db.session(), public_id))


def _page(
    form: DropForm, draft: Draft | None, refusal: Refused | None = None, status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "authoring/drop.html",
        form=form,
        draft=draft,
        refusal=refusal,
        action=NEW if draft is None else draft_path(draft, "archivos"),
        megabytes=LARGEST_UPLOAD // MEGABYTE,
        draft_path=draft_path,
    )
    return page, status


def _take(draft: Draft | None) -> ResponseReturnValue:
    actor = author()
    spend(("studio-drop", str(actor.id), DROPS))
    form = DropForm()
    if not form.validate_on_submit():
        return _page(form, draft, status=422)
    try:
        kept = _inbox().keep(_files(form), actor.id, actor.full_name, draft.public_id if draft else "", now())
    except TooManyDrops:
        return _page(
            form, draft, Refused("busy", _("Estudio"), _("hay muchas carpetas en revisión. Espera un poco.")), 503
        )
    except Refused as refusal:
        return _page(form, draft, refusal, 422)
    if not kept.is_short() or current_app.config["CLAMD_URL"]:  # a scanner may take its time
        with transaction() as session:
            enqueue(session, jobs.READ, now(), actor_id=actor.id, drop=kept.name, person=actor.id)
        return redirect(drop_path(kept), 303)
    try:
        intake.read(kept, Path(current_app.config["COURSES_DIR"]), now())
    except Refused as refusal:
        kept.delete()
        return _page(form, draft, refusal, 422)
    return redirect(drop_path(kept) if draft else _begin(kept), 303)


def _begin(kept: Drop) -> str:
    """Make the draft of a drop; returns its address."""
    with transaction() as session:
        made = intake.begin(session, kept, author(), storage(), now())
        path = draft_path(made)
    kept.delete()
    return path


def _files(form: DropForm) -> list[tuple[str, IO[bytes]]]:
    """What was sent, by path. The script tells the paths of what was dragged; browsers tell those of a chosen folder."""
    sent = [*(form.folder.data or []), *(form.files.data or [])]
    chosen = [one for one in sent if isinstance(one, FileStorage) and one.filename]
    try:
        paths = json.loads(form.paths.data or "[]")
    except ValueError:
        paths = []
    if not isinstance(paths, list) or len(paths) != len(chosen) or not all(isinstance(path, str) for path in paths):
        paths = [str(one.filename) for one in chosen]
    return [(path, one.stream) for path, one in zip(paths, chosen, strict=True)]


# --- what came of it --------------------------------------------------------------------------------------------


def _drop_or_404(name: str) -> Drop:
    return _inbox().get(name, author().id) or abort(404)


@blueprint.get("/estudio/entrada/<name>")
@role(*AUTHORS)
def received(name: str) -> ResponseReturnValue:
    """A drop that is being read, was refused, became a draft, or would change one."""
    found = _drop_or_404(name)
    state = found.state
    if state == "done":
        return redirect(f"{HOME}/borradores/{found.became}", 302)
    draft = draft_or_404(db.session(), found.about.draft) if found.about.draft else None
    if state == "refused":
        refusal = Refused(found.refusal["code"], "", "")
        refusal.message = found.refusal["message"]
        return _page(DropForm(), draft, refusal, 422)
    if state == "waiting" or draft is None:
        return render_template("authoring/waiting.html", path=drop_path(found), draft=draft)
    present = services.keys(db.session(), draft)
    return render_template(
        "authoring/difference.html",
        draft=draft,
        found=drafting.difference(present, intake.coming(found, present, storage())),
        remarks=found.proposal.remarks,
        form=PlainForm(number=str(draft.version)),
        path=drop_path(found),
        draft_path=draft_path,
    )


@blueprint.get("/estudio/entrada/<name>/estado")
@role(*AUTHORS)
def received_state(name: str) -> ResponseReturnValue:
    """Whether it is still being read, for the page that waits."""
    return jsonify(state=_drop_or_404(name).state)


@blueprint.post("/estudio/entrada/<name>/aplicar")
@role(*AUTHORS)
def apply_drop(name: str) -> ResponseReturnValue:
    """Make the draft what the dropped folder says."""
    found, form = _drop_or_404(name), PlainForm()
    if found.state != "proposed" or not form.validate_on_submit():
        abort(404)
    draft = draft_or_404(db.session(), found.about.draft)
    with transaction() as session:
        draft = draft_or_404(session, draft.public_id)
        try:
            keep = request.form.getlist("keep")
            intake.apply_again(session, draft, found, form.number.data or "", keep, author(), storage(), now())
        except DraftError as error:
            raise conflict(error) from error
        path = draft_path(draft)
    found.delete()
    flash(_("El borrador quedó como tu carpeta."), "success")
    return redirect(path, 303)


@blueprint.post("/estudio/entrada/<name>/dejar")
@role(*AUTHORS)
def leave_drop(name: str) -> ResponseReturnValue:
    """Forget a drop."""
    found = _drop_or_404(name)
    path = f"{HOME}/borradores/{found.about.draft}" if found.about.draft else HOME
    found.delete()
    return redirect(path, 303)
