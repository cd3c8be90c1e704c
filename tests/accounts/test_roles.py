"""Roles with scope: who gives them, what they open, and the administrator who cannot go."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.accounts.hands import add_person, person, post, sign_in
from webapp.accounts import policies, queries, services
from webapp.accounts.errors import AccountsError
from webapp.accounts.models import AccountSession, Person, RoleGrant
from webapp.core.audit import AuditEvent
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.organizations.models import Region, State
from webapp.organizations.queries import states_of_region

ADMIN, ANA = "admin@dependencia.example", "ana@dependencia.example"


@pytest.fixture
def admin(app: Flask, client: FlaskClient) -> FlaskClient:
    add_person(app, ADMIN, "administrator", given_names="Olga", first_surname="Ruiz")
    sign_in(client, ADMIN)
    return client


def page_of(app: Flask, email: str) -> str:
    found = person(app, email)
    assert found is not None
    return f"/administracion/personas/{found.public_id}"


def test_people_are_found_by_name_address_and_role(app: Flask, admin: FlaskClient) -> None:
    add_person(app, ANA, "trainer")
    add_person(app, "luis@dependencia.example", given_names="Luis", first_surname="Ñúñez")
    assert "Ana Pérez" in admin.get("/administracion/personas?q=perez+ANA").text
    assert "Luis Ñúñez" in admin.get("/administracion/personas?q=nunez").text
    assert "Luis Ñúñez" in admin.get("/administracion/personas?q=luis@").text
    listed = admin.get("/administracion/personas?rol=trainer").text
    assert "Ana Pérez" in listed and "Luis Ñúñez" not in listed
    for odd in ("%", "_", "' OR 1=1--", ".*", "("):
        answer = admin.get("/administracion/personas", query_string={"q": odd})
        assert answer.status_code == 200
    assert "Luis Ñúñez" not in admin.get("/administracion/personas?q=%25@").text


def test_a_role_is_given_in_its_scope_and_taken(app: Flask, admin: FlaskClient, session: Session) -> None:
    person_id = add_person(app, ANA)
    page = page_of(app, ANA)
    answer = post(admin, f"{page}/funciones", page=page, role="coordinator", state="MX-BCS", region="norte")
    assert answer.status_code == 303
    grant = session.scalars(select(RoleGrant).filter_by(person_id=person_id)).one()
    assert (grant.role, grant.state_id is not None, grant.region_id) == ("coordinator", True, None)
    assert "Baja California Sur" in admin.get(page).text
    answer = post(admin, f"{page}/funciones/{grant.id}/quitar", page=page)
    assert answer.status_code == 303
    assert queries.open_grants(session, [person_id]) == []
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions[-2:] == ["accounts.role_granted", "accounts.role_revoked"]


def test_a_coordinator_needs_a_state_and_a_regional_one_a_region(
    app: Flask, admin: FlaskClient, session: Session
) -> None:
    add_person(app, ANA)
    page = page_of(app, ANA)
    for role in ("coordinator", "regional-coordinator"):
        answer = post(admin, f"{page}/funciones", page=page, role=role)
        assert answer.status_code == 422 and "necesita su" in answer.text
    assert post(admin, f"{page}/funciones", page=page, role="king").status_code == 422
    assert post(admin, f"{page}/funciones", page=page, role="coordinator", state="MX-XXX").status_code == 422
    assert len(session.scalars(select(RoleGrant)).all()) == 1


def test_a_role_given_twice_is_one_role(app: Flask, admin: FlaskClient, session: Session) -> None:
    person_id = add_person(app, ANA)
    page = page_of(app, ANA)
    for _time in range(2):
        assert post(admin, f"{page}/funciones", page=page, role="trainer").status_code == 303
    assert len(queries.open_grants(session, [person_id])) == 1


def test_the_last_administrator_cannot_be_removed(app: Flask, admin: FlaskClient, session: Session) -> None:
    page = page_of(app, ADMIN)
    grant = session.scalars(select(RoleGrant)).one()
    answer = post(admin, f"{page}/funciones/{grant.id}/quitar", page=page)
    assert "única persona que administra" in admin.get(answer.location).text
    session.expire_all()
    assert session.scalars(select(RoleGrant.revoked_at)).one() is None
    with app.app_context(), pytest.raises(AccountsError, match="last_administrator"), transaction() as writing:
        other = writing.get_one(Person, add_person_inside(writing))
        services.deactivate(writing, other, writing.scalars(select(Person).filter_by(email=ADMIN)).one(), now())


def add_person_inside(session: Session) -> int:
    return services.create_person(session, email="x@x.example", now=now()).id


def test_with_a_second_administrator_the_first_may_go(app: Flask, admin: FlaskClient, session: Session) -> None:
    add_person(app, ANA, "administrator")
    page = page_of(app, ADMIN)
    grant = session.scalars(select(RoleGrant).order_by(RoleGrant.id)).first()
    assert grant is not None
    assert post(admin, f"{page}/funciones/{grant.id}/quitar", page=page).status_code == 303
    assert admin.get("/administracion/personas").status_code == 404  # at once, in the open session
    assert queries.active_administrators(session) == 1


def test_a_closed_account_is_out_and_may_come_back(app: Flask, admin: FlaskClient, session: Session) -> None:
    add_person(app, ANA)
    other = app.test_client()
    sign_in(other, ANA)
    page = page_of(app, ANA)
    assert post(admin, f"{page}/desactivar", page=page).status_code == 303
    assert other.get("/mis-cursos").status_code != 200
    assert all(row.ended_at for row in session.scalars(select(AccountSession).filter_by(person_id=2)))
    assert "desactivada" in sign_in(app.test_client(), ANA).text
    assert post(admin, f"{page}/reactivar", page=page).status_code == 303
    assert sign_in(app.test_client(), ANA).status_code == 303


def test_nobody_closes_their_own_account_from_the_desk(app: Flask, admin: FlaskClient) -> None:
    add_person(app, ANA, "administrator")
    page = page_of(app, ADMIN)
    post(admin, f"{page}/desactivar", page=page)
    found = person(app, ADMIN)
    assert found is not None and found.active


def test_a_grant_of_someone_else_is_not_taken_through_this_page(
    app: Flask, admin: FlaskClient, session: Session
) -> None:
    add_person(app, ANA)
    page = page_of(app, ANA)
    grant = session.scalars(select(RoleGrant)).one()
    assert post(admin, f"{page}/funciones/{grant.id}/quitar", page=page).status_code == 404
    assert post(admin, f"{page}/funciones/999/quitar", page=page).status_code == 404
    assert admin.get("/administracion/personas/no-existe").status_code == 404
    assert admin.get("/administracion/personas/1").status_code == 404


@pytest.mark.parametrize("roles", [(), ("trainer",), ("coordinator",), ("regional-coordinator",)])
def test_the_desk_of_people_exists_only_for_administrators(
    app: Flask, client: FlaskClient, roles: tuple[str, ...]
) -> None:
    add_person(app, ANA, *roles)  # type: ignore[arg-type]
    sign_in(client, ANA)
    page = page_of(app, ANA)
    assert client.get("/administracion/personas").status_code == 404
    assert client.get(page).status_code == 404
    for act in ("funciones", "desactivar", "reactivar", "segundo-factor/quitar", "funciones/1/quitar"):
        assert post(client, f"{page}/{act}", page="/mi-cuenta", role="administrator").status_code == 404
    assert "Personas" not in client.get("/mi-cuenta").text
    with app.app_context():
        assert queries.active_administrators(db.session()) == 0


def test_scopes_of_states(app: Flask) -> None:
    today = date(2026, 11, 23)
    with app.app_context():
        bcs = db.session.scalars(select(State.id).filter_by(iso="MX-BCS")).one()
        region = db.session.scalars(select(Region)).first()
        assert region is not None
        north = {state.id for state in states_of_region(db.session(), region.id, today)}
    wanted: dict[tuple[str, ...], set[int] | None] = {
        (): set(),
        ("trainer",): set(),
        ("coordinator",): {bcs},
        ("regional-coordinator",): north,
        ("coordinator", "regional-coordinator"): north | {bcs},
        ("coordinator", "administrator"): None,
    }
    assert len(north) >= 8
    for number, (roles, states) in enumerate(wanted.items()):
        email = f"p{number}@dependencia.example"
        add_person(app, email, *roles)  # type: ignore[arg-type]
        with app.app_context():
            found = queries.person_by_email(db.session(), email)
            assert found is not None
            actor = queries.person_with_grants(db.session(), found.id)
            assert policies.states_in_scope(db.session(), actor, today) == states, roles


# --- the console ------------------------------------------------------------------------------------------------


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    with app.app_context():
        result = app.test_cli_runner().invoke(args=list(arguments))
    return result.exit_code, result.output


def test_roles_are_given_and_taken_from_the_console(app: Flask) -> None:
    add_person(app, ANA)
    assert run(app, "people", "grant", ANA, "coordinator", "--state", "MX-SON")[0] == 0
    assert run(app, "people", "staff") == (0, f"{ANA}\tcoordinator\tMX-SON\n")
    assert run(app, "people", "revoke", ANA, "coordinator")[0] == 0
    code, output = run(app, "people", "revoke", ANA, "coordinator")
    assert code == 1 and "does not hold" in output
    code, output = run(app, "people", "grant", "nadie@x.example", "trainer")
    assert code == 1 and "must enter once" in output
    code, output = run(app, "people", "grant", ANA, "coordinator", "--state", "XX")
    assert code == 1 and "MX-BCS" in output
    code, output = run(app, "people", "grant", ANA, "regional-coordinator", "--region", "sur-oeste")
    assert code == 1 and "Known" in output


def test_a_lost_second_step_is_removed_from_the_console(app: Flask) -> None:
    person_id = add_person(app, ANA)
    with app.app_context(), transaction() as session:
        session.get_one(Person, person_id).tf_primary_method = "authenticator"
    assert run(app, "people", "forget-second-factor", ANA)[0] == 0
    found = person(app, ANA)
    assert found is not None and found.tf_primary_method is None
