"""Markdown of lessons and questions, checked and turned into HTML that a page may show as it is.

HTML in the source is text, never markup. Every image, link, callout and citation is looked up; what does not hold is a
problem with its line. What comes out has passed an allow-list besides, so that a mistake here cannot become a hole.

Relative addresses fit pages at `/cursos/<slug>/<step key>`: another lesson is its key, an asset `material/<path>`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_ref

from webapp.coursepack.model import Asset, Citation, Norm
from webapp.coursepack.norms import resolve
from webapp.coursepack.problems import Report

CALLOUTS = {
    "clave": "Idea clave",
    "practica": "En la práctica",
    "ejemplo": "Ejemplo",
    "caso": "Caso",
    "error": "Error común",
    "ley": "Lo que dice la ley",
    "ojo": "Ojo",
}
LESSON_PREFIX = "leccion:"
_DEEPEST = 19  # markdown-it drops what is nested deeper than 20; nobody may lose text in silence

_HTML_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]*(?:\s[^<>]*)?/?>|<!--")
_FOOTNOTE = re.compile(r"\[\^([^\]\s]{1,60})\]")
_BLANK = re.compile(r"\{\{\s*([^{}\n]{1,60}?)\s*\}\}")
_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
_LONG_QUOTE = re.compile(r"[“«\"][^“”«»\"]{60,}[”»\"]")


@dataclass
class Context:
    """What the texts of a course may refer to, and what they did refer to."""

    norms: Mapping[str, Norm]
    assets: Mapping[str, Asset]
    lessons: frozenset[str]
    used_assets: set[str] = field(default_factory=set)
    cited: dict[Citation, tuple[str, int]] = field(default_factory=dict)  # with file and line of the first use

    def cite(self, text: str, report: Report, line: int) -> Citation | None:
        """Prove a citation and remember it."""
        citation = resolve(text, self.norms, report, line)
        if citation is not None:
            self.cited.setdefault(citation, (report.file, line))
        return citation


@dataclass(frozen=True)
class Lesson:
    """A compiled lesson. `words` counts what is read; `prose` holds its own sentences, without tables or quotations."""

    html: str
    words: int
    prose: str


@dataclass(frozen=True)
class Snippet:
    """A compiled text of a question, with the same as plain text and the citations inside it."""

    html: str
    text: str
    citations: tuple[Citation, ...] = ()


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        """Let every address through to the check, which names the problem instead of showing the source."""
        return True


def compile_lesson(source: str, context: Context, report: Report, first_line: int) -> Lesson:
    """Compile the body of a lesson, which begins at `first_line` of its file."""
    weaver = _Weaver(context, report, first_line, in_lesson=True)
    tokens = weaver.weave(_LESSON.parse(source))
    _shift_headings(tokens, report, first_line)
    html = _LESSON.renderer.render(tokens, _LESSON.options, {}) + _references(weaver.citations, context.norms)
    return Lesson(_clean(html), weaver.words, "\n".join(weaver.prose))


def compile_text(source: str, context: Context, report: Report, line: int) -> Snippet:
    """Compile a text of a question that may have several paragraphs, lists or a table."""
    weaver = _Weaver(context, report, line, in_lesson=False)
    tokens = weaver.weave(_QUESTION.parse(source))
    html = _QUESTION.renderer.render(tokens, _QUESTION.options, {})
    return Snippet(_clean(html), weaver.text, tuple(weaver.citations))


def compile_inline(source: str, context: Context, report: Report, line: int) -> Snippet:
    """Compile one line of text, such as an option: emphasis, code, links and pictures, but no blocks."""
    weaver = _Weaver(context, report, line, in_lesson=False)
    tokens = weaver.weave(_QUESTION.parseInline(source))
    html = _QUESTION.renderer.render(tokens, _QUESTION.options, {})
    return Snippet(_clean(html), weaver.text, tuple(weaver.citations))


def compile_cloze(source: str, context: Context, report: Report, line: int) -> list[dict[str, Any]]:
    """Compile paragraphs with `{{blanks}}` into segments: `{"html", "text"}`, `{"blank"}` and `{"break": true}`."""
    weaver = _Weaver(context, report, line, in_lesson=False, with_blanks=True)
    tokens = weaver.weave(_CLOZE.parse(source))
    segments: list[dict[str, Any]] = []
    for token in tokens:
        at = line + (token.map[0] if token.map else 0)
        if token.type not in {"paragraph_open", "inline", "paragraph_close"}:
            if token.nesting >= 0 and token.level == 0:
                message = "El texto con huecos solo lleva párrafos; pasa listas, tablas y encabezados a prompt."
                report.add("cloze_block", message, at)
        elif token.type == "inline":
            if segments:
                segments.append({"break": True})
            segments.extend(_cloze_segments(token, report, at))
    return segments


def _cloze_segments(token: Token, report: Report, line: int) -> Iterable[dict[str, Any]]:
    """Part the tokens of a paragraph at its blanks; only between whole pieces, so that each piece is whole HTML."""
    pieces: list[Token] = []
    depth = 0
    for child in token.children or []:
        depth += child.nesting
        if child.type != "blank":
            pieces.append(child)
            continue
        if depth:
            message = f"El hueco «{child.content}» está dentro de una negrita, cursiva o enlace; sácalo de ahí."
            report.add("blank_inside_markup", message, line)
            continue
        yield from _cloze_text(pieces)
        yield {"blank": child.content}
        pieces = []
    yield from _cloze_text(pieces)


def _cloze_text(pieces: list[Token]) -> Iterable[dict[str, Any]]:
    if pieces:
        # Not trimmed: the spaces around a blank are part of the sentence.
        html = _CLEANER.clean(_CLOZE.renderer.render(pieces, _CLOZE.options, {}))
        yield {"html": html, "text": plain(pieces)}


def plain(tokens: Sequence[Token]) -> str:
    """Return the words of inline tokens; pictures give their alternative text, citations nothing."""
    parts = []
    for token in tokens:
        if token.type in {"text", "code_inline", "text_special"}:
            parts.append(token.content)
        elif token.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
        elif token.type == "image":
            parts.append(plain(token.children or []))
    return "".join(parts)


class _Weaver:
    """One pass over the tokens of a text: looks everything up, reports, and prepares tokens for rendering."""

    def __init__(
        self, context: Context, report: Report, first_line: int, *, in_lesson: bool, with_blanks: bool = False
    ) -> None:
        self.context = context
        self.report = report
        self.first_line = first_line
        self.in_lesson = in_lesson
        self.with_blanks = with_blanks
        self.line = first_line
        self.citations: dict[Citation, int] = {}
        self.words = 0
        self.prose: list[str] = []
        self.texts: list[str] = []
        self.quoting = 0  # how many quotations, tables and headings are open
        self.callouts: list[str] = []

    @property
    def text(self) -> str:
        """All words of the text, one line per block."""
        return "\n".join(self.texts).strip()

    def weave(self, tokens: list[Token]) -> list[Token]:
        """Check and prepare the tokens; the same list comes back."""
        too_deep = next((token for token in tokens if token.level >= _DEEPEST), None)
        if too_deep is not None:
            line = self.first_line + (too_deep.map[0] if too_deep.map else 0)
            message = "Hay listas o citas anidadas en demasiados niveles; aplánalas."
            self.report.add("too_deep", message, line)
        for place, token in enumerate(tokens):
            if token.map and not token.type.endswith("_close"):
                self.line = self.first_line + token.map[0]
            self._block(tokens, place, token)
            if token.type == "inline":
                self._inline(tokens, place, token)
        return tokens

    def _block(self, tokens: list[Token], place: int, token: Token) -> None:
        kind = token.type
        if kind in {"blockquote_open", "table_open", "heading_open"}:
            self.quoting += 1
        elif kind in {"blockquote_close", "table_close", "heading_close"}:
            self.quoting -= 1
        if kind == "container_callout_open":
            self._open_callout(token)
        elif kind == "container_callout_close":
            self.quoting -= self.callouts.pop() == "ley"
        elif kind == "table_open":
            token.meta["label"] = _table_label(tokens, place)
        elif kind in {"th_open", "td_open"}:
            _align(token)
        elif kind == "heading_open" and not self.in_lesson:
            message = "En una pregunta no van encabezados; usa negritas."
            self.report.add("heading_in_question", message, self.line)

    def _open_callout(self, token: Token) -> None:
        kind, _, title = token.info.strip().partition(" ")
        self.callouts.append(kind)
        self.quoting += kind == "ley"
        if kind not in CALLOUTS:
            message = f"No hay recuadros «{kind[:40]}»; los hay {', '.join(CALLOUTS)}."
            self.report.add("unknown_callout", message, self.line)
        if not token.meta["closed"]:
            message = "El recuadro no se cierra; escribe ::: en un renglón aparte donde termina."
            self.report.add("unclosed_callout", message, self.line)
        token.meta.update(kind=kind, title=_callout_title(kind, title.strip()))

    def _inline(self, tokens: list[Token], place: int, token: Token) -> None:
        children = token.children or []
        self._figure(tokens, place, children)
        in_link = False
        for index, child in enumerate(children):
            if child.type in {"softbreak", "hardbreak"}:
                self.line += 1
            elif child.type == "link_open":
                in_link = True
                self._link(child, children[index + 1])
            elif child.type == "link_close":
                in_link = False
            elif child.type == "image":
                self._image(child)
            elif child.type == "citation":
                self._citation(child, in_link)
            elif child.type == "text":
                self._text(child.content)
        self._count(plain(children))

    def _count(self, text: str) -> None:
        self.texts.append(text)
        self.words += len(_WORD.findall(text))
        if not self.quoting and text.strip():
            self.prose.append(_LONG_QUOTE.sub(" ", text))

    def _figure(self, tokens: list[Token], place: int, children: list[Token]) -> None:
        """A picture alone in its paragraph becomes a figure; its title becomes the caption."""
        alone = len(children) == 1 and children[0].type == "image"
        if not alone or place == 0 or tokens[place - 1].type != "paragraph_open" or tokens[place - 1].hidden:
            return
        tokens[place - 1].tag = tokens[place + 1].tag = "figure"
        children[0].meta["caption"] = str(children[0].attrs.get("title") or "")  # of a video, its title instead

    def _link(self, token: Token, following: Token) -> None:
        address = str(token.attrs.get("href") or "")
        token.attrs = {"href": self._address(address)}
        if address.startswith("https://"):
            token.attrs["rel"] = "noopener noreferrer"
        if following.type == "link_close":
            message = "El enlace no tiene texto; escribe entre los corchetes a dónde lleva."
            self.report.add("bad_link", message, self.line)

    def _address(self, address: str) -> str:
        """Return the address a page uses; nothing of one that was refused."""
        if address.startswith(LESSON_PREFIX):
            key = address.removeprefix(LESSON_PREFIX)
            if key in self.context.lessons:
                return key
            message = f"No hay una lección «{key[:80]}» en el curso; usa la clave de una que esté en un módulo."
            self.report.add("unknown_lesson", message, self.line)
            return ""
        if address.startswith("assets/"):
            return self._asset(address)
        if address.startswith("https://") and _has_host(address):
            return address
        message = (
            f"El enlace «{address[:80]}» no se permite; usa https://…, leccion:clave-de-la-leccion o assets/archivo."
        )
        self.report.add("bad_link", message, self.line)
        return ""

    def _asset(self, path: str) -> str:
        if path in self.context.assets:
            self.context.used_assets.add(path)
            return f"material/{path}"
        message = f"«{path[:120]}» no está en el paquete; agrégalo a assets/ o corrige la ruta."
        self.report.add("missing_asset", message, self.line)
        return ""

    def _image(self, token: Token) -> None:
        source = str(token.attrs.get("src") or "")
        alt = plain(token.children or []).strip()
        asset = self.context.assets.get(source)
        if asset is not None and asset.media_type.startswith("video/") and self.in_lesson:
            self._video(token, source, alt)
            return
        if not alt:
            message = f"La imagen «{source[:80]}» no tiene texto alternativo; di entre los corchetes lo que se ve."
            self.report.add("missing_alt", message, self.line)
        if not source.startswith("assets/"):
            message = f"La imagen «{source[:80]}» no se toma de fuera; cópiala a assets/ y escribe assets/archivo."
            self.report.add("missing_asset", message, self.line)
            source = ""
        else:
            found = self.context.assets.get(source)
            if found is not None and not found.media_type.startswith("image/"):
                message = f"«{source}» no es una imagen; enlázalo con [texto]({source})."
                self.report.add("not_an_image", message, self.line)
            source = self._asset(source)
        token.attrs = {"src": source, "alt": alt}

    def _video(self, token: Token, source: str, alt: str) -> None:
        """A video is written as a picture is; its title names the file of its captions."""
        if not alt:
            message = f"El video «{source[:80]}» no tiene título; di entre los corchetes de qué trata."
            self.report.add("missing_alt", message, self.line)
        captions = str(token.attrs.get("title") or "")
        if not captions:
            message = (
                f"El video «{source[:80]}» no tiene subtítulos; agrega su archivo .vtt y escribe "
                f'![título]({source[:80]} "assets/subtitulos.vtt").'
            )
            self.report.add("video_without_captions", message, self.line)
        elif captions in self.context.assets and self.context.assets[captions].media_type != "text/vtt":
            message = f"«{captions[:80]}» no es un archivo de subtítulos; tiene que ser .vtt."
            self.report.add("not_captions", message, self.line)
            captions = ""
        token.meta["video"] = self._asset(source)
        token.meta["captions"] = self._asset(captions) if captions else ""
        if "caption" in token.meta:  # alone in its paragraph
            token.meta["caption"] = alt
        token.attrs = {"src": "", "alt": alt}

    def _citation(self, token: Token, in_link: bool) -> None:
        if in_link:
            message = "Una cita no va dentro de un enlace ni de una imagen; ponla después."
            self.report.add("bad_citation", message, self.line)
        found: list[tuple[int, Citation]] = []
        for part in token.content.split(";"):
            text = part.strip()
            if not text.startswith("@"):
                message = f"Cada cita empieza con @, y «{text[:60]}» no; sepáralas con punto y coma."
                self.report.add("bad_citation", message, self.line)
                continue
            citation = self.context.cite(text, self.report, self.line)
            if citation is not None:
                found.append((self.citations.setdefault(citation, len(self.citations) + 1), citation))
        token.meta["chips"] = _chips(found, linked=self.in_lesson)

    def _text(self, text: str) -> None:
        if "<" in text and _HTML_TAG.search(text):
            message = "Hay etiquetas HTML, que se verán como texto; usa Markdown (**negrita**, *cursiva*, listas)."
            self.report.add("html_in_text", message, self.line)
        if "[@" in text:
            message = "Una cita quedó sin cerrar; escríbela completa entre corchetes: [@norma art. 1]."
            self.report.add("bad_citation", message, self.line)
        lost = _FOOTNOTE.search(text)
        if lost:
            self._lost_footnote(lost[1])
        blank = None if self.with_blanks else _BLANK.search(text)
        if blank:
            message = f"El hueco {blank[0]} solo vale en la clave text de una pregunta de tipo cloze; quítalo de aquí."
            self.report.add("blank_outside_text", message, self.line)
        if not self.in_lesson and text.startswith(":::"):
            message = "Los recuadros ::: solo van en las lecciones; quítalo de la pregunta."
            self.report.add("unknown_callout", message, self.line)

    def _lost_footnote(self, label: str) -> None:
        if self.in_lesson:
            message = f"La nota [^{label}] no está escrita; agrega al final un renglón «[^{label}]: texto»."
            self.report.add("unknown_footnote", message, self.line)
        else:
            message = "En una pregunta no van notas al pie; escribe la explicación en explanation."
            self.report.add("footnote_in_question", message, self.line)


def _has_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(parts.hostname) and parts.username is None and parts.password is None


def _callout_title(kind: str, title: str) -> str:
    name = CALLOUTS.get(kind, kind)
    if not title:
        return name
    return title if title.casefold().startswith(name.casefold()) else f"{name}: {title}"


def _table_label(tokens: list[Token], place: int) -> str:
    """Name a table by its header row, for people who meet the scrolling region by keyboard."""
    cells = []
    while tokens[place].type != "thead_close":  # every table has a head, its header row
        if tokens[place].type == "inline":
            cells.append(plain(tokens[place].children or []).strip())
        place += 1
    return "Tabla: " + ", ".join(cell for cell in cells if cell)


def _align(token: Token) -> None:
    """Turn the alignment of a cell from a style attribute, which our policy forbids, into a class."""
    style = str(token.attrs.pop("style", ""))
    if style:
        token.attrs["class"] = "align-" + style.removeprefix("text-align:")
    if token.type == "th_open":
        token.attrs["scope"] = "col"


def _chips(found: list[tuple[int, Citation]], *, linked: bool) -> str:
    chips = []
    for number, citation in found:
        label = escape(citation.label)
        if linked:
            chips.append(f'<a class="cite" href="#cita-{number}" data-cite="cita-{number}">{label}</a>')
        else:
            chips.append(f'<span class="cite">{label}</span>')
    return " ".join(chips)


def _references(citations: Mapping[Citation, int], norms: Mapping[str, Norm]) -> str:
    """The section that quotes each cited article once, in the order of first use."""
    if not citations:
        return ""
    items = []
    for citation, number in citations.items():
        norm = norms[citation.norm]
        text = "".join(f"<p>{escape(line)}</p>" for line in citation.text.split("\n") if line.strip())
        items.append(
            f'<li id="cita-{number}"><details><summary>{escape(citation.label)}</summary>'
            f"<blockquote>{text}</blockquote>"
            f'<p class="references__norm">{escape(norm.name)}, {escape(norm.gazette)}</p></details></li>'
        )
    return f'<section class="references"><h2>Referencias</h2><ol>{"".join(items)}</ol></section>'


def _shift_headings(tokens: list[Token], report: Report, first_line: int) -> None:
    """Let the highest heading of a lesson be an h2 (the page has the h1) and give each an id of its own."""
    opens = [(place, token) for place, token in enumerate(tokens) if token.type == "heading_open"]
    if not opens:
        return
    shift = 2 - min(int(token.tag[1]) for _, token in opens)
    ids: dict[str, int] = {}
    last = 1
    for place, token in opens:
        level = min(6, int(token.tag[1]) + shift)
        if level > last + 1:
            line = first_line + (token.map[0] if token.map else 0)
            message = "El encabezado se salta un nivel; quítale un signo # o agrega el encabezado que falta."
            report.add("heading_jump", message, line)
        last = level
        token.tag = tokens[place + 2].tag = f"h{level}"  # a heading is three tokens: open, inline, close
        token.attrs["id"] = _unique_id(plain(tokens[place + 1].children or []), ids)


def _unique_id(text: str, taken: dict[str, int]) -> str:
    """Name a heading after its words; from the second of the same words on with a number."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    base = "s-" + ("-".join(re.findall(r"[a-z0-9]+", bare))[:60].strip("-") or "seccion")
    taken[base] = taken.get(base, 0) + 1
    # Two hyphens: no words can give them, so that "Uno" twice and a heading "Uno 2" keep apart.
    return base if taken[base] == 1 else f"{base}--{taken[base]}"


# -- markdown-it: rules of our own ------------------------------------------------------------------------------------

_Env = MutableMapping[str, Any]


def _citation_rule(state: StateInline, silent: bool) -> bool:
    """`[@norm art. 1; @norm art. 2]`"""
    if not state.src.startswith("[@", state.pos):
        return False
    end = state.src.find("]", state.pos, min(state.posMax, state.pos + 800))
    if end < 0:
        return False
    if not silent:
        token = state.push("citation", "", 0)
        token.content = state.src[state.pos + 1 : end].replace("\n", " ")
    state.pos = end + 1
    return True


def _blank_rule(state: StateInline, silent: bool) -> bool:
    """`{{blank}}`"""
    if not state.src.startswith("{{", state.pos):
        return False
    match = _BLANK.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        token = state.push("blank", "", 0)
        token.content = match[1]
    state.pos = match.end()
    return True


def _footnote_rule(state: StateInline, silent: bool) -> bool:
    """`[^name]`, by the plugin, which alone would look for the bracket to the end of the text at every `[^`."""
    return bool(_FOOTNOTE.match(state.src, state.pos, state.posMax)) and footnote_ref(state, silent)


def _any_callout(params: str, markup: str) -> bool:
    return bool(params.strip())


def _render_callout_open(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: _Env
) -> str:
    meta = tokens[place].meta
    return f'<aside class="callout callout--{meta["kind"]}"><p class="callout__title">{escape(meta["title"])}</p>\n'


def _render_callout_close(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: _Env
) -> str:
    return "</aside>\n"


def _render_citation(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: _Env
) -> str:
    return str(tokens[place].meta.get("chips", ""))


def _render_image(renderer: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: _Env) -> str:
    token = tokens[place]
    if "video" in token.meta:
        return _render_video(token)
    html = f'<img src="{escape(str(token.attrs["src"]))}" alt="{escape(str(token.attrs["alt"]))}" loading="lazy">'
    caption = token.meta.get("caption")
    return f"{html}<figcaption>{escape(caption)}</figcaption>" if caption else html


def _render_video(token: Token) -> str:
    alt, captions = escape(str(token.attrs["alt"])), token.meta["captions"]
    track = f'<track kind="captions" srclang="es" label="Español" src="{escape(captions)}">' if captions else ""
    source = escape(token.meta["video"])
    video = f'<video controls preload="metadata" src="{source}" aria-label="{alt}">{track}</video>'
    return f"{video}<figcaption>{alt}</figcaption>" if "caption" in token.meta else video


def _render_table_open(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: _Env
) -> str:
    label = escape(tokens[place].meta["label"])
    return f'<div class="table-scroll" tabindex="0" role="region" aria-label="{label}"><table>\n'


def _render_table_close(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: _Env
) -> str:
    return "</table></div>\n"


def _render_footnotes_open(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: _Env
) -> str:
    return '<section class="footnotes" aria-label="Notas"><ol class="footnotes-list">\n'


def _render_footnote_anchor(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: _Env
) -> str:
    meta = tokens[place].meta
    name = str(meta["id"] + 1) + (f":{meta['subId']}" if meta["subId"] > 0 else "")
    return f' <a href="#fnref{name}" class="footnote-backref" aria-label="Volver al texto">↩\ufe0e</a>'


def _mark_closed(state: Any) -> None:
    """Note on each callout whether its closing line was written: the plugin closes it silently otherwise."""
    lines = state.src.split("\n")
    for token in state.tokens:
        if token.type == "container_callout_open":
            end = token.map[1]
            token.meta["closed"] = end < len(lines) and lines[end].strip(" \t>").startswith(":::")


def _build(*, callouts: bool = False, blanks: bool = False) -> _Markdown:
    markdown = _Markdown("commonmark", {"html": False, "maxNesting": _DEEPEST + 1})
    markdown.enable("table")
    markdown.inline.ruler.before("link", "citation", _citation_rule)
    if blanks:
        markdown.inline.ruler.before("citation", "blank", _blank_rule)
    if callouts:
        markdown.use(container_plugin, name="callout", validate=_any_callout)
        markdown.use(footnote_plugin)
        markdown.inline.ruler.at("footnote_ref", _footnote_rule)
        markdown.core.ruler.push("callout_closed", _mark_closed)
        markdown.add_render_rule("container_callout_open", _render_callout_open)
        markdown.add_render_rule("container_callout_close", _render_callout_close)
        markdown.add_render_rule("footnote_block_open", _render_footnotes_open)
        markdown.add_render_rule("footnote_anchor", _render_footnote_anchor)
    markdown.add_render_rule("citation", _render_citation)
    markdown.add_render_rule("image", _render_image)
    markdown.add_render_rule("table_open", _render_table_open)
    markdown.add_render_rule("table_close", _render_table_close)
    return markdown


_LESSON = _build(callouts=True)
_QUESTION = _build()
_CLOZE = _build(blanks=True)

_HEADINGS = {f"h{level}" for level in range(2, 7)}
_TAGS = (
    "p ul ol li strong em code pre blockquote a table thead tbody tr th td div aside section figure figcaption img "
    "details summary sup hr br span video track"
)
_CLEANER = nh3.Cleaner(
    tags=_HEADINGS | set(_TAGS.split()),
    attributes={
        **{heading: {"id"} for heading in _HEADINGS},
        "a": {"href", "id", "rel", "data-cite", "aria-label"},
        "img": {"src", "alt", "loading"},
        "video": {"src", "controls", "preload", "aria-label"},
        "track": {"src", "kind", "srclang", "label"},
        "li": {"id"},
        "ol": {"start"},
        "th": {"scope"},
        "div": {"tabindex", "role", "aria-label"},
        "section": {"aria-label"},
    },
    allowed_classes={
        "a": {"cite", "footnote-backref"},
        "aside": {"callout", *(f"callout--{kind}" for kind in CALLOUTS)},
        "p": {"callout__title", "references__norm"},
        "section": {"references", "footnotes"},
        "div": {"table-scroll"},
        "th": {"align-left", "align-center", "align-right"},
        "td": {"align-left", "align-center", "align-right"},
        "ol": {"footnotes-list"},
        "li": {"footnote-item"},
        "sup": {"footnote-ref"},
        "span": {"cite"},
    },
    url_schemes={"https"},
    link_rel=None,
)


def _clean(html: str) -> str:
    return _CLEANER.clean(html).strip()
