"""Writing lessons in the browser: the editor, its preview, citations, pictures, and the history of every file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from flask import abort, flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.accounts.throttling import spend
from webapp.authoring import drafting, intake, lessonfile, outline, queries, services, writing
from webapp.authoring.errors import DraftConflict, DraftError
from webapp.authoring.forms import BlankForm, LessonForm, NewStepForm, PictureForm, PlainForm
from webapp.authoring.models import Draft
from webapp.authoring.views.blueprint import (
    AUTHORS,
    author,
    blueprint,
    conflict,
    draft_or_404,
    draft_path,
    scanner,
)
from webapp.authoring.views.draft import SHEET, courses_dir
from webapp.authoring.views.drop import DROPS
from webapp.authoring.views.publishing import with_addresses
from webapp.core.access import role
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.storage import storage
from webapp.coursepack.files import LARGEST_FILE, LARGEST_LESSON
from webapp.coursepack.intake import Refused
from webapp.coursepack.intake.convert import escape
from webapp.coursepack.intake.names import slug_of
from webapp.coursepack.markdown import CALLOUTS, Context
from webapp.coursepack.model import Problem

LESSON = "/estudio/borradores/<public_id>/lecciones/<key>"
KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Written:
    """A lesson in the editor: its parts, and where the text begins in its file."""

    title: str
    minutes: int
    summary: str
    body: str
    first_line: int


def lesson_path(key: str) -> str:
    """The file of a lesson."""
    if not KEY.fullmatch(key) or len(key) > 120:
        abort(404)
    return f"lessons/{key}.md"


def text_of(session: Session, draft: Draft, path: str) -> tuple[str, str]:
    """The text of a file of a draft and its key; 404 where there is none."""
    file = queries.file(session, draft, path)
    if file is None:
        abort(404)
    return storage().get(file.storage_key).decode("utf-8", "replace"), file.storage_key


def written(path: str, text: str) -> Written:
    """The parts of a lesson."""
    head, body = lessonfile.head_of(path, text), lessonfile.body_of(text)
    minutes = head.get("minutes")
    return Written(
        str(head.get("title") or ""),
        minutes if isinstance(minutes, int) else 1,
        str(head.get("summary") or ""),
        body,
        text.count("\n", 0, len(text) - len(body)) + 1,
    )


def context_of(session: Session, draft: Draft) -> Context:
    """What a text of this draft may refer to."""
    return writing.context_of(session, draft, drafting.norms_of(courses_dir()))


@blueprint.get(LESSON)
@role(*AUTHORS)
def edit_lesson(public_id: str, key: str) -> ResponseReturnValue:
    """The editor of a lesson."""
    found, path = draft_or_404(db.session(), public_id), lesson_path(key)
    text, base = text_of(db.session(), found, path)
    parts = written(path, text)
    form = LessonForm(
        formdata=None, title=parts.title, minutes=parts.minutes, summary=parts.summary, body=parts.body, base=base
    )
    return _editor(found, key, form)


def _editor(found: Draft, key: str, form: LessonForm, preview: bool = False, status: int = 200) -> ResponseReturnValue:
    session, path = db.session(), lesson_path(key)
    html, problems = _preview(found, form)
    page = render_template(
        "authoring/lesson.html",
        draft=found,
        key=key,
        form=form,
        html=html,
        preview=preview,
        problems=problems,
        other=writing.somebody_else(session, found, path, author(), now()),
        path=draft_path(found),
        file=path,
        callouts=CALLOUTS,
        lessons=sorted(context_of(session, found).lessons - {key}),
        most=LARGEST_LESSON,
        sheet_key=services.keys(session, found).get(SHEET, ""),
    )
    return page, status


def _preview(found: Draft, form: LessonForm) -> tuple[str, list[Problem]]:
    """The lesson as the learner sees it; its lines count from the first of the text in the editor."""
    body = _plain_lines(form.body.data)[:LARGEST_LESSON]
    html, problems = writing.lesson_html(body, 1, context_of(db.session(), found))
    return with_addresses(html, found), problems


def _plain_lines(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")


@blueprint.post(LESSON + "/vista")
@role(*AUTHORS)
def lesson_preview(public_id: str, key: str) -> ResponseReturnValue:
    """What is in the editor as a learner sees it; nothing is saved. A script asks only for the part that changes."""
    found, form = draft_or_404(db.session(), public_id), LessonForm()
    lesson_path(key)
    if request.form.get("fragment") != "1":
        form.validate_on_submit()
        return _editor(found, key, form, preview=True, status=200)
    html, problems = _preview(found, form)
    return jsonify(html=render_template("authoring/_lesson_preview.html", html=html, problems=problems))


@blueprint.post(LESSON)
@role(*AUTHORS)
def save_lesson(public_id: str, key: str) -> ResponseReturnValue:
    """Save a lesson over the version that the writer saw; whoever was slower is shown both."""
    form, path = LessonForm(), lesson_path(key)
    wants_json = request.accept_mimetypes.best == "application/json"
    found = draft_or_404(db.session(), public_id)
    if not form.validate_on_submit():
        if wants_json:
            return jsonify(error=_("Falta corregir algo"), fields=form.errors), 422
        return _editor(found, key, form, status=422)
    at = now()
    try:
        with transaction() as session:
            found = draft_or_404(session, public_id)
            content = _content(session, found, path, form)
            base = services.write(
                session, found, path, content, author(), storage(), at,
                base_key=form.base.data or None, note=_("Se escribió en el navegador"),
            )  # fmt: skip
    except DraftConflict as error:
        return _both(public_id, key, form, error, wants_json)
    except DraftError as error:
        if wants_json:
            return jsonify(error=str(error.text)), 409
        raise conflict(error) from error
    if wants_json:
        other = writing.somebody_else(db.session(), found, path, author(), at)
        return jsonify(base=base, at=at.isoformat(), other=other)
    flash(_("Lección guardada."), "success")
    return redirect(draft_path(found, "lecciones", key), 303)


def _content(session: Session, found: Draft, path: str, form: LessonForm) -> bytes:
    file = queries.file(session, found, path)
    old = storage().get(file.storage_key).decode("utf-8", "replace") if file else ""
    text = lessonfile.with_body(old, _plain_lines(form.body.data), {
        "title": " ".join(str(form.title.data).split()),
        "minutes": form.minutes.data or 1,
        "summary": " ".join(str(form.summary.data or "").split()),
    })  # fmt: skip
    if len(text.encode()) > LARGEST_LESSON:
        raise DraftError(
            "lesson_too_large",
            _("La lección pasa de %(most)s kB; divídela en dos.", most=LARGEST_LESSON // 1024),
        )
    return text.encode()


def _both(public_id: str, key: str, form: LessonForm, error: DraftConflict, wants_json: bool) -> ResponseReturnValue:
    """Both versions of a lesson that two people changed, side by side. Nothing is lost: mine is still in the form."""
    session, path = db.session(), lesson_path(key)
    found = draft_or_404(session, public_id)
    last = writing.last_change(session, found, path)
    who, at = (last[0], last[1]) if last else (error.who, now())
    if wants_json:
        return jsonify(conflict=True, who=who, at=at.isoformat(), error=str(error.text)), 409
    file = queries.file(session, found, path)
    theirs = written(path, storage().get(file.storage_key).decode("utf-8", "replace")) if file else None
    form.base.data = file.storage_key if file else ""
    page = render_template(
        "authoring/lesson_conflict.html",
        draft=found, key=key, form=form, theirs=theirs, who=who, at=at, path=draft_path(found),
        lines=writing.compare(theirs.body if theirs else "", _plain_lines(form.body.data)),
    )  # fmt: skip
    return page, 409


# --- new steps --------------------------------------------------------------------------------------------------


def sheet_of(session: Session, draft: Draft) -> tuple[dict[str, Any], str]:
    """The sheet of a draft as values, and its key. A sheet that cannot be read is a 409 that says so."""
    file = queries.file(session, draft, SHEET)
    try:
        return outline.read(storage().get(file.storage_key) if file else b""), file.storage_key if file else ""
    except outline.BadOutline:
        raise conflict(DraftError("bad_sheet", _("No se puede leer course.yaml; deshaz el último cambio."))) from None


def add_step(
    session: Session, draft: Draft, kind: str, title: str, module: str, files: dict[str, bytes], key: str
) -> None:
    """Write the files of a new step and put it at the end of a module: one act."""
    sheet, base = sheet_of(session, draft)
    outline.add_step(sheet, kind, key, module)
    changes: dict[str, services.Content | None] = {**files, SHEET: outline.write(sheet)}
    bases: dict[str, str | None] = {**dict.fromkeys(files), SHEET: base or None}
    note = _("Se agregó «%(title)s»", title=title)
    services.apply(session, draft, changes, author(), storage(), now(), note, bases=bases)


def free_key(session: Session, draft: Draft, sheet: dict[str, Any], title: str, empty: str) -> str:
    """A key for a new step that no step and no file has."""
    parts = (path.split("/", 1)[-1] for path in services.keys(session, draft))
    files = {part.removesuffix("/lab.yaml").removesuffix(".yaml").removesuffix(".md") for part in parts}
    return slug_of(title, outline.step_keys(sheet) | files, empty)


@blueprint.route("/estudio/en-blanco", methods=["GET", "POST"])
@role(*AUTHORS)
def blank() -> ResponseReturnValue:
    """A course of which there is no file yet."""
    form = BlankForm()
    if not form.validate_on_submit():
        return render_template("authoring/blank.html", form=form), 422 if form.errors else 200
    spend(("studio-drop", str(author().id), DROPS))
    with transaction() as session:
        title = " ".join(str(form.title.data).split())
        where = draft_path(intake.blank(session, author(), title, storage(), now()))
    return redirect(where, 303)


@blueprint.route("/estudio/borradores/<public_id>/nuevo-paso", methods=["GET", "POST"])
@role(*AUTHORS)
def new_step(public_id: str) -> ResponseReturnValue:
    """A lesson or a check that has no file yet."""
    found, form = draft_or_404(db.session(), public_id), NewStepForm()
    sheet, _base = sheet_of(db.session(), found)
    form.module.choices = [(row.id, row.title) for row in outline.modules(sheet)]
    if not form.validate_on_submit():
        page = render_template("authoring/new_step.html", draft=found, form=form, path=draft_path(found))
        return page, 422 if form.errors else 200
    title = " ".join(str(form.title.data).split())
    with transaction() as session:
        found = draft_or_404(session, public_id)
        kind = str(form.kind.data)
        if kind == "exam":
            return _begin_exam(session, found, title)
        key = free_key(session, found, sheet_of(session, found)[0], title, "leccion" if kind == "lesson" else "repaso")
        head = {"title": title, "minutes": 5}
        if kind == "lesson":
            text = lessonfile.with_body("", _("## Primer apartado\n\nEscribe aquí.\n"), head | {"summary": ""})
            name = f"lessons/{key}.md"
        else:
            text = yaml.safe_dump(head | {"questions": []}, allow_unicode=True, sort_keys=False)
            name = f"quizzes/{key}.yaml"
        try:
            add_step(session, found, kind, title, str(form.module.data), {name: text.encode()}, key)
        except DraftError as error:
            raise conflict(error) from error
        where = draft_path(found, "lecciones" if kind == "lesson" else "bancos", key)
    return redirect(where, 303)


def _begin_exam(session: Session, found: Draft, title: str) -> ResponseReturnValue:
    """The exam and an empty bank for it, unless the draft has them."""
    sheet, base = sheet_of(session, found)
    bank = "quizzes/banco.yaml"
    if not outline.begin_exam(sheet, title, "banco"):
        raise conflict(DraftError("has_exam", _("El curso ya tiene examen; sus preguntas están en su banco.")))
    changes: dict[str, services.Content | None] = {SHEET: outline.write(sheet)}
    if bank not in services.keys(session, found):
        head = {"title": _("Banco de preguntas"), "minutes": outline.EXAM_MINUTES, "questions": []}
        changes[bank] = yaml.safe_dump(head, allow_unicode=True, sort_keys=False).encode()
    note = _("Se agregó «%(title)s»", title=title)
    services.apply(session, found, changes, author(), storage(), now(), note, bases={SHEET: base or None})
    return redirect(draft_path(found, "bancos", "banco"), 303)


# --- citations and pictures -------------------------------------------------------------------------------------


@blueprint.get("/estudio/borradores/<public_id>/citas")
@role(*AUTHORS)
def citations(public_id: str) -> ResponseReturnValue:
    """Find an article or a fraction by its number or its words, with its exact text and how it is cited."""
    found = draft_or_404(db.session(), public_id)
    norms = drafting.norms_of(courses_dir())
    chosen = norms.get(request.args.get("norma", ""))
    sought = [chosen] if chosen else list(norms.values())
    words = request.args.get("q", "")[:120]
    told = {
        "norms": norms.values(),
        "norm": chosen,
        "q": words,
        "passages": writing.passages(sought, words) if words.strip() else [],
        "path": draft_path(found),
    }
    if request.args.get("fragment") == "1":
        return jsonify(html=render_template("authoring/_citations.html", **told))
    return render_template("authoring/citations.html", draft=found, **told)


@blueprint.route("/estudio/borradores/<public_id>/imagenes", methods=["GET", "POST"])
@role(*AUTHORS)
def picture(public_id: str) -> ResponseReturnValue:
    """A picture for a lesson: one of the draft or a new one, with what it shows. Answers with the line to write."""
    found, form = draft_or_404(db.session(), public_id), PictureForm()
    form.asset.choices = [
        ("", _("Subir una nueva")),
        *((p, p) for p in writing.pictures(context_of(db.session(), found))),
    ]
    line, status = "", 200
    wants_json = request.accept_mimetypes.best == "application/json"
    if request.method == "POST":
        refusal = _keep_picture(public_id, form) if form.validate_on_submit() else ""
        if refusal:
            form.file.errors = [refusal]
        if form.errors or refusal:
            status = 422
        else:
            caption = " ".join(str(form.caption.data or "").split()).replace('"', "'")
            alt = escape(" ".join(str(form.alt.data).split()))
            line = f"![{alt}]({form.asset.data}" + (f' "{caption}")' if caption else ")")
        if wants_json:
            errors = [str(text) for field in form for text in field.errors]
            return jsonify(line=line, errors=errors), status
    page = render_template("authoring/picture.html", draft=found, form=form, line=line, path=draft_path(found))
    return page, status


def _keep_picture(public_id: str, form: PictureForm) -> str:
    """Write the picture that was sent into the draft; returns why not. Its path is in the form afterwards."""
    if form.asset.data:
        return ""
    sent = form.file.data
    if not sent or not sent.filename:
        return str(_("Elige una imagen del curso o sube una."))
    content = sent.stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        return str(_("La imagen pasa de %(most)s MB; redúcela.", most=LARGEST_FILE // 1024**2))
    suffix = Path(sent.filename).suffix.lower()
    refusal = writing.refused_picture(f"assets/imagen{suffix}", content)
    if refusal:
        return refusal
    try:
        if clamd := scanner():
            intake.look_through(clamd, sent.filename, [content])
    except Refused as error:
        return error.message
    with transaction() as session:
        found = draft_or_404(session, public_id)
        taken = {Path(path).stem for path in services.keys(session, found) if path.startswith("assets/")}
        path = f"assets/{slug_of(Path(sent.filename).stem, taken, 'imagen')}{suffix}"
        try:
            content = writing.cleaned_picture(path, content)
            services.write(
                session, found, path, content, author(), storage(), now(), base_key=None, note=_("Se agregó una imagen")
            )
        except (DraftError, Refused) as error:
            return str(error.text if isinstance(error, DraftError) else error.message)
    form.asset.data = path
    return ""


# --- the history of a file --------------------------------------------------------------------------------------


@blueprint.route("/estudio/borradores/<public_id>/historial/<path:path>", methods=["GET", "POST"])
@role(*AUTHORS)
def file_history(public_id: str, path: str) -> ResponseReturnValue:
    """The versions of a text: see one, compare it with how the file is now, bring it back."""
    session, form = db.session(), PlainForm()
    found = draft_or_404(session, public_id)
    told = writing.versions(session, found, path) if path.endswith((".md", ".yaml")) else []
    if not told:
        abort(404)
    if request.method == "POST":
        return _restore(public_id, path, form)
    chosen = next((one for one in told if str(one.number) == request.args.get("version")), None)
    file = queries.file(session, found, path)
    present = storage().get(file.storage_key).decode("utf-8", "replace") if file else ""
    text = storage().get(chosen.key).decode("utf-8", "replace") if chosen and chosen.key else ""
    return render_template(
        "authoring/history.html",
        draft=found, versions=told, chosen=chosen, text=text, file=path, path=draft_path(found),
        lines=writing.compare(text, present) if chosen else [],
        current=file.storage_key if file else None,
    )  # fmt: skip


def _restore(public_id: str, path: str, form: PlainForm) -> ResponseReturnValue:
    number = form.number.data or ""
    if not form.validate_on_submit() or not (number.isascii() and number.isdigit() and len(number) < 10):
        abort(400)
    with transaction() as session:
        found = draft_or_404(session, public_id)
        key = writing.key_at(session, found, path, int(number)) or abort(404)
        note = _("Se recuperó una versión anterior")
        try:
            services.apply(session, found, {path: storage().get(key)}, author(), storage(), now(), note)
        except DraftError as error:
            raise conflict(error) from error
        where = draft_path(found, "historial", path)
    flash(_("Versión recuperada."), "success")
    return redirect(where, 303)
