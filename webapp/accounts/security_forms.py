"""The forms of Flask-Security with our labels; what they check is the library's."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_security import (
    ChangePasswordForm,
    LoginForm,
    MfRecoveryForm,
    ResetPasswordForm,
    TwoFactorSelectForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
    WebAuthnRegisterForm,
)
from flask_security.forms import (
    EmailValidation,
    EqualToLocalize,
    IsString,
    IsStringOrInt,
    RequiredLocalize,
    email_required,
    password_required,
)
from wtforms import EmailField, PasswordField, RadioField, StringField

from webapp.accounts import queries
from webapp.accounts.addresses import normal_address
from webapp.accounts.forms import options
from webapp.core.db import db

CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "pattern": "[0-9 ]*", "maxlength": "9"}
_again = EqualToLocalize("new_password", message="RETYPE_PASSWORD_MISMATCH")


class SignInForm(LoginForm):
    """Address (of work, or the confirmed personal one) and password."""

    email = EmailField(
        _l("Correo"),
        render_kw={"autocomplete": "username"},
        validators=[IsString(), email_required, EmailValidation(verify=False)],
    )
    password = PasswordField(
        _l("Contraseña"),
        render_kw={"autocomplete": "current-password", "maxlength": "128"},
        validators=[IsString(), password_required],
    )
    remember = None  # type: ignore[assignment]  # a session is never kept beyond its limits

    def validate(self, **options: Any) -> bool:
        address = normal_address(self.email.data or "")
        self.ifield = self.email
        self.user = queries.person_by_email(db.session(), address) if address is not None else None
        return bool(super().validate(**options))


class ConfirmPasswordForm(VerifyForm):
    """The password again, before something delicate."""

    password = PasswordField(
        _l("Contraseña"),
        render_kw={"autocomplete": "current-password", "maxlength": "128"},
        validators=[IsString(), password_required],
    )


class NewPasswordForm(ResetPasswordForm):
    """A new password, twice."""

    password = PasswordField(
        _l("Contraseña nueva"),
        render_kw={"autocomplete": "new-password", "maxlength": "128"},
        validators=[IsString(), password_required],
    )
    password_confirm = PasswordField(
        _l("La misma, otra vez"),
        render_kw={"autocomplete": "new-password", "maxlength": "128"},
        validators=[
            IsString(),
            EqualToLocalize("password", message="RETYPE_PASSWORD_MISMATCH"),
            password_required,
        ],
    )


class OtherPasswordForm(ChangePasswordForm):
    """The present password, when there is one, and the new one twice."""

    password = PasswordField(
        _l("Contraseña actual"), render_kw={"autocomplete": "current-password", "maxlength": "128"}
    )
    new_password = PasswordField(
        _l("Contraseña nueva"),
        render_kw={"autocomplete": "new-password", "maxlength": "128"},
        validators=[IsString(), password_required],
    )
    new_password_confirm = PasswordField(
        _l("La nueva, otra vez"),
        render_kw={"autocomplete": "new-password", "maxlength": "128"},
        validators=[IsString(), _again, password_required],
    )


class AppCodeForm(TwoFactorVerifyCodeForm):
    """The code that the authenticator app shows."""

    code = StringField(_l("Código de la aplicación"), render_kw=CODE, validators=[IsStringOrInt(), RequiredLocalize()])


class ChooseFactorForm(TwoFactorSelectForm):
    which = RadioField(_l("¿Con qué confirmas que eres tú?"))


class BackupCodeForm(MfRecoveryForm):
    code = StringField(
        _l("Código de respaldo"),
        render_kw={"autocomplete": "off", "maxlength": "20"},
        validators=[IsString(), RequiredLocalize()],
    )


class NewPasskeyForm(WebAuthnRegisterForm):
    name = StringField(
        _l("Nombre de la llave"),
        render_kw={"autocomplete": "off", "maxlength": "64"},
        validators=[IsString(), RequiredLocalize(message="WEBAUTHN_NAME_REQUIRED")],
    )
    usage = RadioField(
        _l("Para qué"),
        choices=options(
            {
                "first": _l("Entrar sin código ni contraseña"),
                "secondary": _l("Segundo paso, después del código o la contraseña"),
            }
        ),
        default="first",
        validate_choice=True,
    )


FORMS: dict[str, Any] = {
    "login_form": SignInForm,
    "verify_form": ConfirmPasswordForm,
    "reset_password_form": NewPasswordForm,
    "change_password_form": OtherPasswordForm,
    "two_factor_verify_code_form": AppCodeForm,
    "two_factor_select_form": ChooseFactorForm,
    "mf_recovery_form": BackupCodeForm,
    "wan_register_form": NewPasskeyForm,
}
