"""Reads the rules of the lab, which are data: whoever coordinates can mend, soften or remove one without code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Any, get_args

from webapp.formats.model import Format, Mark, Rule, Severity

UNPROVED: tuple[Mark, ...] = ("D", "NV")  # marks of what is deduced or not verified; such a rule never blocks
_TEXTS = ("title", "severity", "message", "why", "mend", "example", "mark")
_OPTIONAL = ("frameworks", "versions", "lesson")


class RulesError(ValueError):
    """A file of rules that cannot be used. The message names the file, the rule and what is wrong with it."""


def read_rules(path: Path) -> dict[str, Rule]:
    """The rules of a file by their code, in its order.

    The file holds `sources`, short names with what they stand for, and `rules` by code. Raises RulesError.
    """
    import yaml

    try:
        data = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        sources, rules = dict(data["sources"]), dict(data["rules"])
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise RulesError(f"{path.name}: not a file of rules ({error})") from error
    try:
        return {code: _rule(code, dict(entry), sources) for code, entry in rules.items()}
    except (TypeError, ValueError) as error:
        raise RulesError(f"{path.name}: {error}") from error


def _rule(code: str, entry: dict[str, Any], sources: Mapping[str, str]) -> Rule:
    missing = [name for name in (*_TEXTS, "sources") if not entry.get(name)]
    unknown = set(entry) - {*_TEXTS, *_OPTIONAL, "sources"}
    if missing or unknown:
        raise ValueError(f"{code}: lacks {missing}, has unknown {sorted(unknown)}")
    if entry["severity"] not in get_args(Severity) or entry["mark"] not in get_args(Mark):
        raise ValueError(f"{code}: severity {entry['severity']!r} or mark {entry['mark']!r} is unknown")
    if entry["mark"] in UNPROVED and entry["severity"] == "blocking":
        raise ValueError(f"{code}: what is marked {entry['mark']} cannot block")
    if strange := [name for name in entry["sources"] if name not in sources]:
        raise ValueError(f"{code}: unknown sources {strange}")
    if strange := [name for _, name, _, _ in Formatter().parse(entry["message"]) if name and not name.isidentifier()]:
        raise ValueError(f"{code}: places of the message that are no names: {strange}")
    texts: dict[str, Any] = {name: str(entry[name]).strip() for name in _TEXTS}
    return Rule(
        code=code,
        source="; ".join(f"{name} ({sources[name]})" for name in entry["sources"]),
        frameworks=tuple(entry.get("frameworks", ())),
        versions=tuple(str(version) for version in entry.get("versions", ())),
        lesson=entry.get("lesson", ""),
        **texts,
    )


def holding(rules: Mapping[str, Rule], format: Format | None) -> dict[str, Rule]:
    """The rules that hold for a format; all of those that name no framework and no version when it is not known."""
    framework, version = (format.framework, format.version) if format else ("", "")
    return {
        code: rule
        for code, rule in rules.items()
        if (not rule.frameworks or framework in rule.frameworks) and (not rule.versions or version in rule.versions)
    }
