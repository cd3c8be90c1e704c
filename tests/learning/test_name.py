"""¿Así debe salir tu nombre? Asked before the exam, refused where no constancia could carry it."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Write
from tests.learning.learners import COURSE, EXAM, learner
from webapp.accounts.models import Person
from webapp.learning.models import Enrolment
from webapp.records.models import Constancia

pytestmark = pytest.mark.usefixtures("verified")


def test_the_name_is_shown_as_it_will_be_printed_and_kept_when_confirmed(app: Flask, session: Session) -> None:
    found = learner(app, names=("  María\u200b José", "Peñúñuri", "Ñuu"))
    found.enrol()
    assert "María" in found.client.get(f"{COURSE}/nombre").text
    assert found.confirm_name().location == f"{COURSE}/{EXAM}"
    row = session.scalars(select(Enrolment)).one()
    assert row.printed_name == "María José Peñúñuri Ñuu"
    assert row.name_confirmed_at is not None


@pytest.mark.parametrize(
    ("names", "code", "said"),
    [
        (("Marina 😀", "Cardón", ""), "name_undrawable", "😀"),
        (("Марина", "Cardón", ""), "name_undrawable", "Марин"),
        (("<b>Marina</b>", "Cardón", ""), "name_undrawable", "&lt;&gt;/"),
        (("ª", "ª", "º"), "name_missing", "Escríbelo en Mi cuenta"),
    ],
)
def test_a_name_that_no_constancia_can_carry_is_refused_before_the_exam(
    app: Flask, session: Session, names: tuple[str, str, str], code: str, said: str
) -> None:
    found = learner(app, names=names)
    found.enrol()
    found.read_lessons()
    page = found.client.get(f"{COURSE}/nombre")
    assert said in page.text
    assert "Corregir mi nombre" in page.text
    assert "Sí, así es" not in page.text
    refused = found.confirm_name()
    assert refused.status_code == 422
    assert code in refused.text
    assert said in refused.text
    assert found.post(f"{COURSE}/{EXAM}/empezar").location == f"{COURSE}/nombre"
    row = session.scalars(select(Enrolment)).one()
    assert (row.printed_name, row.name_confirmed_at) == ("", None)


def test_the_constancia_bears_the_name_that_was_confirmed_not_a_later_one(
    app: Flask, session: Session, write: Write
) -> None:
    found = learner(app)
    found.reach_exam()
    with write() as writing:
        writing.execute(update(Person).where(Person.id == found.id).values(given_names="Otra"))
    found.take(EXAM)
    assert session.scalars(select(Constancia.name)).all() == ["Marina Cardón Estero"]
    assert "Volver a expedirla con mi nombre actual" in found.client.get("/mis-constancias").text
