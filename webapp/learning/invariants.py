"""Rules of the learner records that `aula verify` proves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.catalog import queries as catalog
from webapp.core.registry import Breach, invariant
from webapp.coursepack.amending import Amendment
from webapp.learning import queries
from webapp.learning.models import Answer, Enrolment, QuizAttempt, ScoreChange, StepProgress
from webapp.learning.services import grade
from webapp.records.models import Accreditation


@invariant("concluded-is-accredited")
def concluded_is_accredited(session: Session) -> Iterable[Breach]:
    """Every concluded enrolment has its one accreditation, and none other has one."""
    accredited = set(
        session.scalars(select(Accreditation.source).where(Accreditation.source.like("enrolment:%"))).all()
    )
    for enrolment_id, concluded_at in session.execute(select(Enrolment.id, Enrolment.concluded_at)):
        source = f"enrolment:{enrolment_id}"
        if (concluded_at is not None) != (source in accredited):
            yield Breach("concluded-is-accredited", f"{source}: concluded and accredited do not agree")


@invariant("exam-before-conclusion")
def exam_before_conclusion(session: Session) -> Iterable[Breach]:
    """A concluded enrolment has everything that its revision asks for: every step, and its exam passed.

    Or once passed: taking back an amendment restores scores and withdraws nothing that was earned meanwhile.
    """
    once = select(QuizAttempt.enrolment_id).join(ScoreChange, ScoreChange.attempt_id == QuizAttempt.id)
    passed = set(
        session.scalars(
            select(QuizAttempt.enrolment_id)
            .where(QuizAttempt.kind == "exam", QuizAttempt.passed.is_(True))
            .union(once.where(QuizAttempt.kind == "exam", ScoreChange.undo, ScoreChange.passed_before))
        )
    )
    done: dict[int, set[str]] = {}
    for enrolment_id, step in session.execute(
        select(StepProgress.enrolment_id, StepProgress.step).where(StepProgress.completed_at.is_not(None))
    ):
        done.setdefault(enrolment_id, set()).add(step)
    concluded = session.execute(select(Enrolment.id, Enrolment.revision_id).where(Enrolment.concluded_at.is_not(None)))
    for row in concluded:
        course = catalog.revision(session, row.revision_id).course
        if course.exam is not None and row.id not in passed:
            yield Breach("exam-before-conclusion", f"enrolment:{row.id} concluded without its exam")
        missing = {step.key for step in course.lesson_steps} - done.get(row.id, set())
        if missing:
            yield Breach("exam-before-conclusion", f"enrolment:{row.id} concluded without {sorted(missing)}")


@invariant("score-follows-answers")
def score_follows_answers(session: Session) -> Iterable[Breach]:
    """The score of every attempt is what its kept answers earn by the key, as amended, and passed follows from it."""
    last = 0
    amended: dict[tuple[int, str], tuple[Amendment, ...]] = {}
    while rows := session.execute(
        select(QuizAttempt.id, *_GRADED)
        .where(QuizAttempt.id > last, QuizAttempt.submitted_at.is_not(None))
        .order_by(QuizAttempt.id)
        .limit(500)
    ).all():
        kept: dict[int, dict[str, Any]] = {row.id: {} for row in rows}
        for answer in session.execute(
            select(Answer.attempt_id, Answer.question, Answer.response)
            .where(Answer.attempt_id.in_(kept))
            .order_by(Answer.id)
        ):
            kept[answer.attempt_id][answer.question] = answer.response
        for row in rows:
            course = catalog.revision(session, row.revision_id).course
            keys = (row.revision_id, course.steps[row.step].bank)
            if keys not in amended:
                amended[keys] = queries.amendments(session, *keys)
            score = grade(course, row.step, row.questions, kept[row.id], amended[keys], row.submitted_at).score
            if score != row.score or row.passed != (score >= row.pass_mark):
                yield Breach("score-follows-answers", f"attempt {row.id}: {row.score} kept, {score} by its answers")
        last = rows[-1].id


_GRADED = (
    QuizAttempt.revision_id,
    QuizAttempt.step,
    QuizAttempt.questions,
    QuizAttempt.pass_mark,
    QuizAttempt.submitted_at,
    QuizAttempt.score,
    QuizAttempt.passed,
)


@invariant("attempts-within-limit")
def attempts_within_limit(session: Session) -> Iterable[Breach]:
    """The attempts of an enrolment at a step are numbered 1, 2, 3… without gaps."""
    counted = session.execute(
        select(QuizAttempt.enrolment_id, QuizAttempt.step, func.count(), func.max(QuizAttempt.number)).group_by(
            QuizAttempt.enrolment_id, QuizAttempt.step
        )
    )
    for enrolment_id, step, count, last in counted:
        if count != last:
            yield Breach("attempts-within-limit", f"enrolment:{enrolment_id} {step}: {count} attempts, last {last}")


@invariant("answers-before-submission")
def answers_before_submission(session: Session) -> Iterable[Breach]:
    """No answer was kept after its attempt was handed in, and each is to a question of the draw."""
    rows = session.execute(
        select(Answer.id, Answer.question, Answer.saved_at, QuizAttempt.questions, QuizAttempt.submitted_at).join(
            QuizAttempt, QuizAttempt.id == Answer.attempt_id
        )
    )
    for row in rows.yield_per(2000):
        if row.submitted_at is not None and row.saved_at > row.submitted_at:
            yield Breach("answers-before-submission", f"answer {row.id} is later than its attempt")
        if row.question not in row.questions:
            yield Breach("answers-before-submission", f"answer {row.id} is to a question that was not drawn")
