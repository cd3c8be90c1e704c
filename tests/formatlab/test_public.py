"""The public laboratory: what it says of a workbook, how long it remembers, and what it counts."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.formatlab.hands import FORMATS, NORMS, VIATICOS, drop, filled, key, practice, shelf_of, stored, table_counts
from tests.pages import CheckingClient
from webapp.accounts.limits import QUARTER, Limit
from webapp.core.jobs import Job
from webapp.core.web import BODY_LIMIT
from webapp.formatlab import checking
from webapp.formatlab.files import LIFE, MOST_KEPT
from webapp.formatlab.models import LabCount
from webapp.formatlab.views import public
from webapp.formats.checker import check
from webapp.formats.examine import open_library
from webapp.formats.model import Value, address
from webapp.formats.reader import read

Clock = time_machine.Traveller
RIGHT: list[Value] = ["2026", "01/01/2026", "31/03/2026", "Reglamento", "Reglamento de Mercados", "15/01/2026", None]
RIGHT += ["https://arroyoblanco.example/r.pdf", "Secretaría", "15/04/2026", "31/03/2026"]
NOTE = "A la fecha de actualización, el reglamento publicado en enero de 2026 no se ha modificado."


def clean() -> bytes:
    return filled([[*RIGHT, NOTE]])


def test_the_front_page_says_how_long_a_file_lives_and_what_is_counted(client: CheckingClient) -> None:
    text = client.get("/laboratorio").text
    assert "Vive a lo más 15 minutos" in text and "se borra por completo" in text
    assert "Ni personas, ni direcciones, ni celdas." in text
    assert "no es un validador oficial" in text


def test_every_finding_of_the_check_is_on_the_page_with_its_cell(client: CheckingClient, tmp_path: Path) -> None:
    answer = drop(client, practice().workbook)
    assert answer.status_code == 303 and re.fullmatch(r"/laboratorio/[\w-]{22}", answer.location)
    text = unescape(client.get(answer.location).text)
    path = tmp_path / "libro.xlsx"
    path.write_bytes(practice().workbook)
    library, rules = open_library(FORMATS)
    findings = check(read(path), library.get(NORMS), rules).findings
    assert findings
    for finding in findings:
        assert finding.message in text, finding
        assert rules[finding.code].mend in text
        if finding.row is not None and finding.sheet == "Reporte de Formatos":
            shown_at = address(finding.row, finding.column or 0)  # of a whole row, its first cell
            assert f'id="celda-{shown_at}"' in text


def test_a_workbook_without_a_fault_is_told_so(client: CheckingClient) -> None:
    text = client.get(drop(client, clean()).location).text
    assert "No encontramos nada que impida cargar este libro." in text
    assert "Normatividad aplicable" in text and "1 fila de datos." in text


def test_the_verdict_is_one_sentence_with_the_number(client: CheckingClient) -> None:
    rows = [["2026", *RIGHT[1:3], "Reglamentos", *RIGHT[4:], NOTE]]
    assert "1 error impide cargar este libro." in client.get(drop(client, filled(rows)).location).text


def test_a_mark_of_a_cell_and_its_finding_lead_to_each_other(client: CheckingClient) -> None:
    rows = [["2026", *RIGHT[1:3], "Reglamentos", *RIGHT[4:], NOTE]]
    text = client.get(drop(client, filled(rows)).location).text
    assert '<a class="address" href="?hoja=1&amp;pagina=1#celda-D8">D8</a>' in text
    number = re.search(
        r'id="celda-D8"[^>]*class="sheet__marked sheet__marked--blocking".*?href="#hallazgo-(\d+)"', text
    )
    assert number and f'id="hallazgo-{number[1]}"' in text


# --- what is refused --------------------------------------------------------------------------------------------


def bomb() -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 40_000_000)
    return target.getvalue()


HOSTILE = {
    "empty": b"",
    "html": b"<!doctype html><html><body>PARTE-CANARIA</body></html>",
    "pdf": b"%PDF-1.7 PARTE-CANARIA",
    "text": b"Ejercicio,Fecha\n2026,PARTE-CANARIA\n",
    "image": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "damaged": practice().workbook[: len(practice().workbook) // 2],
    "too_compressed": bomb(),
}


@pytest.mark.parametrize("code", HOSTILE)
def test_what_is_no_workbook_is_refused_by_name_and_leaves_nothing(
    app: Flask, client: CheckingClient, session: Session, code: str
) -> None:
    tables, files = table_counts(session), stored(app)
    answer = drop(client, HOSTILE[code], "carga de «julio».xlsx")
    assert answer.status_code == 422
    text = unescape(answer.text)
    assert f"Clave: {code}." in text and "No pudimos revisar «carga de «julio».xlsx»" in text
    assert "PARTE-CANARIA" not in text
    assert (table_counts(session), stored(app), shelf_of(app)) == (tables, files, [])
    assert drop(client, clean()).status_code == 303  # the next good one is taken


def test_a_hostile_file_that_only_the_reading_notices_leaves_nothing_either(
    app: Flask, client: CheckingClient, session: Session
) -> None:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook><sheets/></workbook>")
    tables, files = table_counts(session), stored(app)
    assert drop(client, target.getvalue()).status_code == 422
    assert (table_counts(session), stored(app), shelf_of(app)) == (tables, files, [])


@pytest.mark.parametrize("name", ["../../escape.xlsx", "/etc/passwd.xlsx", "a\0b.xlsx", "x" * 300 + ".xlsx"])
def test_the_name_of_a_file_is_only_ever_shown(app: Flask, client: CheckingClient, name: str) -> None:
    before = stored(app)
    answer = drop(client, clean(), name)
    assert answer.status_code == 303
    new = stored(app) - before
    assert all(path.startswith("laboratorio/") for path in new) and not any("escape" in path for path in new)
    assert client.get(answer.location).status_code == 200


def test_without_a_file_the_field_says_so(client: CheckingClient) -> None:
    answer = client.submit("/laboratorio")
    assert answer.status_code == 422 and "Elige el libro que quieres revisar." in answer.text


def test_a_workbook_larger_than_any_other_form_is_taken_and_one_over_the_limit_is_not(client: CheckingClient) -> None:
    large = filled([[*RIGHT, f"{number} {NOTE * 20}"] for number in range(1500)])
    assert len(large) > BODY_LIMIT
    assert drop(client, large).status_code == 303
    assert drop(client, bytes(27 * 1024 * 1024)).status_code == 413
    told = drop(client, b"PK\x03\x04" + bytes(25 * 1024 * 1024 + 10))
    assert told.status_code == 422 and "too_big" in told.text


def test_other_routes_keep_their_limit(client: CheckingClient) -> None:
    assert client.post("/entrar", data={"email": "x" * 3_000_000}).status_code == 413


def test_an_upload_without_the_token_of_the_page_is_refused(app: Flask, client: CheckingClient) -> None:
    assert client.post("/laboratorio", data={"workbook": (BytesIO(clean()), "x.xlsx")}).status_code == 400
    assert shelf_of(app) == []


def test_uploads_of_one_network_are_limited(client: CheckingClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public, "UPLOADS", Limit(2, QUARTER))
    statuses = [drop(client, b"%PDF-").status_code for _ in range(3)]
    assert statuses == [422, 422, 429]


def test_when_the_shelf_is_full_one_is_asked_to_wait(
    app: Flask, client: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.formatlab.files.MOST_KEPT", 1)
    assert MOST_KEPT > 1
    assert drop(client, clean()).status_code == 303
    answer = drop(client, clean())
    assert answer.status_code == 503 and "Hay muchos archivos en revisión" in answer.text
    assert len(shelf_of(app)) == 1


# --- how long it lives ------------------------------------------------------------------------------------------


def test_nothing_is_shown_once_the_time_is_up_even_if_nobody_deleted_it(
    app: Flask, client: CheckingClient, clock: Clock
) -> None:
    address = drop(client, clean()).location
    clock.shift(LIFE - timedelta(seconds=1))
    assert client.get(address).status_code == 200
    clock.shift(timedelta(seconds=1))
    for path in (address, f"{address}/anotado.xlsx", f"{address}/estado"):
        assert client.get(path).status_code == 404, path
    assert "Ese archivo ya no está" in client.get(address).text
    assert len(shelf_of(app)) == 1  # the worker was not there


def test_the_job_deletes_a_file_before_its_fifteen_minutes_are_over(
    app: Flask, client: CheckingClient, clock: Clock, run_jobs: Callable[[], int]
) -> None:
    before = stored(app)
    drop(client, clean())
    assert run_jobs() == 0 and len(shelf_of(app)) == 1
    clock.shift(LIFE - timedelta(seconds=50))
    assert run_jobs() == 1
    assert shelf_of(app) == [] and stored(app) == before


def test_a_later_upload_sweeps_what_a_dead_worker_left(app: Flask, client: CheckingClient, clock: Clock) -> None:
    old = drop(client, clean()).location
    clock.shift(LIFE)
    new = drop(client, clean()).location
    assert shelf_of(app) == [new.rsplit("/", 1)[1]] != [old.rsplit("/", 1)[1]]


def test_whoever_has_the_address_can_delete_it_now(app: Flask, client: CheckingClient) -> None:
    address = drop(client, clean()).location
    assert client.submit(f"{address}/borrar", page=address).status_code == 303
    assert shelf_of(app) == [] and client.get(address).status_code == 404


@pytest.mark.parametrize("name", ["formato", "..", "a" * 22, "%2e%2e%2f" * 3])
def test_a_name_that_nobody_was_given_is_not_there(client: CheckingClient, name: str) -> None:
    assert client.get(f"/laboratorio/{name}").status_code == 404


# --- what is counted --------------------------------------------------------------------------------------------


def counted(session: Session) -> set[tuple[str, str, str, str, int]]:
    return {
        (row.month, row.format, row.state, row.code, row.files) for row in session.scalars(select(LabCount)).unique()
    }


def test_a_file_counts_once_for_each_rule_that_it_breaks(
    client: CheckingClient, session: Session, clock: Clock
) -> None:
    rows = [
        ["2026", *RIGHT[1:3], "Reglamentos", *RIGHT[4:], NOTE],
        ["2026", *RIGHT[1:3], "Otra cosa", *RIGHT[4:], NOTE],
    ]
    for _ in range(2):
        drop(client, filled(rows), state="MX-BCS")
    drop(client, clean())
    assert counted(session) == {
        ("2026-11", NORMS, "MX-BCS", "", 2),
        ("2026-11", NORMS, "MX-BCS", "catalogue_unknown", 2),
        ("2026-11", NORMS, "", "", 1),
    }


def test_nothing_else_is_kept_of_a_file_than_what_the_page_says(
    client: CheckingClient, session: Session, clock: Clock
) -> None:
    before = table_counts(session)
    answer = drop(client, practice().workbook, "Rosa Palofierro.xlsx", state="MX-SON")
    after = table_counts(session)
    assert {name for name in after if after[name] != before[name]} == {"lab_count", "job"}
    jobs = session.scalars(select(Job)).all()
    assert [(job.name, job.args, job.actor_id, job.result) for job in jobs] == [("formatlab.forget", {}, None, None)]
    assert {code for *_, code, _ in counted(session)} >= {"", *(error.code for error in key().errors)}
    assert answer.status_code == 303


# --- large files ------------------------------------------------------------------------------------------------


def test_a_large_file_is_checked_behind_while_its_page_waits(
    app: Flask,
    client: CheckingClient,
    session: Session,
    run_jobs: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checking, "WAITED_FOR", 100)
    address = drop(client, practice().workbook).location
    assert "Revisando tu libro" in client.get(address).text
    assert client.get(f"{address}/estado").json == {"state": "waiting"}
    assert counted(session) == set()
    assert run_jobs() == 1
    assert client.get(f"{address}/estado").json == {"state": "done"}
    assert "Lo que encontramos en tu libro" in client.get(address).text
    assert counted(session) != set()
    job = session.scalars(select(Job).filter_by(name="formatlab.check")).one()
    assert (job.args, job.result) == ({"file": address.rsplit("/", 1)[1]}, None)


def test_a_large_file_that_cannot_be_read_is_refused_by_its_page(
    app: Flask, client: CheckingClient, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "WAITED_FOR", 100)
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook><sheets/></workbook>")
    answer = drop(client, target.getvalue())
    assert answer.status_code == 303
    run_jobs()
    shown = client.get(answer.location)
    assert shown.status_code == 422 and "No pudimos revisar" in shown.text
    assert not [name for name in stored(app) if name.endswith("libro.xlsx")]


def test_a_sheet_is_shown_fifty_rows_a_page(client: CheckingClient) -> None:
    address = drop(client, filled([[*RIGHT, f"{NOTE} {number}"] for number in range(120)])).location
    assert 'id="celda-A50"' in client.get(address).text
    second = client.get(f"{address}?hoja=1&pagina=2").text
    assert 'id="celda-A51"' in second and 'id="celda-A100"' in second and 'id="celda-A50"' not in second
    assert 'id="celda-A7"' in second  # the names of the columns stay
    for wrong in ("hoja=1&pagina=4", "hoja=1&pagina=0", "hoja=99", "hoja=0"):
        assert client.get(f"{address}?{wrong}").status_code == 404, wrong


def test_the_annotated_workbook_holds_the_data_and_the_findings(client: CheckingClient) -> None:
    rows = [["2026", *RIGHT[1:3], "Reglamentos", *RIGHT[4:], NOTE]]
    address = drop(client, filled(rows), "Normas 2026.xlsx").location
    answer = client.get(f"{address}/anotado.xlsx")
    assert answer.status_code == 200 and "Normas 2026-revisado.xlsx" in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(BytesIO(answer.data))
    assert book["Reporte de Formatos"]["D8"].value == "Reglamentos"
    assert "catálogo" in book["Reporte de Formatos"]["D8"].comment.text
    assert answer.headers["Cache-Control"] == "no-store" or "no-cache" in answer.headers["Cache-Control"]


# --- formats and rules ------------------------------------------------------------------------------------------


def test_formats_are_found_by_fraction_name_and_column(client: CheckingClient) -> None:
    assert "Gastos por concepto de viáticos" in client.get("/laboratorio/formatos?q=ix").text
    assert "Remuneración bruta y neta" in client.get("/laboratorio/formatos?q=remuneraci%C3%B3n+neta").text
    assert "Ningún formato se llama así" in client.get("/laboratorio/formatos?q=zzz").text
    only = client.get("/laboratorio/formatos?marco=lgtaip-2015-puebla").text
    assert "2 formatos" in only


@pytest.mark.parametrize("format", [NORMS, VIATICOS])
def test_a_blank_template_is_of_its_format(client: CheckingClient, tmp_path: Path, format: str) -> None:
    path = tmp_path / "plantilla.xlsx"
    path.write_bytes(client.get(f"/laboratorio/plantillas/{format}.xlsx").data)
    found = open_library(FORMATS)[0].recognise(read(path))
    assert found is not None and found.id == format


@pytest.mark.parametrize("path", ["x/y/z", "lgtaip-2015-michoacan/2018/..", "lgtaip-2015-michoacan/2018/zzz"])
def test_a_template_of_no_format_is_not_there(client: CheckingClient, path: str) -> None:
    assert client.get(f"/laboratorio/plantillas/{path}.xlsx").status_code == 404


def test_what_one_was_told_is_found_among_the_known_problems(client: CheckingClient) -> None:
    _, rules = open_library(FORMATS)
    everything = client.get("/laboratorio/reglas").text
    assert all(f'id="{code}"' in everything for code in rules)
    found = client.get("/laboratorio/reglas?q=el+catalogo").text
    assert 'id="catalogue_unknown"' in found and 'id="duplicate_row"' not in found
    assert "Nada de lo que conocemos suena a eso" in client.get("/laboratorio/reglas?q=xilofono").text
