"""Shapes of input."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SearchField, SelectField

ACCEPTED = ".xlsx,.xls,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,application/vnd.ms-excel"


def workbook_field(label: Any) -> FileField:
    """The field that takes a workbook."""
    missing = FileRequired(_l("Elige el libro que quieres revisar."))
    return FileField(label, validators=[missing], render_kw={"accept": ACCEPTED})


class UploadForm(FlaskForm):
    """A workbook to check, and the state it comes from if one likes to tell."""

    workbook = workbook_field(_l("Libro de Excel"))
    state = SelectField(_l("¿De qué estado es?"), default="")


class HandInForm(FlaskForm):
    """The workbook of a lab."""

    workbook = workbook_field(_l("Tu libro"))


class ProblemsForm(FlaskForm):
    """Where and when things went wrong."""

    class Meta:
        csrf = False  # it is asked with a GET and changes nothing

    estado = SelectField(_l("Estado"), default="")
    formato = SelectField(_l("Formato"), default="")
    desde = SelectField(_l("Desde el mes"), default="")
    hasta = SelectField(_l("Hasta el mes"), default="")


class FindForm(FlaskForm):
    """What to look for among the formats."""

    class Meta:
        csrf = False  # it is asked with a GET and changes nothing

    q = SearchField(_l("Busca por fracción, nombre o columna"))
    marco = SelectField(_l("Marco legal"), default="")
