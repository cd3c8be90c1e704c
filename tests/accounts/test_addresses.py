"""The two addresses of an account, and getting back in after leaving a job."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.accounts.hands import add_person, letters, person, post, sign_in
from webapp.accounts.models import Person
from webapp.core.audit import AuditEvent
from webapp.core.clock import now

WORK, PERSONAL, NEW = "ana@dependencia.example", "ana@casa.example", "ana@otra.example"
PAGE = "/mi-cuenta/correos"


def add_address(client: FlaskClient, which: str, address: str) -> None:
    """Keep an address by its mailed code."""
    answer = post(client, f"{PAGE}/{which}", page=PAGE, **{f"{which}-email": address})
    assert answer.location == f"{PAGE}/codigo", answer.text
    answer = post(client, f"{PAGE}/codigo", code=letters(client.application, address)[-1].code)
    assert answer.location == PAGE, answer.text


def test_the_personal_address_recovers_the_account_and_replaces_the_one_of_work(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    person_id = add_person(app, WORK)
    sign_in(client, WORK)
    add_address(client, "personal", PERSONAL)
    later = app.test_client()  # years after, without access to the mail of work
    assert sign_in(later, PERSONAL.upper()).location == "/mis-cursos"
    add_address(later, "trabajo", NEW)
    found = session.get_one(Person, person_id)
    assert (found.email, found.personal_email) == (NEW, PERSONAL)
    assert session.scalars(select(Person.id)).all() == [person_id]
    assert sign_in(app.test_client(), WORK).location.startswith("/registro")  # the old one opens nothing of hers
    actions = session.scalars(select(AuditEvent.action).filter_by(actor_id=person_id)).all()
    assert {"accounts.personal_email_set", "accounts.work_email_set"} <= set(actions)


def test_the_old_addresses_are_told(app: Flask, client: FlaskClient) -> None:
    add_person(app, WORK)
    sign_in(client, WORK)
    add_address(client, "personal", PERSONAL)
    assert letters(app, WORK)[-1].subject == "Cambió el correo personal de tu cuenta"
    add_address(client, "trabajo", NEW)
    assert letters(app, WORK)[-1].subject == letters(app, PERSONAL)[-1].subject == "Cambió el correo de tu cuenta"


def test_an_address_counts_only_after_its_code(app: Flask, client: FlaskClient) -> None:
    add_person(app, WORK)
    sign_in(client, WORK)
    post(client, f"{PAGE}/personal", page=PAGE, **{"personal-email": PERSONAL})
    code = letters(app, PERSONAL)[-1].code
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert post(client, f"{PAGE}/codigo", code=wrong).status_code == 422
    found = person(app, WORK)
    assert found is not None and found.personal_email is None
    assert person(app, PERSONAL) is None


def test_the_address_of_another_account_is_refused_only_to_who_reads_it(app: Flask, client: FlaskClient) -> None:
    add_person(app, WORK)
    add_person(app, PERSONAL)
    sign_in(client, WORK)
    answer = post(client, f"{PAGE}/personal", page=PAGE, **{"personal-email": PERSONAL})
    assert answer.location == f"{PAGE}/codigo"  # as for any other address
    answer = post(client, f"{PAGE}/codigo", code=letters(app, PERSONAL)[-1].code)
    assert answer.status_code == 422 and "ya es de otra cuenta" in answer.text
    found = person(app, WORK)
    assert found is not None and found.personal_email is None


def test_both_addresses_cannot_be_the_same(app: Flask, client: FlaskClient) -> None:
    add_person(app, WORK)
    sign_in(client, WORK)
    post(client, f"{PAGE}/personal", page=PAGE, **{"personal-email": WORK})
    answer = post(client, f"{PAGE}/codigo", code=letters(app, WORK)[-1].code)
    assert answer.status_code == 422 and "ya es tu correo de trabajo" in answer.text


def test_the_personal_address_can_be_removed(app: Flask, client: FlaskClient) -> None:
    add_person(app, WORK)
    sign_in(client, WORK)
    add_address(client, "personal", PERSONAL)
    assert post(client, f"{PAGE}/personal/quitar", page=PAGE).status_code == 303
    assert person(app, PERSONAL) is None


def test_a_sign_in_code_does_not_confirm_an_address_nor_the_other_way_round(app: Flask, client: FlaskClient) -> None:
    add_person(app, WORK)
    sign_in(client, WORK)
    post(client, f"{PAGE}/personal", page=PAGE, **{"personal-email": PERSONAL})
    with client.session_transaction() as cookie:
        handle = cookie["email_handle"]
    outside = app.test_client()
    post(outside, "/entrar", email="otra@dependencia.example")
    with outside.session_transaction() as cookie:
        cookie["code_handle"] = handle
    assert outside.get("/entrar/codigo").location == "/entrar"


def test_changing_addresses_needs_a_fresh_proof_by_code(app: Flask, client: FlaskClient) -> None:
    add_person(app, WORK)
    sign_in(client, WORK)
    with time_machine.travel(now() + timedelta(minutes=40)):
        assert client.get(PAGE).location == f"/mi-cuenta/confirmar?next={PAGE}"
        answer = post(client, f"{PAGE}/personal", page="/mi-cuenta", **{"personal-email": PERSONAL})
        assert answer.location == f"/mi-cuenta/confirmar?next={PAGE}" and letters(app, PERSONAL) == []
        answer = post(client, f"/mi-cuenta/confirmar?next={PAGE}")
        assert answer.location == "/mi-cuenta/confirmar/codigo"
        code = letters(app, WORK)[-1].code
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"
        assert post(client, "/mi-cuenta/confirmar/codigo", code=wrong).status_code == 422
        assert client.get(PAGE).status_code == 303
        assert post(client, "/mi-cuenta/confirmar/codigo", code=code).location == PAGE
        assert client.get(PAGE).status_code == 200


def test_a_fresh_proof_by_password(app: Flask, client: FlaskClient) -> None:
    password = "tres gatos en la azotea"
    add_person(app, WORK, password=password)
    sign_in(client, WORK)
    with time_machine.travel(now() + timedelta(minutes=40)):
        page = client.get(f"/mi-cuenta/confirmar?next={PAGE}").text
        assert "/mi-cuenta/confirmar/clave?next=/mi-cuenta/correos" in page
        path = f"/mi-cuenta/confirmar/clave?next={PAGE}"
        assert "no coincide" in post(client, path, password="otra").text
        assert post(client, path, password=password).location == PAGE
        assert client.get(PAGE).status_code == 200
