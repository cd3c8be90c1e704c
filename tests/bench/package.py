"""A course package of the size that the figures name: 10 sections with 30 steps, and an exam of 10 questions."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

SLUG = "curso-de-prueba"
EXAM = "examen-final"
SECTIONS = 10
LESSONS_PER_SECTION = 2  # each section ends with a check, so it has three steps
EXAM_QUESTIONS = 10
REAL_SLUG = "proteccion-de-datos-personales"
SOURCE = "lgpdppso-2025 art. 19"

_PARAGRAPH = (
    "La persona que atiende el mostrador recibe el expediente {number}, comprueba que nada sobre y anota en la bitácora "
    "quién lo pidió y con qué finalidad. Si algo falta, lo dice en ese momento y no después [@lgpdppso-2025 art. 19]. "
)


def lesson_keys() -> list[str]:
    """The lessons of the package, in order."""
    return [f"leccion-{s}-{n}" for s in range(1, SECTIONS + 1) for n in range(1, LESSONS_PER_SECTION + 1)]


def check_keys() -> list[str]:
    return [f"repaso-{s}" for s in range(1, SECTIONS + 1)]


def write_courses(target: Path, source: Path) -> Path:
    """A curriculum folder with the real courses of `source` and the package of this module."""
    shutil.copytree(source, target)
    folder = target / SLUG
    for name in ("lessons", "quizzes", "assets"):
        (folder / name).mkdir(parents=True)
    shutil.copy(source / REAL_SLUG / "assets" / "portada.svg", folder / "assets" / "portada.svg")
    _write_yaml(folder / "course.yaml", _course())
    for number, key in enumerate(lesson_keys(), 1):
        (folder / "lessons" / f"{key}.md").write_text(_lesson(number), encoding="utf-8")
    for number, key in enumerate(check_keys(), 1):
        quiz = {
            "title": f"Repaso de la sección {number}",
            "minutes": 2,
            "questions": [_question(f"r{number}", number, [])],
        }
        _write_yaml(folder / "quizzes" / f"{key}.yaml", quiz)
    bank = [_question(f"p{n}", n, [lesson_keys()[n % len(lesson_keys())]]) for n in range(4 * EXAM_QUESTIONS)]
    _write_yaml(folder / "quizzes" / "banco.yaml", {"title": "Banco del curso", "minutes": 15, "questions": bank})
    return target


def _course() -> dict[str, object]:
    return {
        "title": "Curso de prueba con diez secciones y treinta pasos",
        "short_title": "Curso de prueba",
        "summary": "Un curso del tamaño que miden las cifras.",
        "outcomes": ["Medir una página", "Medir un examen", "Medir una constancia"],
        "audience": ["Quien mide la plataforma"],
        "topic": "datos-personales",
        "hours": 4,
        "language": "es-MX",
        "licence": "CC-BY-4.0",
        "authors": ["Equipo Aula Norte"],
        "legal_frame": ["lgpdppso-2025"],
        "reviewed_on": "2026-11-24",
        "deadline_days": 90,
        "pass_mark": 80,
        "attempts": 3,
        "cover": {"file": "assets/portada.svg", "alt": "Escritorio frente a una ventana que da al desierto"},
        "modules": [
            {
                "id": f"seccion-{section}",
                "title": f"Sección {section}: lo que se aprende en ella",
                "steps": [
                    *({"lesson": f"leccion-{section}-{n}"} for n in range(1, LESSONS_PER_SECTION + 1)),
                    {"check": f"repaso-{section}"},
                ],
            }
            for section in range(1, SECTIONS + 1)
        ],
        "exam": {
            "id": EXAM,
            "title": "Examen final",
            "bank": "banco",
            "draw": {"count": EXAM_QUESTIONS},
            "minutes": 15,
        },
    }


def _lesson(number: int) -> str:
    parts = "\n\n".join(f"## Parte {part}\n\n{_PARAGRAPH.format(number=number) * 4}" for part in range(1, 6))
    front = f"title: Lección {number} del curso de prueba\nminutes: 6\nsummary: Lo que dice la lección {number}."
    return f"---\n{front}\n---\n\n{parts}\n"


def _question(key: str, number: int, tags: list[str]) -> dict[str, object]:
    right = number % 4
    return {
        "id": key,
        "type": "single",
        **({"tags": tags} if tags else {}),
        "prompt": f"Llega el expediente {number} con un renglón que nadie sabe para qué sirve. ¿Qué haces con ese dato?",
        "source": [SOURCE],
        "options": [
            {
                "text": f"Respuesta {place + 1} al expediente {number}, con sus razones",
                "feedback": "Así lo pide la ley." if place == right else "Eso no responde a la finalidad del trámite.",
                **({"correct": True} if place == right else {}),
            }
            for place in range(4)
        ],
        "explanation": "Un dato se pide para una finalidad que ya existe, no por costumbre.",
    }


def _write_yaml(path: Path, content: object) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
