"""Flask-Security, fitted into the house: passwords, second step and passkeys are its work; the rest of it is off.

What is changed, and why:
- its views write inside `transaction()`, so its own commit does nothing;
- whoever it signs in gets a session row of ours (a cookie copied before signing out must be worthless after it);
- its mails go through the outbox, its messages and pages are ours;
- it may not look at every request: what it hangs on the application is taken off again;
- tokens, HTTP basic authentication and JSON answers are off: a browser with a form is the only door.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from flask import Flask, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, force_locale, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import AnonymousUserMixin
from flask_security import (
    MailUtil,
    PasswordUtil,
    RoleMixin,
    Security,
    SQLAlchemyUserDatastore,
    Totp,
    WebauthnUtil,
    password_changed,
    password_reset,
    tf_disabled,
    tf_profile_changed,
    user_authenticated,
    user_failed_authn,
    wan_registered,
)
from flask_security.babel import FsDomain
from flask_security.recoverable import generate_reset_password_token
from flask_security.utils import login_user
from passlib.exc import TokenError
from sqlalchemy.orm import Session
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from webapp.accounts import identity, services
from webapp.accounts.addresses import normal_address
from webapp.accounts.arriving import arrival, destination_asked
from webapp.accounts.forms import AddressForm
from webapp.accounts.limits import (
    FRESH,
    LEARNER_SESSION,
    PASSKEY_PER_NETWORK,
    PASSWORD_PER_ADDRESS,
    PASSWORD_PER_ADDRESS_AND_NETWORK,
    PASSWORD_PER_NETWORK,
    RESET_LIFE,
    RESET_PER_ADDRESS,
    RESET_PER_NETWORK,
    SECOND_FACTOR_PER_PERSON,
)
from webapp.accounts.models import Passkey, Person
from webapp.accounts.passwords import why_refused
from webapp.accounts.security_forms import FORMS
from webapp.accounts.services.letters import send_notice_letter, send_reset_letter
from webapp.accounts.throttling import spend
from webapp.accounts.tokens import fernet_key, keyed_hash
from webapp.core import audit
from webapp.core.access import mark_endpoint, public, signed_in
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.i18n import language
from webapp.core.throttle import hit

# Every route of the library, with its mark. What is not here does not exist.
PUBLIC = (
    "login",
    "forgot_password",
    "reset_password",
    "two_factor_setup",
    "two_factor_token_validation",
    "two_factor_rescue",
    "tf_select",
    "mf_recovery",
    "wan_signin",
    "wan_signin_response",
)
SIGNED_IN = (
    "verify",
    "change_password",
    "two_factor_setup_validate",
    "mf_recovery_codes",
    "wan_register",
    "wan_register_response",
    "wan_delete",
    "wan_verify",
    "wan_verify_response",
)
ABSENT = ("two_factor_rescue",)  # the library needs its name; our recovery codes need no detour


def init_app(app: Flask) -> None:
    """Set the library up on `app`, without the parts that are ours."""
    app.config.update(_settings(str(app.config["SECRET_KEY"])))
    datastore = People(db, Person, RoleMixin, Passkey)  # it needs a class of roles; ours it never sees
    security = Security(
        app,
        datastore,
        mail_util_cls=Letters,
        password_util_cls=Passwords,
        totp_cls=OnceOnlyTotp,
        webauthn_util_cls=Passkeys,
        **FORMS,
    )
    security.i18n_domain = Messages(app)  # type: ignore[no-untyped-call]
    security.want_json(lambda _request: False)
    security.reauthn_handler(_ask_again)
    security.unauthn_handler(_ask_to_sign_in)
    security.pwd_context = Hasher(security.pwd_context)
    security.login_manager.user_loader(_load_user)
    security.login_manager.request_loader(lambda _request: None)
    security.login_manager.session_protection = None
    security.login_manager.anonymous_user = AnonymousUserMixin
    _take_off(app, security)
    _mend_messages(app)
    for endpoint in (*PUBLIC, *SIGNED_IN):
        _fit(app, f"security.{endpoint}")
    for endpoint in PUBLIC:
        mark_endpoint(app, f"security.{endpoint}", public)
    for endpoint in SIGNED_IN:
        mark_endpoint(app, f"security.{endpoint}", signed_in)
    for signal, handler in (
        (user_authenticated, _signed_in),
        (user_failed_authn, _failed),
        (password_changed, _password_changed),
        (password_reset, _password_reset),
        (tf_profile_changed, _second_factor_on),
        (tf_disabled, _second_factor_off),
        (wan_registered, _passkey_added),
    ):
        signal.connect(handler, app, weak=False)


def _settings(secret: str) -> dict[str, Any]:
    return {
        "SESSION_COOKIE_SAMESITE": "Lax",  # a form of another site must not arrive with our cookie
        "PERMANENT_SESSION_LIFETIME": LEARNER_SESSION.absolute,
        "SESSION_REFRESH_EACH_REQUEST": False,  # a static file must not set the cookie anew
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        # 19 MiB, two passes, one lane: 0.03 s of a core. The hash needs no key of the installation, so that a restored
        # database keeps its passwords.
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
            "argon2__memory_cost": 19456,
            "argon2__time_cost": 2,
            "argon2__parallelism": 1,
        },
        "SECURITY_PASSWORD_SINGLE_HASH": {"argon2"},
        "SECURITY_HASHING_SCHEMES": ["hex_sha256"],
        "SECURITY_PASSWORD_NORMALIZE_FORM": "NFKC",
        "SECURITY_INPUT_NORMALIZE_FORM": "NFC",
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False, "test_environment": True},
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_EMAIL_PLAINTEXT": False,
        "SECURITY_EMAIL_HTML": False,
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
        "SECURITY_CACHE_CONTROL": {"no-store": True},
        "SECURITY_DATETIME_FACTORY": now,
        "SECURITY_FRESHNESS": FRESH,
        "SECURITY_FRESHNESS_GRACE_PERIOD": FRESH,
        "SECURITY_LOGOUT_METHODS": None,
        "SECURITY_LOGIN_URL": "/entrar/clave",
        "SECURITY_VERIFY_URL": "/mi-cuenta/confirmar/clave",
        "SECURITY_RECOVERABLE": True,
        "SECURITY_RESET_URL": "/clave/restablecer",
        "SECURITY_RESET_PASSWORD_WITHIN": RESET_LIFE,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_CHANGE_URL": "/mi-cuenta/clave",
        "SECURITY_POST_CHANGE_VIEW": "accounts.overview",
        "SECURITY_POST_RESET_VIEW": "security.login",
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
        "SECURITY_TWO_FACTOR_ALWAYS_VALIDATE": True,
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_SETUP_URL": "/mi-cuenta/segundo-factor",
        "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/entrar/segundo-factor",
        "SECURITY_TWO_FACTOR_RESCUE_URL": "/entrar/segundo-factor/ayuda",
        "SECURITY_TWO_FACTOR_SELECT_URL": "/entrar/segundo-factor/elegir",
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "security.mf_recovery_codes",
        "SECURITY_TWO_FACTOR_ERROR_VIEW": "accounts.sign_in",
        "SECURITY_TOTP_SECRETS": {"1": fernet_key(secret, "totp").decode()},
        "SECURITY_TOTP_ISSUER": "Aula Norte",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": 8,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [fernet_key(secret, "recovery-codes")],
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL": "/mi-cuenta/codigos-de-respaldo",
        "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/entrar/codigo-de-respaldo",
        "SECURITY_WEBAUTHN": True,
        "SECURITY_WAN_RP_NAME": "Aula Norte",
        "SECURITY_WAN_ALLOW_USER_HINTS": False,
        "SECURITY_WAN_REGISTER_URL": "/mi-cuenta/llaves",
        "SECURITY_WAN_DELETE_URL": "/mi-cuenta/llaves/quitar",
        "SECURITY_WAN_SIGNIN_URL": "/entrar/llave",
        "SECURITY_WAN_VERIFY_URL": "/mi-cuenta/confirmar/llave",
    }


def _take_off(app: Flask, security: Any) -> None:
    """Remove what would open the session on every request: the library is asked only on its own pages."""
    app.before_request_funcs[None].remove(security.principal._on_before_request)
    app.after_request_funcs[None].remove(security.login_manager._update_remember_cookie)
    processors = app.template_context_processors[None]
    processors[:] = [one for one in processors if not str(one.__module__).startswith("flask_login")]


# --- its views, in our transactions -----------------------------------------------------------------------------


def _fit(app: Flask, endpoint: str) -> None:
    view = app.view_functions[endpoint]
    name = endpoint.removeprefix("security.")
    app.view_functions[endpoint] = _absent() if name in ABSENT else _writing(OWN.get(name, view))


def _absent() -> Callable[..., ResponseReturnValue]:
    def absent(**_arguments: Any) -> ResponseReturnValue:
        raise NotFound()

    return absent


def forgot_password() -> ResponseReturnValue:
    """Mail a link that sets a new password, or the news that there is no account: always a mail, always the same page.

    Ours instead of the library's, which takes 20 ms longer for an address that it does not know.
    """
    form = AddressForm()
    if form.validate_on_submit():
        spend(("reset-address", form.address, RESET_PER_ADDRESS))
        database, moment = db.session(), now()
        person = services.request_password_reset(database, form.address, language(), moment)
        token = generate_reset_password_token(  # type: ignore[no-untyped-call]
            person or Person(fs_uniquifier=uuid.uuid4().hex, password=None)
        )
        link = f"{current_app.config['BASE_URL']}{url_for('security.reset_password', token=token)}" if person else None
        send_reset_letter(database, form.address, person.language if person else language(), link, moment)
        flash(
            _("Te enviamos un correo con lo que sigue. Si no llega en unos minutos, revisa el correo no deseado."),
            "info",
        )
        return redirect(url_for("security.login"), 303)
    return render_template("security/forgot_password.html", form=form), 422 if form.errors else 200


OWN: dict[str, Callable[..., Any]] = {"forgot_password": forgot_password}


def _writing(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view with its POST inside a transaction, throttled, and ending where the person was going."""

    @wraps(view)
    def fitted(**arguments: Any) -> ResponseReturnValue:
        if request.method != "POST":
            answer: ResponseReturnValue = view(**arguments)
            return answer
        _throttle(str(request.endpoint).removeprefix("security."))
        setting_up = session.get("tf_state") == "validating_profile" and identity.current_token() is None
        with transaction() as database:
            response = settle(database, current_app.make_response(view(**arguments)))
        if setting_up and identity.current_actor().is_authenticated:
            # The second step was set up on the way in: without backup codes, a lost phone is a lost account.
            return redirect(url_for("security.mf_recovery_codes"), 303)
        return response

    return fitted


def settle(database: Session, response: Response) -> Response:
    """What follows when a POST of the sign-in has been done: go where the person was going, or remember it."""
    person: Person | None = g.pop("entered", None)
    if person is not None:
        return redirect(arrival(database, person, now()), 303)
    if request.endpoint == "security.login" and "tf_user_id" not in session:
        # The same is written for an address that exists and for one that does not.
        subject = f"address:{keyed_hash('log', request.form.get('email', '').strip().lower())[:16]}"
        audit.record(database, now(), None, "accounts.sign_in_failed", subject, via="password")
    if "tf_user_id" in session and (request.endpoint == "security.login" or destination_asked()):
        session["destination"] = destination_asked()
    if response.status_code == 302:
        response.status_code = 303
    return response


def enter(database: Session, person: Person, via: str, destination: str) -> Response:
    """Go on with a person whose first proof was accepted: to the second step when there is one, else inside.

    Runs inside the caller's transaction.
    """
    session["destination"] = destination
    second = current_app.extensions["security"].two_factor_plugins.tf_enter(person, False, via, next_loc=None)
    if second is None:
        login_user(person, remember=False, authn_via=[via])
        return settle(database, redirect(destination, 303))
    response = current_app.make_response(second)
    response.status_code = 303
    return response


def _throttle(endpoint: str) -> None:
    network = identity.network()
    if endpoint in {"login", "verify"}:
        actor = identity.current_actor()
        who = actor.email if isinstance(actor, Person) else request.form.get("email", "").strip().lower()
        spend(
            ("password-pair", f"{who} {network}", PASSWORD_PER_ADDRESS_AND_NETWORK),
            ("password-address", who, PASSWORD_PER_ADDRESS),
            ("password-network", network, PASSWORD_PER_NETWORK),
        )
    elif endpoint in {"two_factor_token_validation", "mf_recovery", "two_factor_setup_validate"}:
        who = str(session.get("tf_user_id") or identity.current_token() or network)
        spend(("second-factor", who, SECOND_FACTOR_PER_PERSON))
    elif endpoint in {"reset_password", "forgot_password"}:
        spend(("reset", network, RESET_PER_NETWORK))
    elif endpoint.startswith("wan_"):
        spend(("passkey", network, PASSKEY_PER_NETWORK))


def _load_user(_user_id: str) -> Person | None:
    """Whom the library takes for signed in: the person of our session row, attached so that it can change them."""
    actor = identity.current_actor()
    if not isinstance(actor, Person):
        return None
    g.fs_authn_via, g.fs_paa = "session", session.get("fs_paa", 0)
    return db.session.get(Person, actor.id)


def _ask_again(*_arguments: Any) -> Any:
    return redirect(url_for("accounts.confirm", next=request.path))


def _ask_to_sign_in(*_arguments: Any, **_headers: Any) -> Any:
    return redirect(url_for("accounts.sign_in", next=request.path))


# --- what it tells us -------------------------------------------------------------------------------------------


def _signed_in(_app: Flask, user: Person, authn_via: list[str] | None = None, **_more: Any) -> None:
    database, moment = db.session(), now()
    changed = authn_via == ["change"]
    destination = session.get("destination")
    if changed:
        services.end_sessions(database, user.id, "password", moment, actor_id=user.id)
    identity.begin(database, user, (authn_via or ["second-factor"])[0], moment)
    if not changed:
        g.entered = user
        if destination is not None:
            session["destination"] = destination


def _failed(_app: Flask, user: Person, auth_type: str, tfa: bool = False, **_more: Any) -> None:
    if auth_type != "password":  # a wrong password is noted for any address, see `settle`
        audit.record(db.session(), now(), None, "accounts.sign_in_failed", f"person:{user.id}", via=auth_type)


def _password_changed(_app: Flask, user: Person, **_more: Any) -> None:
    audit.record(db.session(), now(), user.id, "accounts.password_changed", f"person:{user.id}")


def _password_reset(_app: Flask, user: Person, **_more: Any) -> None:
    moment = now()
    services.end_sessions(db.session(), user.id, "password", moment, actor_id=user.id)
    audit.record(db.session(), moment, user.id, "accounts.password_reset", f"person:{user.id}")


def _second_factor_on(_app: Flask, user: Any, **_more: Any) -> None:
    _note(user, "accounts.second_factor_on", "second-factor-on")


def _second_factor_off(_app: Flask, user: Any, **_more: Any) -> None:
    _note(user, "accounts.second_factor_off", "second-factor-off")


def _passkey_added(_app: Flask, user: Any, **_more: Any) -> None:
    _note(user, "accounts.passkey_added", "passkey-added")


def _note(user: Any, action: str, letter: str) -> None:
    moment = now()
    audit.record(db.session(), moment, user.id, action, f"person:{user.id}")
    send_notice_letter(db.session(), user.email, user.language, letter, moment)


# --- its parts, replaced ----------------------------------------------------------------------------------------


class People(SQLAlchemyUserDatastore):
    """Where the library finds people. It may add and change; `transaction()` commits."""

    def commit(self) -> None:
        """Nothing: the commit belongs to the transaction around the view."""

    def create_webauthn(self, user: Any, *columns: Any, **named: Any) -> None:
        super().create_webauthn(user, *columns, **named, create_datetime=now())


class Letters(MailUtil):
    """Addresses by our rule, and mails through the outbox in our words."""

    def normalize(self, email: str) -> str:
        return self.validate(email)

    def validate(self, email: str) -> str:
        address = normal_address(email)
        if address is None:
            raise ValueError("not an address")
        return address

    def send_mail(
        self, template: str, subject: str, recipient: Any, sender: Any, body: Any, html: Any, **context: Any
    ) -> None:
        user: Person = context["user"]
        what = {"change_notice": "password-changed", "reset_notice": "password-reset"}[template.rpartition("/")[2]]
        send_notice_letter(db.session(), user.email, user.language, what, now())


class Passwords(PasswordUtil):
    """Long enough, not a common one, not about the person."""

    def validate(self, password: str, is_register: bool, **context: Any) -> tuple[list[Any] | None, str]:
        normal = self.normalize(password)
        user = context.get("user")
        about = (user.email, user.personal_email or "", user.full_name) if user else ()
        reason = why_refused(normal, about)
        return ([reason] if reason is not None else None), normal


class Hasher:
    """The password hashes of one process, at most four at a time: each takes 19 MiB and a core."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._room = threading.BoundedSemaphore(4)

    def hash(self, *arguments: Any, **options: Any) -> Any:
        with self._room:
            return self._context.hash(*arguments, **options)

    def verify(self, *arguments: Any, **options: Any) -> Any:
        with self._room:
            return self._context.verify(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)


class OnceOnlyTotp(Totp):
    """A code of the authenticator app, accepted once: a second use of the same one is refused."""

    def verify_totp(self, token: str, totp_secret: str, user: Any, window: int = 0) -> bool:
        try:
            match = self._totp.verify(token, totp_secret, window=window)
        except TokenError:
            return False
        # The window of the counter is that of the code itself, so that it does not matter when it is repeated.
        at = datetime.fromtimestamp(match.counter * 30, tz=now().tzinfo)
        return hit(db.session(), f"totp:{user.id}:{match.counter}", 1, FRESH, at)


class Passkeys(WebauthnUtil):
    """Passkeys of any kind: the phone's, the computer's, a security key."""

    def authenticator_selection(self, user: Any, usage: str) -> AuthenticatorSelectionCriteria:
        if usage == "first":
            return AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            )
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.DISCOURAGED
        )


class Messages(FsDomain):
    """Its texts: ours where we wrote one, else its Spanish of Spain for that of Mexico."""

    def gettext(self, string: Any, **variables: Any) -> str:
        if isinstance(string, LazyString):
            text = str(string)
            return text % variables if variables else text
        translated: str = super().gettext(string, **variables)  # type: ignore[no-untyped-call]
        return translated

    def get_translations(self) -> Any:
        if not str(get_locale()).startswith("es"):
            return super().get_translations()
        with force_locale("es_ES"):
            return super().get_translations()


def _mend_messages(app: Flask) -> None:
    """Say the library's messages in our voice, and call an error what the toasts call it."""
    ours = {
        "SECURITY_MSG_GENERIC_AUTHN_FAILED": _l(
            "El correo o la contraseña no coinciden. Revísalos, o entra con un código."
        ),
        "SECURITY_MSG_PASSWORD_NOT_PROVIDED": _l("Escribe la contraseña."),
        "SECURITY_MSG_EMAIL_NOT_PROVIDED": _l("Escribe tu correo."),
        "SECURITY_MSG_INVALID_EMAIL_ADDRESS": _l(
            "Ese correo no está completo. Debe verse como nombre@dependencia.gob.mx."
        ),
        "SECURITY_MSG_RETYPE_PASSWORD_MISMATCH": _l("Las dos contraseñas no son iguales."),
        "SECURITY_MSG_INVALID_PASSWORD": _l("La contraseña no coincide."),
        "SECURITY_MSG_PASSWORD_IS_THE_SAME": _l("La contraseña nueva debe ser distinta de la anterior."),
        "SECURITY_MSG_PASSWORD_CHANGE": _l("Listo: cambiaste tu contraseña y se cerraron las demás sesiones."),
        "SECURITY_MSG_PASSWORD_RESET_NO_LOGIN": _l("Listo: ya tienes contraseña nueva. Entra con ella."),
        "SECURITY_MSG_PASSWORD_RESET_EXPIRED": _l("El enlace venció. Pide otro."),
        "SECURITY_MSG_INVALID_RESET_PASSWORD_TOKEN": _l("El enlace ya se usó o no está completo. Pide otro."),
        "SECURITY_MSG_TWO_FACTOR_INVALID_TOKEN": _l(
            "El código no coincide o ya se usó. Espera a que la aplicación muestre el siguiente."
        ),
        "SECURITY_MSG_TWO_FACTOR_LOGIN_SUCCESSFUL": _l("Código correcto."),
        "SECURITY_MSG_TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": _l(
            "Listo: tu cuenta pide ahora un segundo paso. Guarda tus códigos de respaldo."
        ),
        "SECURITY_MSG_TWO_FACTOR_DISABLED": _l("Tu cuenta ya no pide un segundo paso."),
        "SECURITY_MSG_TWO_FACTOR_PERMISSION_DENIED": _l("Primero entra con tu correo; después viene el segundo paso."),
        "SECURITY_MSG_TWO_FACTOR_SETUP_EXPIRED": _l("Pasó demasiado tiempo. Empieza otra vez."),
        "SECURITY_MSG_INVALID_RECOVERY_CODE": _l("Ese código de respaldo no existe o ya se usó."),
        "SECURITY_MSG_NO_RECOVERY_CODES_SETUP": _l("Todavía no tienes códigos de respaldo."),
        "SECURITY_MSG_REAUTHENTICATION_SUCCESSFUL": _l("Gracias: ya sabemos que eres tú."),
        "SECURITY_MSG_DISABLED_ACCOUNT": _l(
            "Esta cuenta está desactivada. Escribe a la administración de la plataforma."
        ),
        "SECURITY_MSG_WEBAUTHN_EXPIRED": _l("Pasó demasiado tiempo. Empieza otra vez."),
        "SECURITY_MSG_WEBAUTHN_NAME_REQUIRED": _l("Ponle un nombre a la llave."),
        "SECURITY_MSG_WEBAUTHN_NAME_INUSE": _l("Ya tienes una llave con ese nombre."),
        "SECURITY_MSG_WEBAUTHN_NAME_NOT_FOUND": _l("No tienes una llave con ese nombre."),
        "SECURITY_MSG_WEBAUTHN_CREDENTIAL_DELETED": _l("Se quitó la llave."),
        "SECURITY_MSG_WEBAUTHN_REGISTER_SUCCESSFUL": _l("Se agregó la llave."),
        "SECURITY_MSG_WEBAUTHN_UNKNOWN_CREDENTIAL_ID": _l("Esa llave no está registrada aquí."),
        "SECURITY_MSG_WEBAUTHN_NO_VERIFY": _l("La llave no se pudo comprobar. Inténtalo de nuevo."),
        "SECURITY_MSG_API_ERROR": _l("Algo faltó en lo que se envió. Vuelve a intentarlo."),
    }
    for name, value in list(app.config.items()):
        if name.startswith("SECURITY_MSG_"):
            text, category = value
            app.config[name] = (ours.get(name, text), "danger" if category == "error" else category)
