"""Pages about constancias: one's own, the public verification, and the desks of the staff."""

from __future__ import annotations

import re
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Write
from tests.learning.learners import Learner, add_person, learner, open_request_of, subject_of
from tests.pages import CheckingClient
from tests.records.earning import give
from webapp.accounts.models import Affiliation, ObligedSubjectRequest, Person
from webapp.accounts.services import change_details, change_workplace
from webapp.core.clock import local_date, now
from webapp.core.mail import OutboxMessage
from webapp.core.storage import Storage
from webapp.organizations.models import State
from webapp.records import queries
from webapp.records.models import Accreditation, Constancia
from webapp.records.services import reissue, revoke

pytestmark = pytest.mark.usefixtures("verified")


@pytest.fixture
def marina(app: Flask) -> Learner:
    return learner(app)


def rename(write: Write, person_id: int, given_names: str) -> None:
    with write() as writing:
        person = writing.get_one(Person, person_id)
        change_details(
            writing,
            person,
            given_names=given_names,
            first_surname=person.first_surname,
            second_surname=person.second_surname,
            post="otra",
            sex="mujer",
            now=now(),
        )


def withdraw(app: Flask, write: Write, code: str, reason: str = "Se expidió dos veces") -> None:
    administrator = add_person(app, roles=("administrator",))
    with write() as writing:
        row = queries.constancia_by_code(writing, code)
        assert row is not None
        revoke(writing, writing.get_one(Person, administrator), row, reason, now())


def only(session: Session) -> Constancia:
    return session.scalars(select(Constancia)).one()


# --- one's own ----------------------------------------------------------------------------------------------------


def test_without_constancias_the_page_says_how_to_get_one(marina: Learner) -> None:
    page = marina.client.get("/mis-constancias")
    assert "Todavía no tienes constancias" in page.text
    assert marina.client.get("/mis-constancias.zip").status_code == 404


def test_mine_are_listed_with_their_hours_and_one_zip(app: Flask, marina: Learner, session: Session) -> None:
    for number in (1, 2):
        give(app, marina.id, f"workshop:{number}")
    give(app, learner(app, names=("Otra", "Persona", "")).id, "workshop:3")
    page = marina.client.get("/mis-constancias").text
    assert "Suman 4 horas" in page
    assert "Otra Persona" not in page
    packed = marina.client.get("/mis-constancias.zip")
    assert packed.mimetype == "application/zip"
    with zipfile.ZipFile(BytesIO(packed.data)) as archive:
        names = archive.namelist()
        assert all(archive.read(name).startswith(b"%PDF-1.7") for name in names)
    mine = session.scalars(select(Constancia.folio).filter_by(person_id=marina.id)).all()
    assert sorted(names) == sorted(f"constancia-{folio.lower()}.pdf" for folio in mine)


def test_what_was_revoked_or_replaced_is_told_apart_and_left_out_of_hours_and_zip(
    app: Flask, marina: Learner, session: Session, write: Write
) -> None:
    withdraw(app, write, give(app, marina.id))
    page = marina.client.get("/mis-constancias").text
    assert "Motivo de la revocación: Se expidió dos veces" in page
    assert "Suman 0 horas" in page
    assert "Descargar" not in page
    assert marina.client.get("/mis-constancias.zip").status_code == 404


def test_the_document_is_made_when_it_is_asked_for_and_kept_by_the_job(
    app: Flask, marina: Learner, session: Session, run_jobs: object
) -> None:
    code = give(app, marina.id)
    made = marina.client.get(f"/mis-constancias/{code}.pdf")
    assert made.headers["Content-Disposition"] == f'attachment; filename="constancia-{only(session).folio.lower()}.pdf"'
    assert made.headers["Cache-Control"] == "no-store"
    text = PdfReader(BytesIO(made.data)).pages[0].extract_text()
    assert "Marina Cardón Estero" in text
    assert only(session).pdf_key is None  # a GET keeps nothing
    assert callable(run_jobs)
    run_jobs()
    session.expire_all()
    key = only(session).pdf_key
    assert key is not None
    with app.app_context():
        storage: Storage = app.extensions["storage"]
        kept = storage.get(key)
    assert marina.client.get(f"/mis-constancias/{code}.pdf").data == kept


def test_a_document_whose_file_was_lost_is_made_again(
    app: Flask, marina: Learner, session: Session, run_jobs: object
) -> None:
    code = give(app, marina.id)
    assert callable(run_jobs)
    run_jobs()
    key = only(session).pdf_key
    assert key is not None
    storage: Storage = app.extensions["storage"]
    kept = storage.path(key).read_bytes()
    storage.path(key).unlink()
    again = marina.client.get(f"/mis-constancias/{code}.pdf")
    assert again.status_code == 200
    assert again.data.startswith(b"%PDF-1.7")
    storage.put(kept)


def test_the_constancia_of_another_person_does_not_exist(app: Flask, marina: Learner, session: Session) -> None:
    code = give(app, marina.id)
    stranger = learner(app)
    assert stranger.client.get(f"/mis-constancias/{code}.pdf").status_code == 404
    assert stranger.post(f"/mis-constancias/{code}/reexpedir").status_code == 404
    assert app.test_client().get(f"/mis-constancias/{code}.pdf").status_code == 302
    assert marina.client.get("/mis-constancias/no-hay.pdf").status_code == 404
    assert len(session.scalars(select(Constancia)).all()) == 1


def test_a_changed_name_is_offered_and_issued_once_by_a_double_click(
    app: Flask, marina: Learner, session: Session, write: Write
) -> None:
    code = give(app, marina.id)
    page = marina.client.get("/mis-constancias").text
    assert "Volver a expedirla" not in page
    rename(write, marina.id, "Marina Itzel")
    page = marina.client.get("/mis-constancias").text
    action = re.search(r'action="(/mis-constancias/\w+/reexpedir)"', page)
    assert action
    answers = [marina.post(action[1]) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location != f"/mis-constancias#{code}"
    page = marina.client.get("/mis-constancias").text
    assert "Tu constancia lleva ahora tu nombre actual." in page
    assert page.count("Sustituida") == 1
    assert "Suman 2 horas" in page  # the same achievement, once
    assert len(session.scalars(select(Constancia)).all()) == 2


def test_issuing_again_without_a_new_name_is_a_conflict_with_its_cause(app: Flask, marina: Learner) -> None:
    code = give(app, marina.id)
    refused = marina.post(f"/mis-constancias/{code}/reexpedir")
    assert refused.status_code == 409
    assert "same_name" in refused.text
    assert "La constancia ya lleva tu nombre actual." in refused.text


@pytest.mark.parametrize("name", ["Marina 😀", "Марина"])
def test_a_name_that_cannot_be_drawn_is_not_offered_and_refused(
    app: Flask, marina: Learner, session: Session, write: Write, name: str
) -> None:
    code = give(app, marina.id)
    rename(write, marina.id, name)
    assert "Volver a expedirla" not in marina.client.get("/mis-constancias").text
    refused = marina.post(f"/mis-constancias/{code}/reexpedir")
    assert refused.status_code == 409
    assert "name_undrawable" in refused.text
    assert len(session.scalars(select(Constancia)).all()) == 1


def test_a_constancia_that_came_with_such_a_name_says_so_instead_of_breaking(app: Flask, marina: Learner) -> None:
    code = give(app, marina.id, name="Marina 😀")
    refused = marina.client.get(f"/mis-constancias/{code}.pdf")
    assert refused.status_code == 409
    assert "name_undrawable" in refused.text
    assert "😀" in refused.text


# --- verification -------------------------------------------------------------------------------------------------


def verdict(client: CheckingClient, code: str) -> str:
    page = client.get(f"/verificar/{code}")
    assert page.headers["X-Robots-Tag"] == "noindex"
    found = re.search(r'verdict__word">([^<]+)<', page.text)
    assert found
    return found[1]


def test_anybody_sees_in_one_word_whether_it_is_real(
    app: Flask, client: CheckingClient, marina: Learner, session: Session, write: Write
) -> None:
    code = give(app, marina.id)
    page = client.get(f"/verificar/{code}")
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    assert verdict(client, code) == "VÁLIDA"
    for said in ("Protección de datos personales", only(session).folio, "Marina C. E.", ">2<"):
        assert said in page.text
    assert "Cardón" not in page.text  # no harvesting of names
    expired = give(app, marina.id, "workshop:2", now() - timedelta(days=70), validity_months=1)
    assert verdict(client, expired) == "VENCIDA"
    assert "Fue real y estuvo vigente hasta" in client.get(f"/verificar/{expired}").text
    withdraw(app, write, expired, "Duplicada")
    assert verdict(client, expired) == "REVOCADA"
    assert "Motivo: Duplicada" in client.get(f"/verificar/{expired}").text
    assert (verdict(client, "0" * 20), client.get("/verificar/" + "0" * 20).status_code) == ("NO EXISTE", 404)


def test_a_replaced_one_names_the_folio_that_replaced_it(
    app: Flask, client: CheckingClient, marina: Learner, session: Session, write: Write
) -> None:
    code = give(app, marina.id)
    rename(write, marina.id, "Mar")
    with write() as writing:
        old = queries.constancia_by_code(writing, code)
        assert old is not None
        new = reissue(writing, old, writing.get_one(Person, marina.id), now()).folio
    assert verdict(client, code) == "SUSTITUIDA"
    assert new in client.get(f"/verificar/{code}").text


@pytest.mark.parametrize(
    ("written", "agrees"),
    [
        ("Marina Cardón Estero", True),
        ("  marina  cardon ESTERO ", True),
        ("Marina Cardón", False),
        ("Estero Cardón Marina", False),
        ("", False),
        ("%", False),
        ("😀" * 300, False),
    ],
)
def test_the_name_on_the_paper_is_compared_and_never_shown(
    app: Flask, client: CheckingClient, marina: Learner, written: str, agrees: bool
) -> None:
    code = give(app, marina.id)
    page = client.post(f"/verificar/{code}", data={"nombre": written})
    assert page.status_code == 200
    assert ("El nombre que escribiste es el de esta constancia." in page.text) is agrees
    assert ("No coincide" in page.text) is not agrees
    assert "Cardón" not in page.text
    assert "Set-Cookie" not in page.headers


def test_folio_and_code_are_found_however_they_are_typed(
    app: Flask, client: CheckingClient, marina: Learner, session: Session
) -> None:
    code = give(app, marina.id)
    grouped = "-".join(code[start : start + 4] for start in range(0, 20, 4))
    misread = grouped.replace("0", "O").replace("1", "l")
    folio = only(session).folio
    ways = (
        code,
        code.lower(),
        grouped,
        f" {misread} ",
        folio,
        f" {folio.lower()} ",
        f"http://x.example/verificar/{code}",
    )
    for written in ways:
        answer = client.get("/verificar", query_string={"codigo": written})
        assert (answer.status_code, answer.location) == (302, f"/verificar/{code}"), written
    assert client.get("/verificar").status_code == 200
    assert client.get("/verificar?codigo=+").status_code == 200


@pytest.mark.parametrize("written", ["//otro.example", "\r\nX: 1", "a/../b", "%00", "😀", "x" * 5000, "?", "'--"])
def test_what_is_no_folio_leads_to_the_page_that_says_so(client: CheckingClient, written: str) -> None:
    answer = client.get("/verificar", query_string={"codigo": written})
    if answer.status_code == 302:
        assert re.fullmatch(r"/verificar/[0-9A-Z-]{1,40}", answer.location)
        answer = client.get(answer.location)
        assert answer.status_code == 404
        assert "NO EXISTE" in answer.text
    else:
        assert "Escanea su código QR" in answer.text  # nothing that could be looked for was typed


def test_whoever_tries_codes_names_or_folios_is_slowed_down(
    app: Flask, client: CheckingClient, marina: Learner, session: Session
) -> None:
    code = give(app, marina.id)
    for number in range(10):
        assert client.get(f"/verificar/{number:020d}").status_code == 404
        assert client.post(f"/verificar/{code}", data={"nombre": f"Persona {number}"}).status_code == 200
        assert (
            client.get("/verificar", query_string={"codigo": f"AULA-NORTE-DEMO-2026-{number:06d}"}).status_code == 302
        )
    folio = only(session).folio
    refused = [
        client.get("/verificar/" + "9" * 20),
        client.post(f"/verificar/{code}", data={"nombre": "Marina Cardón Estero"}),
        client.get("/verificar", query_string={"codigo": folio}),
    ]
    assert [answer.status_code for answer in refused] == [429] * 3
    assert {answer.headers["Retry-After"] for answer in refused} == {"600"}
    assert client.get(f"/verificar/{code}").status_code == 200  # the code itself is no guess
    other = client.get("/verificar/" + "9" * 20, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert other.status_code == 404


# --- administrators -----------------------------------------------------------------------------------------------


def test_an_administrator_finds_and_revokes(app: Flask, marina: Learner, session: Session) -> None:
    code = give(app, marina.id)
    desk = learner(app, roles=("administrator",))
    folio = only(session).folio
    for written in (folio, code, code.lower()):
        assert folio in desk.client.get("/administracion/constancias", query_string={"q": written}).text
    nothing = desk.client.get("/administracion/constancias?q=%25").text
    assert "No hay ninguna constancia con ese folio o código." in nothing
    path = f"/administracion/constancias/{code}/revocar"
    blank = desk.post(path, reason="  ")
    assert blank.status_code == 422
    assert "Escribe el motivo" in blank.text
    assert only(session).revoked_at is None
    done = desk.post(path, reason="Se expidió a otra persona")
    assert (done.status_code, done.location) == (303, f"/administracion/constancias?q={code}")
    assert "quedó revocada" in desk.client.get(done.location).text
    again = desk.post(path, reason="Otra vez")
    assert again.status_code == 409
    assert "already_revoked" in again.text
    letters = session.scalars(select(OutboxMessage.text)).all()
    assert sum("Se expidió a otra persona" in letter for letter in letters) == 1


@pytest.mark.parametrize("roles", [(), ("trainer",), ("coordinator",), ("regional-coordinator",)])
def test_nobody_else_searches_or_revokes(app: Flask, marina: Learner, session: Session, roles: tuple[str, ...]) -> None:
    code = give(app, marina.id)
    other = learner(app, roles=roles)
    assert other.client.get(f"/administracion/constancias?q={code}").status_code == 404
    assert other.post(f"/administracion/constancias/{code}/revocar", reason="x").status_code == 404
    assert only(session).revoked_at is None


# --- «no lo encuentro» --------------------------------------------------------------------------------------------


def asked(app: Flask, state: str = "MX-BCS") -> tuple[Learner, str]:
    """Somebody whose obliged subject is not in the padrón, with one constancia, and the path of their request."""
    found = learner(app, asks_for="Junta de Prueba", state=state)
    give(app, found.id)
    return found, f"/coordinacion/solicitudes/{open_request_of(app, found.id)}"


def test_a_coordinator_links_and_the_constancia_counts_there(app: Flask, session: Session) -> None:
    found, path = asked(app)
    desk = learner(app, roles=("coordinator",), state="MX-BCS")
    assert "Junta de Prueba" in desk.client.get("/coordinacion/solicitudes").text
    page = desk.client.get(path)
    assert page.status_code == 200
    proposed = re.search(r'name="valid_from"[^>]*value="([\d-]+)"', page.text) or re.search(
        r'value="([\d-]+)"[^>]*name="valid_from"', page.text
    )
    assert proposed
    with app.app_context():
        subject = subject_of("MX-BCS")
    assert proposed[1] == local_date(now(), subject.time_zone).isoformat()
    done = desk.post(
        f"{path}/vincular",
        obliged_subject=subject.public_id,
        obliged_subject_name=subject.name,
        valid_from=proposed[1],
    )
    assert (done.status_code, done.location) == (303, "/coordinacion/solicitudes")
    listed = desk.client.get(done.location).text
    assert "Constancias que ahora cuentan ahí: 1." in listed
    assert "Junta de Prueba" not in listed
    row = session.scalars(select(Accreditation).where(Accreditation.corrects_id.is_not(None))).one()
    assert row.obliged_subject_id == subject.id
    again = desk.post(f"{path}/vincular", obliged_subject=subject.public_id, valid_from=proposed[1])
    assert (again.status_code, again.location) == (303, "/coordinacion/solicitudes")
    assert "Esa solicitud ya tiene respuesta." in desk.client.get(again.location).text
    assert desk.client.get(path).location == "/coordinacion/solicitudes"
    assert len(session.scalars(select(Affiliation).filter_by(person_id=found.id)).all()) == 1


def test_declining_needs_a_reason_and_happens_once(app: Flask, session: Session) -> None:
    found, path = asked(app)
    desk = learner(app, roles=("coordinator",), state="MX-BCS")
    blank = desk.post(f"{path}/rechazar", reason=" ")
    assert blank.status_code == 422
    assert "Escribe el motivo" in blank.text
    for _ in range(2):
        done = desk.post(f"{path}/rechazar", reason="No es sujeto obligado")
        assert (done.status_code, done.location) == (303, "/coordinacion/solicitudes")
    row = session.scalars(select(ObligedSubjectRequest).filter_by(person_id=found.id)).one()
    assert (row.state, row.reason, row.decided_by_id) == ("declined", "No es sujeto obligado", desk.id)
    assert session.scalars(select(Accreditation).where(Accreditation.corrects_id.is_not(None))).all() == []


def test_a_link_that_cannot_be_made_is_refused_and_leaves_all_as_it_was(
    app: Flask, session: Session, write: Write
) -> None:
    found, path = asked(app)
    desk = learner(app, roles=("coordinator",), state="MX-BCS")
    with app.app_context():
        here, elsewhere = subject_of("MX-BCS"), subject_of("MX-SON")
        today = local_date(now(), here.time_zone)
    cases = [
        ("no-hay", today.isoformat(), "Elige de la lista un sujeto obligado de ese estado."),
        ("", today.isoformat(), "Elige de la lista un sujeto obligado de ese estado."),
        (elsewhere.public_id, today.isoformat(), "Elige de la lista un sujeto obligado de ese estado."),
        (here.public_id, "", "Escribe la fecha desde la que trabaja ahí."),
        (here.public_id, "31/12/2026", ""),
        (here.public_id, (today + timedelta(days=3)).isoformat(), "no puede ser futura"),
        (here.public_id, "1900-01-01", "no existía en esa fecha"),
    ]
    for subject, day, said in cases:
        refused = desk.post(f"{path}/vincular", obliged_subject=subject, obliged_subject_name="x", valid_from=day)
        assert refused.status_code == 422, day
        assert said in refused.text
    assert open_request_of(app, found.id)
    assert session.scalars(select(Affiliation).filter_by(person_id=found.id)).all() == []
    assert len(session.scalars(select(Accreditation)).all()) == 1


def test_a_request_of_another_state_does_not_exist(app: Flask, session: Session) -> None:
    found, path = asked(app, "MX-SON")
    desk = learner(app, roles=("coordinator",), state="MX-BCS")
    with app.app_context():
        subject = subject_of("MX-SON")
    assert "Junta de Prueba" not in desk.client.get("/coordinacion/solicitudes").text
    assert desk.client.get(path).status_code == 404
    fields = {"obliged_subject": subject.public_id, "valid_from": "2026-01-01", "reason": "x"}
    for act in ("vincular", "rechazar"):
        assert desk.post(f"{path}/{act}", **fields).status_code == 404
    assert open_request_of(app, found.id)
    assert learner(app).client.get(path).status_code == 404
    region = learner(app, roles=("regional-coordinator",))
    assert region.client.get(path).status_code == 200


def test_a_request_that_the_person_withdrew_is_told_to_the_coordinator(app: Flask, write: Write) -> None:
    found, path = asked(app)
    desk = learner(app, roles=("coordinator",), state="MX-BCS")
    with write() as writing:
        state = writing.scalars(select(State).filter_by(iso="MX-BCS")).one()
        change_workplace(writing, writing.get_one(Person, found.id), None, "Otra junta", state, now())
    assert desk.client.get(path).location == "/coordinacion/solicitudes"
    assert "Otra junta" in desk.client.get("/coordinacion/solicitudes").text
