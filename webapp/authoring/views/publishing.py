"""Looking at a draft as a learner would, and publishing it."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.authoring import drafting, queries, services, tree
from webapp.authoring.errors import DraftError
from webapp.authoring.forms import PublishForm
from webapp.authoring.lessonfile import head_of
from webapp.authoring.models import Draft
from webapp.authoring.views.blueprint import AUTHORS, author, blueprint, conflict, draft_or_404, draft_path
from webapp.authoring.views.draft import checked, courses_dir
from webapp.catalog.models import Change
from webapp.core.access import role
from webapp.core.clock import now
from webapp.core.db import db, transaction
from webapp.core.storage import storage
from webapp.coursepack.model import Course, Step
from webapp.coursepack.scoring import present

SEED = 0  # everybody who previews sees the same order


@blueprint.get("/estudio/borradores/<public_id>/vista")
@role(*AUTHORS)
def preview(public_id: str) -> ResponseReturnValue:
    """The course as its learners will find it: syllabus and steps. Nothing is recorded."""
    found = draft_or_404(db.session(), public_id)
    report = checked(db.session(), found)
    return render_template(
        "authoring/preview.html", draft=found, report=report, course=report.course, path=draft_path(found)
    )


@blueprint.get("/estudio/borradores/<public_id>/vista/<key>")
@role(*AUTHORS)
def preview_step(public_id: str, key: str) -> ResponseReturnValue:
    """A step as its learners will see it. A lesson shows as soon as it can be read; the rest once the course is whole."""
    found = draft_or_404(db.session(), public_id)
    course = checked(db.session(), found).course
    if course is None:
        return _lesson_of_unfinished(found, key)
    step = course.steps.get(key) or abort(404)
    bank = course.banks.get(step.bank)
    before, after = course.neighbours(step)
    return render_template(
        "authoring/preview_step.html",
        draft=found,
        title=step.title,
        step=step,
        package=course.packages.get(step.key) if step.kind == "package" else None,
        html=with_addresses(_html(course, step), found),
        questions=[shown(present(question, SEED), found) for question in bank.questions] if bank else [],
        before=before,
        after=after,
        path=draft_path(found),
    )


def _html(course: Course, step: Step) -> str:
    return course.labs[step.key].case_html if step.kind == "lab" else step.html


def _lesson_of_unfinished(found: Draft, key: str) -> ResponseReturnValue:
    files = services.keys(db.session(), found)
    reading = drafting.reading(found, files, storage(), courses_dir())
    lesson = reading.lessons.get(key)
    if lesson is None:
        return render_template("authoring/not_yet.html", draft=found, path=draft_path(found))
    text = storage().get(files[f"lessons/{key}.md"]).decode("utf-8", "replace")
    head = head_of(f"lessons/{key}.md", text)
    return render_template(
        "authoring/preview_step.html",
        draft=found,
        title=str(head.get("title") or key),
        step=None,
        package=None,
        html=with_addresses(lesson.html, found),
        questions=[],
        before=None,
        after=None,
        path=draft_path(found),
    )


def with_addresses(html: str, found: Draft) -> str:
    """Compiled HTML with the addresses that the materials of a draft have."""
    return html.replace('"material/', f'"{draft_path(found, "material", "")}')


def shown(question: dict[str, object], found: Draft) -> dict[str, object]:
    """A question as a learner is shown it, with the addresses of a draft."""
    return question | {"prompt_html": with_addresses(str(question["prompt_html"]), found)}


@blueprint.get("/estudio/borradores/<public_id>/material/<path:path>")
@role(*AUTHORS)
def draft_material(public_id: str, path: str) -> ResponseReturnValue:
    """A picture or document of a draft, for its preview."""
    found = draft_or_404(db.session(), public_id)
    file = queries.file(db.session(), found, path) if path.startswith("assets/") else None
    if file is None:
        abort(404)
    response = Response(storage().get(file.storage_key), mimetype=file.media_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@blueprint.route("/estudio/borradores/<public_id>/publicar", methods=["GET", "POST"])
@role(*AUTHORS)
def publish(public_id: str) -> ResponseReturnValue:
    """What stands in the way; or what will happen, and the button. Later times ask how much changes."""
    found, form = draft_or_404(db.session(), public_id), PublishForm()
    report = checked(db.session(), found)
    if found.course_id is None:
        form.change.validators, form.change.data = [], "substantive"
    if report.ok and form.validate_on_submit():
        _publish(public_id, form)
        flash(_("El curso está publicado."), "success")
        return redirect(f"/cursos/{found.slug}", 303)
    form.base.data = str(found.version)
    files = services.keys(db.session(), found)
    steps = tree.steps(files, storage())
    page = render_template(
        "authoring/publish.html", draft=found, form=form, report=report, steps=steps, path=draft_path(found)
    )
    return page, 422 if form.errors else 200


def _publish(public_id: str, form: PublishForm) -> None:
    with transaction() as session:
        found = draft_or_404(session, public_id)
        files = services.keys(session, found)
        report = checked(session, found)
        if report.course is None:
            abort(409)
        with drafting.materialised(found, files, storage(), courses_dir()) as folder:
            change: Change = "substantive" if form.change.data == "substantive" else "minor"
            try:
                services.publish(
                    session, found, folder, report.course, change, form.base.data or "", author(), storage(), now()
                )  # fmt: skip
            except DraftError as error:
                raise conflict(error) from error
