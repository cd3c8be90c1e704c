"""Putting a practice with a format into a draft: find the format, say what is practised, and the file is written."""

from __future__ import annotations

from collections.abc import Iterable

import yaml
from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.authoring import outline
from webapp.authoring.errors import DraftError
from webapp.authoring.forms import NewLabForm
from webapp.authoring.models import Draft
from webapp.authoring.views.blueprint import AUTHORS, blueprint, conflict, draft_or_404, draft_path
from webapp.authoring.views.draft import courses_dir
from webapp.authoring.views.lessons import add_step, context_of, free_key, sheet_of
from webapp.core.access import role
from webapp.core.db import db, transaction
from webapp.coursepack.answers import comparable
from webapp.coursepack.labs import Proof, compile_lab
from webapp.coursepack.markdown import Context
from webapp.coursepack.model import Problem
from webapp.coursepack.problems import Report
from webapp.coursepack.schema import LAB
from webapp.coursepack.yamltext import parse
from webapp.formats.definitions import DefinitionError, Library, UnknownFormat
from webapp.formats.model import Format

MOST_FORMATS = 20


def matching(formats: Iterable[Format], words: str) -> list[Format]:
    """The formats that hold all the words in their name, fraction, number or id."""
    wanted = comparable(words).split()
    return [
        one
        for one in formats
        if all(word in comparable(f"{one.id} {one.format_id} {one.fraction} {one.letter} {one.name} {one.short_name}")
               for word in wanted)
    ]  # fmt: skip


@blueprint.route("/estudio/borradores/<public_id>/nueva-practica", methods=["GET", "POST"])
@role(*AUTHORS)
def new_lab(public_id: str) -> ResponseReturnValue:
    """A practice in which everybody gets a workbook of their own with mistakes in it."""
    found, form = draft_or_404(db.session(), public_id), NewLabForm()
    library = Library(courses_dir() / "_formats")
    words = request.args.get("q", "")[:120]
    format = _format(library, request.args.get("formato", ""))
    problems: list[Problem] = []
    form.module.choices = [(row.id, row.title) for row in outline.modules(sheet_of(db.session(), found)[0])]
    if format is not None and form.validate_on_submit():
        text = _written(form, format)
        problems = proved(text, context_of(db.session(), found), Proof(courses_dir() / "_formats"))
        if not problems:
            flash(_("Práctica agregada. Antes de publicar, pruébala en la vista previa."), "success")
            return redirect(_keep(public_id, form, text), 303)
    matches = matching(library.formats, words) if words.strip() and format is None else []
    page = render_template(
        "authoring/new_lab.html",
        draft=found, form=form, format=format, q=words, matches=matches[:MOST_FORMATS], total=len(matches),
        problems=problems, path=draft_path(found),
    )  # fmt: skip
    return page, 422 if form.errors or problems else 200


def _format(library: Library, name: str) -> Format | None:
    try:
        return library.get(name) if name else None
    except (UnknownFormat, DefinitionError):
        return None


def _written(form: NewLabForm, format: Format) -> str:
    values = {
        "kind": form.kind.data,
        "title": " ".join(str(form.title.data).split()),
        "minutes": form.minutes.data,
        "format": format.id,
        "errors": form.mistakes.data,
        "difficulties": [int(level) for level in form.difficulties.data or []],
        "pass_mark": form.pass_mark.data,
        "case": "\n".join(line.rstrip() for line in str(form.case.data).splitlines()).strip(),
    }
    return yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=110)


def proved(text: str, context: Context, proof: Proof) -> list[Problem]:
    """The errors that the checker finds in a practice, which it makes and solves as a learner would."""
    report = Report("lab.yaml")
    node = parse(text, report)
    read = LAB.read(node, report, "lab") if node is not None else None
    if read is not None:
        lab = compile_lab("practica", read, context, report)
        if not report.has_errors:
            proof.prove(lab, read, report)
    return [problem for problem in report.in_order() if problem.severity == "error"]


def _keep(public_id: str, form: NewLabForm, text: str) -> str:
    """Write the practice and put its step at the end of the module; the address of the draft there."""
    title = " ".join(str(form.title.data).split())
    with transaction() as session:
        found: Draft = draft_or_404(session, public_id)
        key = free_key(session, found, sheet_of(session, found)[0], title, "practica")
        try:
            add_step(session, found, "lab", title, str(form.module.data), {f"labs/{key}/lab.yaml": text.encode()}, key)
        except DraftError as error:
            raise conflict(error) from error
        return f"{draft_path(found)}#paso-{key}"
