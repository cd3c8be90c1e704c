"""A browser without a screen: one kept-alive connection, one session cookie, the token of its forms."""

from __future__ import annotations

import gzip
import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Self
from urllib.parse import urlencode, urlsplit

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ACCEPTS = {"Accept-Encoding": "gzip", "Accept-Language": "es-MX,es;q=0.9", "Accept": "text/html,*/*;q=0.8"}


class WrongAnswerError(AssertionError):
    """The platform answered something else than it should: the figure would be worth nothing."""


@dataclass(frozen=True)
class Answer:
    """What came back. `location` is "" unless it is a redirect."""

    status: int
    body: bytes
    headers: Message = field(default_factory=Message)

    @property
    def location(self) -> str:
        return self.headers.get("Location") or ""


@dataclass(frozen=True)
class Pass:
    """What lets a browser in: the value of the session cookie and the token of its forms. Both empty: a visitor."""

    cookie: str = ""
    token: str = ""


class Browser:
    """One connection that stays open. Not for several threads at once."""

    def __init__(self, url: str, entry: Pass | None = None) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self.enter(entry or Pass())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._connection.close()

    def enter(self, entry: Pass) -> None:
        """Be somebody else from now on, over the same connection."""
        self._entry = entry
        self._headers = ACCEPTS | ({"Cookie": f"s={entry.cookie}"} if entry.cookie else {})

    def get(self, path: str, wanted: int = 200, holds: bytes = b"") -> Answer:
        """Fetch a page; raises WrongAnswerError unless it has that status and holds these bytes."""
        return self._ask("GET", path, None, wanted, holds)

    def post(self, path: str, wanted: int, fields: Mapping[str, str] | None = None, holds: bytes = b"") -> Answer:
        """Send a form with its token; raises WrongAnswerError unless the answer is as wanted."""
        return self._ask(
            "POST", path, urlencode({"csrf_token": self._entry.token, **(fields or {})}).encode(), wanted, holds
        )

    def _ask(self, method: str, path: str, body: bytes | None, wanted: int, holds: bytes) -> Answer:
        self._connection.request(method, path, body, self._headers | FORM if body is not None else self._headers)
        response = self._connection.getresponse()
        answer = Answer(response.status, _unpacked(response), response.headers)
        if answer.status != wanted or holds not in answer.body:
            raise WrongAnswerError(f"{method} {path}: {answer.status} instead of {wanted}\n{answer.body[:2000]!r}")
        return answer


def _unpacked(response: http.client.HTTPResponse) -> bytes:
    body = response.read()
    return gzip.decompress(body) if response.headers.get("Content-Encoding") == "gzip" else body
