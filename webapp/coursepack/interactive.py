"""Interactive packages made elsewhere: what a SCORM or H5P file is, and whether this platform can play it.

`examine` looks in a child process with limits, because what is read was made by anybody. It answers what the player has
to know, or raises `Unreadable` with a code of `problems`.
"""

from __future__ import annotations

import json
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError

from webapp.coursepack.archives import Limits, measure, opened
from webapp.coursepack.model import Standard
from webapp.formats.guard import run_limited
from webapp.formats.model import Unreadable

LIMITS = Limits()
SCORM_FILE, H5P_FILE = "content.zip", "content.h5p"
MANIFEST = "imsmanifest.xml"
LARGEST_MANIFEST = 4 * 1024 * 1024
DEEPEST_MANIFEST = 60
LARGEST_JSON = 2 * 1024 * 1024
LONGEST_LAUNCH = 500
LONGEST_LAUNCH_DATA = 4_096
MOST_TOLD = 5
EXAMINE_SECONDS = 60  # a package of the largest size is unpacked into nothing once

_VERSION_12 = "adlnet.org/xsd/adlcp_rootv1p2"
_VERSION_2004 = "adlnet.org/xsd/adlcp_v1p3"
_SEQUENCING = {"sequencingRules", "rollupRules", "limitConditions", "auxiliaryResources", "randomizationControls"}
_AGAIN = "Expórtalo de nuevo desde el programa en que se hizo."


@dataclass(frozen=True)
class Found:
    """What a package is. `launch` is the file that the player opens, with its query; `mastery` the mark, 0 to 100,
    that the package itself asks for, None where it asks for none; `sequencing` whether it brings rules of sequence."""

    standard: Standard
    launch: str
    mastery: float | None = None
    launch_data: str = ""
    sequencing: bool = False


def examine(path: Path, name: str) -> Found:
    """Look through a file that is to be a `content.zip` or a `content.h5p`, as `name` says. Raises Unreadable."""
    try:
        found: Found = run_limited(inspect, path, name == H5P_FILE, seconds=EXAMINE_SECONDS)
    except Unreadable as error:
        if error.code != "too_complex":
            raise
        message = "Revisar el archivo pide más memoria o tiempo del que se da. Divídelo en varios materiales."
        raise Unreadable("archive_too_complex", message) from error
    return found


def inspect(path: Path, h5p: bool) -> Found:
    """Look through a SCORM or H5P file, here and now. Raises Unreadable."""
    with opened(path, LIMITS) as (archive, files):
        found = _h5p(archive, files) if h5p else _scorm(archive, files)
        measure(archive, files, LIMITS)
    return found


# --- SCORM ------------------------------------------------------------------------------------------------------


def _scorm(archive: zipfile.ZipFile, files: dict[str, zipfile.ZipInfo]) -> Found:
    root = _manifest(archive, files)
    standard = _standard(root)
    items = [(item, item.get("identifierref")) for item in _all(root, "item") if item.get("identifierref")]
    if len(items) > 1:
        message = (
            f"El paquete trae {len(items)} actividades (SCO) y aquí se lee una por paquete. "
            "Expórtalo como un solo SCO, o pon cada actividad en su propio paso."
        )
        raise Unreadable("manifest_sco", message)
    resources = {resource.get("identifier"): resource for resource in _all(root, "resource")}
    if not items or items[0][1] not in resources:
        raise Unreadable("manifest_sco", f"El manifiesto no dice qué actividad se abre (item y resource). {_AGAIN}")
    item, reference = items[0]
    launch = _launch(root, item, resources[reference], files)
    data = _text(item, "datafromlms") or _text(item, "dataFromLMS")
    return Found(
        standard,
        launch,
        _mastery(item, standard),
        data[:LONGEST_LAUNCH_DATA],
        any(_name(element) in _SEQUENCING for element in root.iter()),
    )


def _manifest(archive: zipfile.ZipFile, files: dict[str, zipfile.ZipInfo]) -> Element:
    if MANIFEST not in files:
        raise Unreadable("no_manifest", _why_no_manifest(files))
    if files[MANIFEST].file_size > LARGEST_MANIFEST:
        raise Unreadable(
            "manifest_broken", f"El manifiesto {MANIFEST} pasa de {LARGEST_MANIFEST // 1024**2} MB. {_AGAIN}"
        )
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(archive.read(files[MANIFEST]), forbid_dtd=True)
    except DefusedXmlException as error:
        message = f"El manifiesto {MANIFEST} declara un DTD o entidades; no se abre por seguridad. {_AGAIN}"
        raise Unreadable("manifest_broken", message) from error
    except (ParseError, LookupError, ValueError) as error:
        raise Unreadable("manifest_broken", f"El manifiesto {MANIFEST} no es XML bien formado. {_AGAIN}") from error
    if _name(root) != "manifest" or _depth(root) > DEEPEST_MANIFEST:
        raise Unreadable(
            "manifest_broken", f"El manifiesto {MANIFEST} no es el manifiesto de un paquete SCORM. {_AGAIN}"
        )
    return root


def _why_no_manifest(files: dict[str, zipfile.ZipInfo]) -> str:
    inside = next((name for name in files if name.rpartition("/")[2].lower() == MANIFEST), "")
    if inside:
        way_out = "Comprime el contenido de la carpeta, no la carpeta."
        return f"El manifiesto está en «{inside}» y va en la raíz del ZIP. {way_out}"
    nested = next((name for name in files if name.lower().endswith((".zip", ".h5p"))), "")
    if nested:
        return f"El paquete está dentro de otro ZIP («{nested}»). Sácalo y entrega el de adentro."
    if "h5p.json" in files:
        return f"El archivo es H5P, no SCORM. Llámalo {H5P_FILE}."
    return f"Falta {MANIFEST} en la raíz: no es un paquete SCORM. Expórtalo como SCORM 1.2 o 2004."


def _depth(root: Element) -> int:
    """How deep the tree is, counted without recursion."""
    deepest, level = 0, [root]
    while level:
        deepest += 1
        level = [child for element in level for child in element]
        if deepest > DEEPEST_MANIFEST:
            break
    return deepest


def _standard(root: Element) -> Standard:
    version = next((_own(element) for element in root.iter() if _name(element) == "schemaversion"), "")
    if version == "1.2":
        return "scorm12"
    if re.match(r"(CAM )?1\.3|2004", version):
        return "scorm2004"
    spaces = " ".join({element.tag.partition("}")[0] for element in root.iter()})
    spaces += " ".join(str(key) for element in root.iter() for key in dict(element.attrib))
    if not version and _VERSION_2004 in spaces:
        return "scorm2004"
    if not version and _VERSION_12 in spaces:
        return "scorm12"
    told = f"dice «{version[:40]}»" if version else "no lo dice"
    raise Unreadable("manifest_version", f"Se leen SCORM 1.2 y SCORM 2004, y el manifiesto {told}. {_AGAIN}")


def _launch(root: Element, item: Element, resource: Element, files: dict[str, zipfile.ZipInfo]) -> str:
    """The file that is opened, relative to the root of the package."""
    base = ""
    for element in (root, next(_all(root, "resources"), root), resource):
        base = urljoin(base, element.get("{http://www.w3.org/XML/1998/namespace}base") or "")
    written = base + (resource.get("href") or "")
    parts = _parts(written)
    name = unquote(parts.path) if parts else ""
    if parts is None or parts.scheme or parts.netloc or not name or name[0] == "/" or ".." in name.split("/"):
        message = f"El manifiesto abre «{written[:120]}», que no es un archivo de este paquete. {_AGAIN}"
        raise Unreadable("manifest_href", message)
    if posixpath.normpath(name) not in files:
        raise Unreadable("manifest_href", f"El manifiesto abre «{name[:120]}», que no viene en el paquete. {_AGAIN}")
    added = (item.get("parameters") or "").lstrip("?&")
    query = "&".join(filter(None, (parts.query, added.partition("#")[0])))
    launch = parts.path + (f"?{query}" if query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    if len(launch) > LONGEST_LAUNCH or any(ord(letter) < 33 for letter in query + parts.fragment):
        raise Unreadable("manifest_href", f"La dirección que abre el manifiesto no sirve: «{launch[:120]}». {_AGAIN}")
    return launch


def _parts(written: str) -> SplitResult | None:
    if "\\" in written or any(ord(letter) < 32 for letter in written):
        return None
    try:
        return urlsplit(written)
    except ValueError:
        return None


def _mastery(item: Element, standard: Standard) -> float | None:
    written = _text(item, "masteryscore") if standard == "scorm12" else _text(item, "minNormalizedMeasure")
    try:
        mark = float(written)
    except ValueError:
        return None
    mark = mark if standard == "scorm12" else mark * 100
    return mark if 0 <= mark <= 100 else None


def _all(root: Element, name: str) -> Iterator[Element]:
    return (element for element in root.iter() if _name(element) == name)


def _text(root: Element, name: str) -> str:
    return next((_own(element) for element in root.iter() if _name(element) == name), "")


def _own(element: Element) -> str:
    return (element.text or "").strip()


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


# --- H5P --------------------------------------------------------------------------------------------------------


def _h5p(archive: zipfile.ZipFile, files: dict[str, zipfile.ZipInfo]) -> Found:
    if "h5p.json" not in files:
        if MANIFEST in files:
            raise Unreadable("h5p_broken", f"El archivo es SCORM, no H5P. Llámalo {SCORM_FILE}.")
        raise Unreadable(
            "h5p_broken", "Falta h5p.json en la raíz: no es un archivo H5P. Bájalo de nuevo con «Reutilizar»."
        )
    about = _json(archive, files, "h5p.json")
    _json(archive, files, "content/content.json")
    main, wanted = about.get("mainLibrary"), _dependencies(about, "h5p.json")
    if not isinstance(main, str) or main not in {name.rpartition("-")[0] for name in wanted}:
        raise Unreadable(
            "h5p_broken", "El archivo h5p.json no dice qué tipo de contenido es (mainLibrary). Bájalo de nuevo."
        )
    missing, seen = [], set()
    while wanted:
        library = wanted.pop()
        if library in seen:
            continue
        seen.add(library)
        if f"{library}/library.json" in files:
            wanted += _dependencies(_json(archive, files, f"{library}/library.json"), library)
        else:
            missing.append(library)
    if missing:
        told = ", ".join(sorted(missing)[:MOST_TOLD])
        message = (
            f"El H5P no trae sus bibliotecas ({told}). Bájalo con «Reutilizar» del sitio donde funciona, "
            "que las incluye, y no con una exportación sin bibliotecas."
        )
        raise Unreadable("h5p_libraries", message)
    return Found("h5p", "h5p.json")


def _json(archive: zipfile.ZipFile, files: dict[str, zipfile.ZipInfo], name: str) -> dict[str, Any]:
    if name not in files:
        raise Unreadable("h5p_broken", f"Falta «{name}» en el H5P. Bájalo de nuevo con «Reutilizar».")
    if files[name].file_size > LARGEST_JSON:
        raise Unreadable("h5p_broken", f"«{name}» pasa de {LARGEST_JSON // 1024**2} MB. Divide el contenido.")
    try:
        found = json.loads(archive.read(files[name]).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Unreadable(
            "h5p_broken", f"«{name}» no es JSON bien formado. Bájalo de nuevo con «Reutilizar»."
        ) from error
    if not isinstance(found, dict):
        raise Unreadable("h5p_broken", f"«{name}» no tiene la forma de un H5P. Bájalo de nuevo con «Reutilizar».")
    return found


def _dependencies(about: dict[str, Any], where: str) -> list[str]:
    """The folders of the libraries that are loaded first."""
    rows = about.get("preloadedDependencies") or []
    try:
        names = [f"{row['machineName']}-{int(row['majorVersion'])}.{int(row['minorVersion'])}" for row in rows]
    except (TypeError, KeyError, ValueError) as error:
        raise Unreadable("h5p_broken", f"«{where}» no dice bien qué bibliotecas pide. Bájalo de nuevo.") from error
    if not all(re.fullmatch(r"[\w.-]{1,120}", name) for name in names):
        raise Unreadable("h5p_broken", f"«{where}» pide una biblioteca con un nombre que no sirve. Bájalo de nuevo.")
    return names
