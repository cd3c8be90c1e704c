"""What every answer has in common: hosts, sizes, headers, error pages, static files, safe redirects."""

from __future__ import annotations

import gzip
import hashlib
import logging
import mimetypes
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError, CSRFProtect
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, HTTPException, NotFound, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from webapp.core.access import public, treat_as_nobody
from webapp.core.db import db
from webapp.core.i18n import language

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STATIC_DIR = Path(__file__).parent.parent / "static"
BODY_LIMIT = 2 * 1024 * 1024
WORTH_PACKING = 1400  # bytes: what fits into one packet gains nothing
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
DESIGNED_ERRORS = {400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503}

csrf = CSRFProtect()


def init_app(app: Flask) -> None:
    """Install the guards of the edge on `app`."""
    # Assigned, not defaulted: Flask already holds these keys, as None.
    app.config.update(
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        MAX_FORM_PARTS=1000,
        WTF_CSRF_TIME_LIMIT=None,  # lives as long as the session
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",  # a form of another site must not arrive with our cookie
    )
    secure = str(app.config["BASE_URL"]).startswith("https://")
    app.config["SESSION_COOKIE_SECURE"] = secure
    app.config["SESSION_COOKIE_NAME"] = "__Host-s" if secure else "s"
    app.wsgi_app = _Hosts(app.wsgi_app, app.extensions.setdefault(HOSTS, {}))  # type: ignore[method-assign]
    if app.config["PROXIES"]:
        hops = int(app.config["PROXIES"])
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.url_map.converters["int"] = RowNumber
    csrf.init_app(app)
    app.jinja_env.globals["static"] = static_path
    app.jinja_env.filters["compiled"] = compiled
    app.add_url_rule("/static/<version>/<path:name>", "static_file", static_file)
    app.url_value_preprocessor(_set_body_limit)
    app.before_request(_check_host)
    app.before_request(_refuse_nul)
    app.after_request(_add_headers)
    app.after_request(_pack)
    app.register_error_handler(HTTPException, _show_error)
    app.register_error_handler(Exception, _show_crash)


# --- other hosts --------------------------------------------------------------------------------------------------

HOSTS = "hosts"  # of the application's extensions: WSGI application by host


def answer_at(app: Flask, host: str, application: WSGIApplication) -> None:
    """Let `application` answer every request for `host`, and nothing of the platform: neither routes nor sessions."""
    app.extensions[HOSTS][host] = application


class _Hosts:
    """Hands requests for another host over before anything of the platform looks at them."""

    def __init__(self, own: WSGIApplication, others: Mapping[str, WSGIApplication]) -> None:
        self._own, self._others = own, others

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        host = str(environ.get("HTTP_HOST", "")).lower()
        if environ.get("wsgi.url_scheme") == "http":
            host = host.removesuffix(":80")
        elif environ.get("wsgi.url_scheme") == "https":
            host = host.removesuffix(":443")
        return self._others.get(host, self._own)(environ, start_response)


# --- requests ---------------------------------------------------------------------------------------------------


def request_id() -> str:
    """The name of this request, in the log and on an error page."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(6)
    return str(g.request_id)


_LIMIT = "__body_limit__"


def accepts_up_to(size: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let the body of requests to a view have `size` bytes instead of the usual 2 MB. For views that take a file."""

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        setattr(view, _LIMIT, size)
        return view

    return mark


def _set_body_limit(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before anything reads the form: looking for its token already does."""
    limit = getattr(current_app.view_functions.get(endpoint or ""), _LIMIT, None)
    if limit is not None and request.method == "POST":
        request.max_content_length = limit


def _check_host() -> None:
    request.host  # noqa: B018  raises SecurityError (400) when the host is none of TRUSTED_HOSTS


def _refuse_nul() -> None:
    """No database keeps a NUL in a text (PostgreSQL refuses it, others cut there), so none gets further than here."""
    texts = (request.path, *_texts(request.args), *_texts(request.form))
    if any("\0" in text for text in texts):
        error = BadRequest(
            gettext("El texto trae un carácter que no se puede guardar. Escríbelo de nuevo en vez de pegarlo.")
        )
        error.aula_code = "unkeepable_text"  # type: ignore[attr-defined]
        raise error


def _texts(fields: MultiDict[str, str]) -> Iterator[str]:
    return (text for _name, text in fields.items(multi=True))


class RowNumber(IntegerConverter):
    """`<int:…>` of a route: a number that a row can have. A larger one is an address that does not exist."""

    LARGEST = 2**31 - 1

    def __init__(self, url_map: Map, fixed_digits: int = 0, min: int | None = None) -> None:
        super().__init__(url_map, fixed_digits=fixed_digits, min=min, max=self.LARGEST)


def safe_destination(target: str | None, fallback: str) -> str:
    """`target` if it is a path of this platform that exists, else `fallback`. For every `next=`."""
    if not target or any(ord(c) < 33 or c == "\\" for c in target):
        return fallback
    if not target.startswith("/") or target.startswith("//"):
        return fallback
    try:
        current_app.url_map.bind("").match(urlsplit(target).path, method="GET")
    except HTTPException:
        return fallback
    return target


def wants_json() -> bool:
    """Whether the caller is a script that reads JSON rather than a person with a page."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def compiled(html: str) -> Markup:
    """HTML that was sanitised when it was published (lessons, questions, notices): shown as it is. The one such place."""
    return Markup(html)  # noqa: S704


# --- answers ----------------------------------------------------------------------------------------------------


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if "Cache-Control" not in response.headers:
        # Anything that depends on who asks must stay out of shared caches and of the back button after sign-out.
        response.headers["Cache-Control"] = "no-store"
    return response


def _pack(response: Response) -> Response:
    """Compress a page for whoever can unpack it: a lesson weighs a quarter, for a fifth of a millisecond.

    What a page says beside its token gives nothing away by its length: the cookie is SameSite, so no other site can have
    it built with words of its own choice again and again.
    """
    if (
        response.mimetype == "text/html"
        and not response.is_streamed
        and "Content-Encoding" not in response.headers
        and (response.content_length or 0) >= WORTH_PACKING
    ):
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"]:
            response.data = gzip.compress(response.data, 1)
            response.headers["Content-Encoding"] = "gzip"
    return response


def _show_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is not None and error.code < 400:
        return error
    if isinstance(error, SecurityError):
        # Not a page: everything on one would be built from the host that is not ours.
        return Response("400: esta dirección no es la de Aula Norte.\n", 400, mimetype="text/plain")
    status = error.code or 500
    code = "csrf" if isinstance(error, CSRFError) else str(getattr(error, "aula_code", "") or status)
    if wants_json():
        response = jsonify(error={"code": code, "message": _error_text(error), "request": request_id()})
        response.status_code = status
    else:
        page = status if status in DESIGNED_ERRORS else (400 if status < 500 else 500)
        body = render_template(f"errors/{page}.html", code=code, request_id=request_id(), **_refusal(error))
        response = make_response(body, status)
    retry_after = getattr(error, "retry_after", None)
    if isinstance(retry_after, int):
        response.headers["Retry-After"] = str(retry_after)
    return response


def _refusal(error: HTTPException) -> dict[str, str]:
    """The words of a refusal by one of our own rules; anything else is told in the words of its error page."""
    if not getattr(error, "aula_code", ""):
        return {}
    return {"title": gettext("Ahora no se puede"), "cause": _error_text(error), "way_out": ""}


def _error_text(error: HTTPException) -> str:
    return str(error.description or error.name)


def _show_crash(error: Exception) -> ResponseReturnValue:
    current_app.logger.exception("request %s crashed", request_id())
    if current_app.testing and current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    db.session.rollback()  # a transaction that failed answers nothing more, and the page asks who is looking
    if wants_json():
        message = gettext("Ocurrió un error que no depende de ti. Quedó registrado.")
        return jsonify(error={"code": "500", "message": message, "request": request_id()}), 500
    try:
        return _crash_page()
    except Exception:
        current_app.logger.exception("the page of request %s crashed too", request_id())
        treat_as_nobody()
        return _crash_page()


def _crash_page() -> ResponseReturnValue:
    return render_template("errors/500.html", code="500", request_id=request_id()), 500


# --- pages that are the same for every visitor ------------------------------------------------------------------

_visitor_pages: dict[tuple[str, str, bool], tuple[float, Response]] = {}
MOST_VISITOR_PAGES = 500


def forget_visitor_pages() -> None:
    """Drop the pages that are kept for visitors."""
    _visitor_pages.clear()


def same_for_visitors(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Keep the page of a public view for as long as PAGE_CACHE_SECONDS for those who have no session.

    The page may hold nothing that depends on who asks (no form, hence no token), except the language.
    """

    @wraps(view)
    def cached(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        seconds = float(current_app.config.get("PAGE_CACHE_SECONDS", 30))
        if not seconds or current_app.config["SESSION_COOKIE_NAME"] in request.cookies:
            return view(*args, **kwargs)
        packed = bool(request.accept_encodings["gzip"])
        key = (request.full_path, language(), packed)
        found = _visitor_pages.get(key)
        if found is None or found[0] < monotonic():
            response = make_response(view(*args, **kwargs))
            response.headers["Vary"] = "Cookie, Accept-Language, Accept-Encoding"
            response.headers.setdefault("Cache-Control", "no-cache")
            if response.status_code != 200 or "Set-Cookie" in response.headers:
                return response
            if packed:
                response.data = gzip.compress(response.data, 6)
                response.headers["Content-Encoding"] = "gzip"
            if len(_visitor_pages) >= MOST_VISITOR_PAGES:
                _visitor_pages.clear()
            found = _visitor_pages[key] = (monotonic() + seconds, response)
        kept = found[1]
        return Response(kept.get_data(), status=200, headers=kept.headers.copy())

    return cached


# --- static files -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StaticFile:
    content: bytes
    compressed: bytes | None
    media_type: str
    version: str


@cache
def _load_static(name: str) -> StaticFile:
    """Raises FileNotFoundError."""
    try:
        path = (STATIC_DIR / name).resolve()
        found = path.is_relative_to(STATIC_DIR.resolve()) and path.is_file()
    except (OSError, ValueError):  # no name of a file: too long, or with a zero byte
        found = False
    if not found:
        raise FileNotFoundError(name)
    content = path.read_bytes()
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    packed = gzip.compress(content, 9, mtime=0)
    return StaticFile(
        content,
        packed if len(packed) < len(content) * 0.9 else None,
        media_type,
        hashlib.sha256(content).hexdigest()[:10],
    )


@cache
def static_path(name: str) -> str:
    """The address of a static file, which changes with its content and may therefore be kept forever.

    A page that names a file which is not there raises FileNotFoundError: our mistake, not the reader's.
    """
    return f"/static/{_load_static(name).version}/{name}"


def static_bytes(name: str) -> bytes:
    """The content of a static file. Raises FileNotFoundError."""
    return _load_static(name).content


@public
def static_file(version: str, name: str) -> ResponseReturnValue:
    """Send a static file. A wrong version gets today's file without the promise that it never changes."""
    try:
        found = _load_static(name)
    except FileNotFoundError as error:
        raise NotFound() from error
    response = Response(found.content, mimetype=found.media_type)
    if found.compressed is not None and request.accept_encodings["gzip"]:
        response.data = found.compressed
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    fresh = version == found.version
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if fresh else "no-cache"
    return response


def configure_logging(app: Flask) -> None:
    """One line per event on standard error; the level is INFO."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    app.logger.handlers[:] = [handler]
    app.logger.setLevel(logging.INFO)
