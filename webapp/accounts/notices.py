"""The privacy notice: its text as files in the repository, filled with who is responsible here, as HTML that is kept.

The one module of this room that says of a text that it is HTML already: what it shows was rendered here, from our own
Markdown, and cleaned before it was stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from webapp.accounts.models import PrivacyNotice
from webapp.core.web import compiled

FOLDER = Path(__file__).parent / "privacy"
BASE_VERSION = "2026-11"
LANGUAGES = {"es": "", "en": ".en"}
_TAGS = {
    "h2",
    "h3",
    "h4",
    "p",
    "ul",
    "ol",
    "li",
    "strong",
    "em",
    "a",
    "br",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
_ATTRIBUTES = {"a": {"href"}, "th": {"scope"}}


@dataclass(frozen=True)
class NoticeText:
    """Both texts of a notice in one language, as HTML, and the hash of the two."""

    simplified_html: str
    integral_html: str

    @property
    def hash(self) -> str:
        return hashlib.sha256(f"{self.simplified_html}\0{self.integral_html}".encode()).hexdigest()


@dataclass(frozen=True)
class ShownNotice:
    """A notice as a template prints it."""

    version: str
    simplified: Markup
    integral: Markup
    published_at: Any
    text_hash: str


def shown(notice: PrivacyNotice | None) -> ShownNotice | None:
    if notice is None:
        return None
    return ShownNotice(
        notice.version,
        compiled(notice.simplified_html),  # rendered and cleaned by `load_notice`
        compiled(notice.integral_html),
        notice.published_at,
        notice.text_hash,
    )


def load_notice(settings: Mapping[str, Any], folder: Path = FOLDER) -> dict[str, NoticeText]:
    """The notice by language, with the settings of this installation in the places of the text that ask for them."""
    places = {
        "responsible": settings["RESPONSIBLE"],
        "address": settings["RESPONSIBLE_ADDRESS"],
        "transparency_unit": settings["TRANSPARENCY_UNIT"],
        "arco_email": settings["ARCO_EMAIL"],
    }
    return {
        language: NoticeText(
            *(_render(folder / f"{BASE_VERSION}-{part}{suffix}.md", places) for part in ("simplified", "integral"))
        )
        for language, suffix in LANGUAGES.items()
        if (folder / f"{BASE_VERSION}-simplified{suffix}.md").exists()
    }


def _render(path: Path, places: Mapping[str, str]) -> str:
    text = path.read_text(encoding="utf-8")
    for name, value in places.items():
        text = text.replace(f"{{{name}}}", str(escape(value)))
    html = MarkdownIt("commonmark").enable("table").render(text)
    cleaned: str = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"https", "mailto"})
    label = "Table" if path.stem.endswith(".en") else "Tabla"
    opening = f'<div class="table-scroll" tabindex="0" role="region" aria-label="{label}"><table>'
    return cleaned.replace("<table>", opening).replace("</table>", "</table></div>")
