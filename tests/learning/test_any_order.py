"""Whatever is done in whatever order, alone or at once: the rules hold and nothing that was acknowledged is lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.learning.learners import EXAM, PRETEST, SLUG, add_person
from tests.learning.together import at_once
from webapp.accounts.models import Person
from webapp.catalog import queries as catalog
from webapp.core import registry
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.coursepack.model import Question
from webapp.demo.answers import right_response, wrong_response
from webapp.learning import queries, services
from webapp.learning.models import Answer, Enrolment, QuizAttempt
from webapp.learning.services import LearningError
from webapp.records.models import Constancia

ISSUER = "aula-norte-demo"


def published(session: Session) -> catalog.Revision:
    state = catalog.course_by_slug(session, SLUG)
    assert state is not None
    return catalog.revision(session, state.revision_id)


@dataclass
class Open:
    """An attempt as the model remembers it."""

    public_id: str
    step: str
    questions: list[str]
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)  # client key -> when it was first confirmed


class OneLearner(RuleBasedStateMachine):
    """Two hands of one person, in any order, against a model that knows the rules in a few lines."""

    app: Flask

    @initialize()
    def begin(self) -> None:
        self.person_id = add_person(self.app)
        with self.app.app_context(), transaction() as session:
            self.revision = published(session)
            row = services.enrol(session, session.get_one(Person, self.person_id), self.revision, now())
            self.enrolment_id = row.id
        self.course = self.revision.course
        self.steps = [step.key for step in self.course.lesson_steps]
        self.done: set[str] = set()
        self.open: dict[str, Open] = {}
        self.handed: dict[str, list[int]] = {}
        self.closed: list[Open] = []
        self.granted, self.named, self.passed, self.counter = 0, False, False, 0

    # --- what can be done ---------------------------------------------------------------------------------------

    @rule(place=st.integers(0, 15), whole=st.booleans())
    def read(self, place: int, whole: bool) -> None:
        for step in self.course.lesson_steps if whole else self.course.lesson_steps[place : place + 1]:
            if step.kind == "lesson":
                with self.app.app_context(), transaction() as session:
                    row = self._row(session)
                    assert services.complete_lesson(session, row, self.revision, step, ISSUER, now()) is None
                self.done.add(step.key)
            else:
                self._start(step.key)
                self._submit(step.key)

    @rule()
    def confirm_name(self) -> None:
        with self.app.app_context(), transaction() as session:
            services.confirm_name(session, self._row(session), session.get_one(Person, self.person_id), now())
        self.named = True

    @rule(extra=st.integers(1, 2))
    def grant(self, extra: int) -> None:
        with self.app.app_context(), transaction() as session:
            actor = session.get_one(Person, self.person_id)
            try:
                services.grant_attempts(session, actor, self._row(session), extra, "prueba", now())
            except LearningError as error:
                assert (error.code, self.passed) == ("already_concluded", True)
            else:
                assert not self.passed
                self.granted += extra

    @rule(which=st.sampled_from(["check", PRETEST, EXAM, EXAM]))
    def start(self, which: str) -> None:
        self._start(self._check() if which == "check" else which)

    @rule(which=st.integers(0, 5), place=st.integers(0, 40), right=st.booleans(), again=st.booleans())
    def save(self, which: int, place: int, right: bool, again: bool) -> None:
        attempts = [*self.open.values(), *self.closed]
        if not attempts:
            return
        attempt = attempts[which % len(attempts)]
        question = self._question(attempt, attempt.questions[place % len(attempt.questions)])
        self.counter += 1
        key = next(iter(attempt.keys), "k0") if again else f"k{self.counter}"
        response = (right_response if right else wrong_response)(question)
        self._save(attempt, question, response, key)

    @rule(which=st.sampled_from(["check", PRETEST, EXAM]), right=st.booleans())
    def fill_and_hand_in(self, which: str, right: bool) -> None:
        step = self._check() if which == "check" else which
        attempt = self.open.get(step)
        if attempt is None:
            return
        for name in attempt.questions:
            self.counter += 1
            question = self._question(attempt, name)
            self._save(attempt, question, (right_response if right else wrong_response)(question), f"k{self.counter}")
        self._submit(step)

    @rule(times=st.integers(1, 5))
    def fail_the_exam(self, times: int) -> None:
        self.read(0, True)
        self.confirm_name()
        for _ in range(times):
            self._start(EXAM)
            self.fill_and_hand_in(EXAM, right=False)

    @rule(key=st.sampled_from([PRETEST, EXAM]), right=st.booleans())
    def take(self, key: str, right: bool) -> None:
        self._start(key)
        self.fill_and_hand_in(key, right)

    @rule(which=st.integers(0, 5))
    def hand_in_twice(self, which: int) -> None:
        attempts = list(self.open)
        if attempts:
            step = attempts[which % len(attempts)]
            attempt = self.open[step]
            self._submit(step)
            with self.app.app_context(), transaction() as session:
                again = self._hand_in(session, attempt)
            assert again.score == self.handed[step][-1]
            assert again.constancia is None

    # --- how the model follows ----------------------------------------------------------------------------------

    def _row(self, session: Session) -> Enrolment:
        return session.get_one(Enrolment, self.enrolment_id)

    def _check(self) -> str:
        return next((key for key in self.steps if key not in self.done and key.startswith("repaso")), self.steps[1])

    def _question(self, attempt: Open, name: str) -> Question:
        bank = self.course.banks[self.course.steps[attempt.step].bank]
        return next(question for question in bank.questions if question.id == name)

    def _view(self, session: Session, attempt: Open) -> queries.AttemptView:
        found = queries.attempt_of(session, self.person_id, attempt.public_id)
        assert found is not None
        return found

    def _refusal(self, step: str) -> str | None:
        """Why the next attempt may not begin, by the rules as a person would tell them."""
        made = len(self.handed.get(step, []))
        if step == PRETEST:
            if made:
                return "pretest_taken"
            return "pretest_too_late" if EXAM in self.handed or EXAM in self.open else None
        if step != EXAM:
            return None
        if self.passed:
            return "already_passed"
        if not self.done.issuperset(self.steps):
            return "steps_missing"
        if not self.named:
            return "name_not_confirmed"
        return "no_attempts_left" if made >= 3 + self.granted else None

    def _start(self, step: str) -> None:
        expected = None if step in self.open else self._refusal(step)
        with self.app.app_context(), transaction() as session:
            try:
                row = services.start_attempt(session, self._row(session), self.revision, self.course.steps[step], now())
            except LearningError as error:
                assert error.code == expected
                return
        assert expected is None
        if step in self.open:
            assert row.public_id == self.open[step].public_id
        else:
            self.open[step] = Open(row.public_id, step, row.questions)

    def _save(self, attempt: Open, question: Question, response: dict[str, Any], key: str) -> None:
        with self.app.app_context(), transaction() as session:
            try:
                kept_at = services.save_answer(session, self._view(session, attempt), question, response, key, now())
            except LearningError as error:
                late = attempt.step not in self.open or self.open[attempt.step] is not attempt
                assert error.code == "client_key_reused" if key in attempt.keys else late
                return
        if key in attempt.keys:
            assert attempt.keys[key] == kept_at
        else:
            attempt.keys[key] = kept_at
            attempt.answers[question.id] = response

    def _hand_in(self, session: Session, attempt: Open) -> services.Handed:
        view, row = self._view(session, attempt), self._row(session)
        return services.submit_attempt(session, view, row, self.revision, ISSUER, now())

    def _submit(self, step: str) -> None:
        attempt = self.open.pop(step)
        with self.app.app_context(), transaction() as session:
            handed = self._hand_in(session, attempt)
        grades = services.grade(self.course, step, attempt.questions, attempt.answers)
        assert handed.score == grades.score
        self.handed.setdefault(step, []).append(handed.score)
        self.closed.append(attempt)
        if step == EXAM:
            self.passed = handed.score >= 80
            assert (handed.constancia is not None) == self.passed == handed.passed
        elif step == PRETEST:
            self.done |= {*handed.exempted, *(f"repaso-{lesson}" for lesson in handed.exempted)}
            self._follow_checks(attempt)
        else:
            self.done.add(step)

    def _follow_checks(self, pretest: Open) -> None:
        """The check after a lesson that was right in the pre-test is spared even where the lesson was read before."""
        right = services.grade(self.course, PRETEST, pretest.questions, pretest.answers).right
        for lesson in (key for key in self.steps if not key.startswith("repaso")):
            asked = {name for name in pretest.questions if lesson in self._question(pretest, name).tags}
            if asked and asked <= right:
                self.done |= {lesson, f"repaso-{lesson}"}

    # --- what must be true all the time -------------------------------------------------------------------------

    @invariant()
    def what_was_acknowledged_is_there(self) -> None:
        if not hasattr(self, "person_id"):
            return
        with self.app.app_context():
            session = db.session()
            for attempt in [*self.open.values(), *self.closed]:
                view = self._view(session, attempt)
                assert queries.answers(session, view.id) == attempt.answers
                assert (view.submitted_at is None) == (attempt in self.open.values())
            row = queries.enrolment(session, self.person_id, self.revision.course_id)
            assert row is not None
            assert (row.concluded_at is not None) == self.passed
            session.rollback()

    def teardown(self) -> None:
        if hasattr(self, "person_id"):
            with self.app.app_context():
                assert registry.verify(db.session()) == []


@pytest.mark.sqlite_only
@pytest.mark.slow
def test_one_person_in_any_order(app: Flask) -> None:
    machine = type("Here", (OneLearner,), {"app": app})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


# --- several people and tabs at once ------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
def test_tabs_and_people_at_once_break_no_rule(app: Flask, session: Session, seed: int) -> None:
    people = [add_person(app) for _ in range(3)]
    acknowledged: dict[tuple[int, str], dict[str, Any]] = {}

    def act(number: int) -> None:
        rng = Random(f"{seed}/{number}")
        person_id = people[number % 3]  # two tabs for each person
        for turn in range(25):
            _do_something(rng, person_id, f"{number}-{turn}", acknowledged)

    at_once(app, 6, act)
    for person_id in people:
        _finish(app, person_id)
    with app.app_context():
        assert registry.verify(db.session()) == []
    kept = {(row.attempt_id, row.client_key): row.response for row in session.scalars(select(Answer))}
    assert acknowledged
    assert acknowledged.items() <= kept.items()
    assert len(session.scalars(select(Enrolment)).all()) == 3
    assert sorted(session.scalars(select(Constancia.number))) == [1, 2, 3]


def _do_something(rng: Random, person_id: int, name: str, acknowledged: dict[tuple[int, str], dict[str, Any]]) -> None:
    """One act of one tab, in one transaction as a request has it."""
    kept: tuple[tuple[int, str], dict[str, Any]] | None = None
    try:
        with transaction() as session:
            revision = published(session)
            course = revision.course
            person = session.get_one(Person, person_id)
            row = services.enrol(session, person, revision, now())
            opened = session.scalars(select(QuizAttempt).filter_by(enrolment_id=row.id, submitted_at=None)).all()
            match rng.choice(("read", "beacon", "start", "start", "save", "save", "save", "submit", "name", "grant")):
                case "read":
                    step = rng.choice([step for step in course.lesson_steps if step.kind == "lesson"])
                    services.complete_lesson(session, row, revision, step, ISSUER, now())
                case "beacon":
                    services.reach_step(session, row, rng.choice(course.lesson_steps), 20, now())
                case "start":
                    key = rng.choice([PRETEST, EXAM, *(s.key for s in course.lesson_steps if s.kind == "check")])
                    services.start_attempt(session, row, revision, course.steps[key], now())
                case "save" if opened:
                    attempt = rng.choice(opened)
                    questions = course.banks[course.steps[attempt.step].bank].questions
                    question = next(q for q in questions if q.id == rng.choice(attempt.questions[:1]))
                    view = queries.attempt_of(session, person_id, attempt.public_id)
                    assert view is not None
                    response = right_response(question)
                    services.save_answer(session, view, question, response, name, now())
                    kept = ((attempt.id, name), response)
                case "submit" if opened:
                    view = queries.attempt_of(session, person_id, rng.choice(opened).public_id)
                    assert view is not None
                    services.submit_attempt(session, view, row, revision, ISSUER, now())
                case "name":
                    services.confirm_name(session, row, person, now())
                case "grant":
                    services.grant_attempts(session, person, row, 1, "prueba", now())
    except LearningError:
        return  # refused by a rule: that is an answer too
    if kept is not None:
        acknowledged[kept[0]] = kept[1]


def _finish(app: Flask, person_id: int) -> None:
    """Bring a person to the constancia from wherever the crowd left them."""
    with app.app_context(), transaction() as session:
        revision = published(session)
        course = revision.course
        row = services.enrol(session, session.get_one(Person, person_id), revision, now())
        services.confirm_name(session, row, session.get_one(Person, person_id), now())
        if row.concluded_at is None:
            services.grant_attempts(session, session.get_one(Person, person_id), row, 3, "prueba", now())
        for step in course.lesson_steps:
            if step.kind == "lesson":
                services.complete_lesson(session, row, revision, step, ISSUER, now())
            else:
                _take(session, row, revision, step.key)
        if row.concluded_at is None:
            _take(session, row, revision, EXAM)
        if row.concluded_at is None:  # what was open had been answered badly
            _take(session, row, revision, EXAM)
        assert row.concluded_at is not None


def _take(session: Session, row: Enrolment, revision: catalog.Revision, key: str) -> None:
    attempt = services.start_attempt(session, row, revision, revision.course.steps[key], now())
    view = queries.attempt_of(session, row.person_id, attempt.public_id)
    assert view is not None
    questions = {q.id: q for q in revision.course.banks[revision.course.steps[key].bank].questions}
    responses = {name: (questions[name], right_response(questions[name])) for name in attempt.questions}
    services.save_changed(session, view, responses, now())
    services.submit_attempt(session, view, row, revision, ISSUER, now())
