"""What this room writes to people: short plain text, in the language of whoever reads it."""

from __future__ import annotations

from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.core.i18n import LANGUAGES
from webapp.core.mail import queue_mail


def send_code_letter(session: Session, address: str, language: str, purpose: str, code: str, now: datetime) -> None:
    """A code, in the first line, so that the notification of a phone shows it."""
    with force_locale(LANGUAGES[language]):
        if purpose == "enter":
            subject = _("Tu código para entrar a Aula Norte")
            first = _("%(code)s es tu código para entrar a Aula Norte.", code=code)
        else:
            subject = _("Tu código de Aula Norte")
            first = _("%(code)s es el código que pediste en tu cuenta de Aula Norte.", code=code)
        text = "\n\n".join(
            (
                first,
                _("Sirve una sola vez y durante 10 minutos."),
                _("Si no lo pediste, no hagas nada: sin el código nadie puede usar tu correo."),
            )
        )
    queue_mail(session, address, subject, text + "\n", now, sensitive=True)


def send_notice_letter(session: Session, address: str, language: str, what: str, now: datetime) -> None:
    """Tell someone that something of their account changed. `what` is one of the keys below."""
    with force_locale(LANGUAGES[language]):
        subject, sentence = {
            "password-changed": (
                _("Cambió la contraseña de tu cuenta"),
                _("Se puso una contraseña nueva en tu cuenta de Aula Norte y se cerraron las demás sesiones."),
            ),
            "password-reset": (
                _("Cambió la contraseña de tu cuenta"),
                _("Se puso una contraseña nueva en tu cuenta de Aula Norte y se cerraron todas las sesiones."),
            ),
            "email-changed": (
                _("Cambió el correo de tu cuenta"),
                _("Tu cuenta de Aula Norte ya no usa este correo como correo de trabajo."),
            ),
            "personal-email-changed": (
                _("Cambió el correo personal de tu cuenta"),
                _("Se cambió el correo personal con el que también puedes entrar a tu cuenta de Aula Norte."),
            ),
            "second-factor-on": (
                _("Tu cuenta pide ahora un segundo paso"),
                _("Se activó la verificación en dos pasos en tu cuenta de Aula Norte."),
            ),
            "second-factor-off": (
                _("Tu cuenta ya no pide un segundo paso"),
                _("Se desactivó la verificación en dos pasos en tu cuenta de Aula Norte."),
            ),
            "passkey-added": (
                _("Nueva llave de acceso en tu cuenta"),
                _("Se agregó una llave de acceso a tu cuenta de Aula Norte."),
            ),
        }[what]
        advice = _("Si no fuiste tú, entra con un código a tu correo, cambia tu contraseña y cierra las sesiones.")
        text = f"{sentence}\n\n{advice}"
    queue_mail(session, address, subject, text + "\n", now)


def send_reset_letter(session: Session, address: str, language: str, link: str | None, now: datetime) -> None:
    """The link that sets a new password; without one, the news that this address has no account."""
    with force_locale(LANGUAGES[language]):
        subject = _("Cambiar tu contraseña de Aula Norte")
        if link is None:
            parts = (
                _("Alguien pidió cambiar la contraseña de una cuenta con este correo, pero no existe ninguna."),
                _("Si fuiste tú, entra con un código a tu correo: la cuenta se crea al entrar."),
            )
        else:
            parts = (
                _("Abre este enlace para poner una contraseña nueva. Sirve durante una hora:"),
                link,
            )
        text = "\n\n".join((*parts, _("Si no lo pediste, no hagas nada: tu cuenta sigue igual.")))
    queue_mail(session, address, subject, text + "\n", now, sensitive=True)
