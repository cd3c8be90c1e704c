"""Banks of questions from GIFT, Moodle XML and XLSX, and back: all or nothing, with everything that is lost named."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from collections import Counter
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.coursepack.banks import export_bank, gift, import_bank, template
from webapp.coursepack.banks.exchange import bank_text, kind_of
from webapp.coursepack.banks.markup import plain
from webapp.coursepack.banks.neutral import decode
from webapp.coursepack.markdown import Context
from webapp.coursepack.model import Bank, Question
from webapp.coursepack.problems import Report
from webapp.coursepack.questions import compile_question
from webapp.coursepack.schema import QUIZ
from webapp.coursepack.yamltext import parse

ROOT = Path(__file__).parents[3]
KINDS = ("gift", "moodle", "xlsx")


def questions(text: str) -> list[dict[str, Any]]:
    """The questions of a bank's YAML, as plain values."""
    found: list[dict[str, Any]] = yaml.safe_load(text)["questions"]
    return found


def one(source: str | bytes, name: str = "banco.gift", **options: Any) -> dict[str, Any]:
    data = source.encode() if isinstance(source, str) else source
    found = import_bank(data, name, **options)
    assert found.faults == () and found.questions == 1, found
    return questions(found.text)[0]


def compiled(text: str) -> Bank:
    """A bank as the platform reads it."""
    report = Report("quizzes/banco.yaml")
    node = parse(text, report)
    assert node is not None
    read = QUIZ.read(node, report, "banco")
    assert read is not None and not report.has_errors, report.in_order()
    found = [compile_question(row, Context({}, {}, frozenset()), report) for row in read.items("questions")]
    assert not report.has_errors, report.in_order()
    return Bank("banco", read.text("title"), tuple(q for q in found if q is not None))


# --- GIFT ---------------------------------------------------------------------------------------------------------


def gift_of_43() -> str:
    """A file with the composition of the well-known example: 18 choices, 5 truths, 9 texts, 8 numbers, 3 pairings."""
    blocks = []
    for n in range(18):
        body = f"=Sí {n} #Bien. ~No {n} #Mal. ~Quizá {n}" if n % 3 else f"~%50%Uno {n} ~%50%Dos {n} ~%-50%Tres {n}"
        blocks.append(f"::elegir {n}:: ¿Cuál es la {n}? {{ {body} }}")
    for n, answer in enumerate(("T", "F", "TRUE", "FALSE#No.#Sí.", "T#Mal.")):
        blocks.append(f"La frase {n} es cierta. {{{answer}}}")
    blocks += [f"¿Cómo se llama {n}? {{=Nombre {n} =Otro {n}}}" for n in range(8)]
    blocks.append("Dos y dos son {=cuatro} según la maestra.")
    blocks += [f"¿Cuántos son {n}? {{#{n}}}" for n in range(5)]
    blocks += [
        "¿Cuánto mide? {#3.141..3.142}",
        "¿Cuánto pesa? {#20:0.5#Así es.}",
        "¿Y ahora? {#\n=7:1#Eso.\n~#Revisa.\n}",
    ]
    blocks += [f"Relaciona {n}. {{ =a{n} -> 1{n} =b{n} -> 2{n} =c{n} -> 3{n} }}" for n in range(3)]
    return "// Ejemplo\n$CATEGORY: tema/uno\n\n" + "\n\n".join(blocks) + "\n"


def test_a_file_of_43_questions_is_read_by_its_kinds() -> None:
    found = gift.read(gift_of_43())
    assert found.faults == []
    assert Counter(source.kind for source in found.sources) == {
        "choice": 18,
        "truefalse": 5,
        "short": 9,
        "numerical": 8,
        "matching": 3,
    }
    assert import_bank(gift_of_43().encode(), "x.gift").questions == 43


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_accents_survive_whatever_editor_wrote_them(encoding: str, line_end: str) -> None:
    text = "::añejo:: ¿Qué es «inexistencia»? {=Sesión del Comité ~Ningún trámite}".replace("\n", line_end)
    found = one((text + line_end).encode(encoding))
    assert found["prompt"] == "¿Qué es «inexistencia»?" and found["options"][0]["text"] == "Sesión del Comité"


def test_every_piece_of_a_choice_comes_along() -> None:
    found = one(
        "// [id:x] [tag:el aviso]\n::Datos \\: uno::[html]<p>¿Qué <b>dato</b> \\{sobra\\}?</p>"
        "{=El estado civil#Sobra \\= sí. ~El nombre#Hace falta. ####Siempre la finalidad.}"
    )
    assert found["id"] == "datos-uno" and found["tags"] == ["el-aviso"] and found["type"] == "single"
    assert found["prompt"] == "¿Qué **dato** \\{sobra\\}?"
    assert found["options"][0] == {"text": "El estado civil", "correct": True, "feedback": "Sobra = sí."}
    assert found["explanation"] == "Siempre la finalidad."


def test_a_missing_word_leaves_a_line_where_it_was() -> None:
    assert (
        one("Dos y dos son {=cuatro =4} según la maestra.")["prompt"] == r"Dos y dos son \_\_\_\_\_ según la maestra."
    )


def test_truth_knows_which_feedback_is_for_whom() -> None:
    found = one("La ley obliga.{T#Relee.#Así es.}")
    assert found["answer"] is True and found["feedback"] == {"true": "Así es.", "false": "Relee."}


@pytest.mark.parametrize(
    ("block", "answer", "tolerance"),
    [("#5", 5, None), ("#5:0.1", 5, "0.1"), ("#1..5", 3, 2), ("#=1822:5#Sí.", 1822, 5), ("#-2.50", "-2.5", None)],
)
def test_numbers_and_their_tolerance(block: str, answer: Any, tolerance: Any) -> None:
    found = one(f"¿Cuánto? {{{block}}}")
    assert (found["answer"], found.get("tolerance")) == (answer, tolerance)


def test_weights_that_are_ours_become_a_multiple_and_what_differs_is_told() -> None:
    same = import_bank(b"Elige. {~%50%a ~%50%b ~%-50%c}", "x.gift")
    other = import_bank(b"Elige. {~%50%a ~%50%b ~c}", "x.gift")
    assert same.notes == () and [q["type"] for q in questions(same.text)] == ["multiple"]
    assert len(other.notes) == 1 and "resta" in other.notes[0].message


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Explica con tus palabras. {}", "abierta"),
        ("Solo un texto.", "texto sin pregunta"),
        ("Elige. {~%70%a ~%30%b ~c}", "parte del punto"),
        ("Di. {=%50%casi =todo}", "parte del punto"),
        ("Di. {=uno*}", "comodines"),
        ("¿Cuánto? {#=5 =7}", "varios números"),
    ],
)
def test_what_has_no_equal_here_is_named_and_left_out_only_when_asked(text: str, why: str) -> None:
    whole = f"{text}\n\n¿Sí? {{T}}\n"
    refused = import_bank(whole.encode(), "x.gift")
    assert refused.text == "" and refused.faults[0].code == "not_representable" and why in refused.faults[0].message
    assert (refused.faults[0].number, refused.faults[0].place) == (1, "línea 1")
    taken = import_bank(whole.encode(), "x.gift", skip_unsupported=True)
    assert taken.questions == 1 and taken.left_out[0].number == 1 and why in taken.left_out[0].why


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("¿Sí? {T}\n\n\n¿Abierta? {=a ~b\n\n¿Otra? {T}\n", "unbalanced_braces", "línea 4"),
        ("Elige. {~a ~b}", "no_right_answer", "línea 1"),
        ("Elige. {=%NaN%a ~b}", "bad_weight", "línea 1"),
        ("Elige. {~%150%a ~b}", "bad_weight", "línea 1"),
        ("¿Cuánto? {#veinte}", "bad_number", "línea 1"),
        ("Elige. {a ~b}", "no_mark", "línea 1"),
        ("{=a ~b}", "no_prompt", "línea 1"),
        ("Elige. {=sola}\n\nElige. {=a ~a}", "duplicate_option", "línea 3"),
        ("// nada\n", "no_questions", ""),
        ("", "empty", ""),
        ("a" * (5 * 1024 * 1024 + 1), "too_large", ""),
    ],
)
def test_what_is_wrong_is_told_with_its_question_and_line_and_nothing_comes_in(
    text: str, code: str, place: str
) -> None:
    found = import_bank(text.encode(), "x.gift")
    assert found.text == "" and found.questions == 0 and found.assets == {}
    assert [(fault.code, fault.place) for fault in found.faults] == [(code, place)]
    assert found.faults[0].message.endswith(".")


# --- Moodle XML -----------------------------------------------------------------------------------------------------


def moodle(body: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{body}\n</quiz>'.encode()


def moodle_question(kind: str, body: str, text: str = "<p>¿Qué <em>dato</em> sobra?</p>") -> bytes:
    return moodle(
        f'<question type="{kind}"><name><text>El dato</text></name>'
        f'<questiontext format="html"><text><![CDATA[{text}]]></text></questiontext>{body}</question>'
    )


def answer(text: str, fraction: int, feedback: str = "") -> str:
    said = f"<feedback><text>{feedback}</text></feedback>" if feedback else ""
    return f'<answer fraction="{fraction}"><text>{text}</text>{said}</answer>'


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("multichoice", answer("a", 100, "Sí.") + answer("b", 0), {"type": "single"}),
        ("multichoice", answer("a", 50) + answer("b", 50) + answer("c", -50), {"type": "multiple"}),
        ("truefalse", answer("true", 0, "No.") + answer("false", 100), {"answer": False, "feedback": {"true": "No."}}),
        (
            "shortanswer",
            answer("uno", 100) + answer("dos", 0, "Casi."),
            {"accept": ["uno"], "common": [{"text": "dos", "feedback": "Casi."}]},
        ),
        (
            "numerical",
            '<answer fraction="100"><text>20</text><tolerance>0.5</tolerance></answer>',
            {"answer": 20, "tolerance": "0.5"},
        ),
        (
            "matching",
            "<subquestion><text>a</text><answer><text>1</text></answer></subquestion>"
            "<subquestion><text>b</text><answer><text>2</text></answer></subquestion>"
            "<subquestion><text></text><answer><text>3</text></answer></subquestion>",
            {"pairs": [{"left": "a", "right": "1"}, {"left": "b", "right": "2"}], "distractors": ["3"]},
        ),
        ("ordering", answer("a", 100) + answer("b", 50) + answer("c", 33), {"items": ["a", "b", "c"]}),
    ],
)  # fmt: skip
def test_each_type_of_moodle_comes_in(kind: str, body: str, expected: dict[str, Any]) -> None:
    found = one(moodle_question(kind, body), "x.xml")
    assert {name: found[name] for name in expected} == expected
    assert found["prompt"] == "¿Qué *dato* sobra?" and found["id"] == "el-dato"


def test_gaps_of_moodle_become_blanks() -> None:
    box = "<selectoption><text>{}</text><group>1</group></selectoption>"
    chosen = one(moodle_question("gapselect", box.format("libre") + box.format("forzada"), "Es [[1]]."), "x.xml")
    assert chosen["text"] == "Es {{hueco-1}}." and chosen["blanks"]["hueco-1"]["options"][0]["correct"]
    text = "Plazo: {1:NUMERICAL:=20:0} días; es {1:MULTICHOICE:=hábil#Bien~natural} y {1:SHORTANSWER:=legal}."
    embedded = one(moodle_question("cloze", "", text), "x.xml")
    assert embedded["text"] == "Plazo: {{hueco-1}} días; es {{hueco-2}} y {{hueco-3}}."
    assert [blank["type"] for blank in embedded["blanks"].values()] == ["numeric", "choice", "short"]


def test_an_image_inside_comes_out_as_a_file_of_the_package() -> None:
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\nx").decode()
    body = (
        '<question type="truefalse"><name><text>x</text></name><questiontext format="html"><text>'
        '<![CDATA[<p>Mira <img src="@@PLUGINFILE@@/Mi%20Foto.png" alt="Un sello"></p>]]></text>'
        f'<file name="Mi Foto.png" encoding="base64">{picture}</file></questiontext>{answer("true", 100)}'
        f"{answer('false', 0)}</question>"
    )
    found = import_bank(moodle(body), "x.xml")
    assert found.assets == {"assets/mi-foto.png": b"\x89PNG\r\n\x1a\nx"}
    assert "![Un sello](assets/mi-foto.png)" in questions(found.text)[0]["prompt"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'<!DOCTYPE quiz [<!ENTITY a "b">]><quiz/>', "unsafe_xml"),
        (b"<quiz><question>", "broken_xml"),
        (b"<?xml version='1.0'?><otra/>", "no_quiz"),
        (b"<quiz>" + b"<a>" * 60 + b"</a>" * 60 + b"</quiz>", "too_deep"),
        (b"<quiz></quiz>", "no_questions"),
        (moodle_question("multichoice", answer("a", 0) + answer("b", 0)), "no_right_answer"),
        (moodle_question("multichoice", '<answer fraction="NaN"><text>a</text></answer>'), "bad_weight"),
        (moodle_question("numerical", answer("veinte", 100)), "bad_number"),
        (moodle_question("truefalse", answer("true", 100), ""), "no_prompt"),
        (moodle_question("inventado", ""), "not_representable"),
        (moodle_question("essay", ""), "not_representable"),
        (
            moodle(
                '<question type="truefalse"><questiontext><text>x</text><file name="a.png" encoding="base64">#</file>'
                "</questiontext></question>"
            ),
            "bad_base64",
        ),
    ],
)
def test_what_is_wrong_with_moodle_xml_is_refused_by_name(data: bytes, code: str) -> None:
    found = import_bank(data, "x.xml")
    assert found.text == "" and found.assets == {} and [fault.code for fault in found.faults] == [code]


def test_faults_of_moodle_name_the_line_of_their_question() -> None:
    good = moodle_question("truefalse", answer("true", 100)).decode().split("<quiz>\n")[1].split("\n</quiz>")[0]
    found = import_bank(moodle(f"<!-- <question> -->\n{good}\n\n{good.replace('100', 'x')}"), "x.xml")
    assert [(fault.number, fault.place) for fault in found.faults] == [(2, "línea 6")]


# --- XLSX -----------------------------------------------------------------------------------------------------------


def test_the_template_is_a_bank_with_one_question_of_each_type() -> None:
    found = import_bank(template(), "plantilla.xlsx", norms=None)
    assert [fault.code for fault in found.faults] == ["unknown_norm"] or found.ok
    book = openpyxl.load_workbook(BytesIO(template()))
    assert book.sheetnames == ["Preguntas", "Cómo se llena"]
    sheet = book["Preguntas"]
    sheet.cell(2, [cell.value for cell in sheet[1]].index("Fuente") + 1).value = None
    target = BytesIO()
    book.save(target)
    found = import_bank(target.getvalue(), "plantilla.xlsx")
    assert found.faults == ()
    assert [q["type"] for q in questions(found.text)] == [
        *("single", "multiple", "truefalse", "matching", "ordering", "numeric", "short", "cloze"),
    ]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("Tipo", "adivinanza", "unknown_type"),
        ("Correcta", "G", "no_right_answer"),
        ("Correcta", None, "no_right_answer"),
        ("Pregunta", None, "no_prompt"),
        ("Dificultad", "mucha", "bad_number"),
    ],
)
def test_a_wrong_cell_is_named_by_sheet_column_and_row(column: str, value: Any, code: str) -> None:
    book = openpyxl.load_workbook(BytesIO(template()))
    sheet = book["Preguntas"]
    place = [cell.value for cell in sheet[1]].index(column) + 1
    sheet.cell(2, place).value = value
    target = BytesIO()
    book.save(target)
    found = import_bank(target.getvalue(), "x.xlsx")
    fault = found.faults[0]
    assert (fault.code, fault.place) == (code, f"Preguntas!{sheet.cell(2, place).coordinate}") and found.text == ""


def test_a_workbook_that_is_none_or_lacks_its_headings_is_refused() -> None:
    assert import_bank(b"PK\x03\x04nada", "x.xlsx").faults[0].code
    book = openpyxl.Workbook()
    target = BytesIO()
    book.save(target)
    assert import_bank(target.getvalue(), "x.xlsx").faults[0].code == "missing_column"


# --- and back -------------------------------------------------------------------------------------------------------

WORDS = st.text("abcdeéñ ÁZ09=~#{}:\\¿?*_[]<>&|`-+.>", min_size=1, max_size=24).map(lambda t: plain(f"x{t.strip()}x"))


@st.composite
def banks(draw: Any) -> str:
    """A bank of every type that all three formats hold, in YAML, with texts that mean something in each of them."""
    words = draw(st.lists(WORDS, min_size=12, max_size=12, unique_by=lambda t: t.casefold()))
    said = {"correct": words[10], "incorrect": words[11]}
    options = [
        {"text": w, "feedback": words[9]} | ({"correct": True} if n == 0 else {}) for n, w in enumerate(words[:3])
    ]
    several = [
        {"text": w, "feedback": words[9]} | ({"correct": True} if n < 2 else {}) for n, w in enumerate(words[:4])
    ]
    rows = [
        {"type": "single", "options": options},
        {"type": "multiple", "options": several},
        {"type": "truefalse", "answer": draw(st.booleans()), "feedback": {"true": words[1], "false": words[2]}},
        {
            "type": "matching",
            "pairs": [{"left": words[n], "right": words[n + 3]} for n in range(3)],
            "distractors": [words[7]],
        },
        {
            "type": "numeric",
            "answer": draw(st.integers(-999, 999)),
            "tolerance": draw(st.integers(0, 9)),
            "feedback": said,
        },
        {"type": "short", "accept": ["libre", "sin presión"], "feedback": said},
    ]
    tail = {"explanation": words[8]}
    return bank_text("Banco", [{"id": f"q{n}", **row, "prompt": words[6], **tail} for n, row in enumerate(rows)])


def core(question: Question) -> dict[str, Any]:
    """What must survive: words and keys, without what each format writes its own way."""
    body = json.loads(json.dumps(question.body))
    for numbers in ("answer", "tolerance"):
        if question.type == "numeric":
            body[numbers] = str(Decimal(body[numbers]).normalize())
    for left in body.get("lefts", ()):
        left.pop("feedback_html")
    for right in (*body.get("rights", ()), *body.get("options", ())):
        right.pop("id")
    body.get("lefts", []).sort(key=lambda left: str(left["html"]))
    for left in body.get("lefts", ()):
        left.pop("right")
        left.pop("id")
    body.pop("common", None)
    return {"type": question.type, "prompt": question.prompt_html, "why": question.explanation_html, "body": body}


@pytest.mark.parametrize("kind", KINDS)
def test_of_spaces_in_a_row_one_comes_back_as_a_page_shows_it(kind: Any) -> None:
    said = {"correct": "x0  0x", "incorrect": "z \t  z"}
    rows = [
        {"type": "numeric", "answer": 3, "feedback": said},
        {"type": "truefalse", "answer": True, "feedback": {"true": "a   b", "false": "c  d"}},
    ]
    bank = compiled(
        bank_text(
            "Banco", [{"id": f"q{n}", "prompt": f"y{n}  y", "explanation": "w  w", **r} for n, r in enumerate(rows)]
        )
    )
    written = export_bank(bank, kind)
    back = import_bank(written.data, f"x{written.extension}")
    assert back.faults == ()
    expected = json.dumps([core(question) for question in bank.questions], ensure_ascii=False)
    again = json.dumps([core(question) for question in compiled(back.text).questions], ensure_ascii=False)
    assert again == re.sub(r"( |\\t)+", " ", expected)
    assert "x0 0x" in again


def test_plain_text_keeps_one_of_several_spaces() -> None:
    assert plain("x0  0x\n\n  - \t y") == "x0 0x\n\n\\- y"


@settings(max_examples=20, deadline=None)
@given(text=banks(), kind=st.sampled_from(KINDS))
def test_a_bank_comes_back_as_it_went(text: str, kind: Any) -> None:
    bank = compiled(text)
    written = export_bank(bank, kind)
    assert written.left_out == ()
    back = import_bank(written.data, f"x{written.extension}")
    assert back.faults == (), back.faults
    again = compiled(back.text)
    assert [core(question) for question in again.questions] == [core(question) for question in bank.questions]


def test_what_an_export_cannot_hold_is_named() -> None:
    text = """
title: Banco
minutes: 3
questions:
  - {id: orden, type: ordering, prompt: Ordena., items: [uno, dos, tres]}
  - {id: hueco, type: cloze, prompt: Completa., text: "Es {{x}}.", blanks: {x: {type: short, accept: [libre]}}}
  - {id: cierto, type: truefalse, prompt: Sí., answer: true}
"""
    written = export_bank(compiled(text), "gift")
    assert [(one.number, one.place) for one in written.left_out] == [(1, "orden"), (2, "hueco")]
    assert import_bank(written.data, "x.gift").questions == 1
    assert export_bank(compiled(text), "moodle").left_out == () == export_bank(compiled(text), "xlsx").left_out
    for kind in ("moodle", "xlsx"):
        back = import_bank(export_bank(compiled(text), kind).data, f"x.{kind}")
        assert [q["type"] for q in questions(back.text)] == ["ordering", "cloze", "truefalse"]


@pytest.mark.needs("node")
def test_our_gift_is_read_by_a_parser_that_we_did_not_write(tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    wanted = {
        "single": "MC",
        "multiple": "MC",
        "truefalse": "TF",
        "short": "Short",
        "numeric": "Numerical",
        "matching": "Matching",
    }
    for source in [
        gift_of_43(),
        *(path.read_text("utf-8") for path in sorted((ROOT / "courses").glob("*/quizzes/banco.yaml"))),
    ]:
        is_gift = source.startswith("//")
        text = import_bank(source.encode(), "x.gift").text if is_gift else _without_sources(source)
        bank = compiled(text)
        written = export_bank(bank, "gift")
        ours = Counter(wanted[q.type] for q in bank.questions if q.type in wanted)
        assert sum(ours.values()) == len(bank.questions) - len(written.left_out)
        file = tmp_path / "banco.gift"
        file.write_bytes(written.data)
        script = (
            "const {parse}=require('gift-pegjs');const fs=require('fs');"
            "const all=parse(fs.readFileSync(process.argv[1],'utf8')).filter(q=>q.type!=='Category');"
            "console.log(JSON.stringify(all.map(q=>q.type)))"
        )
        node = shutil.which("node")
        assert node is not None
        said = subprocess.run([node, "-e", script, str(file)], cwd=ROOT, capture_output=True, text=True, check=False)
        assert said.returncode == 0, said.stderr[-1500:]
        assert Counter(json.loads(said.stdout)) == ours
        counts += ours
    assert sum(counts.values()) > 400


def _without_sources(text: str) -> str:
    """A bank of the curriculum as it may stand alone: citations need the norms, which other tests prove."""
    whole = yaml.safe_load(text)
    for row in whole["questions"]:
        row.pop("source", None)
    return re.sub(r"\s*\[@[^\]]+\]", "", yaml.safe_dump(whole, allow_unicode=True, sort_keys=False, width=100000))


# --- anything at all --------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(text=st.text(alphabet="ab \n{}=~#%:\\->T.0<[]$/", max_size=120))
def test_whatever_is_written_is_read_or_refused_by_name(text: str) -> None:
    found = import_bank(text.encode(), "x.gift", skip_unsupported=True)
    assert bool(found.text) != bool(found.faults)


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200), name=st.sampled_from(["x.gift", "x.xml", "x.txt"]))
def test_whatever_bytes_come_are_read_or_refused_by_name(data: bytes, name: str) -> None:
    if kind_of(data, name) == "xlsx":
        return
    found = import_bank(data, name, skip_unsupported=True)
    assert bool(found.text) != bool(found.faults)
    decode(data.replace(b"\xff\xfe", b"").replace(b"\xfe\xff", b""))
