"""The coordinators' desk: a state, its enrolments, a region, and what every figure means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import UnprocessableEntity
from werkzeug.wsgi import FileWrapper

from webapp.accounts.models import Person
from webapp.catalog.models import Course
from webapp.core.access import current_actor, role
from webapp.core.clock import local_date, now
from webapp.core.db import db
from webapp.organizations.models import Region, State
from webapp.organizations.queries import state_by_iso, states_of_region
from webapp.organizations.reference import type_labels
from webapp.statistics import exports, policies, queries
from webapp.statistics.figures import DEFINITIONS, RULES, UNITS
from webapp.statistics.period import Period, PeriodError, parse, quarter_of, quarters_before
from webapp.statistics.queries import Scope
from webapp.statistics.report import (
    LEVELS,
    SITUATIONS,
    Place,
    Report,
    Table,
    busiest,
    detail,
    headline,
    leader,
    parts,
    period_name,
    show,
    state_report,
    states_report,
)

blueprint = Blueprint("statistics", __name__)
STAFF = ("coordinator", "regional-coordinator", "administrator")
PAGE_SIZE = 50
TO_ACT_ON = 10
SUBJECTS_SHOWN = 25
QUARTERS_OFFERED = 8
# What of a table fits on a desk; the files have all of it.
COURSE_COLUMNS = ("trained_people", "participations", "enrolled", "completion_rate", "gain")
KIND_COLUMNS = ("covered", "coverage_rate", "participations", "enrolled", "concluded")
SUBJECT_COLUMNS = ("trained_people", "participations", "enrolled", "in_progress", "concluded")
STATE_COLUMNS = ("trained_people", "participations", "covered", "coverage_rate", "enrolled", "completion_rate")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _person() -> Person:
    person = current_actor()
    if not isinstance(person, Person):
        abort(401)
    return person


@dataclass(frozen=True)
class Asked:
    """What an address asks for besides the place: period, course, and the day and zone on which it is answered."""

    period: Period
    today: date
    zone: str
    course: str | None
    course_title: str | None

    def scope(self, *states: State) -> Scope:
        return Scope(frozenset(state.id for state in states), self.period, self.today, self.zone, self.course)

    @property
    def arguments(self) -> dict[str, Any]:
        """The same question, for another address."""
        return {"periodo": self.period.label} | ({"curso": self.course} if self.course else {})


def _asked(session: Session) -> Asked:
    zone = queries.issuer_zone(session, current_app.config["ISSUER"])
    today = local_date(now(), zone)
    written = _period_written()
    try:
        period = parse(written) if written else quarter_of(today)
    except PeriodError as error:
        raise _refusal(error.code, str(error.text)) from error
    if period.first > today:
        raise _refusal("period-future", _("Ese periodo todavía no empieza. Elige uno que ya haya comenzado."))
    course = request.args.get("curso") or None
    title = session.scalar(select(Course.title).where(Course.slug == course)) if course else None
    if course and title is None:
        raise _refusal("course-unknown", _("Ese curso no existe. Elige uno de la lista."))
    return Asked(period, today, zone, course, title)


def _period_written() -> str:
    """The period as it was asked for: chosen from the list, or from one day to another when both are given."""
    first, last = request.args.get("desde", ""), request.args.get("hasta", "")
    return f"{first}..{last}" if first and last else request.args.get("periodo", "")


def _refusal(code: str, text: str) -> UnprocessableEntity:
    refusal = UnprocessableEntity(text)
    refusal.aula_code = code  # type: ignore[attr-defined]
    return refusal


def _state_or_404(session: Session, iso: str, today: date) -> State:
    state = state_by_iso(session, iso)
    if state is None or not policies.can_see_state(session, _person(), state, today):
        abort(404)
    return state


def _regions() -> Select[Region]:
    return select(Region).where(policies.regions_visible_to(_person())).order_by(Region.id)


def _filter(session: Session, asked: Asked) -> dict[str, Any]:
    """What the filter bar of every page offers."""
    quarters = quarters_before(asked.today, QUARTERS_OFFERED)
    years = [parse(str(year)) for year in sorted({quarter.first.year for quarter in quarters}, reverse=True)]
    offered = [*quarters, *years]
    if asked.period not in offered:
        offered.insert(0, asked.period)
    courses = session.execute(select(Course.slug, Course.title).order_by(Course.title)).all()
    return {"asked": asked, "periods": [(p.label, period_name(p)) for p in offered], "courses": courses}


def _files(endpoint: str, asked: Asked, **place: Any) -> list[dict[str, str]]:
    return [
        {"label": kind.upper(), "href": url_for(f"statistics.{endpoint}_{kind}", **place, **asked.arguments)}
        for kind in ("csv", "xlsx", "json")
    ]


# --- where the desk opens ---------------------------------------------------------------------------------------


@blueprint.get("/coordinacion")
@role(*STAFF)
def desk() -> ResponseReturnValue:
    """One's own state or region; all states for who has neither."""
    home = policies.home_of(db.session(), _person())
    if isinstance(home, State):
        return redirect(url_for("statistics.one_state", iso=home.iso))
    if isinstance(home, Region):
        return redirect(url_for("statistics.one_region", key=home.key))
    return redirect(url_for("statistics.all_states"))


@blueprint.get("/coordinacion/mi-estado")
@role("coordinator")
def own_state() -> ResponseReturnValue:
    """The state that one coordinates."""
    return desk()


@blueprint.get("/coordinacion/mi-region")
@role("regional-coordinator")
def own_region() -> ResponseReturnValue:
    """The region that one coordinates."""
    region = db.session.scalars(_regions()).first()
    if region is None:
        abort(404)
    return redirect(url_for("statistics.one_region", key=region.key))


# --- a state ----------------------------------------------------------------------------------------------------


def _state_report(iso: str) -> tuple[State, Asked, Report]:
    session = db.session()
    asked = _asked(session)
    state = _state_or_404(session, iso, asked.today)
    return state, asked, state_report(session, state, asked.scope(state), asked.course_title)


@blueprint.get("/coordinacion/estados/<iso>")
@role(*STAFF)
def one_state(iso: str) -> ResponseReturnValue:
    """The figures of a state: a sentence, whom to act on, charts, tables."""
    state, asked, report = _state_report(iso)
    session = db.session()
    subjects = report.table("obliged-subjects")
    everyone = request.args.get("sujetos") == "todos"
    return render_template(
        "statistics/state.html",
        every_subject=everyone,
        subject_lines=subjects.lines if everyone else busiest(subjects, "participations", SUBJECTS_SHOWN),
        state=state,
        report=report,
        headline=headline(report, asked.today),
        unfinished=list(queries.enrolment_rows(session, report.scope, unfinished=True, limit=TO_ACT_ON)),
        to_act_on=TO_ACT_ON,
        downloads=_files("one_state", asked, iso=iso),
        **_filter(session, asked),
        **_words(),
    )


def _words() -> dict[str, Any]:
    """What the templates need to put a report into words."""
    return {
        "show": show,
        "detail": detail,
        "parts": parts,
        "leader": leader,
        "chart_items": _chart_items,
        "definitions": DEFINITIONS,
        "situations": SITUATIONS,
        "rules": RULES,
        "course_columns": COURSE_COLUMNS,
        "kind_columns": KIND_COLUMNS,
        "subject_columns": SUBJECT_COLUMNS,
        "state_columns": STATE_COLUMNS,
    }


def _chart_items(table: Table, column: str) -> list[dict[str, Any]]:
    """The lines of a table as marks of a chart."""
    found = [(line.label, line.figures[column]) for line in table.lines]
    return [{"label": label, "value": figure.value or 0, "text": show(figure)} for label, figure in found]


@blueprint.get("/coordinacion/estados/<iso>.csv")
@role(*STAFF)
def one_state_csv(iso: str) -> ResponseReturnValue:
    return _as_csv(_state_report(iso)[2])


@blueprint.get("/coordinacion/estados/<iso>.xlsx")
@role(*STAFF)
def one_state_xlsx(iso: str) -> ResponseReturnValue:
    return _as_xlsx(_state_report(iso)[2])


@blueprint.get("/coordinacion/estados/<iso>.json")
@role(*STAFF)
def one_state_json(iso: str) -> ResponseReturnValue:
    return jsonify(exports.as_json(_state_report(iso)[2]))


def _as_csv(report: Report) -> Response:
    return _file(exports.as_csv(report), "text/csv", report, "csv")


def _as_xlsx(report: Report) -> Response:
    return _file(exports.as_xlsx(report), XLSX, report, "xlsx")


def _file(content: bytes, media_type: str, report: Report, kind: str) -> Response:
    response = Response(content, mimetype=media_type)
    name = f"aula-norte-{report.place.key.lower()}-{report.scope.period.label.lower()}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# --- the enrolments of a state ----------------------------------------------------------------------------------


@blueprint.get("/coordinacion/estados/<iso>/inscripciones")
@role(*STAFF)
def enrolments(iso: str) -> ResponseReturnValue:
    """Who enrolled in the period, in pages; with `situacion=sin-concluir` only who has not finished."""
    session = db.session()
    asked = _asked(session)
    state = _state_or_404(session, iso, asked.today)
    unfinished = _only_unfinished()
    total = queries.enrolment_count(session, asked.scope(state), unfinished=unfinished)
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    rows = queries.enrolment_rows(
        session, asked.scope(state), unfinished=unfinished, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE
    )
    more: dict[str, Any] = asked.arguments | ({"situacion": "sin-concluir"} if unfinished else {})
    return render_template(
        "statistics/enrolments.html",
        state=state,
        rows=list(rows),
        total=total,
        unfinished=unfinished,
        page=page,
        pages=pages,
        href=url_for("statistics.enrolments", iso=iso, **more) + "&page=",
        downloads=[{"label": _("CSV completo"), "href": url_for("statistics.enrolments_csv", iso=iso, **more)}],
        **_filter(session, asked),
        **_words(),
    )


def _only_unfinished() -> bool:
    return request.args.get("situacion") == "sin-concluir"


@blueprint.get("/coordinacion/estados/<iso>/inscripciones.csv")
@role(*STAFF)
def enrolments_csv(iso: str) -> ResponseReturnValue:
    """The whole list, never cut; `X-Row-Count` says how many rows follow the heading."""
    session = db.session()
    asked = _asked(session)
    state = _state_or_404(session, iso, asked.today)
    rows = queries.enrolment_rows(session, asked.scope(state), unfinished=_only_unfinished())
    file, count = exports.enrolments_csv(rows)
    response = Response(FileWrapper(file, 64 * 1024), mimetype="text/csv", direct_passthrough=True)
    response.call_on_close(file.close)
    name = f"aula-norte-{state.iso.lower()}-{asked.period.label.lower()}-inscripciones.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Row-Count"] = str(count)
    return response


# --- who is missing ---------------------------------------------------------------------------------------------


@blueprint.get("/coordinacion/estados/<iso>/faltantes")
@role(*STAFF)
def missing(iso: str) -> ResponseReturnValue:
    """Obliged subjects without an accredited person in the period, and enrolments that somebody may be reminded of."""
    state, asked, report = _state_report(iso)
    unfinished = queries.enrolment_rows(db.session(), report.scope, unfinished=True, limit=PAGE_SIZE)
    return render_template(
        "statistics/missing.html",
        state=state,
        report=report,
        unfinished=list(unfinished),
        types=type_labels(),
        levels=LEVELS,
        downloads=[{"label": "CSV", "href": url_for("statistics.missing_csv", iso=iso, **asked.arguments)}],
        **_filter(db.session(), asked),
        **_words(),
    )


@blueprint.get("/coordinacion/estados/<iso>/faltantes.csv")
@role(*STAFF)
def missing_csv(iso: str) -> ResponseReturnValue:
    """The obliged subjects that are missing; `X-Row-Count` says how many rows follow the heading."""
    _state, asked, report = _state_report(iso)
    response = Response(exports.missing_csv(report.missing), mimetype="text/csv")
    name = f"aula-norte-{iso.lower()}-{asked.period.label.lower()}-faltantes.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Row-Count"] = str(len(report.missing))
    return response


# --- states side by side ----------------------------------------------------------------------------------------


def _region_report(key: str) -> tuple[Asked, Report, list[State]]:
    session = db.session()
    asked = _asked(session)
    region = session.scalar(select(Region).where(Region.key == key))
    if region is None or not policies.can_see_region(_person(), region):
        abort(404)
    states = states_of_region(session, region.id, asked.today)
    place = Place(f"region-{region.key}", region.name, _("la %(region)s", region=region.name))
    return asked, states_report(session, place, states, asked.scope(*states), asked.course_title), states


def _side_by_side(asked: Asked, report: Report, states: list[State], downloads: list[dict[str, str]]) -> str:
    regions = db.session.scalars(_regions()).all()
    return render_template(
        "statistics/states.html",
        report=report,
        headline=headline(report, asked.today),
        tabs=_tabs(list(regions), asked),
        map_values=_map_values(report, states, asked),
        downloads=downloads,
        **_filter(db.session(), asked),
        **_words(),
    )


def _tabs(regions: list[Region], asked: Asked) -> list[dict[str, Any]]:
    """The regions one may switch between, and all states at once where that is more than one of them."""
    items = [
        {
            "label": region.name,
            "href": url_for("statistics.one_region", key=region.key, **asked.arguments),
            "current": (request.view_args or {}).get("key") == region.key,
        }
        for region in regions
    ]
    everything = {
        "label": _("Todos los estados"),
        "href": url_for("statistics.all_states", **asked.arguments),
        "current": request.endpoint == "statistics.all_states",
    }
    return [*items, everything]


def _map_values(report: Report, states: list[State], asked: Asked) -> dict[str, dict[str, Any]]:
    """The coverage of each state in five levels: a fifth of the padrón makes a level."""
    found = {}
    for line in report.table("states").lines:
        covered, rate = line.figures["covered"], line.figures["coverage_rate"]
        found[line.key] = {
            "level": min(4, int((rate.value or 0) // 20)),
            "label": _(
                "%(covered)s de %(padron)s sujetos obligados cubiertos",
                covered=covered.numerator,
                padron=covered.denominator,
            ),
            "href": url_for("statistics.one_state", iso=line.key, **asked.arguments),
        }
    return {state.iso: found[state.iso] for state in states}


@blueprint.get("/coordinacion/regiones/<key>")
@role(*STAFF)
def one_region(key: str) -> ResponseReturnValue:
    """The states of a region side by side."""
    asked, report, states = _region_report(key)
    return _side_by_side(asked, report, states, _files("one_region", asked, key=key))


@blueprint.get("/coordinacion/regiones/<key>.csv")
@role(*STAFF)
def one_region_csv(key: str) -> ResponseReturnValue:
    return _as_csv(_region_report(key)[1])


@blueprint.get("/coordinacion/regiones/<key>.xlsx")
@role(*STAFF)
def one_region_xlsx(key: str) -> ResponseReturnValue:
    return _as_xlsx(_region_report(key)[1])


@blueprint.get("/coordinacion/regiones/<key>.json")
@role(*STAFF)
def one_region_json(key: str) -> ResponseReturnValue:
    return jsonify(exports.as_json(_region_report(key)[1]))


@blueprint.get("/coordinacion/estados")
@role(*STAFF)
def all_states() -> ResponseReturnValue:
    """Every state in one's scope side by side."""
    session = db.session()
    asked = _asked(session)
    visible = policies.states_visible_to(session, _person(), asked.today)
    states = list(session.scalars(select(State).where(visible).order_by(State.inegi)))
    place = Place("estados", _("Todos los estados"), _("los estados que coordinas"))
    report = states_report(session, place, states, asked.scope(*states), asked.course_title)
    return _side_by_side(asked, report, states, [])


# --- what it all means ------------------------------------------------------------------------------------------


@blueprint.get("/coordinacion/definiciones")
@role(*STAFF)
def definitions() -> ResponseReturnValue:
    """What every figure counts, and by which rules."""
    zone = queries.issuer_zone(db.session(), current_app.config["ISSUER"])
    return render_template("statistics/definitions.html", definitions=DEFINITIONS, units=UNITS, rules=RULES, zone=zone)
