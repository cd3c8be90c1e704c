"""What the people of the demonstration ask each other, and what their trainer announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from webapp.accounts.models import Person
from webapp.catalog.queries import Revision
from webapp.forum import services as forum
from webapp.forum.models import AnnouncementRecipient
from webapp.learning.models import Enrolment

BASE = "http://127.0.0.1"  # of mails, and none is written here


@dataclass(frozen=True)
class Talk:
    """A question, what classmates answer (the first of them confirmed, if the team says nothing) and the team."""

    step: str
    question: str
    answers: tuple[str, ...] = ()
    team: str = ""


TALKS = (
    Talk(
        "por-que-importa",
        "En mi oficina llevamos la lista de asistencia en un cuaderno.\n¿También ahí hay datos personales?",
        ("Sí: el nombre y la firma identifican a cada persona, aunque estén en papel.",),
    ),
    Talk(
        "aviso-de-privacidad",
        "¿El aviso simplificado tiene que estar en la ventanilla o basta con el del portal?",
        ("En mi dependencia lo tenemos en los dos lados.",),
        "Ponlo donde la persona lo vea antes de dar sus datos: si los pides en la ventanilla, ahí. "
        "Y di en él dónde se lee el integral.",
    ),
    Talk(
        "derechos-arco",
        "Si alguien nos pide por correo que corrijamos su domicilio, ¿le pedimos una identificación?",
        (),
        "Sí: quien solicita acredita su identidad. No pidas más requisitos que los que dice la ley.",
    ),
    Talk(
        "vulneraciones", "Si se pierde una memoria con el padrón, ¿a quién le aviso primero dentro de mi institución?"
    ),
)
TITLE = "Sesión en línea para tus dudas"
WORDS = (
    "El jueves a las 11:00 h de La Paz abrimos una sesión en línea para dudas del examen. No es obligatoria.\n\n"
    "Déjalas antes en la lección que corresponda: así las respondemos para todas y todos."
)


def talk(session: Session, revision: Revision, rng: Random, now: datetime) -> None:
    """Have who enrolled more than four days ago ask and answer, and the trainer answer and announce."""
    began = now - timedelta(days=4)
    people = list(
        session.scalars(
            select(Person)
            .join(Enrolment, Enrolment.person_id == Person.id)
            .where(Enrolment.course_id == revision.course_id, Enrolment.enrolled_at < began)
            .options(selectinload(Person.grants))
            .order_by(Person.id)
        )
    )
    trainer = session.scalars(
        select(Person).where(Person.grants.any(role="trainer")).options(selectinload(Person.grants)).order_by(Person.id)
    ).first()
    if trainer is None or not people:
        return
    for number, one in enumerate(one for one in TALKS if one.step in revision.course.steps):
        _talk(
            session,
            revision.course_id,
            one,
            people[number:] + people[:number],
            trainer,
            began + timedelta(hours=number),
        )
    _announce(session, revision.course_id, trainer, rng, now)


def _talk(session: Session, course_id: int, one: Talk, people: list[Person], trainer: Person, at: datetime) -> None:
    question = forum.ask(session, people[0], course_id, one.step, one.question, False, at)
    others = people[1:] or people
    for number, words in enumerate(one.answers, 1):
        author = others[number % len(others)]
        answer = forum.answer(session, author, question, words, BASE, at + timedelta(hours=3 * number))
        if number == 1 and not one.team:
            forum.endorse(session, trainer, answer, True, at + timedelta(hours=20))
    if one.team:
        forum.answer(session, trainer, question, one.team, BASE, at + timedelta(hours=22))


def _announce(session: Session, course_id: int, trainer: Person, rng: Random, now: datetime) -> None:
    sent_at = now - timedelta(days=2)
    row = forum.announce(session, trainer, course_id, TITLE, WORDS, False, sent_at)
    abril = select(Person.id).where(Person.email.startswith("participante@"))
    for person_id in session.scalars(
        select(AnnouncementRecipient.person_id)
        .where(AnnouncementRecipient.announcement_id == row.id, AnnouncementRecipient.person_id.not_in(abril))
        .order_by(AnnouncementRecipient.person_id)
    ).all():
        if rng.random() < 0.7:
            forum.mark_read(session, person_id, row, sent_at + timedelta(hours=rng.uniform(0.2, 40)))
