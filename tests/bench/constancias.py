"""A thousand constancias drawn, signed and kept by the job worker, as after a big course."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import func, select

import config
from tests.bench.stage import Stage
from tests.bench.table import Row
from webapp.core.jobs import Job
from webapp.core.storage import storage
from webapp.core.supervise import worker_command
from webapp.records.models import Constancia

COUNT = 1000
MOST_SECONDS = 60
PATIENCE_SECONDS = 600


def measure(folder: Path) -> Iterator[Row]:
    """From the moment the worker claims the job until the last file is kept; then every file is opened."""
    stage = Stage(folder)
    stage.constancias(COUNT)
    public_id = stage.ask_for_documents()
    before = _cpu_of_children()
    worker = subprocess.Popen(worker_command(), cwd=config.ROOT, env={**os.environ, **stage.environment})
    try:
        seconds = _wait(stage, public_id)
    finally:
        worker.terminate()
        worker.wait(30)
    cpu = _cpu_of_children() - before
    signed = _signed(stage)
    yield Row(
        f"{COUNT} signed constancias",
        f"<= {MOST_SECONDS} s on 2 cores",
        f"{seconds:.1f} s, {cpu:.1f} CPU-s, {signed} signed",
        seconds <= MOST_SECONDS and signed == COUNT,
    )


def _cpu_of_children() -> float:
    """CPU seconds of all processes that were started from here and have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _wait(stage: Stage, public_id: str) -> float:
    """Seconds between the claim and the end of the job. Raises RuntimeError when it fails or takes for ever."""
    began = None
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with stage.reading() as session:
            state = session.execute(select(Job.state, Job.error).filter_by(public_id=public_id)).one()
        if state.state == "failed" or state.error:
            raise RuntimeError(f"the job failed: {state.error}")
        if began is None and state.state != "queued":
            began = time.monotonic()
        if began is not None and state.state == "done":
            return time.monotonic() - began
        time.sleep(0.05 if began is None else 0.2)
    raise RuntimeError(f"{public_id} was not done within {PATIENCE_SECONDS} s")


def _signed(stage: Stage) -> int:
    """How many constancias have a file of their own that carries a signature."""
    with stage.reading() as session:
        keys = session.scalars(select(Constancia.pdf_key).where(Constancia.pdf_key.is_not(None))).all()
        different = session.scalar(select(func.count(func.distinct(Constancia.pdf_key))))
        files = [storage().get(key) for key in keys if key is not None]
    signed = sum(b"/ByteRange" in content and content.startswith(b"%PDF-") for content in files)
    return min(signed, different or 0)
