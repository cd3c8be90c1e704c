"""Norms as data, and citations that are proved against them.

A norm is a file `_norms/<id>.yaml` with the exact text of its articles. A citation names norm, article and perhaps a
fraction (`lgpdppso-2025 art. 21 fr. IX`); it only becomes a `Citation` when all three exist.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from webapp.coursepack import files
from webapp.coursepack.model import Article, Citation, Norm, Problem
from webapp.coursepack.problems import Report
from webapp.coursepack.schema import NORM
from webapp.coursepack.shape import Read
from webapp.coursepack.yamltext import parse

TRANSITORY = "Transitorio"

_ROMAN = r"[IVXLC]+(?: (?:Bis|Ter|Quáter|Quater|Quinquies|Sexies))?"
_FRACTION_LINE = re.compile(rf"^[ \t]*(?P<numeral>{_ROMAN})\.(?:-|\s)", re.MULTILINE)
_ITEM_LINE = re.compile(r"^\s*(?:[a-zñ]{1,2}\)|[0-9]{1,2}[.)])\s")
_CITATION = re.compile(
    rf"@?(?P<norm>[a-z0-9][a-z0-9-]*)\s+art\.\s*(?P<article>[^;@\[\]]+?)(?:\s+fr\.\s*(?P<fraction>{_ROMAN}))?"
)
_HOW = "escríbela como «lgpdppso-2025 art. 21» o «lgpdppso-2025 art. 21 fr. IX»"


@dataclass(frozen=True)
class Reference:
    """A citation as written, not yet proved."""

    norm: str
    article: str
    fraction: str = ""


def load_norms(folder: Path) -> tuple[dict[str, Norm], list[Problem]]:
    """Read every `*.yaml` of a `_norms` folder: the norms that are whole, and all problems.

    Problems name the file as `_norms/<name>`. A norm with an error is left out.
    """
    report = Report()
    norms: dict[str, Norm] = {}
    if not folder.is_dir():
        report.inside("_norms").add("missing_file", "Falta la carpeta _norms con las normas que citan los cursos.")
        return norms, report.in_order()
    for path in sorted(folder.glob("*.yaml")):
        own = Report(f"_norms/{path.name}")
        norm = _read_norm(path, own)
        report.extend(own.in_order())
        if norm is not None and not own.has_errors:
            norms[norm.id] = norm
    return norms, report.in_order()


def _read_norm(path: Path, report: Report) -> Norm | None:
    text = files.read_text_file(path, report)
    root = parse(text, report) if text is not None else None
    read = NORM.read(root, report, "norma") if root is not None else None
    if read is None or report.has_errors:
        return None
    if read.text("id") != path.stem:
        message = f"El id «{read.text('id')}» y el nombre del archivo «{path.stem}» deben ser iguales; cambia uno."
        report.add("norm_name", message, read.line_of("id"))
    _check_dates(read, report)
    return Norm(
        id=read.text("id"),
        short=read.text("short"),
        name=read.text("name"),
        gazette=read.text("gazette"),
        published=read.of("published"),
        valid_from=read.of("valid_from"),
        articles=_articles(read, report),
        last_reform=read.of("last_reform"),
        valid_to=read.of("valid_to"),
        superseded_by=read.of("superseded_by"),
        note=read.text("note"),
    )


def _check_dates(read: Read, report: Report) -> None:
    begins: date = read.of("valid_from")
    if read.of("published") > begins:
        message = "La vigencia empieza antes de la publicación; revisa published y valid_from."
        report.add("norm_dates", message, read.line_of("valid_from"))
    if read.get("valid_to") and read.of("valid_to") < begins:
        report.add("norm_dates", "La vigencia termina antes de empezar; revisa valid_to.", read.line_of("valid_to"))


def _articles(read: Read, report: Report) -> dict[str, Article]:
    articles: dict[str, Article] = {}
    for name, prefix in (("articles", ""), ("transitory", f"{TRANSITORY} ")):
        for row in read.items(name):
            number = " ".join(f"{prefix}{row.text('number')}".split())
            if find_number(articles, number):
                message = f"El artículo «{number}» se repite; deja solo uno."
                report.add("duplicate_article", message, row.line_of("number"))
            place = "Transitorios" if prefix else row.text("place")
            articles[number] = Article(number, row.text("text"), place, fractions_of(row.text("text")))
    return articles


def fractions_of(text: str) -> tuple[str, ...]:
    """Return the roman numerals that begin a line, in the order of the text, each one once."""
    return tuple(dict.fromkeys(match["numeral"] for match in _FRACTION_LINE.finditer(text)))


def quote(article: Article, fraction: str = "") -> str:
    """Return the exact text that a citation rests on.

    With a fraction: the opening words of the article, the mark […] where fractions were left out, and the fraction
    with its items. The last fraction ends where a line closes with a full stop and the next is no item of it: what
    follows belongs to the article again.
    """
    if not fraction:
        return article.text
    starts = list(_FRACTION_LINE.finditer(article.text))
    place = next(index for index, match in enumerate(starts) if match["numeral"] == fraction)
    end = starts[place + 1].start() if place + 1 < len(starts) else len(article.text)
    lines = article.text[starts[place].start() : end].strip().split("\n")
    if place + 1 == len(starts):
        lines = _without_tail(lines)
    opening = article.text[: starts[0].start()].strip()
    parts = [opening] if opening else []
    if place > 0:
        parts.append("[…]")
    return "\n".join([*parts, *lines])


def _without_tail(lines: list[str]) -> list[str]:
    for number in range(1, len(lines)):
        if lines[number - 1].rstrip().endswith(".") and not _ITEM_LINE.match(lines[number]):
            return lines[:number]
    return lines


def parse_citation(text: str) -> Reference | None:
    """Return the parts of `[@]<norm> art. <number> [fr. <roman>]`, None when it is written otherwise."""
    match = _CITATION.fullmatch(" ".join(text.split()))
    if match is None:
        return None
    return Reference(match["norm"], match["article"], match["fraction"] or "")


def find_number(articles: Mapping[str, Any], number: str) -> str | None:
    """Return the number as the norm writes it, whatever the case of the one given."""
    if number in articles:
        return number
    wanted = number.casefold()
    return next((known for known in articles if known.casefold() == wanted), None)


def resolve(text: str, norms: Mapping[str, Norm], report: Report, line: int) -> Citation | None:
    """Prove a citation. None when it does not hold; the report says what exists instead."""
    reference = parse_citation(text)
    if reference is None:
        report.add("bad_citation", f"No se entiende la cita «{text.strip()[:80]}»; {_HOW}.", line)
        return None
    norm = norms.get(reference.norm)
    if norm is None:
        known = ", ".join(sorted(norms)) or "ninguna"
        message = f"No hay una norma «{reference.norm}» en _norms (hay: {known}); corrige el id o agrega la norma."
        report.add("unknown_norm", message, line)
        return None
    number = find_number(norm.articles, reference.article)
    if number is None:
        report.add("unknown_article", _no_article(norm, reference.article), line)
        return None
    article = norm.articles[number]
    if reference.fraction and reference.fraction not in article.fractions:
        report.add("unknown_fraction", _no_fraction(norm, article, reference.fraction), line)
        return None
    label = citation_label(norm, number, reference.fraction)
    return Citation(norm.id, number, reference.fraction, label, quote(article, reference.fraction))


def citation_label(norm: Norm, number: str, fraction: str) -> str:
    """Return what a chip says: `LGPDPPSO, art. 21, fr. IX` or `LGPDPPSO, transitorio Segundo`."""
    place = f"transitorio {number[len(TRANSITORY) + 1 :]}" if number.startswith(f"{TRANSITORY} ") else f"art. {number}"
    return f"{norm.short}, {place}, fr. {fraction}" if fraction else f"{norm.short}, {place}"


def _no_article(norm: Norm, number: str) -> str:
    numbers = [known for known in norm.articles if not known.startswith(TRANSITORY)]
    if number.casefold().startswith(TRANSITORY.casefold()):
        known = ", ".join(name for name in norm.articles if name.startswith(TRANSITORY)) or "ninguno"
        return f"La {norm.short} no tiene «{number}»; sus transitorios son: {known}."
    return f"La {norm.short} no tiene artículo «{number}»; van del {numbers[0]} al {numbers[-1]}. Corrige el número."


def _no_fraction(norm: Norm, article: Article, fraction: str) -> str:
    if not article.fractions:
        return f"El artículo {article.number} de la {norm.short} no tiene fracciones; quita «fr. {fraction}»."
    span = f"van de la {article.fractions[0]} a la {article.fractions[-1]}"
    return f"El artículo {article.number} de la {norm.short} no tiene fracción {fraction}; {span}. Corrígela."
