"""Which SVG a package may carry: still pictures, drawn from what is in the file.

An SVG is a page: opened by its own address it could run code and fetch things. Only known elements and attributes
pass, so that what is not understood is refused. (It is served as an image with a strict policy besides.)
"""

from __future__ import annotations

import re
from xml.parsers import expat

from webapp.coursepack.problems import Report

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_XML = "http://www.w3.org/XML/1998/namespace"
# Notes that drawing programs leave for themselves; no browser draws or runs them.
_NOTES = {
    "http://www.inkscape.org/namespaces/inkscape",
    "http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "http://creativecommons.org/ns#",
    "http://web.resource.org/cc/",
    "http://purl.org/dc/elements/1.1/",
}
_STILL = (
    "svg g defs symbol use path rect circle ellipse line polyline polygon text tspan textPath title desc "
    "metadata linearGradient radialGradient stop clipPath mask pattern marker image style switch filter "
    "feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting "
    "feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur "
    "feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile "
    "feTurbulence "
)
_ELEMENTS = frozenset(_STILL.split())
_INSIDE = re.compile(r"#[\w.:-]+")
_PICTURE = re.compile(r"data:image/(?:png|jpeg|webp);base64,[A-Za-z0-9+/=\s]*")
_OUTSIDE_STYLE = re.compile(r"url\(\s*+['\"]?+\s*+(?!#)|@import|expression\s*\(|javascript:|\\", re.IGNORECASE)


def check_svg(data: bytes, report: Report) -> None:
    """Report what keeps an SVG from being published, with the line where it stands."""
    try:
        _Watch(report).run(data)
    except _Stop:
        return
    except expat.ExpatError as error:
        report.add("broken_svg", "El SVG no es XML bien formado; expórtalo de nuevo desde tu programa.", error.lineno)
    except (ValueError, LookupError):
        report.add("broken_svg", "El SVG usa una codificación que no se lee; expórtalo en UTF-8.")


class _Stop(Exception):
    """The rest of the file is not worth reading; the reason is already in the report."""


class _Watch:
    """One pass over the XML, without building anything."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.depth = 0
        self.style = ""
        self.in_style = False
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.ProcessingInstructionHandler = self._instruction

    def run(self, data: bytes) -> None:
        self.parser.Parse(data, True)

    def _refuse(self, what: str) -> None:
        message = f"El SVG lleva {what}, y solo se publican dibujos fijos; quítalo o exporta como SVG simple."
        self.report.add("unsafe_svg", message, self.parser.CurrentLineNumber)

    def _doctype(self, name: str, system: str | None, public: str | None, internal: bool) -> None:
        if internal:
            # Entities live there: stop before any of them is used.
            self._refuse("declaraciones de entidades (DOCTYPE)")
            raise _Stop

    def _instruction(self, target: str, data: str) -> None:
        self._refuse(f"la instrucción <?{target[:30]}?>")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if self.depth == 0 and (space, local) != (_SVG, "svg"):
            message = 'El archivo no es un SVG: su primer elemento no es <svg xmlns="http://www.w3.org/2000/svg">.'
            self.report.add("wrong_content", message, self.parser.CurrentLineNumber)
        elif self.in_style or (space not in _NOTES and (space != _SVG or local not in _ELEMENTS)):
            self._refuse(f"el elemento <{local[:30]}>" + (" dentro de <style>" if self.in_style else ""))
        self.depth += 1
        self.in_style = self.in_style or local == "style"
        for attribute, value in attributes.items():
            self._attribute(attribute, value)

    def _attribute(self, name: str, value: str) -> None:
        space, _, local = name.rpartition(" ")
        if space in _NOTES:
            return
        lowered = local.lower()
        if space not in {"", _XLINK, _XML} or lowered.startswith("on") or (space == _XML and lowered == "base"):
            self._refuse(f"el atributo {local[:30]}")
        elif lowered in {"href", "src"}:
            if not _INSIDE.fullmatch(value.strip()) and not _PICTURE.fullmatch(value.strip()):
                self._refuse(f"una referencia de fuera ({value[:40]})")
        elif _OUTSIDE_STYLE.search(value):
            self._refuse(f"una referencia de fuera en {local[:30]}")

    def _text(self, text: str) -> None:
        if self.in_style:
            self.style += text

    def _end(self, name: str) -> None:
        self.depth -= 1
        if name.endswith(" style"):
            if _OUTSIDE_STYLE.search(self.style):
                self._refuse("una referencia de fuera en <style>")
            self.style, self.in_style = "", False
