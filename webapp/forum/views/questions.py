"""The question box of a lesson, a question with its answers, and what its author does with it."""

from __future__ import annotations

from flask import abort, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.catalog.policies import TEACHERS
from webapp.core.access import role, signed_in
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.forum import policies, queries, services
from webapp.forum.errors import ForumError
from webapp.forum.forms import AnswerForm, AskForm, EditForm, HideForm
from webapp.forum.models import LessonAnswer, LessonQuestion
from webapp.forum.views.blueprint import (
    Classroom,
    blueprint,
    classroom_of,
    classroom_or_404,
    conflict,
    count_post,
    lesson_or_404,
    page_number,
    person,
)


def question_path(public_id: str, *rest: str) -> str:
    return "/".join(("/preguntas", public_id, *rest))


# --- finding ------------------------------------------------------------------------------------------------------


def _question_or_404(session: Session, public_id: str, teaching: bool = False) -> tuple[LessonQuestion, Classroom]:
    """A question that whoever asks may see, and the course in which it was asked."""
    row = queries.question(session, public_id)
    if row is None:
        abort(404)
    classroom = classroom_of(session, row.course_id, teaching)
    if not policies.can_see(person(), row, classroom.teaches):
        abort(404)
    return row, classroom


def _answer_or_404(
    session: Session, public_id: str, teaching: bool = False
) -> tuple[LessonAnswer, LessonQuestion, Classroom]:
    found = queries.answer(session, public_id)
    if found is None:
        abort(404)
    row, question = found
    _question, classroom = _question_or_404(session, question.public_id, teaching)
    if not policies.can_see(person(), row, classroom.teaches):
        abort(404)
    return row, question, classroom


def _own_question_or_404(session: Session, public_id: str) -> tuple[LessonQuestion, Classroom]:
    row, classroom = _question_or_404(session, public_id)
    if not policies.can_change(person(), row):
        abort(404)
    return row, classroom


# --- the box of a lesson ------------------------------------------------------------------------------------------


@blueprint.route("/cursos/<slug>/<key>/preguntas", methods=["GET", "POST"])
@signed_in
def box(slug: str, key: str) -> ResponseReturnValue:
    """What was asked in a lesson, the newest first, and the form to ask."""
    classroom = classroom_or_404(db.session(), slug)
    step = lesson_or_404(classroom, key)
    form = AskForm()
    if form.validate_on_submit():
        count_post()
        with transaction() as session:
            row = services.ask(
                session, person(), classroom.course_id, key, form.body.data or "", form.wants_mail.data, now()
            )
            destination = question_path(row.public_id)
        flash(_("Tu pregunta ya está a la vista de tu curso."), "success")
        return redirect(destination, 303)
    questions, total = queries.box(
        db.session(), classroom.course_id, key, person().id, classroom.teaches, page_number()
    )
    page = render_template(
        "forum/box.html",
        classroom=classroom,
        step=step,
        form=form,
        questions=questions,
        total=total,
        page=page_number(),
        pages=-(-total // queries.PAGE_SIZE),
        path=f"{classroom.path}/{key}",
    )
    return page, 422 if form.errors else 200


# --- one question -------------------------------------------------------------------------------------------------


@blueprint.route("/preguntas/<public_id>", methods=["GET", "POST"])
@signed_in
def question(public_id: str) -> ResponseReturnValue:
    """A question with its answers, and the form to answer."""
    row, classroom = _question_or_404(db.session(), public_id)
    form = AnswerForm()
    if form.validate_on_submit():
        count_post()
        with transaction() as session:
            row, classroom = _question_or_404(session, public_id)
            try:
                answer = services.answer(
                    session, person(), row, form.body.data or "", current_app.config["BASE_URL"], now()
                )
            except ForumError as error:
                raise conflict(error) from error
            destination = f"{question_path(public_id)}#{answer.public_id}"
        flash(_("Tu respuesta ya está a la vista de tu curso."), "success")
        return redirect(destination, 303)
    session = db.session()
    page = render_template(
        "forum/question.html",
        classroom=classroom,
        question=row,
        author=queries.author_of(session, row.author_id),
        answers=queries.answers(session, row.id, person().id, classroom.teaches),
        can_edit=policies.can_change(person(), row) and not queries.is_answered(session, row.id),
        can_change=policies.can_change,
        person=person(),
        form=form,
        path=question_path(public_id),
    )
    return page, 422 if form.errors else 200


@blueprint.route("/preguntas/<public_id>/cambiar", methods=["GET", "POST"])
@signed_in
def edit(public_id: str) -> ResponseReturnValue:
    """Change one's question, or take it back, while nobody has answered."""
    row, classroom = _own_question_or_404(db.session(), public_id)
    if request.method == "GET" and queries.is_answered(db.session(), row.id):
        return redirect(question_path(public_id))
    form = EditForm(body=row.body)
    if form.validate_on_submit():
        with transaction() as session:
            row, _classroom = _own_question_or_404(session, public_id)
            try:
                services.edit(session, row, form.body.data or "", now())
            except ForumError as error:
                raise conflict(error) from error
        flash(_("Tu pregunta cambió."), "success")
        return redirect(question_path(public_id), 303)
    page = render_template(
        "forum/edit.html", classroom=classroom, question=row, form=form, path=question_path(public_id)
    )
    return page, 422 if form.errors else 200


@blueprint.post("/preguntas/<public_id>/retirar")
@signed_in
def withdraw(public_id: str) -> ResponseReturnValue:
    """Take one's question back."""
    with transaction() as session:
        row, classroom = _own_question_or_404(session, public_id)
        destination = f"{classroom.path}/{row.step}/preguntas"
        try:
            services.withdraw(session, row, now())
        except ForumError as error:
            raise conflict(error) from error
    flash(_("Retiraste tu pregunta. No queda nada de ella."), "success")
    return redirect(destination, 303)


@blueprint.post("/preguntas/<public_id>/correos")
@signed_in
def mails(public_id: str) -> ResponseReturnValue:
    """Whether one is told by mail of answers to one's question."""
    wants_mail = request.form.get("quiero") == "si"
    with transaction() as session:
        row, _classroom = _question_or_404(session, public_id)
        if row.author_id != person().id:
            abort(404)
        services.set_mail(row, wants_mail)
    flash(
        _("Te avisaremos por correo cuando respondan.") if wants_mail else _("Ya no te avisaremos por correo."),
        "success",
    )
    return redirect(question_path(public_id), 303)


@blueprint.post("/respuestas/<public_id>/retirar")
@signed_in
def withdraw_answer(public_id: str) -> ResponseReturnValue:
    """Take one's answer back."""
    with transaction() as session:
        row, question, _classroom = _answer_or_404(session, public_id)
        if not policies.can_change(person(), row):
            abort(404)
        destination = question_path(question.public_id)
        services.withdraw_answer(session, row, now())
    flash(_("Retiraste tu respuesta. No queda nada de ella."), "success")
    return redirect(destination, 303)


# --- those who teach ----------------------------------------------------------------------------------------------

LIST_NAMES = {"pendientes": "open", "todas": "all", "ocultas": "hidden"}


@blueprint.get("/estudio/cursos/<slug>/dudas")
@role(*TEACHERS)
def course_questions(slug: str) -> ResponseReturnValue:
    """Every question of the lessons of a course; first those that the team has not settled."""
    session = db.session()
    classroom = classroom_or_404(session, slug, teaching=True)
    name = request.args.get("lista", "pendientes")
    if name not in LIST_NAMES:
        abort(404)
    questions, total = queries.of_course(session, classroom.course_id, person().id, LIST_NAMES[name], page_number())
    return render_template(
        "forum/course_questions.html",
        classroom=classroom,
        name=name,
        counts=queries.counts(session, classroom.course_id),
        questions=questions,
        page=page_number(),
        pages=-(-total // queries.PAGE_SIZE),
        path=f"{classroom.studio}/dudas",
    )


@blueprint.route("/estudio/dudas/<public_id>/ocultar", methods=["GET", "POST"])
@role(*TEACHERS)
def hide(public_id: str) -> ResponseReturnValue:
    """Hide a question, with a reason that its author reads."""
    row, classroom = _question_or_404(db.session(), public_id, teaching=True)
    form = HideForm()
    if form.validate_on_submit():
        with transaction() as session:
            row, _classroom = _question_or_404(session, public_id, teaching=True)
            services.hide(session, person(), row, form.reason.data or "", now())
        return _hidden(public_id)
    return _hide_page(classroom, row, row, form)


@blueprint.route("/estudio/respuestas/<public_id>/ocultar", methods=["GET", "POST"])
@role(*TEACHERS)
def hide_answer(public_id: str) -> ResponseReturnValue:
    """Hide an answer, with a reason that its author reads."""
    row, question, classroom = _answer_or_404(db.session(), public_id, teaching=True)
    form = HideForm()
    if form.validate_on_submit():
        with transaction() as session:
            row, question, _classroom = _answer_or_404(session, public_id, teaching=True)
            services.hide(session, person(), row, form.reason.data or "", now())
        return _hidden(question.public_id)
    return _hide_page(classroom, question, row, form)


def _hidden(question: str) -> ResponseReturnValue:
    flash(_("Quedó oculto. Solo lo ven quien lo escribió, con tu motivo, y quienes imparten el curso."), "success")
    return redirect(question_path(question), 303)


def _hide_page(
    classroom: Classroom, question: LessonQuestion, post: LessonQuestion | LessonAnswer, form: HideForm
) -> ResponseReturnValue:
    page = render_template(
        "forum/hide.html",
        classroom=classroom,
        question=question,
        post=post,
        author=queries.author_of(db.session(), post.author_id),
        form=form,
        path=question_path(question.public_id),
    )
    return page, 422 if form.errors else 200


@blueprint.post("/estudio/dudas/<public_id>/mostrar")
@role(*TEACHERS)
def show(public_id: str) -> ResponseReturnValue:
    """Show a hidden question again."""
    with transaction() as session:
        row, _classroom = _question_or_404(session, public_id, teaching=True)
        services.show(session, person(), row, now())
    return _shown(public_id)


@blueprint.post("/estudio/respuestas/<public_id>/mostrar")
@role(*TEACHERS)
def show_answer(public_id: str) -> ResponseReturnValue:
    """Show a hidden answer again."""
    with transaction() as session:
        row, question, _classroom = _answer_or_404(session, public_id, teaching=True)
        services.show(session, person(), row, now())
    return _shown(question.public_id)


def _shown(question: str) -> ResponseReturnValue:
    flash(_("Ya está otra vez a la vista del curso."), "success")
    return redirect(question_path(question), 303)


@blueprint.post("/estudio/respuestas/<public_id>/confirmar")
@role(*TEACHERS)
def endorse(public_id: str) -> ResponseReturnValue:
    """Say that an answer is right, or take that back."""
    right = request.form.get("correcta") == "si"
    with transaction() as session:
        row, question, _classroom = _answer_or_404(session, public_id, teaching=True)
        services.endorse(session, person(), row, right, now())
        destination = f"{question_path(question.public_id)}#{public_id}"
    flash(_("Confirmaste la respuesta.") if right else _("La respuesta ya no está confirmada."), "success")
    return redirect(destination, 303)
