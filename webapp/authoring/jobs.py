"""Work that is done behind: reading a large folder, grading once more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import current_app

from webapp.accounts.queries import person_with_grants
from webapp.authoring import intake, regrading
from webapp.authoring.inbox import Inbox
from webapp.core.clock import now
from webapp.core.db import transaction
from webapp.core.jobs import Run, job
from webapp.core.scan import Scanner
from webapp.core.storage import storage
from webapp.coursepack.intake import Refused
from webapp.learning.models import KeyAmendment

READ = "authoring.read"


@job(READ)
def read(run: Run, drop: str, person: int) -> dict[str, Any] | None:
    """Read what was dropped. Of a new one the draft is begun at once; one that is for a draft waits for its owner."""
    found = Inbox(Path(current_app.config["DATA_DIR"])).get(drop, person)
    if found is None or found.state != "waiting":
        return None
    run.progress(20)
    try:
        url = current_app.config["CLAMD_URL"]
        intake.read(found, Path(current_app.config["COURSES_DIR"]), now(), Scanner(url) if url else None)
    except Refused as refusal:
        found.refuse(refusal)
        return None
    if not found.about.draft:
        run.progress(80)
        with transaction() as session:
            made = intake.begin(session, found, person_with_grants(session, person), storage(), now()).public_id
        found.finish(made)
    return None


@job(regrading.SETTLE)
def settle(run: Run, amendment_id: int) -> dict[str, Any] | None:
    """Grade once more what was handed in at the very moment of a regrade."""
    with transaction() as session:
        row = session.get_one(KeyAmendment, amendment_id)
        impact = regrading.settle(session, row, current_app.config["ISSUER"], now())
    return {"people": impact.people}
