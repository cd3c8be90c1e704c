"""Mail leaves from an outbox: a row in the caller's transaction, sent by a job after the commit.

Without an SMTP server every message becomes a file in a folder, where the development page shows it.
"""

from __future__ import annotations

import smtplib
import ssl
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


class OutboxMessage(Model):
    """A message that was, or will be, sent. The text of a `sensitive` one (a code) is erased once it has left."""

    __tablename__ = "outbox_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254), info=PERSONAL)
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text, info=SECRET)
    sensitive: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


def queue_mail(
    session: Session, recipient: str, subject: str, text: str, at: datetime, sensitive: bool = False
) -> OutboxMessage:
    """Put a message into the outbox, in the caller's transaction."""
    if any(c in recipient + subject for c in "\r\n"):
        raise ValueError("a line break in a mail header")
    row = OutboxMessage(recipient=recipient, subject=subject, text=text, sensitive=sensitive, created_at=at)
    session.add(row)
    session.flush()
    enqueue(session, "core.send_mail", at, message_id=row.id)
    return row


@job("core.send_mail")
def send_mail(run: Run, message_id: int) -> None:
    """Deliver one message of the outbox. Sent already: nothing to do."""
    row = db.session.get(OutboxMessage, message_id)
    if row is None or row.sent_at is not None:
        return
    _deliver(_compose(row))
    with transaction() as session:
        sent = session.get_one(OutboxMessage, message_id)
        sent.sent_at = now()
        if sent.sensitive:
            sent.text = ""


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
        folder = mail_folder()
        folder.mkdir(parents=True, exist_ok=True)
        name = str(message["Message-ID"]).strip("<>").split("@")[0]
        (folder / f"{name}.eml").write_bytes(bytes(message))
        return
    parts = urlsplit(str(url))
    host, port = parts.hostname or "localhost", parts.port or (465 if parts.scheme == "smtps" else 587)
    if parts.scheme == "smtps":
        client: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=20, context=ssl.create_default_context())
    else:
        client = smtplib.SMTP(host, port, timeout=20)
    with client:
        if parts.scheme == "smtp+starttls":
            client.starttls(context=ssl.create_default_context())
        if parts.username:
            client.login(unquote(parts.username), unquote(parts.password or ""))
        client.send_message(message)


def mail_folder() -> Path:
    """Where messages land when there is no SMTP server."""
    return Path(current_app.config["DATA_DIR"]) / "mail"
