"""Accreditations and constancias: facts with consecutive folios, corrected by addition, re-issued and revoked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from tests.conftest import Write
from tests.learning.learners import add_person, email_of, subject_of
from tests.learning.together import at_once
from tests.records.earning import ISSUER, achieve, give
from webapp.accounts.models import Affiliation, ObligedSubjectRequest, Person
from webapp.accounts.services import change_details, change_workplace
from webapp.core import registry
from webapp.core.audit import AuditEvent
from webapp.core.clock import local_date, now
from webapp.core.db import db, transaction
from webapp.core.jobs import Job
from webapp.core.mail import OutboxMessage
from webapp.organizations.models import Authority, State
from webapp.records import queries
from webapp.records.models import Accreditation, Constancia, FolioSeries
from webapp.records.services import (
    RecordsError,
    add_months,
    correct,
    hash_snapshot,
    link_obliged_subject,
    reissue,
    revoke,
)

pytestmark = pytest.mark.usefixtures("verified")


@pytest.fixture
def marina(app: Flask) -> int:
    return add_person(app)


def today() -> date:
    """The day where the issuer is."""
    return local_date(now(), "America/Mexico_City")


def constancias(session: Session) -> list[Constancia]:
    session.expire_all()
    return list(session.scalars(select(Constancia).order_by(Constancia.id)))


def rename(write: Write, person_id: int, given_names: str) -> None:
    with write() as writing:
        change_details(
            writing,
            writing.get_one(Person, person_id),
            given_names=given_names,
            first_surname="Cardón",
            second_surname="Estero",
            post="otra",
            sex="mujer",
            now=now(),
        )


# --- issuing ------------------------------------------------------------------------------------------------------


def test_the_fact_and_its_document_are_written_as_of_that_day(app: Flask, marina: int, session: Session) -> None:
    at = datetime(2026, 11, 24, 15, tzinfo=UTC)
    give(app, marina, at=at, validity_months=24)
    fact = session.scalars(select(Accreditation)).one()
    with app.app_context():
        subject = subject_of("MX-BCS")
    assert (fact.obliged_subject_id, fact.state_id, fact.sex) == (subject.id, subject.state_id, "mujer")
    assert (fact.accredited_at, fact.accredited_on) == (at, date(2026, 11, 24))
    [row] = constancias(session)
    assert (row.folio, row.number, row.year) == ("AULA-NORTE-DEMO-2026-000001", 1, 2026)
    assert row.valid_until == date(2028, 11, 24)
    assert len(row.code) == 20
    assert row.snapshot == {
        "folio": row.folio,
        "code": row.code,
        "name": "Marina Cardón Estero",
        "course_title": "Protección de datos personales",
        "hours": "2.0",
        "score": 92,
        "accredited_on": "2026-11-24",
        "issued_on": "2026-11-24",
        "valid_until": "2028-11-24",
        "issuer_name": session.scalars(select(Authority.name).filter_by(key=ISSUER)).one(),
        "obliged_subject_name": subject.name,
        "revision": fact.revision,
    }
    assert row.snapshot_hash == hash_snapshot(row.snapshot)
    assert session.scalars(select(Job.args).filter_by(name="records.render")).all() == [{"constancia_id": row.id}]


def test_the_day_and_the_year_are_those_of_the_issuers_zone(app: Flask, marina: int, session: Session) -> None:
    zone = session.scalars(select(Authority.time_zone).filter_by(key=ISSUER)).one()
    assert zone.startswith("America/")
    give(app, marina, at=datetime(2027, 1, 1, 3, tzinfo=UTC))  # still New Year's Eve in Mexico
    [row] = constancias(session)
    assert (row.year, row.issued_on, row.folio) == (2026, date(2026, 12, 31), "AULA-NORTE-DEMO-2026-000001")


def test_each_issuer_and_year_counts_from_one(app: Flask, marina: int, session: Session) -> None:
    other = session.scalars(select(Authority.key).where(Authority.key != ISSUER).order_by(Authority.id)).first()
    moments = [datetime(2026, 5, 4, tzinfo=UTC), datetime(2027, 5, 4, tzinfo=UTC)]
    for number, (issuer, at) in enumerate([(issuer, at) for issuer in (ISSUER, other) for at in moments * 2]):
        give(app, marina, f"workshop:{number}", at, issuer_key=issuer)
    assert [(row.year, row.number) for row in constancias(session)] == [(2026, 1), (2027, 1), (2026, 2), (2027, 2)] * 2
    assert len({row.folio for row in constancias(session)}) == 8


def test_every_authority_has_room_for_its_folio(session: Session) -> None:
    longest = max(len(key) for key in session.scalars(select(Authority.key)))
    assert longest + len("-2026-000001") <= Constancia.__table__.c.folio.type.length  # type: ignore[attr-defined]


def test_an_achievement_is_accredited_once(app: Flask, marina: int, session: Session) -> None:
    give(app, marina)
    with pytest.raises(IntegrityError):
        give(app, marina)
    assert [row.number for row in constancias(session)] == [1]
    give(app, marina, "workshop:2")
    assert [row.number for row in constancias(session)] == [1, 2]  # the refused one left no gap


def test_an_unknown_issuer_leaves_nothing_behind(app: Flask, marina: int, session: Session) -> None:
    with pytest.raises(RecordsError) as caught:
        give(app, marina, issuer_key="no-hay")
    assert caught.value.code == "unknown_issuer"
    assert session.scalars(select(Accreditation)).all() == []
    assert session.scalars(select(FolioSeries)).all() == []


def test_forty_at_once_get_the_folios_1_to_40(app: Flask, session: Session) -> None:
    people = [add_person(app) for _ in range(8)]

    def act(number: int) -> int:
        made = 0
        for turn in range(5):
            with transaction() as writing:
                made = achieve(writing, people[number], f"workshop:{number}-{turn}", now()).number
        return made

    at_once(app, 8, act)
    assert sorted(row.number for row in constancias(session)) == list(range(1, 41))
    assert session.scalars(select(FolioSeries.last_number)).all() == [40]


def test_a_transaction_that_fails_after_its_folio_gives_the_folio_back(
    app: Flask, marina: int, session: Session
) -> None:
    give(app, marina, "workshop:1")
    with pytest.raises(ZeroDivisionError), app.app_context(), transaction() as writing:
        assert achieve(writing, marina, "workshop:2", now()).number == 2
        raise ZeroDivisionError
    give(app, marina, "workshop:3")
    assert [row.number for row in constancias(session)] == [1, 2]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accreditation SET score = 100",
        "DELETE FROM accreditation",
        "DELETE FROM constancia",
    ],
)
def test_the_database_refuses_to_rewrite_facts(app: Flask, marina: int, write: Write, statement: str) -> None:
    give(app, marina)
    with pytest.raises((IntegrityError, OperationalError)), write() as writing:
        writing.execute(text(statement))


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
        (date(2026, 8, 31), 1, date(2026, 9, 30)),
        (date(2024, 2, 29), 24, date(2026, 2, 28)),
    ],
)
def test_months_end_where_the_month_ends(day: date, months: int, then: date) -> None:
    assert add_months(day, months) == then


# --- states -------------------------------------------------------------------------------------------------------


def test_it_expires_after_its_last_day(app: Flask, marina: int, session: Session) -> None:
    give(app, marina, at=datetime(2026, 11, 24, 18, tzinfo=UTC), validity_months=1)
    [row] = constancias(session)
    assert row.valid_until == date(2026, 12, 24)
    assert queries.state_of(row, date(2026, 12, 24)) == "vigente"
    assert queries.state_of(row, date(2026, 12, 25)) == "vencida"


def test_a_new_name_gives_a_new_folio_and_the_old_paper_says_so(
    app: Flask, marina: int, session: Session, write: Write
) -> None:
    code = give(app, marina, at=now() - timedelta(days=40), validity_months=12)
    rename(write, marina, "Marina de Jesús")
    with write() as writing:
        old = queries.constancia_by_code(writing, code)
        assert old is not None
        new = reissue(writing, old, writing.get_one(Person, marina), now())
        assert (new.number, new.name) == (2, "Marina de Jesús Cardón Estero")
    first, second = constancias(session)
    assert queries.state_of(first, today()) == "sustituida"
    assert first.name == first.snapshot["name"] == "Marina Cardón Estero"
    assert (second.supersedes_id, second.accreditation_id) == (first.id, first.accreditation_id)
    assert second.valid_until == first.valid_until
    assert second.snapshot["accredited_on"] == first.snapshot["accredited_on"]
    assert second.snapshot["issued_on"] != first.snapshot["issued_on"]
    assert len(session.scalars(select(Accreditation)).all()) == 1


@pytest.mark.parametrize("times", [2, 5])
def test_asking_for_the_new_name_at_once_issues_one(
    app: Flask, marina: int, session: Session, write: Write, times: int
) -> None:
    code = give(app, marina)
    rename(write, marina, "Mar")

    def act(_number: int) -> str:
        with transaction() as writing:
            old = queries.constancia_by_code(writing, code)
            assert old is not None
            return reissue(writing, old, writing.get_one(Person, marina), now()).folio

    assert set(at_once(app, times, act)) == {"AULA-NORTE-DEMO-" + str(today().year) + "-000002"}
    assert len(constancias(session)) == 2


@pytest.mark.parametrize(("name", "refused"), [("😀", "name_undrawable"), ("Марина", "name_undrawable")])
def test_a_name_that_cannot_be_drawn_is_not_issued(
    app: Flask, marina: int, session: Session, write: Write, name: str, refused: str
) -> None:
    code = give(app, marina)
    rename(write, marina, name)
    with pytest.raises(RecordsError) as caught, write() as writing:
        old = queries.constancia_by_code(writing, code)
        assert old is not None
        reissue(writing, old, writing.get_one(Person, marina), now())
    assert caught.value.code == refused
    assert str(caught.value.text).startswith("Tu nombre lleva «")
    assert [row.superseded_at for row in constancias(session)] == [None]


def test_the_same_name_or_a_revoked_paper_is_not_issued_again(
    app: Flask, marina: int, session: Session, write: Write
) -> None:
    code = give(app, marina)
    with pytest.raises(RecordsError, match="same_name"), write() as writing:
        row = queries.constancia_by_code(writing, code)
        assert row is not None
        reissue(writing, row, writing.get_one(Person, marina), now())
    administrator = add_person(app, roles=("administrator",))
    with write() as writing:
        row = queries.constancia_by_code(writing, code)
        assert row is not None
        revoke(writing, writing.get_one(Person, administrator), row, " Duplicada ", now())
    rename(write, marina, "Mar")
    with pytest.raises(RecordsError, match="not_current"), write() as writing:
        row = queries.constancia_by_code(writing, code)
        assert row is not None
        reissue(writing, row, writing.get_one(Person, marina), now())
    assert len(constancias(session)) == 1


def test_revoking_needs_a_reason_is_done_once_and_is_told_to_the_person(
    app: Flask, marina: int, session: Session, write: Write
) -> None:
    code = give(app, marina)
    administrator = add_person(app, roles=("administrator",))
    for reason, refused in (("  ", "no_reason"), ("Duplicada", None), ("Otra vez", "already_revoked")):
        try:
            with write() as writing:
                row = queries.constancia_by_code(writing, code)
                assert row is not None
                revoke(writing, writing.get_one(Person, administrator), row, reason, now())
            assert refused is None
        except RecordsError as error:
            assert error.code == refused
    [row] = constancias(session)
    assert queries.state_of(row, today()) == "revocada"
    assert row.revocation_reason == "Duplicada"
    letters = session.scalars(select(OutboxMessage).filter_by(recipient=email_of(app, marina))).all()
    assert ["Duplicada" in letter.text for letter in letters] == [True]
    told = session.scalars(select(AuditEvent).filter_by(action="records.revoked")).one()
    assert told.actor_id == administrator


# --- corrections --------------------------------------------------------------------------------------------------


def asker(app: Flask, state: str = "MX-BCS") -> int:
    return add_person(app, asks_for="Junta de Prueba", state=state)


def link(write: Write, person_id: int, valid_from: date, state: str = "MX-BCS") -> list[int]:
    """Answer the open request of a person; the accreditations that were added."""
    with write() as writing:
        request = writing.scalars(select(ObligedSubjectRequest).filter_by(person_id=person_id, state="open")).one()
        actor = writing.get_one(Person, person_id)
        rows = link_obliged_subject(writing, actor, request, subject_of(state), valid_from, now())
        return [row.id for row in rows]


def test_linking_adds_a_correction_and_leaves_the_fact(app: Flask, session: Session, write: Write) -> None:
    person_id = asker(app)
    give(app, person_id)
    before = session.scalars(select(Accreditation)).one()
    assert (before.obliged_subject_id, before.state_id is not None) == (None, True)
    added = link(write, person_id, today() - timedelta(days=30))
    session.expire_all()
    first, second = session.scalars(select(Accreditation).order_by(Accreditation.id)).all()
    assert [second.id] == added
    assert (first.obliged_subject_id, first.corrects_id) == (None, None)
    with app.app_context():
        assert (second.obliged_subject_id, second.corrects_id) == (subject_of().id, first.id)
        assert [row.id for row in queries.uncorrected(db.session(), person_id)] == [second.id]
    assert (second.accredited_on, second.score, second.source) == (first.accredited_on, first.score, first.source)
    assert len(constancias(session)) == 1
    assert session.scalars(select(Affiliation.valid_from)).all() == [today() - timedelta(days=30)]


def test_what_was_accredited_before_the_date_or_in_another_state_stays(
    app: Flask, session: Session, write: Write
) -> None:
    person_id = asker(app, "MX-SON")
    give(app, person_id, "workshop:1", now() - timedelta(days=50))
    with write() as writing:
        person = writing.get_one(Person, person_id)
        bcs = writing.scalars(select(State).filter_by(iso="MX-BCS")).one()
        change_workplace(writing, person, None, "Junta de La Paz", bcs, now())
    give(app, person_id, "workshop:2", now() - timedelta(days=49))  # still before the date below
    give(app, person_id, "workshop:3", now())
    added = link(write, person_id, today() - timedelta(days=10))
    rows = {row.source: row for row in session.scalars(select(Accreditation).where(Accreditation.id.in_(added)))}
    assert list(rows) == ["workshop:3"]
    sources = session.scalars(select(Accreditation.state_id).filter_by(source="workshop:1")).all()
    assert len(sources) == 1


def test_a_capture_of_another_states_accreditation_is_not_possible(app: Flask, session: Session, write: Write) -> None:
    person_id = asker(app, "MX-SON")
    give(app, person_id)
    with write() as writing:
        person = writing.get_one(Person, person_id)
        bcs = writing.scalars(select(State).filter_by(iso="MX-BCS")).one()
        change_workplace(writing, person, None, "Junta de La Paz", bcs, now())
    assert link(write, person_id, today() - timedelta(days=100)) == []


def test_a_correction_of_a_correction_makes_a_chain(app: Flask, session: Session, write: Write) -> None:
    person_id = asker(app)
    give(app, person_id)
    link(write, person_id, today())
    with write() as writing:
        [last] = queries.uncorrected(writing, person_id)
        correct(writing, writing.get_one(Person, person_id), last, subject_of("MX-SON"), "error de captura", now())
    with pytest.raises(IntegrityError), write() as writing:  # a row is corrected once
        first = writing.scalars(select(Accreditation).order_by(Accreditation.id)).first()
        assert first is not None
        correct(writing, writing.get_one(Person, person_id), first, subject_of("MX-SON"), "otra vez", now())
    with app.app_context():
        [last] = queries.uncorrected(db.session(), person_id)
        assert last.obliged_subject_id == subject_of("MX-SON").id


# --- the rules that `aula verify` proves --------------------------------------------------------------------------


def breaches(app: Flask) -> set[str]:
    with app.app_context():
        return {breach.rule for breach in registry.verify(db.session())}


def test_a_folio_out_of_line_is_found(app: Flask, marina: int, write: Write) -> None:
    give(app, marina)
    give(app, marina, "workshop:2")
    for change, back in (({"last_number": 3}, {"last_number": 2}),):
        with write() as writing:
            writing.execute(update(FolioSeries).values(**change))
        assert breaches(app) == {"folios-consecutive"}
        with write() as writing:
            writing.execute(update(FolioSeries).values(**back))
    with write() as writing:
        writing.execute(update(Constancia).where(Constancia.number == 2).values(number=3))
    assert breaches(app) == {"folios-consecutive"}
    with write() as writing:
        writing.execute(update(Constancia).where(Constancia.number == 3).values(number=2))
    assert breaches(app) == set()
    with write() as writing:
        writing.execute(delete(FolioSeries))
    assert breaches(app) == {"folios-consecutive"}
    with write() as writing:
        row = writing.scalars(select(Constancia)).first()
        assert row is not None
        writing.add(FolioSeries(issuer_id=row.issuer_id, year=row.year, last_number=2))


def test_a_changed_document_a_missing_file_and_a_lost_constancia_are_found(
    app: Flask, marina: int, write: Write
) -> None:
    give(app, marina)
    with write() as writing:
        row = writing.scalars(select(Constancia)).one()
        snapshot = row.snapshot
        row.snapshot = {**snapshot, "name": "Otra Persona"}
    assert breaches(app) == {"snapshot-unchanged"}
    with write() as writing:
        writing.scalars(select(Constancia)).one().snapshot = snapshot
    with write() as writing:
        writing.scalars(select(Constancia)).one().pdf_key = "0" * 64
    assert breaches(app) == {"files-kept"}
    with write() as writing:
        writing.scalars(select(Constancia)).one().pdf_key = None
        writing.scalars(select(Constancia)).one().superseded_at = now()
    assert breaches(app) == {"accreditation-has-constancia"}
    with write() as writing:
        writing.scalars(select(Constancia)).one().superseded_at = None
