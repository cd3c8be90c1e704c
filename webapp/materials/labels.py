"""What the closed vocabularies of this room are called on screen."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

KINDS: dict[str, LazyString] = {
    "image": _l("Imagen"),
    "pdf": _l("PDF"),
    "video": _l("Video"),
    "captions": _l("Subtítulos"),
    "document": _l("Documento de texto"),
    "sheet": _l("Hoja de cálculo"),
    "slides": _l("Presentación"),
}

KIND_ICONS: dict[str, str] = {
    "image": "eye",
    "pdf": "file-text",
    "video": "play",
    "captions": "languages",
    "document": "file-text",
    "sheet": "file-spreadsheet",
    "slides": "monitor",
}

SCAN_STATES: dict[str, tuple[LazyString, str]] = {
    "pending": (_l("En revisión"), "info"),
    "clean": (_l("Revisado"), "success"),
    "infected": (_l("Con virus"), "danger"),
    "error": (_l("Sin revisar todavía"), "warning"),
    "unscanned": (_l("Sin revisar"), "neutral"),
}
