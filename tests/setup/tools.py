"""Programs that some tests drive or ask for a second opinion: how each is found, and the ways to get it.

Nothing here downloads by itself: it asks the package manager of the system, Playwright or npm. A program that cannot be
had is named loudly; under `CI=true` that is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")


def in_ci() -> bool:
    """Whether what is missing must fail instead of being left out."""
    return os.environ.get("CI", "").lower() in {"1", "true"}


# --- finding ----------------------------------------------------------------------------------------------------


def chromium() -> Path | None:
    """The Chromium to drive: $CHROMIUM, one on the PATH, or the one that Playwright keeps."""
    for name in (os.environ.get("CHROMIUM"), *CHROMIUM_NAMES):
        found = shutil.which(name) if name else None
        if found is not None:
            return Path(found)
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    kept = sorted([*folder.glob("chromium-*/chrome-linux*/chrome"), *folder.glob("chromium-*/**/Chromium")])
    return kept[-1] if kept else None


def program(name: str) -> Path | None:
    """A program on the PATH."""
    found = shutil.which(name)
    return Path(found) if found else None


def judges() -> Path | None:
    """The folder of the judges from npm, when it holds what `package-lock.json` asks for."""
    installed, wanted = ROOT / "node_modules" / ".package-lock.json", ROOT / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < wanted.stat().st_mtime:
        return None
    return ROOT / "node_modules"


# --- getting ----------------------------------------------------------------------------------------------------


def run(*command: str) -> bool:
    """Run a command, shown before it runs; whether it succeeded."""
    print("  $", " ".join(command), flush=True)
    try:
        return subprocess.run(command, cwd=ROOT, check=False).returncode == 0
    except OSError as error:
        print(f"    {error}", file=sys.stderr)
        return False


def as_root(*command: str) -> bool:
    """Run a command as root: directly, or through a sudo that asks nothing."""
    if os.geteuid() == 0:
        return run(*command)
    return shutil.which("sudo") is not None and run("sudo", "-n", *command)


@cache
def _refresh_apt() -> bool:
    return as_root("apt-get", "update", "-qq")


def apt(*packages: str) -> bool:
    """Install Debian packages, where there is apt-get and root."""
    if shutil.which("apt-get") is None or not _refresh_apt():
        return False
    return as_root(
        *("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq", "--no-install-recommends"),
        *packages,
    )


def playwright_browser() -> bool:
    """Let Playwright fetch its own Chromium."""
    return run(sys.executable, "-m", "playwright", "install", "chromium")


def npm_ci() -> bool:
    """Install what the lock file of npm names, without running any script of a package."""
    return program("npm") is not None and run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")


# --- the list ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tool:
    """A need of some tests: what for, how to see whether it is there, and the ways to get it, tried in order."""

    name: str
    purpose: str
    find: Callable[[], Path | None]
    ways: Sequence[Callable[[], bool]]


TOOLS = (
    Tool("chromium", "tests in a browser", chromium, (lambda: apt("chromium"), playwright_browser)),
    Tool(
        "poppler-utils",
        "reading, rendering and checking seals of PDF files",
        lambda: program("pdfsig") and program("pdftotext"),
        (lambda: apt("poppler-utils"),),
    ),
    Tool("node", "the judges of pages", lambda: program("npm") and program("node"), (lambda: apt("nodejs", "npm"),)),
    Tool("judges", "accessibility (axe-core), HTML and speed (Lighthouse) of pages", judges, (npm_ci,)),
)


def obtain(tool: Tool) -> Path | None:
    """Where the tool is; installs it first when it is missing. None when no way led there."""
    found = tool.find()
    for way in tool.ways:
        if found is not None:
            break
        print(f"{tool.name} is missing ({tool.purpose}); installing it", flush=True)
        way()
        found = tool.find()
    return found


def reason_for_missing(name: str) -> str | None:
    """Why a test that needs the tool cannot run; None when it can."""
    tool = next(tool for tool in TOOLS if tool.name == name)
    return None if tool.find() else f"{tool.name} is missing ({tool.purpose}); `make test` tries to install it"
