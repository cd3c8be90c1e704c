"""The data interface as another system meets it: tokens, refusals, what is withheld, and its description."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate
from sqlalchemy import select

from tests.statistics.conftest import World, add_person, empty_world, sign_in
from webapp.accounts.models import ApiToken, Person
from webapp.core.audit import AuditEvent
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.statistics import tokens
from webapp.statistics.figures import DEFINITIONS
from webapp.statistics.schemas import Indicators, Refusal

Give = Callable[..., str]
PATH = "/api/v1/indicators"


def fill(w: World) -> None:
    """15 people of B.C.S. in the first quarter, 2 of them few of a kind; 3 of Sonora; all of one course."""
    course = w.course("datos")
    for iso, sexes in (("MX-BCS", ("mujer",) * 7 + ("hombre",) * 6 + ("otra",) * 2), ("MX-SON", ("mujer",) * 3)):
        subject = w.subject(f"Demo {iso}", iso)
        for sex in sexes:
            person = w.person(sex=sex)
            w.enrol(person, course, subject, "2026-01-10", concluded="2026-01-20")
            w.accredit(person, course, subject, "2026-01-20")


@pytest.fixture
def filled(app: Flask) -> Flask:
    with app.app_context(), transaction() as session:
        fill(empty_world(session, app.config["ISSUER"]))
    return app


@pytest.fixture
def give(filled: Flask) -> Give:
    """Give access: `give()` to all states, `give("MX-BCS")` to one. Returns the header to send."""
    actor_id = add_person(filled, "admin@demo.example", "administrator")

    def given(iso: str = "", days: int = 30) -> str:
        with filled.app_context(), transaction() as session:
            state = World(session, None, iter(())).state(iso) if iso else None  # type: ignore[arg-type]
            actor = session.get_one(Person, actor_id)
            return "Bearer " + tokens.create(session, actor, "Tablero", state, timedelta(days=days), now())[1]

    return given


def ask(client: FlaskClient, header: str, **query: str) -> Any:
    return client.get(PATH, query_string={"period": "2026-T1"} | query, headers={"Authorization": header})


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, Refusal.model_validate(answer.json).error.code


def of_state(answer: Any, iso: str) -> Any:
    return next(state for state in answer.json["states"] if state["state"] == iso)


def test_a_token_reads_the_figures_of_every_state(client: FlaskClient, give: Give) -> None:
    answer = ask(client, give())
    assert answer.status_code == 200
    found = Indicators.model_validate(answer.json)
    assert len(found.states) == 32
    assert list(found.states[0].figures) == list(DEFINITIONS)
    assert (found.about.period, found.about.cut.isoformat(), found.about.rules) == ("2026-T1", "2026-03-31", "2026-1")


def test_a_request_without_a_token_that_serves_is_refused_with_the_reason(
    client: FlaskClient, filled: Flask, give: Give
) -> None:
    short, long = give(days=1), give()
    with filled.app_context(), transaction() as session:
        actor = session.scalars(select(Person).filter_by(email="admin@demo.example")).one()
        revoked = tokens.by_secret(session, long.removeprefix("Bearer "))
        assert revoked is not None
        tokens.revoke(session, actor, revoked, now())
    assert refusal(client.get(PATH)) == (401, "token-missing")
    assert refusal(ask(client, "Basic YTpi")) == (401, "token-missing")
    assert refusal(ask(client, short + "x")) == (401, "token-unknown")
    assert refusal(ask(client, long)) == (401, "token-revoked")
    with time_machine.travel(now() + timedelta(days=2)):
        assert refusal(ask(client, short)) == (401, "token-expired")
    assert client.get(PATH).headers["WWW-Authenticate"] == "Bearer"


def test_a_token_of_one_state_opens_no_other(client: FlaskClient, give: Give) -> None:
    token = give("MX-BCS")
    assert [state["state"] for state in ask(client, token).json["states"]] == ["MX-BCS"]
    assert ask(client, token, state="MX-BCS").status_code == 200
    assert refusal(ask(client, token, state="MX-SON")) == (403, "state-outside-scope")
    assert refusal(ask(client, token, state="MX-XXX")) == (404, "state-unknown")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"period": "2026-T9"}, "period-format"),
        ({"period": "2026-01-01..2026-01-31"}, "period-not-published"),
        ({"period": "2090"}, "period-future"),
        ({"state": "bcs"}, "parameter"),
        ({"format": "xml"}, "parameter"),
        ({"sex": "mujer"}, "parameter"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_reason(
    client: FlaskClient, give: Give, query: dict[str, str], code: str
) -> None:
    assert refusal(ask(client, give(), **query)) == (422, code)


def test_a_small_cell_takes_a_large_one_along_so_that_neither_can_be_computed(client: FlaskClient, give: Give) -> None:
    state = of_state(ask(client, give()), "MX-BCS")
    cells = state["people_by_sex"]["cells"]
    assert state["people_by_sex"]["total"] == state["figures"]["trained_people"]["value"] == 15
    assert cells["otra"] is None
    assert sorted([cells["mujer"], cells["hombre"]], key=str) in ([6, None], [7, None])
    assert (cells["prefiere-no-decir"], cells["no-especificado"]) == (0, 0)
    assert cells == of_state(ask(client, give("MX-BCS")), "MX-BCS")["people_by_sex"]["cells"]


def test_where_few_were_trained_no_figure_says_how_many(client: FlaskClient, give: Give) -> None:
    state = of_state(ask(client, give()), "MX-SON")
    hidden = {key for key, figure in state["figures"].items() if figure["withheld"]}
    assert hidden >= {"trained_people", "participations", "person_hours", "enrolled", "concluded", "completion_rate"}
    assert state["people_by_sex"] == {
        "cells": {"mujer": None, "hombre": 0, "otra": 0, "prefiere-no-decir": 0, "no-especificado": 0},
        "total": None,
    }
    for key in hidden:
        assert [state["figures"][key][part] for part in ("value", "numerator", "denominator")] == [None] * 3
    assert state["figures"]["covered"]["value"] == 1  # an institution is nobody's datum


def test_the_split_by_sex_is_given_by_quarter_only(client: FlaskClient, give: Give) -> None:
    assert of_state(ask(client, give(), period="2026"), "MX-BCS")["people_by_sex"] is None


def test_the_table_file_says_what_the_json_says(client: FlaskClient, give: Give) -> None:
    token = give()
    answer = ask(client, token)
    for asked in (
        ask(client, token, format="csv"),
        client.get(f"{PATH}?period=2026-T1", headers={"Authorization": token, "Accept": "text/csv"}),
    ):
        assert asked.mimetype == "text/csv"
        rows = {(row["state"], row["indicator"]): row for row in csv.DictReader(StringIO(asked.text))}
        for state in answer.json["states"]:
            for key, figure in state["figures"].items():
                row = rows.pop((state["state"], key))
                for part in ("value", "numerator", "denominator"):
                    assert (float(row[part]) if row[part] else None) == figure[part]
                assert (row["withheld"] == "yes", row["unit"]) == (figure["withheld"], figure["unit"])
            for sex, people in state["people_by_sex"]["cells"].items():
                row = rows.pop((state["state"], f"trained_people:{sex}"))
                assert row["value"] == ("" if people is None else str(people))
        assert rows == {}


def test_the_answer_names_nobody(client: FlaskClient, filled: Flask, give: Give) -> None:
    answer = ask(client, give())
    with filled.app_context():
        for email, surname in db.session.execute(select(Person.email, Person.first_surname)):
            assert email not in answer.text
            assert f'"{surname}"' not in answer.text


def test_the_definitions_are_open_and_complete(client: FlaskClient) -> None:
    found: Any = client.get("/api/v1/definitions").json
    assert [one["key"] for one in found["definitions"]] == list(DEFINITIONS)
    assert all(one["numerator"] and one["universe"] for one in found["definitions"])


def test_the_description_is_valid_and_covers_every_answer(client: FlaskClient, give: Give) -> None:
    document: Any = client.get("/api/v1/openapi.json").json
    validate(document)
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {PATH, "/api/v1/definitions"}
    described = document["paths"][PATH]["get"]
    assert set(described["responses"]) == {"200", "401", "403", "404", "422", "429"}
    assert {one["name"] for one in described["parameters"]} == {"period", "state", "format"}
    assert described["security"] == [{"token": []}]
    assert "/docs" not in json.dumps(document["paths"])
    assert client.get("/apidoc/swagger").status_code == 404


# --- the administrator's desk -----------------------------------------------------------------------------------


def test_a_token_is_shown_once_works_and_dies_when_revoked(client: FlaskClient, filled: Flask) -> None:
    add_person(filled, "admin@demo.example", "administrator")
    sign_in(client, "admin@demo.example")
    page = client.get("/administracion/tokens")
    made = _post(client, page.text, "/administracion/tokens", name="Tablero nacional", state="MX-BCS", days="30")
    token = made.text.split('id="token">')[1].split("<")[0]
    assert token.startswith("aula_")
    assert token not in client.get("/administracion/tokens").text
    assert ask(client, f"Bearer {token}", state="MX-BCS").status_code == 200
    with filled.app_context():
        row = db.session.scalars(select(ApiToken)).one()
        assert token not in (row.token_hash, row.name)
        public_id = row.public_id
    done = _post(client, client.get("/administracion/tokens").text, f"/administracion/tokens/{public_id}/revocar")
    assert done.status_code == 303
    assert refusal(ask(client, f"Bearer {token}")) == (401, "token-revoked")
    with filled.app_context():
        events = db.session.scalars(select(AuditEvent).where(AuditEvent.action.startswith("statistics.token"))).all()
        assert [event.action for event in events] == ["statistics.token_created", "statistics.token_revoked"]
        assert token not in json.dumps([event.detail for event in events])


def test_a_token_needs_a_name(client: FlaskClient, filled: Flask) -> None:
    add_person(filled, "admin@demo.example", "administrator")
    sign_in(client, "admin@demo.example")
    page = client.get("/administracion/tokens").text
    assert _post(client, page, "/administracion/tokens", name=" ", state="todos", days="30").status_code == 422
    with filled.app_context():
        assert db.session.scalars(select(ApiToken)).all() == []


@pytest.mark.parametrize("role", ["coordinator", "regional-coordinator", "trainer"])
def test_only_administrators_give_tokens(client: FlaskClient, filled: Flask, role: Any) -> None:
    add_person(filled, "otra@demo.example", role)
    sign_in(client, "otra@demo.example")
    assert client.get("/administracion/tokens").status_code == 404


def _post(client: FlaskClient, page: str, path: str, **fields: str) -> Any:
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    return client.post(path, data={"csrf_token": token, **fields})
