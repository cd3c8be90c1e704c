"""What this room has to say beside the pages of a learner."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from webapp.forum import queries
from webapp.learning.asides import Aside, Place, stands_beside


@stands_beside
def questions_of_lesson(session: Session, place: Place) -> Iterable[Aside]:
    """The way to the question box of a lesson, with how many questions are in it."""
    if place.course_id is not None and place.step:
        count = queries.visible_in(session, place.course_id, place.step)
        label = _("Preguntas de esta lección (%(count)d)", count=count)
        yield Aside(label, f"/cursos/{place.slug}/{place.step}/preguntas", "message-circle")


@stands_beside
def announcements_of_course(session: Session, place: Place) -> Iterable[Aside]:
    """The way to the announcements of a course that has any."""
    if place.course_id is None or place.step:
        return
    total, unread = queries.in_course(session, place.course_id, place.person_id)
    if total:
        url = f"/cursos/{place.slug}/avisos"
        if unread:
            yield Aside(ngettext("%(num)d aviso sin leer", "%(num)d avisos sin leer", unread), url, "megaphone")
        else:
            yield Aside(_("Avisos del curso (%(count)d)", count=total), url, "megaphone")


@stands_beside
def unread_announcements(session: Session, place: Place) -> Iterable[Aside]:
    """The announcements that somebody has not read, in any of their courses."""
    if place.course_id is None:
        for slug, title, count in queries.unread_by_course(session, place.person_id):
            label = ngettext(
                "%(num)d aviso sin leer en %(course)s", "%(num)d avisos sin leer en %(course)s", count, course=title
            )
            yield Aside(label, f"/cursos/{slug}/avisos", "megaphone")
