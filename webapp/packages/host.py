"""The content host: an application of its own that shows the files of packages and their player, and nothing else.

It stands beside the platform, not inside it: it opens no session, reads no cookie, sets none, has no database and knows
no route of the platform. What was made by others runs here, under an origin that is not the platform's.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.security import safe_join
from werkzeug.utils import send_file
from werkzeug.wrappers import Request, Response

from webapp.core.web import static_bytes, static_path
from webapp.coursepack.model import Standard
from webapp.packages.shelf import Shelf

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

REPORTS = "/materiales/registro"  # the one route of the platform that a player may call
FOREVER = "public, max-age=31536000, immutable"
SCRIPTS: dict[Standard, str] = {
    "scorm12": "vendor/scorm-again/scorm12.min.js",
    "scorm2004": "vendor/scorm-again/scorm2004.min.js",
    "h5p": "vendor/h5p-standalone/main.bundle.js",
}
OWN = ("vendor/scorm-again/", "vendor/h5p-standalone/", "js/player.js", "css/player.css")
# What a browser may take a file for. Anything else is downloaded, whatever its name promises.
TYPES = {
    "html": "text/html", "htm": "text/html", "xhtml": "application/xhtml+xml", "js": "text/javascript",
    "mjs": "text/javascript", "css": "text/css", "json": "application/json", "map": "application/json",
    "xml": "text/xml", "xsd": "text/xml", "dtd": "text/plain", "txt": "text/plain", "csv": "text/csv",
    "vtt": "text/vtt", "srt": "text/plain", "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg",
    "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp", "avif": "image/avif", "bmp": "image/bmp",
    "ico": "image/x-icon", "cur": "image/x-icon", "mp3": "audio/mpeg", "m4a": "audio/mp4", "aac": "audio/aac",
    "ogg": "audio/ogg", "oga": "audio/ogg", "wav": "audio/wav", "mp4": "video/mp4", "m4v": "video/mp4",
    "webm": "video/webm", "ogv": "video/ogg", "woff": "font/woff", "woff2": "font/woff2", "ttf": "font/ttf",
    "otf": "font/otf", "eot": "application/vnd.ms-fontobject", "wasm": "application/wasm", "pdf": "application/pdf",
}  # fmt: skip
_PAGE = """<!doctype html>
<html lang="es">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Material interactivo</title><link rel="stylesheet" href="{style}">
<script src="{runtime}"></script><script type="module" src="{player}"></script></head>
<body data-standard="{standard}" data-platform="{platform}" data-reports="{reports}" data-frame-script="{frame_script}"
 data-frame-style="{frame_style}"><div id="stage"></div></body>
</html>
"""


class ContentHost:
    """Answers what is asked of the content host. `platform` is the origin whose pages may frame it."""

    def __init__(self, shelf: Shelf, platform: str) -> None:
        self._shelf, self._platform = shelf, platform
        self._rules = Map(
            [
                Rule("/jugador/<standard>", endpoint=self._player),
                Rule("/programa/<version>/<path:name>", endpoint=self._program),
                Rule("/m/<key>/<path:name>", endpoint=self._file),
            ],
            merge_slashes=False,
        )
        self._headers = {
            "Content-Security-Policy": (
                "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
                f"connect-src 'self' {platform}{REPORTS}; frame-ancestors 'self' {platform}; "
                "form-action 'none'; object-src 'none'; base-uri 'self'"
            ),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        }
        if platform.startswith("https://"):
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._answer(request)
        except HTTPException as error:
            text = f"{error.code}: aquí solo se muestran materiales interactivos. Aula Norte está en {self._platform}\n"
            response = Response(text, error.code, mimetype="text/plain")
            response.headers["Cache-Control"] = "no-store"
        for name, value in self._headers.items():
            response.headers[name] = value
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.method not in {"GET", "HEAD"}:
            raise MethodNotAllowed(["GET", "HEAD"])
        endpoint, values = self._rules.bind_to_environ(request.environ).match(method="GET")
        response: Response = endpoint(request, **values)
        return response

    def _player(self, request: Request, standard: str) -> Response:
        """The page around a package. It is the same for everybody: whose attempt it is, stands behind the address's #."""
        if standard not in get_args(Standard):
            raise NotFound()
        own = {
            "style": "css/player.css",
            "runtime": SCRIPTS[standard],  # type: ignore[index]
            "player": "js/player.js",
            "frame_script": "vendor/h5p-standalone/frame.bundle.js",
            "frame_style": "vendor/h5p-standalone/styles/h5p.css",
        }
        values = {name: _program_path(file) for name, file in own.items()}
        values |= {"standard": standard, "platform": self._platform, "reports": self._platform + REPORTS}
        page = _PAGE.format_map({name: escape(value) for name, value in values.items()})
        return Response(page, mimetype="text/html", headers={"Cache-Control": "no-cache"})

    def _program(self, request: Request, version: str, name: str) -> Response:
        """A file of the player."""
        if not name.startswith(OWN):
            raise NotFound()
        try:
            content = static_bytes(name)
        except FileNotFoundError as error:
            raise NotFound() from error
        return _typed(Response(content, headers={"Cache-Control": FOREVER}), name)

    def _file(self, request: Request, key: str, name: str) -> Response:
        """A file of a package. Whoever knows the digest of the archive has been shown it."""
        folder = self._shelf.find(key)
        place = safe_join(str(folder), name) if folder else None
        if place is None or not Path(place).is_file():
            raise NotFound()
        response = send_file(place, request.environ, mimetype="application/octet-stream", etag=key)
        response.headers["Cache-Control"] = FOREVER
        return _typed(response, name)


def player_path(standard: Standard) -> str:
    """Where the player of a standard is on the content host."""
    return f"/jugador/{standard}"


def content_path(key: str, launch: str) -> str:
    """Where a file of a package is on the content host; without one, its folder."""
    return f"/m/{key}/{launch}" if launch else f"/m/{key}"


def _program_path(name: str) -> str:
    return static_path(name).replace("/static/", "/programa/", 1)


def _typed(response: Response, name: str) -> Response:
    """Say by the table what a file is. The encoding is left to the file, which may be older than UTF-8."""
    known = TYPES.get(name.rpartition(".")[2].lower())
    response.headers["Content-Type"] = known or "application/octet-stream"
    if known is None:
        response.headers["Content-Disposition"] = "attachment"
    return response
