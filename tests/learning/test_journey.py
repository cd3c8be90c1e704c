"""A learner on the way from the course page to the constancia, with plain forms and no script."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.learning.learners import COURSE, Learner, course, learner
from webapp.records.models import Constancia

pytestmark = pytest.mark.usefixtures("verified")


@pytest.fixture
def marina(app: Flask) -> Learner:
    return learner(app)


def next_form(page: str) -> str:
    """The action of the one form in the main part of a page (besides the menus)."""
    main = page.split("<main", 1)[1]
    actions = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]+)"', main)
    assert len(set(actions)) == 1, actions
    return str(actions[0])


def test_from_the_course_page_to_the_constancia_by_following_forms(marina: Learner, session: Session) -> None:
    client = marina.client
    page = client.get(COURSE)
    answer = marina.post(next_form(page.text))
    first = course(marina.app).lesson_steps[0]
    assert (answer.status_code, answer.location) == (303, f"{COURSE}/{first.key}")
    place = answer.location
    steps = 0
    while not place.endswith("/resultado"):
        steps += 1
        page = client.get(place)
        assert page.status_code == 200, place
        if place.startswith("/intentos/"):
            answer = marina.post(f"{place}/entregar", **marina.form(place))
            assert answer.location == f"{place}/resultado"
            page = client.get(answer.location)
            links = re.findall(rf'href="({COURSE}/[a-z-]+|/mis-constancias/\w+\.pdf)"', page.text.split("<h2>")[0])
            place = links[-1]
            if place.endswith(".pdf"):
                break
        elif f'href="{COURSE}/nombre"' in page.text.split("<main", 1)[1]:
            place = f"{COURSE}/nombre"
        else:
            place = marina.post(next_form(page.text)).location
        assert steps < 60
    row = session.scalars(select(Constancia).filter_by(person_id=marina.id)).one()
    assert place == f"/mis-constancias/{row.code}.pdf"
    assert row.name == "Marina Cardón Estero"
    listed = client.get("/mis-constancias").text
    assert row.folio in listed
    assert "Suman 2 horas" in listed
    document = client.get(place)
    assert (document.status_code, document.mimetype) == (200, "application/pdf")
    assert document.data.startswith(b"%PDF-1.7")
