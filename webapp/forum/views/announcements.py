"""Announcements as those enrolled read them, and as those who teach write them."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.accounts.throttling import spend
from webapp.catalog.policies import TEACHERS
from webapp.core.access import role, signed_in
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.forum import queries, services
from webapp.forum.errors import ForumError
from webapp.forum.forms import AnnounceForm
from webapp.forum.models import Announcement
from webapp.forum.views.blueprint import (
    ANNOUNCEMENTS_PER_PERSON,
    Classroom,
    blueprint,
    classroom_of,
    classroom_or_404,
    person,
)

# --- those enrolled -----------------------------------------------------------------------------------------------


def _enrolled_or_404(session: Session, slug: str) -> Classroom:
    classroom = classroom_or_404(session, slug)
    if not classroom.enrolled:
        abort(404)
    return classroom


@blueprint.get("/cursos/<slug>/avisos")
@signed_in
def received(slug: str) -> ResponseReturnValue:
    """The announcements of a course, which of them one has not read, and whether they come by mail."""
    session = db.session()
    classroom = _enrolled_or_404(session, slug)
    return render_template(
        "forum/announcements.html",
        classroom=classroom,
        announcements=queries.received(session, classroom.course_id, person().id),
        muted=queries.is_muted(session, person().id, classroom.course_id),
        path=f"{classroom.path}/avisos",
    )


@blueprint.post("/avisos/<public_id>/leido")
@signed_in
def mark_read(public_id: str) -> ResponseReturnValue:
    """*Marcar como leído*."""
    with transaction() as session:
        row = queries.announcement(session, public_id)
        if row is None or row.retired_at is not None or not services.mark_read(session, person().id, row, now()):
            abort(404)
        destination = f"{classroom_of(session, row.course_id).path}/avisos#{public_id}"
    flash(_("Marcaste el aviso como leído."), "success")
    return redirect(destination, 303)


@blueprint.post("/cursos/<slug>/avisos/correos")
@signed_in
def announcement_mails(slug: str) -> ResponseReturnValue:
    """Whether the announcements of a course come by mail too."""
    wants_mail = request.form.get("quiero") == "si"
    with transaction() as session:
        classroom = _enrolled_or_404(session, slug)
        services.set_course_mail(session, person().id, classroom.course_id, wants_mail, now())
    flash(
        _("Los avisos de este curso te llegarán también por correo.")
        if wants_mail
        else _("Los avisos de este curso ya no te llegarán por correo. Aquí los sigues viendo."),
        "success",
    )
    return redirect(f"{classroom.path}/avisos", 303)


# --- those who teach ----------------------------------------------------------------------------------------------


@blueprint.route("/estudio/cursos/<slug>/avisos", methods=["GET", "POST"])
@role(*TEACHERS)
def announcements(slug: str) -> ResponseReturnValue:
    """What was announced in a course, how many have read it, and the form for the next one."""
    session = db.session()
    classroom = classroom_or_404(session, slug, teaching=True)
    form = AnnounceForm()
    if form.validate_on_submit():
        spend(("forum-announcement", str(person().id), ANNOUNCEMENTS_PER_PERSON))
        try:
            with transaction() as writing:
                row = services.announce(
                    writing,
                    person(),
                    classroom.course_id,
                    form.title.data or "",
                    form.body.data or "",
                    form.by_mail.data,
                    now(),
                )
                destination = _path(row.public_id)
        except ForumError as error:
            form.body.errors = [str(error.text)]
        else:
            flash(
                _("El aviso ya está a la vista. Los correos salen en unos minutos.")
                if form.by_mail.data
                else _("El aviso ya está a la vista."),
                "success",
            )
            return redirect(destination, 303)
    session = db.session()
    page = render_template(
        "forum/course_announcements.html",
        classroom=classroom,
        form=form,
        sent=queries.sent(session, Announcement.course_id == classroom.course_id),
        audience=queries.audience(session, classroom.course_id, now()),
        path=f"{classroom.studio}/avisos",
    )
    return page, 422 if form.errors else 200


def _path(public_id: str, *rest: str) -> str:
    return "/".join(("/estudio/avisos", public_id, *rest))


def _announcement_or_404(session: Session, public_id: str) -> tuple[Announcement, Classroom]:
    row = queries.announcement(session, public_id)
    if row is None:
        abort(404)
    return row, classroom_of(session, row.course_id, teaching=True)


@blueprint.get("/estudio/avisos/<public_id>")
@role(*TEACHERS)
def announcement(public_id: str) -> ResponseReturnValue:
    """An announcement: how many have read it, how far its mails are, and who has not read it."""
    session = db.session()
    row, classroom = _announcement_or_404(session, public_id)
    names, others = queries.unread(session, row, person(), now().date())
    return render_template(
        "forum/announcement.html",
        classroom=classroom,
        sent=queries.sent(session, Announcement.id == row.id)[0],
        names=names,
        others=others,
        path=_path(public_id),
    )


@blueprint.post("/estudio/avisos/<public_id>/retirar")
@role(*TEACHERS)
def retire(public_id: str) -> ResponseReturnValue:
    """Show an announcement no more."""
    with transaction() as session:
        row, classroom = _announcement_or_404(session, public_id)
        services.retire(session, person(), row, now())
    flash(_("Retiraste el aviso. Quienes cursan ya no lo ven."), "success")
    return redirect(f"{classroom.studio}/avisos", 303)
