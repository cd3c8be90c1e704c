"""Interactive packages for tests, written here from nothing: SCORM of both versions, H5P, and what is made to harm."""

from __future__ import annotations

import json
import stat
import struct
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

Content = str | bytes

_NAMESPACES = {
    "scorm12": (
        'xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"',
        "1.2",
        "scormtype",
    ),
    "scorm2004": (
        'xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3" '
        'xmlns:imsss="http://www.imsglobal.org/xsd/imsss"',
        "2004 4th Edition",
        "scormType",
    ),
}


def zipped(files: Mapping[str, Content], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP with these files."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def manifest(
    standard: str = "scorm12",
    href: str = "index.html",
    items: int = 1,
    version: str | None = None,
    inside: str = "",
    resource: str = "",
) -> str:
    """A manifest with so many activities; `inside` goes into each item, `resource` into the attributes of its resource."""
    spaces, told, kind = _NAMESPACES[standard]
    rows = "".join(
        f'<item identifier="i{n}" identifierref="r{n}"><title>Parte {n}</title>{inside}</item>' for n in range(items)
    )
    resources = "".join(
        f'<resource identifier="r{n}" type="webcontent" adlcp:{kind}="sco" href="{href}"{resource}>'
        f'<file href="index.html"/></resource>'
        for n in range(items)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<manifest identifier="m" {spaces}>'
        f"<metadata><schema>ADL SCORM</schema><schemaversion>{version or told}</schemaversion></metadata>"
        f'<organizations default="o"><organization identifier="o"><title>Minigolf</title>{rows}</organization>'
        f"</organizations>"
        f"<resources>{resources}</resources></manifest>"
    )


_PAGE = """<!doctype html>
<html lang="es"><head><meta charset="utf-8"><title>Minigolf</title></head>
<body><h1 id="titulo"></h1><p><button id="siguiente">Siguiente</button></p>
<p id="final" hidden><button id="calificar">Calificar</button></p>
<script src="golf.js"></script></body></html>
"""
# Five pages; remembers the page, and at the end reports a score and a status, as authoring tools do.
_GOLF = """
var v12 = %(v12)s, page = 1, begun = Date.now();
function find(name) {
  for (var w = window; w; w = w.parent) { if (w[name]) return w[name]; if (w === w.parent) return null; }
}
var api = find(v12 ? "API" : "API_1484_11");
function get(name) { return v12 ? api.LMSGetValue(name) : api.GetValue(name); }
function set(name, value) { return v12 ? api.LMSSetValue(name, value) : api.SetValue(name, value); }
function commit() { return v12 ? api.LMSCommit("") : api.Commit(""); }
var LOCATION = v12 ? "cmi.core.lesson_location" : "cmi.location";
v12 ? api.LMSInitialize("") : api.Initialize("");
page = parseInt(get(LOCATION), 10) || 1;
if (v12 && get("cmi.core.lesson_status") === "not attempted") set("cmi.core.lesson_status", "incomplete");
if (!v12 && get("cmi.completion_status") === "unknown") set("cmi.completion_status", "incomplete");
function show() {
  document.getElementById("titulo").textContent = "Hoyo " + page + " de 5";
  document.getElementById("final").hidden = page < 5;
  document.getElementById("siguiente").hidden = page >= 5;
  set(LOCATION, String(page));
  set("cmi.suspend_data", "hoyos=" + page);
  commit();
}
function end() {
  var seconds = Math.max(1, Math.round((Date.now() - begun) / 1000));
  var two = function (n) { return (n < 10 ? "0" : "") + n; };
  if (v12) set("cmi.core.session_time", "00:" + two(Math.floor(seconds / 60)) + ":" + two(seconds %% 60));
  else set("cmi.session_time", "PT" + seconds + "S");
}
document.getElementById("siguiente").onclick = function () { page += 1; show(); };
document.getElementById("calificar").onclick = function () {
  if (v12) { set("cmi.core.score.raw", "85"); set("cmi.core.score.max", "100"); set("cmi.core.lesson_status", "passed"); }
  else {
    set("cmi.score.raw", "85"); set("cmi.score.max", "100"); set("cmi.score.scaled", "0.85");
    set("cmi.completion_status", "completed"); set("cmi.success_status", "passed");
  }
  end();
  commit();
  document.getElementById("titulo").textContent = "Calificado";
};
window.addEventListener("pagehide", function () {
  end();
  if (v12) { set("cmi.core.exit", "suspend"); api.LMSFinish(""); } else { set("cmi.exit", "suspend"); api.Terminate(""); }
});
show();
"""


def golf_files(standard: str = "scorm12") -> dict[str, Content]:
    """The files of a package of five pages that can be left and come back to."""
    return {
        "imsmanifest.xml": manifest(standard),
        "index.html": _PAGE,
        "golf.js": _GOLF % {"v12": "true" if standard == "scorm12" else "false"},
    }


def golf(standard: str = "scorm12") -> bytes:
    return zipped(golf_files(standard))


def h5p_files() -> dict[str, Content]:
    """A content type of our own with one button, which reports that it was completed."""
    dependency = {"machineName": "H5P.AulaBoton", "majorVersion": 1, "minorVersion": 0}
    about: dict[str, Any] = {
        "title": "Un botón",
        "language": "es",
        "mainLibrary": "H5P.AulaBoton",
        "embedTypes": ["div"],
        "license": "U",
        "preloadedDependencies": [dependency],
    }
    library = {
        **dependency,
        "title": "Botón",
        "patchVersion": 0,
        "runnable": 1,
        "preloadedJs": [{"path": "boton.js"}],
    }
    script = """
H5P.AulaBoton = (function ($, EventDispatcher) {
  function Boton(params, id) {
    EventDispatcher.call(this);
    var self = this;
    self.contentId = id;
    self.attach = function ($container) {
      var button = document.createElement("button");
      button.id = "hecho";
      button.textContent = params.texto;
      button.onclick = function () {
        var event = self.createXAPIEventTemplate("completed");
        event.setScoredResult(8, 10, self, true, true);
        self.trigger(event);
      };
      $container.append(button);
    };
  }
  Boton.prototype = Object.create(EventDispatcher.prototype);
  Boton.prototype.constructor = Boton;
  return Boton;
})(H5P.jQuery, H5P.EventDispatcher);
"""
    return {
        "h5p.json": json.dumps(about),
        "content/content.json": json.dumps({"texto": "Terminé"}),
        "H5P.AulaBoton-1.0/library.json": json.dumps(library),
        "H5P.AulaBoton-1.0/boton.js": script,
    }


def h5p() -> bytes:
    return zipped(h5p_files())


def with_file(name: str, content: Content = "x") -> bytes:
    """The golf package and one file more."""
    return zipped({**golf_files(), name: content})


def with_kind(kind: int) -> bytes:
    """The golf package and an entry that is no file: a link, a device."""
    target = BytesIO(golf())
    with zipfile.ZipFile(target, "a") as archive:
        entry = zipfile.ZipInfo("enlace")
        entry.create_system = 3
        entry.external_attr = (kind | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    return target.getvalue()


def link() -> bytes:
    return with_kind(stat.S_IFLNK)


def device() -> bytes:
    return with_kind(stat.S_IFCHR)


def changed_entry(at: int, value: int, size: int = 2, name: str = "index.html") -> bytes:
    """The golf package with a field of the index entry of a file overwritten (offsets as in the ZIP specification)."""
    data = bytearray(golf())
    place = data.find(b"PK\x01\x02")
    while data[place + 46 : place + 46 + len(name)] != name.encode():
        place = data.find(b"PK\x01\x02", place + 1)
    struct.pack_into("<H" if size == 2 else "<I", data, place + at, value)
    return bytes(data)


def twice(name: str, again: str) -> bytes:
    """Two entries whose names are the same to a file system."""
    target = BytesIO(golf())
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(name, "a")
        archive.writestr(zipfile.ZipInfo(again), "b")
    return target.getvalue()
