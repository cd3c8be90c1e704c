"""The format of a package, declared: course, lesson header, quiz and norm. Also written as JSON Schema (2020-12).

The schemas in `courses/_schema/` come from here (`schemas()`); an editor that knows JSON Schema completes and checks
YAML with them while somebody writes. What needs more than one file to be judged is in `reader` and `checker`.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from webapp.coursepack.shape import (
    KEY,
    KEY_SAYS,
    Choice,
    Day,
    Field,
    Flag,
    Many,
    Named,
    Number,
    OneOf,
    Record,
    Shape,
    Tagged,
    Text,
    TextOr,
    Whole,
    key,
    optional,
)

TOPICS = ("datos-personales", "transparencia", "archivos", "gobierno-abierto", "integridad", "genero")
LICENCES = ("CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0")

MINUTES = Whole(1, 240)
TITLE = Text(200)
MARKDOWN = Text(4000)
CASE = Text(20_000)
OPTION = Text(600)
_ASSET = Text(200, pattern=r"assets/[^\\]+", says="va la ruta de un material del paquete, como assets/portada.svg")
_COLUMN = r"([0-9]{1,12}|ID)"
_COLUMN_SAYS = "usa el id de la columna, el número del renglón 5 de la plantilla; en una tabla, también ID"
_BLANK = r"[a-z][a-z0-9]*([_-][a-z0-9]+)*"
_BLANK_SAYS = "usa minúsculas sin acentos, números y guiones, y empieza con letra"

LESSON = Record(
    "la ficha de la lección",
    {
        "title": Field(TITLE, "Título de la lección, como se ve en el temario."),
        "minutes": Field(MINUTES, "Minutos que toma estudiarla."),
        "summary": Field(Text(400), "Una o dos frases: qué se sabe hacer al terminar."),
    },
)

_QUIZ_STEP = {
    "title": Field(TITLE, "Título del paso."),
    "bank": Field(key(), "Nombre del archivo de quizzes/ del que salen las preguntas, sin .yaml."),
    "minutes": Field(MINUTES, "Minutos que toma."),
    "draw": Field(
        OneOf(
            "la selección (draw)",
            {
                "count": Field(Whole(1, 200), "Cuántas preguntas en total, repartidas entre las etiquetas."),
                "per_tag": Field(Whole(1, 50), "Cuántas preguntas de cada etiqueta."),
            },
        ),
        "Cuántas preguntas toma cada intento.",
    ),
}

COURSE = Record(
    "el curso",
    {
        "title": Field(TITLE, "Título completo."),
        "short_title": Field(Text(60), "Título para listas y constancias, hasta 60 caracteres."),
        "summary": Field(Text(300), "De qué trata, hasta 300 caracteres."),
        "outcomes": Field(Many(Text(200), 3, 8, unique=True), "Lo que la persona sabrá hacer, de 3 a 8."),
        "audience": Field(Many(Text(200), 1, 12, unique=True), "A quién se dirige."),
        "topic": Field(Choice(TOPICS), "Materia con la que se cuenta en las estadísticas."),
        "hours": Field(Number(Decimal("0.25"), Decimal(200)), "Horas con que se acredita."),
        "language": Field(Choice(("es-MX",)), "Idioma."),
        "licence": Field(Choice(LICENCES), "Licencia con que se publica."),
        "authors": Field(Many(Text(200), 1, 30, unique=True), "Quién lo escribió."),
        "legal_frame": Field(Many(key(), 1, 30, unique=True), "Normas en que se apoya: los id de _norms/."),
        "reviewed_on": Field(Day(), "Día en que se revisó contra las normas."),
        "issuer": optional(key(), "Autoridad que emite la constancia; null = la de la plataforma."),
        "validity_months": optional(Whole(1, 120), "Meses que vale la constancia; null = no vence."),
        "deadline_days": optional(Whole(1, 730), "Plazo para concluir, en días. Si no se dice, 90."),
        "pass_mark": optional(Whole(1, 100), "Porcentaje para aprobar el examen. Si no se dice, 80."),
        "attempts": optional(Whole(1, 20), "Intentos del examen. Si no se dice, 3."),
        "cover": Field(
            Record(
                "la portada",
                {
                    "file": Field(_ASSET, "Imagen de la portada."),
                    "alt": Field(Text(300), "Lo que se ve, para quien no ve la imagen."),
                },
            ),
            "Portada del curso.",
        ),
        "modules": Field(
            Many(
                Record(
                    "el módulo",
                    {
                        "id": Field(key(), "Nombre corto del módulo."),
                        "title": Field(TITLE, "Título del módulo."),
                        "steps": Field(
                            Many(
                                OneOf(
                                    "el paso",
                                    {
                                        "lesson": Field(key(), "Nombre del archivo de lessons/, sin .md."),
                                        "check": Field(key(), "Nombre del archivo de quizzes/, sin .yaml."),
                                        "lab": Field(key(), "Nombre de la carpeta de labs/."),
                                        "package": Field(key(), "Nombre de la carpeta de packages/."),
                                    },
                                ),
                                1,
                                60,
                            ),
                            "Lecciones, repasos, prácticas y materiales interactivos, en orden.",
                        ),
                    },
                ),
                1,
                40,
            ),
            "Módulos, en orden.",
        ),
        "pretest": optional(
            Record("el diagnóstico", {"id": Field(key(), "Clave del paso, como diagnostico."), **_QUIZ_STEP}),
            "Diagnóstico que exime lecciones.",
        ),
        "exam": optional(
            Record("el examen", {"id": Field(key(), "Clave del paso, como examen-final."), **_QUIZ_STEP}),
            "Examen final.",
        ),
    },
)

_RIGHT_OR_NOT = Record(
    "la retroalimentación",
    {
        "correct": optional(MARKDOWN, "Lo que se dice a quien acierta."),
        "incorrect": optional(MARKDOWN, "Lo que se dice a quien no acierta."),
    },
)
_OPTIONS = Field(
    Many(
        Record(
            "la opción",
            {
                "text": Field(OPTION, "Lo que dice la opción."),
                "correct": optional(Flag(), "true en la opción correcta."),
                "feedback": optional(MARKDOWN, "Por qué es o no es la respuesta."),
            },
        ),
        2,
        10,
    ),
    "Opciones; la plataforma las mezcla.",
)
_NUMERIC = {
    "answer": Field(Number(), "El número correcto."),
    "tolerance": optional(Number(Decimal(0)), "Cuánto puede alejarse la respuesta. Si no se dice, 0."),
    "unit": optional(Text(40), "Unidad que se muestra junto al campo."),
    "common": optional(
        Many(
            Record(
                "el error común",
                {
                    "value": Field(Number(), "Un número equivocado que se repite."),
                    "feedback": Field(MARKDOWN, "Qué confusión lo explica."),
                },
            ),
            0,
            20,
        ),
        "Errores comunes, cada uno con su explicación.",
    ),
}
_SHORT = {
    "accept": Field(Many(Text(200), 1, 30), "Respuestas que valen; la primera es la que se muestra."),
    "common": optional(
        Many(
            Record(
                "el error común",
                {
                    "text": Field(Text(200), "Un texto equivocado que se repite."),
                    "feedback": Field(MARKDOWN, "Qué confusión lo explica."),
                },
            ),
            0,
            20,
        ),
        "Errores comunes, cada uno con su explicación.",
    ),
}
_ALWAYS = optional(_RIGHT_OR_NOT, "Lo que se dice a quien acierta y a quien no.")
_BLANK_FEEDBACK = optional(TextOr(MARKDOWN, _RIGHT_OR_NOT), "Un texto para todos, o correct e incorrect.")

QUESTION = Tagged(
    "la pregunta",
    "type",
    shared={
        "id": Field(key(), "Nombre de la pregunta, único en el archivo."),
        "prompt": Field(MARKDOWN, "Lo que se pregunta, en Markdown."),
        "tags": optional(Many(key(), 0, 10, unique=True), "Claves de las lecciones que la enseñan."),
        "source": optional(
            Many(Text(120), 1, 12, unique=True), "Norma y artículo, como «lgpdppso-2025 art. 21 fr. IX»."
        ),
        "explanation": optional(MARKDOWN, "Lo que enseña la pregunta, en Markdown."),
        "points": optional(Whole(1, 20), "Cuánto pesa. Si no se dice, 1."),
        "difficulty": optional(Whole(1, 3), "1 recuerda, 2 aplica a un caso, 3 decide entre reglas. Si no se dice, 2."),
    },
    variants={
        "single": {"options": _OPTIONS},
        "multiple": {"options": _OPTIONS},
        "truefalse": {
            "answer": Field(Flag(), "true si la frase es verdadera."),
            "feedback": optional(
                Record(
                    "la retroalimentación",
                    {
                        "true": optional(MARKDOWN, "Lo que se dice a quien elige Verdadero."),
                        "false": optional(MARKDOWN, "Lo que se dice a quien elige Falso."),
                    },
                ),
                "Retroalimentación de cada respuesta.",
            ),
        },
        "matching": {
            "pairs": Field(
                Many(
                    Record(
                        "la pareja",
                        {
                            "left": Field(OPTION, "Lo que se relaciona."),
                            "right": Field(OPTION, "Con qué se relaciona; puede repetirse en otra pareja."),
                            "feedback": optional(MARKDOWN, "Por qué van juntos."),
                        },
                    ),
                    2,
                    12,
                ),
                "Parejas correctas; la plataforma las mezcla.",
            ),
            "distractors": optional(Many(OPTION, 0, 10), "Respuestas que no van con nada."),
        },
        "ordering": {
            "items": Field(Many(OPTION, 3, 12), "Elementos en el orden correcto; la plataforma los mezcla."),
            "feedback": optional(MARKDOWN, "Por qué va en ese orden."),
        },
        "numeric": {**_NUMERIC, "feedback": _ALWAYS},
        "short": {**_SHORT, "feedback": _ALWAYS},
        "cloze": {
            "text": Field(MARKDOWN, "Párrafos con huecos: «El plazo es de {{plazo}} días»."),
            "blanks": Field(
                Named(
                    Tagged(
                        "el hueco",
                        "type",
                        {
                            "choice": {"options": _OPTIONS},
                            "numeric": {**_NUMERIC, "feedback": _BLANK_FEEDBACK},
                            "short": {**_SHORT, "feedback": _BLANK_FEEDBACK},
                        },
                    ),
                    _BLANK,
                    _BLANK_SAYS,
                    1,
                    20,
                ),
                "Los huecos, por su nombre.",
            ),
        },
    },
)

QUIZ = Record(
    "el cuestionario",
    {
        "title": Field(TITLE, "Título del repaso o del banco."),
        "minutes": Field(MINUTES, "Minutos que toma."),
        "questions": Field(Many(QUESTION, 1, 500), "Preguntas."),
    },
)

_ROWS = Many(Named(Text(4000), _COLUMN, _COLUMN_SAYS, 1, 200), 1, 60)
_SEEDED = {
    "errors": Field(Whole(1, 400), "Cuántos errores se siembran en el libro de cada persona."),
    "difficulties": optional(
        Many(Whole(1, 3), 1, 3, unique=True),
        "De qué dificultad: 1 se ve enseguida, 3 solo al comparar. Si no se dice, todas.",
    ),
}
PACKAGE = Record(
    "el material interactivo",
    {
        "title": Field(TITLE, "Título del paso, como se ve en el temario."),
        "minutes": Field(MINUTES, "Minutos que toma."),
        "summary": Field(Text(400), "Una o dos frases: qué se hace y qué se aprende."),
        "counts": Field(
            Choice(("completion", "passed", "view")),
            "Qué hace que el paso cuente: que el material avise que se completó, que avise que se aprobó, o abrirlo.",
        ),
    },
)

LAB = Tagged(
    "la práctica",
    "kind",
    shared={
        "title": Field(TITLE, "Título de la práctica, como se ve en el temario."),
        "minutes": Field(MINUTES, "Minutos que toma."),
        "format": Field(
            Text(120, pattern=rf"{KEY}(/{KEY})*", says="va el id de un formato, como lo dice «aula formats list»"),
            "El formato que se practica, por su id.",
        ),
        "case": Field(CASE, "El caso que se cuenta, en Markdown, con los datos en tablas."),
        "hints": optional(Many(MARKDOWN, 0, 12), "Pistas, de la más leve a la más clara. No cuestan puntos."),
        "pass_mark": optional(Whole(1, 100), "Porcentaje para pasar la práctica. Si no se dice, 80."),
        "attempts": optional(Whole(1, 50), "Cuántas veces se puede entregar; null = las que se quieran."),
    },
    variants={
        "load": {
            "rows": Field(_ROWS, "Lo que va en cada fila del reporte, por id de columna."),
            "tables": optional(
                Named(
                    _ROWS,
                    r"[0-9]{1,12}",
                    "usa el número de la tabla, el que sigue a Tabla_ en el nombre de su hoja",
                    1,
                    20,
                ),
                "Lo que va en cada tabla secundaria, por id de columna; ID enlaza con el reporte.",
            ),
        },
        "find": _SEEDED,
        "mend": _SEEDED,
    },
)

NORM = Record(
    "la norma",
    {
        "id": Field(key(60), "El nombre del archivo, sin .yaml."),
        "short": Field(Text(40), "Siglas con que se cita."),
        "name": Field(Text(300), "Nombre oficial completo."),
        "gazette": Field(Text(120), "Dónde y cuándo se publicó, como «DOF 20-03-2025»."),
        "published": Field(Day(), "Día de publicación."),
        "valid_from": Field(Day(), "Primer día de vigencia."),
        "valid_to": optional(Day(), "Último día de vigencia; null si sigue vigente."),
        "last_reform": optional(Day(), "Última reforma que recoge el texto."),
        "superseded_by": optional(key(60), "El id de la norma que la sustituye."),
        "note": optional(Text(2000), "De dónde salió el texto y qué hay que saber de él."),
        "articles": Field(
            Many(
                Record(
                    "el artículo",
                    {
                        "number": Field(Text(60), "Lo que sigue a «Artículo»: 21, 3 Bis."),
                        "place": optional(Text(300), "Título y capítulo."),
                        "text": Field(Text(60_000), "Texto exacto; cada fracción en su renglón, como «IX. …»."),
                    },
                ),
                1,
                2000,
            ),
            "Artículos.",
        ),
        "transitory": optional(
            Many(
                Record(
                    "el transitorio",
                    {
                        "number": Field(Text(80), "Primero, Segundo…"),
                        "text": Field(Text(60_000), "Texto exacto."),
                    },
                ),
                0,
                200,
            ),
            "Artículos transitorios.",
        ),
    },
)

POSTS = ("titular-ut", "comite", "enlace-area", "oficial-datos", "archivo", "otra")

PATH = Record(
    "la ruta",
    {
        "title": Field(TITLE, "Para quién es, como se lee en la lista: «Titular de la Unidad de Transparencia»."),
        "summary": Field(Text(300), "Qué sabrá hacer quien la termine."),
        "posts": Field(Many(Choice(POSTS), 1, 6, unique=True), "Funciones de trabajo a las que se propone."),
        "courses": Field(
            Many(
                Record(
                    "el curso de la ruta",
                    {
                        "course": Field(key(), "Carpeta del curso."),
                        "why": Field(Text(300), "Por qué está en esta ruta y en este lugar."),
                    },
                ),
                1,
                20,
            ),
            "Cursos, en el orden en que conviene tomarlos.",
        ),
    },
)

_FILES: dict[str, tuple[str, Shape]] = {
    "course.schema.json": ("Curso (course.yaml)", COURSE),
    "lesson.schema.json": ("Ficha de una lección (lessons/*.md)", LESSON),
    "quiz.schema.json": ("Repaso o banco de preguntas (quizzes/*.yaml)", QUIZ),
    "lab.schema.json": ("Práctica con un formato (labs/*/lab.yaml)", LAB),
    "package.schema.json": ("Material interactivo (packages/*/package.yaml)", PACKAGE),
    "norm.schema.json": ("Norma (_norms/*.yaml)", NORM),
    "path.schema.json": ("Ruta de aprendizaje (_paths/*.yaml)", PATH),
}


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schemas of the format by the name of their file."""
    return {
        name: {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"urn:aula-norte:{name}",
            "title": title,
            **shape.json_schema(),
        }
        for name, (title, shape) in _FILES.items()
    }


def schema_text(name: str) -> str:
    """Return a schema as the text of its file in `courses/_schema/`."""
    return json.dumps(schemas()[name], ensure_ascii=False, indent=2) + "\n"


__all__ = [
    "COURSE",
    "KEY",
    "KEY_SAYS",
    "LAB",
    "LESSON",
    "NORM",
    "PACKAGE",
    "PATH",
    "POSTS",
    "QUIZ",
    "schema_text",
    "schemas",
]
