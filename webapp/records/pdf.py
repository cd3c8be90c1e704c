"""The constancia as a document: one landscape letter sheet, PDF/A-2a and PDF/UA-1, with a QR to its verification page.

Rendering is deterministic: the same document gives the same bytes until it is signed (a signature carries its moment).
"""

from __future__ import annotations

import json
import multiprocessing
import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import segno
from babel.dates import format_date
from babel.numbers import format_decimal

from webapp.records.names import visible
from webapp.records.signing import Signer

TEMPLATE = Path(__file__).parent / "templates" / "constancia.typ"
STANDARDS: list[Literal["a-2a", "ua-1"]] = ["a-2a", "ua-1"]
LOCALE = "es_MX"
QR_INK = "#16262c"
REVISION_SHOWN = 12  # characters of a revision that is a long hash; the record keeps it whole

UNDRAWABLE = re.compile(r'the text `"(.*)"` could not be displayed', re.DOTALL)

SignerSource = Callable[[], Signer]


class UnprintableText(ValueError):
    """A value holds `characters` that none of the embedded fonts can draw: an emoji, another script."""

    def __init__(self, characters: str) -> None:
        super().__init__(f"No font of the constancia can draw {characters!r}.")
        self.characters = characters

    def __reduce__(self) -> tuple[type[UnprintableText], tuple[str]]:
        """Travels whole between the processes of `render_many`."""
        return type(self), (self.characters,)


@dataclass(frozen=True)
class ConstanciaDocument:
    """What the sheet says. `hours` in hours, `score` from 0 to 100, `code` with or without its groups.

    `obliged_subject_name` is "" while it is unknown, `valid_until` is None for a constancia that does not expire, `score`
    is None where nothing was graded.
    """

    folio: str
    name: str
    course_title: str
    hours: Decimal
    score: int | None
    accredited_on: date
    issued_on: date
    valid_until: date | None
    issuer_name: str
    obliged_subject_name: str
    verify_url: str
    code: str
    revision: str
    language: Literal["es"] = "es"


def render(document: ConstanciaDocument, signer: Signer | None = None) -> bytes:
    """The PDF of `document`, sealed when a `signer` is given.

    Safe from several threads. Raises UnprintableText when a value cannot be drawn.
    """
    inputs = {"document": json.dumps(_sheet(document, sealed=signer is not None), ensure_ascii=False)}
    # Noon in UTC is the same calendar day in every zone of Mexico.
    moment = datetime.combine(document.issued_on, time(12), UTC)
    pdf = _compile(inputs, moment)
    return pdf if signer is None else signer.sign(pdf)


def render_many(
    documents: Iterable[ConstanciaDocument], signer_source: SignerSource | None, processes: int = 2
) -> Iterator[bytes | UnprintableText]:
    """The PDFs of `documents`, in their order, made by `processes` processes.

    In the place of a document that cannot be drawn stands the reason, and the batch goes on.

    `signer_source` is called once in each process, so it must pickle: a function of a module, or `functools.partial`
    of `load_signer`. `documents` is read a few ahead of what was taken, so a long batch is never held in memory.
    Any other error of a document is raised in its turn and ends the batch. A script that calls this needs the usual
    `if __name__ == "__main__"` guard, because the processes import it.
    """
    # "spawn": a fork would copy locks held by the threads of a web server.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _start_process, (signer_source,)) as pool:
        pending: deque[Future[bytes | UnprintableText]] = deque()
        try:
            for document in documents:
                pending.append(pool.submit(_render_in_process, document))
                if len(pending) >= 4 * processes:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_process_signer: Signer | None = None  # of a child process of render_many


def _start_process(signer_source: SignerSource | None) -> None:
    global _process_signer
    _process_signer = None if signer_source is None else signer_source()


def _render_in_process(document: ConstanciaDocument) -> bytes | UnprintableText:
    try:
        return render(document, _process_signer)
    except UnprintableText as reason:
        return reason


# ---- What the sheet says ---------------------------------------------------------------------------------------------


def _sheet(document: ConstanciaDocument, *, sealed: bool) -> dict[str, Any]:
    """The words of the sheet, as the template reads them."""
    name, issuer = visible(document.name), visible(document.issuer_name)
    title = f"Constancia de capacitación {visible(document.folio)}"
    return {
        "title": f"{title} – {name}",
        "summary": f"{issuer} hace constar que {name} acreditó el curso {visible(document.course_title)}.",
        "issued": {"year": document.issued_on.year, "month": document.issued_on.month, "day": document.issued_on.day},
        "issuer": issuer,
        "name": name,
        "subject": visible(document.obliged_subject_name),
        "course": visible(document.course_title),
        "folio": visible(document.folio),
        "facts": _facts(document),
        "marks": _marks(document),
        "url": document.verify_url,
        "short_url": re.sub(r"^https?://", "", document.verify_url),
        "qr": _qr(document.verify_url),
        "qr_alt": f"Código QR que abre la página de verificación: {document.verify_url}",
        "check_title": "Comprueba esta constancia",
        "check_text": (
            "Escanea el código QR o entra a esta dirección. "
            "La página te dirá si la constancia existe y si sigue vigente."
        ),
        "legend": _legend(issuer, sealed=sealed),
    }


def _facts(document: ConstanciaDocument) -> list[tuple[str, str]]:
    graded = [] if document.score is None else [("Calificación", f"{document.score} de 100")]
    return [
        ("Duración", format_hours(document.hours)),
        *graded,
        ("Fecha de acreditación", format_long_day(document.accredited_on)),
        ("Vigencia", _validity(document.valid_until)),
    ]


def _marks(document: ConstanciaDocument) -> list[tuple[str, str, Literal["strong", "code", "plain"]]]:
    """Label, value and face of what identifies the sheet."""
    return [
        ("Folio", visible(document.folio), "strong"),
        ("Código de verificación", group_code(document.code), "code"),
        ("Fecha de expedición", format_long_day(document.issued_on), "plain"),
        ("Revisión del curso", visible(document.revision)[:REVISION_SHOWN], "code"),
    ]


def _legend(issuer: str, *, sealed: bool) -> str:
    seal = " El archivo lleva un sello digital que permite notar cualquier cambio." if sealed else ""
    return (
        f"Expide: {issuer}. Esta es una constancia de capacitación; no es un título ni una certificación oficial de "
        f"competencias.{seal}"
    )


def _validity(valid_until: date | None) -> str:
    return "Sin fecha de vencimiento" if valid_until is None else f"Hasta el {format_long_day(valid_until)}"


def format_long_day(day: date) -> str:
    """A day in words: "24 de noviembre de 2026"."""
    return format_date(day, "d 'de' MMMM 'de' y", locale=LOCALE)


def format_hours(hours: Decimal) -> str:
    """A duration in words: "10 horas", "1 hora", "1.5 horas"."""
    return f"{format_decimal(hours, locale=LOCALE)} {'hora' if hours == 1 else 'horas'}"


def group_code(code: str) -> str:
    """The code in groups of four, "AB2C-9XYZ-…"; groups that it already had do not matter."""
    plain = re.sub(r"[\s-]", "", code)
    return "-".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def _qr(url: str) -> str:
    """The QR of `url` as SVG; error correction Q (a quarter may be damaged) survives folds and stamps."""
    stream = BytesIO()
    # Borderless: the sheet gives it the four modules of white that a reader needs.
    segno.make_qr(url, error="q", boost_error=False).save(stream, kind="svg", border=0, dark=QR_INK, xmldecl=False)
    return stream.getvalue().decode()


# ---- The compiler ----------------------------------------------------------------------------------------------------

_compiling = threading.Lock()
_compiler: Any = None


def _compile(inputs: dict[str, str], moment: datetime) -> bytes:
    """The PDF of the template with `inputs`. The compiler is kept: a second document costs half of the first."""
    import typst  # here because of memory: only processes that render load it

    global _compiler
    with _compiling:
        if _compiler is None:
            # Only the fonts inside typst, so that every machine draws the same sheet.
            _compiler = typst.Compiler(TEMPLATE, root=TEMPLATE.parent, ignore_system_fonts=True)
        try:
            pdf = _compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=STANDARDS, timestamp=moment)
        except typst.TypstError as error:
            refused = UNDRAWABLE.search(error.message)
            if refused is None:
                raise  # a fault of the template, not of the document
            raise UnprintableText(refused[1]) from error
    return bytes(pdf)
