"""What a player reports, taken apart with nothing trusted. A package can forge all of it; it cannot break anything."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from webapp.coursepack.model import Standard
from webapp.packages.models import Completion, Success

LONGEST_BODY = 400_000  # 64,000 letters may be escaped each
LONGEST_SUSPEND: dict[Standard, int] = {"scorm12": 4_096, "scorm2004": 64_000, "h5p": 0}
LONGEST_LOCATION: dict[Standard, int] = {"scorm12": 255, "scorm2004": 1_000, "h5p": 0}
MOST_SECONDS = 12 * 3600  # of one sitting; more is a page left open
MOST_SEQUENCE = 2**31 - 1
_SESSION = re.compile(r"[0-9a-zA-Z_-]{8,40}")


class BadReport(Exception):
    """A report that cannot be kept; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Report:
    """A report that can be kept. `ended` is the package's good-bye."""

    session: str
    sequence: int
    seconds: int
    location: str
    suspend_data: str
    completion: Completion
    success: Success
    score: int | None
    ended: bool


def parse(body: bytes, standard: Standard) -> Report:
    """Read the JSON of a player. Raises BadReport `too_long` or `bad_report`."""
    if len(body) > LONGEST_BODY:
        raise BadReport("too_long")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadReport("bad_report") from error
    if not isinstance(found, dict):
        raise BadReport("bad_report")
    session = _text(found, "session", 40)
    if not _SESSION.fullmatch(session):
        raise BadReport("bad_report")
    return Report(
        session,
        _number(found, "sequence", MOST_SEQUENCE),
        min(_number(found, "seconds", MOST_SEQUENCE), MOST_SECONDS),
        _text(found, "location", LONGEST_LOCATION[standard]),
        _text(found, "suspend_data", LONGEST_SUSPEND[standard]),
        _word(found, "completion", get_args(Completion)),
        _word(found, "success", get_args(Success)),
        _score(found.get("score")),
        found.get("ended") is True,
    )


def _text(found: Mapping[str, Any], name: str, longest: int) -> str:
    value = found.get(name, "")
    if not isinstance(value, str) or "\0" in value or any(0xD800 <= ord(letter) <= 0xDFFF for letter in value):
        raise BadReport("bad_report")
    if len(value) > longest:
        raise BadReport("too_long")
    return value


def _number(found: Mapping[str, Any], name: str, most: int) -> int:
    value = found.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise BadReport("bad_report")
    return value


def _word(found: Mapping[str, Any], name: str, known: tuple[Any, ...]) -> Any:
    value = found.get(name, "unknown")
    return value if isinstance(value, str) and value in known else "unknown"


def _score(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= 100 else None  # not a number is within no limits
