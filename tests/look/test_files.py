"""What the look may weigh, what the content security policy forbids, and where the vendored files come from."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "webapp" / "static"
TEMPLATES = sorted((ROOT / "webapp" / "templates").rglob("*.html"))
KILOBYTE = 1000


def _packed(name: str) -> int:
    return len(gzip.compress((STATIC / name).read_bytes(), 9, mtime=0))


@pytest.mark.parametrize(
    ("name", "kilobytes"),
    [
        ("css/aula.css", 9),
        ("css/laboratorio.css", 2),
        ("css/materiales.css", 1),
        ("css/foro.css", 1),
        ("js/sheet.js", 2),
        ("js/row.js", 1),
        ("js/drop.js", 1),
        ("icons.svg", 8),
        ("vendor/mexico.svg", 17),
        ("img/horizon.svg", 2),
        ("img/horizon-night.svg", 2),
        ("js/menu.js", 1),
        ("js/dialog.js", 1),
        ("js/lesson.js", 2),
        ("js/typeahead.js", 3),
        ("css/material.css", 1),
        ("js/material.js", 1),
        ("css/player.css", 1),
        ("js/player.js", 3),
        ("vendor/scorm-again/scorm12.min.js", 36),
        ("vendor/scorm-again/scorm2004.min.js", 110),
    ],
)
def test_a_file_stays_small_on_a_poor_line(name: str, kilobytes: int) -> None:
    assert _packed(name) <= kilobytes * KILOBYTE


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_has_no_inline_style_or_script_and_trusts_no_markup(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=|<style\b", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"\|\s*safe\b|javascript:", text)
    for attributes, content in re.findall(r"<script\b([^>]*)>(.*?)</script>", text, flags=re.DOTALL):
        assert "src=" in attributes and not content.strip()


def test_own_drawings_hold_only_shapes() -> None:
    for path in (STATIC / "img").glob("*.svg"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<(script|style|foreignObject|image)\b|href=|\sstyle=", text), path


def test_scripts_load_nothing_from_elsewhere_and_write_no_markup() -> None:
    for path in (STATIC / "js").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text), path


def _vendored() -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = json.loads((STATIC / "vendor" / "manifest.json").read_text(encoding="utf-8"))["files"]
    return files


@pytest.mark.parametrize("entry", _vendored(), ids=lambda entry: str(entry["file"]))
def test_a_vendored_file_is_the_one_written_down(entry: dict[str, Any]) -> None:
    content = (STATIC / entry["file"]).read_bytes()
    assert base64.b64encode(hashlib.sha384(content).digest()).decode() == entry["sha384"]
    assert (STATIC / entry["licence_file"]).read_text(encoding="utf-8").strip()
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert package["devDependencies"][entry["package"]] == entry["version"]


def test_the_lock_names_exact_versions_and_nothing_of_one_machine() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    for name, version in package["devDependencies"].items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
        assert lock["packages"][f"node_modules/{name}"]["version"] == version
    for entry in lock["packages"].values():
        assert not entry.get("link")
        assert not str(entry.get("resolved", "https:")).startswith(("file:", "/"))


def test_the_map_has_an_outline_and_a_tile_for_each_of_the_32_states() -> None:
    outlines = set(re.findall(r'id="(MX-[A-Z]{3})"', (STATIC / "vendor" / "mexico.svg").read_text(encoding="utf-8")))
    table = (ROOT / "webapp" / "templates" / "components" / "mexico.html").read_text(encoding="utf-8")
    places = re.findall(r'"(MX-[A-Z]{3})": \{"name": "[^"]+", "column": (\d), "row": (\d)\}', table)
    assert len(outlines) == 32
    assert {iso for iso, _, _ in places} == outlines
    assert len({(column, row) for _, column, row in places}) == 32
