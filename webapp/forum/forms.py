"""Shapes of input."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from webapp.forum.services import LONGEST_ANNOUNCEMENT, LONGEST_POST, LONGEST_REASON, LONGEST_TITLE, tidy


def _words(label: LazyString, missing: LazyString, longest: int, rows: int) -> TextAreaField:
    return TextAreaField(
        label,
        filters=[lambda text: tidy(text) if text else text],
        validators=[
            DataRequired(missing),
            Length(max=longest, message=_l("El texto pasa de %(longest)d letras. Acórtalo.", longest=longest)),
        ],
        render_kw={"rows": rows, "maxlength": longest},
    )


class AskForm(FlaskForm):
    """A question."""

    body = _words(_l("Tu pregunta"), _l("Escribe tu pregunta."), LONGEST_POST, 5)
    wants_mail = BooleanField(_l("Avísame por correo cuando alguien responda"), default=True)


class EditForm(FlaskForm):
    """The words of a question, once more."""

    body = _words(_l("Tu pregunta"), _l("Escribe tu pregunta."), LONGEST_POST, 5)


class AnswerForm(FlaskForm):
    """An answer."""

    body = _words(_l("Tu respuesta"), _l("Escribe tu respuesta."), LONGEST_POST, 5)


class HideForm(FlaskForm):
    """Why something is hidden."""

    reason = _words(_l("Motivo"), _l("Escribe el motivo: lo lee quien escribió el texto."), LONGEST_REASON, 2)


class AnnounceForm(FlaskForm):
    """An announcement."""

    title = StringField(
        _l("Título"),
        filters=[lambda text: " ".join(text.split()) if text else text],
        validators=[
            DataRequired(_l("Escribe un título: es el asunto del correo.")),
            Length(
                max=LONGEST_TITLE, message=_l("El título pasa de %(longest)d letras. Acórtalo.", longest=LONGEST_TITLE)
            ),
        ],
        render_kw={"maxlength": LONGEST_TITLE},
    )
    body = _words(_l("Texto"), _l("Escribe qué quieres avisar."), LONGEST_ANNOUNCEMENT, 8)
    by_mail = BooleanField(_l("Enviarlo también por correo"), default=True)
