"""Writing questions in the browser: a bank of a draft, the form of each question, questions in and out."""

from __future__ import annotations

from io import BytesIO
from typing import Any, cast

from flask import abort, flash, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp.authoring import bankfile, banking, drafting, intake, lessonfile, queries, questionform, writing
from webapp.authoring.bankfile import BadBank, BankText, Values
from webapp.authoring.errors import DraftConflict, DraftError
from webapp.authoring.forms import BankFileForm, PlainForm, StepForm
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
from webapp.authoring.views.draft import checked, courses_dir
from webapp.authoring.views.lessons import KEY, context_of, text_of
from webapp.authoring.views.publishing import shown
from webapp.core.access import role
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.storage import storage
from webapp.coursepack import banks as exchange
from webapp.coursepack.banks.neutral import LARGEST
from webapp.coursepack.intake import Refused
from webapp.coursepack.scoring import present

BANK = "/estudio/borradores/<public_id>/bancos/<bank>"
A_PAGE = 50
TYPE_NAMES = {
    "single": _l("Opción única"),
    "multiple": _l("Varias opciones"),
    "truefalse": _l("Verdadero o falso"),
    "matching": _l("Parejas"),
    "ordering": _l("Ordenar"),
    "numeric": _l("Número"),
    "short": _l("Respuesta corta"),
    "cloze": _l("Texto con huecos"),
}
BLANK_NAMES = {"choice": _l("Elegir de una lista"), "numeric": _l("Número"), "short": _l("Texto corto")}
DIFFICULTIES = {"1": _l("1, recordar"), "2": _l("2, aplicar a un caso"), "3": _l("3, decidir entre reglas")}
EXPORTS = {"gift": "GIFT", "moodle": "Moodle XML", "xlsx": "XLSX"}


def bank_file(bank: str) -> str:
    """The file of a bank."""
    if not KEY.fullmatch(bank) or len(bank) > 120:
        abort(404)
    return f"quizzes/{bank}.yaml"


def bank_of(text: str) -> BankText:
    """A bank whose questions can be changed here; one that cannot be read is a 409 that says so."""
    try:
        return bankfile.read(text)
    except BadBank:
        told = _("No se puede leer el archivo de preguntas; deshaz el último cambio o corrígelo en tu carpeta.")
        raise conflict(DraftError("bad_bank", told)) from None


# --- the bank ---------------------------------------------------------------------------------------------------


@blueprint.get(BANK)
@role(*AUTHORS)
def bank(public_id: str, bank: str) -> ResponseReturnValue:
    """The questions of a bank, with what the checker says of each."""
    return _bank_page(draft_or_404(db.session(), public_id), bank)


def _bank_page(found: Draft, bank: str, form: StepForm | None = None, status: int = 200) -> ResponseReturnValue:
    path = bank_file(bank)
    text, base = text_of(db.session(), found, path)
    parted = bank_of(text)
    told = [one for one in checked(db.session(), found).problems if one.file == path and one.severity != "info"]
    lines, rest = banking.lines(parted, told)
    wanted = {name: request.args.get(name, "")[:120] for name in ("q", "etiqueta", "dificultad")}
    matches = banking.matching(lines, wanted["q"], wanted["etiqueta"], wanted["dificultad"])
    pages = max(1, -(-len(matches) // A_PAGE))
    asked = request.args.get("page", "1")
    page = min(int(asked), pages) if asked.isascii() and asked.isdigit() and len(asked) < 6 and int(asked) else 1
    head = lessonfile.head_of(path, text)
    minutes = head.get("minutes")
    title = str(head.get("title") or bank)
    answer = render_template(
        "authoring/bank.html",
        draft=found, bank=bank, title=title, base=base, file=path, path=draft_path(found),
        lines=matches[(page - 1) * A_PAGE : page * A_PAGE], total=len(lines), matches=len(matches), rest=rest,
        page=page, pages=pages, wanted=wanted, tags=sorted({tag for line in lines for tag in line.tags}),
        form=form or StepForm(
            formdata=None, title=title, minutes=minutes if isinstance(minutes, int) else 5, base=base
        ),
        types=TYPE_NAMES, difficulties=DIFFICULTIES, focus=request.args.get("foco", ""),
    )  # fmt: skip
    return answer, status


@blueprint.post(BANK)
@role(*AUTHORS)
def save_bank(public_id: str, bank: str) -> ResponseReturnValue:
    """Title and minutes of a bank."""
    form, path = StepForm(), bank_file(bank)
    if not form.validate_on_submit():
        return _bank_page(draft_or_404(db.session(), public_id), bank, form, 422)
    title = " ".join(str(form.title.data).split())
    where = _do(
        public_id, path, form.base.data or "", "",
        lambda text: bankfile.with_head(text, title, form.minutes.data or 1), _("Se cambió un banco de preguntas"),
    )  # fmt: skip
    flash(_("Banco guardado."), "success")
    return redirect(f"{where}/bancos/{bank}", 303)


@blueprint.post(BANK + "/orden")
@role(*AUTHORS)
def arrange_bank(public_id: str, bank: str) -> ResponseReturnValue:
    """Move a question or take it out. `number` is "verb:question"."""
    form, path = PlainForm(), bank_file(bank)
    verb, _colon, question = (form.number.data or "").partition(":")
    if not form.validate_on_submit() or verb not in ("up", "down", "remove"):
        abort(400)
    if verb == "remove":
        where = _do(
            public_id, path, request.form.get("base", ""), question,
            lambda text: bankfile.remove(text, question), _("Se quitó una pregunta"),
        )  # fmt: skip
        flash(_("Pregunta quitada. La puedes recuperar desde el historial del borrador."), "success")
        return redirect(f"{where}/bancos/{bank}", 303)
    by = -1 if verb == "up" else 1
    where = _do(
        public_id,
        path,
        "",
        None,
        lambda text: bankfile.move(text, question, by),
        _("Se cambió el orden de las preguntas"),
    )
    return redirect(f"{where}/bancos/{bank}?foco={verb}.{question}", 303)


def _do(public_id: str, path: str, base: str, question: str | None, edit: banking.Edit, note: str) -> str:
    """One edit of a bank; the address of its draft. What cannot be done is the page of a refusal."""
    with transaction() as session:
        found = draft_or_404(session, public_id)
        try:
            banking.change(session, found, path, base, question, edit, author(), storage(), now(), note)
        except BadBank:
            abort(404)
        except DraftError as error:
            raise conflict(error) from error
        return draft_path(found)


# --- a question -------------------------------------------------------------------------------------------------


def _kind_or_404(kind: str) -> str:
    return kind if kind in TYPE_NAMES else abort(404)


def _values_or_404(text: str, question: str) -> Values:
    parted = bank_of(text)
    return parted.questions[parted.index(question)] if question and question in parted.ids else abort(404)


@blueprint.get(BANK + "/nueva")
@role(*AUTHORS)
def new_question(public_id: str, bank: str) -> ResponseReturnValue:
    """The form of a question that there is not yet; `tipo` says of which type."""
    found = draft_or_404(db.session(), public_id)
    kind = _kind_or_404(request.args.get("tipo", "single"))
    _text, base = text_of(db.session(), found, bank_file(bank))
    return _form_page(found, bank, "", kind, questionform.tidy(questionform.to_form({}, kind), kind), base)


@blueprint.get(BANK + "/preguntas/<question>")
@role(*AUTHORS)
def edit_question(public_id: str, bank: str, question: str) -> ResponseReturnValue:
    """The form of a question."""
    found = draft_or_404(db.session(), public_id)
    text, base = text_of(db.session(), found, bank_file(bank))
    values = _values_or_404(text, question)
    kind = _kind_or_404(str(values.get("type", "")))
    judged = questionform.judge(values, context_of(db.session(), found))
    form = questionform.tidy(questionform.to_form(values, kind), kind)
    return _form_page(found, bank, question, kind, form, base, judged)


@blueprint.post(BANK + "/nueva")
@role(*AUTHORS)
def add_question(public_id: str, bank: str) -> ResponseReturnValue:
    """Save a new question, or change the rows of its form."""
    return _sent(public_id, bank, "", _kind_or_404(request.args.get("tipo", "single")))


@blueprint.post(BANK + "/preguntas/<question>")
@role(*AUTHORS)
def save_question(public_id: str, bank: str, question: str) -> ResponseReturnValue:
    """Save a question over the version that its writer saw, or change the rows of its form."""
    return _sent(public_id, bank, question, "")


def _sent(public_id: str, bank: str, question: str, kind: str) -> ResponseReturnValue:
    if not PlainForm().validate_on_submit():
        abort(400)
    found, path = draft_or_404(db.session(), public_id), bank_file(bank)
    text, _key = text_of(db.session(), found, path)
    parted = bank_of(text)
    there = bool(question) and question in parted.ids
    old = parted.questions[parted.index(question)] if there else {}
    kind = kind or _kind_or_404(request.form.get("type") or str(old.get("type", "")))
    form = questionform.nest(request.form.to_dict(flat=False))
    base = request.form.get("base", "")
    verb, _colon, where = request.form.get("act", "save").partition(":")
    if verb in ("add", "remove", "up", "down"):
        focus = questionform.act(form, verb, where)
        return _form_page(found, bank, question, kind, questionform.tidy(form, kind), base, focus=focus)
    name = question or banking.free_id(parted, str(form.get("prompt") or ""), kind)
    values = {"id": name, "type": kind, **questionform.from_form(form, kind, old)}
    judged = questionform.judge(values, context_of(db.session(), found))
    tidy = questionform.tidy(form, kind)
    if verb != "save":
        return _form_page(found, bank, question, kind, tidy, base, judged, preview=verb == "preview")
    if judged.question is None:
        return _form_page(found, bank, question, kind, tidy, base, judged, status=422)

    def edit(current: str) -> str:
        if not question:
            return bankfile.insert(
                current, {**values, "id": banking.free_id(bank_of(current), str(values["prompt"]), kind)}
            )
        return bankfile.replace(current, question, values) if there else bankfile.insert(current, values)

    try:
        with transaction() as session:
            found = draft_or_404(session, public_id)
            banking.change(
                session, found, path, base, question or None, edit, author(), storage(), now(),
                _("Se escribió una pregunta"),
            )  # fmt: skip
            back = draft_path(found, "bancos", bank)
    except DraftConflict:
        return _both(public_id, bank, question, kind, tidy, values)
    except DraftError as error:
        raise conflict(error) from error
    flash(_("Pregunta guardada."), "success")
    return redirect(back, 303)


def _form_page(
    found: Draft,
    bank: str,
    question: str,
    kind: str,
    form: Values,
    base: str,
    judged: questionform.Judged | None = None,
    *,
    focus: str = "",
    preview: bool = False,
    status: int = 200,
) -> ResponseReturnValue:
    session, path = db.session(), draft_path(found)
    page = render_template(
        "authoring/question_form.html",
        draft=found, bank=bank, question=question, kind=kind, form=form, base=base, path=path,
        action=f"{path}/bancos/{bank}/preguntas/{question}" if question else f"{path}/bancos/{bank}/nueva?tipo={kind}",
        problems=judged.problems if judged else {}, refused=status == 422, focus=focus, preview=preview,
        shown=_as_seen(found, judged), lessons=_lessons(session, found, form),
        types=TYPE_NAMES, blank_types=BLANK_NAMES, difficulties=DIFFICULTIES,
    )  # fmt: skip
    return page, status


def _as_seen(found: Draft, judged: questionform.Judged | None) -> dict[str, object] | None:
    """The question as a learner gets it."""
    return shown(present(judged.question, 1), found) if judged and judged.question else None


def _lessons(session: Session, found: Draft, form: Values) -> list[str]:
    """What a question may be tagged with: the lessons of the draft, and whatever it is tagged with already."""
    return sorted(context_of(session, found).lessons | set(form["tags"]))


def _both(public_id: str, bank: str, question: str, kind: str, form: Values, mine: Values) -> ResponseReturnValue:
    """Both versions of a question that two people changed. Mine is still in the form of this page."""
    session, path = db.session(), bank_file(bank)
    found = draft_or_404(session, public_id)
    text, base = text_of(session, found, path)
    parted = bank_of(text)
    theirs = bankfile.write_question(parted.questions[parted.index(question)]) if question in parted.ids else ""
    last = writing.last_change(session, found, path)
    page = render_template(
        "authoring/question_conflict.html",
        draft=found, bank=bank, question=question, path=draft_path(found), base=base, theirs=theirs,
        fields=[(name, text) for name, given in request.form.lists() for text in given
                if name not in ("csrf_token", "base", "act")],
        who=last[0] if last else "", at=last[1] if last else now(),
        lines=writing.compare(theirs, bankfile.write_question(mine)),
    )  # fmt: skip
    return page, 409


# --- in and out -------------------------------------------------------------------------------------------------


@blueprint.get("/estudio/plantilla-de-preguntas.xlsx")
@role(*AUTHORS)
def bank_template() -> ResponseReturnValue:
    """The workbook in which questions are written in Excel."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = send_file(BytesIO(exchange.template()), kind, as_attachment=True, download_name="preguntas.xlsx")
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route(BANK + "/importar", methods=["GET", "POST"])
@role(*AUTHORS)
def import_questions(public_id: str, bank: str) -> ResponseReturnValue:
    """Questions of a file at the end of a bank, all or none."""
    found, form, path = draft_or_404(db.session(), public_id), BankFileForm(), bank_file(bank)
    text_of(db.session(), found, path)
    faults: list[Any] = []
    if form.validate_on_submit():
        sent = form.file.data
        data = sent.stream.read(LARGEST + 1) if sent and sent.filename else b""
        refusal = _infected(sent.filename, data) if data else _("Elige un archivo que traiga preguntas.")
        if refusal:
            form.file.errors = [refusal]
        else:
            came = exchange.import_bank(
                data, sent.filename, skip_unsupported=bool(form.skip.data), norms=drafting.norms_of(courses_dir())
            )
            faults = list(came.faults)
            if came.ok:
                return _take(public_id, bank, came)
    page = render_template(
        "authoring/bank_import.html", draft=found, bank=bank, form=form, faults=faults, path=draft_path(found)
    )
    return page, 422 if faults or form.errors or form.file.errors else 200


def _infected(name: str, data: bytes) -> str:
    """Why the scanner, where there is one, lets a file not in; empty when it does."""
    try:
        if clamd := scanner():
            intake.look_through(clamd, name, [data])
    except Refused as error:
        return error.message
    return ""


def _take(public_id: str, bank: str, came: exchange.Imported) -> ResponseReturnValue:
    with transaction() as session:
        found = draft_or_404(session, public_id)
        present_files = {file.path for file in queries.files(session, found)}
        if taken := sorted(present_files & came.assets.keys()):
            told = _("Ya hay una imagen «%(path)s» en el borrador; dale otro nombre en tu archivo.", path=taken[0])
            raise conflict(DraftError("path_taken", told))
        try:
            banking.change(
                session, found, bank_file(bank), "", None, lambda text: banking.with_imported(text, came), author(),
                storage(), now(), _("Entraron preguntas de un archivo"), came.assets,
            )  # fmt: skip
        except BadBank:
            abort(404)
        except DraftError as error:
            raise conflict(error) from error
        where = draft_path(found, "bancos", bank)
    flash(_("Preguntas que entraron: %(count)d.", count=came.questions), "success")
    if came.left_out:
        flash(
            _(
                "Se quedaron fuera: %(names)s.",
                names=", ".join(one.title or str(one.number) for one in came.left_out[:10]),
            ),
            "info",
        )
    for note in came.notes[:5]:
        flash(f"{note.number}: {note.message}", "info")
    return redirect(where, 303)


@blueprint.get(BANK + "/exportar/<kind>")
@role(*AUTHORS)
def export_questions(public_id: str, bank: str, kind: str) -> ResponseReturnValue:
    """A bank for another program, answer key included."""
    found = draft_or_404(db.session(), public_id)
    text, _key = text_of(db.session(), found, bank_file(bank))
    if kind not in EXPORTS:
        abort(404)
    whole = banking.compiled(bank, text, context_of(db.session(), found))
    if whole is None:
        told = _("El banco tiene errores. Corrígelos y descárgalo de nuevo.")
        raise conflict(DraftError("bank_with_errors", told))
    written = exchange.export_bank(whole, cast("exchange.ExportKind", kind))
    response = send_file(
        BytesIO(written.data), written.media_type, as_attachment=True, download_name=f"{bank}{written.extension}"
    )
    response.headers["Cache-Control"] = "no-store"
    return response
