"""The two doors: a file of questions becomes a bank, and a bank becomes a file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from webapp.coursepack.banks import gift, moodle, sheet
from webapp.coursepack.banks.neutral import LARGEST, Fault, Faulty, Found, Json, LeftOut, Source, decode
from webapp.coursepack.markdown import Context
from webapp.coursepack.model import Asset, Bank, Norm
from webapp.coursepack.problems import Report, severity_of
from webapp.coursepack.questions import compile_question
from webapp.coursepack.schema import QUIZ
from webapp.coursepack.yamltext import parse

ExportKind = Literal["gift", "moodle", "xlsx"]
_MINUTES_EACH = 1.5
_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Imported:
    """What came of a file of questions.

    `text` is the bank as `quizzes/<name>.yaml` ("" when there is any fault: all or nothing); `questions` how many it
    holds. `left_out` could not be represented; `notes` were changed on the way. `assets` are images that came inside,
    by their path in the package.
    """

    kind: str
    text: str
    questions: int
    faults: tuple[Fault, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[Fault, ...]
    assets: Mapping[str, bytes]

    @property
    def ok(self) -> bool:
        return bool(self.text)


@dataclass(frozen=True)
class Exported:
    """A bank as a file, and what that file could not hold."""

    data: bytes
    extension: str
    media_type: str
    left_out: tuple[LeftOut, ...]


def kind_of(data: bytes, filename: str) -> str:
    """Which format a file of questions is in, by its content first: "gift", "moodle" or "xlsx"."""
    if data.startswith(b"PK\x03\x04") or filename.casefold().endswith((".xlsx", ".xls")):
        return "xlsx"
    head = data[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return "moodle" if head.startswith((b"<?xml", b"<quiz", b"<!")) else "gift"


def import_bank(
    data: bytes,
    filename: str,
    *,
    title: str = "",
    skip_unsupported: bool = False,
    norms: Mapping[str, Norm] | None = None,
) -> Imported:
    """Make a bank of a file of questions, all or nothing.

    A question that cannot be represented is a fault, unless `skip_unsupported` says to go on without it. `norms` prove the
    sources that a file names.
    """
    kind = kind_of(data, filename)
    if not data.strip():
        return _refused(kind, Fault("empty", f"El archivo «{filename}» está vacío."))
    if len(data) > LARGEST:
        size = f"{len(data) / 1024 / 1024:.1f}"
        return _refused(kind, Fault("too_large", f"«{filename}» mide {size} MB; un banco cabe en 5 MB. Pártelo."))
    try:
        found = sheet.read(data) if kind == "xlsx" else (moodle if kind == "moodle" else gift).read(decode(data))
    except Faulty as error:
        return _refused(kind, Fault(error.code, error.message))
    return _assemble(kind, found, title or _title(filename), skip_unsupported, norms or {})


def _refused(kind: str, fault: Fault) -> Imported:
    return Imported(kind, "", 0, (fault,), (), (), {})


def _assemble(kind: str, found: Found, title: str, skip: bool, norms: Mapping[str, Norm]) -> Imported:
    faults = list(found.faults)
    left_out = tuple(LeftOut(s.number, s.place, s.title, s.why) for s in found.sources if s.why)
    if not skip:
        faults += [
            Fault("not_representable", f"La pregunta {_which(one.title)}{one.why}.", one.number, one.place)
            for one in left_out
        ]
    sources = [source for source in found.sources if source.data is not None]
    if not sources and not faults:
        faults.append(Fault("no_questions", "Ninguna pregunta del archivo se puede representar aquí."))
    rows = _named(sources)
    if not faults:
        faults += _proved(rows, sources, found.assets, norms)
    notes = tuple(Fault("changed", note, s.number, s.place) for s in sources for note in s.notes)
    text = "" if faults else bank_text(title, rows)
    return Imported(
        kind, text, 0 if faults else len(rows), tuple(faults), left_out, notes, {} if faults else found.assets
    )


def _which(title: str) -> str:
    return f"«{title[:60]}» " if title else ""


def _named(sources: Sequence[Source]) -> list[Json]:
    """The questions with ids made of their titles, each once; tags that are no keys become such."""
    taken: set[str] = set()
    rows = []
    for source in sources:
        name = base = _slug(source.title)[:60].strip("-") or f"pregunta-{source.number}"
        count = 1
        while name in taken:
            count += 1
            name = f"{base}-{count}"
        taken.add(name)
        data = dict(source.data or {})
        tags = list(dict.fromkeys(slug for slug in (_slug(tag) for tag in data.pop("tags", ())) if slug))[:10]
        rows.append({"id": name, "type": data.pop("type"), **({"tags": tags} if tags else {}), **data})
    return rows


def _slug(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    slug = _NAME.sub("-", bare.casefold()).strip("-")
    return slug if not slug or slug[0].isalpha() else f"p-{slug}"


def _title(filename: str) -> str:
    stem = re.sub(r"\.[A-Za-z]{1,5}$", "", filename.rpartition("/")[2])
    return " ".join(re.sub(r"[_-]+", " ", stem).split())[:120] or "Banco de preguntas"


def _proved(
    rows: Sequence[Json], sources: Sequence[Source], assets: Mapping[str, bytes], norms: Mapping[str, Norm]
) -> list[Fault]:
    """What the reader of the course packages says of each question."""
    known = {path: Asset(path, "image/png", "", len(content)) for path, content in assets.items()}
    faults = []
    for row, source in zip(rows, sources, strict=True):
        report = Report("quizzes/banco.yaml")
        node = parse(bank_text("x", [row]), report)
        read = QUIZ.read(node, report, "banco") if node is not None else None
        for question in read.items("questions") if read is not None else ():
            compile_question(question, Context(norms, known, frozenset()), report)
        faults += [
            Fault(problem.code, problem.message, source.number, source.place)
            for problem in report.in_order()
            if severity_of(problem.code) == "error"
        ]
    return faults


class _Dumper(yaml.SafeDumper):
    """YAML as a person writes it: long texts in blocks, no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text and not re.search(r"[ \t]\n", text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _write_text)


def bank_text(title: str, rows: Sequence[Json]) -> str:
    """The text of `quizzes/<name>.yaml` for these questions."""
    minutes = max(1, min(300, round(_MINUTES_EACH * len(rows))))
    whole = {"title": title, "minutes": minutes, "questions": list(rows)}
    return yaml.dump(whole, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


def export_bank(bank: Bank, kind: ExportKind) -> Exported:
    """Write a bank, answer key included, in the format of another program."""
    if kind == "xlsx":
        data, left_out = sheet.write(bank)
        media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return Exported(data, ".xlsx", media, tuple(left_out))
    text, left_out = (gift if kind == "gift" else moodle).write(bank)
    media = "text/plain; charset=utf-8" if kind == "gift" else "application/xml"
    return Exported(text.encode(), ".gift" if kind == "gift" else ".xml", media, tuple(left_out))
