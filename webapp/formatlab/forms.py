"""Shapes of input."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import SearchField, SelectField
from wtforms.validators import ValidationError

ACCEPTED = ".xlsx,.xls,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,application/vnd.ms-excel"


def has_file(_form: FlaskForm, field: Any) -> None:
    if not (field.data and field.data.filename):
        raise ValidationError(_l("Elige el libro que quieres revisar."))


class UploadForm(FlaskForm):
    """A workbook to check, and the state it comes from if one likes to tell."""

    workbook = FileField(_l("Libro de Excel"), validators=[has_file], render_kw={"accept": ACCEPTED})
    state = SelectField(_l("¿De qué estado es?"), default="")


class HandInForm(FlaskForm):
    """The workbook of a lab."""

    workbook = FileField(_l("Tu libro"), validators=[has_file], render_kw={"accept": ACCEPTED})


class FindForm(FlaskForm):
    """What to look for among the formats."""

    class Meta:
        csrf = False  # it is asked with a GET and changes nothing

    q = SearchField(_l("Busca por fracción, nombre o columna"))
    marco = SelectField(_l("Marco legal"), default="")
