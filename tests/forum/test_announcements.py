"""Announcements of a course: who writes them, whom they reach, and who has read them."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.forum.classroom import Classroom
from tests.learning.learners import SLUG, Learner, learner, sign_in
from webapp.core.mail import OutboxMessage
from webapp.forum.models import Announcement, AnnouncementRecipient

READ = f"/cursos/{SLUG}/avisos"
WRITE = f"/estudio/cursos/{SLUG}/avisos"


@pytest.fixture
def classroom(app: Flask) -> Classroom:
    return Classroom(app)


def browser(classroom: Classroom, who: str) -> Learner:
    person = classroom.people[who]
    return Learner(classroom.app, person, sign_in(classroom.app, person))


def text(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.status
    return unescape(answer.text)


def send(who: Learner, title: str = "Cambia el plazo", body: str = "Ahora es\nel viernes.") -> str:
    """Send an announcement; its page for who sent it."""
    answer = who.post(WRITE, title=title, body=body, by_mail="y")
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def test_an_announcement_is_written_shown_mailed_and_read(
    verified: None, classroom: Classroom, session: Session
) -> None:
    ana, rosa = browser(classroom, "ana"), browser(classroom, "rosa")
    assert "Este curso todavía no tiene avisos" in text(ana.client.get(READ))
    assert "/avisos" not in text(ana.client.get(f"/cursos/{SLUG}"))
    assert "Lo recibirán 3 personas" in text(rosa.client.get(WRITE))
    page = send(rosa)
    assert "0 de 3 leyeron" in text(rosa.client.get(page))
    for address in ("/", "/mis-cursos"):
        assert "1 aviso sin leer en Protección de datos" in text(ana.client.get(address)), address
    assert "1 aviso sin leer" in text(ana.client.get(f"/cursos/{SLUG}"))
    classroom.run_jobs()
    assert "Correos enviados: 3 de 3." in text(rosa.client.get(page))
    mail = session.scalars(select(OutboxMessage.text)).first() or ""
    assert "el viernes." in mail and READ in mail
    found = text(ana.client.get(READ))
    assert "Sin leer" in found and "Rosa Duna" in found
    mark = re.search(r'action="(/avisos/[^"]+/leido)"', found)
    assert mark
    assert (
        session.scalars(select(AnnouncementRecipient.id).where(AnnouncementRecipient.read_at.is_not(None))).all() == []
    )
    assert ana.client.get(mark[1]).status_code == 405  # looking writes nothing
    for _twice in range(2):
        assert ana.post(mark[1]).status_code == 303
    assert "Sin leer" not in text(ana.client.get(READ))
    assert "Avisos del curso (1)" in text(ana.client.get(f"/cursos/{SLUG}"))
    assert "sin leer" not in text(ana.client.get("/"))
    assert "1 de 3 leyeron" in text(rosa.client.get(WRITE))


def test_only_who_teaches_writes_and_only_recipients_mark(app: Flask, classroom: Classroom, session: Session) -> None:
    ana, rosa = browser(classroom, "ana"), browser(classroom, "rosa")
    page = send(rosa)
    assert ana.post(WRITE, title="Hola", body="Hola").status_code == 404
    assert ana.client.get(page).status_code == 404
    assert ana.post(f"{page}/retirar").status_code == 404
    late = learner(app)
    assert late.client.get(READ).status_code == 404
    late.enrol()
    assert "Salió antes de que empezaras el curso." in text(late.client.get(READ))
    mark = page.replace("/estudio/avisos/", "/avisos/") + "/leido"
    assert late.post(mark).status_code == 404
    assert rosa.post(mark).status_code == 404
    assert rosa.client.get(READ).status_code == 404  # she is not enrolled
    assert session.scalar(select(func.count()).select_from(Announcement)) == 1


def test_who_has_not_read_is_named_for_administrators_and_colleagues_only(classroom: Classroom) -> None:
    classroom.let_states_answer_for_their_own()
    rosa, alma, tito = (browser(classroom, who) for who in ("rosa", "administrator", "adrift"))
    page = send(rosa)
    seen = {who: text(browsing.client.get(page)) for who, browsing in (("r", rosa), ("a", alma), ("t", tito))}
    assert "Ana Palma Cruz" in seen["r"] and "Carla Luz Mar" not in seen["r"] and "Y 1 persona más" in seen["r"]
    assert "Carla Luz Mar" in seen["a"] and "no se muestra" not in seen["a"]
    assert "Ana Palma" not in seen["t"] and "Faltan 3 personas" in seen["t"]


def test_a_retired_announcement_is_gone_for_learners(verified: None, classroom: Classroom) -> None:
    ana, rosa = browser(classroom, "ana"), browser(classroom, "rosa")
    page = send(rosa)
    assert rosa.post(f"{page}/retirar").location == WRITE
    assert "Este curso todavía no tiene avisos" in text(ana.client.get(READ))
    assert "sin leer" not in text(ana.client.get("/"))
    assert ana.post(page.replace("/estudio/avisos/", "/avisos/") + "/leido").status_code == 404
    assert "Este aviso está retirado" in text(rosa.client.get(page))


def test_somebody_wants_no_announcements_by_mail(verified: None, classroom: Classroom, session: Session) -> None:
    ana, rosa = browser(classroom, "ana"), browser(classroom, "rosa")
    assert ana.post(f"{READ}/correos", quiero="no").status_code == 303
    assert "no te llegan por correo" in text(ana.client.get(READ))
    page = send(rosa)
    classroom.run_jobs()
    assert "Correos enviados: 2 de 2. A 1 persona no se le envía" in text(rosa.client.get(page))
    assert "Cambia el plazo" in text(ana.client.get(READ))
    ana.post(f"{READ}/correos", quiero="si")
    assert "te llegan también por correo" in text(ana.client.get(READ))


def test_an_announcement_without_words_or_without_readers_is_refused(app: Flask, session: Session) -> None:
    empty = Classroom(app, learners=())
    rosa = browser(empty, "rosa")
    assert "Nadie está cursando" in text(rosa.client.get(WRITE))
    refused = rosa.post(WRITE, title="Hola", body="Hola")
    assert refused.status_code == 422 and "no llegaría a nadie" in refused.text
    wordless = rosa.post(WRITE, title=" ", body="")
    assert wordless.status_code == 422 and "Escribe un título" in wordless.text
    assert session.scalar(select(func.count()).select_from(Announcement)) == 0


def test_the_pages_speak_english(classroom: Classroom) -> None:
    """The browser of the tests fails on a Spanish text that has an English one."""
    ana, rosa = browser(classroom, "ana"), browser(classroom, "rosa")
    page = send(rosa)
    rosa.client.get(page)
    for who, addresses in ((ana, (READ, f"/cursos/{SLUG}", "/mis-cursos", "/")), (rosa, (WRITE, page))):
        who.client.get("/idioma/en")
        for address in addresses:
            who.client.get(address)
    assert "0 of 3 have read it" in rosa.client.get(page).text
