"""Labs of courses: the case, the workbook, the row one writes, and what was handed in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Response, abort, current_app, flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import Conflict, HTTPException

from webapp.accounts.limits import QUARTER, Limit
from webapp.accounts.models import Person
from webapp.accounts.throttling import spend
from webapp.catalog import queries as catalog
from webapp.core.access import current_actor, signed_in
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.storage import storage
from webapp.core.web import accepts_up_to, wants_json
from webapp.coursepack.filling import first_row_of
from webapp.coursepack.judging import practice_of
from webapp.coursepack.model import Lab, Step
from webapp.formatlab import bench, queries, services
from webapp.formatlab.forms import HandInForm
from webapp.formatlab.lessons import lessons
from webapp.formatlab.models import LabWork, Way
from webapp.formatlab.views.blueprint import blueprint, library, rules
from webapp.formatlab.views.public import BODY, xlsx
from webapp.formats.blank import write_blank
from webapp.formats.definitions import UnknownFormat
from webapp.formats.examine import PAGE_ROWS
from webapp.formats.guard import run_limited
from webapp.formats.model import Format, Unreadable, Workbook
from webapp.formats.reader import read
from webapp.learning import queries as learning
from webapp.learning.models import Enrolment
from webapp.learning.views import course_path
from webapp.records.services import RecordsError

HAND_INS = Limit(60, QUARTER)  # of a person
SECONDS = 12
FIELD = "celda."  # begins the name of a cell's field


@dataclass(frozen=True)
class Desk:
    """A learner at a lab: everything that its pages start from. `work` is None before the lab is opened."""

    person: Person
    enrolment: Enrolment
    revision: catalog.Revision
    step: Step
    lab: Lab
    format: Format
    work: LabWork | None

    @property
    def path(self) -> str:
        return lab_path(self.revision.slug, self.step.key)


def lab_path(slug: str, key: str, *rest: str) -> str:
    """The address of a lab or of something in it."""
    return course_path(slug, key, "practica", *rest)


def _desk(session: Session, slug: str, key: str) -> Desk:
    """The lab of whoever asks; 404 without an enrolment or where the step is no lab."""
    person = current_actor()
    state = catalog.course_by_slug(session, slug)
    enrolment = learning.enrolment(session, person.id, state.id) if isinstance(person, Person) and state else None
    if enrolment is None or not isinstance(person, Person):
        abort(404)
    revision = catalog.revision(session, enrolment.revision_id)
    lab = revision.course.labs.get(key)
    if lab is None:
        abort(404)
    try:
        format = library().get(lab.format)
    except UnknownFormat:
        abort(404)
    work = queries.current_work(session, enrolment.id, key)
    return Desk(person, enrolment, revision, revision.course.steps[key], lab, format, work)


def _work(desk: Desk) -> LabWork:
    return desk.work if desk.work is not None else abort(404)


def _conflict(error: services.LabError | RecordsError) -> HTTPException:
    refusal = Conflict(str(error.text))
    refusal.aula_code = error.code  # type: ignore[attr-defined]
    return refusal


# --- the lab ----------------------------------------------------------------------------------------------------


@blueprint.get("/cursos/<slug>/<key>/practica")
@signed_in
def lab(slug: str, key: str) -> ResponseReturnValue:
    """The case, the workbook, the ways to hand it in, and what was handed in."""
    return _lab_page(_desk(db.session(), slug, key), HandInForm())


def _lab_page(desk: Desk, form: HandInForm, refusal: str = "", status: int = 200) -> ResponseReturnValue:
    session = db.session()
    made = queries.attempts(session, desk.enrolment.id, desk.step.key)
    acuse = bench.acuse(desk.work, desk.format, rules(), storage()) if desk.work and desk.lab.kind == "mend" else []
    page = render_template(
        "formatlab/lab.html",
        course=desk.revision.course,
        step=desk.step,
        lab=desk.lab,
        work=desk.work,
        form=form,
        refusal=refusal,
        acuse=acuse,
        attempts=made,
        left=None if desk.step.attempts is None else max(0, desk.step.attempts - len(made)),
        after=desk.revision.course.neighbours(desk.step)[1],
        path=desk.path,
    )
    return page, status


@blueprint.post("/cursos/<slug>/<key>/practica/abrir")
@signed_in
def open_lab(slug: str, key: str) -> ResponseReturnValue:
    """Begin: make the learner's own workbook."""
    desk = _desk(db.session(), slug, key)
    if desk.work is None:
        _make_work(desk, slug, key, after=0)
    return redirect(desk.path, 303)


@blueprint.post("/cursos/<slug>/<key>/practica/otro")
@signed_in
def another(slug: str, key: str) -> ResponseReturnValue:
    """Another workbook of the same lab, with the mistakes that were missed in the last one."""
    spend(("lab-another", str(_desk(db.session(), slug, key).person.id), HAND_INS))
    desk = _desk(db.session(), slug, key)
    if desk.lab.kind == "load":
        abort(404)
    _make_work(desk, slug, key, after=_work(desk).number)
    flash(_("Este es otro libro, con errores distintos."), "success")
    return redirect(desk.path, 303)


def _make_work(desk: Desk, slug: str, key: str, after: int) -> None:
    """Make the practice before the transaction, which nobody should wait for."""
    codes = queries.missed_codes(db.session(), desk.enrolment.id, key) if after else []
    seed = secrets.randbits(31)
    practice = None if desk.lab.kind == "load" else practice_of(desk.lab, desk.format, rules(), seed, codes)
    with transaction() as session:
        at = _desk(session, slug, key)
        services.open_work(
            session, at.enrolment, at.revision, at.step, seed, practice, storage(), now(), another_after=after
        )


@blueprint.get("/cursos/<slug>/<key>/practica/libro.xlsx")
@signed_in
def workbook(slug: str, key: str) -> Response:
    """The workbook of the practice, or the blank template."""
    desk = _desk(db.session(), slug, key)
    work = _work(desk)
    content = BytesIO()
    if work.workbook_key:
        content.write(storage().get(work.workbook_key))
    else:
        write_blank(desk.format, content)
    return xlsx(content, f"{key}.xlsx")


@blueprint.post("/cursos/<slug>/<key>/practica/pista")
@signed_in
def hint(slug: str, key: str) -> ResponseReturnValue:
    """One hint more."""
    with transaction() as session:
        desk = _desk(session, slug, key)
        services.ask_hint(session, _work(desk), desk.lab, request.form.get("vistas", 0, type=int))
    return redirect(f"{desk.path}#pistas", 303)


# --- handing in -------------------------------------------------------------------------------------------------


@blueprint.post("/cursos/<slug>/<key>/practica/subir")
@signed_in
@accepts_up_to(BODY)
def upload_answer(slug: str, key: str) -> ResponseReturnValue:
    """Hand in a workbook that was filled elsewhere. It is read in a child process and not kept."""
    desk = _desk(db.session(), slug, key)
    _work(desk)
    form = HandInForm()
    if not form.validate_on_submit():
        return _lab_page(desk, form, status=422)
    spend(("lab-hand-in", str(desk.person.id), HAND_INS))
    try:
        submitted = _read_upload(form)
    except Unreadable as error:
        return _lab_page(_desk(db.session(), slug, key), form, error.message, 422)
    return _hand_in(slug, key, "upload", submitted)


def _read_upload(form: HandInForm) -> Workbook:
    """Raises Unreadable."""
    suffix = Path(str(form.workbook.data.filename)).suffix.lower()
    with TemporaryDirectory(prefix="practica-") as folder:
        path = Path(folder) / f"libro{suffix if suffix in ('.xlsx', '.xls') else ''}"
        form.workbook.data.save(path)
        return run_limited(read, path, seconds=SECONDS)


@blueprint.post("/cursos/<slug>/<key>/practica/entregar")
@signed_in
def hand_in_typed(slug: str, key: str) -> ResponseReturnValue:
    """Hand in what was typed in the browser: the same check as of an uploaded workbook."""
    desk = _desk(db.session(), slug, key)
    spend(("lab-hand-in", str(desk.person.id), HAND_INS))
    desk = _desk(db.session(), slug, key)
    return _hand_in(slug, key, "grid", bench.typed_over(_work(desk), desk.format, storage()))


def _hand_in(slug: str, key: str, way: Way, submitted: Workbook) -> ResponseReturnValue:
    desk = _desk(db.session(), slug, key)
    judged = bench.judge(desk.lab, _work(desk), desk.format, rules(), storage(), submitted)
    try:
        with transaction() as session:
            at = _desk(session, slug, key)
            handed = services.hand_in(
                session, at.enrolment, at.revision, at.step, _work(at), judged, way, current_app.config["ISSUER"], now()
            )
    except (services.LabError, RecordsError) as error:
        raise _conflict(error) from error
    return redirect(lab_path(slug, key, "entregas", handed.attempt.public_id), 303)


@blueprint.get("/cursos/<slug>/<key>/practica/entregas/<public_id>")
@signed_in
def result(slug: str, key: str, public_id: str) -> ResponseReturnValue:
    """What a submission was worth and what it showed, rule by rule, with what to read and what comes next."""
    session = db.session()
    desk = _desk(session, slug, key)
    attempt = queries.attempt_of(session, desk.person.id, public_id)
    if attempt is None or attempt.step != key or attempt.enrolment_id != desk.enrolment.id:
        abort(404)
    outcomes = queries.outcomes(session, attempt.id)
    known = rules()
    return render_template(
        "formatlab/lab_result.html",
        course=desk.revision.course,
        step=desk.step,
        lab=desk.lab,
        attempt=attempt,
        outcomes=outcomes,
        rules=known,
        lessons=lessons(session, known, [item.code for item in outcomes]),
        remedial=[item for item in outcomes if item.left or item.broken],
        left=None if desk.step.attempts is None else max(0, desk.step.attempts - attempt.number),
        after=desk.revision.course.neighbours(desk.step)[1],
        path=desk.path,
    )


# --- the browser grid -------------------------------------------------------------------------------------------


@blueprint.get("/cursos/<slug>/<key>/practica/hoja")
@signed_in
def sheet(slug: str, key: str) -> ResponseReturnValue:
    """A sheet of the practice, and one of its rows as a form."""
    desk = _desk(db.session(), slug, key)
    book = bench.typed_over(_work(desk), desk.format, storage())
    names = [name for name in bench.editable_sheets(desk.format) if name in book.sheets]
    place = request.args.get("hoja", 1, type=int) - 1
    name = names[place] if 0 <= place < len(names) else abort(404)
    shown = book.sheets[name]
    free = bench.next_free_row(shown)
    if "fila" not in request.args:  # the address names the row, so that loading the page again stays in it
        begin = free if desk.lab.kind == "load" else first_row_of(name) + 1
        return redirect(f"{desk.path}/hoja?hoja={place + 1}&fila={begin}")
    row = request.args.get("fila", 0, type=int)
    if not 1 <= row <= max(free, len(shown.rows)):
        abort(404)
    pages = range(0, max(len(shown.rows), 1), PAGE_ROWS)
    page = min(request.args.get("pagina", (row - 1) // PAGE_ROWS + 1, type=int), len(pages)) - 1
    return render_template(
        "formatlab/lab_sheet.html",
        course=desk.revision.course,
        step=desk.step,
        lab=desk.lab,
        work=desk.work,
        names=names,
        place=place,
        row=row,
        free=free,
        first=first_row_of(name) + 1,
        entries=bench.row_entries(shown, desk.format, row),
        grid=bench.grid_of(shown, place, max(page, 0)),
        path=desk.path,
        field=FIELD,
    )


@blueprint.post("/cursos/<slug>/<key>/practica/hoja")
@signed_in
def save_row(slug: str, key: str) -> ResponseReturnValue:
    """Keep what was typed: one cell as soon as it is left, or the whole row with its button."""
    place, row = request.form.get("hoja", 1, type=int), request.form.get("fila", 1, type=int)
    cells = {name.removeprefix(FIELD): text for name, text in request.form.items() if name.startswith(FIELD)}
    if "vaciar" in request.form:
        cells = dict.fromkeys(cells, "")
    at = now()
    try:
        with transaction() as session:
            desk = _desk(session, slug, key)
            names = bench.editable_sheets(desk.format)
            name = names[place - 1] if 1 <= place <= len(names) else abort(404)
            services.save_cells(session, _work(desk), name, cells, at)
    except services.LabError as error:
        raise _conflict(error) from error
    if wants_json():
        return jsonify(saved_at=at.isoformat())
    flash(_("La fila %(row)d está guardada.", row=row), "success")
    following = row + 1 if "siguiente" in request.form else row
    return redirect(f"{desk.path}/hoja?hoja={place}&fila={following}#fila", 303)
