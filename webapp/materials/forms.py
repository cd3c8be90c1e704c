"""Shapes of input."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileRequired, MultipleFileField
from wtforms import IntegerField, SearchField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange

from webapp.coursepack.uploads import ACCEPTED


class UploadForm(FlaskForm):
    """One or several files to keep."""

    files = MultipleFileField(
        _l("Archivos"),
        validators=[FileRequired(_l("Elige por lo menos un archivo."))],
        render_kw={"accept": ",".join(ACCEPTED)},
    )


class DescribeForm(FlaskForm):
    """What a material is called and what is to be seen in it."""

    title = StringField(
        _l("Título"),
        validators=[
            DataRequired(_l("Escribe un título, para que lo encuentre quien lo busque.")),
            Length(max=150, message=_l("El título pasa de 150 letras. Acórtalo.")),
        ],
    )
    alt = TextAreaField(
        _l("Texto alternativo"), validators=[Length(max=500, message=_l("El texto pasa de 500 letras. Acórtalo."))]
    )


class FindForm(FlaskForm):
    """What to look for in the library."""

    class Meta:
        csrf = False  # it is asked with a GET and changes nothing

    q = SearchField(_l("Título o archivo"))
    tipo = SelectField(_l("Tipo"), default="")


class QuotaForm(FlaskForm):
    """How much an authority may keep."""

    authority = SelectField(_l("Autoridad"), validators=[DataRequired(_l("Elige una autoridad."))])
    megabytes = IntegerField(
        _l("Megabytes"),
        validators=[
            DataRequired(_l("Escribe cuántos megabytes, con números.")),
            NumberRange(1, 10_000_000, _l("Escribe un número entre 1 y 10,000,000.")),
        ],
    )
