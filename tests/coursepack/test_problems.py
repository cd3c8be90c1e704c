"""Every problem a package can have: its code, the file and the line where its author has to look."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from webapp.coursepack import files, interactive
from webapp.coursepack.archives import Limits, opened
from webapp.coursepack.problems import CODES, ERRORS, MOST_PROBLEMS, NOTES, WARNINGS
from webapp.coursepack.serialise import from_json, to_json
from webapp.formats.model import Unreadable

from . import parcels
from .example import BANK, CHECK, COURSE, COVER, H5P, LAB, LESSON, NORM, PACKAGE, README, SCORM, Example

Change = Callable[[Example], object]
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42"


@dataclass(frozen=True)
class Case:
    """A change to the example, and where its problem is reported: at a line that holds `at`, or at line `line`."""

    code: str
    file: str
    change: Change
    at: str = ""
    line: int = 0
    source: str = ""  # the file that holds `at`, when it is reported under another name
    nth: int = 1  # which of the lines that hold `at`


def edit(name: str, old: str, new: str) -> Change:
    return lambda example: example.edit(name, old, new)


def write(name: str, content: str | bytes) -> Change:
    return lambda example: example.write(name, content)


def append(name: str, text: str) -> Change:
    return lambda example: example.append(name, text)


def all_of(*changes: Change) -> Change:
    return lambda example: [change(example) for change in changes]


def svg(inside: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">\n{inside}\n</svg>'


def bank_with(question: str) -> Change:
    """Add a question to the bank; `question` is everything below its `tags`."""
    return append(BANK, "\n  - id: nueva\n    tags: [lo-necesario]\n    source: [lgpdppso-2025 art. 19]\n" + question)


def single(right: int, lengths: list[int], name: str) -> str:
    """A question whose options have these lengths; the option at `right` is correct."""
    options = "".join(
        f"      - text: {chr(97 + place) * length}\n        feedback: x\n"
        + ("        correct: true\n" if place == right else "")
        for place, length in enumerate(lengths)
    )
    return (
        f"  - id: {name}\n    type: single\n    tags: [lo-necesario]\n    source: [lgpdppso-2025 art. 19]\n"
        f"    prompt: x\n    explanation: x\n    options:\n{options}"
    )


def truths(count: int, answer: str) -> str:
    return "".join(
        f"  - id: frase-{number}\n    type: truefalse\n    tags: [lo-necesario]\n    source: [lgpdppso-2025 art. 19]\n"
        f"    prompt: x\n    explanation: x\n    answer: {answer}\n    feedback: {{'true': x, 'false': x}}\n"
        for number in range(count)
    )


LONGEST_IS_RIGHT = "".join(
    single(place % 4, [30 if o == place % 4 else 9 for o in range(4)], f"l{place}") for place in range(12)
)
SECOND_IS_RIGHT = "".join(single(1, [8, 8, 8, 8], f"p{place}") for place in range(12))


def lab(*changes: Change) -> Change:
    """Add the lab of the manual, then change it."""
    return all_of(lambda example: example.add_lab(), *changes)


def seeded(errors: int, difficulties: str) -> Change:
    """The lab of the manual, made one that seeds mistakes."""

    def change(example: Example) -> None:
        example.add_lab()
        text = example.read(LAB).split("rows:")[0].replace("kind: load", "kind: mend")
        example.write(LAB, f"{text}errors: {errors}\ndifficulties: {difficulties}\n")

    return change


FOLDER = [
    Case("bad_slug", "", lambda example: example.rename("Curso Bonito")),
    Case("missing_file", COURSE, lambda example: example.path(LESSON).unlink(), at="lesson: lo-necesario"),
    Case("missing_file", COURSE, lambda example: example.path(BANK).unlink(), at="bank: banco"),
    Case("missing_file", COURSE, lambda example: example.path(COURSE).unlink()),
    Case("bad_name", "assets/Foto Bonita.png", write("assets/Foto Bonita.png", "x")),
    Case("bad_name", "assets/niño.png", write("assets/niño.png", "x")),
    Case("misplaced_file", "lessons/mas/otra.md", write("lessons/mas/otra.md", "x")),
    Case("misplaced_file", "quizzes/otra.yml", write("quizzes/otra.yml", "x")),
    Case("symlink", "lessons/ajena.md", lambda example: example.path("lessons/ajena.md").symlink_to("/etc/hostname")),
    Case("symlink", "assets/fuera", lambda example: example.path("assets/fuera").symlink_to("/etc")),
    Case("not_a_file", "assets/tubo", lambda example: os.mkfifo(example.path("assets/tubo"))),
    Case("too_deep_folder", "assets/a/b/c", write("assets/a/b/c/d.png", "x")),
    Case("file_too_large", "assets/grande.png", write("assets/grande.png", b"x" * (files.LARGEST_FILE + 1))),
    Case("file_too_large", LESSON, write(LESSON, "a" * (files.LARGEST_LESSON + 1))),
    Case("not_utf8", LESSON, lambda e: e.write(LESSON, e.read(LESSON).encode("latin-1", "replace")), line=2),
    Case("not_utf8", COURSE, write(COURSE, "title: x".encode("utf-16")), line=1),
    Case("control_character", LESSON, edit(LESSON, "Irma", "Ir\x00ma"), at="Tepezcohuite"),
    Case("control_character", CHECK, edit(CHECK, "Lo quitas", "Lo \u202equitas"), at="quitas"),
    Case("unknown_asset_type", "assets/programa.exe", write("assets/programa.exe", "x")),
    Case("wrong_content", "assets/foto.png", write("assets/foto.png", "no soy una imagen")),
    Case("wrong_content", COVER, write(COVER, "<html xmlns='http://www.w3.org/1999/xhtml'/>"), line=1),
    Case("broken_svg", COVER, write(COVER, svg("<g>")), line=3),
    Case("unsafe_svg", COVER, write(COVER, svg("<script>alert(1)</script>")), line=2),
]
YAML = [
    Case("yaml_syntax", COURSE, edit(COURSE, "title: Pedir solo", "title: Pedir: solo"), line=1),
    Case("yaml_syntax", CHECK, edit(CHECK, "    type: single", "\ttype: single"), at="\ttype"),
    Case("yaml_syntax", CHECK, edit(CHECK, "Lo quitas", "@quitas"), at="@quitas"),
    Case("yaml_alias", CHECK, edit(CHECK, "text: Lo quitas", "text: *quitas"), at="*quitas"),
    Case("yaml_alias", CHECK, edit(CHECK, "text: Lo quitas", "text: &a Lo quitas"), at="&a"),
    Case("yaml_tag", COURSE, edit(COURSE, "short_title: Solo", "short_title: !!python/name:os.system Solo"), line=2),
    Case("yaml_depth", COURSE, edit(COURSE, "title: Pedir", f"title: {'[' * 500}"), line=1),
    Case("yaml_size", COURSE, append(COURSE, "extra: [" + "a," * 100_001 + "]"), at="extra"),
    Case("yaml_documents", COURSE, append(COURSE, "---\notro: 1\n"), at="---"),
    Case("duplicate_key", COURSE, append(COURSE, "title: Otro\n"), at="title: Otro"),
    Case("bad_key", COURSE, append(COURSE, "? [a, b]\n: c\n"), at="? [a"),
]
SHAPE = [
    Case("empty_file", CHECK, write(CHECK, " \n")),
    Case("empty_file", LESSON, lambda e: e.write(LESSON, e.read(LESSON).split("##")[0]), line=6),
    Case("missing_key", CHECK, edit(CHECK, "    prompt:", "    # prompt:"), at="- id: estado-civil"),
    Case("missing_key", COURSE, edit(COURSE, "topic: datos-personales", "topic:"), at="topic:"),
    Case("missing_key", COURSE, edit(COURSE, "draw: {count: 4}", "draw: {}"), at="draw: {}"),
    Case("missing_key", LESSON, edit(LESSON, "minutes: 4\n", ""), line=2),
    Case("unknown_key", COURSE, append(COURSE, "titel: x\n"), at="titel"),
    Case("unknown_key", CHECK, edit(CHECK, "correct: true", "corect: true"), at="corect"),
    Case("wrong_kind", COURSE, edit(COURSE, "audience:\n  - ", "audience: "), at="audience"),
    Case("wrong_kind", COURSE, edit(COURSE, "title: Pedir", "title:\n  otro: Pedir"), line=2),
    Case("wrong_kind", COURSE, write(COURSE, "solo un texto"), line=1),
    Case("bad_value", COURSE, edit(COURSE, "topic: datos-personales", "topic: cocina"), at="topic"),
    Case("bad_value", COURSE, edit(COURSE, "2026-01-15", "2026-02-30"), at="2026-02-30"),
    Case("bad_value", COURSE, edit(COURSE, "2026-01-15", "15/01/2026"), at="15/01/2026"),
    Case("bad_value", COURSE, edit(COURSE, "bank: banco", "bank: ../../banco"), at="../../banco"),
    Case("bad_value", COURSE, edit(COURSE, "lesson: lo-necesario", "lesson: ../lo-necesario"), at="../lo-necesario"),
    Case("bad_value", COURSE, edit(COURSE, "draw: {count: 4}", "draw: {count: 4, per_tag: 1}"), at="count: 4"),
    Case("bad_value", BANK, edit(BANK, "answer: false", "answer: no"), at="answer: no"),
    Case("bad_value", BANK, edit(BANK, "answer: 3", "answer: 3 características"), at="answer: 3"),
    Case("bad_value", BANK, edit(BANK, "accept: [libre,", "accept: ['...',"), at="accept: ["),
    Case("out_of_range", COURSE, edit(COURSE, "pass_mark: 80", "pass_mark: 101"), at="pass_mark"),
    Case("out_of_range", BANK, edit(BANK, "tolerance: 0", "tolerance: -1"), at="tolerance: -1"),
    Case("too_short", COURSE, edit(COURSE, "  - Quitar de un formato lo que sobra\n", ""), at="  - Decidir"),
    Case("too_short", CHECK, edit(CHECK, "text: Lo quitas", "text: ' '"), at="text: ' '"),
    Case("too_long", COURSE, edit(COURSE, "short_title: ", "short_title: " + "x" * 60), line=2),
    Case("unknown_type", CHECK, edit(CHECK, "type: single", "type: selección"), at="type:"),
    Case("repeated_item", COURSE, edit(COURSE, "[lgpdppso-2025]", "[lgpdppso-2025, lgpdppso-2025]"), at="legal_frame"),
]
STRUCTURE = [
    Case(
        "duplicate_step",
        COURSE,
        edit(COURSE, "check: repaso-necesario", "lesson: lo-necesario"),
        at="lesson: lo",
        nth=2,
    ),
    Case("duplicate_step", COURSE, edit(COURSE, "id: examen-final", "id: diagnostico"), at="id: diagnostico", nth=2),
    Case("reserved_key", COURSE, edit(COURSE, "id: examen-final", "id: material"), at="id: material"),
    Case(
        "duplicate_module",
        COURSE,
        edit(COURSE, "pretest:", "  - id: formatos\n    title: x\n    steps: [check: banco]\npretest:"),
        at="id: formatos",
        nth=2,
    ),
    Case("bank_too_small", COURSE, edit(COURSE, "count: 4", "count: 40"), at="count: 40"),
    Case("bank_too_small", COURSE, edit(COURSE, "per_tag: 2", "per_tag: 9"), at="per_tag: 9"),
    Case("unknown_tag", BANK, edit(BANK, "tags: [lo-necesario]", "tags: [lo-inecesario]"), at="lo-inecesario"),
]
QUESTIONS = [
    Case("duplicate_question", BANK, edit(BANK, "id: por-si-acaso", "id: telefono"), at="id: telefono", nth=2),
    Case("duplicate_option", BANK, edit(BANK, "- text: Religión", "- text: estado  CIVIL"), at="- text: Estado civil"),
    Case(
        "duplicate_option", BANK, edit(BANK, "- Ante notario", "- Para finalidades concretas"), at="      - Para final"
    ),
    Case("right_options", CHECK, edit(CHECK, "correct: true", "correct: false"), at="- id: estado-civil"),
    Case(
        "right_options",
        BANK,
        edit(BANK, "        feedback: Es un dato de", "        correct: true\n        feedback: D"),
        line=6,
    ),
    Case(
        "one_right_side",
        BANK,
        all_of(
            edit(BANK, "right: Para finalidades concretas", "right: Sin error, mala fe, violencia o dolo"),
            edit(
                BANK,
                "right: Con conocimiento previo del aviso de privacidad",
                "right: Sin error, mala fe, violencia o dolo",
            ),
        ),
        at="- left: Libre",
    ),
    Case("duplicate_mistake", BANK, edit(BANK, "- value: 2", "- value: 3.0"), at="- value: 3.0"),
    Case("duplicate_mistake", BANK, edit(BANK, "- text: informado", "- text: LIBRÉ"), at="LIBRÉ"),
    Case("no_blanks", BANK, edit(BANK, "{{medida}} para la {{para-que}}", "nada"), at="text: >-"),
    Case("unknown_blank", BANK, edit(BANK, "{{medida}}", "{{tamaño}}"), at="text: >-"),
    Case("unused_blank", BANK, edit(BANK, "{{medida}} para", "para"), at="        type: choice"),
    Case("repeated_blank", BANK, edit(BANK, "{{medida}} para", "{{medida}} {{medida}} para"), at="text: >-"),
    Case("blank_inside_markup", BANK, edit(BANK, "{{medida}}", "**{{medida}}**"), at="{{medida}}"),
    Case(
        "blank_outside_text",
        BANK,
        edit(BANK, "prompt: Completa la regla.", "prompt: 'Completa {{medida}}.'"),
        at="Completa {{",
    ),
    Case("cloze_block", BANK, edit(BANK, "text: >-\n      Los", "text: |-\n      - x\n\n      Los"), at="      - x"),
    Case("heading_in_question", CHECK, edit(CHECK, "explanation: La", "explanation: '## La' #"), at="## La"),
    Case("footnote_in_question", CHECK, edit(CHECK, "explanation: La", "explanation: '[^1] La' #"), at="[^1]"),
]
TEXT = [
    Case("front_matter", LESSON, edit(LESSON, "---\n", ""), line=1),
    Case(
        "missing_alt", LESSON, edit(LESSON, "![Hoja con tres renglones; el de en medio está tachado]", "![]"), at="![]"
    ),
    Case("missing_asset", LESSON, edit(LESSON, "(assets/portada.svg", "(assets/otra.svg"), at="assets/otra.svg"),
    Case("missing_asset", LESSON, edit(LESSON, "(assets/portada.svg", "(https://a.mx/b.svg"), at="https://a.mx/b.svg"),
    Case("missing_asset", LESSON, edit(LESSON, "(assets/portada.svg", "(assets/../course.yaml"), at="../course.yaml"),
    Case("missing_asset", COURSE, edit(COURSE, "file: assets/portada.svg", "file: assets/otra.svg"), at="file: assets"),
    Case(
        "not_an_image",
        LESSON,
        all_of(write("assets/guia.pdf", b"%PDF-1.7"), edit(LESSON, "(assets/portada.svg", "(assets/guia.pdf")),
        at="assets/guia.pdf",
    ),
    Case(
        "not_an_image",
        COURSE,
        all_of(
            write("assets/guia.pdf", b"%PDF-1.7"), edit(COURSE, "file: assets/portada.svg", "file: assets/guia.pdf")
        ),
        at="assets/guia.pdf",
    ),
    Case(
        "not_captions",
        LESSON,
        all_of(
            write("assets/a.mp4", MP4),
            edit(LESSON, '(assets/portada.svg "El', '(assets/a.mp4 "assets/portada.svg") ("El'),
        ),
        at="assets/a.mp4",
    ),
    Case(
        "video_without_captions",
        LESSON,
        all_of(
            write("assets/a.mp4", MP4),
            edit(LESSON, '(assets/portada.svg "El formato después de la revisión")', "(assets/a.mp4)"),
        ),
        at="assets/a.mp4",
    ),
    Case("bad_link", LESSON, edit(LESSON, "(https://www.dof", "(http://www.dof"), at="http://www.dof"),
    Case("bad_link", LESSON, edit(LESSON, "https://www.dof.gob.mx", "javascript:alert(1)"), at="javascript"),
    Case("bad_link", LESSON, edit(LESSON, "https://www.dof.gob.mx", "https://dof.gob.mx@malo.example"), at="malo"),
    Case("bad_link", LESSON, edit(LESSON, "[sitio del Diario Oficial de la Federación]", "[]"), at="[](https"),
    Case("unknown_lesson", LESSON, edit(LESSON, "https://www.dof.gob.mx", "leccion:repaso-necesario"), at="leccion:"),
    Case("unknown_callout", LESSON, edit(LESSON, "::: ojo", "::: oreja"), at="::: oreja"),
    Case("unknown_callout", CHECK, edit(CHECK, "explanation: La", 'explanation: "::: ojo\\nLa" #'), at="::: ojo"),
    Case("unclosed_callout", LESSON, edit(LESSON, "no es una finalidad.\n:::", "no es una finalidad."), at="::: ojo"),
    Case("unknown_footnote", LESSON, edit(LESSON, "juntas[^tres]", "juntas[^cuatro]"), at="[^cuatro]"),
    Case("too_deep", LESSON, edit(LESSON, "Pedir «por", "> " * 30 + "Pedir «por"), at="> > >"),
]
LAW = [
    Case(
        "bad_citation",
        LESSON,
        edit(LESSON, "[@lgpdppso-2025 art. 19]", "[@lgpdppso-2025 19]"),
        at="[@lgpdppso-2025 19]",
    ),
    Case("bad_citation", LESSON, edit(LESSON, "art. 14; @lgp", "art. 14; lgp"), at="art. 14; lgp"),
    Case(
        "bad_citation",
        LESSON,
        edit(LESSON, "[@lgpdppso-2025 art. 19].", "[@lgpdppso-2025 art. 19."),
        at="[@lgpdppso-2025 art. 19.",
    ),
    Case("bad_citation", CHECK, edit(CHECK, '["lgpdppso-2025 art. 19"]', "[artículo 19]"), at="artículo 19"),
    Case("unknown_norm", LESSON, edit(LESSON, "@lgpdppso-2025 art. 14 fr. II]", "@lfpdppp art. 14]"), at="lfpdppp"),
    Case("unknown_norm", COURSE, edit(COURSE, "[lgpdppso-2025]", "[lgpdppso-2017]"), at="legal_frame"),
    Case("unknown_article", LESSON, edit(LESSON, "art. 14 fr. II]", "art. 140]"), at="art. 140]"),
    Case(
        "unknown_article",
        LESSON,
        edit(LESSON, "art. 14 fr. II]", "art. Transitorio Tercero]"),
        at="Transitorio Tercero",
    ),
    Case(
        "unknown_article",
        BANK,
        edit(BANK, 'source: ["lgpdppso-2025 art. 14"]', 'source: ["lgpdppso-2025 art. 41"]'),
        at="art. 41",
    ),
    Case("unknown_fraction", LESSON, edit(LESSON, "art. 14 fr. III]", "art. 14 fr. IV]"), at="fr. IV"),
    Case("unknown_fraction", LESSON, edit(LESSON, "art. 14 fr. III]", "art. 19 fr. I]"), at="art. 19 fr. I]"),
    Case(
        "duplicate_article",
        "_norms/lgpdppso-2025.yaml",
        edit(NORM, '"19"', '"14"'),
        at='number: "14"',
        source=NORM,
        nth=2,
    ),
    Case("norm_name", "_norms/lgpdppso-2025.yaml", edit(NORM, "id: lgpdppso-2025", "id: lgpdppso"), line=1),
    Case(
        "norm_dates",
        "_norms/lgpdppso-2025.yaml",
        edit(NORM, "from: 2025-03-21", "from: 2025-03-01"),
        at="valid_from",
        source=NORM,
    ),
    Case(
        "norm_dates",
        "_norms/lgpdppso-2025.yaml",
        edit(NORM, "valid_to: null", "valid_to: 2020-01-01"),
        at="valid_to",
        source=NORM,
    ),
]
DOUBTS = [
    Case("unknown_file", "notas.txt", write("notas.txt", "x")),
    Case("unused_lesson", "lessons/otra.md", write("lessons/otra.md", "---\ntitle: x\nminutes: 1\nsummary: x\n---\nx")),
    Case("unused_quiz", "quizzes/otro.yaml", lambda e: e.write("quizzes/otro.yaml", e.read(CHECK))),
    Case("unused_asset", "assets/sola.svg", write("assets/sola.svg", svg("<g/>"))),
    Case("html_in_text", LESSON, edit(LESSON, "Tapa un", "<b>Tapa</b> un"), at="<b>Tapa"),
    Case("heading_jump", LESSON, edit(LESSON, "## Cuando hace", "#### Cuando hace"), at="#### Cuando"),
    Case("unknown_check_tag", CHECK, edit(CHECK, "type: single", "type: single\n    tags: [otra]"), at="tags: [otra]"),
    Case(
        "lesson_without_questions",
        BANK,
        all_of(
            write("lessons/otra.md", "---\ntitle: x\nminutes: 1\nsummary: x\n---\nx"),
            edit(COURSE, "      - check: repaso", "      - lesson: otra\n      - check: repaso"),
        ),
    ),
    Case("bank_too_small_for_both", COURSE, edit(COURSE, "count: 4", "count: 7")),
    Case("uneven_forms", COURSE, edit(BANK, "type: truefalse\n", "type: truefalse\n    difficulty: 3\n")),
    Case("bare_question", CHECK, edit(CHECK, '    source: ["lgpdppso-2025 art. 19"]\n', ""), at="id: estado-civil"),
    Case("bank_too_small_for_attempts", COURSE, edit(COURSE, "count: 4", "count: 5")),
    Case("guessable_by_length", BANK, append(BANK, "\n" + LONGEST_IS_RIGHT)),
    Case("guessable_by_position", BANK, append(BANK, "\n" + SECOND_IS_RIGHT)),
    Case("guessable_by_position", "quizzes", append(CHECK, "\n" + SECOND_IS_RIGHT)),
    Case("guessable_truth", BANK, append(BANK, "\n" + truths(12, "true"))),
    Case(
        "catch_all_option",
        CHECK,
        edit(CHECK, "text: Lo vuelves opcional", "text: Todas las anteriores"),
        at="- id: estado",
    ),
    Case("norm_outside_frame", LESSON, lambda example: _cite_another_norm(example), at="@otra-ley art. 1"),
    Case("norm_not_in_force", COURSE, edit(NORM, "valid_to: null", "valid_to: 2025-12-31")),
    Case("norm_not_in_force", COURSE, edit(COURSE, "2026-01-15", "2025-03-20")),
    Case("minutes_off", LESSON, edit(LESSON, "minutes: 4", "minutes: 90")),
    Case("hours_off", COURSE, edit(COURSE, "hours: 0.25", "hours: 8")),
    Case("readability", LESSON, lambda example: None),
]
LABS = [
    Case("misplaced_file", "labs/otra/datos.csv", lab(write("labs/otra/datos.csv", "x"))),
    Case("missing_file", COURSE, lab(lambda example: example.path(LAB).unlink()), at="lab: reglamento"),
    Case("unknown_type", LAB, lab(edit(LAB, "kind: load", "kind: carga")), line=1),
    Case("unknown_format", LAB, lab(edit(LAB, "2018/i\n", "2018/cien\n")), at="format:"),
    Case("unknown_format", LAB, lab(edit(LAB, "lgtaip-2015-michoacan/2018/i\n", "i\n")), at="format:"),
    Case("unknown_column", LAB, lab(edit(LAB, '"512741"', '"999999"')), at='"999999"'),
    Case("unknown_column", LAB, lab(append(LAB, 'tables:\n  "1":\n    - ID: "1"\n')), at="- ID"),
    Case("unsolved_lab", LAB, lab(edit(LAB, '512747": Reglamento', '512747": Reglamentos')), at='- "512752"'),
    Case("unseedable_lab", LAB, seeded(errors=400, difficulties="[1]"), at="errors: 400"),
    Case("unused_lab", LAB, lab(edit(COURSE, "      - lab: reglamento-de-mercados\n", ""))),
]


def scorm(content: bytes) -> Change:
    return lambda example: example.add_package(content)


def manifest(**options: Any) -> bytes:
    """The golf package under another manifest."""
    return parcels.zipped(parcels.golf_files() | {"imsmanifest.xml": parcels.manifest(**options)})


def without(files: Mapping[str, parcels.Content], *names: str) -> bytes:
    return parcels.zipped({name: content for name, content in files.items() if name not in names})


def h5p_without(name: str) -> Change:
    return lambda example: example.add_package(without(parcels.h5p_files(), name), "content.h5p")


def drop_exam(example: Example) -> None:
    example.write(COURSE, example.read(COURSE).split("exam:")[0])


def h5p(**changed: parcels.Content) -> Change:
    """The H5P of one button with files changed; `h5p__json` is h5p.json."""
    files = parcels.h5p_files() | {name.replace("__", "."): content for name, content in changed.items()}
    return lambda example: example.add_package(parcels.zipped(files), "content.h5p")


GOLF = parcels.golf_files()
LEFT_OVER = "packages/minigolf/leeme.txt"
DEEP = "<manifest>" + "<a>" * 90 + "</a>" * 90 + "</manifest>"
SEQUENCING = "<imsss:sequencing><imsss:sequencingRules/></imsss:sequencing>"
DTD = '<?xml version="1.0"?><!DOCTYPE manifest [<!ENTITY x SYSTEM "file:///etc/passwd">]><manifest>&x;</manifest>'
BAD_NAMES = [
    "/abs.txt", "../fuera.txt", "a/../../fuera.txt", "a\\b.txt", "C:/x.txt", "a:b", "con.txt", "a/NUL", "lpt1.html",
    "bajo\u202etxt.exe", "salto\n.txt", "a//b.txt", "./a.txt", "punto.", "espacio /x.txt", "n" * 181,
    "/".join("abcdefghijklm"),
]  # fmt: skip
PACKAGES = [
    Case("misplaced_file", LEFT_OVER, all_of(scorm(parcels.golf()), write(LEFT_OVER, "x"))),
    Case("missing_file", COURSE, all_of(scorm(parcels.golf()), lambda e: e.path(PACKAGE).unlink()), at="package: minigolf"),
    Case("unknown_key", PACKAGE, all_of(scorm(parcels.golf()), append(PACKAGE, "obligatorio: true\n")), at="obligatorio"),
    Case("bad_value", PACKAGE, all_of(scorm(parcels.golf()), edit(PACKAGE, "counts: passed", "counts: todo")), at="counts:"),
    Case("package_content", PACKAGE, all_of(scorm(parcels.golf()), lambda e: e.path(SCORM).unlink())),
    Case("package_content", PACKAGE, all_of(scorm(parcels.golf()), write(H5P, parcels.h5p()))),
    Case("archive_damaged", SCORM, scorm(b"")),
    Case("archive_damaged", SCORM, scorm(b"no es un zip")),
    Case("archive_damaged", SCORM, scorm(parcels.golf()[:-40])),
    Case("archive_damaged", SCORM, scorm(parcels.changed_entry(24, 100, 4))),  # declares fewer bytes
    Case("archive_damaged", SCORM, scorm(parcels.changed_entry(24, 900_000, 4))),  # declares more
    Case("archive_damaged", SCORM, scorm(parcels.changed_entry(42, 3, 4))),  # one inside another
    Case("archive_entries", SCORM, scorm(parcels.zipped(GOLF | {f"f{n}": "" for n in range(5_000)}))),
    Case("archive_unpacked", SCORM, scorm(parcels.changed_entry(24, 1_100_000_000, 4))),
    Case("archive_ratio", SCORM, scorm(parcels.with_file("bomba.bin", bytes(3_000_000)))),
    *(Case("archive_name", SCORM, scorm(parcels.with_file(name))) for name in BAD_NAMES),
    Case("archive_link", SCORM, scorm(parcels.link())),
    Case("archive_link", SCORM, scorm(parcels.device())),
    Case("archive_repeated", SCORM, scorm(parcels.twice("a.txt", "A.TXT"))),
    Case("archive_repeated", SCORM, scorm(parcels.twice("\u00e1.txt", "a\u0301.txt"))),
    Case("archive_repeated", SCORM, scorm(parcels.twice("a", "a/b"))),
    Case("archive_repeated", SCORM, scorm(parcels.twice("d/a.txt", "D/a.txt"))),
    Case("archive_encrypted", SCORM, scorm(parcels.changed_entry(8, 1))),
    Case("archive_method", SCORM, scorm(parcels.changed_entry(10, 14))),
    Case("no_manifest", SCORM, scorm(without(GOLF, "imsmanifest.xml"))),
    Case("no_manifest", SCORM, scorm(parcels.zipped({f"curso/{name}": text for name, text in GOLF.items()}))),
    Case("no_manifest", SCORM, scorm(parcels.zipped({"curso.zip": parcels.golf()}))),
    Case("no_manifest", SCORM, scorm(parcels.h5p())),
    Case("manifest_broken", SCORM, scorm(parcels.with_file("imsmanifest.xml", "<manifest>"))),
    Case("manifest_broken", SCORM, scorm(parcels.with_file("imsmanifest.xml", "<otra/>"))),
    Case("manifest_broken", SCORM, scorm(parcels.with_file("imsmanifest.xml", DTD))),
    Case("manifest_broken", SCORM, scorm(parcels.with_file("imsmanifest.xml", DTD.encode("utf-16")))),
    Case("manifest_broken", SCORM, scorm(parcels.with_file("imsmanifest.xml", DEEP))),
    Case("manifest_version", SCORM, scorm(manifest(version="1.1"))),
    Case("manifest_sco", SCORM, scorm(manifest(items=2))),
    Case("manifest_sco", SCORM, scorm(manifest(items=0))),
    *(
        Case("manifest_href", SCORM, scorm(manifest(href=href)))
        for href in (
            "../fuera.html", "%2e%2e/fuera.html", "/index.html", "https://fuera.example/", "//fuera.example/",
            "javascript:alert(1)", "no-esta.html", "", "..\\fuera.html",
        )
    ),
    Case("manifest_href", SCORM, scorm(manifest(resource=' xml:base="https://fuera.example/"'))),
    Case("h5p_broken", H5P, lambda e: e.add_package(parcels.golf(), "content.h5p")),
    Case("h5p_broken", H5P, lambda e: e.add_package(parcels.zipped({"x": "y"}), "content.h5p")),
    Case("h5p_broken", H5P, h5p_without("content/content.json")),
    Case("h5p_broken", H5P, h5p(h5p__json="{")),
    Case("h5p_broken", H5P, h5p(h5p__json="[" * 100_000)),
    Case("h5p_broken", H5P, h5p(h5p__json="[]")),
    Case("h5p_broken", H5P, h5p(h5p__json="{}")),
    Case("h5p_broken", H5P, h5p(h5p__json='{"mainLibrary": "x", "preloadedDependencies": [{"machineName": 1}]}')),
    Case("h5p_libraries", H5P, h5p_without("H5P.AulaBoton-1.0/library.json")),
    Case("unused_package", PACKAGE, all_of(scorm(parcels.golf()), edit(COURSE, "      - package: minigolf\n", ""))),
    Case("sequencing_ignored", SCORM, scorm(manifest(standard="scorm2004", inside=SEQUENCING))),
    Case("package_without_exam", COURSE, all_of(scorm(parcels.golf()), drop_exam)),
]  # fmt: skip
CASES = [*FOLDER, *YAML, *SHAPE, *STRUCTURE, *QUESTIONS, *LABS, *PACKAGES, *TEXT, *LAW, *DOUBTS]
SLIPS = [*YAML, *SHAPE, *QUESTIONS, *LABS, *PACKAGES, *TEXT, *LAW]
SHOWN_BELOW = {
    "archive_size",
    "archive_too_complex",
    "unreadable",
    "package_too_large",
    "too_many_files",
    "too_many_problems",
}
SHOWN_WITH_PATHS = {"path_name", "unknown_course", "repeated_course"}  # tests/coursepack/test_paths.py


def _cite_another_norm(example: Example) -> None:
    text = example.read(NORM).replace("id: lgpdppso-2025", "id: otra-ley").replace('"14"', '"1"')
    example.write("../_norms/otra-ley.yaml", text)
    example.edit(LESSON, "Tapa un", "[@otra-ley art. 1] Tapa un")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}-{case.file}")
def test_a_problem_is_reported_with_its_file_and_line(case: Case, example: Example) -> None:
    case.change(example)
    report = example.check()
    line = case.line or (example.line(case.source or case.file, case.at, case.nth) if case.at else 0)
    places = [(problem.file, problem.line) for problem in report.problems if problem.code == case.code]
    assert (case.file, line) in places, report.problems
    assert report.ok is (case.code not in ERRORS)
    for problem in report.problems:
        assert problem.message[0] in "¿«" or problem.message[0].isupper(), problem
        assert problem.message[-1] in ".?" and len(problem.message) < 400, problem
    # An author who slipped once is not sent to look in ten places; a norm that is refused takes its citations with it.
    assert len(report.errors) <= 3 or case not in SLIPS or case.file.startswith("_norms"), report.errors


def test_every_problem_code_is_shown_by_a_case() -> None:
    assert {case.code for case in CASES} | SHOWN_BELOW | SHOWN_WITH_PATHS == set(CODES)


def test_a_message_says_what_exists_instead(example: Example) -> None:
    example.edit(LESSON, "art. 14 fr. III]", "art. 14 fr. IV]")
    example.edit(COURSE, "topic: datos-personales", "topic: cocina")
    messages = {problem.code: problem.message for problem in example.check().errors}
    assert messages["unknown_fraction"] == (
        "El artículo 14 de la LGPDPPSO no tiene fracción IV; van de la I a la III. Corrígela."
    )
    assert messages["bad_value"].startswith(
        "«cocina» no es un valor de «topic»; escribe uno de estos: datos-personales,"
    )


def test_all_problems_come_at_once_in_the_order_of_files_and_lines(example: Example) -> None:
    example.edit(LESSON, "art. 14 fr. II]", "art. 140]")
    example.edit(LESSON, "::: ojo", "::: oreja")
    example.edit(CHECK, "correct: true", "correct: false")
    example.edit(COURSE, "topic: datos-personales", "topic: cocina")
    errors = example.check().errors
    assert [problem.code for problem in errors] == ["bad_value", "unknown_article", "unknown_callout", "right_options"]
    assert [problem.file for problem in errors] == [COURSE, LESSON, LESSON, CHECK]


def test_a_misspelt_key_is_answered_with_the_right_one(example: Example) -> None:
    example.append(COURSE, "pas_mark: 80\n")
    assert "¿quisiste escribir «pass_mark»?" in example.check().errors[0].message


def test_a_file_the_system_does_not_give_is_reported(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    given = os.open

    def refuse(path: str | Path, flags: int, *rest: int) -> int:
        if str(path).endswith("portada.svg"):
            raise PermissionError(13, "denied")
        return given(path, flags, *rest)

    monkeypatch.setattr(os, "open", refuse)
    assert ("unreadable", COVER) in [(problem.code, problem.file) for problem in example.check().errors]


def test_a_package_that_is_too_large_as_a_whole_is_refused(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST_PACKAGE", 1024 * 1024)
    for number in range(3):
        example.write(f"assets/foto-{number}.png", b"\x89PNG\r\n\x1a\n" + bytes(400 * 1024))
    assert "package_too_large" in [problem.code for problem in example.check().errors]


def test_a_package_with_too_many_files_is_refused(example: Example) -> None:
    for number in range(files.MOST_FILES + 1):
        example.write(f"assets/n{number}.csv", "a,b\n")
    assert "too_many_files" in [problem.code for problem in example.check().errors]


def test_the_list_of_problems_has_an_end(example: Example) -> None:
    questions = "".join(f"  - id: P{number}\n    type: otro{number}\n" for number in range(400))
    example.write(BANK, "title: x\nminutes: 1\nquestions:\n" + questions)
    example.append(COURSE, "".join(f"clave{number}: x\n" for number in range(900)))
    problems = example.check().problems
    assert "too_many_problems" in [problem.code for problem in problems]
    assert len(problems) <= MOST_PROBLEMS + 1


def test_the_manual_lists_every_code_with_its_severity() -> None:
    rows = [line.split("|")[1:4] for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    told = {code.strip(" `"): (kind.strip(), text.strip()) for code, kind, text in rows if code.strip(" `") in CODES}
    words = (("error", ERRORS), ("aviso", WARNINGS), ("dato", NOTES))
    assert told == {code: (word, text) for word, codes in words for code, text in codes.items()}


@pytest.mark.parametrize("standard", ["scorm12", "scorm2004"])
def test_a_package_becomes_a_step_whose_content_stays_in_its_file(standard: str, example: Example) -> None:
    example.add_package(parcels.golf(standard))
    course = example.course()
    package = course.packages["minigolf"]
    assert (package.standard, package.counts, package.launch) == (standard, "passed", "index.html")
    assert package.size == example.path(SCORM).stat().st_size and len(package.sha256) == 64
    assert course.steps["minigolf"].kind == "package"
    assert from_json(json.loads(json.dumps(to_json(course)))) == course
    assert len(json.dumps(to_json(course)["packages"])) < 500


def test_an_h5p_with_its_libraries_becomes_a_step(example: Example) -> None:
    example.add_package(parcels.h5p(), "content.h5p")
    assert example.course().packages["minigolf"].standard == "h5p"


def test_a_manifest_may_be_written_in_utf_16_and_ask_for_a_mark(example: Example) -> None:
    text = parcels.manifest(href="./index.html?a=1", inside="<adlcp:masteryscore>70</adlcp:masteryscore>")
    example.add_package(parcels.with_file("imsmanifest.xml", text.replace("UTF-8", "UTF-16").encode("utf-16")))
    package = example.course().packages["minigolf"]
    assert (package.launch, package.mastery) == ("./index.html?a=1", 70)


def test_an_archive_that_is_too_large_is_refused(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    example.add_package(parcels.golf())
    monkeypatch.setattr(files, "LARGEST_ARCHIVE", 100)
    assert ("file_too_large", SCORM) in [(problem.code, problem.file) for problem in example.check().errors]
    with pytest.raises(Unreadable) as refused, opened(example.path(SCORM), Limits(packed=100)):
        pass
    assert refused.value.code == "archive_size"


def test_an_archive_that_takes_too_long_is_refused(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    example.add_package(parcels.golf())
    monkeypatch.setattr(interactive, "EXAMINE_SECONDS", 0.001)
    assert [problem.code for problem in example.check().errors] == ["archive_too_complex"]
