"""Lessons are written in the browser: seen before they are saved, saved over what one saw, and brought back."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Mapping

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.authoring.folders import twelve
from tests.authoring.hands import Trainer, table_counts
from tests.core.clamd import nobody_there, scanned_at
from webapp.authoring.models import DraftChange, DraftFile
from webapp.core.storage import storage

LESSON = "lecciones/por-que-importa"
FILE = "lessons/por-que-importa.md"


_INPUT = re.compile(r'<input [^>]*name="(base|title|minutes)"[^>]*value="([^"]*)"')
_AREA = re.compile(r'<textarea [^>]*name="([a-z]+)"[^>]*>(.*?)</textarea>', re.DOTALL)


def fields_of(page: str) -> dict[str, str]:
    """What the form of a lesson shows."""
    form = page[page.index("data-lesson") if "data-lesson" in page else 0 :]
    form = form[: form.index("</form>")]
    areas = {name: text.removeprefix("\r").removeprefix("\n") for name, text in _AREA.findall(form)}
    found = dict(_INPUT.findall(form)) | areas
    return {name: html.unescape(text) for name, text in found.items()}


def shown(answer: TestResponse) -> str:
    """The part of a page that a script asked for."""
    assert answer.status_code == 200 and answer.json is not None
    return str(answer.json["html"])


def save(
    who: Trainer, draft: str, fields: Mapping[str, str], wants_json: bool = False, at: str = LESSON
) -> TestResponse:
    headers = {"Accept": "application/json"} if wants_json else {}
    return who.client.post(f"{draft}/{at}", data={"csrf_token": who.token, **fields}, headers=headers)


def text_of(app: Flask, session: Session, path: str = FILE) -> str:
    session.expire_all()
    key = session.scalars(select(DraftFile.storage_key).filter_by(path=path)).one()
    with app.app_context():
        return storage().get(key).decode()


@pytest.fixture
def rosa(app: Flask) -> Trainer:
    return Trainer(app)


@pytest.fixture
def draft(rosa: Trainer) -> str:
    return rosa.begin()


def test_what_is_written_is_saved_and_the_rest_of_the_head_stays(rosa: Trainer, draft: str, session: Session) -> None:
    fields = fields_of(rosa.get(f"{draft}/{LESSON}").text)
    assert fields["title"] == "Por qué importa" and fields["body"]
    fields |= {"title": "Por qué  publicar", "minutes": "7", "body": "## Uno\r\n\r\nTexto nuevo.\r\n"}
    assert save(rosa, draft, fields).headers["Location"] == f"{draft}/{LESSON}"
    text = text_of(rosa.app, session)
    assert "title: Por qué publicar\n" in text and "minutes: 7\n" in text and text.endswith("## Uno\n\nTexto nuevo.\n")
    assert fields_of(rosa.get(f"{draft}/{LESSON}").text)["body"] == "## Uno\n\nTexto nuevo.\n"


def test_a_preview_shows_the_lesson_and_what_is_wrong_in_it_and_saves_nothing(
    rosa: Trainer, draft: str, session: Session
) -> None:
    fields = fields_of(rosa.get(f"{draft}/{LESSON}").text)
    fields["body"] = (
        "Dice la ley[@lgpdppso-2025 art. 21].\n\n<b>No</b> es HTML.\n\nDice otra[@lgpdppso-2025 art. 9999].\n"
    )
    before = table_counts(session)
    for more in ({}, {"fragment": "1"}):
        answer = rosa.post(f"{draft}/{LESSON}/vista", **fields, **more)
        text = shown(answer) if more else answer.text
        assert 'class="cite"' in text and "9999" in text and "Impide publicar" in text
        assert "Renglón 5." in text and "<b>No</b>" not in text
    assert table_counts(session) == before


def test_what_is_saved_by_itself_answers_with_the_next_base(rosa: Trainer, draft: str, session: Session) -> None:
    fields = fields_of(rosa.get(f"{draft}/{LESSON}").text)
    for number in range(3):
        fields["body"] = f"Vuelta {number}.\n"
        answer = save(rosa, draft, fields, wants_json=True)
        assert answer.status_code == 200 and answer.json is not None
        fields["base"] = answer.json["base"]
    assert text_of(rosa.app, session).endswith("Vuelta 2.\n")
    refused = save(rosa, draft, fields | {"title": ""}, wants_json=True)
    assert refused.status_code == 422 and refused.json is not None and refused.json["fields"]["title"]


def test_two_people_who_write_at_once_are_told_and_lose_nothing(
    app: Flask, rosa: Trainer, draft: str, session: Session
) -> None:
    ines = Trainer(app, names=("Inés", "Loma", "Parra"), role="administrator")
    mine, theirs = (fields_of(who.get(f"{draft}/{LESSON}").text) for who in (rosa, ines))
    assert save(ines, draft, theirs | {"body": "Lo de Inés.\n"}).status_code == 303
    assert "Inés Loma está editando esta lección" in rosa.get(f"{draft}/{LESSON}").text
    told = save(rosa, draft, mine | {"body": "Lo de Rosa.\n"}, wants_json=True)
    assert told.status_code == 409 and told.json is not None and told.json["who"] == "Inés Loma"
    both = save(rosa, draft, mine | {"body": "Lo de Rosa.\n"})
    assert both.status_code == 409 and "Lo de Rosa." in both.text and "Lo de Inés." in both.text
    assert text_of(app, session).endswith("Lo de Inés.\n")
    again = fields_of(both.text)
    assert again["body"] == "Lo de Rosa.\n"
    assert save(rosa, draft, again).status_code == 303
    assert text_of(app, session).endswith("Lo de Rosa.\n")


def test_an_earlier_version_is_compared_and_brought_back(
    app: Flask, rosa: Trainer, draft: str, session: Session
) -> None:
    first = text_of(app, session)
    fields = fields_of(rosa.get(f"{draft}/{LESSON}").text)
    save(rosa, draft, fields | {"body": "Todo cambió.\n"})
    ines = Trainer(app, names=("Inés", "Loma", "Parra"), role="administrator")
    save(ines, draft, fields_of(ines.get(f"{draft}/{LESSON}").text) | {"body": "Y otra vez.\n"})
    page = rosa.get(f"{draft}/historial/{FILE}").text.partition("Versiones</h2>")[2]
    assert page.index("Inés Loma") < page.index("Rosa Duna")
    number = session.scalars(select(DraftChange.number).filter_by(path=FILE).order_by(DraftChange.number)).first()
    compared = rosa.get(f"{draft}/historial/{FILE}?version={number}").text
    if "Se agrega:" not in compared:  # the first two saves of one sitting are one version, told by the later
        number = session.scalars(select(DraftChange.number).filter_by(path=FILE).order_by(DraftChange.number)).all()[1]
        compared = rosa.get(f"{draft}/historial/{FILE}?version={number}").text
    assert "Y otra vez." in compared and "Se agrega:" in compared
    begun = session.scalars(select(DraftChange.number).filter_by(path=FILE).order_by(DraftChange.number)).first()
    assert rosa.post(f"{draft}/historial/{FILE}", number=str(begun)).status_code == 303
    assert text_of(app, session) == first
    assert len(session.scalars(select(DraftChange).filter_by(path=FILE)).all()) == 4


def test_a_course_begins_without_any_file_and_grows_step_by_step(rosa: Trainer, session: Session) -> None:
    assert rosa.post("/estudio/en-blanco", title=" ").status_code == 422
    draft = rosa.post("/estudio/en-blanco", title="Ley 2.0: lo / nuevo").headers["Location"]
    page = rosa.get(draft).text
    assert "Ley 2.0: lo / nuevo" in page and "Primera lección" in page
    assert "Falta «A quién se dirige»." in page and "audience" not in page
    assert "Impide publicar" in page[page.index('id="paso-primera-leccion"') :]  # nobody has said what it teaches
    module = re.search(r'<option value="([^"]+)"', rosa.get(f"{draft}/nuevo-paso").text)
    assert module
    answer = rosa.post(f"{draft}/nuevo-paso", kind="lesson", title="Los plazos", module=module[1])
    assert answer.headers["Location"] == f"{draft}/lecciones/los-plazos"
    assert "Los plazos" in rosa.get(draft).text
    assert rosa.get(answer.headers["Location"]).status_code == 200
    exam = {"kind": "exam", "title": "Examen final", "module": module[1]}
    assert rosa.post(f"{draft}/nuevo-paso", **exam).headers["Location"] == f"{draft}/bancos/banco"
    assert rosa.get(f"{draft}/bancos/banco").status_code == 200
    again = rosa.post(f"{draft}/nuevo-paso", **exam)
    assert again.status_code == 409 and "ya tiene examen" in again.text
    twice = rosa.post(f"{draft}/nuevo-paso", kind="lesson", title="Los plazos", module=module[1])
    assert twice.headers["Location"] != answer.headers["Location"]


def test_a_citation_is_found_by_number_or_by_words_with_its_exact_text(rosa: Trainer, draft: str) -> None:
    page = rosa.get(f"{draft}/citas?norma=lgpdppso-2025&q=21").text
    assert "[@lgpdppso-2025 art. 21]" in page and "[@lgpdppso-2025 art. 21 fr. IX]" in page
    part = shown(rosa.get(f"{draft}/citas?norma=lgpdppso-2025&q=aviso+simplificada&fragment=1"))
    assert "[@lgpdppso-2025 art. 22]" in part
    page = rosa.get(f"{draft}/citas?q=art%C3%ADculo+20").text  # of every norm
    assert "[@lgtaip-2025 art. 20]" in page and "[@lgpdppso-2025 art. 20]" in page
    assert "0 pasajes" in rosa.get(f"{draft}/citas?norma=lgpdppso-2025&q=jitomate").text


def photo() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Cámara de Rosa"
    target = io.BytesIO()
    Image.new("RGB", (40, 30), "#c06030").save(target, "JPEG", exif=exif)
    return target.getvalue()


def test_a_picture_needs_to_say_what_it_shows_and_loses_what_else_it_tells(
    rosa: Trainer, draft: str, session: Session
) -> None:
    before = table_counts(session)
    silent = rosa.post(f"{draft}/imagenes", file=(io.BytesIO(photo()), "Ventanilla.jpg"), alt="", asset="")
    assert silent.status_code == 422 and table_counts(session) == before
    for name, content in (
        ("a.gif", b"GIF89a" + bytes(20)),
        ("a.png", b"nada"),
        ("a.jpg", photo()[:-200]),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
    ):
        answer = rosa.post(f"{draft}/imagenes", file=(io.BytesIO(content), name), alt="Algo", asset="")
        assert answer.status_code == 422 and table_counts(session) == before, name
    fields = {"alt": "La ventanilla [nueva]", "asset": "", "caption": 'En "julio"'}
    page = rosa.post(f"{draft}/imagenes", file=(io.BytesIO(photo()), "Ventanilla.jpg"), **fields).text
    line = html.unescape(re.findall(r"<code>(.*?)</code>", page)[0])
    assert line.startswith("![La ventanilla") and "](assets/ventanilla.jpg \"En 'julio'\")" in line
    key = session.scalars(select(DraftFile.storage_key).filter_by(path="assets/ventanilla.jpg")).one()
    with rosa.app.app_context():
        assert b"Rosa" not in storage().get(key)
    lesson = rosa.post(f"{draft}/{LESSON}/vista", fragment="1", title="x", body=f"Uno.\n\n{line}\n")
    assert f"{draft}/material/assets/ventanilla.jpg" in shown(lesson) and "No hay nada que corregir" in shown(lesson)


def test_with_a_scanner_no_picture_and_no_questions_come_in_without_its_word(
    rosa: Trainer, draft: str, session: Session
) -> None:
    before = table_counts(session)
    with scanned_at(rosa.app, nobody_there()):
        picture = {"file": (io.BytesIO(photo()), "a.jpg"), "alt": "Algo", "asset": ""}
        answer = rosa.post(f"{draft}/imagenes", **picture)
        assert answer.status_code == 422 and "buscador de virus" in answer.text
        gift = (io.BytesIO("::uno:: ¿Cuánto? {=4 ~5}".encode()), "a.gift")
        answer = rosa.post(f"{draft}/bancos/banco/importar", file=gift)
        assert answer.status_code == 422 and "buscador de virus" in answer.text
    assert table_counts(session) == before


def test_somebody_elses_draft_cannot_be_written(app: Flask, rosa: Trainer, draft: str) -> None:
    other = Trainer(app, state="MX-SON", names=("Luz", "Duna", "Vega"))
    for path in (LESSON, "nuevo-paso", "citas", "imagenes", f"historial/{FILE}"):
        assert other.get(f"{draft}/{path}").status_code == 404
    assert (
        save(other, draft, {"title": "x", "minutes": "1", "summary": "x", "body": "x", "base": ""}).status_code == 404
    )
    for path in ("lecciones/no-existe", "lecciones/../x", "historial/assets/carga-01.png", "historial/lessons/no.md"):
        assert rosa.get(f"{draft}/{path}").status_code == 404


def test_the_draft_of_a_folder_offers_its_lessons_to_be_written(rosa: Trainer) -> None:
    draft = rosa.begin(twelve())
    assert f'href="{draft}/{LESSON}"' in rosa.get(draft).text
