"""The course of five pages, packaged by a tool of others: their manifest, their schemas, their ZIP."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.coursepack.parcels import golf_files
from tests.setup.tools import judges, program

EDITIONS = {"scorm12": "1.2", "scorm2004-3": "2004 3rd Edition", "scorm2004-4": "2004 4th Edition"}
_SCRIPT = """
const pack = require("simple-scorm-packager");
const [source, outputFolder, version] = JSON.parse(process.argv[1]);
pack({
  version, source, organization: "Aula", title: "Minigolf", language: "es", startingPage: "index.html",
  package: { version: "1.0.0", zip: true, outputFolder, name: "minigolf" },
}, () => {});
"""


@cache
def packaged(edition: str) -> bytes:
    """That package in one of `EDITIONS`, made by simple-scorm-packager."""
    node, home = program("node"), judges()
    assert node and home, "Node and the judges are missing; see tests/setup"
    with TemporaryDirectory() as root:
        source, target = Path(root) / "source", Path(root) / "made"
        source.mkdir()
        for name, content in golf_files("scorm12" if edition == "scorm12" else "scorm2004").items():
            if name != "imsmanifest.xml":  # theirs comes instead
                (source / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        told = json.dumps([str(source), str(target), EDITIONS[edition]])
        subprocess.run([str(node), "-e", _SCRIPT, told], cwd=Path(home).parent, check=True, capture_output=True)
        [made] = target.glob("*.zip")
        return made.read_bytes()
