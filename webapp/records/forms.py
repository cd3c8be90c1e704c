"""Shapes of input."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length


class RevokeForm(FlaskForm):
    reason = TextAreaField(
        _l("Motivo de la revocación"),
        validators=[DataRequired(_l("Escribe el motivo: la página de verificación lo muestra.")), Length(max=500)],
    )


class LinkForm(FlaskForm):
    """Answer «no lo encuentro» with an obliged subject of the padrón."""

    obliged_subject = HiddenField()
    obliged_subject_name = StringField(_l("Sujeto obligado del padrón"), validators=[Length(max=250)])
    valid_from = DateField(
        _l("Trabaja ahí desde"), validators=[DataRequired(_l("Escribe la fecha desde la que trabaja ahí."))]
    )


class DeclineForm(FlaskForm):
    reason = TextAreaField(
        _l("Motivo"), validators=[DataRequired(_l("Escribe el motivo: la persona lo recibe.")), Length(max=500)]
    )
