"""The package that dropped files give. Nothing is dropped in silence: each file is used, or told with the reason.

What only the trainer knows (what one learns, for whom, about what) is left out of `course.yaml`, so that the checker names it
as missing and the sheet asks for it. A folder that is a package already is taken as it is.
"""

from __future__ import annotations

import configparser
import math
import plistlib
import posixpath
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from webapp.coursepack.files import LARGEST_FILE, LARGEST_LESSON, largest_of
from webapp.coursepack.intake import names
from webapp.coursepack.intake.convert import Converted, convert, escape, seconds_of
from webapp.coursepack.intake.guard import Dropped, Refused, is_litter
from webapp.coursepack.intake.pictures import cleaned
from webapp.coursepack.intake.questions import is_bank, read_bank
from webapp.coursepack.interactive import H5P_FILE, SCORM_FILE, Found, examine
from webapp.coursepack.model import Norm
from webapp.formats.model import Unreadable

Content = bytes | Path
WORDS_PER_MINUTE = 180
MOST_MINUTES = 240
PAGE_MINUTES = 2
UNKNOWN_VIDEO_MINUTES = 5
PACKAGE_MINUTES = 10
MOST_EXAM = 10
EXAM_QUESTION_MINUTES = 1.5
_TEXTS = {".md", ".markdown", ".txt"}
_DOCUMENTS = {".pdf", ".pptx", ".docx"}
_PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".svg"}
_EXTRAS = {".xlsx", ".csv"}
_COVER = re.compile(r"(?:portada|cover|car[aá]tula)\b.*", re.IGNORECASE)
_CHECK = re.compile(r"repaso", re.IGNORECASE)
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"\A\s*#\s+(.+?)\s*#*\s*$", re.MULTILINE)
_IMAGE = re.compile(r"!\[([^\]]*)\]\(<?([^)\s>]+)>?((?:\s+\"[^\"]*\")?)\)")
_TOPICS = {
    "datos-personales": r"datos? personal|privacidad|arco\b",
    "transparencia": r"transparencia|acceso a la informaci|sipot",
    "archivos": r"archiv[oí]",
    "gobierno-abierto": r"gobierno abierto|datos abiertos",
    "integridad": r"integridad|[ée]tica|conflicto de inter|corrupci",
    "genero": r"g[ée]nero|igualdad",
}
COVER = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180">
  <rect width="320" height="180" fill="#f6efe2"/>
  <circle cx="236" cy="84" r="30" fill="#b5622c"/>
  <path d="M0 118 C60 92 120 126 178 104 S276 96 320 112 V180 H0 Z" fill="#0f4c5c"/>
  <path d="M0 148 C70 128 130 158 200 140 S290 136 320 146 V180 H0 Z" fill="#1c6b7d"/>
</svg>
"""
COVER_ALT = "Un sol bajo sobre el mar y unas lomas"


@dataclass(frozen=True)
class Remark:
    """What was done with a dropped file that its owner should know. `target` is the file of the package, "" for none."""

    code: str
    source: str
    message: str
    target: str = ""


@dataclass
class Proposal:
    """A package in the making: files by path, and the remarks."""

    slug: str
    title: str
    files: dict[str, Content] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)


@dataclass
class _Step:
    kind: str
    key: str
    order: Any
    module: str  # the folder it came from, "" for the first level
    minutes: int = 1


def propose(
    dropped: Iterable[Dropped], norms: Mapping[str, Norm], today: date, author: str, name: str = ""
) -> Proposal:
    """Make a package of files that `guard.examine` has let in. `name` is what the ZIP was called, if there was one.

    Raises Refused where a document, a picture or a package cannot be read.
    """
    files = [one for one in dropped if not is_litter(one.path)]
    top, files = _without_top(files)
    if any(one.path == "course.yaml" for one in files):
        proposal, called = _as_it_is(files, top or names.stem(name)), {}
    else:
        proposer = _Proposer(files, top or names.stem(name), norms, today, author)
        proposal, called = proposer.propose(), {asset: path for path, asset in proposer.assets.items()}
    proposal.files.update(cleaned(proposal.files, called))
    return proposal


def _without_top(files: list[Dropped]) -> tuple[str, list[Dropped]]:
    """Take off the one folder that holds everything, and say how it is called."""
    tops = {one.path.partition("/")[0] for one in files}
    if len(tops) == 1 and all("/" in one.path for one in files):
        return tops.pop(), [Dropped(one.path.partition("/")[2], one.file) for one in files]
    return "", files


def _as_it_is(files: list[Dropped], top: str) -> Proposal:
    proposal = Proposal(names.slug_of(top), top)
    for one in files:
        if re.fullmatch(r"[a-z0-9._/-]+", one.path) and one.file.stat().st_size <= largest_of(one.path):
            proposal.files[one.path] = one.file
        else:
            proposal.remarks.append(
                Remark("not_taken", one.path, "su nombre o su tamaño no caben en un curso; se dejó fuera.")
            )
    try:
        sheet = yaml.safe_load(proposal.files["course.yaml"].read_bytes())  # type: ignore[union-attr]
        proposal.title = str(sheet["title"])[:200]
    except (KeyError, TypeError, ValueError, yaml.YAMLError):
        proposal.title = names.title_of(top)
    return proposal


class _Proposer:
    """One folder. Methods follow the order of the work."""

    def __init__(self, files: list[Dropped], top: str, norms: Mapping[str, Norm], today: date, author: str) -> None:
        self.norms, self.today, self.author = norms, today, author
        title = names.title_of(top) if top else ""
        self.proposal = Proposal("", title)
        self.left = {one.path: one for one in sorted(files, key=lambda one: _path_order(one.path))}
        self.steps: list[_Step] = []
        self.taken: set[str] = {"material", "diagnostico", "examen-final"}
        self.assets: dict[str, str] = {}  # dropped path → asset path
        self.extras: list[tuple[str, str]] = []  # title and address
        self.banks: list[tuple[str, Any]] = []
        self.said: list[str] = []  # what the texts say, for guessing the topic and the laws

    def propose(self) -> Proposal:
        self._take_labs()
        self._take_cover()
        for path, one in list(self.left.items()):
            if path in self.left:
                self._take(path, one)
        self._add_extras()
        self._write_course()
        return self.proposal

    def _remark(self, code: str, source: str, message: str, target: str = "") -> None:
        self.proposal.remarks.append(Remark(code, source, message, target))

    # -- what is what -------------------------------------------------------------------------------------------------

    def _take_labs(self) -> None:
        for path, one in list(self.left.items()):
            if PurePosixPath(path).name == "lab.yaml" and "/" in path:
                folder = posixpath.dirname(path)
                own = folder.rpartition("/")[2]
                key = names.slug_of(names.title_of(own), self.taken, "practica")
                data = one.file.read_bytes()
                self.proposal.files[f"labs/{key}/lab.yaml"] = data
                module = posixpath.dirname(folder)
                self._add_step("lab", key, f"{folder}/", _minutes_in(data), module)
                del self.left[path]

    def _take_cover(self) -> None:
        for path in self.left:
            suffix = PurePosixPath(path).suffix.lower()
            if suffix in _PICTURES and _COVER.fullmatch(names.stem(path)):
                self.cover = self._asset(path)
                del self.left[path]
                message = "será la portada; di en la ficha qué se ve en ella."
                self._remark("cover_without_alt", path, message, "course.yaml")
                return
        self.cover = "assets/portada.svg"
        self.proposal.files[self.cover] = COVER.encode()

    def _take(self, path: str, one: Dropped) -> None:
        suffix = PurePosixPath(path).suffix.lower()
        with one.file.open("rb") as file:
            head = file.read(20_000)
        if is_bank(path, head):
            self._take_bank(path, one)
        elif suffix in (".url", ".webloc") or PurePosixPath(path).name.lower() in (
            "links.txt",
            "ligas.txt",
            "enlaces.txt",
        ):
            self._take_links(path, one)
        elif suffix in _TEXTS:
            self._take_text(path, one)
        elif suffix in _DOCUMENTS:
            self._take_document(path, one, suffix)
        elif suffix == ".mp4":
            self._take_video(path, one)
        elif suffix in (".zip", ".h5p"):
            self._take_package(path, one)
        elif suffix in _PICTURES:
            self._take_picture(path)
        elif suffix in _EXTRAS and one.file.stat().st_size <= LARGEST_FILE:
            self.extras.append((names.title_of(names.stem(path)), self._asset(path)))
        elif suffix == ".vtt":
            if path not in self.assets:
                self._remark(
                    "captions_without_video", path, "son subtítulos sin su video; ponles el nombre del video .mp4."
                )
        else:
            self._remark("not_understood", path, "no es de un tipo que se publique; se dejó fuera del curso.")

    # -- lessons ------------------------------------------------------------------------------------------------------

    def _take_text(self, path: str, one: Dropped) -> None:
        data = one.file.read_bytes()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        head: dict[str, Any] = {}
        front = _FRONT.match(text)
        if front:
            try:
                loaded = yaml.safe_load(front[1])
                head = loaded if isinstance(loaded, dict) else {}
                text = text[front.end() :]
            except yaml.YAMLError:
                head = {}
        heading = _HEADING.match(text)
        title = str(head.get("title") or (heading[1] if heading else names.title_of(names.stem(path))))
        if heading:
            text = text[heading.end() :]
        text = _IMAGE.sub(lambda found: self._image_in_text(found, path), text).strip()
        self._add_lesson(path, title, text, len(text.split()), head=head)

    def _image_in_text(self, found: re.Match[str], path: str) -> str:
        alt, source, rest = found[1], found[2], found[3]
        if "://" in source:
            return found[0]
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), source))
        match = next((one for one in (target, source) if one in self.left or one in self.assets), None)
        if match is None:
            self._remark("missing_picture", path, f"usa la imagen «{source[:80]}», que no venía en la carpeta.")
            return f"*{escape(alt or source)}*"
        return f"![{alt}]({self._asset(match)}{rest})"

    def _take_document(self, path: str, one: Dropped, suffix: str) -> None:
        found = convert(one.file, suffix, path)
        title = names.title_of(names.stem(path))
        if suffix == ".pdf":
            self._add_pdf(path, one, title, found)
            return
        key = names.slug_of(title, self.taken, "leccion")
        text = found.markdown
        for name, blob in found.pictures.items():
            asset = f"assets/{key}-{name}"
            if len(blob) > LARGEST_FILE:
                self._remark("picture_too_large", path, "una de sus imágenes pasa de 5 MB y se dejó fuera.")
                text = re.sub(rf"!\[[^\]]*\]\(media/{re.escape(name)}\)", "", text)
                continue
            self.proposal.files[asset] = blob
            text = text.replace(f"(media/{name})", f"({asset})")
        for unread in dict.fromkeys(found.unread):
            self._remark(
                "left_out", path, f"se dejó fuera {unread}; agrégalo aparte si hace falta.", f"lessons/{key}.md"
            )
        if found.without_alt:
            count = found.without_alt
            said = "una imagen no dice" if count == 1 else f"{count} imágenes no dicen"
            self._remark(
                "picture_without_alt", path, f"{said} qué se ve; escríbelo en la lección.", f"lessons/{key}.md"
            )
        if not text.strip():
            self._remark("no_text", path, "no tiene texto que se pueda leer; expórtalo a PDF.")
            return
        minutes = max(found.pages if suffix == ".pptx" else 0, _reading(found.words))
        self._add_lesson(path, title, text, found.words, minutes=minutes)

    def _add_pdf(self, path: str, one: Dropped, title: str, found: Converted) -> None:
        if one.file.stat().st_size > LARGEST_FILE:
            self._remark("too_large_to_publish", path, "pasa de 5 MB; redúcelo para publicarlo. Se dejó fuera.")
            return
        asset = self._asset(path)
        pages = "1 página" if found.pages == 1 else f"{found.pages} páginas"
        minutes = _reading(found.words) if found.words else min(MOST_MINUTES, found.pages * PAGE_MINUTES)
        text = f"Abre el documento, léelo y vuelve para continuar.\n\n[{escape(title)} (PDF, {pages})]({asset})"
        key = self._add_lesson(
            path, title, text, 0, minutes=minutes, summary=f"Lees un documento de {pages}: {title}."[:400]
        )
        if not found.words:
            message = "está escaneado, sin texto que se busque o se escuche. Pásalo por un reconocedor de texto (OCR)."
            self._remark("scanned_pdf", path, message, f"lessons/{key}.md")

    def _take_video(self, path: str, one: Dropped) -> None:
        title = names.title_of(names.stem(path))
        asset = self._asset(path)
        captions = next(
            (
                other
                for other in self.left
                if other.lower().endswith(".vtt")
                and posixpath.dirname(other) == posixpath.dirname(path)
                and names.stem(other).casefold().startswith(names.stem(path).casefold())
            ),
            None,
        )
        seconds = seconds_of(one.file)
        minutes = math.ceil(seconds / 60) if seconds else UNKNOWN_VIDEO_MINUTES
        picture = f"![{escape(title)}]({asset}"
        picture += f' "{self._asset(captions)}")' if captions else ")"
        key = self._add_lesson(path, title, picture, 0, minutes=minutes, summary=f"Ves un video: {title}."[:400])
        if not captions:
            message = "no tiene subtítulos; agrega un archivo .vtt con el mismo nombre."
            self._remark("video_without_captions", path, message, f"lessons/{key}.md")

    def _add_lesson(
        self,
        path: str,
        title: str,
        text: str,
        words: int,
        *,
        minutes: int = 0,
        summary: str = "",
        head: Mapping[str, Any] | None = None,
    ) -> str:
        """Write a lesson, or several where it is too long for one; returns the key of the first."""
        known = head or {}
        if not text.strip():
            self._remark("no_text", path, "no tiene texto; se dejó fuera.")
            return ""
        self.said += [title, text[:20_000]]
        parts = _parts(text)
        first = ""
        for number, part in enumerate(parts, 1):
            shown = title if len(parts) == 1 else f"{title} (parte {number} de {len(parts)})"
            share = max(1, round((minutes or _reading(words)) / len(parts)))
            given = known.get("minutes")
            sheet: dict[str, Any] = {
                "title": shown[:200],
                "minutes": min(MOST_MINUTES, given if isinstance(given, int) and given > 0 else share),
                "summary": str(known.get("summary") or summary or _summary(part, shown))[:400],
            }
            key = names.slug_of(shown if number > 1 else title, self.taken, "leccion")
            first = first or key
            self.proposal.files[f"lessons/{key}.md"] = f"---\n{_dump(sheet)}---\n\n{part}\n".encode()
            self._add_step("lesson", key, path, sheet["minutes"], posixpath.dirname(path))
        return first

    def _add_step(self, kind: str, key: str, path: str, minutes: int, module: str) -> None:
        self.taken.add(key)
        self.steps.append(_Step(kind, key, _path_order(path), module.partition("/")[0], minutes))

    # -- everything else ----------------------------------------------------------------------------------------------

    def _asset(self, path: str) -> str:
        """The asset that a dropped file becomes."""
        if path not in self.assets:
            suffix = PurePosixPath(path).suffix.lower()
            taken = {PurePosixPath(asset).stem for asset in self.proposal.files if asset.endswith(suffix)}
            key = names.slug_of(names.title_of(names.stem(path)), taken, "material")
            self.assets[path] = f"assets/{key}{suffix}"
            self.proposal.files[self.assets[path]] = self.left[path].file
        return self.assets[path]

    def _take_picture(self, path: str) -> None:
        if path not in self.assets and path in self.left:
            self._asset(path)
            message = "quedó entre los materiales, sin lección que la muestre; úsala en una o quítala."
            self._remark("loose_picture", path, message, self.assets[path])

    def _take_links(self, path: str, one: Dropped) -> None:
        data = one.file.read_bytes()
        found = _links(path, data)
        self.extras += [link for link in found if link[1].startswith("https://")]
        insecure = [address for _, address in found if not address.startswith("https://")]
        if insecure:
            self._remark("insecure_link", path, f"el enlace {insecure[0][:80]} no es https; se dejó fuera.")
        if not found:
            self._remark("no_links", path, "no trae ningún enlace que se entienda; se dejó fuera.")

    def _add_extras(self) -> None:
        if self.extras:
            links = "\n".join(f"- [{escape(title)}]({address})" for title, address in self.extras)
            text = f"Para consultar y descargar:\n\n{links}"
            path = "~materiales"  # after everything else
            self._add_lesson(
                path, "Materiales de apoyo", text, len(text.split()), summary="Encuentras lo que acompaña al curso."
            )

    def _take_package(self, path: str, one: Dropped) -> None:
        kind = "H5P" if path.lower().endswith(".h5p") else _package_kind(one.file)
        if kind is None and not zipfile.is_zipfile(one.file):
            raise Refused("damaged_zip", path, "está incompleto o no es un ZIP. Expórtalo de nuevo.")
        if kind is None:
            self._remark("zip_inside", path, "es un ZIP dentro de la carpeta; descomprímelo y suelta lo que trae.")
            return
        title = names.title_of(names.stem(path))
        name = H5P_FILE if kind == "H5P" else SCORM_FILE
        found = _inspected(one.file, path, name)
        key = names.slug_of(title, self.taken, "paquete")
        sheet = {
            "title": title,
            "minutes": PACKAGE_MINUTES,
            "summary": f"Recorres el material interactivo «{title}».",
            # Many packages never say that they were passed; those that ask for a mark do.
            "counts": "completion" if found.mastery is None else "passed",
        }
        self.proposal.files[f"packages/{key}/package.yaml"] = _dump(sheet).encode()
        self.proposal.files[f"packages/{key}/{name}"] = one.file
        self._remark("package_minutes", path, f"se estimó en {PACKAGE_MINUTES} minutos; corrígelo si es otra cosa.")
        if found.sequencing:
            self._remark("package_sequencing", path, "trae reglas de secuencia, que aquí no se aplican; pruébalo.")
        self._add_step("package", key, path, PACKAGE_MINUTES, posixpath.dirname(path))

    def _take_bank(self, path: str, one: Dropped) -> None:
        title = names.title_of(names.stem(path))
        bank = read_bank(one.file.read_bytes(), path, title, self.norms)
        if bank.refusal:
            self._remark("bank_not_read", path, bank.refusal)
            return
        for note in bank.notes:
            self._remark("bank_changed", path, note)
        self.proposal.files.update(bank.assets)
        try:
            loaded = yaml.safe_load(bank.text)
        except yaml.YAMLError:
            loaded = None
        if not isinstance(loaded, dict) or not isinstance(loaded.get("questions"), list):
            self._remark("bank_not_read", path, "su YAML no se entiende; revísalo con el ejemplo de los cursos.")
            return
        loaded.setdefault("title", title)
        loaded.setdefault("minutes", max(1, round(len(loaded["questions"]) * EXAM_QUESTION_MINUTES)))
        if _CHECK.search(names.stem(path)):
            key = names.slug_of(title, self.taken, "repaso")
            self.proposal.files[f"quizzes/{key}.yaml"] = _dump(loaded).encode()
            self._add_step("check", key, path, _whole(loaded["minutes"]), posixpath.dirname(path))
        else:
            self.banks.append((path, loaded))

    # -- the sheet ----------------------------------------------------------------------------------------------------

    def _write_course(self) -> None:
        modules = self._modules()
        minutes = sum(step.minutes for step in self.steps)
        lessons = {step.key for step in self.steps if step.kind == "lesson"}
        exam = self._exam(lessons)
        if exam:
            minutes += exam["exam"]["minutes"]
        title = self.proposal.title or (names.title_of(self.steps[0].key) if self.steps else "Curso nuevo")
        said = " ".join((title, *self.said))
        sheet: dict[str, Any] = {"title": title[:200], "short_title": _short(title)}
        topics = [topic for topic, words in _TOPICS.items() if re.search(words, said, re.IGNORECASE)]
        if len(topics) == 1:
            sheet["topic"] = topics[0]
        sheet |= {"hours": _hours(minutes), "language": "es-MX", "licence": "CC-BY-4.0", "authors": [self.author]}
        frame = [
            norm.id
            for norm in self.norms.values()
            if norm.name in said or re.search(rf"\b{re.escape(norm.short)}\b", said)
        ]
        if frame:
            sheet["legal_frame"] = frame[:30]
        sheet |= {"reviewed_on": self.today, "deadline_days": 90, "pass_mark": 80, "attempts": 3}
        cover: dict[str, str] = {"file": self.cover}
        if self.cover == "assets/portada.svg" and self.proposal.files[self.cover] == COVER.encode():
            cover["alt"] = COVER_ALT
        sheet |= {"cover": cover, "modules": modules, **exam}
        self.proposal.title = sheet["title"]
        self.proposal.slug = names.slug_of(title)
        self.proposal.files["course.yaml"] = _dump(sheet).encode()

    def _modules(self) -> list[dict[str, Any]]:
        """One module per folder of the first level; files beside the folders in modules of their own, where they stand."""
        folders = {step.module: names.order_of(step.module) for step in self.steps if step.module}
        self.steps.sort(key=lambda step: (folders.get(step.module, step.order[0]), step.order))
        modules: list[dict[str, Any]] = []
        taken: set[str] = set()
        for folder, group in groupby(self.steps, key=lambda step: step.module):
            title = names.title_of(folder) if folder else (self.proposal.title or "Contenido")
            key = names.slug_of(title, taken, "modulo")
            taken.add(key)
            modules.append({"id": key, "title": title, "steps": [{step.kind: step.key} for step in group]})
        return modules

    def _exam(self, lessons: set[str]) -> dict[str, Any]:
        """The exam and, where the questions allow it, the pre-test, from all banks together."""
        if not self.banks:
            return {}
        questions: list[Any] = []
        ids: set[str] = set()
        for path, bank in self.banks:
            for row in bank["questions"]:
                if isinstance(row, dict):
                    self._fit_question(row, ids, lessons, path)
                    questions.append(row)
        count = min(MOST_EXAM, len(questions) // 2 if len(questions) >= 4 else len(questions))
        if not count:
            return {}
        minutes = max(1, round(count * EXAM_QUESTION_MINUTES))
        whole = {"title": "Banco de preguntas", "minutes": max(1, round(len(questions) * EXAM_QUESTION_MINUTES))}
        self.proposal.files["quizzes/banco.yaml"] = _dump(whole | {"questions": questions}).encode()
        exam = {
            "id": "examen-final",
            "title": "Examen final",
            "bank": "banco",
            "draw": {"count": count},
            "minutes": minutes,
        }
        tagged = {tag for row in questions for tag in row.get("tags") or ()}
        if lessons and tagged == lessons and len(questions) >= count + 2 * len(lessons):
            pretest = {"id": "diagnostico", "title": "Lo que ya sabes", "bank": "banco", "draw": {"per_tag": 1},
                       "minutes": max(1, len(lessons))}  # fmt: skip
            return {"pretest": pretest, "exam": exam}
        return {"exam": exam}

    def _fit_question(self, row: dict[str, Any], ids: set[str], lessons: set[str], path: str) -> None:
        """Give a question an id that no other file uses, and only tags that are lessons of this course."""
        key = str(row.get("id") or "pregunta")
        row["id"] = names.slug_of(key, ids, "pregunta") if key in ids else key
        ids.add(str(row["id"]))
        tags = row.get("tags")
        if isinstance(tags, list):
            fitting = [tag for tag in tags if tag in lessons]
            if len(fitting) < len(tags):
                self._remark(
                    "tags_dropped",
                    path,
                    "traía etiquetas que no son lecciones del curso; se quitaron.",
                    "quizzes/banco.yaml",
                )
            row["tags"] = fitting
            if not fitting:
                del row["tags"]


# -- small readings ---------------------------------------------------------------------------------------------------


def _path_order(path: str) -> Any:
    return tuple(
        names.order_of(part if "/" in path and place < path.count("/") else names.stem(part))
        for place, part in enumerate(path.split("/"))
    )


def _reading(words: int) -> int:
    return max(1, min(MOST_MINUTES, math.ceil(words / WORDS_PER_MINUTE)))


def _summary(text: str, title: str) -> str:
    """The first sentence that a text says."""
    for block in re.split(r"\n\s*\n", text):
        bare = re.sub(r"!\[[^\]]*\]\([^)]*\)|\[@[^\]]*\]", "", block).strip()
        if bare and not bare.startswith(("#", ":::", "|", "-", ">", "[")):
            bare = re.sub(r"[*_`\\]|\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(bare.split()))
            sentence = re.split(r"(?<=[.?!])\s", bare)[0]
            if len(sentence) >= 10:
                return sentence if len(sentence) <= 300 else sentence[:297].rsplit(" ", 1)[0] + "…"
    return f"Estudias: {title}."


def _parts(text: str) -> list[str]:
    """A text in parts that fit into a lesson, cut at headings or else between blocks."""
    most = LARGEST_LESSON - 2_000
    if len(text.encode()) <= most:
        return [text]
    parts, current = [], ""
    for block in re.split(r"\n(?=## )|\n\n", text):
        for piece in (block[place : place + most // 4] for place in range(0, len(block), most // 4)):
            if current and len(current.encode()) + len(piece.encode()) > most:
                parts.append(current)
                current = ""
            current += ("\n\n" if current else "") + piece
    return [*parts, current]


def _links(path: str, data: bytes) -> list[tuple[str, str]]:
    """Titles and addresses of a file of links."""
    title, suffix = names.title_of(names.stem(path)), PurePosixPath(path).suffix.lower()
    text = data.decode("utf-8-sig", "replace")
    if suffix == ".webloc":
        try:
            address = plistlib.loads(data).get("URL", "")
        except Exception:  # whatever a broken property list raises
            return []
        return [(title, str(address))] if address else []
    if suffix == ".url":
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read_string(text)
            return [(title, parser["InternetShortcut"]["URL"])]
        except (configparser.Error, KeyError):
            return []
    found = []
    for line in text.splitlines():
        match = re.search(r"https?://[^\s<>()\"]+", line)
        if match:
            said = (line[: match.start()] + line[match.end() :]).strip(" -–—:|*\t()[]")
            found.append((said or match[0].split("/")[2], match[0]))
    return found


def _inspected(file: Path, path: str, name: str) -> Found:
    """What a package is. Raises Refused for one that this platform cannot show, or will not."""
    try:
        return examine(file, name)
    except Unreadable as error:
        raise Refused(error.code, path, error.message[:1].lower() + error.message[1:]) from error


def _package_kind(file: Path) -> str | None:
    try:
        with zipfile.ZipFile(file) as opened:
            entries = {info.filename for info in opened.infolist()}
    except (zipfile.BadZipFile, OSError, ValueError):
        return None
    if "h5p.json" in entries:
        return "H5P"
    return "SCORM" if any(PurePosixPath(entry).name == "imsmanifest.xml" for entry in entries) else None


def is_package(file: Path) -> bool:
    """Whether a ZIP is SCORM or H5P, not a folder of files."""
    return _package_kind(file) is not None


def _minutes_in(data: bytes) -> int:
    try:
        return _whole(yaml.safe_load(data)["minutes"])
    except (KeyError, TypeError, ValueError, yaml.YAMLError):
        return 1


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and 1 <= value <= MOST_MINUTES else 1


def _hours(minutes: int) -> float:
    hours = max(1, round(minutes / 15)) / 4
    return int(hours) if hours == int(hours) else hours


def _short(title: str) -> str:
    return title if len(title) <= 60 else title[:59].rsplit(" ", 1)[0] + "…"


def _dump(value: Any) -> str:
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=110)
