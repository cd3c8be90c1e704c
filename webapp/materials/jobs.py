"""Having materials looked through by the scanner."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app

from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.jobs import Run, enqueue, job
from webapp.core.scan import Scanner, ScannerUnavailable
from webapp.core.storage import storage
from webapp.materials import services
from webapp.materials.models import Material

WAITING: tuple[str, ...] = ("pending", "error")
LATER = timedelta(minutes=30)


@job(services.SCAN)
def scan(run: Run, material: int) -> dict[str, Any] | None:
    """Scan one material. While there is no verdict it is not public, and is tried again until there is one."""
    row = db.session.get(Material, material)
    if row is None or row.scan_state not in WAITING:
        return None
    url, key = current_app.config["CLAMD_URL"], row.key
    if not url:  # the scanner was given up meanwhile: as if it had come without one
        with transaction() as session:
            session.get_one(Material, material).scan_state = "unscanned"
        return {"state": "unscanned"}
    try:
        verdict = Scanner(url).scan(storage().stream(key))
    except ScannerUnavailable:
        if not run.is_last:
            raise
        current_app.logger.exception("material %s could not be scanned", row.name)
        with transaction() as session:
            session.get_one(Material, material).scan_state = "error"
            again = enqueue(session, services.SCAN, now(), material=material)
            again.due_at = now() + LATER
        return {"state": "error"}
    with transaction() as session:
        services.note_verdict(session, session.get_one(Material, material), verdict, now())
    return {"state": "clean" if verdict.is_clean else "infected"}
