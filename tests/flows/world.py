"""A small region at work, with an object of every kind, and a browser for everybody who may look at it.

Two states, each with its coordinator: what belongs to one must not exist for the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.accounts.hands import token
from tests.learning.learners import PRETEST, SLUG, Learner, add_person, open_request_of, sign_in
from tests.records.earning import give
from webapp.accounts.models import Person, PrivacyNotice, RoleGrant, RoleName
from webapp.accounts.queries import person_with_grants
from webapp.authoring import intake, regrading
from webapp.authoring import services as authoring
from webapp.authoring.inbox import Inbox
from webapp.catalog import queries as catalog
from webapp.catalog.models import Course, CourseAsset, CourseRevision
from webapp.core.clock import now
from webapp.core.db import transaction
from webapp.core.jobs import enqueue
from webapp.core.storage import storage
from webapp.coursepack.amending import Amendment
from webapp.formats.blank import write_blank
from webapp.formats.definitions import read_format
from webapp.forum import services as forum
from webapp.learning.models import QuizAttempt
from webapp.statistics import tokens

LESSON = "por-que-importa"
LAB_COURSE, LAB = "carga-de-formatos-sipot", "practica-xii"
OWNER = "owner"  # a learner of Baja California Sur, whose things are the objects of the world
STRANGER = "stranger"  # a learner of Sonora
PEOPLE: Mapping[str, tuple[tuple[RoleName, ...], str]] = {
    OWNER: ((), "MX-BCS"),
    STRANGER: ((), "MX-SON"),
    "trainer": (("trainer",), "MX-BCS"),
    "coordinator": (("coordinator",), "MX-BCS"),
    "coordinator-elsewhere": (("coordinator",), "MX-SON"),
    "regional-coordinator": (("regional-coordinator",), "MX-BCS"),
    "administrator": (("administrator",), "MX-BCS"),
}
VISITOR = "visitor"
EVERYBODY = (VISITOR, *PEOPLE)


@dataclass
class Browser:
    """Somebody's browser, which sends the token of its session along, as every form does."""

    client: FlaskClient
    token: str

    def open(self, path: str, method: str = "GET", **fields: str) -> TestResponse:
        return self.client.open(path, method=method, data=fields or None, headers={"X-CSRFToken": self.token})


@dataclass
class World:
    """Ids of people by the names above, and of the objects by the endpoint's argument that names them."""

    app: Flask
    people: dict[str, int] = field(default_factory=dict)
    arguments: dict[str, dict[str, str | int]] = field(default_factory=dict)
    question: str = ""  # one that the owner's open attempt asks

    def browser(self, who: str) -> Browser:
        """A browser of its own in which that person is signed in; of a visitor, in which nobody is."""
        if who == VISITOR:
            client = self.app.test_client()
            return Browser(client, token(client, "/entrar"))
        client = sign_in(self.app, self.people[who])
        return Browser(client, token(client, "/salir"))

    def path(self, rule: Rule) -> str:
        """The address of a route with the objects of this world in it; raises KeyError for an argument unknown here."""
        known = self.arguments["*"] | self.arguments.get(rule.endpoint, {})
        values = {name: known[name] for name in rule.arguments}
        return self.app.url_map.bind("localhost").build(rule.endpoint, values)


def build(app: Flask) -> World:
    """Fill a fresh installation."""
    world = World(app)
    for who, (roles, state) in PEOPLE.items():
        world.people[who] = add_person(app, roles=roles, state=state)
    owner = world.people[OWNER]
    marina = Learner(app, owner, sign_in(app, owner))
    marina.enrol()
    attempt = marina.start(PRETEST).split("/")[2]
    handed_in = _hand_in_a_lab(marina)
    code = give(app, owner)
    draft = _begin_a_draft(app, world.people["trainer"])
    asked, amendment = _mend_a_key(app, world.people["trainer"])
    request = open_request_of(app, add_person(app, asks_for="Oficina de Pesca", state="MX-BCS"))
    employee = add_person(app, roles=("trainer",), names=("Rosa", "Duna", "Salina"))
    with app.app_context(), transaction() as session:
        world.question = session.scalars(select(QuizAttempt).filter_by(public_id=attempt)).one().questions[0]
        job = enqueue(session, "records.render_missing", now(), actor_id=owner).public_id
        administrator = session.get_one(Person, world.people["administrator"])
        access = tokens.create(session, administrator, "Tablero", None, timedelta(days=30), now())[0].public_id
        person = session.get_one(Person, employee).public_id
        grant = session.scalars(select(RoleGrant.id).filter_by(person_id=employee)).one()
        of_the_course = (
            select(CourseAsset.path).join(CourseRevision).join(Course, Course.id == CourseRevision.course_id)
        )
        material = session.scalars(of_the_course.where(Course.slug == SLUG).order_by(CourseAsset.path)).first()
        version = session.scalars(select(PrivacyNotice.version)).first()
    brought = _bring(world, "clase.vtt")
    world.arguments = {
        "*": {
            **{"slug": SLUG, "key": LESSON, "iso": "MX-BCS", "code": code, "token": "x", "which": "personal"},
            **{"bank": "banco", "question": asked},
        },
        "learning.start": {"key": PRETEST},
        "authoring.amendment": {"public_id": amendment},
        "authoring.undo_amendment": {"public_id": amendment},
        "catalog.material": {"number": 1, "path": material or ""},
        "accounts.privacy_version": {"version": version or ""},
        "formatlab.file": {"name": _leave_a_workbook(app)},
        "formatlab.delete": {"name": _leave_a_workbook(app)},
        "formatlab.template": {"framework": "lgtaip-2015-michoacan", "version": "2018", "name": "i"},
        "formatlab.problems_file": {"extension": "csv"},
        "formatlab.result": {"public_id": handed_in},
        "materials.detail": {"name": brought},
        "materials.serve": {"name": brought},
        "materials.retire": {"name": _bring(world, "otra.vtt")},
        "site.learning_path": {"slug": "nueva-persona-servidora-publica"},
        "site.change_language": {"code": "es"},
        "static_file": {"version": "x", "name": "css/aula.css"},
    }
    _take_part_in_a_forum(world, owner, world.people["trainer"])
    waiting = _leave_a_folder(app, world.people["trainer"], draft)
    for endpoint in ("authoring.received", "authoring.received_state", "authoring.apply_drop", "authoring.leave_drop"):
        world.arguments[endpoint] = {"name": waiting}
    world.arguments["authoring.draft_material"] = {"path": material or ""}
    world.arguments["authoring.file_history"] = {"path": f"lessons/{LESSON}.md"}
    world.arguments["authoring.export_questions"] = {"kind": "gift"}
    public_ids = {
        "learning.": attempt,
        "accounts.": person,
        "authoring.": draft,
        "records.": request,
        "statistics_tokens.": access,
    }
    for rule in app.url_map.iter_rules():
        mine = world.arguments.setdefault(rule.endpoint, {})
        if rule.endpoint in {"formatlab.state", "formatlab.annotated"}:
            mine |= world.arguments["formatlab.file"]
        elif "practica" in rule.rule:
            mine |= {"slug": LAB_COURSE, "key": LAB}
        if rule.endpoint.startswith("statistics.one_region"):
            mine["key"] = "norte"
        if "public_id" in rule.arguments and "public_id" not in mine:
            room = rule.endpoint.split(".")[0] + "."
            mine["public_id"] = job if room == "site." else public_ids[room]
        if "grant_id" in rule.arguments:
            mine["grant_id"] = grant
    return world


def _take_part_in_a_forum(world: World, owner: int, trainer: int) -> None:
    """Questions and answers of the owner, one of each to withdraw, and announcements of the trainer, one to retire."""
    with world.app.app_context(), transaction() as session:
        state = catalog.course_by_slug(session, SLUG)
        assert state is not None
        actor, at, base = person_with_grants(session, owner), now(), "https://aula.example"
        asked = [
            forum.ask(session, actor, state.id, LESSON, body, True, at) for body in ("¿Cuándo?", "¿Dónde?", "¿Quién?")
        ]
        to_answer, unanswered, to_withdraw = asked
        kept, to_take_back = (forum.answer(session, actor, to_answer, body, base, at) for body in ("Hoy", "Ayer"))
        for endpoint in ("question", "mails", "hide", "show"):
            world.arguments[f"forum.{endpoint}"] = {"public_id": to_answer.public_id}
        for endpoint in ("hide_answer", "show_answer", "endorse"):
            world.arguments[f"forum.{endpoint}"] = {"public_id": kept.public_id}
        world.arguments["forum.edit"] = {"public_id": unanswered.public_id}
        world.arguments["forum.withdraw"] = {"public_id": to_withdraw.public_id}
        titles, teacher = ("Cambia el plazo", "Otro"), session.get_one(Person, trainer)
        sent, to_retire = (
            forum.announce(session, teacher, state.id, title, "El viernes", True, at) for title in titles
        )
        for endpoint in ("announcement", "mark_read"):
            world.arguments[f"forum.{endpoint}"] = {"public_id": sent.public_id}
        world.arguments["forum.retire"] = {"public_id": to_retire.public_id}
        world.arguments["forum.withdraw_answer"] = {"public_id": to_take_back.public_id}


def _begin_a_draft(app: Flask, trainer: int) -> str:
    """A draft of the trainer, made of a course of the curriculum; its public id."""
    folder = Path(app.config["COURSES_DIR"]) / SLUG
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with app.app_context(), transaction() as session:
        actor = person_with_grants(session, trainer)
        return authoring.create(session, actor, "curso-nuevo", "Curso nuevo", files, storage(), now()).public_id


def _leave_a_folder(app: Flask, trainer: int, draft: str) -> str:
    """What the trainer dropped onto the draft and has not applied; its name."""
    with app.app_context():
        files = [("carpeta/01 Plazos.md", BytesIO(b"# Plazos\n\nSon tres.\n"))]
        drop = Inbox(Path(app.config["DATA_DIR"])).keep(files, trainer, "Rosa Duna", draft, now())
        intake.read(drop, Path(app.config["COURSES_DIR"]), now())
        return drop.name


def _mend_a_key(app: Flask, trainer: int) -> tuple[str, str]:
    """The name of a question of the course, and the public id of an amendment of another one."""
    with app.app_context(), transaction() as session:
        state = catalog.course_by_slug(session, SLUG)
        assert state is not None
        revision = catalog.revision(session, state.revision_id)
        asked, mended = (question.id for question in revision.course.banks["banco"].questions[:2])
        wanted, change = regrading.target(session, revision, "banco", mended), Amendment(mended, "void", now())
        seen, actor = regrading.preview(session, wanted, change).digest, session.get_one(Person, trainer)
        issuer = app.config["ISSUER"]
        row, _ = regrading.apply(session, actor, wanted, change, "Dos son ciertas", seen, issuer, now())
        return asked, row.public_id


def _hand_in_a_lab(marina: Learner) -> str:
    """Open a lab and hand in what is on the sheet; the public id of the submission."""
    lab = f"/cursos/{LAB_COURSE}/{LAB}/practica"
    marina.post(f"/cursos/{LAB_COURSE}/inscribirme")
    assert marina.post(f"{lab}/abrir").status_code == 303
    answer = marina.post(f"{lab}/entregar")
    assert answer.status_code == 303, answer.text
    return answer.location.rpartition("/")[2]


def _bring(world: World, name: str) -> str:
    """Have the trainer upload a material; its public name."""
    browser = world.browser("trainer")
    captions = BytesIO(f"WEBVTT {name}\n\n00:01.000 --> 00:02.000\nHola\n".encode())
    answer = browser.client.post(
        "/estudio/materiales", data={"files": (captions, name)}, headers={"X-CSRFToken": browser.token}
    )
    assert answer.status_code == 303, answer.text
    return answer.location.rpartition("/")[2]


def _leave_a_workbook(app: Flask) -> str:
    """Drop a blank template in the public laboratory; the random name of the file."""
    book = BytesIO()
    write_blank(read_format(Path(app.config["COURSES_DIR"]) / "_formats/lgtaip-2015-michoacan/2018/i.yaml"), book)
    book.seek(0)
    client = app.test_client()
    answer = client.post(
        "/laboratorio", data={"csrf_token": token(client, "/laboratorio"), "workbook": (book, "formato.xlsx")}
    )
    assert answer.status_code == 303, answer.text
    return answer.location.rpartition("/")[2]


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every route with each of its methods."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, one.endpoint)):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method
