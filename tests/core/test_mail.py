"""Mail: delivered once to a real server, tried again when it is refused, and erased where it held a code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Write
from tests.installations import MakeApp
from tests.pages import CheckingClient
from tests.servers import free_port
from webapp.core import mail
from webapp.core.clock import now
from webapp.core.db import sqlite_module, transaction
from webapp.core.jobs import BACKOFF, MAX_ATTEMPTS, Job, enqueue, run_due_jobs
from webapp.core.mail import OutboxMessage, queue_mail

RunJobs = Callable[[], int]
Clock = time_machine.Traveller
CODE = "417 203 es tu código"


class MailServer:
    """A mail server on loopback: it keeps what it accepts and answers the rest as a test wants it to."""

    def __init__(self) -> None:
        self.accepted: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.to_recipient = self.to_message = "250 OK"
        self.to_farewell = "221 Bye"
        self.while_accepting: Callable[[], None] = lambda: None
        self.awake = Event()
        self.awake.set()
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.awake.wait(5)
        self.while_accepting()
        if self.to_message.startswith("250"):
            message = message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.accepted.append(message)
            self.recipients += envelope.rcpt_tos
        return self.to_message

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
        return self.to_farewell

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.controller.port}"


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.controller.start()
    yield server
    server.awake.set()
    with suppress(AssertionError):  # a test has stopped it
        server.controller.stop()


@pytest.fixture
def app(make_app: MakeApp, mail_server: MailServer) -> Flask:
    """The application in front of the mail server of the test."""
    return make_app(SMTP_URL=mail_server.url, AULA_MAIL_FROM="Aula Norte <avisos@aula.example>")


def send(write: Write, recipient: str = "ana@dependencia.example", sensitive: bool = False) -> int:
    with write() as session:
        return queue_mail(session, recipient, "Tu código", CODE + "\n", now(), sensitive).id


def outbox(session: Session) -> list[OutboxMessage]:
    found = select(OutboxMessage).order_by(OutboxMessage.id).execution_options(populate_existing=True)
    return list(session.scalars(found))


def job_of_mail(session: Session) -> Job:
    return session.scalars(select(Job).execution_options(populate_existing=True)).one()


def give_up(session: Session, run_jobs: RunJobs, clock: Clock) -> int:
    """Let the mail be tried until it is given up; how often it was."""
    tries = 0
    while job_of_mail(session).state != "failed":
        clock.move_to(job_of_mail(session).due_at)
        tries += run_jobs()
    return tries


def test_a_mail_is_delivered_once_and_its_code_erased(
    app: Flask, mail_server: MailServer, write: Write, session: Session, run_jobs: RunJobs
) -> None:
    message_id = send(write, sensitive=True)
    send(write, "luis@dependencia.example")
    with write() as writing:
        enqueue(writing, "core.send_mail", now(), message_id=message_id)  # the same one, asked for again
    run_jobs()
    assert mail_server.recipients == ["ana@dependencia.example", "luis@dependencia.example"]
    first, second = mail_server.accepted
    assert (str(first["To"]), str(first["Subject"])) == ("ana@dependencia.example", "Tu código")
    assert str(first["From"]) == "Aula Norte <avisos@aula.example>"
    assert first.get_content().splitlines() == [CODE]
    assert first["Message-ID"] != second["Message-ID"]
    assert all(row.sent_at for row in outbox(session))
    assert [row.text for row in outbox(session)] == ["", CODE + "\n"]


@pytest.mark.sqlite_only
def test_a_mail_of_a_transaction_that_is_undone_never_leaves(
    app: Flask, mail_server: MailServer, write: Write, session: Session, run_jobs: RunJobs
) -> None:
    with pytest.raises(ZeroDivisionError), write() as writing:
        queue_mail(writing, "ana@dependencia.example", "No", "no", now())
        _ = 1 / 0
    run_jobs()
    assert (mail_server.accepted, outbox(session)) == ([], [])


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("where", "answer"),
    [
        ("to_message", "451 try again later"),
        ("to_message", "554 no thanks"),
        ("to_recipient", "450 ana@dependencia.example: wait"),
        ("to_recipient", "550 no ana@dependencia.example here"),
    ],
)
def test_a_mail_that_is_refused_is_tried_again_and_arrives_once(
    app: Flask,
    mail_server: MailServer,
    write: Write,
    session: Session,
    run_jobs: RunJobs,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    where: str,
    answer: str,
) -> None:
    setattr(mail_server, where, answer)
    send(write, sensitive=True)
    assert run_jobs() == 1
    waiting = job_of_mail(session)
    assert (waiting.state, waiting.due_at) == ("queued", now() + BACKOFF[0])
    assert answer[:3] in str(waiting.error)
    assert "ana@" not in str(waiting.error) + caplog.text  # a log and a row that nobody erases name no person
    assert outbox(session)[0].text == CODE + "\n"
    setattr(mail_server, where, "250 OK")
    clock.shift(BACKOFF[0])
    run_jobs()
    assert len(mail_server.accepted) == 1
    assert outbox(session)[0].text == ""


@pytest.mark.sqlite_only
def test_a_mail_that_nobody_takes_is_given_up_and_its_code_erased(
    app: Flask, mail_server: MailServer, write: Write, session: Session, run_jobs: RunJobs, clock: Clock
) -> None:
    mail_server.to_message = "554 no"
    send(write, sensitive=True)
    assert give_up(session, run_jobs, clock) == MAX_ATTEMPTS
    [row] = outbox(session)
    assert (row.sent_at, row.text) == (None, "")


@pytest.mark.sqlite_only
def test_a_mail_without_a_secret_waits_for_a_server_that_was_long_away(
    app: Flask, mail_server: MailServer, write: Write, session: Session, run_jobs: RunJobs, clock: Clock
) -> None:
    mail_server.controller.stop()
    send(write)
    give_up(session, run_jobs, clock)
    assert outbox(session)[0].text == CODE + "\n"


@pytest.mark.sqlite_only
def test_a_server_that_hangs_costs_a_try_and_not_the_worker(
    app: Flask,
    mail_server: MailServer,
    write: Write,
    session: Session,
    run_jobs: RunJobs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mail, "ANSWER_SECONDS", 0.3)
    mail_server.awake.clear()
    send(write)
    run_jobs()
    assert job_of_mail(session).state == "queued"
    assert outbox(session)[0].sent_at is None


@pytest.mark.sqlite_only
@pytest.mark.parametrize("farewell", ["421 in a hurry", "500 what?"])
def test_a_mail_that_was_accepted_is_not_sent_again_because_of_a_rude_farewell(
    app: Flask, mail_server: MailServer, write: Write, session: Session, run_jobs: RunJobs, farewell: str
) -> None:
    mail_server.to_farewell = farewell
    send(write)
    run_jobs()
    assert job_of_mail(session).state == "done"
    assert len(mail_server.accepted) == 1


@pytest.mark.sqlite_only
def test_no_reading_stays_open_while_a_server_makes_us_wait(
    app: Flask, mail_server: MailServer, write: Write, run_jobs: RunJobs
) -> None:
    """One that does keeps the write-ahead log of the database from being emptied."""
    log_was_emptied: list[bool] = []

    def checkpoint() -> None:
        with sqlite_module().connect(Path(app.config["DATA_DIR"]) / "aula.db", timeout=0.1) as other:
            busy, _, _ = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        other.close()
        log_was_emptied.append(busy == 0)

    mail_server.while_accepting = checkpoint
    send(write)
    run_jobs()
    assert log_was_emptied == [True]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("broken", ["\r\nBcc: x@malo.example", "\nBcc: x", "\r", "\n", "\x0b", "\x85", "\u2028"])
def test_no_line_break_enters_a_header(app: Flask, write: Write, session: Session, broken: str) -> None:
    for recipient, subject in (("ana@a.example" + broken, "Hola"), ("ana@a.example", "Hola" + broken)):
        with pytest.raises(ValueError, match="line break"), write() as writing:
            queue_mail(writing, recipient, subject, "texto", now())
    assert outbox(session) == []


@pytest.mark.sqlite_only
def test_a_subject_that_is_too_long_is_cut_instead_of_losing_the_mail(
    app: Flask, mail_server: MailServer, write: Write, run_jobs: RunJobs
) -> None:
    with write() as writing:
        queue_mail(writing, "ana@a.example", "é" * 500, "texto", now())
    run_jobs()
    assert str(mail_server.accepted[0]["Subject"]) == "é" * 199 + "…"


# --- without a server -------------------------------------------------------------------------------------------


@pytest.mark.sqlite_only
def test_without_a_server_mails_land_in_a_folder_and_on_the_page_for_development(
    make_app: MakeApp, clock: Clock
) -> None:
    app = make_app()
    with app.app_context(), transaction() as session:
        queue_mail(session, "ana@dependencia.example", "Ñandú <b>", "¡Hola!\n\n.\nUn punto solo\n", now())
        clock.shift(timedelta(seconds=1))
    with app.app_context():
        run_due_jobs()
    [path] = (Path(app.config["DATA_DIR"]) / "mail").iterdir()
    assert path.stat().st_mode & 0o077 == 0  # it holds codes
    client = app.test_client()
    assert isinstance(client, CheckingClient)
    page = client.get("/desarrollo/correo").text
    assert "ana@dependencia.example" in page
    assert "Ñandú &lt;b&gt;" in page
    assert "¡Hola!" in page


@pytest.mark.sqlite_only
def test_the_page_for_development_exists_only_there_and_without_a_server(app: Flask, make_app: MakeApp) -> None:
    strict = make_app(AULA_DEMO="0")
    assert [one.test_client().get("/desarrollo/correo").status_code for one in (app, strict)] == [404, 404]
