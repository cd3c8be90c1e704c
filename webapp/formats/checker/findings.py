"""Gathers findings: turns a fault into the sentence of its rule, and closes lists that grow too long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from webapp.formats import layout
from webapp.formats.checker.values import shown, text_of
from webapp.formats.model import Finding, Rule, Value, address

MOST_PER_COLUMN = 1_000  # findings of one rule in one column that are given one by one; the rest are counted
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Fault:
    """What is wrong with a value: the rule it breaks and what its sentence says besides the value."""

    code: str
    parts: Mapping[str, str] = field(default_factory=lambda: _NONE)


class Findings:
    """The findings of one check. Faults of rules that do not hold for the format are left out."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self._rules = rules
        self._found: list[Finding] = []
        self._times: Counter[tuple[str, str, int | None]] = Counter()
        self._names: dict[tuple[str, str, int | None], str] = {}

    def add(
        self, fault: Fault, sheet: str = "", row: int | None = None, column: int | None = None,
        value: Value = None, name: str = "",
    ) -> None:  # fmt: skip
        """Say that `fault` is at a place: `name` is that of its column."""
        rule = self._rules.get(fault.code)
        if rule is None:
            return
        place = (fault.code, sheet, column)
        self._times[place] += 1
        if self._times[place] > MOST_PER_COLUMN:
            self._names[place] = name
            return
        parts = {"value": shown(value), "name": " ".join(name.split()), "sheet": sheet, **fault.parts}
        message = f"{rule.message.format_map(_Parts(parts))}{_where(sheet, row, column)}"
        self._found.append(Finding(fault.code, rule.severity, message, sheet, row, column, text_of(value), name))

    def everything(self) -> tuple[Finding, ...]:
        """All findings: sheets in the order in which they were checked, then what stands above first."""
        order = {finding.sheet: place for place, finding in reversed(list(enumerate(self._found)))}
        found = self._found + [self._rest(place) for place, times in self._times.items() if times > MOST_PER_COLUMN]
        found.sort(key=lambda one: (order[one.sheet], one.row is None and one.times > 1, one.row or 0, one.column or 0))
        return tuple(found)

    def _rest(self, place: tuple[str, str, int | None]) -> Finding:
        code, sheet, column = place
        rule, more = self._rules[code], self._times[place] - MOST_PER_COLUMN
        message = f"{rule.title}: {more:,} más, además de los primeros {MOST_PER_COLUMN:,}"
        return Finding(
            code, rule.severity, f"{message}{_where(sheet, None, column)}", sheet, None, column,
            field=self._names[place], times=more,
        )  # fmt: skip


class _Parts(dict[str, str]):
    """Leaves a place of a sentence as it is when nothing fills it: a mistyped rule must not stop a check."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def _where(sheet: str, row: int | None, column: int | None) -> str:
    """The end of a sentence, which says where: the main sheet goes without saying."""
    place = address(row, column)
    kind = "celda" if row is not None and column is not None else "fila" if row is not None else "columna"
    parts = [f"{kind} {place}"] if place else []
    if sheet and (sheet != layout.MAIN_SHEET or not place):
        parts.insert(0, f"hoja «{sheet}»")
    return f" · {', '.join(parts)}" if parts else ""


def together(values: Sequence[str], most: int = 3) -> str:
    """A few values for a sentence."""
    named = ", ".join(f"«{shown(value)}»" for value in values[:most])
    return f"{named} y {len(values) - most} más" if len(values) > most else named
