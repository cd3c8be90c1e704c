"""The package that `courses/README.md` teaches, written to disk so that a test can bend it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from webapp.coursepack.checker import CheckReport, check_folder
from webapp.coursepack.model import Course

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "courses" / "README.md"
SLUG = "pedir-solo-lo-necesario"
COURSE = "course.yaml"
LESSON = "lessons/lo-necesario.md"
CHECK = "quizzes/repaso-necesario.yaml"
BANK = "quizzes/banco.yaml"
COVER = "assets/portada.svg"
NORM = "../_norms/lgpdppso-2025.yaml"
LAB = "labs/reglamento-de-mercados/lab.yaml"
PACKAGE = "packages/minigolf/package.yaml"
SCORM, H5P = "packages/minigolf/content.zip", "packages/minigolf/content.h5p"
FORMAT = "lgtaip-2015-michoacan/2018/i"

_FILE = re.compile(r"^Archivo `(?P<path>.+?)`:\n\n```\w*\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


def files_of_readme() -> dict[str, str]:
    """Return the files that the README shows, by path."""
    return {match["path"]: match["text"] for match in _FILE.finditer(README.read_text(encoding="utf-8"))}


def lab_of_readme() -> str:
    """Return the lab that the README shows."""
    return _shown(LAB)


def package_of_readme() -> str:
    """Return the `package.yaml` that the README shows."""
    return _shown(PACKAGE)


def _shown(path: str) -> str:
    match = re.search(
        rf"^Ejemplo de `{path}`:\n\n```yaml\n(.*?)^```$", README.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    assert match
    return match[1]


class Example:
    """A folder with the package of the README and its norm. Paths are relative to the package."""

    def __init__(self, root: Path) -> None:
        self.folder = root / SLUG
        for path, text in files_of_readme().items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")

    def path(self, name: str) -> Path:
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def write(self, name: str, content: str | bytes) -> None:
        data = content.encode() if isinstance(content, str) else content
        self.path(name).write_bytes(data)

    def read(self, name: str) -> str:
        return self.path(name).read_bytes().decode("utf-8", "replace")

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace the first place where `old` stands; a test that changes nothing is a mistake of the test."""
        text = self.path(name).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        self.write(name, text.replace(old, new, 1))

    def append(self, name: str, text: str) -> None:
        self.write(name, self.path(name).read_text(encoding="utf-8") + text)

    def line(self, name: str, fragment: str, nth: int = 1) -> int:
        """Return the number of the nth line that holds the fragment."""
        lines = [number for number, line in enumerate(self.read(name).split("\n"), 1) if fragment in line]
        assert len(lines) >= nth, f"{fragment!r} is not {nth} times in {name}"
        return lines[nth - 1]

    def add_lab(self) -> None:
        """Put the lab of the README into the course, and the format it practises beside the package."""
        self.write(LAB, lab_of_readme())
        self.edit(
            COURSE,
            "      - check: repaso-necesario",
            "      - lab: reglamento-de-mercados\n      - check: repaso-necesario",
        )
        self.edit(COURSE, "hours: 0.25", "hours: 0.5")
        formats = self.folder.parent / "_formats"
        target = formats / f"{FORMAT}.yaml"
        target.parent.mkdir(parents=True)
        shutil.copy(ROOT / "courses" / "_formats" / "rules.yaml", formats)
        shutil.copy(ROOT / "courses" / "_formats" / f"{FORMAT}.yaml", target)

    def add_package(self, content: bytes, file: str = "content.zip") -> None:
        """Put an interactive package into the course."""
        self.write(PACKAGE, package_of_readme())
        self.write(f"packages/minigolf/{file}", content)
        self.edit(
            COURSE, "      - check: repaso-necesario", "      - package: minigolf\n      - check: repaso-necesario"
        )
        self.edit(COURSE, "hours: 0.25", "hours: 0.5")

    def rename(self, name: str) -> None:
        self.folder = self.folder.rename(self.folder.with_name(name))

    def check(self) -> CheckReport:
        return check_folder(self.folder)

    def course(self) -> Course:
        report = self.check()
        assert report.course is not None, report.errors
        return report.course
