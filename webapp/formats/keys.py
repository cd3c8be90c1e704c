"""The key of a practice workbook as JSON: `{format, seed, errors: [{code, sheet, cell, right, difficulty}]}`."""

from __future__ import annotations

import json
import re
from typing import Any

from webapp.formats.checker.values import text_of
from webapp.formats.model import Key, SeededError

_CELL = re.compile(r"([A-Z]{0,3})([1-9]\d{0,6})?")


class InvalidKey(ValueError):
    """A file that is no key. The message is for people."""


def key_to_json(key: Key) -> str:
    """The key as text: `cell` is the Excel address, a row number where a whole row is meant; `right` as people type it."""
    errors = [
        {
            "code": error.code,
            "sheet": error.sheet,
            "cell": error.cell,
            "right": None if error.right is None else text_of(error.right),
            "difficulty": error.difficulty,
        }
        for error in key.errors
    ]
    return (
        json.dumps({"format": key.format_id, "seed": key.seed, "errors": errors}, ensure_ascii=False, indent=2) + "\n"
    )


def key_from_json(text: str) -> Key:
    """The key that `key_to_json` wrote; what was right comes back as text. Raises InvalidKey."""
    try:
        data = json.loads(text)
        errors = tuple(_error(entry) for entry in data["errors"])
        return Key(str(data["format"]), int(data["seed"]), errors)
    except (ValueError, TypeError, LookupError) as error:
        raise InvalidKey(
            "Este archivo no es una clave de ejercicio: practice escribe una con la opción --key."
        ) from error


def _error(entry: Any) -> SeededError:
    cell = _CELL.fullmatch(entry["cell"])
    if cell is None:
        raise ValueError(entry["cell"])
    letters, number = cell.groups()
    column = None
    for letter in letters:
        column = (0 if column is None else column + 1) * 26 + ord(letter) - ord("A")
    row = int(number) - 1 if number else None
    return SeededError(
        str(entry["code"]), str(entry["sheet"]), row, column, entry.get("right"), int(entry.get("difficulty", 1))
    )
