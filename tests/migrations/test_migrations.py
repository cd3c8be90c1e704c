"""Migrations go up and down with data in the tables, end where the models are, and guard the facts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from tests.servers import add_demo_people
from webapp.core.db import Base, db, transaction
from webapp.core.schema import downgrade, schema_versions, upgrade


@pytest.fixture
def lived_in(app: Flask) -> Iterator[Flask]:
    """An installation in which people have enrolled, answered and been accredited."""
    add_demo_people(app, people=12)
    with app.app_context():
        yield app
        db.session.remove()


@pytest.mark.filterwarnings(
    "ignore:autogenerate skipping", "ignore:Skipped unsupported reflection"
)  # SQLite cannot show an index over an expression
def test_the_newest_migration_ends_where_the_models_are(app: Flask) -> None:
    with app.app_context():
        present, head = schema_versions()
        assert present == head
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Base.metadata) == []


def test_the_schema_goes_down_with_data_in_it_and_up_again(lived_in: Flask) -> None:
    db.session.remove()
    downgrade("base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    upgrade()
    assert schema_versions()[0] == schema_versions()[1]


FACTS = [
    "UPDATE accreditation SET score = 100",
    "DELETE FROM accreditation",
    "DELETE FROM constancia",
    "UPDATE answer SET response = '{}'",
    "UPDATE audit_event SET action = 'nothing'",
    "DELETE FROM audit_event",
    "UPDATE course_revision SET content = '{}'",
    "DELETE FROM course_revision",
    "UPDATE privacy_notice SET integral_html = ''",
    "DELETE FROM privacy_notice",
]


def test_facts_refuse_to_be_rewritten(lived_in: Flask) -> None:
    for statement in FACTS:  # in one installation, because each refusal leaves it as it was
        table = statement.removeprefix("DELETE FROM ").removeprefix("UPDATE ").split()[0]
        before = db.session.scalar(text(f"SELECT count(*) FROM {table}"))
        assert before, f"{table} is empty, so this proves nothing"
        with pytest.raises(DBAPIError, match="are facts"), transaction() as session:
            session.execute(text(statement))
        assert db.session.scalar(text(f"SELECT count(*) FROM {table}")) == before, statement


def test_a_get_cannot_write_even_by_mistake(app: Flask) -> None:
    with app.app_context(), pytest.raises(DBAPIError):
        db.session.execute(text("UPDATE person SET given_names = 'x'"))
