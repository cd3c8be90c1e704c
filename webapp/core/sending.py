"""Sending a kept file: one place that decides its headers, whole or in parts, from disk or bucket."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, abort, current_app, request
from werkzeug.datastructures import ContentRange
from werkzeug.http import is_resource_modified

from webapp.core.storage import storage

SLICE = 1024 * 1024  # of a video or sound: a player asks for the next one, and a thread is free again soon
# What a browser may show in its place. Anything else is saved as a file, whatever it calls itself.
INLINE = frozenset(
    {
        "image/png", "image/jpeg", "image/webp", "image/gif", "image/svg+xml", "application/pdf", "text/vtt",
        "video/mp4", "audio/mpeg", "audio/mp4",
    }
)  # fmt: skip
KNOWN = INLINE | {
    "text/csv",
    "application/zip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
FOREVER = "public, max-age=31536000, immutable"


def send_kept(
    key: str, media_type: str, name: str = "", cache_control: str = FOREVER, is_saved: bool = False
) -> Response:
    """The kept file `key` as an answer to this request: 200, 206 for one range, 304, 404 or 416.

    `name` is what it is called when it is saved, which happens with `is_saved` and with every type that is not shown.
    Several ranges at once are answered with the whole file, as the standard allows.
    """
    try:
        size = storage().size(key)
    except FileNotFoundError:
        current_app.logger.error("the kept file %s is missing", key)
        abort(404)
    kind = media_type if media_type in KNOWN else "application/octet-stream"
    unchanged = not is_resource_modified(request.environ, etag=f'"{key}"')
    part = (0, size) if unchanged else _part(key, size, sliced=kind.startswith(("video/", "audio/")))
    if part is None:  # not an error page: a player reads the header and no words
        return Response(status=416, headers={"Content-Range": f"bytes */{size}", "Cache-Control": "no-store"})
    start, end = part
    response = Response(storage().stream(key, start, end - start), mimetype=kind)
    response.content_length = end - start
    response.set_etag(key)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = cache_control
    # What an author made is never a page of ours: opened by itself, it can run nothing and read nothing.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if is_saved or kind not in INLINE:
        response.headers["Content-Disposition"] = _saved_as(name)
    if unchanged:
        response.status_code, response.response = 304, []
        response.headers.pop("Content-Length")
    elif (start, end) != (0, size):
        response.status_code = 206
        response.content_range = ContentRange("bytes", start, end, size)
    return response


def _part(key: str, size: int, sliced: bool) -> tuple[int, int] | None:
    """The bytes that the request asks for, from and up to; None for a range beyond the end."""
    asked, validator = request.range, request.if_range
    stale = validator is not None and (validator.date is not None or (validator.etag or key) != key)
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1 or stale or request.method != "GET":
        return 0, size
    start, end = asked.ranges[0]
    if start < 0:  # the last so many bytes, which may be more than there are
        start = max(0, size + start)
    if start >= size:
        return None
    end = size if end is None else min(end, size)
    return start, min(end, start + SLICE) if sliced else end


def _saved_as(name: str) -> str:
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in name) or "archivo"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name or plain, safe='')}"
