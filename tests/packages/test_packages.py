"""Packages from publishing to passing: what is refused leaves nothing, what is reported is kept by rule."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import Client, TestResponse

from tests.accounts.hands import token as form_token
from tests.coursepack import parcels
from tests.formatlab.hands import table_counts
from tests.learning.learners import add_person, sign_in
from tests.packages.courses import KEY, PAGE, REPORTS, SLUG, example_with, publish
from webapp.core import registry
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.learning.models import Enrolment, StepProgress
from webapp.packages.models import PackageAttempt
from webapp.packages.reports import BadReport, parse
from webapp.records.models import Constancia

CONTENT = "http://localhost:8000"
SESSION = "a" * 12


class Player:
    """A learner with a browser, and the player that speaks for the attempt."""

    def __init__(self, app: Flask, counts: str = "passed") -> None:
        self.app = app
        self.person = add_person(app)
        self.client = sign_in(app, self.person)
        self.post(f"/cursos/{SLUG}/inscribirme")
        assert self.post(f"{PAGE}/abrir").status_code == 303
        self.token = self.fresh_token()
        self.sequence = 0

    def post(self, path: str) -> TestResponse:
        return self.client.post(path, headers={"X-CSRFToken": form_token(self.client, "/salir")})

    def page(self) -> TestResponse:
        return self.client.get(PAGE)

    def fresh_token(self) -> str:
        found = re.search(r'src="http://localhost:8000/jugador/\w+#([^"]+)"', self.page().text)
        assert found
        return found[1]

    def report(self, session: str = SESSION, **values: Any) -> TestResponse:
        self.sequence += 1
        body = {"session": session, "sequence": self.sequence, "seconds": 10, **values}
        return outsider(self.app).post(REPORTS, json=body, headers={"X-Aula-Token": self.token})

    def state(self) -> dict[str, Any]:
        answer = outsider(self.app).get(REPORTS, headers={"X-Aula-Token": self.token})
        assert answer.status_code == 200
        return dict(answer.json or {})


def outsider(app: Flask) -> FlaskClient:
    """A browser without a session."""
    return app.test_client()


def content_client(app: Flask) -> Client:
    """What asks the content host."""
    return Client(app)


@pytest.fixture
def player(app: Flask, tmp_path: Path) -> Player:
    assert publish(app, example_with(tmp_path / "cursos", parcels.golf())).outcome == "published"
    return Player(app)


def attempts(session: Session) -> list[PackageAttempt]:
    session.expire_all()
    return list(session.scalars(select(PackageAttempt).order_by(PackageAttempt.id)))


def step_done(session: Session) -> bool:
    session.expire_all()
    found = session.scalars(select(StepProgress).filter_by(step=KEY)).first()
    return found is not None and found.completed_at is not None


# --- publishing ---------------------------------------------------------------------------------------------------

HARMFUL = {
    "path": parcels.with_file("../fuera.txt"),
    "link": parcels.link(),
    "device": parcels.device(),
    "duplicate": parcels.twice("a.txt", "A.TXT"),
    "false size": parcels.changed_entry(24, 100, 4),
    "bomb": parcels.with_file("bomba.bin", bytes(3_000_000)),
    "nested": parcels.zipped({"curso.zip": parcels.golf()}),
    "encrypted": parcels.changed_entry(8, 1),
    "no manifest": parcels.zipped({"index.html": "x"}),
    "href out": parcels.zipped(
        parcels.golf_files() | {"imsmanifest.xml": parcels.manifest(href="javascript:alert(1)")}
    ),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_a_package_that_is_refused_leaves_nothing(name: str, app: Flask, session: Session, tmp_path: Path) -> None:
    before = table_counts(session), _files(app)
    result = publish(app, example_with(tmp_path / "cursos", HARMFUL[name]))
    assert result.outcome == "refused"
    session.expire_all()
    assert (table_counts(session), _files(app)) == before or _only_retired(session, before, app)


def _only_retired(session: Session, before: Any, app: Flask) -> bool:
    """The sync of another folder retires the courses of before, which is noted in the log and nowhere else."""
    counts = table_counts(session)
    changed = {name for name, count in counts.items() if count != before[0][name]}
    return changed <= {"audit_event", "learning_path"} and _files(app) == before[1]


def _files(app: Flask) -> list[str]:
    folder = Path(app.config["DATA_DIR"])
    return sorted(
        str(path.relative_to(folder))
        for top in ("files", "packages")
        for path in (folder / top).rglob("*")
        if path.is_file()
    )


# --- the content host ---------------------------------------------------------------------------------------------


def test_the_content_host_shows_packages_and_their_player_and_nothing_of_the_platform(
    player: Player, app: Flask, session: Session
) -> None:
    key = attempts(session)[0].package_key
    host = content_client(app)
    page = host.get(f"/m/{key}/index.html", base_url=CONTENT)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html")
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' http://127.0.0.1:8000;" in policy and "form-action 'none'" in policy
    assert f"connect-src 'self' http://127.0.0.1:8000{REPORTS};" in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff" and page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert host.get("/jugador/scorm12", base_url=CONTENT).status_code == 200
    for path in (
        "/",
        "/cursos",
        "/entrar",
        PAGE,
        REPORTS,
        f"/m/{key}/../../aula.db",
        "/m/x/index.html",
        "/static/x/css/aula.css",
    ):
        answer = host.get(path, base_url=CONTENT)
        assert answer.status_code == 404 and "Set-Cookie" not in answer.headers, path
    assert host.post(f"/m/{key}/index.html", base_url=CONTENT).status_code == 405
    ranged = host.get(f"/m/{key}/golf.js", base_url=CONTENT, headers={"Range": "bytes=0-9"})
    assert ranged.status_code == 206 and len(ranged.data) == 10


def test_the_platform_never_serves_what_is_in_a_package(player: Player, app: Flask, session: Session) -> None:
    key = attempts(session)[0].package_key
    for path in (f"/m/{key}/index.html", "/jugador/scorm12", f"/cursos/{SLUG}/material/1/packages/{KEY}/content.zip"):
        assert player.client.get(path).status_code == 404, path
    assert f"frame-src {CONTENT}" in player.page().headers["Content-Security-Policy"]
    assert "frame-src" not in player.client.get(f"/cursos/{SLUG}").headers["Content-Security-Policy"]


def test_without_a_content_host_the_step_says_so_and_stays_pending(make_app: Any, tmp_path: Path) -> None:
    app = make_app(AULA_CONTENT_HOST="off")
    publish(app, example_with(tmp_path / "cursos", parcels.golf()))
    client = sign_in(app, add_person(app))
    mine = {"X-CSRFToken": form_token(client, "/salir")}
    client.post(f"/cursos/{SLUG}/inscribirme", headers=mine)
    assert client.post(f"{PAGE}/abrir", headers=mine).status_code == 303
    page = client.get(PAGE).text
    assert "Este material no está disponible aquí" in page and "<iframe" not in page


# --- reports ------------------------------------------------------------------------------------------------------


def test_state_comes_back_time_adds_up_and_passing_counts(player: Player, session: Session) -> None:
    assert player.state()["fresh"] is True
    player.report(location="3", suspend_data="hoyos=3", completion="incomplete", seconds=20)
    player.report(location="3", suspend_data="hoyos=3", completion="incomplete", seconds=30)
    state = player.state()
    assert (state["location"], state["suspend_data"], state["seconds"], state["fresh"]) == ("3", "hoyos=3", 30, False)
    assert not step_done(session)
    player.report(session="b" * 12, location="5", completion="completed", success="passed", score=85, seconds=15)
    found = attempts(session)[0]
    assert (found.score, found.success, found.total_seconds) == (85, "passed", 45)
    assert step_done(session)
    page = player.page().text
    assert "Sí, cuenta" in page and "85" in page
    with player.app.app_context():
        assert registry.verify(db.session()) == []


def test_status_never_goes_back_and_a_late_report_changes_nothing(player: Player, session: Session) -> None:
    player.report(completion="completed", success="passed", score=85)
    player.report(completion="incomplete", success="failed", score=10)
    assert (attempts(session)[0].success, attempts(session)[0].score) == ("passed", 85)
    player.sequence = 0
    player.report(location="1", success="passed", score=100)
    assert attempts(session)[0].score == 85
    player.sequence = 9
    assert player.report(success="passed", ended=True).json["closed"] is True  # type: ignore[index]
    player.report(location="otra", score=100, success="passed")
    assert (attempts(session)[0].location, attempts(session)[0].score) == ("", 85)


def test_beginning_again_keeps_what_was_reached(player: Player, session: Session) -> None:
    player.report(success="passed", score=85)
    assert player.post(f"{PAGE}/otro").status_code == 303
    old = player.token
    player.token = player.fresh_token()
    assert player.state()["fresh"] is True and step_done(session)
    player.token = old
    assert player.report(location="2").json["closed"] is True  # type: ignore[index]
    assert [attempt.number for attempt in attempts(session)] == [1, 2]


def test_a_package_that_says_passed_gives_no_constancia_where_there_is_an_exam(
    player: Player, session: Session
) -> None:
    """Everything but the exam is done, the name is confirmed, and the package claims the best of scores."""
    with player.app.app_context(), transaction() as writing:
        enrolment = writing.scalars(select(Enrolment).filter_by(person_id=player.person)).one()
        enrolment.printed_name, enrolment.name_confirmed_at = "Marina Cardón Estero", now()
        for step in ("lo-necesario", "repaso-necesario"):
            writing.add(StepProgress(enrolment_id=enrolment.id, step=step, started_at=now(), completed_at=now()))
    assert player.report(completion="completed", success="passed", score=100, ended=True).status_code == 200
    assert step_done(session)
    assert session.scalars(select(Constancia)).all() == []
    assert session.scalars(select(Enrolment.concluded_at)).all() == [None]


@pytest.mark.parametrize("counts", ["view", "completion", "passed"])
def test_what_counts_is_what_the_course_says(counts: str, app: Flask, session: Session, tmp_path: Path) -> None:
    publish(app, example_with(tmp_path / "cursos", parcels.golf(), counts=counts))
    player = Player(app)
    assert not step_done(session)
    player.report()
    assert step_done(session) is (counts == "view")
    player.report(completion="completed")
    assert step_done(session) is (counts != "passed")


def test_only_the_token_of_the_attempt_opens_the_route(player: Player, app: Flask) -> None:
    body = {"session": SESSION, "sequence": 1}
    for wrong in ("", "x", player.token[:-1] + ("A" if player.token[-1] != "A" else "B")):
        assert outsider(app).post(REPORTS, json=body, headers={"X-Aula-Token": wrong}).status_code == 401
    assert player.client.post(REPORTS, json=body).status_code == 401  # signed in, which counts for nothing here
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert outsider(app).get(REPORTS, headers={"X-Aula-Token": player.token}).status_code == 401


def test_only_the_content_host_may_read_the_answers(player: Player, app: Flask) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-aula-token"}
    for origin, allowed in ((CONTENT, CONTENT), ("https://otra.example", None), ("null", None)):
        answer = outsider(app).options(REPORTS, headers={"Origin": origin, **asked})
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed
        assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Access-Control-Allow-Origin" not in outsider(app).get("/cursos", headers={"Origin": CONTENT}).headers


def test_what_cannot_be_kept_is_refused_whole(player: Player, session: Session) -> None:
    player.report(location="2", suspend_data="x" * 4096)
    assert player.report(location="3", suspend_data="x" * 4097).status_code == 422
    assert player.report(location="x" * 256).status_code == 422
    assert attempts(session)[0].location == "2"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"[" * 200_000, b'{"session": 1}', b'{"session": "aaaaaaaa", "sequence": 1e400}',
     b'{"session": "aaaaaaaa", "seconds": -1}', b'{"session": "aaaaaaaa", "location": "\\u0000"}',
     b'{"session": "aaaaaaaa", "location": "\\ud800"}', b"x" * 500_000],
)  # fmt: skip
def test_a_report_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(BadReport):
        parse(body, "scorm2004")


def test_a_score_that_is_none_is_left_out() -> None:
    for written in (b"NaN", b"101", b"-1", b'"85"', b"true", b"null"):
        assert parse(b'{"session": "aaaaaaaa", "score": ' + written + b"}", "scorm2004").score is None


def test_ones_own_data_holds_what_packages_reported(player: Player) -> None:
    player.report(location="3", suspend_data="hoyos=3", score=50)
    with player.app.app_context():
        mine = registry.export_person(db.session(), player.person)["paquetes"]["recorridos"]
    assert (mine[0]["location"], mine[0]["suspend_data"], mine[0]["score"]) == ("3", "hoyos=3", 50)


def test_the_package_of_another_does_not_exist(player: Player, app: Flask) -> None:
    stranger = sign_in(app, add_person(app))
    assert stranger.get(PAGE).status_code == 404
