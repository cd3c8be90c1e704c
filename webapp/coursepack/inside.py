"""What is looked at in a child process with limits, because looking at it may be dear: pictures, PDFs, Office files.

Everything that is wrong is an `Unreadable`, which passes from the child to whoever asked.
"""

from __future__ import annotations

import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

from webapp.formats.model import Unreadable

MOST_PIXELS = 40_000_000
MOST_PAGES = 2_000
MOST_OBJECTS = 300_000
MOST_UNPACKED = 300 * 1024 * 1024
_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


def clean_image(source: str, target: str) -> dict[str, int]:
    """Write a picture anew, upright and without EXIF, places or anything that is no picture. Raises Unreadable."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error")
    try:
        with Image.open(source, formats=list(dict.fromkeys(_FORMATS.values()))) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise _too_many_pixels(opened.width, opened.height)
            if getattr(opened, "n_frames", 1) > 1:
                raise Unreadable(
                    "moving", "es una imagen que se mueve. Sube un video MP4, que se puede poner en pausa."
                )
            kind = opened.format or ""
            opened.load()
            upright = ImageOps.exif_transpose(opened)
            still = Image.new(upright.mode, upright.size)  # a new one: nothing but points comes along
            if upright.mode == "P":
                still.putpalette(upright.getpalette() or [])
            still.paste(upright)
            options: dict[str, Any] = {"quality": 90} if kind in {"JPEG", "WEBP"} else {"optimize": False}
            if upright.mode == "P" and "transparency" in upright.info:
                options["transparency"] = upright.info["transparency"]
            if opened.info.get("icc_profile"):
                options["icc_profile"] = opened.info["icc_profile"]
            still.save(target, format=kind, **options)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(0, 0) from error
    except Unreadable:
        raise
    except Exception as error:  # a decoder raises whatever it likes at a hostile file
        raise Unreadable("damaged", "está dañada.") from error
    return {"width": still.width, "height": still.height}


def clean_telling(pairs: list[tuple[str, str]]) -> list[bool | tuple[str, str]]:
    """Clean each picture that tells more than it shows. For each pair of source and target: whether the target was
    written, or the code and the cause why the picture cannot be read."""
    return [_clean_if_telling(source, target) for source, target in pairs]


def _clean_if_telling(source: str, target: str) -> bool | tuple[str, str]:
    try:
        if not _tells(source):
            return False
        clean_image(source, target)
    except Unreadable as error:
        return error.code, str(error)
    return True


def _tells(source: str) -> bool:
    """Whether a picture holds EXIF, XMP, IPTC, comments or texts, or turns itself. Raises Unreadable."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error")
    try:
        with Image.open(source, formats=list(dict.fromkeys(_FORMATS.values()))) as opened:
            opened.load()  # texts of a PNG may stand behind its points
            texts = getattr(opened, "text", None)
            return bool(opened.getexif() or texts or _TELLING & opened.info.keys())
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(0, 0) from error
    except Exception as error:
        raise Unreadable("damaged", "está dañada. Expórtala de nuevo.") from error


def _too_many_pixels(width: int, height: int) -> Unreadable:
    size = f"mide {width} × {height} puntos; " if width else ""
    return Unreadable("too_many_pixels", f"{size}el máximo es de {MOST_PIXELS // 10**6} millones de puntos. Redúcela.")


_TELLING = {"exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment"}


# What a PDF may not do: run something, start something, carry other files.
_ACTIONS = {
    "/JavaScript": ("pdf_script", "trae JavaScript"),
    "/JS": ("pdf_script", "trae JavaScript"),
    "/Launch": ("pdf_launch", "abre programas (Launch)"),
    "/EmbeddedFiles": ("pdf_attachment", "lleva otros archivos adjuntos"),
    "/EmbeddedFile": ("pdf_attachment", "lleva otros archivos adjuntos"),
    "/EF": ("pdf_attachment", "lleva otros archivos adjuntos"),
    "/RichMedia": ("pdf_attachment", "lleva otros archivos adjuntos"),
}


def read_pdf(source: str) -> dict[str, int]:
    """How many pages a PDF has and whether it has text. Raises Unreadable for what it must not carry."""
    from pypdf import PdfReader

    try:
        reader = PdfReader(source, strict=False)
        if reader.is_encrypted:
            raise Unreadable("password", "")
        _look_through(reader)
        pages = len(reader.pages)
        if not 0 < pages <= MOST_PAGES:
            raise Unreadable("too_many_pages", f"tiene {pages} páginas y se aceptan de 1 a {MOST_PAGES}. Divídelo.")
        has_text = any((reader.pages[number].extract_text() or "").strip() for number in range(min(pages, 5)))
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # a parser raises whatever it likes at a hostile file
        raise Unreadable("damaged", "") from error
    return {"pages": pages, "has_text": int(has_text)}


def _look_through(reader: Any) -> None:
    """Every object of the file, also those that no page leads to."""
    from pypdf.generic import IndirectObject

    places = {(number, generation) for generation, table in reader.xref.items() for number in table}
    places |= {(number, 0) for number in reader.xref_objStm}
    if len(places) > MOST_OBJECTS:
        raise Unreadable("too_complex", "")
    _refuse_actions(reader.trailer)
    for number, generation in sorted(places):
        try:
            found = reader.get_object(IndirectObject(number, generation, reader))
        except Exception:  # noqa: S112  an object that cannot be read does nothing, and the pages are read later
            continue
        _refuse_actions(found)


def _refuse_actions(found: Any) -> None:
    """One object and what lies directly in it, without following any reference."""
    from pypdf.generic import DictionaryObject

    left = [found]
    while left:
        one = left.pop()
        if isinstance(one, DictionaryObject):
            names = {str(key) for key in one} | {
                str(one.raw_get(key)) for key in ("/S", "/Subtype", "/Type") if key in one
            }
            for name in sorted(names & set(_ACTIONS)):
                code, words = _ACTIONS[name]
                raise Unreadable(code, f"{words}, y eso no se publica. Expórtalo o imprímelo otra vez como PDF.")
            left += [one.raw_get(key) for key in one]
        elif isinstance(one, list):
            left += list(one)


def read_office(source: str) -> None:
    """Unpack an Office file for the sake of counting: what it declares of itself is not believed. Raises Unreadable."""
    total = 0
    try:
        with zipfile.ZipFile(Path(source)) as archive:
            for part in archive.infolist():
                with archive.open(part) as file:
                    while piece := file.read(1 << 20):
                        total += len(piece)
                        if total > MOST_UNPACKED:
                            raise Unreadable("unsafe_zip", "")
                if part.filename.lower().endswith(".rels"):
                    _refuse_remote_template(archive.read(part))
                if part.filename.lower() == "[content_types].xml" and b"macroenabled" in archive.read(part).lower():
                    raise Unreadable("macros", "trae macros. Guárdalo sin macros.")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise Unreadable("damaged", "") from error


def _refuse_remote_template(relations: bytes) -> None:
    """A template that lies elsewhere is fetched, macros and all, when the document is opened."""
    lowered = relations.lower()
    if b"/attachedtemplate" in lowered and b'targetmode="external"' in lowered:
        raise Unreadable("remote_template", "trae su plantilla de otro sitio. Guárdalo como documento nuevo.")
