"""The data interface against its own description: whatever is asked, it answers what OpenAPI says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from tests.statistics.conftest import add_person
from webapp.accounts.models import Person
from webapp.core.clock import now
from webapp.core.db import transaction
from webapp.statistics import tokens

pytestmark = pytest.mark.sqlite_only  # what is judged here is the interface, not the database
DESCRIPTION = "/api/v1/openapi.json"
# The token is a real one, not made up; and no schema can say that a year has not come yet.
NOT_HERE = [ignored_auth, positive_data_acceptance]


@pytest.fixture
def token(app: Flask) -> str:
    actor_id = add_person(app, "admin@demo.example", "administrator")
    with app.app_context(), transaction() as session:
        actor = session.get_one(Person, actor_id)
        return tokens.create(session, actor, "Tablero", None, timedelta(days=30), now())[1]


def test_every_answer_is_one_that_the_description_has(app: Flask, token: str) -> None:
    described = schemathesis.openapi.from_wsgi(DESCRIPTION, app)
    operations = [found.ok() for found in described.get_all_operations() if isinstance(found, Ok)]
    assert {operation.path for operation in operations} == {"/api/v1/indicators", "/api/v1/definitions"}

    for operation in operations:
        quiet = settings(
            max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
        )

        @quiet
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case[Any]) -> None:
            answer = case.call(headers={"Authorization": f"Bearer {token}"})
            case.validate_response(answer, excluded_checks=NOT_HERE)

        ask()
