"""What a careful colleague would say about a package that can be read: doubts and figures, never errors.

The same answer for the web and for the command line: `check_folder`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from webapp.coursepack.drawing import TooFewQuestions, draw
from webapp.coursepack.model import Bank, Course, Norm, Problem, Question, Step
from webapp.coursepack.norms import load_norms
from webapp.coursepack.problems import Report
from webapp.coursepack.readability import inflesz, level
from webapp.coursepack.reader import Reading, read

BY_CHANCE = 0.01  # what happens by chance less often than this is worth a word
_FASTEST, _SLOWEST = 230, 60  # words a minute: reading straight through; reading, trying and thinking
_SPARE_MINUTES = 3
_HOURS_OFF = 0.25
_FORMS_APART = 0.25  # of the mean difficulty, from 1 to 3
# A lesson around a video or a document takes minutes that its words do not tell.
_ASIDE = re.compile(r'<video |href="material/[^"]+\.(?:pdf|docx|xlsx)"')
_CATCH_ALL = re.compile(
    r"\b(?:todas|ninguna|ambas|cualquiera) (?:de )?(?:las|los) (?:anteriores|opciones|respuestas)\b"
    r"|\btodo lo anterior\b"
    r"|\b(?:opción|opciones|incisos?) [a-e]\b|\b[a-e]\) y [a-e]\)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class CheckReport:
    """The result of checking one package. `course` is None when there is any error."""

    slug: str
    course: Course | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What stops publication."""
        return self._of("error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What deserves a second look."""
        return self._of("warning")

    @property
    def notes(self) -> tuple[Problem, ...]:
        """Figures worth knowing."""
        return self._of("info")

    @property
    def ok(self) -> bool:
        """Whether the package can be published."""
        return self.course is not None

    def _of(self, severity: str) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == severity)


def package_folders(root: Path) -> list[Path]:
    """Return the package folders of a curriculum: every folder whose name begins with neither `_` nor a dot."""
    return sorted(path for path in root.iterdir() if path.is_dir() and path.name[0] not in "_.")


def check_folder(folder: Path, norms: Mapping[str, Norm] | None = None) -> CheckReport:
    """Read and judge one package. Without `norms` they come from `_norms` beside the folder, with their problems."""
    report = Report()
    if norms is None:
        norms, found = load_norms(folder.parent / "_norms")
        report.extend(found)
    reading = read(folder, norms)
    report.extend(reading.problems)
    course = None if report.has_errors else reading.course
    if reading.course is not None:
        _judge(reading.course, reading, norms, report)
    return CheckReport(folder.name, course, tuple(report.in_order()))


def _judge(course: Course, reading: Reading, norms: Mapping[str, Norm], report: Report) -> None:
    _judge_lessons(course, reading, report)
    _judge_hours(course, report)
    _judge_assets(course, reading, report)
    _judge_norms(course, reading, norms, report)
    _judge_draws(course, report)
    _judge_packages(course, report)
    for bank in course.banks.values():
        _judge_wording(bank, reading, report.inside(f"quizzes/{bank.id}.yaml"))
        _judge_teaching(bank, reading, report.inside(f"quizzes/{bank.id}.yaml"))
    drawn = {course.steps[key].bank for key in (course.pretest, course.exam) if key}
    for name in sorted(drawn):
        _judge_guessing(course.banks[name].questions, report.inside(f"quizzes/{name}.yaml"), "el banco")
    checks = [bank for name, bank in course.banks.items() if name not in drawn]
    together = [question for bank in checks for question in bank.questions]
    _judge_guessing(together, report.inside("quizzes"), "los repasos, tomados juntos,")


def _judge_teaching(bank: Bank, reading: Reading, report: Report) -> None:
    """A question brought from elsewhere often only asks. Say what it lacks to teach."""
    for question in bank.questions:
        lacks = [
            word
            for word, there in (
                ("retroalimentación", _says_why(question)),
                ("explicación", bool(question.explanation_html)),
                ("fuente", bool(question.sources)),
            )
            if not there
        ]
        if lacks:
            message = f"A la pregunta «{question.id}» le falta {' y '.join(lacks)}; quien la falle no sabrá por qué."
            report.add("bare_question", message, reading.lines[bank.id, question.id])


def _says_why(question: Question) -> bool:
    """Whether every answer that can be given is told something."""
    body = question.body
    match question.type:
        case "single" | "multiple":
            return all(option["feedback_html"] for option in body["options"])
        case "truefalse":
            return all(body["feedback"].values())
        case "matching":
            return all(left["feedback_html"] for left in body["lefts"])
        case "ordering":
            return bool(body["feedback_html"])
        case "cloze":
            return all(_blank_says_why(blank) for blank in body["blanks"].values())
        case _:
            return bool(body["correct_html"] and body["incorrect_html"])


def _blank_says_why(blank: Mapping[str, Any]) -> bool:
    if blank["type"] == "choice":
        return all(option["feedback_html"] for option in blank["options"])
    return bool(blank["correct_html"] and blank["incorrect_html"])


def _judge_lessons(course: Course, reading: Reading, report: Report) -> None:
    for step in course.steps.values():
        if step.kind != "lesson":
            continue
        own = report.inside(f"lessons/{step.key}.md")
        lesson = reading.lessons[step.key]
        if not _ASIDE.search(lesson.html):
            _judge_minutes(step, lesson.words, own)
        score = inflesz(lesson.prose)
        if score is not None:
            own.add("readability", f"Facilidad de lectura INFLESZ: {score} ({level(score)}), {lesson.words} palabras.")


def _judge_minutes(step: Step, words: int, report: Report) -> None:
    least, most = words / _FASTEST, words / _SLOWEST + _SPARE_MINUTES
    if step.minutes < least or step.minutes > most:
        word = "pocos" if step.minutes < least else "muchos"
        message = (
            f"Son {word} {step.minutes} minutos para {words} palabras; "
            f"lo usual es entre {max(1, round(least))} y {round(most)}. Ajusta minutes o la extensión."
        )
        report.add("minutes_off", message)


def _judge_hours(course: Course, report: Report) -> None:
    minutes = course.minutes
    if abs(minutes - course.hours * 60) > course.hours * 60 * _HOURS_OFF:
        message = f"El curso acredita {course.hours:g} h y sus pasos suman {minutes} min; ajusta hours o los minutos."
        report.inside("course.yaml").add("hours_off", message)


def _judge_assets(course: Course, reading: Reading, report: Report) -> None:
    for asset in course.assets:
        if asset.path not in reading.used_assets:
            message = "El material no se usa en ninguna parte; quítalo o ponlo en una lección."
            report.inside(asset.path).add("unused_asset", message)


def _judge_norms(course: Course, reading: Reading, norms: Mapping[str, Norm], report: Report) -> None:
    frame = report.inside("course.yaml")
    for name in sorted({*reading.cited, *course.legal_frame}):
        norm = norms[name]
        file, line = reading.cited.get(name, ("course.yaml", 0))
        if name not in course.legal_frame:
            message = f"Se cita la {norm.short} y no está en legal_frame; agrégala con su id, {name}."
            report.inside(file).add("norm_outside_frame", message, line)
        ended = norm.valid_to is not None and norm.valid_to < course.reviewed_on
        if ended or norm.valid_from > course.reviewed_on:
            instead = f"; la sustituye {norm.superseded_by}" if norm.superseded_by else ""
            day = f"{course.reviewed_on:%d-%m-%Y}"
            message = f"La {norm.short} no estaba vigente el {day}{instead}. Actualiza las citas."
            frame.add("norm_not_in_force", message)


def _judge_draws(course: Course, report: Report) -> None:
    own = report.inside("course.yaml")
    pretest = course.steps[course.pretest] if course.pretest else None
    exam = course.steps[course.exam] if course.exam else None
    if pretest:
        _judge_exemption(course, pretest, report)
    if exam:
        _judge_attempts(course, exam, own)
    if pretest and exam and pretest.bank == exam.bank and not _can_differ(course.banks[exam.bank], pretest, exam):
        message = (
            "El banco no alcanza para que el examen no repita preguntas del diagnóstico; "
            "agrega preguntas o pide menos en draw."
        )
        own.add("bank_too_small_for_both", message)
    elif pretest and exam and pretest.bank == exam.bank:
        _judge_forms(course.banks[exam.bank], pretest, exam, own)


def _judge_packages(course: Course, report: Report) -> None:
    if course.packages and course.exam is None:
        message = "El curso no tiene examen: la constancia descansa en lo que el material dice de sí mismo. Agrega uno."
        report.inside("course.yaml").add("package_without_exam", message)


def _judge_forms(bank: Bank, pretest: Step, exam: Step, report: Report) -> None:
    """Whether pre-test and exam are alike enough in difficulty for the gain between them to mean something."""
    level = {question.id: question.difficulty for question in bank.questions}
    first = second = 0.0
    for seed in range(20):
        before = draw(bank, pretest.draw, seed)
        after = draw(bank, exam.draw, seed, frozenset(before))
        first += mean(level[name] for name in before) / 20
        second += mean(level[name] for name in after) / 20
    if abs(first - second) > _FORMS_APART:
        message = (
            f"El diagnóstico tiene dificultad media {first:.1f} y el examen {second:.1f}, así que la ganancia no dice mucho; "
            "usa la misma regla draw en los dos y reparte las dificultades entre las lecciones."
        )
        report.add("uneven_forms", message)


def _judge_exemption(course: Course, pretest: Step, report: Report) -> None:
    bank = course.banks[pretest.bank]
    tags = {tag for question in bank.questions for tag in question.tags}
    for step in course.lesson_steps:
        if step.kind == "lesson" and step.key not in tags:
            message = f"La lección «{step.key}» no tiene preguntas en el banco, y el diagnóstico no la podrá eximir."
            report.inside(f"quizzes/{bank.id}.yaml").add("lesson_without_questions", message)


def _judge_attempts(course: Course, exam: Step, report: Report) -> None:
    bank = course.banks[exam.bank]
    size = len(draw(bank, exam.draw, seed=0))
    if (exam.attempts or 2) > 1 and len(bank.questions) < 2 * size:
        message = (
            f"El examen toma {size} de {len(bank.questions)} preguntas: otro intento repetirá casi todas. "
            "Un banco con el doble de preguntas lo evita."
        )
        report.add("bank_too_small_for_attempts", message)


def _can_differ(bank: Bank, pretest: Step, exam: Step) -> bool:
    """Whether an exam without the questions of the pre-test could always be drawn (tried with twenty pre-tests)."""
    try:
        for seed in range(20):
            draw(bank, exam.draw, seed, frozenset(draw(bank, pretest.draw, seed)))
    except TooFewQuestions:
        return False
    return True


def _judge_wording(bank: Bank, reading: Reading, report: Report) -> None:
    for question in bank.questions:
        for option in question.body.get("options", ()):
            if _CATCH_ALL.search(option["text"]):
                said = option["text"][:60]
                message = f"La opción «{said}» remite a otras, que cambian de orden; redáctala por sí misma."
                report.add("catch_all_option", message, reading.lines[bank.id, question.id])


def _judge_guessing(questions: Iterable[Question], report: Report, where: str) -> None:
    """Compare blind strategies with chance: always the longest, the shortest, the same place, always true."""
    pool = list(questions)
    singles = [question.body["options"] for question in pool if question.type == "single"]
    extremes: tuple[tuple[str, Callable[[list[int]], int]], ...] = (("larga", max), ("corta", min))
    for word, pick in extremes:
        hits, chances = _by_length(singles, pick)
        if chance_of(hits, chances) < BY_CHANCE:
            figure = f"{hits} de {len(chances)}"
            message = f"En {where} elegir siempre la opción más {word} acierta {figure}; varía la longitud."
            report.add("guessable_by_length", message)
    for place in range(max((len(options) for options in singles), default=0)):
        having = [options for options in singles if len(options) > place]
        hits = sum(options[place]["correct"] for options in having)
        if chance_of(hits, [1 / len(options) for options in having]) < BY_CHANCE:
            message = f"En {where} la opción {place + 1} es la correcta en {hits} de {len(having)}; varía el lugar."
            report.add("guessable_by_position", message)
    _judge_truths(pool, report, where)


def _by_length(singles: list[list[dict[str, Any]]], extreme_of: Callable[[list[int]], int]) -> tuple[int, list[float]]:
    """Hits of always taking the longest (or shortest) option, and the chance of each; ties say nothing."""
    hits, chances = 0, []
    for options in singles:
        lengths = [len(str(option["text"])) for option in options]
        extreme = extreme_of(lengths)
        if lengths.count(extreme) == 1:
            hits += bool(options[lengths.index(extreme)]["correct"])
            chances.append(1 / len(options))
    return hits, chances


def _judge_truths(pool: list[Question], report: Report, where: str) -> None:
    answers = [bool(question.body["answer"]) for question in pool if question.type == "truefalse"]
    for value, word in ((True, "verdaderas"), (False, "falsas")):
        hits = answers.count(value)
        if chance_of(hits, [0.5] * len(answers)) < BY_CHANCE:
            message = f"En {where} son {word} {hits} de {len(answers)} afirmaciones; equilibra unas y otras."
            report.add("guessable_truth", message)


def chance_of(hits: int, chances: list[float]) -> float:
    """Return the probability of at least so many hits when each question is hit with its own chance."""
    spread = [1.0]  # spread[k] = probability of exactly k hits so far
    for chance in chances:
        longer = [*spread, 0.0]
        for count in range(len(spread), 0, -1):
            longer[count] = spread[count - 1] * chance + longer[count] * (1 - chance)
        longer[0] = spread[0] * (1 - chance)
        spread = longer
    return sum(spread[hits:]) if hits else 1.0
