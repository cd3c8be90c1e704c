"""The check of a file of the public laboratory, and the counting that is all that stays of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.formatlab.files import LabFile, Refusal
from webapp.formatlab.models import LabCount
from webapp.formats.definitions import Library
from webapp.formats.examine import Examination, annotated, examine, keep, read_report
from webapp.formats.guard import check_file, run_limited
from webapp.formats.model import Rule, Unreadable
from webapp.formats.reader import read

# Above this size a check takes longer than people wait for a page; it is done in the background.
WAITED_FOR = 400_000  # bytes
SECONDS, SECONDS_BEHIND = 12, 120


def measure(file: LabFile) -> None:
    """Look at the file from outside, without unpacking it. Raises Unreadable; the file is then gone."""
    try:
        check_file(file.source)
    except Unreadable:
        file.delete()
        raise


def is_short(file: LabFile) -> bool:
    """Whether its check is done while one waits."""
    return file.source.stat().st_size <= WAITED_FOR


def check_now(file: LabFile, library: Library, rules: Mapping[str, Rule]) -> Examination:
    """Check a short file while one waits. Raises Unreadable; the file is then gone.

    Only the reading needs a child process: what comes back from it are plain values.
    """
    try:
        return keep(run_limited(read, file.source, seconds=SECONDS), library, rules, file.folder)
    except BaseException:
        file.delete()
        raise


def check_behind(file: LabFile, formats: Path) -> Examination | None:
    """Check a file wholly in a child process; None when it cannot be read, and then the reason stands beside it."""
    try:
        run_limited(examine, file.source, formats, file.folder, seconds=SECONDS_BEHIND)
    except Unreadable as error:
        file.refuse(Refusal(error.code, error.message))
        return None
    return read_report(file.folder)


def annotated_copy(file: LabFile, formats: Path) -> tuple[bytes, str]:
    """The workbook with its findings and what was made of it ("annotated", "errors"). Raises Unreadable."""
    with TemporaryDirectory(dir=file.folder, prefix=".copia-") as folder:
        target = Path(folder) / "copia.xlsx"
        made = run_limited(annotated, file.source, formats, target, seconds=SECONDS_BEHIND)
        return target.read_bytes(), made


def count(session: Session, examination: Examination, state_iso: str, now: datetime) -> None:
    """Count a file, and each rule that it breaks, once: by month, format, state and rule, and by nothing else."""
    for code in ("", *sorted(examination.counts)):
        _add(session, f"{now:%Y-%m}", examination.format, state_iso, code)


def _add(session: Session, month: str, format: str, state: str, code: str) -> None:
    key = {"month": month, "format": format, "state": state, "code": code}
    if _increase(session, key):
        return
    try:
        with session.begin_nested():
            session.add(LabCount(**key, files=1))
    except IntegrityError:  # another file was the first of its kind at the same moment
        _increase(session, key)


def _increase(session: Session, key: dict[str, str]) -> bool:
    done = session.execute(
        update(LabCount).filter_by(**key).values(files=LabCount.files + 1).execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]
