"""For coordinators: what goes wrong where, with what helps. The same query gives page, CSV and XLSX."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import BytesIO, StringIO

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from webapp.core.access import role
from webapp.core.db import db
from webapp.formatlab import queries
from webapp.formatlab.forms import ProblemsForm
from webapp.formatlab.lessons import lessons
from webapp.formatlab.views.blueprint import blueprint, library, rules
from webapp.formatlab.views.public import xlsx
from webapp.organizations import queries as organizations

STAFF = ("coordinator", "regional-coordinator", "administrator", "trainer")
MOST = 20
HOME = "/coordinacion/problemas"
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")


@blueprint.get(HOME)
@role(*STAFF)
def problems() -> ResponseReturnValue:
    """The twenty problems that keep formats from being loaded, in a state, a format and some months."""
    session = db.session()
    scope = _scope()
    found = queries.problems(session, scope)
    shown = found.rows[:MOST]
    known = rules()
    return render_template(
        "formatlab/problems.html",
        form=_form(),
        found=found,
        rows=shown,
        rules=known,
        lessons=lessons(session, known, [row.code for row in shown]),
        query=request.query_string.decode("ascii", "ignore"),
    )


def _scope() -> queries.Scope:
    first, last = request.args.get("desde", ""), request.args.get("hasta", "")
    return queries.Scope(
        request.args.get("estado", ""),
        request.args.get("formato", ""),
        first if _MONTH.fullmatch(first) else "",
        last if _MONTH.fullmatch(last) else "9999-12",
    )


def _form() -> ProblemsForm:
    session = db.session()
    form = ProblemsForm(request.args)
    formats, months = queries.counted_places(session)
    anywhere, always = SelectChoice("", _("Todos")), SelectChoice("", _("Sin límite"))
    form.estado.choices = [anywhere, *(SelectChoice(s.iso, s.name) for s in organizations.states(session))]
    form.formato.choices = [anywhere, *(SelectChoice(name, name) for name in formats if name in library().ids)]
    form.desde.choices = form.hasta.choices = [always, *(SelectChoice(month, month) for month in months)]
    return form


@blueprint.get("/coordinacion/problemas.<extension>")
@role(*STAFF)
def problems_file(extension: str) -> ResponseReturnValue:
    """All of it as a file."""
    if extension not in ("csv", "xlsx"):
        abort(404)
    table = list(_table(queries.problems(db.session(), _scope())))
    if extension == "xlsx":
        return xlsx(_as_xlsx(table), "problemas-de-la-carga.xlsx")
    text = StringIO()
    csv.writer(text).writerows(table)
    headers = {"Content-Disposition": "attachment; filename=problemas-de-la-carga.csv"}
    return Response("\ufeff" + text.getvalue(), mimetype="text/csv", headers=headers)


def _table(found: queries.Problems) -> Iterator[list[str | int]]:
    yield [
        _("Regla"), _("Problema"), _("Archivos que lo tienen"), _("Archivos revisados"), _("Veces que quedó en prácticas"),
        _("Columnas"), _("Qué hago"),
    ]  # fmt: skip
    known = rules()
    for row in found.rows:
        rule = known.get(row.code)
        title, mend = (rule.title, rule.mend) if rule else (row.code, "")
        yield [row.code, title, row.files, found.checked, row.left, "; ".join(row.fields), mend]


def _as_xlsx(table: list[list[str | int]]) -> BytesIO:
    import xlsxwriter

    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Problemas")
        for number, row in enumerate(table):
            sheet.write_row(number, 0, row)
        sheet.set_column(1, 1, 50)
    return target
