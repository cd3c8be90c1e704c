"""The shape of what the data interface takes and gives, for its answers and for its description (OpenAPI)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Number = int | float


class Shape(BaseModel):
    """Parent of all shapes: what is not described is not there."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class IndicatorsQuery(Shape):
    """What may be asked for."""

    period: str | None = Field(
        None,
        description="Trimestre (2026-T4) o año (2026). Sin él, el trimestre en curso.",
        json_schema_extra={
            "pattern": r"^[0-9]{4}(-T[1-4])?$"
        },  # said, not enforced here: `period` refuses with the reason
    )
    state: str | None = Field(
        None, pattern=r"^MX-[A-Z]{3}$", description="Estado en ISO 3166-2 (MX-BCS). Sin él, todos los del token."
    )
    format: Literal["json", "csv"] = Field("json", description="También vale la cabecera Accept: text/csv.")


class About(Shape):
    """By which rules the figures were taken."""

    period: str
    first_day: date
    last_day: date
    cut: date = Field(description="Último día que cuenta.")
    zone: str = Field(description="Zona horaria IANA de los días.")
    rules: str = Field(description="Versión de las reglas de conteo.")
    threshold: int = Field(description="Las celdas de personas o inscripciones de 1 a threshold - 1 no se publican.")


class IndicatorValue(Shape):
    """A figure and its parts. With `withheld`, all three are null because they would point at few people."""

    value: Number | None = Field(description="null: no hay entre qué dividir, o se retuvo.")
    numerator: Number | None
    denominator: Number | None
    unit: str
    withheld: bool


class PeopleBySex(Shape):
    """Trained people by sex. null is withheld; what is withheld cannot be worked out from the rest."""

    cells: dict[str, int | None]
    total: int | None


class StateIndicators(Shape):
    """The figures of a state. `people_by_sex` is null for periods for which the split is not published."""

    state: str = Field(description="ISO 3166-2.")
    name: str
    figures: dict[str, IndicatorValue]
    people_by_sex: PeopleBySex | None


class Indicators(Shape):
    """The answer to /api/v1/indicators."""

    about: About
    states: list[StateIndicators]


class DefinitionText(Shape):
    """What a figure counts."""

    key: str
    label: str
    numerator: str
    denominator: str | None
    universe: str
    source: str
    unit: str


class Definitions(Shape):
    """The answer to /api/v1/definitions."""

    rules: str
    definitions: list[DefinitionText]


class Problem(Shape):
    """Why there is no answer. `code` is stable, `message` is for people."""

    code: str
    message: str
    request: str = Field(description="Nombre de la petición en la bitácora del servidor.")


class Refusal(Shape):
    """Every answer that is not 200."""

    error: Problem
