"""What a figure is: its parts, its rounding, and the sentences that define it. No database here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

RULES = "2026-1"  # version of the rules by which everything here is counted; goes onto every report

Unit = Literal["actions", "enrolments", "participations", "people", "hours", "obliged-subjects", "percent", "points"]
Number = int | float


@dataclass(frozen=True)
class Figure:
    """A figure with what it is made of. A plain count is its own numerator and has no denominator.

    `value` is None where there is nothing to divide by. Percent and points are rounded half up to one decimal.
    `cut` is the last day that counts, a day of `zone`.
    """

    key: str
    value: Number | None
    numerator: Number
    denominator: Number | None
    unit: Unit
    cut: date
    zone: str
    rules: str = RULES

    @property
    def universe(self) -> LazyString:
        """Which facts could be counted at all."""
        return DEFINITIONS[self.key].universe


@dataclass(frozen=True)
class Definition:
    """How a figure is called, what it divides by what, among which facts, where the rule is from, in which unit."""

    key: str
    label: LazyString
    numerator: LazyString
    denominator: LazyString | None
    universe: LazyString
    source: LazyString
    unit: Unit


@dataclass
class Counts:
    """The whole numbers that figures are made of, for one state, course, month … or for all.

    `padron` counts obliged subjects, `covered` those of them with a participation. `gain_points` is the sum, over
    `gain_pairs` enrolments, of exam minus pre-test in whole percent.
    """

    actions: int = 0
    enrolled: int = 0
    in_progress: int = 0
    concluded: int = 0
    due: int = 0
    due_concluded: int = 0
    participations: int = 0
    people: int = 0
    hours: Decimal = field(default_factory=Decimal)
    covered: int = 0
    padron: int = 0
    evaluated: int = 0
    approved: int = 0
    gain_points: int = 0
    gain_pairs: int = 0

    @property
    def overdue(self) -> int:
        """Enrolments whose plazo ended in the period without a conclusion."""
        return self.due - self.due_concluded

    @property
    def unfinished(self) -> int:
        """Enrolments that somebody may be reminded of: in progress, or with a plazo that ended in the period."""
        return self.in_progress + self.overdue

    @property
    def missing(self) -> int:
        """Obliged subjects of the padrón without a participation."""
        return self.padron - self.covered


def added(parts: Iterable[Counts]) -> Counts:
    """The sum of counts whose obliged subjects and enrolments are different ones. People and actions, which may be the
    same in several parts, stay at nought."""
    total = Counts()
    for part in parts:
        for name in _ADDITIVE:
            setattr(total, name, getattr(total, name) + getattr(part, name))
    return total


_ADDITIVE = (
    "enrolled",
    "in_progress",
    "concluded",
    "due",
    "due_concluded",
    "participations",
    "hours",
    "covered",
    "padron",
    "evaluated",
    "approved",
    "gain_points",
    "gain_pairs",
)


def figures(counts: Counts, cut: date, zone: str) -> dict[str, Figure]:
    """All figures, by key, in the order in which they are shown. `cut` is the last day that counts, in `zone`."""
    hours = float(counts.hours)
    points = Decimal(counts.gain_points) / 10  # marks are said from 0 to 10
    parts: tuple[tuple[str, Number | None, Number, Number | None], ...] = (
        _count("trained_people", counts.people),
        _count("participations", counts.participations),
        _count("person_hours", int(hours) if hours.is_integer() else hours),
        ("covered", counts.covered, counts.covered, counts.padron),
        _share("coverage_rate", counts.covered, counts.padron),
        _count("actions", counts.actions),
        _count("enrolled", counts.enrolled),
        _count("in_progress", counts.in_progress),
        _count("overdue", counts.overdue),
        _count("concluded", counts.concluded),
        _share("completion_rate", counts.due_concluded, counts.due),
        _share("approval_rate", counts.approved, counts.evaluated),
        ("gain", _ratio(points, counts.gain_pairs), float(points), counts.gain_pairs),
    )
    return {
        key: Figure(key, value, numerator, denominator, DEFINITIONS[key].unit, cut, zone)
        for key, value, numerator, denominator in parts
    }


def _count(key: str, value: Number) -> tuple[str, Number, Number, None]:
    return key, value, value, None


def _share(key: str, part: int, whole: int) -> tuple[str, Number | None, Number, Number]:
    return key, _ratio(Decimal(100 * part), whole), part, whole


def _ratio(part: Decimal, whole: int) -> float | None:
    """Rounded half up to one decimal; half of a negative number goes away from nought."""
    return None if whole == 0 else float((part / whole).quantize(Decimal("0.1"), ROUND_HALF_UP))


_OURS = _l("Regla de Aula Norte.")
_SERIES = _l(
    "Serie que ya publica un organismo garante del norte (idaip.org.mx, 9 de enero de 2020); la regla de conteo es de "
    "Aula Norte."
)
_ACCREDITED = _l(
    "Acreditaciones cuyo día cae en el periodo, hasta el corte, en el estado del sujeto obligado de ese día. De una "
    "acreditación corregida cuenta solo la última corrección, y no cuenta aquella cuya constancia se revocó."
)
_PADRON = _l("Sujetos obligados que existieron al menos un día del periodo, hasta el corte.")
_ENROLMENTS = _l("Inscripciones, en el estado del sujeto obligado del día de la inscripción.")

DEFINITIONS: dict[str, Definition] = {
    found.key: found
    for found in (
        Definition(
            "trained_people",
            _l("Personas capacitadas"),
            _l("Personas distintas con al menos una participación acreditada en el periodo. Cada una cuenta una vez."),
            None,
            _ACCREDITED,
            _OURS,
            "people",
        ),
        Definition(
            "participations",
            _l("Participaciones"),
            _l("Una persona que acredita una acción de capacitación. Quien acredita dos cursos cuenta dos veces."),
            None,
            _ACCREDITED,
            _SERIES,
            "participations",
        ),
        Definition(
            "person_hours",
            _l("Horas-persona"),
            _l("Suma de las horas de las participaciones del periodo."),
            None,
            _ACCREDITED,
            _OURS,
            "hours",
        ),
        Definition(
            "covered",
            _l("Sujetos obligados cubiertos"),
            _l(
                "Sujetos obligados del padrón con al menos una persona acreditada en el periodo que estaba adscrita a "
                "ellos el día de la acreditación."
            ),
            _l("El padrón del periodo."),
            _PADRON,
            _OURS,
            "obliged-subjects",
        ),
        Definition(
            "coverage_rate",
            _l("Cobertura"),
            _l("Sujetos obligados cubiertos."),
            _l("El padrón del periodo."),
            _PADRON,
            _OURS,
            "percent",
        ),
        Definition(
            "actions",
            _l("Acciones de capacitación"),
            _l("Cursos en línea con al menos una inscripción hecha en el periodo."),
            None,
            _ENROLMENTS,
            _SERIES,
            "actions",
        ),
        Definition(
            "enrolled",
            _l("Inscripciones"),
            _l("Inscripciones hechas en el periodo, hasta el corte."),
            None,
            _ENROLMENTS,
            _OURS,
            "enrolments",
        ),
        Definition(
            "in_progress",
            _l("En curso"),
            _l("Inscripciones hechas hasta el corte, en cualquier periodo, sin concluir y con plazo vigente al corte."),
            None,
            _ENROLMENTS,
            _OURS,
            "enrolments",
        ),
        Definition(
            "overdue",
            _l("Con plazo terminado"),
            _l("Inscripciones cuyo plazo terminó en el periodo y que no se habían concluido al corte."),
            None,
            _ENROLMENTS,
            _OURS,
            "enrolments",
        ),
        Definition(
            "concluded",
            _l("Concluidas"),
            _l("Inscripciones que se concluyeron en el periodo, hasta el corte, sin importar cuándo se hicieron."),
            None,
            _ENROLMENTS,
            _OURS,
            "enrolments",
        ),
        Definition(
            "completion_rate",
            _l("Eficiencia terminal"),
            _l("De las inscripciones del denominador, las concluidas al corte, aunque haya sido antes del periodo."),
            _l("Inscripciones cuyo plazo terminó en el periodo, hasta el corte."),
            _ENROLMENTS,
            _OURS,
            "percent",
        ),
        Definition(
            "approval_rate",
            _l("Tasa de aprobación"),
            _l("De las inscripciones del denominador, las que aprobaron alguno de esos exámenes."),
            _l("Inscripciones con al menos un examen entregado en el periodo, hasta el corte."),
            _ENROLMENTS,
            _OURS,
            "percent",
        ),
        Definition(
            "gain",
            _l("Ganancia"),
            _l(
                "Suma, en puntos de 0 a 10, de la diferencia entre el primer examen y el diagnóstico de la misma "
                "inscripción. El primero, porque en los siguientes ya se conocen preguntas."
            ),
            _l("n: las inscripciones con diagnóstico y con primer examen entregado en el periodo."),
            _ENROLMENTS,
            _OURS,
            "points",
        ),
    )
}

UNITS: dict[Unit, LazyString] = {
    "actions": _l("acciones"),
    "enrolments": _l("inscripciones"),
    "participations": _l("participaciones"),
    "people": _l("personas"),
    "hours": _l("horas"),
    "obliged-subjects": _l("sujetos obligados"),
    "percent": _l("%"),
    "points": _l("puntos de 0 a 10"),
}
