"""The library: bringing files, whose they are, how much fits, who may open them, and nothing left of what is refused."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.accounts.hands import token
from tests.conftest import Write
from tests.core.clamd import EICAR, clamd, nobody_there, scanned_at
from tests.core.console import done, invoke, refused
from tests.coursepack.test_uploads import MP4, REFUSED, picture
from tests.installations import MakeApp
from tests.learning.learners import add_person, sign_in, subject_of
from webapp.core import registry
from webapp.core.db import Base, db
from webapp.core.jobs import Job
from webapp.materials import uses
from webapp.materials.models import Material, MaterialQuota
from webapp.organizations.models import Authority, ObligedSubject

INDEX = "/estudio/materiales"
COUNTED_ANYWAY = {"throttle_window"}


def vtt(words: str = "Hola") -> bytes:
    return f"WEBVTT\n\n00:01.000 --> 00:04.000\n{words}\n".encode()


class Trainer:
    """Somebody who teaches, in a browser."""

    def __init__(self, app: Flask, **person: Any) -> None:
        self.id = add_person(app, **{"roles": ("trainer",), **person})
        self.client: FlaskClient = sign_in(app, self.id)
        self.token = token(self.client, "/salir")

    def post(self, path: str, **fields: Any) -> TestResponse:
        return self.client.post(path, data=fields, headers={"X-CSRFToken": self.token})

    def bring(self, *files: tuple[str, bytes]) -> TestResponse:
        return self.post(INDEX, files=[(BytesIO(content), name) for name, content in files])

    def bring_one(self, name: str, content: bytes) -> str:
        """Upload a file that is taken; its public name."""
        answer = self.bring((name, content))
        assert answer.status_code == 303, answer.text
        return str(answer.location).rpartition("/")[2]


@pytest.fixture
def rosa(app: Flask) -> Trainer:
    return Trainer(app)


def everything(app: Flask, session: Session) -> tuple[dict[str, int], set[str]]:
    """How many rows each table has, and every file of the data folder but the queue and the database."""
    rows = {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
        if table.name not in COUNTED_ANYWAY
    }
    folder = Path(app.config["DATA_DIR"])
    return rows, {str(path) for path in folder.rglob("*") if not path.name.startswith(("aula.db", "queue.db"))}


def test_a_file_is_kept_shown_found_and_described(app: Flask, rosa: Trainer, session: Session, verified: None) -> None:
    name = rosa.bring_one("Ciclo_de vida.jpg", picture(gps=True))
    row = session.scalars(select(Material)).one()
    assert (row.name, row.title, row.kind, row.scan_state) == (name, "Ciclo de vida", "image", "unscanned")
    page = rosa.client.get(f"{INDEX}/{name}")
    assert f'value="/materiales/{name}"' in page.text and "30 × 40" in page.text
    assert "Falta el texto alternativo" in rosa.client.get(INDEX).text
    assert rosa.post(f"{INDEX}/{name}", title="Ciclo vital", alt="Cuatro pasos en círculo").status_code == 303
    assert "Ciclo vital" in rosa.client.get(f"{INDEX}?q=CÍCLO+vital&tipo=image").text
    assert "Ciclo vital" not in rosa.client.get(f"{INDEX}?q=vital&tipo=pdf").text
    assert "Nada se llama así" in rosa.client.get(f"{INDEX}?q=otra").text
    answer = app.test_client().get(f"/materiales/{name}")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert b"Marina" not in answer.data and b"Exif" not in answer.data
    assert rosa.post(f"{INDEX}/{name}", title="  ", alt="").status_code == 422


def test_a_video_is_sent_in_parts(app: Flask, rosa: Trainer) -> None:
    name = rosa.bring_one("clase.mp4", MP4)
    answer = app.test_client().get(f"/materiales/{name}", headers={"Range": "bytes=4-7"})
    assert (answer.status_code, answer.data) == (206, b"ftyp")


def test_nothing_stays_of_what_is_refused(app: Flask, rosa: Trainer, session: Session) -> None:
    before = everything(app, session)
    for code, name, content, said in REFUSED:
        answer = rosa.bring((name, content))
        assert answer.status_code == 422, name
        assert f"({code})" in answer.text and said.replace("'", "&#39;").replace(">", "&gt;") in answer.text, name
        assert everything(app, session) == before, (code, name)
    rosa.bring_one("sigue.vtt", vtt())  # and the next good one is taken


def test_one_bad_file_does_not_keep_the_others_out(rosa: Trainer, session: Session) -> None:
    answer = rosa.bring(("a.vtt", vtt("a")), ("b.png", b"GIF89a"), ("c.vtt", vtt("c")))
    assert answer.status_code == 422
    assert session.scalars(select(Material.title).order_by(Material.id)).all() == ["a", "c"]
    assert "«b.png»" in answer.text


def test_an_upload_without_a_file_says_so(rosa: Trainer) -> None:
    answer = rosa.post(INDEX)
    assert answer.status_code == 422 and "Elige por lo menos un archivo" in answer.text


def test_the_same_file_is_kept_once(app: Flask, rosa: Trainer, session: Session) -> None:
    rosa.bring_one("a.vtt", vtt())
    before = everything(app, session)
    answer = rosa.bring(("b.vtt", vtt()))
    assert answer.status_code == 422 and "already_kept" in answer.text and "«a»" in answer.text
    assert everything(app, session) == before


def test_a_library_is_of_the_authority_and_of_nobody_else(
    app: Flask, rosa: Trainer, session: Session, write: Write
) -> None:
    with write() as writing:  # the invented padrón has one authority for all states
        other = Authority(key="otra", name="Otra autoridad", kind="demostracion", time_zone="America/Hermosillo")
        writing.add(other)
        writing.flush()
        writing.get_one(ObligedSubject, subject_of("MX-SON").id).authority_id = other.id
    name = rosa.bring_one("clase.vtt", vtt())
    assert session.scalars(select(Material.authority_id)).one() is not None
    colleague, stranger, loner = Trainer(app), Trainer(app, state="MX-SON"), Trainer(app, works=False)
    administrator = Trainer(app, roles=("administrator",))
    for who, sees in ((colleague, True), (administrator, True), (stranger, False), (loner, False)):
        assert (f"{INDEX}/{name}" in who.client.get(INDEX).text) is sees
        assert (who.client.get(f"{INDEX}/{name}").status_code == 200) is sees
        if not sees:
            assert who.post(f"{INDEX}/{name}", title="Mío").status_code == 404
            assert who.post(f"{INDEX}/{name}/retirar").status_code == 404
    assert Trainer(app, roles=()).client.get(INDEX).status_code == 404


def test_who_works_for_no_authority_has_a_library_of_their_own(app: Flask, session: Session) -> None:
    loner = Trainer(app, works=False)
    name = loner.bring_one("clase.vtt", vtt())
    assert session.scalars(select(Material.authority_id)).one() is None
    assert loner.client.get(f"{INDEX}/{name}").status_code == 200
    assert Trainer(app, works=False).client.get(f"{INDEX}/{name}").status_code == 404


def test_what_does_not_fit_is_refused_and_an_administrator_can_make_room(
    app: Flask, rosa: Trainer, session: Session, write: Write
) -> None:
    first = rosa.bring_one("a.vtt", vtt("x" * 600_000))
    authority = session.scalars(select(Authority).join(Material, Material.authority_id == Authority.id)).one()
    administrator = Trainer(app, roles=("administrator",))
    set_to = {"authority": authority.key, "megabytes": "1"}
    assert administrator.post("/administracion/materiales", **set_to).status_code == 303
    before = everything(app, session)
    answer = rosa.bring(("b.vtt", vtt("y" * 600_000)))
    assert answer.status_code == 422 and "(quota)" in answer.text and "quedan 0.4 MB" in answer.text
    assert everything(app, session) == before
    assert "de 1.0 MB" in rosa.client.get(INDEX).text
    assert administrator.post("/administracion/materiales", **{**set_to, "megabytes": "2"}).status_code == 303
    assert session.scalars(select(MaterialQuota.megabytes)).one() == 2
    rosa.bring_one("b.vtt", vtt("y" * 600_000))
    assert administrator.post("/administracion/materiales", **{**set_to, "megabytes": "0"}).status_code == 422
    rosa.post(f"{INDEX}/{first}/retirar")
    assert "Usas 586 kB" in rosa.client.get(INDEX).text


def test_what_is_retired_is_gone_and_what_is_in_use_cannot_be(
    app: Flask, rosa: Trainer, session: Session, monkeypatch: pytest.MonkeyPatch, verified: None
) -> None:
    name = rosa.bring_one("clase.vtt", vtt())
    monkeypatch.setattr(uses, "_registered", [lambda session, material: ["Curso de «archivos»"]])
    answer = rosa.post(f"{INDEX}/{name}/retirar")
    assert answer.status_code == 409 and "Curso de «archivos»" in answer.text
    assert "Curso de «archivos»" in rosa.client.get(f"{INDEX}/{name}").text
    monkeypatch.setattr(uses, "_registered", [])
    for _again in range(2):
        assert rosa.post(f"{INDEX}/{name}/retirar").status_code == 303
    assert app.test_client().get(f"/materiales/{name}").status_code == 404
    assert f"{INDEX}/{name}" not in rosa.client.get(INDEX).text
    assert rosa.client.get(f"{INDEX}/{name}").status_code == 200
    rosa.bring_one("otra vez.vtt", vtt())


def test_without_a_scanner_the_administrator_is_told(app: Flask, rosa: Trainer) -> None:
    said = "Los archivos se publican sin buscar virus"
    assert said in Trainer(app, roles=("administrator",)).client.get(INDEX).text
    assert said not in rosa.client.get(INDEX).text
    assert "CLAMD_URL" in refused(invoke(app, "materials", "scan"))


def test_one_may_have_a_copy_of_what_one_brought(app: Flask, rosa: Trainer) -> None:
    rosa.bring_one("clase.vtt", vtt())
    with app.app_context():
        [mine] = registry.export_person(db.session(), rosa.id)["materiales"]["archivos"]
    assert (mine["title"], mine["file_name"]) == ("clase", "clase.vtt")


# --- scanning ---------------------------------------------------------------------------------------------------


def state_of(session: Session, name: str) -> str:
    return session.scalars(select(Material.scan_state).filter_by(name=name)).one()


def test_with_a_scanner_a_file_is_public_once_it_was_found_clean(
    app: Flask, rosa: Trainer, session: Session, run_jobs: Callable[[], int], verified: None
) -> None:
    visitor = app.test_client()
    with clamd() as url, scanned_at(app, url):
        good, bad = rosa.bring_one("buena.vtt", vtt()), rosa.bring_one("mala.vtt", vtt(EICAR.decode()))
        assert visitor.get(f"/materiales/{good}").status_code == 404
        own = rosa.client.get(f"/materiales/{good}")
        assert (own.status_code, own.headers["Cache-Control"]) == (200, "private, no-store")
        assert "Todavía no es público" in rosa.client.get(f"{INDEX}/{good}").text
        assert run_jobs() >= 2
        assert (state_of(session, good), state_of(session, bad)) == ("clean", "infected")
        assert visitor.get(f"/materiales/{good}").status_code == 200
        assert visitor.get(f"/materiales/{bad}").status_code == 404
        assert rosa.client.get(f"/materiales/{bad}").status_code == 404
        assert "Eicar-Signature" in rosa.client.get(f"{INDEX}/{bad}").text


def test_while_the_scanner_is_away_nothing_is_public_and_it_is_asked_again(
    app: Flask, clock: Any, rosa: Trainer, session: Session, run_jobs: Callable[[], int]
) -> None:
    with scanned_at(app, nobody_there()):
        name = rosa.bring_one("clase.vtt", vtt())
        for _try in range(4):
            run_jobs()
            assert state_of(session, name) == "pending"
            assert app.test_client().get(f"/materiales/{name}").status_code == 404
            clock.shift(1800)
        run_jobs()  # the last try of this job asks for another one
        assert state_of(session, name) == "error"
        waiting = session.scalars(select(Job.state).filter_by(name="materials.scan").order_by(Job.id)).all()
        assert waiting == ["done", "queued"]
    with clamd() as url, scanned_at(app, url):
        clock.shift(1801)
        run_jobs()
        assert state_of(session, name) == "clean"
        assert app.test_client().get(f"/materiales/{name}").status_code == 200


def test_what_came_without_a_scanner_is_not_public_once_there_is_one(
    app: Flask, rosa: Trainer, session: Session, run_jobs: Callable[[], int]
) -> None:
    name = rosa.bring_one("clase.vtt", vtt())
    visitor = app.test_client()
    assert visitor.get(f"/materiales/{name}").status_code == 200
    with clamd() as url, scanned_at(app, url):
        assert visitor.get(f"/materiales/{name}").status_code == 404
        assert "1 materials" in done(invoke(app, "materials", "scan"))
        run_jobs()
        assert visitor.get(f"/materiales/{name}").status_code == 200


def test_a_scanner_that_is_given_up_holds_nothing_back(
    app: Flask, rosa: Trainer, session: Session, run_jobs: Callable[[], int]
) -> None:
    with scanned_at(app, nobody_there()):
        name = rosa.bring_one("clase.vtt", vtt())
    run_jobs()
    assert state_of(session, name) == "unscanned"
    assert app.test_client().get(f"/materiales/{name}").status_code == 200


@pytest.mark.sqlite_only
def test_a_lost_file_is_found_out(make_app: MakeApp) -> None:
    app = make_app()
    name = Trainer(app).bring_one("clase.vtt", vtt())
    for path in (Path(app.config["DATA_DIR"]) / "files").rglob("*"):
        if path.is_file() and path.read_bytes() == vtt():
            path.unlink()
    with app.app_context():
        assert [breach.detail for breach in registry.verify(db.session())] == [f"material {name}: its file is missing"]
    assert app.test_client().get(f"/materiales/{name}").status_code == 404
