"""Questions in a spreadsheet: one row each, for who writes them in Excel."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from webapp.coursepack.answers import parse_number, plain_number
from webapp.coursepack.banks.markup import from_html, one_line, text_of
from webapp.coursepack.banks.neutral import MOST_QUESTIONS, Fault, Faulty, Found, Json, LeftOut, Source, verdict
from webapp.coursepack.model import Bank, Question
from webapp.formats.guard import check_file, run_limited
from webapp.formats.model import Unreadable

SHEET = "Preguntas"
LETTERS = "ABCDEFGH"
COLUMNS = (
    "Tipo",
    "Pregunta",
    "Correcta",
    *(name for letter in LETTERS for name in (f"Opción {letter}", f"Por qué {letter}")),
    "Si acierta",
    "Si no acierta",
    "Tolerancia",
    "Unidad",
    "Explicación",
    "Fuente",
    "Lecciones",
    "Dificultad",
    "Puntos",
)
_WIDTHS = {"Pregunta": 60, "Explicación": 40}
_BLANK = re.compile(r"\{\{(.+?)\}\}", re.DOTALL)
_GIVEN = re.compile(r"[;\n]")
_TRUTH = {"verdadero": True, "v": True, "sí": True, "si": True, "falso": False, "f": False, "no": False}

EXAMPLES: tuple[dict[str, str], ...] = (
    {
        "Tipo": "una opción",
        "Pregunta": "Un taller gratuito pide el teléfono para avisar si se cancela. ¿Qué dices de ese dato?",
        "Correcta": "A",
        "Opción A": "Sirve a una finalidad del taller",
        "Por qué A": "Sin un medio de contacto no se podría avisar.",
        "Opción B": "Es sensible y no puede pedirse",
        "Por qué B": "Es un dato de contacto; lo que importa es para qué se usa.",
        "Explicación": "Un dato se justifica por su finalidad.",
        "Fuente": "lgpdppso-2025 art. 19",
        "Dificultad": "2",
    },
    {
        "Tipo": "varias opciones",
        "Pregunta": "¿Qué datos sirven para prestar libros con credencial?",
        "Correcta": "A; B",
        "Opción A": "Nombre",
        "Opción B": "Medio de contacto",
        "Opción C": "Religión",
    },
    {
        "Tipo": "verdadero o falso",
        "Pregunta": "Se puede pedir un dato por si después resulta útil.",
        "Correcta": "falso",
    },
    {
        "Tipo": "parejas",
        "Pregunta": "Relaciona cada característica con lo que significa.",
        "Opción A": "Libre => Sin presión",
        "Opción B": "Específica => Para finalidades concretas",
        "Opción C": "=> Ante notario",
    },
    {
        "Tipo": "orden",
        "Pregunta": "Ordena la revisión de un formato.",
        "Opción A": "Escribes la finalidad",
        "Opción B": "Marcas los datos que sirven",
        "Opción C": "Quitas los demás",
    },
    {
        "Tipo": "número",
        "Pregunta": "¿Cuántos días hábiles tiene el plazo?",
        "Correcta": "20",
        "Tolerancia": "0",
        "Unidad": "días",
    },
    {"Tipo": "texto", "Pregunta": "El consentimiento sin presión es…", "Correcta": "libre; consentimiento libre"},
    {
        "Tipo": "huecos",
        "Pregunta": "Los datos deben ser estrictamente {{*necesarios|útiles}} para la {{finalidad}} en {{#20}} días.",
    },
)
_HELP = (
    ("Cómo se llena", ""),
    ("Una fila por pregunta", "Borra los ejemplos antes de subir el libro. No cambies los encabezados."),
    ("Tipo", "una opción, varias opciones, verdadero o falso, parejas, orden, número, texto o huecos"),
    (
        "Correcta",
        "la letra de la opción (A), varias con punto y coma (A; C), verdadero o falso, el número, o los textos que valen, "
        "separados con punto y coma",
    ),
    ("Parejas", "en cada opción, lo que se relaciona, =>, y con qué. Una respuesta que no va con nada: => y su texto"),
    (
        "Huecos",
        "{{finalidad}} es un texto, {{#20}} un número, {{*necesarios|útiles}} una lista con la correcta marcada con *",
    ),
    ("Por qué", "lo que se le dice a quien elige esa opción. Es lo que más enseña"),
    ("Fuente", "norma y artículo, como lgpdppso-2025 art. 19; varias con punto y coma"),
    ("Lecciones", "las claves de las lecciones que la enseñan, con punto y coma"),
)


# --- reading ------------------------------------------------------------------------------------------------------


def read(data: bytes) -> Found:
    """Read a workbook. What is wrong is in `faults`, each with sheet, column letter and row."""
    found = Found()
    with NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(data)
        file.flush()
        try:
            check_file(Path(file.name))
            rows = run_limited(rows_of, file.name)
        except Unreadable as error:
            found.faults.append(Fault(error.code, error.message))
            return found
    heads = [str(value).strip() for value in rows[0]] if rows else []
    missing = [name for name in ("Tipo", "Pregunta", "Correcta") if name not in heads]
    if missing:
        message = f"En la primera hoja falta la columna «{missing[0]}». Usa la plantilla sin cambiar sus encabezados."
        found.faults.append(Fault("missing_column", message, 0, f"{SHEET}!1"))
        return found
    for line, row in enumerate(rows[1:], 2):
        cells = {name: _cell(row[place]) for place, name in enumerate(heads) if name and place < len(row)}
        if any(cells.values()):
            _read_row(line, cells, heads, found)
    if not found.sources and not found.faults:
        found.faults.append(Fault("no_questions", "La hoja no trae ninguna pregunta debajo de los encabezados."))
    return found


def rows_of(path: str) -> list[list[Any]]:
    """The rows of the first sheet of a workbook, as far as there may be questions. Called in a process of its own."""
    import python_calamine

    sheet = python_calamine.load_workbook(path).get_sheet_by_index(0)
    return [row[:60] for row in sheet.to_python(skip_empty_area=False, nrows=MOST_QUESTIONS + 1)]


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "verdadero" if value else "falso"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _read_row(line: int, cells: dict[str, str], heads: Sequence[str], found: Found) -> None:
    number = len(found.sources) + 1
    source = Source(number, f"{SHEET}!{line}", cells.get("Pregunta", "")[:80], cells.get("Tipo", "").casefold())
    found.sources.append(source)
    try:
        source.data = _data(cells)
    except _Wrong as error:
        letter = _letter(heads.index(error.column)) if error.column in heads else ""
        found.faults.append(Fault(error.code, error.message, number, f"{SHEET}!{letter}{line}"))


class _Wrong(Exception):
    def __init__(self, code: str, column: str, message: str) -> None:
        super().__init__(code)
        self.code, self.column, self.message = code, column, message


def _letter(place: int) -> str:
    letters = ""
    while place >= 0:
        place, letter = divmod(place, 26)
        letters, place = chr(65 + letter) + letters, place - 1
    return letters


def _data(cells: dict[str, str]) -> Json:
    reader = _READERS.get(cells.get("Tipo", "").casefold())
    if reader is None:
        raise _Wrong(
            "unknown_type", "Tipo", f"«{cells.get('Tipo', '')[:40]}» no es un tipo. Usa uno de: {', '.join(_READERS)}."
        )
    if not cells.get("Pregunta"):
        raise _Wrong("no_prompt", "Pregunta", "Falta el texto de la pregunta.")
    data = {**reader(cells)}
    if cells.get("Explicación"):
        data["explanation"] = cells["Explicación"]
    for column, name in (("Fuente", "source"), ("Lecciones", "tags")):
        given = _list(cells.get(column, ""))
        if given:
            data[name] = given
    for column, name in (("Dificultad", "difficulty"), ("Puntos", "points")):
        if cells.get(column):
            if not cells[column].isdigit():
                raise _Wrong("bad_number", column, f"«{cells[column][:40]}» no es un número entero.")
            data[name] = int(cells[column])
    return data


def _list(text: str) -> list[str]:
    return [part.strip() for part in _GIVEN.split(text) if part.strip()]


def _options(cells: dict[str, str]) -> list[tuple[str, str, str]]:
    """The options that are filled: letter, text, feedback."""
    return [(k, cells[f"Opción {k}"], cells.get(f"Por qué {k}", "")) for k in LETTERS if cells.get(f"Opción {k}")]


def _choice(kind: str) -> Callable[[dict[str, str]], Json]:
    def reader(cells: dict[str, str]) -> Json:
        options = _options(cells)
        right = {letter.upper() for letter in re.split(r"[;,\s]+", cells.get("Correcta", "")) if letter}
        unknown = right - {letter for letter, _, _ in options}
        if not right or unknown:
            wrong = (
                f"«{sorted(unknown)[0]}» no es la letra de una opción llena."
                if unknown
                else "Falta decir cuál es la correcta."
            )
            raise _Wrong("no_right_answer", "Correcta", f"{wrong} Escribe su letra, como A.")
        rows = []
        for letter, text, why in options:
            row: Json = {"text": one_line(text)}
            if letter in right:
                row["correct"] = True
            rows.append(row | ({"feedback": why} if why else {}))
        return {"type": kind, "prompt": cells["Pregunta"], "options": rows}

    return reader


def _truefalse(cells: dict[str, str]) -> Json:
    answer = _TRUTH.get(cells.get("Correcta", "").casefold())
    if answer is None:
        raise _Wrong("no_right_answer", "Correcta", "Escribe verdadero o falso.")
    right, wrong = cells.get("Si acierta", ""), cells.get("Si no acierta", "")
    said = {"true": right if answer else wrong, "false": wrong if answer else right}
    told = {word: text for word, text in said.items() if text}
    return {"type": "truefalse", "prompt": cells["Pregunta"], "answer": answer} | ({"feedback": told} if told else {})


def _pairs(cells: dict[str, str]) -> Json:
    pairs, others = [], []
    for letter, text, why in _options(cells):
        left, arrow, right = text.partition("=>")
        if not arrow or not right.strip():
            raise _Wrong("bad_pair", f"Opción {letter}", "Una pareja se escribe «izquierda => derecha».")
        if left.strip():
            pairs.append({"left": left.strip(), "right": right.strip()} | ({"feedback": why} if why else {}))
        else:
            others.append(right.strip())
    return {"type": "matching", "prompt": cells["Pregunta"], "pairs": pairs} | (
        {"distractors": others} if others else {}
    )


def _order(cells: dict[str, str]) -> Json:
    said = cells.get("Si acierta", "")
    items = [one_line(text) for _, text, _ in _options(cells)]
    return {"type": "ordering", "prompt": cells["Pregunta"], "items": items} | ({"feedback": said} if said else {})


def _numeric(cells: dict[str, str]) -> Json:
    data: Json = {
        "type": "numeric",
        "prompt": cells["Pregunta"],
        "answer": _number(cells.get("Correcta", ""), "Correcta"),
    }
    if cells.get("Tolerancia") and cells["Tolerancia"] != "0":
        data["tolerance"] = _number(cells["Tolerancia"], "Tolerancia")
    if cells.get("Unidad"):
        data["unit"] = cells["Unidad"]
    return data | verdict(cells.get("Si acierta", ""), cells.get("Si no acierta", ""))


def _number(text: str, column: str) -> int | str:
    number = parse_number(text)
    if number is None:
        raise _Wrong("bad_number", column, f"«{text[:40]}» no es un número. Escribe por ejemplo 20 o 1,234.5.")
    return int(number) if number == number.to_integral_value() else plain_number(number)


def _short(cells: dict[str, str]) -> Json:
    accepted = _list(cells.get("Correcta", ""))
    if not accepted:
        raise _Wrong("no_right_answer", "Correcta", "Escribe los textos que valen, separados con punto y coma.")
    data = {"type": "short", "prompt": cells["Pregunta"], "accept": accepted}
    return data | verdict(cells.get("Si acierta", ""), cells.get("Si no acierta", ""))


def _cloze(cells: dict[str, str]) -> Json:
    blanks: Json = {}

    def blank(match: re.Match[str]) -> str:
        name = f"hueco-{len(blanks) + 1}"
        body = match[1].strip()
        if body.startswith("#"):
            blanks[name] = {"type": "numeric", "answer": _number(body[1:], "Pregunta")}
        elif "|" in body:
            options = [part.strip() for part in body.split("|")]
            blanks[name] = {
                "type": "choice",
                "options": [
                    {"text": o.lstrip("*").strip()} | ({"correct": True} if o.startswith("*") else {}) for o in options
                ],
            }
        else:
            blanks[name] = {"type": "short", "accept": _list(body)}
        return f"{{{{{name}}}}}"

    text = _BLANK.sub(blank, cells["Pregunta"])
    if not blanks:
        raise _Wrong("no_gaps", "Pregunta", "Falta marcar los huecos: {{texto}}, {{#20}} o {{*correcta|otra}}.")
    return {"type": "cloze", "prompt": "Completa.", "text": text, "blanks": blanks}


_READERS: dict[str, Callable[[dict[str, str]], Json]] = {
    "una opción": _choice("single"),
    "varias opciones": _choice("multiple"),
    "verdadero o falso": _truefalse,
    "parejas": _pairs,
    "orden": _order,
    "número": _numeric,
    "texto": _short,
    "huecos": _cloze,
}


# --- writing ------------------------------------------------------------------------------------------------------


def template() -> bytes:
    """A workbook with one example of each type, and how to fill it."""
    return _workbook(EXAMPLES)


def write(bank: Bank) -> tuple[bytes, list[LeftOut]]:
    """The bank as a workbook, and the questions that a row cannot hold."""
    rows, left_out = [], []
    for number, question in enumerate(bank.questions, 1):
        why = _too_much(question)
        if why:
            left_out.append(LeftOut(number, question.id, text_of(question.prompt_html)[:80], why))
        else:
            rows.append(_row(question))
    return _workbook(rows), left_out


def _too_much(question: Question) -> str:
    for name in ("options", "lefts", "items"):
        if len(question.body.get(name, ())) > len(LETTERS):
            return f"tiene más de {len(LETTERS)} opciones"
    return "lleva una imagen" if "<img" in question.prompt_html else ""


def _row(question: Question) -> dict[str, str]:
    row = {
        "Tipo": next(word for word, kind in _KINDS.items() if kind == question.type),
        "Pregunta": from_html(question.prompt_html),
        "Explicación": from_html(question.explanation_html),
        "Lecciones": "; ".join(question.tags),
        "Dificultad": str(question.difficulty),
        "Puntos": str(question.points),
    }
    body = question.body
    if question.type in {"single", "multiple"}:
        for letter, option in zip(LETTERS, body["options"], strict=False):
            row[f"Opción {letter}"] = one_line(from_html(option["html"]))
            row[f"Por qué {letter}"] = from_html(option["feedback_html"])
        row["Correcta"] = "; ".join(k for k, option in zip(LETTERS, body["options"], strict=False) if option["correct"])
    elif question.type == "truefalse":
        answer, said = body["answer"], body["feedback"]
        row["Correcta"] = "verdadero" if answer else "falso"
        row["Si acierta"] = from_html(said["true" if answer else "false"])
        row["Si no acierta"] = from_html(said["false" if answer else "true"])
    elif question.type == "matching":
        rights = {right["id"]: one_line(from_html(right["html"])) for right in body["rights"]}
        used = {left["right"] for left in body["lefts"]}
        pairs = [f"{one_line(from_html(left['html']))} => {rights[left['right']]}" for left in body["lefts"]]
        pairs += [f"=> {text}" for key, text in rights.items() if key not in used]
        for letter, pair in zip(LETTERS, pairs, strict=False):
            row[f"Opción {letter}"] = pair
        for letter, left in zip(LETTERS, body["lefts"], strict=False):
            row[f"Por qué {letter}"] = from_html(left["feedback_html"])
    elif question.type == "ordering":
        for letter, item in zip(LETTERS, body["items"], strict=False):
            row[f"Opción {letter}"] = one_line(from_html(item["html"]))
        row["Si acierta"] = from_html(body["feedback_html"])
    elif question.type == "cloze":
        row["Pregunta"] = "".join(_segments(body))
    else:
        row["Correcta"] = body["answer"] if question.type == "numeric" else "; ".join(body["accept"])
        row["Si acierta"], row["Si no acierta"] = from_html(body["correct_html"]), from_html(body["incorrect_html"])
        if question.type == "numeric":
            row["Tolerancia"], row["Unidad"] = body["tolerance"], body["unit"]
    return row


_KINDS = {
    "una opción": "single",
    "varias opciones": "multiple",
    "verdadero o falso": "truefalse",
    "parejas": "matching",
    "orden": "ordering",
    "número": "numeric",
    "texto": "short",
    "huecos": "cloze",
}


def _segments(body: Json) -> list[str]:
    written = []
    for segment in body["segments"]:
        if "blank" not in segment:
            written.append("\n\n" if segment.get("break") else f" {from_html(segment['html'])} ")
            continue
        blank = body["blanks"][segment["blank"]]
        if blank["type"] == "choice":
            inner = "|".join(f"{'*' if option['correct'] else ''}{option['text']}" for option in blank["options"])
        elif blank["type"] == "numeric":
            inner = f"#{plain_number(Decimal(blank['answer']))}"
        else:
            inner = "; ".join(blank["accept"])
        written.append(f"{{{{{inner}}}}}")
    return ["".join(written).strip()]


def _workbook(rows: Sequence[dict[str, str]]) -> bytes:
    import xlsxwriter

    target = BytesIO()
    with xlsxwriter.Workbook(
        target, {"strings_to_urls": False, "strings_to_formulas": False, "in_memory": True}
    ) as book:
        head = book.add_format({"bold": True, "bg_color": "#0f4c5c", "font_color": "#ffffff", "text_wrap": True})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(SHEET)
        sheet.freeze_panes(1, 2)
        for place, name in enumerate(COLUMNS):
            sheet.write_string(0, place, name, head)
            sheet.set_column(place, place, _WIDTHS.get(name, 18))
            for line, row in enumerate(rows, 1):
                if row.get(name):
                    sheet.write_string(line, place, row[name], wrapped)
        sheet.data_validation(1, 0, MOST_QUESTIONS, 0, {"validate": "list", "source": list(_KINDS)})
        guide = book.add_worksheet("Cómo se llena")
        guide.set_column(0, 0, 24)
        guide.set_column(1, 1, 90)
        for line, (word, meaning) in enumerate(_HELP):
            guide.write_string(line, 0, word, head)
            guide.write_string(line, 1, meaning, wrapped)
    return target.getvalue()


__all__ = ["COLUMNS", "EXAMPLES", "Faulty", "read", "rows_of", "template", "write"]
