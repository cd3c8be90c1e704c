"""Work that is done behind: long checks, and the end of every file."""

from __future__ import annotations

from typing import Any

from flask import current_app

from webapp.core.clock import now
from webapp.core.db import transaction
from webapp.core.jobs import Run, job
from webapp.formatlab import checking
from webapp.formatlab.curriculum import curriculum
from webapp.formatlab.files import Shelf

CHECK, FORGET = "formatlab.check", "formatlab.forget"


@job(CHECK)
def check(run: Run, file: str) -> dict[str, Any] | None:
    """Check a large file. A file whose time is up meanwhile is not looked at any more."""
    kept = Shelf.of(current_app.config["DATA_DIR"]).get(file, now())
    if kept is None or kept.state != "waiting":
        return None
    run.progress(20)
    found = checking.check_behind(kept, curriculum(current_app.config["COURSES_DIR"]).folder)
    if found is not None:
        with transaction() as session:
            checking.count(session, found, kept.about.state_iso, now())
    return None


@job(FORGET)
def forget(run: Run) -> dict[str, Any] | None:
    """Delete every file whose time is up."""
    Shelf.of(current_app.config["DATA_DIR"]).sweep(now())
    return None
