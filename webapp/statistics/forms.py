"""The shape of what the administrator types."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from webapp.accounts.forms import options, tidy

LASTS = {"30": _l("30 días"), "90": _l("90 días"), "365": _l("Un año")}


class TokenForm(FlaskForm):
    """Which system gets access, to which state, and for how long. The choices of `state` are set by the view."""

    name = StringField(
        _l("Sistema que lo usará"),
        filters=[tidy],
        validators=[DataRequired(_l("Escribe qué sistema lo usará.")), Length(max=80)],
        render_kw={"autocomplete": "off"},
    )
    state = SelectField(_l("Estado"), validators=[InputRequired()])
    days = SelectField(_l("Vence en"), choices=options(LASTS), default="90", validators=[InputRequired()])
