"""Words and places that must not stand in what is committed."""

from __future__ import annotations

import re

import pytest

from tests.architecture.sources import ROOT, committed

# Written in two parts, so that this file does not hold what it looks for.
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "HA" + "CK"]) + r")\b")
AUTHORSHIP = re.compile(
    r"\b(sub" + r"agents?|clau" + r"de|assis" + r"tants?|chat" + r"gpt|co" + r"pilot)\b", re.IGNORECASE
)
PLACES = re.compile(r"(?<![\w.:/])/(?:work|root|farm|home/\w+)/|/tm" + r"p/\w")
KEYS = re.compile(r"-----BEGIN (?:RSA |EC |ENCRYPTED )?PRIVATE " + r"KEY|\bAKIA[0-9A-Z]{16}\b|\bghp_\w{36}")
GENERATED = ("uv.lock", "package-lock.json")

PATTERNS = {
    "something unfinished": UNFINISHED,
    "who wrote it": AUTHORSHIP,
    "a place of one machine": PLACES,
    "a key": KEYS,
}


@pytest.mark.parametrize("what", PATTERNS)
def test_nothing_committed_speaks_of(what: str) -> None:
    found = []
    for path in committed():
        name = path.relative_to(ROOT).as_posix()
        if name in GENERATED or "/vendor/" in name or path.suffix in {".svg", ".png", ".jpg", ".woff2", ".gz"}:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{name}:{text.count(chr(10), 0, match.start()) + 1} {match[0]!r}"
            for match in PATTERNS[what].finditer(text)
        ]
    assert not found


def test_locked_packages_come_from_one_registry_and_carry_their_hashes() -> None:
    lock = (ROOT / "uv.lock").read_text()
    registries = set(re.findall(r'registry = "([^"]+)"', lock))
    assert len(registries) == 1 and registries.pop().startswith("https://")
    files = [line for line in lock.splitlines() if re.search(r"\burl = ", line)]
    assert files and all('hash = "sha256:' in line for line in files)
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()  # npm asks the registry that it is set up for


def test_names_of_files_are_plain() -> None:
    """Lower case, no spaces, no accents: the same on every file system, and in every URL."""
    conventional = {"README.md", "CHANGELOG.md", "LICENSE", "Makefile", "Caddyfile", "LC_MESSAGES"}
    odd = [
        name
        for name in (path.relative_to(ROOT).as_posix() for path in committed())
        if "/vendor/" not in name
        and not all(part in conventional or re.fullmatch(r"[a-z0-9._-]+", part) for part in name.split("/"))
    ]
    assert not odd
