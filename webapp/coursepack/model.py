"""What a course package becomes once it was read: plain frozen values, ready to be stored as JSON.

A compiled course holds right answers. It stays on the server; a browser only ever gets what
`coursepack.scoring.present` leaves of a question.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

StepKind = Literal["lesson", "check", "lab", "package", "pretest", "exam"]
LabKind = Literal["load", "find", "mend"]
Standard = Literal["scorm12", "scorm2004", "h5p"]
Counts = Literal["completion", "passed", "view"]
QuestionType = Literal["single", "multiple", "truefalse", "matching", "ordering", "numeric", "short", "cloze"]
Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a package, as its author reads it.

    `code` is stable English for tests and tools (`unknown_article`); `message` is a Spanish sentence that names the
    cause and the way out; `file` is relative to the package and `line` counts from 1 (0 when the file as a whole is
    meant). Only an error stops publication; `info` is a figure worth knowing.
    """

    code: str
    message: str
    file: str
    line: int = 0
    severity: Severity = "error"


@dataclass(frozen=True)
class Article:
    """An article of a norm: `number` as written after "Artículo" ("21", "3 Bis", "Transitorio Primero")."""

    number: str
    text: str
    place: str = ""  # "Título Segundo · Capítulo I"
    fractions: tuple[str, ...] = ()  # roman numerals in the order of the text


@dataclass(frozen=True)
class Norm:
    """A legal norm as data, with the dates between which it is in force."""

    id: str
    short: str
    name: str
    gazette: str
    published: date
    valid_from: date
    articles: dict[str, Article]
    last_reform: date | None = None
    valid_to: date | None = None
    superseded_by: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Citation:
    """A resolved citation. `label` is what the chip says ("LGPDPPSO, art. 21, fr. IX"); `text` quotes the article."""

    norm: str
    article: str
    fraction: str
    label: str
    text: str


@dataclass(frozen=True)
class Question:
    """A question with its answer key.

    `body` is typed by `type` and documented in `courses/README.md`; option, item and blank ids are local to the
    question and stable for a revision. `prompt_html` and every feedback are already sanitised HTML.
    """

    id: str
    type: QuestionType
    prompt_html: str
    body: dict[str, Any]
    tags: tuple[str, ...] = ()
    points: int = 1
    difficulty: int = 2  # 1 recalls, 2 applies to a case, 3 decides between rules
    explanation_html: str = ""
    sources: tuple[Citation, ...] = ()


@dataclass(frozen=True)
class Bank:
    """A file of questions, by the name of the file."""

    id: str
    title: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Draw:
    """How many questions an attempt takes from a bank: `count` in all, or `per_tag` of each tag. None = all."""

    count: int | None = None
    per_tag: int | None = None


@dataclass(frozen=True)
class Step:
    """One stop of the course. `key` is unique in the course and is what learner records name."""

    key: str
    kind: StepKind
    title: str
    minutes: int
    module: str  # id of the module; "" for pre-test and exam
    html: str = ""  # lessons
    summary: str = ""
    bank: str = ""  # quizzes
    draw: Draw = field(default_factory=Draw)
    pass_mark: int = 0  # percent; 0 = handing it in is enough
    attempts: int | None = None  # None = as many as one likes


@dataclass(frozen=True)
class Lab:
    """A practice with a format workbook, by the name of its folder.

    `load`: fill the blank template with what the case tells; `rows` and `tables` are the answer, by column id. `find`
    and `mend`: put right a workbook into which `errors` mistakes were seeded; who mends also gets the acuse that names
    them. `format` is a `formats.model.Format.id`. `hints` are HTML.
    """

    id: str
    kind: LabKind
    format: str
    case_html: str
    hints: tuple[str, ...] = ()
    rows: tuple[dict[str, str], ...] = ()
    tables: dict[str, tuple[dict[str, str], ...]] = field(default_factory=dict)  # by id of the secondary table
    errors: int = 0
    difficulties: tuple[int, ...] = (1, 2, 3)


@dataclass(frozen=True)
class Interactive:
    """An interactive package made elsewhere (SCORM or H5P), by the name of its folder. Its content stays in its file.

    `counts` says what passes the step: that the package reports completion, that it reports passing, or that it was
    opened. `launch` is the file that is opened, `mastery` the mark (0 to 100) that the package itself asks for.
    """

    id: str
    standard: Standard
    counts: Counts
    archive: str  # path in the course package
    sha256: str
    size: int
    launch: str
    mastery: float | None = None
    launch_data: str = ""


@dataclass(frozen=True)
class Module:
    id: str
    title: str
    steps: tuple[str, ...]  # step keys in order


@dataclass(frozen=True)
class Asset:
    """A file of the package that a page may ask for. `path` is relative to the package ("assets/ciclo.svg")."""

    path: str
    media_type: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Course:
    """A compiled course. `revision` is the SHA-256 of the package (hex)."""

    slug: str
    revision: str
    title: str
    short_title: str
    summary: str
    outcomes: tuple[str, ...]
    audience: tuple[str, ...]
    topic: str
    hours: float
    language: str
    licence: str
    authors: tuple[str, ...]
    legal_frame: tuple[str, ...]
    reviewed_on: date
    issuer: str | None
    validity_months: int | None
    deadline_days: int
    pass_mark: int
    attempts: int
    cover: str
    cover_alt: str
    modules: tuple[Module, ...]
    steps: dict[str, Step]
    banks: dict[str, Bank]
    assets: tuple[Asset, ...]
    pretest: str | None = None  # step key
    exam: str | None = None  # step key
    labs: dict[str, Lab] = field(default_factory=dict)  # by step key
    packages: dict[str, Interactive] = field(default_factory=dict)  # by step key

    @property
    def lesson_steps(self) -> tuple[Step, ...]:
        """Lessons, checks, labs and packages in the order of the course, without pre-test and exam."""
        return tuple(self.steps[key] for module in self.modules for key in module.steps)

    def neighbours(self, step: Step) -> tuple[Step | None, Step | None]:
        """The steps before and after one, the exam standing last; the pre-test leads to the first lesson."""
        line = [*self.lesson_steps, *([self.steps[self.exam]] if self.exam else [])]
        if step not in line:
            return None, line[0] if line else None
        place = line.index(step)
        return (line[place - 1] if place else None), (line[place + 1] if place + 1 < len(line) else None)

    @property
    def minutes(self) -> int:
        """Minutes that the whole course takes, exam included, pre-test left out (it saves time, it costs none)."""
        own = sum(step.minutes for step in self.lesson_steps)
        return own + (self.steps[self.exam].minutes if self.exam else 0)


@dataclass(frozen=True)
class PathStop:
    """A course on a learning path, and why it is there for whoever has that role."""

    course: str  # slug
    why: str


@dataclass(frozen=True)
class LearningPath:
    """Courses in the order in which somebody with a role should take them. `posts` are the roles that it is for."""

    slug: str
    title: str
    summary: str
    posts: tuple[str, ...]
    stops: tuple[PathStop, ...]
