"""A course as those who teach it see it: what the answers say, and answer keys mended after the fact."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException, UnprocessableEntity

from webapp.authoring import evidence, queries, regrading
from webapp.authoring.regrading import RegradeError
from webapp.authoring.views.blueprint import AUTHORS, HOME, author, blueprint
from webapp.catalog import queries as catalog
from webapp.catalog.policies import can_teach
from webapp.catalog.queries import Revision
from webapp.core.access import role
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.coursepack.amending import KINDS_OF, Amendment
from webapp.coursepack.amending import amend as amend_key
from webapp.coursepack.marking import KINDS
from webapp.coursepack.model import Bank, Question
from webapp.learning.models import KeyAmendment

VERDICTS = {
    "too_few": _l("Todavía son pocas respuestas para decir algo."),
    "check_key": _l("Quienes más saben la fallan más. Revisa la clave y la redacción."),
    "misleading": _l("Una opción incorrecta atrae a quienes más saben. Revisa si también es cierta."),
    "too_hard": _l("Casi nadie la acierta. Revisa si la lección la enseña."),
    "too_easy": _l("Casi todas las personas la aciertan. No distingue a nadie."),
    "weak": _l("Distingue poco entre quienes saben y quienes no."),
    "idle_option": _l("Hay una opción que nadie elige. Cámbiala por un error que la gente sí cometa."),
    "good": _l("Funciona bien."),
}
KIND_NAMES = {
    "accept": _l("Aceptar otra respuesta"),
    "key": _l("Cambiar la clave"),
    "void": _l("Anular la pregunta"),
}


def course_path(slug: str, *rest: str) -> str:
    return "/".join((HOME, "cursos", slug, *rest))


def _course_or_404(session: Session, slug: str) -> Revision:
    """The published revision of a course that whoever asks teaches; any other does not exist."""
    course = queries.course(session, slug)
    if course is None or course.revision_id is None or not can_teach(session, author(), course.id, now().date()):
        abort(404)
    return catalog.revision(session, course.revision_id)


def _bank_or_404(revision: Revision, name: str) -> Bank:
    bank = revision.course.banks.get(name)
    if bank is None:
        abort(404)
    return bank


def _question_or_404(bank: Bank, name: str) -> Question:
    question = next((question for question in bank.questions if question.id == name), None)
    if question is None:
        abort(404)
    return question


@blueprint.get("/estudio/cursos/<slug>")
@role(*AUTHORS)
def course(slug: str) -> ResponseReturnValue:
    """Where people stop, what goes wrong in the practices, which keys were mended, and the way to the questions."""
    session = db.session()
    revision = _course_or_404(session, slug)
    return render_template(
        "authoring/course.html",
        course=revision.course,
        revision=revision,
        people=queries.people_in(session, revision.course_id),
        stops=evidence.stops(session, revision, now()),
        labs=evidence.lab_errors(session, revision),
        amendments=queries.amendments(session, revision.course_id),
        kind_names=KIND_NAMES,
        path=course_path(slug),
    )


@blueprint.get("/estudio/cursos/<slug>/preguntas/<bank>")
@role(*AUTHORS)
def questions(slug: str, bank: str) -> ResponseReturnValue:
    """Every question of a bank with what the answers say of it, those that need a look first."""
    session = db.session()
    revision = _course_or_404(session, slug)
    found = _bank_or_404(revision, bank)
    order = list(VERDICTS)
    grave = {"check_key": 0, "misleading": 1, "too_hard": 2}
    items = sorted(
        evidence.items(session, revision, found),
        key=lambda item: (grave.get(item.verdicts[0], 3), order.index(item.verdicts[0]), -item.answers),
    )
    return render_template(
        "authoring/questions.html",
        course=revision.course,
        bank=found,
        items=items,
        verdicts=VERDICTS,
        most=evidence.MOST,
        path=course_path(slug),
    )


@blueprint.get("/estudio/cursos/<slug>/preguntas/<bank>/<question>")
@role(*AUTHORS)
def question(slug: str, bank: str, question: str) -> ResponseReturnValue:
    """One question: what the answers say of it, and the ways to mend its key."""
    session = db.session()
    revision = _course_or_404(session, slug)
    found = _question_or_404(_bank_or_404(revision, bank), question)
    wanted = regrading.target(session, revision, bank, question)
    marked = regrading.as_marked_today(session, wanted)
    return render_template(
        "authoring/question.html",
        course=revision.course,
        bank=revision.course.banks[bank],
        question=marked,
        item=next(
            i for i in evidence.items(session, revision, revision.course.banks[bank]) if i.question.id == found.id
        ),
        right_answer=KINDS[marked.type].right_answer(marked.body),
        verdicts=VERDICTS,
        kinds=KINDS_OF[found.type],
        kind_names=KIND_NAMES,
        path=course_path(slug),
        action=course_path(slug, "preguntas", bank, question, "correccion"),
    )


# --- mending a key ------------------------------------------------------------------------------------------------


def _asked_for(question: str, fields: Any) -> Amendment:
    """The amendment that the fields of a form or an address describe."""
    kind = fields.get("tipo", "")
    if kind not in KIND_NAMES:
        raise RegradeError("unknown_kind", _l("Elige en la pregunta qué quieres corregir."))
    answers = tuple(text.strip() for text in fields.getlist("respuesta") if text.strip())
    blank, tolerance = fields.get("hueco", ""), fields.get("tolerancia", "").strip() or "0"
    return Amendment(question, kind, now(), answers[:20], blank[:120], tolerance[:40])


@blueprint.get("/estudio/cursos/<slug>/preguntas/<bank>/<question>/correccion")
@role(*AUTHORS)
def preview_amendment(slug: str, bank: str, question: str) -> ResponseReturnValue:
    """Who would change and who would pass, before anything is done."""
    session = db.session()
    revision = _course_or_404(session, slug)
    _question_or_404(_bank_or_404(revision, bank), question)
    try:
        return _preview(session, revision, bank, _asked_for(question, request.args))
    except RegradeError as error:
        raise _refused(error) from error


def _preview(
    session: Session, revision: Revision, bank: str, amendment: Amendment, reason: str = "", problem: str = ""
) -> str:
    wanted = regrading.target(session, revision, bank, amendment.question)
    before = regrading.as_marked_today(session, wanted)
    impact = regrading.preview(session, wanted, amendment)
    after = amend_key(before, amendment)
    return render_template(
        "authoring/amendment.html",
        course=revision.course,
        bank=revision.course.banks[bank],
        question=before,
        amendment=amendment,
        impact=impact,
        before=KINDS[before.type].right_answer(before.body),
        after=KINDS[after.type].right_answer(after.body),
        reason=reason,
        problem=problem,
        kind_names=KIND_NAMES,
        path=course_path(revision.slug),
    )


@blueprint.post("/estudio/cursos/<slug>/preguntas/<bank>/<question>/correccion")
@role(*AUTHORS)
def amend(slug: str, bank: str, question: str) -> ResponseReturnValue:
    """Mend the key as it was seen in the preview."""
    reason, seen = request.form.get("motivo", ""), request.form.get("visto", "")
    try:
        with transaction() as session:
            revision = _course_or_404(session, slug)
            _question_or_404(_bank_or_404(revision, bank), question)
            amendment = _asked_for(question, request.form)
            wanted = regrading.target(session, revision, bank, question)
            issuer = current_app.config["ISSUER"]
            row, impact = regrading.apply(session, author(), wanted, amendment, reason, seen, issuer, now())
            destination = "/".join((HOME, "correcciones", row.public_id))
            people, passing = impact.people, len(impact.passes_now)
    except RegradeError as error:
        if error.code not in {"no_reason", "changed_meanwhile"}:
            raise _refused(error) from error
        return _preview(db.session(), revision, bank, amendment, reason, str(error.text)), 422
    flash(_("Listo. Personas que cambian: %(people)d. Aprueban ahora: %(now)d.", people=people, now=passing), "success")
    return redirect(destination, 303)


def _refused(error: RegradeError) -> HTTPException:
    refusal = UnprocessableEntity(str(error.text))
    refusal.aula_code = error.code  # type: ignore[attr-defined]
    return refusal


def _amendment_or_404(session: Session, public_id: str) -> tuple[KeyAmendment, Revision]:
    row = queries.amendment(session, public_id)
    if row is None:
        abort(404)
    slug = queries.slug_of(session, row.course_id)
    return row, _course_or_404(session, slug)


@blueprint.get("/estudio/correcciones/<public_id>")
@role(*AUTHORS)
def amendment(public_id: str) -> ResponseReturnValue:
    """What was mended, why, what it did, and what taking it back would do."""
    session = db.session()
    row, revision = _amendment_or_404(session, public_id)
    return _amendment_page(session, row, revision)


def _amendment_page(session: Session, row: KeyAmendment, revision: Revision, problem: str = "") -> str:
    return render_template(
        "authoring/amendment_done.html",
        course=revision.course,
        row=row,
        who=queries.names(session, (row.applied_by_id, row.undone_by_id)),
        done=queries.changes(session, row),
        back=regrading.undo_preview(session, row) if row.undone_at is None else None,
        problem=problem,
        kind_names=KIND_NAMES,
        path=course_path(revision.slug),
    )


@blueprint.post("/estudio/correcciones/<public_id>/deshacer")
@role(*AUTHORS)
def undo_amendment(public_id: str) -> ResponseReturnValue:
    """Take an amendment back as it was seen."""
    try:
        with transaction() as session:
            row, revision = _amendment_or_404(session, public_id)
            impact = regrading.undo(session, author(), row, request.form.get("visto", ""), now())
            people = impact.people
    except RegradeError as error:
        if error.code != "changed_meanwhile":
            raise _refused(error) from error
        row, revision = _amendment_or_404(db.session(), public_id)
        return _amendment_page(db.session(), row, revision, str(error.text)), 422
    flash(_("Se deshizo. Personas que vuelven a su calificación anterior: %(people)d.", people=people), "success")
    return redirect("/".join((HOME, "correcciones", public_id)), 303)
