"""The verbs of labs: open a workbook, type into it, ask for a hint, hand it in. All run in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.catalog.queries import Revision
from webapp.core.storage import Storage
from webapp.coursepack.filling import parse_address
from webapp.coursepack.judging import Judged
from webapp.coursepack.model import Lab, Step
from webapp.formatlab import queries
from webapp.formatlab.models import LabAttempt, LabOutcome, LabWork, Way
from webapp.formats.keys import key_to_json
from webapp.formats.practice import Practice
from webapp.learning import services as learning
from webapp.learning.models import Enrolment
from webapp.records.models import Constancia

MOST_CELLS = 3_000  # of a draft; a template of sixty rows by forty columns has fewer
LONGEST_CELL = 4_100  # a little over what a long text may have, so that the check can say that it is too long
MOST_ROW, MOST_COLUMN = 1_000, 150


class LabError(Exception):
    """Something that may not be done now. `code` is stable; the text names the cause and the way out."""

    def __init__(self, code: str, text: LazyString) -> None:
        super().__init__(code)
        self.code, self.text = code, text


def open_work(
    session: Session,
    enrolment: Enrolment,
    revision: Revision,
    step: Step,
    seed: int,
    practice: Practice | None,
    storage: Storage,
    now: datetime,
    another_after: int = 0,
) -> LabWork:
    """Begin the work on a lab, or return the one there is. `another_after` begins another once that number was reached.

    The practice is kept as it was made, so that nothing later changes what was asked.
    """
    learning.hold_enrolment(session, enrolment)
    found = queries.current_work(session, enrolment.id, step.key)
    if found is not None and found.number > another_after:
        return found
    learning.reach_step(session, enrolment, step, 0, now)
    work = LabWork(
        enrolment_id=enrolment.id,
        revision_id=revision.id,
        step=step.key,
        number=another_after + 1,
        format=revision.course.labs[step.key].format,
        seed=seed,
        workbook_key=storage.put(practice.workbook) if practice is not None else "",
        key=key_to_json(practice.key) if practice is not None else "",
        draft={},
        hints=0,
        opened_at=now,
    )
    session.add(work)
    session.flush()
    return work


def save_cells(session: Session, work: LabWork, sheet: str, cells: Mapping[str, str], now: datetime) -> int:
    """Keep what was typed into cells of a sheet ("D8" → text); returns how many cells the draft has.

    Raises LabError `bad_cell`, `long_cell` or `large_draft`.
    """
    for place, text in cells.items():
        try:
            row, column = parse_address(place)
        except ValueError:
            row = column = -1
        if not (0 <= row < MOST_ROW and 0 <= column < MOST_COLUMN):
            raise LabError("bad_cell", _l("Esa celda no está en la plantilla; vuelve a cargar la página."))
        if len(text) > LONGEST_CELL:
            raise LabError("long_cell", _l("El texto de una celda es demasiado largo; acórtalo."))
    _hold(session, work)
    draft = {name: dict(kept) for name, kept in work.draft.items()}
    draft.setdefault(sheet, {}).update(cells)
    count = sum(len(kept) for kept in draft.values())
    if count > MOST_CELLS:
        raise LabError("large_draft", _l("Ya llenaste más celdas de las que caben aquí; baja el libro y súbelo lleno."))
    work.draft, work.saved_at = draft, now
    session.flush()
    return count


def ask_hint(session: Session, work: LabWork, lab: Lab, seen: int) -> int:
    """Show one hint more than the `seen` ones; it costs nothing and is recorded. Returns how many are shown now."""
    _hold(session, work)
    if work.hints == seen and seen < len(lab.hints):  # pressed twice shows one
        work.hints += 1
        session.flush()
    return work.hints


def _hold(session: Session, work: LabWork) -> None:
    """Read a work again and keep it from changing until the end of the transaction."""
    wanted = select(LabWork).where(LabWork.id == work.id).with_for_update()
    session.scalars(wanted.execution_options(populate_existing=True)).one()


@dataclass(frozen=True)
class Handed:
    """What handing in led to."""

    attempt: LabAttempt
    constancia: Constancia | None


def hand_in(
    session: Session,
    enrolment: Enrolment,
    revision: Revision,
    step: Step,
    work: LabWork,
    judged: Judged,
    way: Way,
    default_issuer: str,
    now: datetime,
) -> Handed:
    """Keep what a workbook was worth and what it showed, and pass the step when it is enough.

    Raises LabError `no_attempts_left` where the lab has a limit.
    """
    learning.hold_enrolment(session, enrolment)
    made = len(queries.attempts(session, enrolment.id, step.key))
    refuse_more(step, made)
    passed = judged.passes(revision.course.labs[step.key], step.pass_mark)
    attempt = LabAttempt(
        enrolment_id=enrolment.id,
        revision_id=revision.id,
        work_id=work.id,
        step=step.key,
        format=work.format,
        number=made + 1,
        allowed=step.attempts,
        pass_mark=step.pass_mark,
        way=way,
        hints=work.hints,
        score=judged.score,
        blocking=judged.blocking,
        passed=passed,
        submitted_at=now,
    )
    session.add(attempt)
    session.flush()
    session.add_all(
        LabOutcome(attempt_id=attempt.id, code=code, field=field[:300], outcome=outcome, count=count)
        for (code, field, outcome), count in judged.outcomes.items()
    )
    enrolment.last_step = step.key
    session.flush()
    if not passed:
        return Handed(attempt, None)
    return Handed(attempt, learning.pass_step(session, enrolment, revision, step, default_issuer, now))


def refuse_more(step: Step, made: int) -> None:
    """Raises LabError `no_attempts_left` when as many submissions were `made` as the step allows."""
    if step.attempts is not None and made >= step.attempts:
        raise LabError(
            "no_attempts_left", _l("Ya usaste tus entregas de esta práctica. Escribe a quien imparte el curso.")
        )
