"""One draft: its tree, its sheet, its history, its export."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from webapp.authoring import drafting, lessonfile, outline, queries, services, sheet, tree
from webapp.authoring.errors import DraftError
from webapp.authoring.forms import ActForm, PlainForm, SheetForm, StepForm
from webapp.authoring.models import Draft
from webapp.authoring.views.blueprint import AUTHORS, HOME, author, blueprint, conflict, draft_or_404, draft_path
from webapp.core.access import role
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.storage import storage
from webapp.coursepack.checker import CheckReport
from webapp.coursepack.model import Problem

SHEET = tree.SHEET


def courses_dir() -> Path:
    """Where the curriculum lies, whose norms and formats a draft is checked with."""
    return Path(current_app.config["COURSES_DIR"])


def checked(session: Session, draft: Draft) -> CheckReport:
    """What the checker says of a draft."""
    return drafting.check(draft, services.keys(session, draft), storage(), courses_dir())


_MISSING = re.compile("«([a-z_]+)»")


@blueprint.app_template_filter("as_in_the_sheet")
def as_in_the_sheet(problem: Problem) -> str:
    """What the checker says, with the name that a field has on the page of the sheet and not in its file."""
    named = _MISSING.search(problem.message)
    field = getattr(SheetForm, named[1], None) if named else None
    if problem.code == "missing_key" and problem.file == SHEET and field is not None:
        return str(_("Falta «%(field)s».", field=field.args[0]))
    return problem.message


@blueprint.get("/estudio/borradores/<public_id>")
@role(*AUTHORS)
def draft(public_id: str) -> ResponseReturnValue:
    """The review tree."""
    return _tree_page(draft_or_404(db.session(), public_id))


def _tree_page(found: Draft, step_form: StepForm | None = None, of: str = "", status: int = 200) -> ResponseReturnValue:
    session = db.session()
    files = services.keys(session, found)
    report = checked(session, found)
    page = render_template(
        "authoring/draft.html",
        draft=found,
        tree=tree.grow(found, files, report, storage()),
        report=report,
        files=queries.files(session, found),
        acts=queries.history(session, found),
        path=draft_path(found),
        sheet_key=files.get(SHEET, ""),
        step_form=step_form,
        of=of,
        focus=request.args.get("foco", ""),
    )
    return page, status


# --- order ------------------------------------------------------------------------------------------------------

Act = Callable[[dict[str, Any], str], None]
ACTS: dict[str, Act] = {
    "step-up": lambda values, key: outline.move_step(values, key, -1),
    "step-down": lambda values, key: outline.move_step(values, key, 1),
    "module-up": lambda values, key: outline.move_module(values, key, -1),
    "module-down": lambda values, key: outline.move_module(values, key, 1),
}


@blueprint.post("/estudio/borradores/<public_id>/orden")
@role(*AUTHORS)
def reorder(public_id: str) -> ResponseReturnValue:
    """Move, split, rename or remove. The page comes back with the focus on the same button."""
    form = ActForm()
    verb, _colon, key = (form.act.data or "").partition(":")
    if not form.validate_on_submit() or not key:
        abort(400)
    with transaction() as session:
        found = draft_or_404(session, public_id)
        present = services.keys(session, found)
        values = _sheet_values(present)
        changes: dict[str, services.Content | None] = {}
        try:
            _act(values, verb, key, form.title.data or "", present, changes)
        except (outline.BadOutline, ValueError):
            abort(404)
        changes[SHEET] = outline.write(values)
        try:
            services.apply(
                session, found, changes, author(), storage(), now(), _note(verb), bases={SHEET: form.base.data or None}
            )
        except DraftError as error:
            raise conflict(error) from error
        path = draft_path(found)
    anchor = key.partition(":")[0]
    # No fragment beside it: a browser that is sent to one gives no button the focus.
    focus = f"?foco={verb}.{anchor}"
    return redirect(path + ("" if verb == "step-remove" else focus), 303)


def _act(
    values: dict[str, Any],
    verb: str,
    key: str,
    title: str,
    present: dict[str, str],
    changes: dict[str, services.Content | None],
) -> None:
    title = " ".join(title.split())[:200]
    if verb in ACTS:
        ACTS[verb](values, key)
    elif verb == "step-to":
        step, module, index = key.split(":")
        outline.put_step(values, step, module, int(index))
    elif verb == "split":
        outline.split_module(values, key, title or _("Módulo nuevo"))
    elif verb == "module-rename":
        outline.rename_module(values, key, title or key)
    elif verb == "step-remove":
        gone = outline.remove_step(values, key)
        prefix = gone.path.rpartition("/")[0] + "/" if gone.kind in ("lab", "package") else gone.path
        changes.update(
            {path: None for path in present if path == prefix or (prefix[-1] == "/" and path.startswith(prefix))}
        )
    else:
        abort(404)


def _note(verb: str) -> str:
    notes: dict[str, str] = {
        "split": _("Se partió un módulo"),
        "module-rename": _("Se cambió el título de un módulo"),
        "step-remove": _("Se quitó un paso"),
    }
    return notes.get(verb) or _("Se cambió el orden")


def _sheet_values(present: dict[str, str]) -> dict[str, Any]:
    if SHEET not in present:
        abort(404)
    try:
        return outline.read(storage().get(present[SHEET]))
    except outline.BadOutline:
        abort(404)


@blueprint.post("/estudio/borradores/<public_id>/pasos/<key>")
@role(*AUTHORS)
def step(public_id: str, key: str) -> ResponseReturnValue:
    """Title and minutes of a step, and what its pictures show."""
    found, form = draft_or_404(db.session(), public_id), StepForm()
    present = services.keys(db.session(), found)
    lines = [line for module in outline.modules(_sheet_values(present)) for line in module.steps if line.key == key]
    if not lines or lines[0].path not in present:
        abort(404)
    path = lines[0].path
    if not form.validate_on_submit():
        return _tree_page(found, form, key, 422)
    words = {name.removeprefix("alt:"): text for name, text in request.form.items() if name.startswith("alt:")}
    with transaction() as session:
        found = draft_or_404(session, public_id)
        text = storage().get(services.keys(session, found).get(path, present[path])).decode("utf-8", "replace")
        text = lessonfile.with_head(path, text, " ".join(str(form.title.data).split()), form.minutes.data or 1)
        text = lessonfile.with_words(text, words)
        try:
            services.write(
                session, found, path, text.encode(), author(), storage(), now(),
                base_key=form.base.data or None, note=_("Se cambió un paso"),
            )  # fmt: skip
        except DraftError as error:
            raise conflict(error) from error
        where = draft_path(found)
    flash(_("Paso guardado."), "success")
    return redirect(f"{where}?foco=edit.{key}", 303)


# --- the sheet --------------------------------------------------------------------------------------------------


@blueprint.route("/estudio/borradores/<public_id>/ficha", methods=["GET", "POST"])
@role(*AUTHORS)
def course_sheet(public_id: str) -> ResponseReturnValue:
    """The sheet of the course; what is missing comes first."""
    found = draft_or_404(db.session(), public_id)
    present = services.keys(db.session(), found)
    values = _sheet_values(present)
    form = SheetForm(data=sheet.to_form(values, found.slug) | {"base": present[SHEET]})
    norms = drafting.norms_of(courses_dir())
    form.legal_frame.choices = [SelectChoice(norm.id, f"{norm.short}: {norm.name}") for norm in norms.values()]
    form.issuer.choices = [
        SelectChoice("", _("La autoridad de la plataforma")),
        *(SelectChoice(key, name) for key, name in queries.issuers(db.session(), author(), found)),
    ]
    missing = sheet.missing(values)
    if form.validate_on_submit():
        with transaction() as session:
            found = draft_or_404(session, public_id)
            changed = sheet.from_form(values, form.data)
            try:
                services.apply(
                    session, found, {SHEET: outline.write(changed)}, author(), storage(), now(),
                    _("Se cambió la ficha"), bases={SHEET: form.base.data or None},
                )  # fmt: skip
            except DraftError as error:
                raise conflict(error) from error
            services.retitle(session, found, changed["title"], form.slug.data)
            path = draft_path(found)
        flash(_("Ficha guardada."), "success")
        return redirect(path, 303)
    page = render_template(
        "authoring/sheet.html",
        draft=found,
        form=form,
        missing=missing,
        path=draft_path(found),
        published=found.course_id,
    )
    return page, 422 if form.errors else 200


# --- history, export, end ---------------------------------------------------------------------------------------


@blueprint.post("/estudio/borradores/<public_id>/deshacer")
@role(*AUTHORS)
def undo(public_id: str) -> ResponseReturnValue:
    """Undo one act of the history."""
    form = PlainForm()
    number = form.number.data or ""
    if not form.validate_on_submit() or not (number.isascii() and number.isdigit() and len(number) < 10):
        abort(400)
    with transaction() as session:
        found = draft_or_404(session, public_id)
        try:
            services.undo(session, found, int(number), author(), storage(), now())
        except DraftError as error:
            raise conflict(error) from error
        path = draft_path(found)
    flash(_("Cambio deshecho."), "success")
    return redirect(path, 303)


@blueprint.get("/estudio/borradores/<public_id>/curso.zip")
@role(*AUTHORS)
def export(public_id: str) -> ResponseReturnValue:
    """The draft as a ZIP."""
    found = draft_or_404(db.session(), public_id)
    content = drafting.export(found, services.keys(db.session(), found), storage())
    response = send_file(content, "application/zip", as_attachment=True, download_name=f"{found.slug}.zip")
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/estudio/borradores/<public_id>/descartar")
@role(*AUTHORS)
def discard(public_id: str) -> ResponseReturnValue:
    """Put a draft away; what was published stays."""
    form = PlainForm()
    if not form.validate_on_submit() or form.number.data != "descartar":
        abort(400)
    with transaction() as session:
        services.discard(session, draft_or_404(session, public_id), now())
    flash(_("Borrador descartado. Lo publicado sigue igual."), "success")
    return redirect(HOME, 303)
