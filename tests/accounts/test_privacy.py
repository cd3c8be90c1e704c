"""The privacy notice and the right to one's own data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.accounts.hands import NAMES, a_subject, add_person, letters, post, sign_in
from webapp.accounts import notices, services
from webapp.accounts.labels import DATA_LABELS
from webapp.accounts.models import Passkey, Person, PrivacyNotice
from webapp.accounts.notices import NoticeText
from webapp.core.clock import now
from webapp.core.db import Base, db, transaction
from webapp.core.registry import export_person

EMAIL = "nueva@dependencia.example"


def publish(app: Flask, texts: dict[str, NoticeText]) -> str | None:
    with app.app_context(), transaction() as session:
        return services.sync_privacy_notice(session, texts, now())


def test_a_version_is_published_once_and_never_changed(app: Flask, session: Session) -> None:
    texts = {"es": NoticeText("<p>uno</p>", "<p>dos</p>"), "en": NoticeText("<p>one</p>", "<p>two</p>")}
    assert publish(app, notices.load_notice(app.config)) is None  # that of the installation is there
    assert publish(app, texts) == "2026-11.2"
    assert publish(app, texts) is None
    assert publish(app, texts | {"en": NoticeText("<p>ONE</p>", "<p>two</p>")}) == "2026-11.3"
    rows = session.execute(
        select(PrivacyNotice.version, PrivacyNotice.language, PrivacyNotice.simplified_html)
        .where(PrivacyNotice.version != "2026-11")
        .order_by(PrivacyNotice.id)
    )
    assert [tuple(row) for row in rows] == [
        ("2026-11.2", "es", "<p>uno</p>"),
        ("2026-11.2", "en", "<p>one</p>"),
        ("2026-11.3", "es", "<p>uno</p>"),
        ("2026-11.3", "en", "<p>ONE</p>"),
    ]


def test_the_notice_of_the_repository_is_filled_for_this_installation(app: Flask) -> None:
    texts = notices.load_notice({**app.config, "RESPONSIBLE": "Instituto <b>X</b>"})
    assert set(texts) == {"es", "en"}
    for text in texts.values():
        for html in (text.simplified_html, text.integral_html):
            assert "{" not in html and "<h1" not in html
            assert "Instituto &lt;b&gt;X&lt;/b&gt;" in html
        assert str(app.config["ARCO_EMAIL"]) in text.integral_html


def test_a_page_of_the_notice_for_anyone_in_both_languages_and_old_versions(app: Flask, client: FlaskClient) -> None:
    publish(app, {"es": NoticeText("<p>s</p>", "<p>Viejo</p>")})
    publish(app, {"es": NoticeText("<p>s</p>", "<p>Completo</p>"), "en": NoticeText("<p>s</p>", "<p>Whole</p>")})
    page = client.get("/privacidad")
    assert "<p>Completo</p>" in page.text and "2026-11.3" in page.text
    assert str(app.config["ARCO_EMAIL"]) in page.text
    assert "<p>Whole</p>" in client.get("/privacidad", headers={"Accept-Language": "en"}).text
    assert "<p>Viejo</p>" in client.get("/privacidad/version/2026-11.2").text
    assert client.get("/privacidad/version/1999-01").status_code == 404


# --- my data ----------------------------------------------------------------------------------------------------


@pytest.fixture
def rich(app: Flask, client: FlaskClient) -> FlaskClient:
    """Someone with a bit of everything this room keeps."""
    sign_in(client, EMAIL)
    post(client, "/registro", accept="y", subject=a_subject(app).public_id, subject_name="x", sex="mujer", **NAMES)
    post(client, "/mi-cuenta/trabajo", subject_name="Oficina por hallar", not_found="y", state="MX-SIN")
    page = "/mi-cuenta/correos"
    post(client, f"{page}/personal", page=page, **{"personal-email": "yo@casa.example"})
    post(client, f"{page}/codigo", code=letters(app, "yo@casa.example")[-1].code)
    with app.app_context(), transaction() as session:
        person = session.scalars(select(Person)).one()
        session.add(
            Passkey(
                credential_id=b"secret-id",
                public_key=b"secret-key",
                backup_state=False,
                device_type="single_device",
                create_datetime=now(),
                lastuse_datetime=now(),
                name="Llave del portón",
                usage="first",
                user_id=person.id,
            )
        )
    return client


def keys(it: Any) -> Iterator[str]:
    if isinstance(it, dict):
        for key, inner in it.items():
            yield key
            yield from keys(inner)
    elif isinstance(it, list):
        for inner in it:
            yield from keys(inner)


def personal_columns(prefix: str = "webapp.") -> set[tuple[str, str]]:
    return {
        (mapper.class_.__tablename__, column.name)
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith(prefix)
        for column in mapper.local_table.columns
        if column.info.get("data") == "personal"
    }


def test_every_personal_column_of_this_room_is_in_the_export(app: Flask, rich: FlaskClient) -> None:
    data = json.loads(rich.get("/mi-cuenta/mis-datos.json").data)
    found = set(keys(data))
    missing = {(table, name) for table, name in personal_columns("webapp.accounts") if name not in found}
    assert missing == set()
    text = json.dumps(data, ensure_ascii=False)
    for value in (
        EMAIL,
        "yo@casa.example",
        "María José",
        "Ibarra",
        "Cota",
        "maria jose ibarra cota",
        "mujer",
        "enlace-area",
        "Llave del portón",
        "Oficina por hallar",
        "2026-11",
        a_subject(app).name,
    ):
        assert value in text, value


def test_every_personal_column_of_every_room_is_named_by_some_export() -> None:
    """Each room that marks a column as personal writes it out; the export functions name every one of them."""
    import inspect

    from webapp.core import registry

    sources = "\n".join(
        inspect.getsource(inspect.getmodule(export) or export) for export in registry._personal_data.values()
    )
    missing = {
        (table, name) for table, name in personal_columns() if f'"{name}"' not in sources and f"{name}=" not in sources
    }
    assert missing == set()


def test_the_export_holds_no_credential(app: Flask, rich: FlaskClient) -> None:
    with app.app_context():
        person = db.session.scalars(select(Person)).one()
        secrets = [person.fs_uniquifier, person.fs_webauthn_user_handle]
        text = json.dumps(export_person(db.session(), person.id))
    assert not any(secret in text for secret in secrets if secret)
    assert "secret-key" not in text and "password" not in text.replace("password_", "")


def test_the_export_is_a_file_and_a_page_that_can_be_read(rich: FlaskClient) -> None:
    answer = rich.get("/mi-cuenta/mis-datos.json")
    assert answer.mimetype == "application/json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="mis-datos-aula-norte.json"'
    page = rich.get("/mi-cuenta/mis-datos")
    assert page.status_code == 200 and "Llave del portón" in page.text and "Nombre para búsquedas" in page.text
    assert "Mujer" in page.text and "Enlace de un área" in page.text and "UTC" in page.text


def test_every_name_in_the_export_has_a_label(rich: FlaskClient) -> None:
    data = json.loads(rich.get("/mi-cuenta/mis-datos.json").data)
    assert {key for key in keys(data) if key not in DATA_LABELS} - {"generado"} == set()


def test_nobody_reads_the_data_of_someone_else(app: Flask, rich: FlaskClient) -> None:
    add_person(app, "otra@dependencia.example")
    browser = app.test_client()
    sign_in(browser, "otra@dependencia.example")
    assert EMAIL not in browser.get("/mi-cuenta/mis-datos.json").text
    assert browser.get("/mi-cuenta/mis-datos.json?person_id=1").text.count("María José") == 0
    assert app.test_client().get("/mi-cuenta/mis-datos.json").status_code in {302, 401}
