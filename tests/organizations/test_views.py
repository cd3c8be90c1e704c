"""The type-ahead as a browser sees it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from webapp.core.access import mark_of
from webapp.organizations import views


def test_a_name_and_where_it_is_are_offered(client: FlaskClient) -> None:
    answer = client.get("/padron/buscar?q=ayuntamiento+tij")
    assert answer.status_code == 200
    assert [(one["label"], one["detail"]) for one in answer.get_json()] == [
        ("Ayuntamiento de Tijuana (demo)", "Tijuana, Baja California · municipal")
    ]


def test_the_id_is_the_public_one(client: FlaskClient) -> None:
    (one,) = client.get("/padron/buscar?q=ayuntamiento+tij").get_json()
    assert set(one) == {"id", "label", "detail"}
    assert len(one["id"]) == 12


def test_one_letter_is_not_enough(client: FlaskClient) -> None:
    assert client.get("/padron/buscar?q=a").get_json() == []
    assert client.get("/padron/buscar?q=a+%25").get_json() == []
    assert client.get("/padron/buscar").get_json() == []
    assert len(client.get("/padron/buscar?q=ay").get_json()) == 10


def test_a_state_narrows_what_is_offered(client: FlaskClient) -> None:
    everywhere = client.get("/padron/buscar?q=poder+judicial").get_json()
    sonora = client.get("/padron/buscar?q=poder+judicial&estado=MX-SON").get_json()
    assert len(everywhere) == 9
    assert [one["detail"] for one in sonora] == ["Hermosillo, Sonora · estatal"]


@pytest.mark.parametrize("state", ["MX-XXX", "8", "mx-son", "MX-SON%00", "' OR 1=1"])
def test_an_unknown_state_is_refused_rather_than_ignored(client: FlaskClient, state: str) -> None:
    assert client.get(f"/padron/buscar?q=poder&estado={state}").status_code == 400


def test_no_shared_cache_keeps_what_people_look_for(client: FlaskClient) -> None:
    assert client.get("/padron/buscar?q=agua").headers["Cache-Control"] == "private, max-age=60"


def test_anyone_may_search(client: FlaskClient) -> None:
    mark = mark_of(views.search)
    assert mark is not None and mark.kind == "public"
