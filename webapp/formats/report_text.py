"""A report for the console: as plain values for programs, as lines for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from webapp.formats.model import Finding, Report, Rule, Unreadable, column_letter
from webapp.formats.report_book import SEVERITIES
from webapp.formats.scoring import Score

MOST_LISTED = 10  # findings of one rule that people are shown; programs get all
NOTICE = "Es un equivalente formativo, no un validador oficial."


def report_values(report: Report, rules: Mapping[str, Rule]) -> dict[str, Any]:
    """`{format, layout, summary, findings}`; rows count from 1, as people see them. `format` is an id or None."""
    counts = dict.fromkeys(SEVERITIES, 0)
    for finding in report.findings:
        counts[finding.severity] += finding.times
    return {
        "format": report.format.id if report.format else None,
        "layout": report.layout,
        "summary": {"rows": report.rows, **counts},
        "findings": [_finding_values(finding, rules) for finding in report.findings],
    }


def _finding_values(finding: Finding, rules: Mapping[str, Rule]) -> dict[str, Any]:
    rule = rules.get(finding.code)
    return {
        "code": finding.code,
        "severity": finding.severity,
        "sheet": finding.sheet,
        "cell": finding.cell,
        "row": None if finding.row is None else finding.row + 1,
        "column": None if finding.column is None else column_letter(finding.column),
        "field": finding.field,
        "value": finding.value,
        "message": finding.message,
        "times": finding.times,
        "title": rule.title if rule else "",
        "mend": rule.mend if rule else "",
    }


def refusal_values(refusal: Unreadable) -> dict[str, Any]:
    """The shape of `report_values` for a file that cannot be checked, with `error: {code, message}`."""
    return {
        "format": None,
        "layout": "unknown",
        "summary": None,
        "findings": [],
        "error": {"code": refusal.code, "message": refusal.message},
    }


def report_lines(report: Report, rules: Mapping[str, Rule]) -> Iterator[str]:
    """What was found, the gravest first and then by rule."""
    known = f"{report.format.name} ({report.format.id})" if report.format else "Formato no reconocido"
    yield f"{known} · {report.rows:,} filas de datos"
    by_code: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        by_code[finding.code].append(finding)
    for severity, name in SEVERITIES.items():
        found = {code: findings for code, findings in by_code.items() if findings[0].severity == severity}
        yield from ("", f"{name}: {_times(finding for findings in found.values() for finding in findings):,}")
        for code, findings in found.items():
            yield from _rule_lines(code, findings, rules)
    yield from ("", NOTICE)


def _times(findings: Iterator[Finding]) -> int:
    return sum(finding.times for finding in findings)


def _rule_lines(code: str, findings: list[Finding], rules: Mapping[str, Rule]) -> Iterator[str]:
    rule = rules.get(code)
    yield f"  {rule.title if rule else code} [{code}]: {_times(iter(findings)):,}"
    for finding in findings[:MOST_LISTED]:
        yield f"    {finding.message}"
    if rest := _times(iter(findings[MOST_LISTED:])):
        yield f"    … y {rest:,} más"
    if rule:
        yield f"    Qué hago: {rule.mend}"


def score_values(score: Score) -> dict[str, Any]:
    """`{percent, seeded, mended, broken, codes, missed, breakages}`, the figures and then what they are made of."""
    return {
        "percent": score.percent,
        "seeded": score.seeded,
        "mended": len(score.mended),
        "broken": score.breakages,
        "codes": {code: {"mended": mended, "seeded": seeded} for code, (mended, seeded) in score.by_code.items()},
        "missed": [vars(missed) for missed in score.missed],
        "breakages": [
            {"code": one.code, "sheet": one.sheet, "cell": one.cell, "message": one.message, "times": one.times}
            for one in score.broken
        ],
    }


def score_lines(score: Score, rules: Mapping[str, Rule]) -> Iterator[str]:
    """The marks of an exercise."""
    yield f"{score.percent} %: de {score.seeded} errores corregiste {len(score.mended)} y agregaste {score.breakages}"
    if score.missed:
        yield from ("", "Lo que faltó")
    for missed in score.missed:
        title = rules[missed.code].title if missed.code in rules else missed.code
        where = f"{missed.sheet} {missed.cell}".strip()
        yield f"  {title} · {where}: dice «{missed.stands}»" + (f", era «{missed.right}»" if missed.right else "")
    if score.broken:
        yield from ("", "Lo que no estaba mal y ahora sí")
    for finding in score.broken:
        yield f"  {finding.message}"
