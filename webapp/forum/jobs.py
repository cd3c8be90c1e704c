"""Sending an announcement by mail."""

from __future__ import annotations

from typing import Any

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.catalog.models import Course
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.jobs import Run, job
from webapp.forum import letters, services
from webapp.forum.models import Announcement, AnnouncementRecipient

BATCH = 50


@job(services.MAIL)
def mail_announcement(run: Run, announcement: int) -> dict[str, Any]:
    """Put the mails of an announcement into the outbox, a batch in each transaction; each recipient is noted with theirs."""
    total = db.session.scalar(_count(announcement)) or 0
    while True:
        with transaction() as session:
            sent = _send_batch(session, announcement, current_app.config["BASE_URL"])
            done = session.scalar(_count(announcement).where(AnnouncementRecipient.mailed_at.is_not(None))) or 0
        if not sent:
            return {"mails": done}
        run.progress(done * 100 // max(total, done))


def _count(announcement: int) -> Any:
    return (
        select(func.count())
        .select_from(AnnouncementRecipient)
        .where(AnnouncementRecipient.announcement_id == announcement, AnnouncementRecipient.by_mail)
    )


def _send_batch(session: Session, announcement_id: int, base_url: str) -> int:
    """Queue the next mails; how many. None for an announcement that was retired, nor for accounts that were closed."""
    announcement = session.get_one(Announcement, announcement_id)
    if announcement.retired_at is not None:
        return 0
    course = session.get_one(Course, announcement.course_id)
    waiting = session.execute(
        select(AnnouncementRecipient, Person)
        .join(Person, Person.id == AnnouncementRecipient.person_id)
        .where(
            AnnouncementRecipient.announcement_id == announcement_id,
            AnnouncementRecipient.by_mail,
            AnnouncementRecipient.mailed_at.is_(None),
            Person.active,
        )
        .order_by(AnnouncementRecipient.id)
        .limit(BATCH)
        .with_for_update(of=AnnouncementRecipient)
    ).all()
    moment = now()
    for recipient, reader in waiting:
        letters.send_announcement_letter(session, reader, announcement, course, base_url, moment)
        recipient.mailed_at = moment
    return len(waiting)
