"""The library of materials, and the public address of each."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import Conflict
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from webapp.accounts.models import Person
from webapp.core.access import current_actor, public, role
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.sending import send_kept
from webapp.core.storage import storage
from webapp.core.web import accepts_up_to
from webapp.coursepack.uploads import ACCEPTED, LARGEST, MEGABYTE, Refused, examine
from webapp.materials import policies, queries, services, uses
from webapp.materials.forms import DescribeForm, FindForm, QuotaForm, UploadForm
from webapp.materials.labels import KIND_ICONS, KINDS, SCAN_STATES
from webapp.materials.models import Material
from webapp.organizations.models import Authority

blueprint = Blueprint("materials", __name__)

PAGE_SIZE = 24
MOST_FILES = 30  # at once
BODY = 2 * LARGEST + MEGABYTE  # all files of one upload together, and the form around them
PRIVATE = "private, no-store"

staff: Callable[[Callable[..., ResponseReturnValue]], Callable[..., ResponseReturnValue]] = role(
    "trainer", "administrator"
)


@dataclass
class Outcome:
    """What became of the files of one upload."""

    taken: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)  # public name, title, warnings
    refused: list[Refused] = field(default_factory=list)


def _me() -> Person:
    person = current_actor()
    if not isinstance(person, Person):
        abort(401)
    return person


def _has_scanner() -> bool:
    return bool(current_app.config["CLAMD_URL"])


def _quota() -> int:
    return int(current_app.config["QUOTA_MB"])


def _material_or_404(session: Session, name: str) -> Material:
    found = queries.managed_material(session, _me(), name)
    if found is None:
        abort(404)
    return found


# --- the library ------------------------------------------------------------------------------------------------


@blueprint.get("/estudio/materiales")
@staff
def index() -> ResponseReturnValue:
    """Everything that one may use, searched by title and kind, and the place to bring more."""
    return _library(UploadForm())


def _library(form: UploadForm, outcome: Outcome | None = None, status: int = 200) -> ResponseReturnValue:
    session, me = db.session(), _me()
    find = FindForm(request.args)
    find.tipo.choices = [SelectChoice("", _("Cualquiera")), *(SelectChoice(key, str(KINDS[key])) for key in KINDS)]
    words, kind = (find.q.data or "")[:100], find.tipo.data if find.tipo.data in KINDS else ""
    page = min(max(1, request.args.get("page", 1, type=int)), 100_000)
    found, total = queries.materials(session, me, words, kind, page, PAGE_SIZE)
    pages = max(1, -(-total // PAGE_SIZE))
    html = render_template(
        "materials/index.html",
        form=form,
        find=find,
        outcome=outcome,
        materials=found,
        total=total,
        is_searching=bool(words or kind),
        usage=queries.usage_of(session, me, _quota()),
        is_administrator=me.holds_any(["administrator"]),
        has_scanner=_has_scanner(),
        kinds=KINDS,
        kind_icons=KIND_ICONS,
        scan_states=SCAN_STATES,
        accepted=ACCEPTED,
        most=MOST_FILES,
        largest=LARGEST,
        page=min(page, pages),
        pages=pages,
        href=url_for("materials.index", q=words, tipo=kind) + "&page=",
    )
    return html, status


@blueprint.post("/estudio/materiales")
@staff
@accepts_up_to(BODY)
def upload() -> ResponseReturnValue:
    """Take each file by itself: one that is refused does not keep the others out."""
    form = UploadForm()
    if not form.validate_on_submit():
        return _library(form, status=422)
    given = [file for file in form.files.data if file.filename]
    if len(given) > MOST_FILES:
        form.files.errors = [_("Son %(count)d archivos y caben %(most)d a la vez.", count=len(given), most=MOST_FILES)]
        return _library(form, status=422)
    outcome = Outcome()
    for file in given:
        _take(file, outcome)
    if outcome.refused or any(warnings for _name, _title, warnings in outcome.taken):
        return _library(UploadForm(formdata=None), outcome, 422 if outcome.refused else 200)
    count = len(outcome.taken)
    flash(ngettext("Se guardó %(num)d archivo.", "Se guardaron %(num)d archivos.", count), "success")
    if count == 1:
        return redirect(url_for("materials.detail", name=outcome.taken[0][0]), 303)
    return redirect(url_for("materials.index"), 303)


def _take(file: FileStorage, outcome: Outcome) -> None:
    """Examine one file in a folder of its own, which is gone afterwards, and keep it or say why not."""
    name = file.filename or ""
    with tempfile.TemporaryDirectory(dir=current_app.config["DATA_DIR"], prefix=".upload-") as folder:
        path = Path(folder) / "file"
        file.save(path)
        try:
            found = examine(path, name)
            services.check_room(db.session(), _me(), found, name, _quota())
            key = storage().put_file(found.path)
            with transaction() as session:
                row = services.take(session, _me(), found, name, key, _quota(), _has_scanner(), now())
                outcome.taken.append((row.name, row.title, found.warnings))
        except Refused as refusal:
            outcome.refused.append(refusal)


@blueprint.route("/estudio/materiales/<name>", methods=["GET", "POST"])
@staff
def detail(name: str) -> ResponseReturnValue:
    """A material: how to use it, what it is called, what is to be seen in it."""
    session = db.session()
    material = _material_or_404(session, name)
    form = DescribeForm(obj=material)
    if form.validate_on_submit():
        with transaction() as writing:
            material = _material_or_404(writing, name)
            services.describe(
                writing, material, (form.title.data or "").strip(), (form.alt.data or "").strip(), _me(), now()
            )
        flash(_("Quedó guardado."), "success")
        return redirect(url_for("materials.detail", name=name), 303)
    page = render_template(
        "materials/detail.html",
        material=material,
        form=form,
        places=uses.places(session, material),
        is_public=policies.is_public(material, _has_scanner()),
        kinds=KINDS,
        kind_icons=KIND_ICONS,
        scan_states=SCAN_STATES,
        uploader=session.scalar(select(Person).filter_by(id=material.uploaded_by_id)),
        owner=session.scalar(select(Authority.name).filter_by(id=material.authority_id)),
    )
    return page, 422 if form.errors else 200


@blueprint.post("/estudio/materiales/<name>/retirar")
@staff
def retire(name: str) -> ResponseReturnValue:
    """Offer and serve it no more. Pressed twice, it is retired all the same."""
    with transaction() as session:
        try:
            services.retire(session, _material_or_404(session, name), _me(), now())
        except services.MaterialsError as error:
            refusal = Conflict(str(error.text))
            refusal.aula_code = error.code  # type: ignore[attr-defined]
            raise refusal from error
    flash(_("El material quedó retirado: ya no se ofrece ni se puede abrir."), "success")
    return redirect(url_for("materials.index"), 303)


# --- quotas -----------------------------------------------------------------------------------------------------


@blueprint.route("/administracion/materiales", methods=["GET", "POST"])
@role("administrator")
def quotas() -> ResponseReturnValue:
    """What each authority keeps and may keep."""
    session = db.session()
    form = QuotaForm()
    authorities = session.execute(
        select(Authority.key, Authority.name).where(Authority.valid_to.is_(None)).order_by(Authority.name)
    )
    form.authority.choices = [SelectChoice(key, name) for key, name in authorities]
    if form.validate_on_submit():
        with transaction() as writing:
            services.set_quota(writing, form.authority.data, form.megabytes.data or 1, _me(), now())
        flash(_("El espacio quedó cambiado."), "success")
        return redirect(url_for("materials.quotas"), 303)
    rows = queries.quotas(session, _quota())
    page = render_template(
        "materials/quotas.html",
        form=form,
        rows=rows,
        default_mb=_quota(),
        has_scanner=_has_scanner(),
        megabyte=MEGABYTE,
    )
    return page, 422 if form.errors else 200


# --- the file ---------------------------------------------------------------------------------------------------


@blueprint.get("/materiales/<name>")
@public
def serve(name: str) -> ResponseReturnValue:
    """The file itself: for everybody when it may be public, before that for those who manage it."""
    session = db.session()
    material = queries.material_by_name(session, name)
    if material is None or material.retired_at is not None:
        abort(404)
    if policies.is_public(material, _has_scanner()):
        # It can still be retired or found infected: kept for an hour, not for ever.
        return send_kept(material.key, material.media_type, material.file_name, "public, max-age=3600")
    me = current_actor()
    if (
        material.scan_state == "infected"
        or not isinstance(me, Person)
        or not policies.can_manage(session, me, material)
    ):
        abort(404)
    return send_kept(material.key, material.media_type, material.file_name, PRIVATE, is_saved=material.kind != "image")
