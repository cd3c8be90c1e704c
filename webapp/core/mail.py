"""Mail leaves from an outbox: a row in the caller's transaction, sent by a job after the commit.

Without an SMTP server every message becomes a file in a folder, where the development page shows it.
"""

from __future__ import annotations

import os
import smtplib
import ssl
from contextlib import closing, suppress
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask import current_app
from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.core.clock import now
from webapp.core.db import PERSONAL, SECRET, Model, UTCDateTime, db, transaction
from webapp.core.jobs import Run, enqueue, job

ANSWER_SECONDS = 20.0  # how long a mail server may keep us waiting for one answer
SUBJECT_LENGTH = 200


class NotDeliveredError(Exception):
    """The mail server did not take a message. The text names no person, because it goes to the log."""


class OutboxMessage(Model):
    """A message that was, or will be, sent. The text of a `sensitive` one (a code) is erased once it has left, or when
    it is given up.
    """

    __tablename__ = "outbox_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254), info=PERSONAL)
    subject: Mapped[str] = mapped_column(String(SUBJECT_LENGTH))
    text: Mapped[str] = mapped_column(Text, info=SECRET)
    sensitive: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


def queue_mail(
    session: Session, recipient: str, subject: str, text: str, at: datetime, sensitive: bool = False
) -> OutboxMessage:
    """Put a message into the outbox, in the caller's transaction. A subject that is too long is cut.

    Raises ValueError for a line break in a header.
    """
    if any(len(f"{header}.".splitlines()) > 1 for header in (recipient, subject)):
        raise ValueError("a line break in a mail header")
    if len(subject) > SUBJECT_LENGTH:
        subject = subject[: SUBJECT_LENGTH - 1] + "…"
    row = OutboxMessage(recipient=recipient, subject=subject, text=text, sensitive=sensitive, created_at=at)
    session.add(row)
    session.flush()
    enqueue(session, "core.send_mail", at, message_id=row.id)
    return row


@job("core.send_mail")
def send_mail(run: Run, message_id: int) -> None:
    """Deliver one message of the outbox. Sent, or given up and erased, already: nothing to do."""
    row = db.session.get(OutboxMessage, message_id)
    if row is None or row.sent_at is not None or not row.text:
        return
    message = _compose(row)
    db.session.rollback()  # no reading stays open while a server makes us wait
    try:
        _deliver(message)
    except Exception:
        if run.is_last:
            _note_end(message_id, None)
        raise
    _note_end(message_id, now())


def _note_end(message_id: int, sent_at: datetime | None) -> None:
    with transaction() as session:
        row = session.get_one(OutboxMessage, message_id)
        row.sent_at = sent_at
        if row.sensitive:
            row.text = ""


def _compose(row: OutboxMessage) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = row.subject
    message["From"] = str(current_app.config["MAIL_FROM"])
    message["To"] = Address(addr_spec=row.recipient)
    message["Date"] = row.created_at
    # The same outbox row always has the same id, so that a repeated delivery can be recognised.
    host = urlsplit(str(current_app.config["BASE_URL"])).hostname or "localhost"
    message["Message-ID"] = f"<aula-{row.id}-{int(row.created_at.timestamp())}@{host}>"
    message.set_content(row.text)
    return message


def _deliver(message: EmailMessage) -> None:
    url = current_app.config.get("SMTP_URL")
    if not url:
        _put_into_folder(message)
        return
    with closing(_connect(str(url))) as client:
        try:
            client.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = sorted({code for code, _ in error.recipients.values()})
            raise NotDeliveredError(f"the mail server refuses the recipient: {codes}") from None
        except smtplib.SMTPResponseException as error:
            raise NotDeliveredError(f"the mail server refuses the message: {error.smtp_code}") from None
        with suppress(smtplib.SMTPException, OSError):  # it has the message; how it says goodbye changes nothing
            client.quit()


def _connect(url: str) -> smtplib.SMTP:
    """A session with the server of `url`, encrypted and signed in as far as that says so."""
    parts, trusted = urlsplit(url), ssl.create_default_context()
    host = parts.hostname or "localhost"
    if parts.scheme == "smtps":
        client: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=ANSWER_SECONDS, context=trusted)
    else:
        client = smtplib.SMTP(host, parts.port or 587, timeout=ANSWER_SECONDS)
    try:
        if parts.scheme == "smtp+starttls":
            client.starttls(context=trusted)
        if parts.username:
            client.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        client.close()
        raise
    return client


def _put_into_folder(message: EmailMessage) -> None:
    folder = mail_folder()
    folder.mkdir(parents=True, exist_ok=True)
    name = str(message["Message-ID"]).strip("<>").split("@")[0]
    draft = folder / f".{name}"
    with open(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:  # it may hold a code
        file.write(bytes(message))
    draft.replace(folder / f"{name}.eml")


def mail_folder() -> Path:
    """Where messages land when there is no SMTP server."""
    return Path(current_app.config["DATA_DIR"]) / "mail"
