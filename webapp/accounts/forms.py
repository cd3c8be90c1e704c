"""The shape of what people type. Rules are in the services."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from webapp.accounts.addresses import LONGEST, normal_address
from webapp.accounts.labels import LANGUAGES, POSTS, ROLES, SEXES


def tidy(text: str | None) -> str:
    """One line in NFC with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def is_address(_form: FlaskForm, field: Any) -> None:
    if normal_address(field.data or "") is None:
        raise ValidationError(_l("Ese correo no está completo. Debe verse como nombre@dependencia.gob.mx."))


def is_name(_form: FlaskForm, field: Any) -> None:
    """Letters of any alphabet, spaces, apostrophes, hyphens and dots; at least one letter."""
    text = field.data or ""
    if any(not (char.isalpha() or unicodedata.combining(char) or char in " '’-.") for char in text):
        raise ValidationError(_l("Usa solo letras, espacios, guion, punto o apóstrofo."))
    if not any(char.isalpha() for char in text):
        raise ValidationError(_l("Escribe al menos una letra."))


def options(names: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """What a field offers: value and label of each."""
    pairs = names.items() if isinstance(names, Mapping) else names
    return [SelectChoice(value, label) for value, label in pairs]


def required(text: Any) -> InputRequired:
    return InputRequired(text)


class AddressForm(FlaskForm):
    """An e-mail address to mail a code to. `next` is where the person was going."""

    email = EmailField(
        _l("Correo"),
        filters=[tidy],
        validators=[required(_l("Escribe tu correo.")), Length(max=LONGEST), is_address],
        render_kw={"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"},
    )
    next = HiddenField()

    @property
    def address(self) -> str:
        return normal_address(self.email.data or "") or ""


class CodeForm(FlaskForm):
    """Six digits that came by mail."""

    code = StringField(
        _l("Código de 6 dígitos"),
        filters=[lambda text: re.sub(r"[\s-]", "", text or "")],
        validators=[required(_l("Escribe el código que llegó a tu correo."))],
        render_kw={
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "pattern": "[0-9 -]*",
            "maxlength": "9",
            "spellcheck": "false",
        },
    )


def _name_field(label: Any, needed: Any = None) -> StringField:
    first = [required(needed)] if needed is not None else [Optional()]
    return StringField(
        label, filters=[tidy], validators=[*first, Length(max=80), is_name], render_kw={"maxlength": "80"}
    )


class NameFields(FlaskForm):
    """The name as it goes onto a constancia, the function at work and the sex, which may be left out."""

    given_names = _name_field(_l("Nombre o nombres"), _l("Escribe tu nombre."))
    first_surname = _name_field(_l("Primer apellido"), _l("Escribe tu primer apellido."))
    second_surname = _name_field(_l("Segundo apellido"))
    post = SelectField(
        _l("Tu función"),
        choices=options([("", _l("Elige una")), *POSTS.items()]),
        validators=[required(_l("Elige tu función."))],
    )
    sex = SelectField(_l("Sexo"), choices=options(SEXES), default="no-especificado", validators=[Optional()])


class WorkplaceFields(FlaskForm):
    """An obliged subject of the padrón, found by its name, or «no lo encuentro» with a written name and its state.

    Without JavaScript `subject` stays empty: the name is searched on the server and `match` offers what was found.
    """

    state = SelectField(_l("Estado"), validators=[Optional()])
    subject_name = StringField(
        _l("Sujeto obligado donde trabajas"),
        filters=[tidy],
        validators=[required(_l("Escribe el nombre de tu sujeto obligado.")), Length(max=250)],
        render_kw={"autocomplete": "organization", "maxlength": "250"},
    )
    subject = HiddenField(filters=[tidy])
    match = RadioField(_l("¿Es alguno de estos?"), choices=[], validate_choice=False, validators=[Optional()])
    not_found = BooleanField(_l("No lo encuentro en la lista"))


class DetailsForm(NameFields):
    """What a person changes of their own data."""


class WorkplaceForm(WorkplaceFields):
    """Where a person works from today on."""


class RegistrationForm(NameFields, WorkplaceFields):
    """The one registration screen."""

    accept = BooleanField(
        _l("Leí el aviso de privacidad y acepto el tratamiento de mis datos"),
        validators=[required(_l("Para crear tu cuenta hace falta aceptar el aviso de privacidad."))],
    )
    invitations = BooleanField(_l("Quiero recibir invitaciones a cursos y talleres"))
    next = HiddenField()


class AcceptForm(FlaskForm):
    """A new version of the privacy notice."""

    accept = BooleanField(
        _l("Leí el aviso de privacidad y acepto el tratamiento de mis datos"),
        validators=[required(_l("Para seguir usando tu cuenta hace falta aceptar el aviso de privacidad."))],
    )
    invitations = BooleanField(_l("Quiero recibir invitaciones a cursos y talleres"))
    next = HiddenField()


class LanguageForm(FlaskForm):
    language = RadioField(_l("Idioma de los correos"), choices=options(LANGUAGES), validators=[InputRequired()])


class GrantForm(FlaskForm):
    """A role with its scope: a state for a coordinator, a region for a regional one, nothing for the rest."""

    role = SelectField(_l("Función"), choices=options(ROLES), validators=[InputRequired()])
    state = SelectField(_l("Estado que coordina"), validators=[Optional()])
    region = SelectField(_l("Región que coordina"), validators=[Optional()])


class SetupForm(FlaskForm):
    """The one-time code of a new installation and the address of its first administrator."""

    code = StringField(
        _l("Código de instalación"),
        filters=[tidy],
        validators=[required(_l("Escribe el código que se mostró en la consola.")), Length(max=40)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    email = EmailField(
        _l("Correo de quien administra"),
        filters=[tidy],
        validators=[required(_l("Escribe el correo.")), Length(max=LONGEST), is_address],
        render_kw={"autocomplete": "email"},
    )

    @property
    def address(self) -> str:
        return normal_address(self.email.data or "") or ""
