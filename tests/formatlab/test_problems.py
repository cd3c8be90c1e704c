"""What goes wrong where: files of the laboratory and mistakes left in labs, by state, format and month."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO

import openpyxl
import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.conftest import Write
from tests.formatlab.conftest import FIND
from tests.formatlab.hands import NORMS, VIATICOS
from tests.formatlab.test_labs import hand_in, lab, last_attempt
from tests.learning.learners import Learner, add_person, sign_in
from webapp.accounts.models import RoleName
from webapp.formatlab import queries
from webapp.formatlab.models import LabCount

PAGE = "/coordinacion/problemas"


@pytest.fixture(autouse=True)
def counts(write: Write) -> None:
    with write() as session:
        for month, format, state, code, files in (
            ("2026-10", NORMS, "MX-BCS", "", 8), ("2026-10", NORMS, "MX-BCS", "date_shape", 5),
            ("2026-11", NORMS, "MX-SON", "", 4), ("2026-11", NORMS, "MX-SON", "date_shape", 1),
            ("2026-11", VIATICOS, "", "", 10), ("2026-11", VIATICOS, "", "catalogue_unknown", 7),
        ):  # fmt: skip
            session.add(LabCount(month=month, format=format, state=state, code=code, files=files))


@pytest.mark.parametrize(
    ("scope", "checked", "files"),
    [
        (queries.Scope(), 22, [("catalogue_unknown", 7), ("date_shape", 6)]),
        (queries.Scope(state="MX-BCS"), 8, [("date_shape", 5)]),
        (queries.Scope(format=VIATICOS), 10, [("catalogue_unknown", 7)]),
        (queries.Scope(first="2026-11"), 14, [("catalogue_unknown", 7), ("date_shape", 1)]),
        (queries.Scope(last="2026-10"), 8, [("date_shape", 5)]),
        (queries.Scope(state="MX-CHH"), 0, []),
    ],
)
def test_files_are_counted_within_what_is_asked(
    session: Session, scope: queries.Scope, checked: int, files: list[tuple[str, int]]
) -> None:
    found = queries.problems(session, scope)
    assert found.checked == checked
    assert [(row.code, row.files) for row in found.rows] == files


def test_mistakes_left_in_labs_are_counted_in_the_state_of_the_enrolment(marina: Learner, session: Session) -> None:
    marina.post(lab(FIND, "abrir"))
    hand_in(marina, FIND, marina.client.get(lab(FIND, "libro.xlsx")).data)
    assert last_attempt(session, FIND).score == 0
    month = f"{last_attempt(session, FIND).submitted_at:%Y-%m}"
    assert sum(row.left for row in queries.problems(session, queries.Scope(state="MX-BCS")).rows) == 5
    assert sum(row.left for row in queries.problems(session, queries.Scope(first=month, last=month)).rows) == 5
    assert sum(row.left for row in queries.problems(session, queries.Scope(last="2026-01")).rows) == 0
    assert sum(row.left for row in queries.problems(session, queries.Scope(state="MX-SON")).rows) == 0


@pytest.mark.parametrize("role", ["coordinator", "regional-coordinator", "administrator", "trainer"])
def test_staff_see_it_with_what_helps(app: Flask, role: RoleName) -> None:
    client = sign_in(app, add_person(app, roles=(role,)))
    text = client.get(PAGE).text
    assert "De 22 archivos revisados" in text and "Qué hago:" in text
    assert "De 8 archivos revisados" in client.get(f"{PAGE}?estado=MX-BCS").text


def test_learners_and_visitors_do_not(app: Flask) -> None:
    for path in (PAGE, f"{PAGE}.csv", f"{PAGE}.xlsx"):
        assert sign_in(app, add_person(app)).get(path).status_code == 404
        assert app.test_client().get(path).status_code == 302


def test_the_files_say_what_the_page_says(app: Flask) -> None:
    client = sign_in(app, add_person(app, roles=("regional-coordinator",)))
    table = list(csv.reader(StringIO(client.get(f"{PAGE}.csv?formato={VIATICOS}").text.removeprefix("\ufeff"))))
    assert [row[0] for row in table] == ["Regla", "catalogue_unknown"] and table[1][2:4] == ["7", "10"]
    sheet = openpyxl.load_workbook(BytesIO(client.get(f"{PAGE}.xlsx").data)).active
    assert sheet is not None and [row[0].value for row in sheet.iter_rows()] == [
        "Regla",
        "catalogue_unknown",
        "date_shape",
    ]
    assert client.get(f"{PAGE}.pdf").status_code == 404
