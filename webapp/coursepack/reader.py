"""From a folder to a course: reads everything, reports everything that is wrong at once, and compiles what is whole.

All or nothing: a package with one error gives no course. What is doubtful but harmless is a warning, found here when it
falls out of the reading and in `checker` when it takes a judgement.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from webapp.coursepack import files
from webapp.coursepack.drawing import TooFewQuestions, bank_tags, draw
from webapp.coursepack.interactive import H5P_FILE, SCORM_FILE, examine
from webapp.coursepack.labs import Proof, compile_lab
from webapp.coursepack.markdown import Context, Lesson, compile_lesson
from webapp.coursepack.model import (
    Bank,
    Course,
    Draw,
    Interactive,
    Lab,
    Module,
    Norm,
    Problem,
    Question,
    Step,
    StepKind,
)
from webapp.coursepack.problems import Report
from webapp.coursepack.questions import compile_question
from webapp.coursepack.schema import COURSE, KEY, KEY_SAYS, LAB, LESSON, PACKAGE, QUIZ
from webapp.coursepack.shape import Read, Shape
from webapp.coursepack.yamltext import parse
from webapp.formats.model import Unreadable

# A step of this key would hide an address of the platform: /cursos/<slug>/material/… serves the assets.
RESERVED_KEYS = frozenset({"material"})


_SLUG_LONGEST = 120
_PLACES = {
    "lesson": "lessons/{}.md",
    "check": "quizzes/{}.yaml",
    "lab": "labs/{}/lab.yaml",
    "package": "packages/{}/package.yaml",
}
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<yaml>.*?)^---[ \t]*$\n?", re.DOTALL | re.MULTILINE)


@dataclass
class Reading:
    """What reading a package gave: the course when it is whole, the problems, and what `checker` judges further."""

    course: Course | None
    problems: list[Problem]
    lessons: dict[str, Lesson] = field(default_factory=dict)
    lines: dict[tuple[str, str], int] = field(default_factory=dict)  # (bank, question) → line
    used_assets: frozenset[str] = frozenset()
    cited: dict[str, tuple[str, int]] = field(default_factory=dict)  # norm → file and line of its first citation


def read_package(folder: Path, norms: Mapping[str, Norm]) -> tuple[Course | None, list[Problem]]:
    """Read a package folder. Returns the course, None if there is any error, and all problems by file and line.

    Labs are proved with the formats that lie in `_formats` beside the folder.
    """
    reading = read(folder, norms)
    return reading.course, reading.problems


def read(folder: Path, norms: Mapping[str, Norm]) -> Reading:
    """Read a package folder and keep what the checker needs besides the course."""
    report = Report()
    if not re.fullmatch(KEY, folder.name) or len(folder.name) > _SLUG_LONGEST:
        report.add("bad_slug", f"La carpeta «{folder.name}» da la dirección del curso: {KEY_SAYS}.")
    package = files.scan(folder, report)
    return _Reader(folder.name, package, norms, Proof(folder.parent / "_formats"), report).read()


class _Reader:
    """Reads one package. Methods follow the order of the work; each reports into the file it looks at."""

    def __init__(
        self, slug: str, package: files.Package, norms: Mapping[str, Norm], proof: Proof, report: Report
    ) -> None:
        self.slug = slug
        self.package = package
        self.norms = norms
        self.proof = proof
        self.report = report
        self.own = report.inside("course.yaml")
        self.lessons: dict[str, Lesson] = {}
        self.banks: dict[str, Bank] = {}
        self.bank_files: dict[str, Read] = {}
        self.labs: dict[str, Lab] = {}
        self.lab_files: dict[str, Read] = {}
        self.packages: dict[str, Interactive] = {}
        self.package_files: dict[str, Read] = {}
        self.steps: dict[str, Step] = {}
        self.lines: dict[tuple[str, str], int] = {}

    def read(self) -> Reading:
        course = self._read_course_file()
        if course is None:
            return Reading(None, self.report.in_order())
        wanted = self._step_names(course)
        self.context = Context(self.norms, self.package.assets, frozenset(wanted["lesson"]))
        self._read_quizzes()
        self._read_labs()
        self._read_packages()
        self._report_unused(course, wanted)
        modules = self._read_modules(course)
        pretest = self._read_quiz_step(course, "pretest")
        exam = self._read_quiz_step(course, "exam")
        self._read_leftovers(wanted)
        self._check_tags(course, wanted["lesson"])
        cover = self._read_cover(course)
        self._check_frame(course)
        used = frozenset(self.context.used_assets)
        cited: dict[str, tuple[str, int]] = {}
        for citation, place in self.context.cited.items():
            cited.setdefault(citation.norm, place)
        whole = None
        if not self.report.has_errors:
            whole = self._build(course, modules, pretest, exam, cover)
        return Reading(whole, self.report.in_order(), self.lessons, self.lines, used, cited)

    # -- files --------------------------------------------------------------------------------------------------------

    def _read_yaml(self, path: str, shape: Shape) -> Read | None:
        own = self.report.inside(path)
        root = parse(self.package.texts[path], own)
        return shape.read(root, own, path) if root is not None else None

    def _read_course_file(self) -> Read | None:
        if "course.yaml" not in self.package.texts:
            if not any(problem.file == "course.yaml" for problem in self.report.in_order()):
                self.own.add("missing_file", "Falta course.yaml, la ficha del curso; créalo en la carpeta del curso.")
            return None
        return self._read_yaml("course.yaml", COURSE)

    def _step_names(self, course: Read) -> dict[str, set[str]]:
        """Return the file names that the modules name, by kind of step.

        When a step could not be read, every lesson of the package counts: one slip is not reported as many.
        """
        names: dict[str, set[str]] = {"lesson": set(), "check": set(), "lab": set(), "package": set()}
        steps = [step for module in course.items("modules") for step in module.items("steps")]
        for step in steps:
            for kind, found in step.value.items():
                names[kind].add(found.value)
        if not steps or not all(step.value for step in steps):
            names["lesson"] |= {Path(path).stem for path in self.package.texts if path.startswith("lessons/")}
        return names

    def _read_quizzes(self) -> None:
        for path in sorted(self.package.texts):
            if not path.startswith("quizzes/"):
                continue
            found = self._read_yaml(path, QUIZ)
            if found is not None:
                name = path.removeprefix("quizzes/").removesuffix(".yaml")
                self.bank_files[name] = found
                self.banks[name] = self._read_bank(name, found, self.report.inside(path))

    def _read_labs(self) -> None:
        for path in sorted(self.package.texts):
            if not path.startswith("labs/"):
                continue
            found = self._read_yaml(path, LAB)
            if found is not None:
                name, own = path.split("/")[1], self.report.inside(path)
                lab = compile_lab(name, found, self.context, own)
                self.lab_files[name], self.labs[name] = found, lab
                self.proof.prove(lab, found, own)

    def _read_packages(self) -> None:
        for path in sorted(self.package.texts):
            if not path.startswith("packages/"):
                continue
            found = self._read_yaml(path, PACKAGE)
            if found is not None:
                name = path.split("/")[1]
                self.package_files[name] = found
                self._read_archive(name, found)

    def _read_archive(self, name: str, read: Read) -> None:
        """Look through the content of a package; what is refused is told under the name of its file."""
        folder = f"packages/{name}"
        paths = [f"{folder}/{file}" for file in (SCORM_FILE, H5P_FILE)]
        given = [self.package.archives[path] for path in paths if path in self.package.archives]
        if len(given) != 1:
            if not any(problem.file in paths for problem in self.report.in_order()):
                message = f"En {folder}/ va un solo archivo: {SCORM_FILE} (SCORM) o {H5P_FILE} (H5P)."
                self.report.inside(f"{folder}/package.yaml").add("package_content", message)
            return
        archive, own = given[0], self.report.inside(given[0].path)
        try:
            found = examine(archive.place, archive.path.rpartition("/")[2])
        except Unreadable as error:
            own.add(error.code, error.message)
            return
        if found.sequencing:
            message = "El manifiesto trae reglas de secuencia, que aquí no se aplican; revisa que sirva sin ellas."
            own.add("sequencing_ignored", message)
        self.packages[name] = Interactive(
            id=name,
            standard=found.standard,
            counts=read.of("counts", "completion"),
            archive=archive.path,
            sha256=archive.sha256,
            size=archive.size,
            launch=found.launch,
            mastery=found.mastery,
            launch_data=found.launch_data,
        )

    def _read_bank(self, name: str, found: Read, report: Report) -> Bank:
        questions: dict[str, Question] = {}
        for row in found.items("questions"):
            question = compile_question(row, self.context, report)
            key = row.text("id")
            if key and (name, key) in self.lines:
                message = f"El id «{key}» ya es de otra pregunta de este archivo; dale otro."
                report.add("duplicate_question", message, row.line_of("id"))
            if key:
                self.lines.setdefault((name, key), row.line)
            if question is not None:
                questions.setdefault(question.id, question)
        return Bank(name, found.text("title"), tuple(questions.values()))

    def _read_lesson(self, key: str, module: str) -> None:
        path = f"lessons/{key}.md"
        own = self.report.inside(path)
        text = self.package.texts[path]
        match = _FRONT_MATTER.match(text)
        if match is None:
            message = "La lección empieza con su ficha entre dos líneas ---: title, minutes y summary."
            own.add("front_matter", message, 1)
            head, body, first_line = None, text, 1
        else:
            root = parse(match["yaml"], own, first_line=2)
            head = LESSON.read(root, own, "ficha") if root is not None else None
            body, first_line = text[match.end() :], text.count("\n", 0, match.end()) + 1
        if not body.strip():
            own.add("empty_file", "La lección no tiene texto después de su ficha; escríbelo.", first_line)
        lesson = compile_lesson(body, self.context, own, first_line)
        self.lessons[key] = lesson
        if head is not None:
            self._add_step(
                Step(
                    key,
                    "lesson",
                    head.text("title"),
                    head.of("minutes", 1),
                    module,
                    html=lesson.html,
                    summary=head.text("summary"),
                )
            )

    # -- the order of the course --------------------------------------------------------------------------------------

    def _read_modules(self, course: Read) -> tuple[Module, ...]:
        modules: list[Module] = []
        taken: set[str] = set()
        for row in course.items("modules"):
            name = row.text("id")
            if name in {module.id for module in modules}:
                message = f"El id «{name}» ya es de otro módulo; dale otro."
                self.own.add("duplicate_module", message, row.line_of("id"))
            keys = []
            for step in row.items("steps"):
                for kind, found in step.value.items():
                    if self._claim(found, taken):
                        keys.append(found.value)
                        self._read_step(kind, found, name)
            modules.append(Module(name, row.text("title"), tuple(keys)))
        self.taken = taken
        return tuple(modules)

    def _claim(self, found: Read, taken: set[str]) -> bool:
        """Take a step key; False when another step has it, or the platform."""
        key = found.value
        if key in RESERVED_KEYS:
            message = f"«{key}» está reservado por la plataforma; dale otro nombre al paso y a su archivo."
            self.own.add("reserved_key", message, found.line)
            return False
        if key in taken:
            message = f"Otro paso del curso ya se llama «{key}»; cada paso va una vez y con su propio nombre."
            self.own.add("duplicate_step", message, found.line)
            return False
        taken.add(key)
        return True

    def _read_step(self, kind: str, found: Read, module: str) -> None:
        key = found.value
        path = _PLACES[kind].format(key)
        if path not in self.package.texts:
            self._missing(path, found.line)
        elif kind == "lesson":
            self._read_lesson(key, module)
        elif kind == "lab":
            self._add_lab_step(key, module)
        elif kind == "package":
            self._add_package_step(key, module)
        elif key in self.bank_files:
            quiz = self.bank_files[key]
            self._add_step(Step(key, "check", quiz.text("title"), quiz.of("minutes", 1), module, bank=key))

    def _add_lab_step(self, key: str, module: str) -> None:
        found = self.lab_files.get(key)
        if found is not None:
            rule = {"pass_mark": found.of("pass_mark", 80), "attempts": found.of("attempts")}
            self._add_step(Step(key, "lab", found.text("title"), found.of("minutes", 1), module, **rule))

    def _add_package_step(self, key: str, module: str) -> None:
        found = self.package_files.get(key)
        if found is not None:
            minutes, summary = found.of("minutes", 1), found.text("summary")
            self._add_step(Step(key, "package", found.text("title"), minutes, module, summary=summary))

    def _missing(self, path: str, line: int) -> None:
        """Say that a file is missing, unless it is there and was refused for a reason already given."""
        if not any(problem.file == path for problem in self.report.in_order()):
            message = f"Falta el archivo {path}; créalo o corrige el nombre."
            self.own.add("missing_file", message, line)

    def _read_quiz_step(self, course: Read, kind: StepKind) -> str | None:
        row = course.get(kind)
        if row is None:
            return None
        key, bank = row.get("id"), row.text("bank")
        if key is not None:
            self._claim(key, self.taken)
        path = f"quizzes/{bank}.yaml"
        if bank and path not in self.package.texts:
            self._missing(path, row.line_of("bank"))
        rule = _draw_rule(row)
        if bank in self.banks:
            self._check_draw(self.banks[bank], rule, row)
        is_exam = kind == "exam"
        self._add_step(
            Step(
                row.text("id"),
                kind,
                row.text("title"),
                row.of("minutes", 1),
                "",
                bank=bank,
                draw=rule,
                pass_mark=course.of("pass_mark", 80) if is_exam else 0,
                attempts=course.of("attempts", 3) if is_exam else 1,
            )
        )
        return row.text("id")

    def _check_draw(self, bank: Bank, rule: Draw, row: Read) -> None:
        line = row.line_of("draw")
        if rule.per_tag is not None and not bank_tags(bank):
            message = f"El banco «{bank.id}» no tiene etiquetas (tags); ponlas o usa count en lugar de per_tag."
            self.own.add("bank_too_small", message, line)
        try:
            draw(bank, rule, seed=0)
        except TooFewQuestions as error:
            of_tag = f" con la etiqueta «{error.tag}»" if error.tag else ""
            have = f"tiene {error.have} preguntas{of_tag} y se piden {error.wanted}"
            message = f"El banco «{bank.id}» no alcanza: {have}; agrega preguntas o pide menos."
            self.own.add("bank_too_small", message, line)

    def _add_step(self, step: Step) -> None:
        self.steps.setdefault(step.key, step)

    # -- across files -------------------------------------------------------------------------------------------------

    def _report_unused(self, course: Read, wanted: dict[str, set[str]]) -> None:
        quizzes = wanted["check"] | {row.text("bank") for row in (course.get("pretest"), course.get("exam")) if row}
        for path in self.package.texts:
            folder, _, name = path.partition("/")
            stem = Path(name).stem
            if folder == "lessons" and stem not in wanted["lesson"]:
                message = "La lección no está en ningún módulo de course.yaml; agrégala o quita el archivo."
                self.report.inside(path).add("unused_lesson", message)
            if folder == "quizzes" and stem not in quizzes:
                message = "El cuestionario no se usa en course.yaml; agrégalo o quita el archivo."
                self.report.inside(path).add("unused_quiz", message)
            if folder == "labs" and name.partition("/")[0] not in wanted["lab"]:
                message = "La práctica no está en ningún módulo de course.yaml; agrégala o quita su carpeta."
                self.report.inside(path).add("unused_lab", message)

            if folder == "packages" and name.partition("/")[0] not in wanted["package"]:
                message = "El material no está en ningún módulo de course.yaml; agrégalo o quita su carpeta."
                self.report.inside(path).add("unused_package", message)

    def _read_leftovers(self, wanted: dict[str, set[str]]) -> None:
        """Check lessons that stand in no module too, so that their problems show before they are used."""
        kept = dict(self.steps)
        for path in self.package.texts:
            stem = Path(path).stem
            if path.startswith("lessons/") and stem not in wanted["lesson"]:
                self._read_lesson(stem, "")
                self.lessons.pop(stem)
        self.steps = kept

    def _check_tags(self, course: Read, lessons: set[str]) -> None:
        """Tags of a drawn bank exempt lessons, so they must be lessons; elsewhere a wrong tag only misleads."""
        drawn = {row.text("bank") for row in (course.get("pretest"), course.get("exam")) if row}
        for name, found in self.bank_files.items():
            own = self.report.inside(f"quizzes/{name}.yaml")
            for row in found.items("questions"):
                for tag in row.items("tags"):
                    if tag.value not in lessons:
                        message = f"«{tag.value}» no es la clave de una lección del curso; corrígela."
                        own.add("unknown_tag" if name in drawn else "unknown_check_tag", message, tag.line)

    def _read_cover(self, course: Read) -> str:
        cover = course.get("cover")
        path = cover.text("file") if cover else ""
        if cover is None or not path:
            return ""
        found = self.package.assets.get(path)
        if found is None:
            message = f"«{path}» no está en el paquete; agrégalo a assets/ o corrige la ruta."
            self.own.add("missing_asset", message, cover.line_of("file"))
        elif not found.media_type.startswith("image/"):
            message = f"«{path}» no es una imagen; elige una para la portada."
            self.own.add("not_an_image", message, cover.line_of("file"))
        self.context.used_assets.add(path)
        return path

    def _check_frame(self, course: Read) -> None:
        for norm in course.items("legal_frame"):
            if norm.value not in self.norms:
                known = ", ".join(sorted(self.norms)) or "ninguna"
                message = f"No hay una norma «{norm.value}» en _norms (hay: {known}); corrige el id o agrega la norma."
                self.own.add("unknown_norm", message, norm.line)

    # -- the result ---------------------------------------------------------------------------------------------------

    def _build(
        self, course: Read, modules: tuple[Module, ...], pretest: str | None, exam: str | None, cover: str
    ) -> Course:
        cited = {citation.norm for citation in self.context.cited}
        frame = tuple(norm.value for norm in course.items("legal_frame"))
        used_banks = {step.bank for step in self.steps.values() if step.bank}
        order = [pretest, *(key for module in modules for key in module.steps), exam]
        return Course(
            slug=self.slug,
            revision=revision(self.package, [self.norms[name] for name in sorted(cited | set(frame))]),
            title=course.text("title"),
            short_title=course.text("short_title"),
            summary=course.text("summary"),
            outcomes=_texts(course, "outcomes"),
            audience=_texts(course, "audience"),
            topic=course.text("topic"),
            hours=float(course.of("hours")),
            language=course.text("language"),
            licence=course.text("licence"),
            authors=_texts(course, "authors"),
            legal_frame=frame,
            reviewed_on=course.of("reviewed_on"),
            issuer=course.of("issuer"),
            validity_months=course.of("validity_months"),
            deadline_days=course.of("deadline_days", 90),
            pass_mark=course.of("pass_mark", 80),
            attempts=course.of("attempts", 3),
            cover=cover,
            cover_alt=_cover_alt(course),
            modules=modules,
            steps={key: self.steps[key] for key in order if key is not None},
            banks={name: bank for name, bank in self.banks.items() if name in used_banks},
            assets=tuple(self.package.assets[path] for path in sorted(self.package.assets)),
            pretest=pretest,
            exam=exam,
            labs={key: lab for key, lab in self.labs.items() if key in self.steps},
            packages={key: package for key, package in self.packages.items() if key in self.steps},
        )


def _texts(course: Read, name: str) -> tuple[str, ...]:
    return tuple(item.value for item in course.items(name))


def _cover_alt(course: Read) -> str:
    cover = course.get("cover")
    return cover.text("alt") if cover else ""


def _draw_rule(row: Read) -> Draw:
    found = row.get("draw")
    return Draw(found.of("count"), found.of("per_tag")) if found else Draw()


def revision(package: files.Package, norms: list[Norm]) -> str:
    """Return the SHA-256 (hex) of the package: each path and the digest of its bytes, and the norms it rests on."""
    hasher = hashlib.sha256()
    for path in sorted(package.digests):
        hasher.update(f"{path}\0{package.digests[path]}\n".encode())
    for norm in norms:
        hasher.update(json.dumps(asdict(norm), ensure_ascii=False, sort_keys=True, default=_iso).encode())
    return hasher.hexdigest()


def _iso(value: Any) -> str:
    return str(value.isoformat())
