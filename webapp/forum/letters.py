"""What this room writes to people: short plain text, in the language of whoever reads it, and how to get no more of it."""

from __future__ import annotations

from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.catalog.models import Course
from webapp.core.i18n import LANGUAGES
from webapp.core.mail import queue_mail
from webapp.forum.models import Announcement, LessonQuestion


def send_answer_letter(session: Session, asker: Person, question: LessonQuestion, base_url: str, now: datetime) -> None:
    """Tell who asked that there is an answer. Neither the answer nor a name leaves the platform."""
    course = session.get_one(Course, question.course_id)
    with force_locale(LANGUAGES[asker.language]):
        subject = _("Respondieron tu pregunta")
        text = "\n\n".join(
            (
                _("Hay una respuesta a lo que preguntaste en el curso «%(course)s». Léela aquí:", course=course.title),
                f"{base_url}/preguntas/{question.public_id}",
                _("¿Ya no quieres estos correos? En esa misma página puedes dejar de recibirlos."),
            )
        )
    queue_mail(session, asker.email, subject, text + "\n", now)


def send_announcement_letter(
    session: Session, reader: Person, announcement: Announcement, course: Course, base_url: str, now: datetime
) -> None:
    """An announcement of a course, whole, with the page where it is marked as read."""
    with force_locale(LANGUAGES[reader.language]):
        subject = _("Aviso de tu curso: %(title)s", title=announcement.title)
        text = "\n\n".join(
            (
                _("Quienes imparten «%(course)s» te avisan:", course=course.title),
                announcement.title,
                announcement.body,
                _("Márcalo como leído aquí:"),
                f"{base_url}/cursos/{course.slug}/avisos",
                _("¿Ya no quieres estos correos? En esa misma página puedes dejar de recibirlos."),
            )
        )
    queue_mail(session, reader.email, subject, text + "\n", now)
