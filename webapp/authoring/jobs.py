"""Work that is done behind."""

from __future__ import annotations

from typing import Any

from flask import current_app

from webapp.authoring import regrading
from webapp.core.clock import now
from webapp.core.db import transaction
from webapp.core.jobs import Run, job
from webapp.learning.models import KeyAmendment


@job(regrading.SETTLE)
def settle(run: Run, amendment_id: int) -> dict[str, Any] | None:
    """Grade once more what was handed in at the very moment of a regrade."""
    with transaction() as session:
        row = session.get_one(KeyAmendment, amendment_id)
        impact = regrading.settle(session, row, current_app.config["ISSUER"], now())
    return {"people": impact.people}
