"""The verbs on questions, answers and announcements."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, false, insert, literal, null, select, update
from sqlalchemy.orm import Session

from webapp.accounts.models import Person
from webapp.catalog.policies import can_teach
from webapp.core import audit
from webapp.core.db import lock_for_update
from webapp.core.jobs import enqueue
from webapp.forum import letters, queries
from webapp.forum.errors import ForumError
from webapp.forum.models import Announcement, AnnouncementRecipient, LessonAnswer, LessonQuestion, MutedCourse
from webapp.learning.models import Enrolment

LONGEST_POST = 2000
LONGEST_REASON = 300
LONGEST_TITLE = 120
LONGEST_ANNOUNCEMENT = 5000
MAIL = "forum.mail_announcement"
AGAIN = timedelta(minutes=10)  # the same words within this time are the same form, sent twice


def tidy(text: str) -> str:
    """The words without what a browser adds to them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _words(text: str, longest: int) -> str:
    text = tidy(text)
    if not text:
        raise ForumError("no_words", _l("Escribe algo antes de enviar."))
    if len(text) > longest:
        raise ForumError("too_long", _l("El texto pasa de %(longest)d letras. Acórtalo.", longest=longest))
    return text


def _one_at_a_time(session: Session, author: Person) -> None:
    """A form sent twice at once must not be kept twice."""
    session.execute(select(Person.id).filter_by(id=author.id).with_for_update())


# --- questions ----------------------------------------------------------------------------------------------------


def ask(
    session: Session, author: Person, course_id: int, step: str, body: str, wants_mail: bool, now: datetime
) -> LessonQuestion:
    """Ask in a lesson. The same words sent again are the same question."""
    body = _words(body, LONGEST_POST)
    _one_at_a_time(session, author)
    same = session.scalars(
        select(LessonQuestion).filter_by(course_id=course_id, step=step, author_id=author.id, body=body)
    ).first()
    if same is not None:
        return same
    row = LessonQuestion(
        course_id=course_id, step=step, author_id=author.id, body=body, wants_mail=wants_mail, asked_at=now
    )
    session.add(row)
    session.flush()
    audit.record(session, now, author.id, "question-asked", f"lesson-question:{row.public_id}")
    return row


def _refuse_if_answered(session: Session, question: LessonQuestion) -> None:
    lock_for_update(session, question)
    if session.scalar(select(exists().where(LessonAnswer.question_id == question.id))):
        raise ForumError(
            "question_answered",
            _l(
                "Tu pregunta ya tiene respuesta, así que ya no se cambia ni se retira. Si te falta algo, responde abajo."
            ),
        )


def edit(session: Session, question: LessonQuestion, body: str, now: datetime) -> None:
    """Change the words of a question, while it has no answer."""
    _refuse_if_answered(session, question)
    body = _words(body, LONGEST_POST)
    if body != question.body:
        question.body, question.edited_at = body, now
        audit.record(session, now, question.author_id, "question-edited", f"lesson-question:{question.public_id}")


def withdraw(session: Session, question: LessonQuestion, now: datetime) -> None:
    """Take a question back, while it has no answer. Nothing of it stays."""
    _refuse_if_answered(session, question)
    session.delete(question)
    audit.record(session, now, question.author_id, "question-withdrawn", f"lesson-question:{question.public_id}")


def set_mail(question: LessonQuestion, wants_mail: bool) -> None:
    """Whether its author is told of answers."""
    question.wants_mail = wants_mail


# --- answers ------------------------------------------------------------------------------------------------------


def answer(
    session: Session, author: Person, question: LessonQuestion, body: str, base_url: str, now: datetime
) -> LessonAnswer:
    """Answer a question and tell its author. The same words sent again are the same answer."""
    lock_for_update(session, question)
    if question.hidden_at is not None:
        raise ForumError("question_hidden", _l("Esta pregunta está oculta y no admite respuestas."))
    body = _words(body, LONGEST_POST)
    same = session.scalars(
        select(LessonAnswer).filter_by(question_id=question.id, author_id=author.id, body=body)
    ).first()
    if same is not None:
        return same
    from_team = can_teach(session, author, question.course_id, now.date())
    row = LessonAnswer(question_id=question.id, author_id=author.id, body=body, from_team=from_team, answered_at=now)
    session.add(row)
    session.flush()
    audit.record(session, now, author.id, "question-answered", f"lesson-answer:{row.public_id}")
    asker = session.get_one(Person, question.author_id)
    if question.wants_mail and asker.active and asker.id != author.id:
        letters.send_answer_letter(session, asker, question, base_url, now)
    return row


def withdraw_answer(session: Session, row: LessonAnswer, now: datetime) -> None:
    """Take one's answer back. Nothing of it stays."""
    session.delete(row)
    audit.record(session, now, row.author_id, "answer-withdrawn", f"lesson-answer:{row.public_id}")


def endorse(session: Session, actor: Person, row: LessonAnswer, right: bool, now: datetime) -> None:
    """Say as a teacher of the course that an answer is right, or take that back."""
    if right == (row.endorsed_at is not None):
        return
    row.endorsed_at, row.endorsed_by_id = (now, actor.id) if right else (None, None)
    action = "answer-endorsed" if right else "answer-endorsement-withdrawn"
    audit.record(session, now, actor.id, action, f"lesson-answer:{row.public_id}")


# --- moderating ---------------------------------------------------------------------------------------------------


def hide(session: Session, actor: Person, post: LessonQuestion | LessonAnswer, reason: str, now: datetime) -> None:
    """Show a post only to its author, with the reason, and to those who teach."""
    if post.hidden_at is not None:
        return
    post.hidden_reason = _words(reason, LONGEST_REASON)
    post.hidden_at, post.hidden_by_id = now, actor.id
    audit.record(session, now, actor.id, "post-hidden", _subject(post), reason=post.hidden_reason)


def show(session: Session, actor: Person, post: LessonQuestion | LessonAnswer, now: datetime) -> None:
    """Show a hidden post to everybody again."""
    if post.hidden_at is None:
        return
    post.hidden_at, post.hidden_by_id, post.hidden_reason = None, None, ""
    audit.record(session, now, actor.id, "post-shown", _subject(post))


def _subject(post: LessonQuestion | LessonAnswer) -> str:
    return f"{'lesson-question' if isinstance(post, LessonQuestion) else 'lesson-answer'}:{post.public_id}"


# --- announcements ------------------------------------------------------------------------------------------------


def announce(
    session: Session, author: Person, course_id: int, title: str, body: str, by_mail: bool, now: datetime
) -> Announcement:
    """Tell everybody who is on the way through a course; mails leave in a job. Sent twice in a row, it is one."""
    title, body = _words(" ".join(title.split()), LONGEST_TITLE), _words(body, LONGEST_ANNOUNCEMENT)
    _one_at_a_time(session, author)
    same = session.scalars(
        select(Announcement)
        .filter_by(course_id=course_id, author_id=author.id, title=title, body=body, retired_at=None)
        .where(Announcement.sent_at > now - AGAIN)
    ).first()
    if same is not None:
        return same
    people = queries.on_the_way(course_id, now)
    if session.scalar(select(~people.exists())):
        raise ForumError(
            "nobody_enrolled", _l("Nadie está cursando este curso ahora, así que el aviso no llegaría a nadie.")
        )
    row = Announcement(course_id=course_id, author_id=author.id, title=title, body=body, sent_at=now)
    session.add(row)
    session.flush()
    muted = exists().where(MutedCourse.person_id == Enrolment.person_id, MutedCourse.course_id == course_id)
    session.execute(
        insert(AnnouncementRecipient).from_select(
            ["announcement_id", "person_id", "by_mail"],
            people.with_only_columns(literal(row.id), Enrolment.person_id, ~muted if by_mail else false()),
        )
    )
    if by_mail:
        enqueue(session, MAIL, now, actor_id=author.id, announcement=row.id)
    audit.record(session, now, author.id, "announcement-sent", f"announcement:{row.public_id}", by_mail=by_mail)
    return row


def retire(session: Session, actor: Person, row: Announcement, now: datetime) -> None:
    """Show an announcement no more to those it went to. Mails that have not left yet do not leave."""
    if row.retired_at is None:
        row.retired_at, row.retired_by_id = now, actor.id
        audit.record(session, now, actor.id, "announcement-retired", f"announcement:{row.public_id}")


def mark_read(session: Session, person_id: int, row: Announcement, now: datetime) -> bool:
    """Note that a recipient has read an announcement; the first time stays. False for who is no recipient."""
    found = session.scalars(
        select(AnnouncementRecipient).filter_by(announcement_id=row.id, person_id=person_id)
    ).first()
    if found is not None and found.read_at is None:
        found.read_at = now
    return found is not None


def set_course_mail(session: Session, person_id: int, course_id: int, wants_mail: bool, now: datetime) -> None:
    """Whether somebody gets the announcements of a course by mail too."""
    row = session.get(MutedCourse, (person_id, course_id))
    if wants_mail and row is not None:
        session.delete(row)
    elif not wants_mail and row is None:
        session.add(MutedCourse(person_id=person_id, course_id=course_id, muted_at=now))
        sent = select(Announcement.id).where(Announcement.course_id == course_id)
        session.execute(  # what waits in the job does not leave any more
            update(AnnouncementRecipient)
            .where(
                AnnouncementRecipient.person_id == person_id,
                AnnouncementRecipient.mailed_at.is_(null()),
                AnnouncementRecipient.announcement_id.in_(sent),
            )
            .values(by_mail=False)
        )
