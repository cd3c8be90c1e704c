"""Shapes of input."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, IntegerField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange


class GrantForm(FlaskForm):
    """More attempts at an exam."""

    email = EmailField(_l("Correo de la persona"), validators=[DataRequired(_l("Escribe el correo.")), Length(max=254)])
    course = SelectField(_l("Curso"), validators=[InputRequired()])
    extra = IntegerField(
        _l("Intentos de más"),
        default=1,
        validators=[InputRequired(), NumberRange(1, 10, _l("Da entre 1 y 10 intentos."))],
    )
    reason = TextAreaField(
        _l("Motivo"), validators=[DataRequired(_l("Escribe el motivo: queda en la bitácora.")), Length(max=300)]
    )
