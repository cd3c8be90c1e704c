"""A practice with a format, put into a draft in the browser, is one that the checker accepts."""

from __future__ import annotations

import re

import yaml
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.authoring.hands import Trainer
from webapp.authoring.models import DraftFile
from webapp.core.storage import storage

FORMAT = "lgtaip-2015-michoacan/2018/i"
FIELDS = {
    "kind": "mend", "title": "Corrige las normas", "minutes": "20", "case": "## Lo que pasó\n\nSe rechazó el libro.",
    "mistakes": "4", "difficulties": "1", "pass_mark": "75",
}  # fmt: skip


def test_a_practice_is_made_of_a_format_that_is_found_by_number_or_name(app: Flask, session: Session) -> None:
    rosa = Trainer(app)
    draft = rosa.ready()
    here = f"{draft}/nueva-practica"
    for words in ("53396", "michoacan normatividad aplicable"):
        assert f"{here}?formato={FORMAT}" in rosa.get(f"{here}?q={words}").text
    form = f"{here}?formato={FORMAT}"
    module = re.search(r'<select[^>]*name="module"[^>]*>\s*<option[^>]*value="([^"]*)"', rosa.get(form).text)
    assert module
    answer = rosa.post(form, module=module[1], **FIELDS)
    assert answer.headers["Location"] == f"{draft}#paso-corrige-las-normas"
    key = session.scalars(select(DraftFile.storage_key).filter_by(path="labs/corrige-las-normas/lab.yaml")).one()
    with app.app_context():
        written = yaml.safe_load(storage().get(key))
    assert (written["kind"], written["errors"], written["difficulties"], written["format"]) == ("mend", 4, [1], FORMAT)
    page = rosa.get(draft).text
    assert "Está listo para publicarse" in page and "Corrige las normas" in page


def test_more_mistakes_than_the_format_bears_are_refused_before_anything_is_written(
    app: Flask, session: Session
) -> None:
    rosa = Trainer(app)
    draft = rosa.begin()
    answer = rosa.post(f"{draft}/nueva-practica?formato={FORMAT}", **FIELDS | {"mistakes": "400"})
    assert answer.status_code == 422 and "No se guardó" in answer.text and "Se rechazó el libro." in answer.text
    assert not session.scalars(select(DraftFile.path).where(DraftFile.path.startswith("labs/"))).all()
