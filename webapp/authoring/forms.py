"""Shapes of input."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, MultipleFileField
from wtforms import (
    BooleanField,
    DecimalField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.coursepack.files import LARGEST_LESSON
from webapp.coursepack.schema import LICENCES, TOPICS

TOPIC_NAMES = {
    "datos-personales": _l("Datos personales"),
    "transparencia": _l("Transparencia"),
    "archivos": _l("Archivos"),
    "gobierno-abierto": _l("Gobierno abierto"),
    "integridad": _l("Integridad"),
    "genero": _l("Género"),
}
_NEEDED = _l("Escribe este dato.")


class DropForm(FlaskForm):
    """A folder, or a ZIP or several files; at least one. `paths` is written by the page's script for what was dragged."""

    folder = MultipleFileField(_l("Una carpeta"), render_kw={"webkitdirectory": True})
    files = MultipleFileField(_l("Un ZIP o varios archivos"))
    paths = HiddenField()


class ActForm(FlaskForm):
    """One change of the order. `act` is "verb:key", `base` the key of course.yaml that the page showed."""

    act = HiddenField()
    base = HiddenField()
    title = StringField(_l("Título"))


class StepForm(FlaskForm):
    """Title and minutes of a step, over the version that the page showed."""

    title = StringField(_l("Título"), [DataRequired(_NEEDED), Length(max=200)])
    minutes = IntegerField(_l("Minutos"), [InputRequired(_NEEDED), NumberRange(1, 240, _l("De 1 a 240 minutos."))])
    base = HiddenField()


class SheetForm(FlaskForm):
    """The sheet of a course. Lists are written one per line."""

    title = StringField(_l("Título"), [InputRequired(_NEEDED), Length(max=200)])
    short_title = StringField(_l("Título corto, hasta 60 letras"), [InputRequired(_NEEDED), Length(max=60)])
    summary = TextAreaField(
        _l("De qué trata"), [InputRequired(_NEEDED), Length(max=300)], render_kw={"rows": 3, "maxlength": 300}
    )
    outcomes = TextAreaField(_l("Qué sabrá hacer quien lo termine"), [InputRequired(_NEEDED)], render_kw={"rows": 5})
    audience = TextAreaField(_l("A quién se dirige"), [InputRequired(_NEEDED)], render_kw={"rows": 3})
    topic = SelectField(
        _l("Tema"),
        [InputRequired(_NEEDED)],
        choices=[SelectChoice("", _l("Elige…")), *(SelectChoice(topic, TOPIC_NAMES[topic]) for topic in TOPICS)],
    )
    legal_frame = SelectMultipleField(
        _l("Normas en que se apoya"),
        [InputRequired(_l("Elige al menos una."))],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    cover_alt = StringField(_l("Qué se ve en la portada"), [InputRequired(_NEEDED), Length(max=300)])
    hours = DecimalField(_l("Horas con que se acredita"), [InputRequired(_NEEDED), NumberRange(0.25, 200)], places=2)
    authors = TextAreaField(_l("Quién lo escribió"), [InputRequired(_NEEDED)], render_kw={"rows": 2})
    licence = SelectField(_l("Licencia"), choices=[SelectChoice(name, name) for name in LICENCES])
    issuer = SelectField(_l("Quién emite la constancia"), default="")
    slug = StringField(
        _l("Dirección del curso"),
        [
            InputRequired(_NEEDED),
            Length(max=120),
            Regexp(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z", message=_l("Usa minúsculas sin acentos, números y guiones.")),
        ],
    )
    pass_mark = IntegerField(_l("Porcentaje para aprobar"), [InputRequired(_NEEDED), NumberRange(1, 100)])
    attempts = IntegerField(_l("Intentos del examen"), [InputRequired(_NEEDED), NumberRange(1, 20)])
    deadline_days = IntegerField(_l("Días para concluir"), [InputRequired(_NEEDED), NumberRange(1, 730)])
    validity_months = IntegerField(_l("Meses que vale la constancia"), [Optional(), NumberRange(1, 120)])
    base = HiddenField()


class PublishForm(FlaskForm):
    """How much the revision changes, and the version that was looked at."""

    change = RadioField(
        _l("¿Qué tanto cambia?"),
        [InputRequired(_l("Elige uno de los dos."))],
        choices=[SelectChoice("minor", ""), SelectChoice("substantive", "")],
    )
    base = HiddenField()


class PlainForm(FlaskForm):
    """A press of a button."""

    number = HiddenField()


def lines(text: Any) -> list[str]:
    """The lines of a field that say something, each once."""
    return list(dict.fromkeys(line.strip(" -•\t") for line in str(text or "").splitlines() if line.strip(" -•\t")))


class LessonForm(FlaskForm):
    """A lesson as somebody writes it. `base` is the key of the version that they had before them."""

    title = StringField(_l("Título"), [DataRequired(_NEEDED), Length(max=200)])
    minutes = IntegerField(_l("Minutos"), [InputRequired(_NEEDED), NumberRange(1, 240)])
    summary = TextAreaField(
        _l("Qué se sabe hacer al terminar"), [InputRequired(_NEEDED), Length(max=400)], render_kw={"rows": 2}
    )
    body = TextAreaField(_l("Texto"), [Length(max=LARGEST_LESSON)], render_kw={"rows": 24, "spellcheck": "true"})
    base = HiddenField()


class BlankForm(FlaskForm):
    """A course that begins without files."""

    title = StringField(_l("Cómo se llama el curso"), [DataRequired(_NEEDED), Length(max=200)])


class NewStepForm(FlaskForm):
    """A step that is begun in the browser."""

    kind = RadioField(
        _l("Qué vas a escribir"),
        [InputRequired(_NEEDED)],
        choices=[
            SelectChoice("lesson", _l("Una lección")),
            SelectChoice("check", _l("Un repaso con preguntas")),
            SelectChoice("exam", _l("El examen final, con su banco de preguntas")),
        ],
        default="lesson",
    )
    title = StringField(_l("Título"), [DataRequired(_NEEDED), Length(max=200)])
    module = SelectField(_l("Al final del módulo"), validate_choice=False)


class PictureForm(FlaskForm):
    """A picture with what it shows."""

    asset = SelectField(_l("Imagen del curso"))
    file = FileField(_l("Imagen nueva"))
    alt = StringField(_l("Qué se ve, para quien no ve la imagen"), [InputRequired(_NEEDED), Length(max=300)])
    caption = StringField(_l("Pie de la imagen"), [Length(max=300)])


class BankFileForm(FlaskForm):
    """A file of questions of another program."""

    file = FileField(_l("Archivo GIFT, Moodle XML o XLSX"))
    skip = BooleanField(_l("Dejar fuera las preguntas que aquí no existen"))


class NewLabForm(FlaskForm):
    """A practice with a workbook into which mistakes are seeded."""

    kind = RadioField(
        _l("Qué se practica"),
        [InputRequired(_NEEDED)],
        choices=[
            SelectChoice("find", _l("Encontrar los errores de un libro y corregirlos")),
            SelectChoice("mend", _l("Corregir un libro con el acuse que dice qué se rechazó")),
        ],
        default="find",
    )
    title = StringField(_l("Título"), [InputRequired(_NEEDED), Length(max=200)])
    minutes = IntegerField(_l("Minutos"), [InputRequired(_NEEDED), NumberRange(1, 240)], default=25)
    case = TextAreaField(
        _l("El caso que se cuenta"), [InputRequired(_NEEDED), Length(max=20_000)], render_kw={"rows": 10}
    )
    mistakes = IntegerField(
        _l("Cuántos errores lleva el libro"), [InputRequired(_NEEDED), NumberRange(1, 400)], default=8
    )
    difficulties = SelectMultipleField(
        _l("De qué dificultad"),
        [InputRequired(_l("Elige al menos una."))],
        choices=[
            SelectChoice("1", _l("Se ven enseguida")),
            SelectChoice("2", _l("Hay que conocer la regla")),
            SelectChoice("3", _l("Se ven solo al comparar")),
        ],
        default=["1", "2"],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    pass_mark = IntegerField(
        _l("Porcentaje para pasar la práctica"), [InputRequired(_NEEDED), NumberRange(1, 100)], default=80
    )
    module = SelectField(_l("Al final del módulo"), validate_choice=False)
