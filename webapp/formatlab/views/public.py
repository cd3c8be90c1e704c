"""The public laboratory: a workbook goes in without an account, and what it lacks comes out."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from io import BytesIO
from typing import Any

from flask import Response, abort, flash, jsonify, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from webapp.accounts.identity import network
from webapp.accounts.limits import QUARTER, Limit
from webapp.accounts.throttling import spend
from webapp.core.access import public
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.jobs import enqueue
from webapp.core.web import accepts_up_to
from webapp.coursepack.answers import comparable
from webapp.formatlab import checking, jobs, showing
from webapp.formatlab.files import LARGEST, LIFE, MARGIN, LabFile, Refusal, TooManyFiles
from webapp.formatlab.forms import FindForm, UploadForm
from webapp.formatlab.lessons import lessons
from webapp.formatlab.views.blueprint import blueprint, formats_folder, library, rules, shelf
from webapp.formats.blank import NotATemplate, write_blank
from webapp.formats.definitions import UnknownFormat
from webapp.formats.examine import read_page, read_report
from webapp.formats.model import Format, Rule, Unreadable
from webapp.organizations import queries as organizations

UPLOADS = Limit(60, QUARTER)  # of a network: a workshop room shares one
COPIES = Limit(60, QUARTER)
BODY = LARGEST + 1024 * 1024  # the form around the file; what is over 25 MB is then told in our own words
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HOME = "/laboratorio"


def file_path(name: str, *rest: str) -> str:
    """The address of a file in the laboratory or of something about it."""
    return "/".join((HOME, name, *rest))


def _upload_form(session: Session) -> UploadForm:
    form = UploadForm()
    states = [SelectChoice(state.iso, state.name) for state in organizations.states(session)]
    form.state.choices = [SelectChoice("", _("No lo digo")), *states]
    return form


@blueprint.get(HOME)
@public
def laboratory() -> ResponseReturnValue:
    """What the laboratory is, what stays of a file, and the place to drop one."""
    return _front(_upload_form(db.session()))


def _front(
    form: UploadForm, refusal: Refusal | None = None, shown_name: str = "", status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "formatlab/laboratory.html",
        form=form,
        refusal=refusal,
        shown_name=shown_name,
        minutes=int(LIFE.total_seconds() // 60),
        megabytes=LARGEST // 1024**2,
        formats=len(library().ids),
    )
    return page, status


@blueprint.post(HOME)
@public
@accepts_up_to(BODY)
def upload() -> ResponseReturnValue:
    """Take a workbook, check it now or behind, and show what was found under a random address."""
    spend(("lab-upload", network(), UPLOADS))
    form = _upload_form(db.session())
    if not form.validate_on_submit():
        return _front(form, status=422)
    shown_name, at = str(form.workbook.data.filename)[:120], now()
    try:
        file = shelf().keep(form.workbook.data.stream, shown_name, form.state.data or "", at)
    except TooManyFiles:
        crowded = Refusal("busy", _("Hay muchos archivos en revisión. Espera unos minutos y súbelo otra vez."))
        return _front(form, crowded, shown_name, 503)
    try:
        checking.measure(file)
        _check(file)
    except Unreadable as error:
        return _front(form, Refusal(error.code, error.message), shown_name, 422)
    return redirect(file_path(file.name), 303)


def _check(file: LabFile) -> None:
    """Check a short file now and a long one behind; either way say now when it will be deleted. Raises Unreadable."""
    found = checking.check_now(file, library(), rules()) if checking.is_short(file) else None
    with transaction() as session:
        at = now()
        forget = enqueue(session, jobs.FORGET, at)
        forget.due_at = file.about.gone_at - MARGIN
        if found is not None:
            checking.count(session, found, file.about.state_iso, at)
        else:
            enqueue(session, jobs.CHECK, at, file=file.name)


def _file_or_404(name: str) -> LabFile:
    found = shelf().get(name, now())
    if found is None:
        abort(404)
    return found


@blueprint.get("/laboratorio/<name>")
@public
def file(name: str) -> ResponseReturnValue:
    """The verdict, the findings, and a page of a sheet with its marked cells."""
    found = shelf().get(name, now())
    if found is None:
        return render_template("formatlab/gone.html", minutes=int(LIFE.total_seconds() // 60)), 404
    left = max(timedelta(0), found.about.gone_at - now())
    common = {"file": found, "path": file_path(name), "minutes_left": int(left.total_seconds() // 60)}
    if found.state == "waiting":
        return render_template("formatlab/waiting.html", **common)
    if found.state == "refused":
        return _front(_upload_form(db.session()), found.refusal, found.about.shown_name, 422)
    examination = read_report(found.folder)
    groups = showing.grouped(examination, rules())
    listed = showing.all_of(groups)
    format = _known(examination.format)
    return render_template(
        "formatlab/result.html",
        examination=examination,
        format=format,
        groups=groups,
        lessons=lessons(db.session(), rules(), examination.counts),
        sheets=[(place, sheet) for place, sheet in enumerate(examination.sheets) if showing.is_shown(sheet, listed)],
        counts=Counter(item.finding.sheet for item in listed),
        grid=_grid(found, examination, groups),
        **common,
    )


def _known(format_id: str) -> Format | None:
    """A format by its id; None for none, and for one that is not known any more."""
    try:
        return library().get(format_id) if format_id else None
    except UnknownFormat:
        return None


def _grid(file: LabFile, examination: Any, groups: list[showing.OfSeverity]) -> showing.Grid | None:
    """The page of the sheet that the address asks for; without asking, the first page of the first sheet."""
    if not examination.sheets:
        return None
    place = request.args.get("hoja", 1, type=int) - 1
    sheet = examination.sheets[place] if 0 <= place < len(examination.sheets) else abort(404)
    if not sheet.offsets:
        return None
    page = request.args.get("pagina", 1, type=int) - 1
    if not 0 <= page < len(sheet.offsets):
        abort(404)
    first = read_page(file.folder, place, sheet.offsets, 0)
    top = showing.header_row(sheet.name)
    rows = first if page == 0 else read_page(file.folder, place, sheet.offsets, page)
    header = first[top] if len(first) > top else []
    return showing.grid(sheet, place, page, header, rows, showing.all_of(groups))


@blueprint.get("/laboratorio/<name>/estado")
@public
def state(name: str) -> ResponseReturnValue:
    """Whether the check is done, for the page that waits for it."""
    return jsonify(state=_file_or_404(name).state)


@blueprint.get("/laboratorio/<name>/anotado.xlsx")
@public
def annotated(name: str) -> ResponseReturnValue:
    """The workbook as it came, with its findings in it."""
    found = _file_or_404(name)
    if found.state != "done":
        abort(404)
    try:
        content, made = checking.annotated_copy(found, formats_folder())
    except Unreadable:
        abort(404)
    word = "revisado" if made == "annotated" else "errores"
    stem = found.about.shown_name.rsplit(".", 1)[0] or "libro"
    return xlsx(BytesIO(content), f"{stem}-{word}.xlsx")


@blueprint.post("/laboratorio/<name>/borrar")
@public
def delete(name: str) -> ResponseReturnValue:
    """Whoever has the address may end the file's time now. Pressed twice, it is gone all the same."""
    found = shelf().get(name, now())
    if found is not None:
        found.delete()
    flash(_("El archivo y lo que encontramos en él ya no existen."), "success")
    return redirect(HOME, 303)


def xlsx(content: BytesIO, name: str) -> Response:
    content.seek(0)
    return send_file(content, XLSX, as_attachment=True, download_name=name, max_age=0)


# --- formats ----------------------------------------------------------------------------------------------------


@blueprint.get("/laboratorio/formatos")
@public
def formats() -> ResponseReturnValue:
    """Every format that is known, searched by fraction, name or column, each with its blank template."""
    form = FindForm(request.args)
    known = library()
    form.marco.choices = [
        SelectChoice("", _("Todos")),
        *(SelectChoice(framework.key, framework.label) for framework in known.frameworks.values()),
    ]
    found = [format for format in known.formats if _matches(format, form.q.data or "", form.marco.data or "")]
    return render_template("formatlab/formats.html", form=form, formats=found, frameworks=known.frameworks)


def _matches(format: Format, words: str, framework: str) -> bool:
    if framework and format.framework != framework:
        return False
    fraction = f"{format.fraction}-{format.letter}".strip("-").lower()
    text = " ".join((fraction, format.name, *(field.name for field in format.fields))).lower()
    asked = words.lower().split()
    return all(word == fraction if len(asked) == 1 and word == fraction else word in text for word in asked)


@blueprint.get("/laboratorio/reglas")
@public
def known_problems() -> ResponseReturnValue:
    """Everything that the laboratory knows to go wrong, to find what one was told among it."""
    words = request.args.get("q", "").strip()[:100]
    found = [rule for rule in rules().values() if _speaks_of(rule, words)]
    return render_template(
        "formatlab/known.html", rules=found, q=words, lessons=lessons(db.session(), rules(), rules())
    )


def _speaks_of(rule: Rule, words: str) -> bool:
    text = comparable(" ".join((rule.code, rule.title, rule.why, rule.mend, rule.example)))
    return all(word[:6] in text for word in comparable(words).split() if len(word) > 3)


@blueprint.get("/laboratorio/plantillas/<framework>/<version>/<name>.xlsx")
@public
def template(framework: str, version: str, name: str) -> ResponseReturnValue:
    """The blank template of a format."""
    target = BytesIO()
    try:
        write_blank(library().get(f"{framework}/{version}/{name}"), target)
    except (UnknownFormat, NotATemplate):
        abort(404)
    return xlsx(target, f"{framework}-{version}-{name}.xlsx")
