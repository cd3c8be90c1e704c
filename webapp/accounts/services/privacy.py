"""Publishing the privacy notice: a version is written once and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import PrivacyNotice
from webapp.accounts.notices import BASE_VERSION, NoticeText
from webapp.core import audit


def sync_privacy_notice(
    session: Session, texts: Mapping[str, NoticeText], now: datetime, base: str = BASE_VERSION
) -> str | None:
    """Publish the notice if its text, in any language, is not that of the newest version yet; returns the new version.

    When only who is responsible changed, the text changed: a version "2026-11" is followed by "2026-11.2", and people
    are asked again. None when nothing is new.
    """
    if not texts:
        return None
    known: dict[str, dict[str, str]] = {}
    for row in session.scalars(select(PrivacyNotice).order_by(PrivacyNotice.published_at, PrivacyNotice.id)):
        known.setdefault(row.version, {})[row.language] = row.text_hash
    wanted = {language: text.hash for language, text in texts.items()}
    if known and list(known.values())[-1] == wanted:
        return None
    version = _next_version(base, known)
    for language, text in texts.items():
        session.add(
            PrivacyNotice(
                version=version,
                language=language,
                simplified_html=text.simplified_html,
                integral_html=text.integral_html,
                text_hash=text.hash,
                published_at=now,
            )
        )
    session.flush()
    audit.record(session, now, None, "accounts.notice_published", f"notice:{version}")
    return version


def _next_version(base: str, known: Mapping[str, object]) -> str:
    if base not in known:
        return base
    number = 2
    while f"{base}.{number}" in known:
        number += 1
    return f"{base}.{number}"
