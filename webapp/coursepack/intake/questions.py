"""Files of questions, by what they are; the one place that turns them into a bank of a package."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import PurePosixPath

import yaml

_NAMED = re.compile(r"pregunta|reactivo|banco|cuestionario|examen|quiz|repaso|evaluaci", re.IGNORECASE)
_GIFT = re.compile(r"^\s*(?:::|\S).{0,400}\{[^}]*[=~TF#]", re.MULTILINE | re.DOTALL)
_IMPORTER = "webapp.coursepack.banks"  # reads GIFT, Moodle XML and XLSX


@dataclass(frozen=True)
class BankFile:
    """A file of questions as `quizzes/<key>.yaml` will hold it, or why it cannot be one yet."""

    text: str = ""
    refusal: str = ""


def is_bank(path: str, head: bytes) -> bool:
    """Whether a file holds questions, by its name and how it begins."""
    suffix, name = PurePosixPath(path).suffix.lower(), PurePosixPath(path).name
    if suffix == ".gift":
        return True
    if suffix == ".txt":
        text = head.decode("utf-8", "replace")
        return ("::" in text and bool(_GIFT.search(text))) or bool(_NAMED.search(name) and _GIFT.search(text))
    if suffix == ".xml":
        return b"<quiz" in head
    if suffix == ".xlsx":
        return bool(_NAMED.search(name))
    return suffix in (".yaml", ".yml") and re.search(rb"^questions:", head, re.MULTILINE) is not None


def read_bank(data: bytes, path: str, title: str) -> BankFile:
    """The bank that a file gives. YAML is taken as it is; the rest goes through the importer of banks."""
    if PurePosixPath(path).suffix.lower() in (".yaml", ".yml"):
        return BankFile(data.decode("utf-8-sig", "replace"))
    if find_spec(_IMPORTER) is None:
        return BankFile(refusal="todavía no se leen preguntas de este tipo; tradúcelas al YAML de los cursos.")
    imported = importlib.import_module(_IMPORTER).import_bank(data, PurePosixPath(path).name)
    if isinstance(imported, Mapping):
        whole = {"title": title, **imported}
        return BankFile(yaml.safe_dump(whole, allow_unicode=True, sort_keys=False, width=110))
    return BankFile(refusal="sus preguntas no se pudieron leer; impórtalas desde el banco y mira qué les falta.")
