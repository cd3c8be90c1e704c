"""Questions written in the browser: every type from nothing, one at a time, and nothing else of the file changes."""

from __future__ import annotations

import re
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.authoring.hands import Trainer
from webapp.authoring import bankfile, questionform
from webapp.authoring.models import DraftFile
from webapp.core.storage import storage
from webapp.coursepack.markdown import Context
from webapp.coursepack.scoring import parse_response, score

BANK = "quizzes/banco.yaml"
NOTHING = Context({}, {}, frozenset())
WHY = {"prompt": "¿Qué va primero?", "explanation": "Porque así es.", "source": "lgpdppso-2025 art. 19"}
OPTIONS = {
    "options.0.text": "La solicitud", "options.0.feedback": "Sí.", "options.1.text": "El oficio",
    "options.1.feedback": "No.", "options.2.text": "", "options.2.feedback": "",
}  # fmt: skip
# By type: the fields that its form sends, and a response that is right.
FORMS: dict[str, tuple[dict[str, str], Any]] = {
    "single": (OPTIONS | {"right": "0"}, "La solicitud"),
    "multiple": (OPTIONS | {"options.0.correct": "true"}, ["La solicitud"]),
    "truefalse": ({"answer": "false", "feedback.true": "No.", "feedback.false": "Así es."}, {"r": ["false"]}),
    "matching": (
        {f"pairs.{n}.{side}": f"{side} {n}" for n in range(3) for side in ("left", "right")}
        | {"distractors.0.text": "Nada"},
        None,
    ),
    "ordering": ({f"items.{n}.text": f"Paso {n}" for n in range(3)} | {"feedback": "Por eso."}, None),
    "numeric": (
        {"answer": "20", "tolerance": "0.5", "unit": "días", "feedback.correct": "Sí.", "feedback.incorrect": "No.",
         "common.0.value": "30", "common.0.feedback": "Ese es otro plazo."},
        {"r": ["20.5"]},
    ),
    "short": (
        {"accept.0.text": "Comité", "accept.1.text": "el comité", "feedback.correct": "Sí.",
         "feedback.incorrect": "No."},
        {"r": ["comite"]},
    ),
    "cloze": (
        {"text": "Son {{plazo}} días y decide el {{quien}}.", "blanks.0.name": "plazo", "blanks.0.type": "numeric",
         "blanks.0.answer": "20", "blanks.1.name": "quien", "blanks.1.type": "short", "blanks.1.accept.0.text": "Comité"},
        {"r.plazo": ["20"], "r.quien": ["comité"]},
    ),
}  # fmt: skip


def text_of(app: Flask, session: Session, path: str = BANK) -> str:
    session.expire_all()
    with app.app_context():
        return storage().get(session.scalars(select(DraftFile.storage_key).filter_by(path=path)).one()).decode()


def save(trainer: Trainer, address: str, **fields: str) -> Any:
    return trainer.post(address, **{"act": "save", "base": trainer.field(address, "base"), **fields})


def shown(trainer: Trainer, address: str) -> dict[str, str]:
    """The fields of a question of one choice as its form shows them."""
    page = trainer.get(address).text
    found = dict(re.findall(r'<input class="field__input" id="[^"]*" name="([^"]*)" value="([^"]*)"', page))
    found |= dict(re.findall(r'<textarea class="field__input" id="[^"]*" name="([^"]*)"[^>]*>([^<]*)</textarea>', page))
    checked = re.search(r'name="right" value="(\d)" checked', page)
    assert checked, "no right option is checked"
    return {**found, "right": checked[1], "base": trainer.field(address, "base"), "type": "single"}


def right_response(question: Any, told: Any) -> Any:
    ids = {option["text"]: option["id"] for option in question.body.get("options", ())}
    if question.type == "matching":
        return {f"r.{left['id']}": [left["right"]] for left in question.body["lefts"]}
    if question.type == "ordering":
        return {f"r.{item['id']}": [str(place)] for place, item in enumerate(question.body["items"], 1)}
    if isinstance(told, (str, list)):
        return {"r": [ids[text] for text in ([told] if isinstance(told, str) else told)]}
    return told


@pytest.mark.parametrize("kind", list(questionform.TYPES))
def test_every_type_is_made_from_nothing_and_scored_as_its_writer_meant(
    app: Flask, session: Session, kind: str
) -> None:
    rosa = Trainer(app)
    draft = rosa.begin()
    before = text_of(app, session)
    fields, response = FORMS[kind]
    address = f"{draft}/bancos/banco/nueva?tipo={kind}"
    refused = save(rosa, address)
    assert refused.status_code == 422 and "No se guardó" in refused.text and text_of(app, session) == before
    preview = rosa.post(address, act="preview", base=rosa.field(address, "base"), **WHY, **fields)
    assert preview.status_code == 200 and "que-va-primero/r" in preview.text and text_of(app, session) == before
    saved = save(rosa, address, **WHY, **fields)
    assert saved.status_code == 303, saved.text
    after = text_of(app, session)
    assert after.startswith(before)
    values = bankfile.read(after).questions[-1]
    question = questionform.judge({k: v for k, v in values.items() if k != "source"}, NOTHING).question
    assert question is not None and question.type == kind
    assert score(question, parse_response(question, right_response(question, response))) == Fraction(1)
    line = rosa.get(f"{draft}/bancos/banco?q=primero+solicitud" if kind == "single" else f"{draft}/bancos/banco").text
    assert "Impide publicar" not in line.partition('id="pregunta-que-va-primero')[2]


def test_editing_one_question_leaves_every_other_byte(app: Flask, session: Session) -> None:
    rosa = Trainer(app)
    draft = rosa.begin()
    before = text_of(app, session)
    address = f"{draft}/bancos/banco/preguntas/plazo-3"
    assert rosa.post(address, **shown(rosa, address) | {"act": "save", "prompt": "¿Y ahora?"}).status_code == 303
    old, new = bankfile.read(before), bankfile.read(text_of(app, session))
    assert new.questions[2] == old.questions[2] | {"prompt": "¿Y ahora?"}
    assert (new.head, new.tail) == (old.head, old.tail)
    assert [*new.blocks[:2], *new.blocks[3:]] == [*old.blocks[:2], *old.blocks[3:]]


def test_rows_come_and_go_without_being_saved(app: Flask, session: Session) -> None:
    rosa = Trainer(app)
    draft = rosa.begin()
    before = text_of(app, session)
    address = f"{draft}/bancos/banco/preguntas/plazo-1"
    more = rosa.post(address, **shown(rosa, address) | {"act": "add:options"}).text
    assert 'name="options.2.text"' in more and 'id="options.2.text"' in more
    less = rosa.post(address, **shown(rosa, address) | {"act": "remove:options.0"}).text
    assert 'name="options.1.text"' not in less and "Contestas que no existe" in less
    assert text_of(app, session) == before


def test_what_another_person_did_to_another_question_stays_and_to_the_same_one_is_shown(
    app: Flask, session: Session
) -> None:
    rosa, ines = Trainer(app), Trainer(app, names=("Inés", "Cerro", "Luna"), role="administrator")
    draft = rosa.begin()
    first, second = (f"{draft}/bancos/banco/preguntas/plazo-{n}" for n in (1, 2))
    mine, other = shown(rosa, first), shown(ines, second)
    assert ines.post(second, **other | {"act": "save", "prompt": "La de Inés"}).status_code == 303
    assert rosa.post(first, **mine | {"act": "save", "prompt": "La de Rosa"}).status_code == 303
    prompts = [question["prompt"] for question in bankfile.read(text_of(app, session)).questions]
    assert prompts[:2] == ["La de Rosa", "La de Inés"]
    told = ines.post(first, **mine | {"act": "save", "prompt": "También mía"})
    assert told.status_code == 409 and "La de Rosa" in told.text and "También mía" in told.text
    base = re.search(r'name="base" value="([^"]*)"', told.text)
    assert (
        base and ines.post(first, **mine | {"act": "save", "prompt": "También mía", "base": base[1]}).status_code == 303
    )
    assert bankfile.read(text_of(app, session)).questions[0]["prompt"] == "También mía"


def test_a_bank_is_searched_put_in_order_and_renamed(app: Flask, session: Session) -> None:
    rosa = Trainer(app)
    draft = rosa.begin()
    here = f"{draft}/bancos/banco"
    found = rosa.get(f"{here}?q=CASO 4").text
    assert (
        "1 pregunta encontrada" in found and 'id="pregunta-plazo-4"' in found and 'id="pregunta-plazo-5"' not in found
    )
    assert "6 preguntas encontradas" in rosa.get(f"{here}?q=solicitud+completa+lgpdppso").text
    assert "0 preguntas encontradas" in rosa.get(f"{here}?dificultad=3").text
    moved = rosa.post(f"{here}/orden", number="down:plazo-1", base=rosa.field(here, "base"))
    assert moved.headers["Location"] == f"{here}?foco=down.plazo-1"
    assert bankfile.read(text_of(app, session)).ids[:2] == ("plazo-2", "plazo-1")
    assert rosa.post(f"{here}/orden", number="remove:plazo-6", base=rosa.field(here, "base")).status_code == 303
    before = bankfile.read(text_of(app, session))
    assert "plazo-6" not in before.ids
    assert rosa.post(here, title="Los plazos", minutes="9", base=rosa.field(here, "base")).status_code == 303
    after = bankfile.read(text_of(app, session))
    assert after.blocks == before.blocks and "title: Los plazos\n" in after.head and "minutes: 9\n" in after.head


def test_questions_come_from_a_file_all_or_none_and_leave_again(app: Flask, session: Session) -> None:
    rosa = Trainer(app)
    draft = rosa.begin()
    here, before = f"{draft}/bancos/banco", text_of(app, session)
    good = "::Sede::¿Dónde está la sede? {=La Paz ~Mexicali}\n\n"
    bad = rosa.post(f"{here}/importar", file=(BytesIO((good + "::Rota::¿Qué? {=a ~b\n").encode()), "x.gift"))
    assert bad.status_code == 422 and "línea" in bad.text and text_of(app, session) == before
    assert rosa.post(f"{here}/importar", file=(BytesIO(good.encode()), "x.gift")).status_code == 303
    after = text_of(app, session)
    assert after.startswith(before) and bankfile.read(after).ids[-1] == "sede"
    assert "La Paz" in rosa.get(f"{here}/exportar/gift").text
    assert rosa.get(f"{here}/exportar/moodle").data.startswith(b"<?xml")
    for path in (f"{here}/exportar/xlsx", "/estudio/plantilla-de-preguntas.xlsx"):
        assert rosa.get(path).data.startswith(b"PK")
    assert rosa.get(f"{here}/exportar/pdf").status_code == 404


def test_trainers_of_another_authority_find_no_bank(app: Flask) -> None:
    draft = Trainer(app).begin()
    stranger = Trainer(app, state="MX-SON")
    assert stranger.get(f"{draft}/bancos/banco").status_code == 404
    assert stranger.post(f"{draft}/bancos/banco/preguntas/plazo-1", act="save").status_code == 404


def _plain(value: Any) -> Any:
    """Texts without the blanks at the ends of their lines, which the form does not keep."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return "\n".join(line.rstrip() for line in value.split("\n")).strip()


@pytest.mark.parametrize("path", sorted(Path("courses").glob("*/quizzes/*.yaml")), ids=str)
def test_the_form_keeps_every_question_of_every_course(path: Path) -> None:
    text = path.read_text()
    bank = bankfile.read(text)
    assert bank.with_blocks(list(bank.blocks)) == text
    for values in bank.questions:
        kind = values["type"]
        kept = questionform.from_form(questionform.tidy(questionform.to_form(values, kind), kind), kind, values)
        assert _plain(kept) == _plain(values)
    written = "questions:\n" + "".join(bankfile.write_question(values) for values in bank.questions)
    assert [_plain(values) for values in bankfile.read(written).questions] == [_plain(v) for v in bank.questions]
