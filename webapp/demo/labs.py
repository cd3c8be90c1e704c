"""What the people of the demonstration did in labs, and the files that somebody checked in the public laboratory."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from random import Random

from sqlalchemy.orm import Session

from webapp.catalog.queries import Revision
from webapp.core.storage import storage
from webapp.coursepack.judging import Judged, OutcomeKey
from webapp.coursepack.model import Step
from webapp.formatlab import checking
from webapp.formatlab import services as labs
from webapp.formatlab.curriculum import Curriculum
from webapp.formats.examine import Examination
from webapp.formats.practice import Practice, make
from webapp.learning.models import Enrolment

SEED = 7  # everybody of the demonstration gets the same workbook: making one takes a while
FILES = 160  # checked in the public laboratory
MONTHS = 5


@cache
def _made(known: Curriculum, format: str, errors: int, difficulties: tuple[int, ...]) -> Practice:
    return make(known.library.get(format), SEED, errors, known.rules, difficulties)


def do_lab(
    session: Session,
    known: Curriculum,
    enrolment: Enrolment,
    revision: Revision,
    step: Step,
    issuer: str,
    rng: Random,
    at: datetime,
) -> None:
    """Hand in a workbook that is half mended, at times, and then one that is enough."""
    lab = revision.course.labs[step.key]
    practice = None if lab.kind == "load" else _made(known, lab.format, lab.errors, lab.difficulties)
    work = labs.open_work(session, enrolment, revision, step, SEED, practice, storage(), at)
    shares = (rng.uniform(0.3, 0.7), 1.0) if rng.random() < 0.5 else (1.0,)
    for number, share in enumerate(shares):
        judged = _judged(practice, share, rng)
        labs.hand_in(
            session, enrolment, revision, step, work, judged, "upload", issuer, at + timedelta(minutes=12 * number)
        )


def _judged(practice: Practice | None, share: float, rng: Random) -> Judged:
    """As if that share of the mistakes had been mended."""
    if practice is None:
        return Judged(int(share * 100), 0 if share == 1 else 1, {})
    outcomes: Counter[OutcomeKey] = Counter()
    errors = practice.key.errors
    mended = 0
    for error in errors:
        done = rng.random() < share
        mended += done
        outcomes[error.code, "", "mended" if done else "left"] += 1
    return Judged(mended * 100 // len(errors), len(errors) - mended, dict(outcomes))


def count_files(session: Session, known: Curriculum, states: list[str], rng: Random, now: datetime) -> None:
    """Count files as if they had been checked in the last months, with the mistakes that really happen most."""
    codes = list(known.rules)
    formats = [format.id for format in known.library.formats if format.article == "70"][:30]
    for _ in range(FILES):
        broken = {codes[int(len(codes) * rng.random() ** 2)] for _ in range(rng.randrange(0, 7))}
        at = now - timedelta(days=rng.uniform(0, 30 * MONTHS))
        found = Examination(rng.choice(formats), "load-2018", 20, (), dict.fromkeys(broken, 1), {}, ())
        checking.count(session, found, rng.choice([*states, ""]), at)
