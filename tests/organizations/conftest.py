"""A database of this room alone, in memory, and a small application around its one route."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from webapp import organizations
from webapp.core import db as core_db
from webapp.core.db import Base, changing_schema, db, transaction
from webapp.organizations import services
from webapp.organizations.models import Authority, ObligedSubject, Region, RegionState, State

MODELS = (State, Region, RegionState, Authority, ObligedSubject)
TABLES = [Base.metadata.tables[model.__tablename__] for model in MODELS]


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine, tables=TABLES)
    with Session(engine) as open_session:
        yield open_session
    engine.dispose()


@pytest.fixture
def padron(session: Session) -> Session:
    """A session with the reference and the demonstration's padrón."""
    services.load_demo(session)
    session.flush()
    return session


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    """A browser in front of an application that holds this room and the demonstration's padrón."""
    app = Flask("room")
    app.config.update(DATABASE_URL=f"sqlite:///{tmp_path / 'room.db'}", MIGRATIONS_DIR=tmp_path)
    core_db.init_app(app)
    organizations.init_app(app)
    with app.app_context():
        with changing_schema():
            Base.metadata.create_all(db.engine, tables=TABLES)
        with transaction() as writing:
            services.load_demo(writing)
    yield app.test_client()
    with app.app_context():
        db.engine.dispose()
