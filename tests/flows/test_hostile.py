"""What no page sends: numbers without end, signs that mean something to a database, parameters of the wrong kind."""

from __future__ import annotations

import itertools

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.flows.world import World, build, routes

PARAMETERS = (
    "codigo",
    "curso",
    "desde",
    "estado",
    "hasta",
    "next",
    "page",
    "periodo",
    "q",
    "rol",
    "state",
)
VALUES = ("9" * 30, "-1", "' OR 1=1--%_(.*\\", "\U0001f9ff\u202e" + "ñ" * 300, "<b onx=1>")


@pytest.fixture
def world(app: Flask) -> World:
    return build(app)


@pytest.mark.sqlite_only
def test_no_parameter_of_an_address_breaks_a_page(world: World) -> None:
    for who in ("visitor", "administrator"):
        browser = world.browser(who)
        for (rule, method), value in itertools.product(routes(world.app), VALUES):
            if method == "GET":
                query = dict.fromkeys(PARAMETERS, value)
                answer = browser.client.get(world.path(rule), query_string=query)
                assert answer.status_code < 500, (who, rule, value)
                assert b"<b onx" not in answer.data, (who, rule)


def test_a_text_that_no_database_keeps_is_refused_wherever_it_comes(world: World) -> None:
    """PostgreSQL keeps no NUL. Both engines refuse it at the door, with its cause and nothing half done."""
    visitor = world.browser("visitor")
    for path in ("/padron/buscar?q=agua%00", "/verificar?codigo=%00", "/verificar/A%00"):
        assert visitor.open(path).status_code == 400, path
    owner = world.browser("owner")
    refused = owner.open("/mi-cuenta/datos", "POST", given_names="Ana\x00", first_surname="P", post="comite")
    assert refused.status_code == 400
    assert "caracter" in refused.text.lower().replace("á", "a")


def test_a_page_far_beyond_the_last_is_the_last(world: World) -> None:
    desk = world.browser("administrator")
    for path in ("/administracion/personas", "/coordinacion/estados/MX-BCS/inscripciones"):
        assert desk.open(f"{path}?page={'9' * 30}").data == desk.open(f"{path}?page=1").data, path


@pytest.mark.parametrize("number", ["9" * 30, "9223372036854775808", "2147483648", "0"])
def test_a_number_that_no_row_has_is_not_found(client: FlaskClient, world: World, number: str) -> None:
    """Larger than a database can hold: still nothing more than an address that does not exist."""
    assert client.get(f"/cursos/{world.arguments['*']['slug']}/material/{number}/assets/portada.svg").status_code == 404
    person = world.arguments["accounts.revoke"]["public_id"]
    desk = world.browser("administrator")
    answer = desk.open(f"/administracion/personas/{person}/funciones/{number}/quitar", "POST")
    assert answer.status_code == 404
