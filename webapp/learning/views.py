"""Pages of a learner: course, lesson, quiz, result, what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import Conflict, HTTPException, UnprocessableEntity

from webapp.accounts import queries as accounts
from webapp.accounts.forms import options
from webapp.accounts.models import Person
from webapp.catalog import queries as catalog
from webapp.core.access import current_actor, current_zone, public, role, signed_in
from webapp.core.arrival import on_arrival
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.i18n import format_hour, format_local_day
from webapp.core.web import same_for_visitors
from webapp.coursepack import scoring
from webapp.coursepack.amending import amended, share
from webapp.coursepack.model import Question, Step
from webapp.learning import policies, queries, services
from webapp.learning.asides import Place, asides
from webapp.learning.forms import GrantForm
from webapp.learning.models import Enrolment
from webapp.learning.pages import PAGES
from webapp.records import queries as records
from webapp.records.models import Constancia
from webapp.records.services import RecordsError, name_problem

blueprint = Blueprint("learning", __name__)
CLIENT_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")


def course_path(slug: str, *rest: str) -> str:
    """The address of a course or of something in it. `url_for` would cost more than the rest of an outline."""
    return "/".join(("/cursos", slug, *rest))


def attempt_path(public_id: str, *rest: str) -> str:
    return "/".join(("/intentos", public_id, *rest))


# --- finding ----------------------------------------------------------------------------------------------------


def _person() -> Person:
    person = current_actor()
    if not isinstance(person, Person):
        abort(401)
    return person


def _course_or_404(session: Session, slug: str) -> catalog.CourseState:
    found = catalog.course_by_slug(session, slug)
    if found is None:
        abort(404)
    return found


def _enrolled(session: Session, slug: str) -> tuple[Enrolment, catalog.Revision]:
    """The enrolment of whoever asks, and the revision it is bound to; 404 without one."""
    state = _course_or_404(session, slug)
    enrolment = queries.enrolment(session, _person().id, state.id)
    if enrolment is None:
        abort(404)
    return enrolment, catalog.revision(session, enrolment.revision_id)


def _step_or_404(revision: catalog.Revision, key: str) -> Step:
    step = revision.course.steps.get(key)
    if step is None:
        abort(404)
    return step


def _attempt(session: Session, public_id: str) -> tuple[queries.AttemptView, catalog.Revision, Step]:
    found = queries.attempt_of(session, _person().id, public_id)
    if found is None:
        abort(404)
    revision = catalog.revision(session, found.revision_id)
    return found, revision, revision.course.steps[found.step]


def _drawn(attempt: queries.AttemptView, revision: catalog.Revision, step: Step) -> list[Question]:
    by_id = {question.id: question for question in revision.course.banks[step.bank].questions}
    return [by_id[name] for name in attempt.questions]


# --- course -----------------------------------------------------------------------------------------------------


@blueprint.get("/cursos/<slug>")
@public
@same_for_visitors
def course(slug: str) -> ResponseReturnValue:
    """What the course teaches, how long it takes, and one next step."""
    session = db.session()
    state = _course_or_404(session, slug)
    actor = current_actor()
    enrolment = queries.enrolment(session, actor.id, state.id) if isinstance(actor, Person) else None
    if enrolment is None:
        revision = catalog.revision(session, state.revision_id)
        return render_template(
            "learning/course.html",
            course=revision.course,
            cover=catalog.asset_path(slug, revision.number, revision.course.cover),
            retired=state.retired,
            path=course_path(slug),
        )
    revision = catalog.revision(session, enrolment.revision_id)
    newer = enrolment.concluded_at is None and state.revision_id != revision.id and not state.retired
    return render_template(
        "learning/my_course.html",
        asides=asides(session, Place(enrolment.person_id, state.id, slug)),
        course=revision.course,
        enrolment=enrolment,
        changed=catalog.changed_steps(revision, catalog.revision(session, state.revision_id)) if newer else None,
        update=None if state.retired else queries.update_of(session, enrolment, state.revision_id),
        progress=_progress(session, enrolment, revision),
        attempts=queries.attempts(session, enrolment.id),
        constancia=records.current_constancia(session, f"enrolment:{enrolment.id}"),
        path=course_path(slug),
        now=now(),
    )


def _progress(session: Session, enrolment: Enrolment, revision: catalog.Revision) -> queries.Progress:
    return queries.progress(
        revision.course,
        queries.step_states(session, enrolment.id),
        # Who concluded has passed, even where a score was amended and the amendment taken back since.
        enrolment.concluded_at is not None or queries.exam_passed(session, enrolment.id),
    )


@blueprint.get("/cursos/<slug>/inscribirme")
@signed_in
def ask_to_enrol(slug: str) -> ResponseReturnValue:
    """For who comes back here by the address: the same button as on the course page."""
    state = _course_or_404(db.session(), slug)
    if state.retired or queries.enrolment(db.session(), _person().id, state.id) is not None:
        return redirect(course_path(slug))
    revision = catalog.revision(db.session(), state.revision_id)
    return render_template("learning/enrol.html", course=revision.course, path=course_path(slug))


@blueprint.post("/cursos/<slug>/inscribirme")
@signed_in
def enrol(slug: str) -> ResponseReturnValue:
    """Enrol and land in the first lesson."""
    with transaction() as session:
        _course_or_404(session, slug)
        destination = _enrol(session, _person(), now(), slug)
    return redirect(destination, 303)


@on_arrival("learning.enrol")
def _enrol(session: Session, actor: Person, at: Any, slug: str) -> str:
    state = catalog.course_by_slug(session, slug)
    if state is None or state.retired:
        return course_path(slug)
    enrolment = services.enrol(session, actor, catalog.revision(session, state.revision_id), at)
    revision = catalog.revision(session, enrolment.revision_id)
    goal = _progress(session, enrolment, revision).next_step
    return course_path(slug, goal) if goal else course_path(slug)


@blueprint.get("/mis-cursos")
@signed_in
def my_courses() -> ResponseReturnValue:
    """Every course of a person: what goes on, what is concluded."""
    session = db.session()
    cards = []
    for enrolment in queries.enrolments_of(session, _person().id):
        revision = catalog.revision(session, enrolment.revision_id)
        cards.append((enrolment, revision.course, _progress(session, enrolment, revision)))
    beside = asides(session, Place(_person().id))
    return render_template("learning/my_courses.html", cards=cards, asides=beside, course_path=course_path, now=now())


@blueprint.get("/cursos/<slug>/requisitos")
@signed_in
def requirements(slug: str) -> ResponseReturnValue:
    """¿Por qué no he terminado? Each requirement, the evidence seen and what is missing."""
    session = db.session()
    enrolment, revision = _enrolled(session, slug)
    return render_template(
        "learning/requirements.html",
        course=revision.course,
        enrolment=enrolment,
        requirements=services.requirements(session, enrolment, revision.course),
        attempts=[a for a in queries.attempts(session, enrolment.id) if a.kind == "exam"],
        allowed=queries.attempts_allowed(session, enrolment),
        path=course_path(slug),
    )


# --- revisions --------------------------------------------------------------------------------------------------


@blueprint.post("/cursos/<slug>/revision")
@signed_in
def take_revision(slug: str) -> ResponseReturnValue:
    """Go on with the published revision instead of the one that was begun."""
    with transaction() as session:
        enrolment, _old = _enrolled(session, slug)
        revision = catalog.revision(session, _course_or_404(session, slug).revision_id)
        try:
            constancia = services.take_revision(session, enrolment, revision, current_app.config["ISSUER"], now())
        except (services.LearningError, RecordsError) as error:
            raise _conflict(error) from error
    if constancia is not None:
        return redirect(_constancia_path(constancia), 303)
    flash(_("Sigues con la revisión nueva. Lo que ya hiciste cuenta."), "success")
    return redirect(course_path(slug), 303)


def _update_or_404(session: Session, slug: str) -> tuple[Enrolment, queries.Update]:
    """What whoever asks may catch up with."""
    enrolment, _revision = _enrolled(session, slug)
    update = queries.update_of(session, enrolment, _course_or_404(session, slug).revision_id)
    if update is None:
        abort(404)
    return enrolment, update


@blueprint.get("/cursos/<slug>/actualizacion")
@signed_in
def update(slug: str) -> ResponseReturnValue:
    """Which lessons changed since one was accredited, and which of them one has read."""
    enrolment, found = _update_or_404(db.session(), slug)
    course_ = found.revision.course
    return render_template(
        "learning/update.html", course=course_, enrolment=enrolment, update=found, path=course_path(slug)
    )


@blueprint.get("/cursos/<slug>/actualizacion/<key>")
@signed_in
def update_lesson(slug: str, key: str) -> ResponseReturnValue:
    """A lesson as it reads now."""
    _enrolment, found = _update_or_404(db.session(), slug)
    step = next((step for step in found.lessons if step.key == key), None)
    if step is None:
        abort(404)
    return render_template(
        "learning/update_lesson.html", course=found.revision.course, update=found, step=step, path=course_path(slug)
    )


@blueprint.post("/cursos/<slug>/actualizacion/<key>")
@signed_in
def read_update(slug: str, key: str) -> ResponseReturnValue:
    """*Ya la leí*: on to the next one, or done."""
    with transaction() as session:
        enrolment, found = _update_or_404(session, slug)
        step = next((step for step in found.lessons if step.key == key), None)
        if step is None:
            abort(404)
        complete = services.read_update(session, enrolment, found, step, now())
        following = queries.update_of(session, enrolment, found.revision.id)
    if complete:
        flash(_("Estás al día. Tu constancia no cambia."), "success")
        return redirect(course_path(slug), 303)
    left = following.next_lesson if following is not None else None
    return redirect(course_path(slug, "actualizacion", *([left.key] if left else [])), 303)


# --- steps ------------------------------------------------------------------------------------------------------


@blueprint.get("/cursos/<slug>/<key>")
@signed_in
def step(slug: str, key: str) -> ResponseReturnValue:
    """A lesson, or the door of a quiz."""
    session = db.session()
    state = _course_or_404(session, slug)
    enrolment = queries.enrolment(session, _person().id, state.id)
    if enrolment is None:
        return redirect(course_path(slug))
    revision = catalog.revision(session, enrolment.revision_id)
    found = _step_or_404(revision, key)
    elsewhere = current_app.extensions[PAGES].get(found.kind)
    if elsewhere is not None:
        return redirect(url_for(elsewhere, slug=slug, key=key))
    progress = _progress(session, enrolment, revision)
    before, after = revision.course.neighbours(found)
    page: dict[str, Any] = {
        "course": revision.course,
        "step": found,
        "enrolment": enrolment,
        "progress": progress,
        "before": before,
        "after": after,
        "path": course_path(slug),
    }
    if found.kind == "lesson":
        beside = asides(session, Place(enrolment.person_id, state.id, slug, key))
        return render_template("learning/lesson.html", asides=beside, **page)
    return render_template(
        "learning/quiz_door.html",
        attempts=[a for a in queries.attempts(session, enrolment.id) if a.step == key],
        allowed=queries.attempts_allowed(session, enrolment) if found.kind == "exam" else None,
        **page,
    )


@blueprint.post("/cursos/<slug>/<key>/avance")
@signed_in
def beacon(slug: str, key: str) -> ResponseReturnValue:
    """The page tells that it is read, and for how many seconds."""
    seconds = request.form.get("seconds", 0, type=int)
    with transaction() as session:
        enrolment, revision = _enrolled(session, slug)
        services.reach_step(session, enrolment, _step_or_404(revision, key), seconds, now())
    return "", 204


@blueprint.post("/cursos/<slug>/<key>/siguiente")
@signed_in
def complete(slug: str, key: str) -> ResponseReturnValue:
    """*Siguiente*: the lesson is done; go on to what follows."""
    with transaction() as session:
        enrolment, revision = _enrolled(session, slug)
        found = _step_or_404(revision, key)
        try:
            constancia = services.complete_lesson(
                session, enrolment, revision, found, current_app.config["ISSUER"], now()
            )
        except (services.LearningError, RecordsError) as error:
            raise _conflict(error) from error
        if constancia is None and _only_the_name_is_missing(session, enrolment, revision):
            return redirect(course_path(slug, "nombre"), 303)
    if constancia is not None:
        return redirect(_constancia_path(constancia), 303)
    following = revision.course.neighbours(found)[1]
    return redirect(course_path(slug, following.key) if following else course_path(slug), 303)


def _only_the_name_is_missing(session: Session, enrolment: Enrolment, revision: catalog.Revision) -> bool:
    """A course without exam waits for the name once everything else is done."""
    if revision.course.exam is not None or enrolment.name_confirmed_at is not None:
        return False
    return _progress(session, enrolment, revision).next_step is None


def _constancia_path(constancia: Constancia) -> str:
    return f"/mis-constancias#{constancia.code}"


def _conflict(error: services.LearningError | RecordsError) -> HTTPException:
    return _coded(Conflict(str(error.text)), error.code)


def _coded(refusal: HTTPException, code: str) -> HTTPException:
    refusal.aula_code = code  # type: ignore[attr-defined]
    return refusal


@blueprint.get("/cursos/<slug>/nombre")
@signed_in
def name(slug: str) -> ResponseReturnValue:
    """¿Así debe salir tu nombre?"""
    enrolment, revision = _enrolled(db.session(), slug)
    person = _person()
    return render_template(
        "learning/name.html",
        course=revision.course,
        enrolment=enrolment,
        person=person,
        problem=name_problem(person.full_name),
        path=course_path(slug),
    )


@blueprint.post("/cursos/<slug>/nombre")
@signed_in
def confirm_name(slug: str) -> ResponseReturnValue:
    """Yes, that is my name: on to the exam, or to the constancia where there is none."""
    with transaction() as session:
        enrolment, revision = _enrolled(session, slug)
        problem = name_problem(_person().full_name)
        if problem is not None:
            raise _unprocessable(problem.code, str(problem.text))
        try:
            services.confirm_name(session, enrolment, _person(), now())
            constancia = services.conclude(session, enrolment, revision, current_app.config["ISSUER"], now())
        except RecordsError as error:
            raise _conflict(error) from error
    if constancia is not None:
        return redirect(_constancia_path(constancia), 303)
    goal = revision.course.exam
    return redirect(course_path(slug, goal) if goal else course_path(slug), 303)


# --- attempts ---------------------------------------------------------------------------------------------------


@blueprint.post("/cursos/<slug>/<key>/empezar")
@signed_in
def start(slug: str, key: str) -> ResponseReturnValue:
    """Begin a quiz, or go back to the attempt that is open."""
    with transaction() as session:
        enrolment, revision = _enrolled(session, slug)
        found = _step_or_404(revision, key)
        if not found.bank:
            abort(404)
        try:
            public_id = services.start_attempt(session, enrolment, revision, found, now()).public_id
        except services.LearningError as error:
            if error.code == "name_not_confirmed":
                return redirect(course_path(slug, "nombre"), 303)
            raise _conflict(error) from error
    return redirect(attempt_path(public_id), 303)


@blueprint.get("/intentos/<public_id>")
@signed_in
def attempt(public_id: str) -> ResponseReturnValue:
    """The questions of an open attempt, with the answers that are kept."""
    session = db.session()
    found, revision, quiz = _attempt(session, public_id)
    if found.submitted_at is not None:
        return redirect(attempt_path(public_id, "resultado"))
    kept = queries.answers(session, found.id)
    return render_template(
        "learning/attempt.html",
        course=revision.course,
        step=quiz,
        attempt=found,
        questions=[scoring.present(question, found.seed) for question in _drawn(found, revision, quiz)],
        kept=kept,
        path=course_path(revision.slug),
        action=attempt_path(public_id),
    )


@blueprint.post("/intentos/<public_id>/respuestas")
@signed_in
def save(public_id: str) -> ResponseReturnValue:
    """One answer, as soon as it is given. The client's key makes a repeated delivery harmless."""
    name = request.form.get("question", "")
    client_key = request.form.get("client_key", "")
    if not CLIENT_KEY.fullmatch(client_key):
        raise _unprocessable("bad_client_key", _("La respuesta llegó sin su clave; vuelve a cargar la página."))
    with transaction() as session:
        found, revision, quiz = _attempt(session, public_id)
        question = next((q for q in _drawn(found, revision, quiz) if q.id == name), None)
        if question is None:
            abort(404)
        try:
            response = scoring.parse_response(question, _fields(request.form, name)) or {}
            saved_at = services.save_answer(session, found, question, response, client_key, now())
        except scoring.ResponseError as error:
            raise _unprocessable(error.code, _(error.message)) from error
        except services.LearningError as error:
            if error.code == "attempt_closed":
                _tell_late(session, found, {name: (question, response)})
            raise _conflict(error) from error
    return jsonify(saved_at=saved_at.isoformat(), question=name)


@blueprint.post("/intentos/<public_id>/guardar")
@signed_in
def save_all(public_id: str) -> ResponseReturnValue:
    """Without JavaScript: keep the whole form and stay."""
    with transaction() as session:
        found, revision, quiz = _attempt(session, public_id)
        form = _read_form(_drawn(found, revision, quiz))
        if not _keep(session, found, form):
            return redirect(attempt_path(public_id, "resultado"), 303)
        _tell_refused(form)
        flash(_("Lo demás quedó guardado.") if form.refused else _("Tus respuestas están guardadas."), "success")
    return redirect(attempt_path(public_id), 303)


@blueprint.post("/intentos/<public_id>/entregar")
@signed_in
def submit(public_id: str) -> ResponseReturnValue:
    """Hand in: keep what the form holds, grade, and show what each miss teaches."""
    with transaction() as session:
        found, revision, quiz = _attempt(session, public_id)
        form = _read_form(_drawn(found, revision, quiz))
        if not _keep(session, found, form):
            return redirect(attempt_path(public_id, "resultado"), 303)
        if form.refused:
            _tell_refused(form)
            return redirect(attempt_path(public_id), 303)
        if "entregar" not in request.form and _missing(session, found):
            return redirect(attempt_path(public_id, "pendientes"), 303)
        enrolment = session.get_one(Enrolment, found.enrolment_id)
        try:
            services.submit_attempt(session, found, enrolment, revision, current_app.config["ISSUER"], now())
        except RecordsError as error:
            raise _conflict(error) from error
        if _only_the_name_is_missing(session, enrolment, revision):
            return redirect(course_path(revision.slug, "nombre"), 303)
    return redirect(attempt_path(public_id, "resultado"), 303)


def _missing(session: Session, found: queries.AttemptView) -> list[int]:
    """The numbers of the questions without an answer."""
    kept = queries.answers(session, found.id)
    return [number for number, name in enumerate(found.questions, 1) if not kept.get(name)]


@blueprint.get("/intentos/<public_id>/pendientes")
@signed_in
def unanswered(public_id: str) -> ResponseReturnValue:
    """Before an attempt with gaps is handed in: which questions are without an answer."""
    session = db.session()
    found, revision, quiz = _attempt(session, public_id)
    if found.submitted_at is not None:
        return redirect(attempt_path(public_id, "resultado"))
    return render_template(
        "learning/unanswered.html",
        course=revision.course,
        step=quiz,
        missing=_missing(session, found),
        total=len(found.questions),
        action=attempt_path(public_id),
    )


@blueprint.get("/intentos/<public_id>/resultado")
@signed_in
def result(public_id: str) -> ResponseReturnValue:
    """The score, and each question with what its answer teaches."""
    session = db.session()
    found, revision, quiz = _attempt(session, public_id)
    if found.submitted_at is None:
        return redirect(attempt_path(public_id))
    enrolment = session.get_one(Enrolment, found.enrolment_id)
    exempted: list[Step] = []
    if found.kind == "pretest":
        states = queries.step_states(session, enrolment.id)
        exempted = [s for s in revision.course.lesson_steps if s.key in states and states[s.key].exempted]
    drawn = _drawn(found, revision, quiz)
    left = 0
    if found.kind == "exam":
        made = sum(attempt.step == found.step for attempt in queries.attempts(session, enrolment.id))
        left = max(0, queries.attempts_allowed(session, enrolment) - made)
    return render_template(
        "learning/result.html",
        course=revision.course,
        step=quiz,
        attempt=found,
        left=left,
        reviews=_reviews(session, found, quiz.bank, drawn),
        exempted=exempted,
        progress=_progress(session, enrolment, revision),
        constancia=records.current_constancia(session, f"enrolment:{enrolment.id}") if found.passed else None,
        after=revision.course.neighbours(quiz)[1],
        path=course_path(revision.slug),
    )


def _reviews(
    session: Session, found: queries.AttemptView, bank: str, drawn: Iterable[Question]
) -> list[tuple[Question, Mapping[str, Any]]]:
    """Each question as it is marked today, and what its answer teaches; `void` and `amended` say what was mended."""
    kept = queries.answers(session, found.id)
    amendments = queries.amendments(session, found.revision_id, bank)
    reviews: list[tuple[Question, Mapping[str, Any]]] = []
    for question in drawn:
        own = [amendment for amendment in amendments if amendment.question == question.id]
        earned = share(question, kept.get(question.id), own, found.submitted_at)
        review = scoring.feedback(amended(question, own), kept.get(question.id), found.seed, earned)
        void = any(amendment.kind == "void" for amendment in own)
        reviews.append((question, {**review, "void": void, "amended": bool(own)}))
    return reviews


def _fields(form: MultiDict[str, str], question: str) -> Mapping[str, list[str]]:
    """The fields of one question: the page names them "<question>/r" and "<question>/r.<part>"."""
    prefix = f"{question}/"
    return {name.removeprefix(prefix): form.getlist(name) for name in form if name.startswith(prefix)}


@dataclass(frozen=True)
class _Form:
    """What a whole form holds: the response to each question that is on it, and what could not be understood."""

    responses: Mapping[str, tuple[Question, Mapping[str, Any]]]
    refused: tuple[str, ...]  # sentences for the reader


def _read_form(drawn: Iterable[Question]) -> _Form:
    responses, refused = {}, []
    for number, question in enumerate(drawn, 1):
        fields = _fields(request.form, question.id)
        if not fields:
            continue  # not on this page: what is kept stays
        try:
            responses[question.id] = (question, scoring.parse_response(question, fields) or {})
        except scoring.ResponseError as error:
            refused.append(_("Pregunta %(number)d: %(cause)s", number=number, cause=_(error.message)))
    return _Form(responses, tuple(refused))


def _keep(session: Session, found: queries.AttemptView, form: _Form) -> bool:
    """Keep what changed in a form; False, with a word about what is lost, when the attempt was handed in before."""
    try:
        services.save_changed(session, found, form.responses, now())
    except services.LearningError:
        _tell_late(session, found, form.responses)
        return False
    return True


def _tell_late(
    session: Session,
    found: queries.AttemptView,
    responses: Mapping[str, tuple[Question, Mapping[str, Any]]],
) -> None:
    """Nothing is lost in silence: say it when an answer that came too late differs from the one that counted."""
    handed_in = queries.handed_in_at(session, found.id)
    if handed_in is not None and services.changed(queries.answers(session, found.id), responses):
        zone = current_zone()
        flash(
            _(
                "Este intento ya se entregó el %(day)s a las %(hour)s; lo que cambiaste después no cuenta.",
                day=format_local_day(handed_in, zone),
                hour=format_hour(handed_in, zone),
            ),
            "warning",
        )


def _tell_refused(form: _Form) -> None:
    for sentence in form.refused:
        flash(sentence, "danger")


def _unprocessable(code: str, sentence: str) -> HTTPException:
    return _coded(UnprocessableEntity(sentence), code)


# --- trainers ---------------------------------------------------------------------------------------------------


@blueprint.route("/instruccion/intentos", methods=["GET", "POST"])
@role("trainer", "administrator")
def grant() -> ResponseReturnValue:
    """Give a learner more attempts at an exam, with a reason."""
    form = GrantForm()
    form.course.choices = options(catalog.titles(db.session()))
    if form.validate_on_submit():
        with transaction() as session:
            learner = accounts.person_by_email(session, form.email.data or "")
            state = catalog.course_by_slug(session, form.course.data)
            found = queries.enrolment(session, learner.id, state.id) if learner is not None and state else None
            if found is None or not policies.can_grant_attempts(_person(), found):
                form.email.errors = [_("No hay ninguna inscripción de ese correo en ese curso.")]
            else:
                try:
                    services.grant_attempts(
                        session, _person(), found, form.extra.data or 0, form.reason.data or "", now()
                    )
                except services.LearningError as error:
                    form.email.errors = [str(error.text)]
                else:
                    flash(_("Listo: la persona ya puede intentar otra vez."), "success")
                    return redirect("/instruccion/intentos", 303)
    status = 422 if form.errors else 200
    return render_template("learning/grant.html", form=form), status
