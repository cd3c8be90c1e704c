"""The data interface: the same figures for other systems, by token, with small cells withheld.

A reader of figures must not come to people by taking one answer from another. So only whole quarters and years are
given, the split by sex only by quarter, and what counts few people or enrolments is withheld with whatever would give
it away (`suppression`).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from io import StringIO
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import ValidationError
from spectree import Response as Answers
from spectree import SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden, HTTPException, NotFound, TooManyRequests, Unauthorized, UnprocessableEntity

from webapp.accounts.models import SEXES, ApiToken
from webapp.core.access import public
from webapp.core.clock import local_date, now
from webapp.core.db import db
from webapp.core.throttle import ProcessWindow
from webapp.organizations.models import State
from webapp.organizations.queries import state_by_iso
from webapp.statistics import queries, tokens
from webapp.statistics.exports import harmless
from webapp.statistics.figures import DEFINITIONS, RULES, Counts, Figure
from webapp.statistics.period import Period, PeriodError, parse, quarter_of
from webapp.statistics.queries import Scope
from webapp.statistics.schemas import (
    About,
    Definitions,
    DefinitionText,
    Indicators,
    IndicatorsQuery,
    IndicatorValue,
    PeopleBySex,
    Refusal,
    StateIndicators,
)
from webapp.statistics.suppression import THRESHOLD, Released, is_small, parts_are_safe, release_split, secret_order

blueprint = Blueprint("statistics_api", __name__, url_prefix="/api/v1")
description = SpecTree(
    "flask",
    mode="strict",
    annotations=False,
    title="Aula Norte: indicadores de capacitación",
    description="Las cifras por estado que ve la coordinación, con las celdas pequeñas retenidas.",
    version="1",
    openapi_version="3.1.0",
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
    security_schemes=[SecurityScheme(name="token", data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer"))],
)

# Tokens are too long to be guessed; this only keeps a machine that tries from costing us anything.
_misses = ProcessWindow(limit=60, window=timedelta(minutes=10))

# What a figure counts, as far as hiding it is concerned. Obliged subjects and courses are not people.
OF_PEOPLE = ("trained_people", "participations", "person_hours")
OF_ENROLMENTS = ("enrolled", "in_progress", "overdue", "concluded")
SHARES_OF_ENROLMENTS = ("completion_rate", "approval_rate")


# --- who asks, and for what -------------------------------------------------------------------------------------


def _refused(error: HTTPException, code: str) -> HTTPException:
    error.aula_code = code  # type: ignore[attr-defined]
    return error


def _unauthorized(code: str, text: str) -> HTTPException:
    return _refused(Unauthorized(text), code)


@blueprint.after_request
def _ask_for_token(response: Response) -> Response:
    """The common answer to errors knows of no schemes of authorization."""
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _token(session: Session) -> ApiToken:
    """The token of this request; raises 401 with the reason, or 429 for who has tried too often."""
    address = request.remote_addr or ""
    if _misses.is_full(address):
        raise _refused(TooManyRequests(_("Demasiados intentos con tokens que no sirven. Espera diez minutos.")), "busy")
    shown = request.authorization
    if shown is None or shown.type != "bearer" or not shown.token:
        raise _unauthorized("token-missing", _("Falta el token. Envíalo en la cabecera Authorization: Bearer …"))
    found = tokens.by_secret(session, shown.token)
    if found is None:
        _misses.hit(address)
        raise _unauthorized("token-unknown", _("El token no existe. Revisa que esté completo."))
    standing = tokens.standing_of(found, now())
    if standing == "revoked":
        raise _unauthorized("token-revoked", _("El token fue revocado. Pide otro a quien administra la plataforma."))
    if standing == "expired":
        raise _unauthorized("token-expired", _("El token venció. Pide otro a quien administra la plataforma."))
    return found


def _query() -> IndicatorsQuery:
    """The parameters of this request; raises 422 for one that is unknown or not of its shape."""
    try:
        return IndicatorsQuery.model_validate(request.args.to_dict())
    except ValidationError as error:
        names = ", ".join(sorted({str(problem["loc"][0]) for problem in error.errors()}))
        text = _("Hay parámetros que no se entienden: %(names)s.", names=names)
        raise _refused(UnprocessableEntity(text), "parameter") from error


def _period(query: IndicatorsQuery, current: Period) -> Period:
    if query.period is None:
        return current
    try:
        period = parse(query.period)
    except PeriodError as error:
        raise _refused(UnprocessableEntity(str(error.text)), error.code) from error
    if not (period.is_quarter or len(period.label) == 4):
        text = _(
            "Aquí solo se dan trimestres (2026-T4) y años (2026) completos, para que nadie reste un periodo de otro."
        )
        raise _refused(UnprocessableEntity(text), "period-not-published")
    if period.first > current.last:
        raise _refused(UnprocessableEntity(_("Ese periodo todavía no empieza.")), "period-future")
    return period


def _states(session: Session, query: IndicatorsQuery, token: ApiToken) -> list[State]:
    """The states asked for; raises 404 for one that does not exist, 403 for one that the token does not open."""
    if query.state is None:
        condition = State.id == token.state_id if token.state_id is not None else State.id.is_not(None)
        return list(session.scalars(select(State).where(condition).order_by(State.inegi)))
    state = state_by_iso(session, query.state)
    if state is None:
        raise _refused(NotFound(_("Ese estado no existe. Escribe su clave ISO 3166-2, como MX-BCS.")), "state-unknown")
    if token.state_id not in (None, state.id):
        raise _refused(Forbidden(_("El token no abre ese estado.")), "state-outside-scope")
    return [state]


# --- what is given ----------------------------------------------------------------------------------------------


def published(figures: Mapping[str, Figure], counts: Counts, people: Released) -> dict[str, IndicatorValue]:
    """The figures of a state, with those withheld that point at few. `people` is its split by sex."""
    withheld = set(OF_PEOPLE) if people.total is None else set()
    withheld |= {key for key in OF_ENROLMENTS if is_small(int(figures[key].numerator))}
    withheld |= {
        key
        for key in SHARES_OF_ENROLMENTS
        if not parts_are_safe(int(figures[key].numerator), int(figures[key].denominator or 0))
    }
    if is_small(counts.gain_pairs):
        withheld.add("gain")
    return {key: _value(figure, key in withheld) for key, figure in figures.items()}


def _value(figure: Figure, withheld: bool) -> IndicatorValue:
    parts = (None, None, None) if withheld else (figure.value, figure.numerator, figure.denominator)
    value, numerator, denominator = parts
    return IndicatorValue(
        value=value, numerator=numerator, denominator=denominator, unit=figure.unit, withheld=withheld
    )


def indicators_of(session: Session, states: list[State], scope: Scope, secret: str) -> Indicators:
    """The answer for these states. `secret` decides, the same way every time, which large cell hides a small one."""
    facts = queries.gather(session, scope)
    found = []
    for state in states:
        cells = facts.sexes[state.id]
        order = secret_order(SEXES, secret, f"{state.iso} {scope.period.label}")
        people = release_split(cells, order)
        counts = facts.states[state.id]
        found.append(
            StateIndicators(
                state=state.iso,
                name=state.name,
                figures=published(scope.figures(counts), counts, people),
                people_by_sex=(
                    PeopleBySex(cells=dict(people.cells), total=people.total) if scope.period.is_quarter else None
                ),
            )
        )
    about = About(
        period=scope.period.label,
        first_day=scope.period.first,
        last_day=scope.period.last,
        cut=scope.last_day,
        zone=scope.zone,
        rules=RULES,
        threshold=THRESHOLD,
    )
    return Indicators(about=about, states=found)


CSV_COLUMNS = (
    "state",
    "name",
    "indicator",
    "value",
    "numerator",
    "denominator",
    "unit",
    "withheld",
    "period",
    "cut",
    "zone",
    "rules",
)


def as_csv(answer: Indicators) -> str:
    """One row per figure; the people of a sex are the indicator "trained_people:<sex>"."""
    written = StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    about = answer.about
    tail = (about.period, about.cut.isoformat(), about.zone, about.rules)
    for state in answer.states:
        rows = [(key, f.value, f.numerator, f.denominator, f.unit, f.withheld) for key, f in state.figures.items()]
        if state.people_by_sex is not None:
            cells = state.people_by_sex.cells.items()
            rows += [(f"trained_people:{sex}", n, n, None, "people", n is None) for sex, n in cells]
        for key, *parts, unit, withheld in rows:
            cells_of_row = ("" if part is None else part for part in parts)
            head = (state.state, harmless(state.name), key)
            writer.writerow((*head, *cells_of_row, unit, "yes" if withheld else "no", *tail))
    return written.getvalue()


# --- routes -----------------------------------------------------------------------------------------------------


@blueprint.get("/indicators")
@public  # the token is looked at inside: a machine has no session
@description.validate(
    query=IndicatorsQuery,
    resp=Answers(
        HTTP_200=Indicators, HTTP_401=Refusal, HTTP_403=Refusal, HTTP_404=Refusal, HTTP_422=Refusal, HTTP_429=Refusal
    ),
    security={"token": []},
    skip_validation=True,
    operation_id="indicators",
)
def indicators() -> ResponseReturnValue:
    """Indicadores por estado.

    Uno por estado del alcance del token, o solo el que se pide. Las cifras de pocas personas vienen retenidas.
    """
    session = db.session()
    token = _token(session)
    query = _query()
    zone = queries.issuer_zone(session, current_app.config["ISSUER"])
    today = local_date(now(), zone)
    states = _states(session, query, token)
    scope = Scope(frozenset(state.id for state in states), _period(query, quarter_of(today)), today, zone)
    answer = indicators_of(session, states, scope, str(current_app.config["SECRET_KEY"]))
    if query.format == "csv" or request.accept_mimetypes.best == "text/csv":
        return Response(as_csv(answer), mimetype="text/csv")
    return Response(answer.model_dump_json(), mimetype="application/json")


@blueprint.get("/definitions")
@public
@description.validate(resp=Answers(HTTP_200=Definitions), skip_validation=True, operation_id="definitions")
def definitions() -> ResponseReturnValue:
    """Qué cuenta cada indicador.

    Numerador, denominador, universo y origen de la regla.
    """
    found = [
        DefinitionText(
            key=one.key,
            label=str(one.label),
            numerator=str(one.numerator),
            denominator=None if one.denominator is None else str(one.denominator),
            universe=str(one.universe),
            source=str(one.source),
            unit=one.unit,
        )
        for one in DEFINITIONS.values()
    ]
    return Response(Definitions(rules=RULES, definitions=found).model_dump_json(), mimetype="application/json")


@blueprint.get("/openapi.json")
@public
def openapi() -> ResponseReturnValue:
    """The description of this interface, in OpenAPI 3.1."""
    return jsonify(_document())


@cache
def _document() -> dict[str, Any]:
    """What spectree reads off the routes, and the table file, of which it does not know."""
    document: dict[str, Any] = dict(description.spec)
    answer = document["paths"]["/api/v1/indicators"]["get"]["responses"]["200"]
    answer["content"]["text/csv"] = {"schema": {"type": "string"}}
    return document
