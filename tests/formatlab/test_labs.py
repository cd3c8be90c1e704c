"""Labs of courses: both ways of handing in give the same check, and only what is enough passes the step."""

from __future__ import annotations

import itertools
import re
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.coursepack.example import FORMAT
from tests.formatlab.conftest import COURSE, FIND, LOAD, MEND
from tests.formatlab.hands import FORMATS, stored, table_counts
from tests.learning.learners import Learner, learner
from webapp.core.registry import export_person
from webapp.core.storage import DiskStorage
from webapp.coursepack.filling import overlay
from webapp.formatlab.models import LabAttempt, LabOutcome, LabWork
from webapp.formats.blank import write_workbook
from webapp.formats.examine import open_library
from webapp.formats.keys import key_from_json
from webapp.formats.reader import read
from webapp.learning.models import StepProgress

FIRST_SEED = 1  # of a workbook whose mistakes all lie in cells, so that putting those right mends it
CELLS = {
    "A8": "2026", "B8": "01/01/2026", "C8": "31/03/2026", "D8": "Reglamento", "E8": "Reglamento de Mercados de Arroyo Blanco",
    "F8": "15/01/2026", "H8": "https://arroyoblanco.example/reglamento-mercados.pdf", "I8": "Secretaría del Ayuntamiento",
    "J8": "15/04/2026", "K8": "31/03/2026",
}  # fmt: skip


@pytest.fixture(autouse=True)
def seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same workbooks on every run, another for each work."""
    numbers = itertools.count(FIRST_SEED)
    monkeypatch.setattr("webapp.formatlab.views.labs.secrets.randbits", lambda _bits: next(numbers))


def lab(key: str, *rest: str) -> str:
    return "/".join((COURSE, key, "practica", *rest))


def work(session: Session, key: str) -> LabWork:
    session.expire_all()
    return session.scalars(select(LabWork).filter_by(step=key).order_by(LabWork.number.desc())).first() or pytest.fail()


def last_attempt(session: Session, key: str) -> LabAttempt:
    session.expire_all()
    rows = session.scalars(select(LabAttempt).filter_by(step=key).order_by(LabAttempt.number.desc()))
    return rows.first() or pytest.fail("nothing was handed in")


def is_done(session: Session, key: str) -> bool:
    session.expire_all()
    rows = session.scalars(select(StepProgress).filter_by(step=key))
    return any(row.completed_at is not None for row in rows)


def type_in(marina: Learner, key: str, cells: dict[str, str], sheet: int = 1) -> None:
    fields = {f"celda.{place}": text for place, text in cells.items()}
    assert marina.post(lab(key, "hoja"), hoja=str(sheet), fila="8", **fields).status_code == 303


def hand_in(marina: Learner, key: str, content: bytes, name: str = "libro.xlsx") -> str:
    answer = marina.post(lab(key, "subir"), workbook=(BytesIO(content), name))
    assert answer.status_code == 303, answer.text
    return answer.location


def mended(app: Flask, session: Session, key: str) -> bytes:
    """The learner's workbook with every cell of its key put right."""
    found = work(session, key)
    format = open_library(FORMATS)[0].get(found.format)
    path = DiskStorage(Path(app.config["DATA_DIR"]) / "files").path(found.workbook_key)
    cells: dict[str, dict[str, str]] = {}
    for error in key_from_json(found.key).errors:
        cells.setdefault(error.sheet, {})[error.cell] = str(error.right or "")
    target = BytesIO()
    write_workbook(format, overlay(read(path), format, cells), target)
    return target.getvalue()


# --- the step in the course -------------------------------------------------------------------------------------


def test_a_lab_stands_in_the_outline_and_its_address_leads_to_it(marina: Learner) -> None:
    assert "Reporta un reglamento nuevo" in marina.client.get(COURSE).text
    answer = marina.client.get(f"{COURSE}/{LOAD}")
    assert (answer.status_code, answer.location) == (302, lab(LOAD))
    assert "El Ayuntamiento de Arroyo Blanco (no existe)" in marina.client.get(lab(LOAD)).text


def test_a_lab_is_asked_for_among_the_requirements_until_it_is_passed(marina: Learner, session: Session) -> None:
    row = re.compile(r"Reporta un reglamento nuevo</a>.*?Cumplido|Reporta un reglamento nuevo</a>.*?Falta", re.DOTALL)
    assert (row.search(marina.client.get(f"{COURSE}/requisitos").text) or [""])[0].endswith("Falta")
    marina.post(lab(LOAD, "abrir"))
    type_in(marina, LOAD, CELLS)
    marina.post(lab(LOAD, "entregar"))
    assert (row.search(marina.client.get(f"{COURSE}/requisitos").text) or [""])[0].endswith("Cumplido")


def test_a_lab_is_not_passed_by_saying_siguiente_nor_begun_as_a_quiz(marina: Learner, session: Session) -> None:
    assert marina.post(f"{COURSE}/{LOAD}/siguiente").status_code == 409
    assert marina.post(f"{COURSE}/{LOAD}/empezar").status_code == 404
    assert not is_done(session, LOAD)


def test_the_labs_of_others_are_not_there(app: Flask, marina: Learner, session: Session) -> None:
    marina.post(lab(LOAD, "abrir"))
    type_in(marina, LOAD, CELLS)
    result = marina.post(lab(LOAD, "entregar")).location
    stranger = learner(app)
    for path in (lab(LOAD), lab(LOAD, "libro.xlsx"), lab(LOAD, "hoja"), result):
        assert stranger.client.get(path).status_code == 404, path
    for act in ("abrir", "hoja", "entregar", "pista", "otro", "subir"):
        assert stranger.post(lab(LOAD, act)).status_code == 404, act
    stranger.post(f"{COURSE}/inscribirme")
    assert stranger.client.get(result).status_code == 404
    for path in (lab("no-hay"), lab("lo-necesario")):
        assert marina.client.get(path).status_code == 404, path


def test_a_column_of_the_template_is_in_spanish_among_the_data_of_a_person(marina: Learner, write: Any) -> None:
    """Names of columns are those of the template, some of them words that the platform says in English too."""
    marina.post(lab(LOAD, "abrir"))
    type_in(marina, LOAD, CELLS)
    marina.post(lab(LOAD, "entregar"))
    with write() as session:
        session.execute(update(LabOutcome).values(field="Segundo apellido"))
    marina.client.get("/idioma/en")
    page = marina.client.get("/mi-cuenta/mis-datos").text
    assert '<dd lang="es-MX">Segundo apellido</dd>' in page and "<dt>Second surname</dt>" in page


# --- load -------------------------------------------------------------------------------------------------------


def test_the_browser_and_a_file_give_the_same_check(
    app: Flask, marina: Learner, session: Session, tmp_path: Path
) -> None:
    marina.post(lab(LOAD, "abrir"))
    cells = {**CELLS, "D8": "Manual", "F8": "16/01/2026"}
    type_in(marina, LOAD, cells)
    assert marina.post(lab(LOAD, "entregar")).status_code == 303
    typed = last_attempt(session, LOAD)
    blank = tmp_path / "plantilla.xlsx"
    blank.write_bytes(marina.client.get(lab(LOAD, "libro.xlsx")).data)
    format = open_library(FORMATS)[0].get(FORMAT)
    target = BytesIO()
    write_workbook(format, overlay(read(blank), format, {"Reporte de Formatos": cells}), target)
    hand_in(marina, LOAD, target.getvalue())
    sent = last_attempt(session, LOAD)
    assert (typed.way, sent.way) == ("grid", "upload")
    assert typed.score == sent.score == 80 and not sent.passed and typed.blocking == sent.blocking == 0
    shown = [
        {
            (row.code, row.field, row.outcome, row.count)
            for row in session.scalars(select(LabOutcome).filter_by(attempt_id=a.id))
        }
        for a in (typed, sent)
    ]
    assert shown[0] == shown[1] and ("content", "Tipo de normatividad (catálogo)", "wrong", 1) in shown[0]


def test_what_the_case_tells_passes_and_what_would_not_load_does_not(marina: Learner, session: Session) -> None:
    marina.post(lab(LOAD, "abrir"))
    type_in(marina, LOAD, {**CELLS, "K8": ""})
    marina.post(lab(LOAD, "entregar"))
    first = last_attempt(session, LOAD)
    assert (first.score, first.passed) == (90, False) and first.blocking
    assert not is_done(session, LOAD)
    type_in(marina, LOAD, {"K8": "31/03/2026"})
    answer = marina.post(lab(LOAD, "entregar"))
    assert last_attempt(session, LOAD).passed and is_done(session, LOAD)
    text = marina.client.get(answer.location).text
    assert "Pasaste: se pedía 90 %." in text and "Siguiente:" in text


def test_a_cell_is_saved_as_soon_as_it_is_left(marina: Learner, session: Session) -> None:
    marina.post(lab(LOAD, "abrir"))
    headers = {"Accept": "application/json", "X-CSRFToken": marina.token()}
    answer = marina.client.post(lab(LOAD, "hoja"), data={"hoja": 1, "fila": 8, "celda.A8": "2026"}, headers=headers)
    assert answer.status_code == 200 and answer.json and "saved_at" in answer.json
    assert work(session, LOAD).draft == {"Reporte de Formatos": {"A8": "2026"}}
    assert 'name="celda.A8" value="2026"' in marina.client.get(lab(LOAD, "hoja?fila=8")).text


@pytest.mark.parametrize(
    ("cell", "text", "code"),
    [("A99999", "x", "bad_cell"), ("AAA8", "x", "bad_cell"), ("8", "x", "bad_cell"), ("A8", "x" * 5000, "long_cell")],
)
def test_cells_that_no_page_has_are_refused(marina: Learner, session: Session, cell: str, text: str, code: str) -> None:
    marina.post(lab(LOAD, "abrir"))
    answer = marina.post(lab(LOAD, "hoja"), hoja="1", fila="8", **{f"celda.{cell}": text})
    assert answer.status_code == 409 and code in answer.text
    assert work(session, LOAD).draft == {}


def test_a_row_is_a_form_with_a_list_for_a_catalogue(marina: Learner) -> None:
    marina.post(lab(LOAD, "abrir"))
    text = unescape(marina.client.get(lab(LOAD, "hoja"), follow_redirects=True).text)
    assert (
        '<select class="field__input" id="campo-D8" name="celda.D8">' in text and "<option>Reglamento</option>" in text
    )
    assert "Fila 8" in text
    for wrong in ("hoja=2", "hoja=0", "fila=0", "fila=10"):
        assert marina.client.get(lab(LOAD, f"hoja?{wrong}")).status_code == 404, wrong


# --- find and mend ----------------------------------------------------------------------------------------------


def test_each_learner_gets_a_workbook_of_their_own_and_keeps_it(app: Flask, marina: Learner, session: Session) -> None:
    other = learner(app)
    other.post(f"{COURSE}/inscribirme")
    for who in (marina, other):
        who.post(lab(FIND, "abrir"))
        who.post(lab(FIND, "abrir"))
    works = session.scalars(select(LabWork).filter_by(step=FIND)).all()
    assert len(works) == 2 and works[0].seed != works[1].seed and works[0].workbook_key != works[1].workbook_key
    first = marina.client.get(lab(FIND, "libro.xlsx")).data
    assert marina.client.get(lab(FIND, "libro.xlsx")).data == first
    for found in works:
        assert len(key_from_json(found.key).errors) == 5


def test_the_key_is_on_no_page(marina: Learner, session: Session) -> None:
    marina.post(lab(FIND, "abrir"))
    hand_in(marina, FIND, marina.client.get(lab(FIND, "libro.xlsx")).data)
    result = lab(FIND, "entregas", last_attempt(session, FIND).public_id)
    seen = unescape(marina.client.get(lab(FIND)).text + marina.client.get(result).text)
    _, rules = open_library(FORMATS)
    told = " ".join(f"{rule.why} {rule.mend} {rule.example}" for rule in rules.values())  # the same for every workbook
    for error in key_from_json(work(session, FIND).key).errors:
        if error.cell:  # else the mistake is the sheet's
            place = rf"[Ff]ila {error.cell}\b" if error.cell.isdigit() else rf"\b{error.cell}\b"
            assert re.search(place, told) or not re.search(place, seen), place


def test_a_workbook_handed_back_as_it_came_is_worth_nothing_and_says_what_was_left(
    marina: Learner, session: Session
) -> None:
    marina.post(lab(FIND, "abrir"))
    result = hand_in(marina, FIND, marina.client.get(lab(FIND, "libro.xlsx")).data)
    attempt = last_attempt(session, FIND)
    assert (attempt.score, attempt.passed) == (0, False)
    left = session.scalars(select(LabOutcome).filter_by(attempt_id=attempt.id, outcome="left")).all()
    assert sum(row.count for row in left) == 5
    text = unescape(marina.client.get(result).text)
    _, rules = open_library(FORMATS)
    for row in left:
        assert rules[row.code].title in text and rules[row.code].mend in text


def test_a_rejected_load_comes_with_its_acuse_and_passes_when_nothing_blocks(
    app: Flask, marina: Learner, session: Session
) -> None:
    marina.post(lab(MEND, "abrir"))
    text = unescape(marina.client.get(lab(MEND)).text)
    _, rules = open_library(FORMATS)
    codes = {error.code for error in key_from_json(work(session, MEND).key).errors}
    assert {rules[code].severity for code in codes} == {"blocking"}  # nothing else rejects a load
    assert "Acuse de la carga" in text and "no es un documento oficial" in text
    hand_in(marina, MEND, mended(app, session, MEND))
    attempt = last_attempt(session, MEND)
    assert (attempt.score, attempt.blocking, attempt.passed) == (100, 0, True)
    assert is_done(session, MEND)


def test_only_as_many_submissions_as_the_lab_allows(marina: Learner, session: Session) -> None:
    marina.post(lab(FIND, "abrir"))
    content = marina.client.get(lab(FIND, "libro.xlsx")).data
    for _ in range(2):
        hand_in(marina, FIND, content)
    answer = marina.post(lab(FIND, "subir"), workbook=(BytesIO(content), "x.xlsx"))
    assert answer.status_code == 409 and "no_attempts_left" in answer.text
    assert last_attempt(session, FIND).number == 2
    assert (
        "Ya usaste tus entregas" in marina.client.get(lab(FIND, "entregas", last_attempt(session, FIND).public_id)).text
    )


def test_the_next_workbook_practises_what_was_left(marina: Learner, session: Session) -> None:
    marina.post(lab(MEND, "abrir"))
    hand_in(marina, MEND, marina.client.get(lab(MEND, "libro.xlsx")).data)
    missed = {error.code for error in key_from_json(work(session, MEND).key).errors}
    assert marina.post(lab(MEND, "otro")).status_code == 303
    second = work(session, MEND)
    assert second.number == 2
    assert {error.code for error in key_from_json(second.key).errors} <= missed


def test_hints_cost_nothing_are_recorded_and_pressing_twice_shows_one(marina: Learner, session: Session) -> None:
    marina.post(lab(LOAD, "abrir"))
    assert "El catálogo no se escribe a mano" not in marina.client.get(lab(LOAD)).text
    for _ in range(2):
        marina.post(lab(LOAD, "pista"), vistas="0")
    assert work(session, LOAD).hints == 1
    assert "El catálogo no se escribe a mano" in marina.client.get(lab(LOAD)).text
    for seen in range(1, 9):
        marina.post(lab(LOAD, "pista"), vistas=str(seen))
    type_in(marina, LOAD, CELLS)
    marina.post(lab(LOAD, "entregar"))
    attempt = last_attempt(session, LOAD)
    assert (work(session, LOAD).hints, attempt.hints, attempt.score) == (2, 2, 100)


# --- what is refused and what is kept -----------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04roto", b"<html></html>"])
def test_a_file_that_is_no_workbook_uses_up_no_submission_and_leaves_nothing(
    app: Flask, marina: Learner, session: Session, content: bytes
) -> None:
    marina.post(lab(FIND, "abrir"))
    tables, files = table_counts(session), stored(app)
    answer = marina.post(lab(FIND, "subir"), workbook=(BytesIO(content), "libro.xlsx"))
    assert answer.status_code == 422 and "No pudimos leer ese archivo" in answer.text
    assert (table_counts(session), stored(app)) == (tables, files)


def test_a_workbook_of_another_format_is_judged_and_not_passed(marina: Learner, session: Session) -> None:
    marina.post(lab(LOAD, "abrir"))
    other = marina.client.get("/laboratorio/plantillas/lgtaip-2015-michoacan/2018/viii.xlsx").data
    hand_in(marina, LOAD, other)
    attempt = last_attempt(session, LOAD)
    assert (attempt.score, attempt.passed) == (0, False) and attempt.blocking


def test_no_value_of_a_workbook_that_was_handed_in_is_kept(app: Flask, marina: Learner, session: Session) -> None:
    marina.post(lab(LOAD, "abrir"))
    before = stored(app)
    path = Path(app.config["DATA_DIR"]) / "x.xlsx"
    path.write_bytes(marina.client.get(lab(LOAD, "libro.xlsx")).data)
    format = open_library(FORMATS)[0].get(FORMAT)
    target = BytesIO()
    write_workbook(format, overlay(read(path), format, {"Reporte de Formatos": {"E8": "CANARIO-Q7"}}), target)
    path.unlink()
    hand_in(marina, LOAD, target.getvalue())
    assert stored(app) == before
    for table in (LabWork, LabAttempt, LabOutcome):
        for row in session.scalars(select(table)):
            assert "CANARIO-Q7" not in str(vars(row))


def test_what_a_learner_did_is_in_their_own_copy_and_holds_together(
    app: Flask, marina: Learner, session: Session, verified: None
) -> None:
    marina.post(lab(LOAD, "abrir"))
    type_in(marina, LOAD, {**CELLS, "D8": "Manual"})
    marina.post(lab(LOAD, "entregar"))
    with app.app_context():
        found = export_person(session, marina.id)["practicas"]
    assert found["libros"][0]["draft"]["Reporte de Formatos"]["D8"] == "Manual"
    assert (found["entregas"][0]["score"], found["entregas"][0]["way"]) == (90, "grid")
    assert {"code": "content", "field": "Tipo de normatividad (catálogo)", "outcome": "wrong", "count": 1} in found[
        "entregas"
    ][0]["resultados"]
