"""Background work of records: making the signed files."""

from __future__ import annotations

from typing import Any

from flask import current_app
from sqlalchemy import select

from webapp.core.db import db, transaction
from webapp.core.jobs import Run, job
from webapp.core.storage import storage
from webapp.records.documents import document_of, signer, signer_source
from webapp.records.models import Constancia
from webapp.records.pdf import UnprintableText, render, render_many


@job("records.render")
def render_one(run: Run, constancia_id: int) -> dict[str, Any] | None:
    """Make and keep the file of one constancia. Made already: nothing to do.

    One that cannot be drawn never will be, so it is not tried again: the result names it.
    """
    row = db.session.get_one(Constancia, constancia_id)
    if row.pdf_key is not None:
        return None
    document = document_of(row.snapshot, current_app.config["BASE_URL"])
    try:
        pdf = render(document, signer(current_app.config))
    except UnprintableText as reason:
        return {"unprintable": [_refused(row.folio, reason)]}
    _keep(constancia_id, pdf)
    return None


@job("records.render_missing")
def render_missing(run: Run) -> dict[str, Any]:
    """Make the files of all constancias that have none yet, in two processes. Those that cannot be drawn are named."""
    rows = db.session.execute(
        select(Constancia.id, Constancia.folio, Constancia.snapshot)
        .where(Constancia.pdf_key.is_(None))
        .order_by(Constancia.id)
    ).all()
    documents = (document_of(row.snapshot, current_app.config["BASE_URL"]) for row in rows)
    refused = []
    for done, pdf in enumerate(render_many(documents, signer_source(current_app.config)), 1):
        row = rows[done - 1]
        if isinstance(pdf, UnprintableText):
            refused.append(_refused(row.folio, pdf))
        else:
            _keep(row.id, pdf)
        if done % 20 == 0:
            run.progress(100 * done // len(rows))
    return {"rendered": len(rows) - len(refused), "unprintable": refused}


def _refused(folio: str, reason: UnprintableText) -> str:
    """Say in the log that a constancia has no file, by its folio only, and return that folio."""
    current_app.logger.error("constancia %s cannot be drawn: %s", folio, ascii(reason.characters))
    return folio


def _keep(constancia_id: int, pdf: bytes) -> None:
    key = storage().put(pdf)
    with transaction() as session:
        row = session.get_one(Constancia, constancia_id, with_for_update=True)
        if row.pdf_key is None:  # the first file stays: a signature carries its moment
            row.pdf_key = key
