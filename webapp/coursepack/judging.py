"""What a workbook that was handed in for a lab is worth, and what it shows by rule and column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from webapp.coursepack.filling import compare, fields_of
from webapp.coursepack.model import Lab
from webapp.formats.checker import check
from webapp.formats.model import Format, Key, Report, Rule, Workbook
from webapp.formats.practice import Practice, TooManyErrors, make
from webapp.formats.scoring import score

CONTENT = "content"  # the code of a cell that is not as the case tells
Outcome = Literal["mended", "left", "broken", "wrong"]
OutcomeKey = tuple[str, str, Outcome]  # code, name of the column, what became of it


def practice_of(
    lab: Lab, format: Format, rules: Mapping[str, Rule], seed: int, codes: Collection[str] = ()
) -> Practice:
    """The workbook of a «find» or a «mend». `codes` are the rules that it should practise.

    A load is only rejected for what blocks it, so a «mend» has no other mistakes. Where so many mistakes of `codes` do not
    fit, all kinds come. Raises NotATemplate and TooManyErrors.
    """
    kinds = {code for code, rule in rules.items() if rule.severity == "blocking"} if lab.kind == "mend" else set(rules)
    try:
        return make(format, seed, lab.errors, rules, lab.difficulties, codes=kinds & set(codes or kinds))
    except TooManyErrors:
        if not codes:
            raise
        return make(format, seed, lab.errors, rules, lab.difficulties, codes=kinds)


@dataclass(frozen=True)
class Judged:
    """Whole percent, findings that would keep it from loading, and how often each outcome is there."""

    score: int
    blocking: int
    outcomes: Mapping[OutcomeKey, int]

    def passes(self, lab: Lab, pass_mark: int) -> bool:
        """Whether the lab is passed. To «find» is enough; what is loaded or returned must also be loadable."""
        return self.score >= pass_mark and (lab.kind == "find" or not self.blocking)


def judge_load(lab: Lab, format: Format, rules: Mapping[str, Rule], submitted: Workbook) -> Judged:
    """Judge a template that was filled with what a case tells."""
    filling = compare(lab, format, submitted)
    names = {field.id: field.name for field in format.fields}
    outcomes: Counter[OutcomeKey] = Counter()
    for column, times in filling.wrong.items():
        outcomes[CONTENT, names.get(column, ""), "wrong"] += times
    report = check(submitted, format, rules)
    for finding in report.findings:
        if finding.severity != "info":
            outcomes[finding.code, finding.field, "left"] += finding.times
    return Judged(filling.percent, _blocking(report), dict(outcomes))


def judge_mended(
    format: Format, rules: Mapping[str, Rule], key: Key, handed_out: Workbook, submitted: Workbook
) -> Judged:
    """Judge a workbook whose seeded mistakes were to be mended."""
    found = score(format, key, submitted, rules, handed_out)
    outcomes: Counter[OutcomeKey] = Counter()
    for error in key.errors:
        outcome: Outcome = "mended" if error in found.mended else "left"
        outcomes[error.code, _column_name(format, error.sheet, error.column), outcome] += 1
    for finding in found.broken:
        outcomes[finding.code, finding.field, "broken"] += finding.times
    return Judged(found.percent, _blocking(check(submitted, format, rules)), dict(outcomes))


def _blocking(report: Report) -> int:
    return sum(finding.times for finding in report.findings if finding.severity == "blocking")


def _column_name(format: Format, sheet: str, column: int | None) -> str:
    fields = fields_of(format, sheet)
    field = fields[column] if column is not None and column < len(fields) else None
    return field.name if field is not None else ""
