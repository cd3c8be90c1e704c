"""Format definitions as data: one YAML file per format, read strictly and written in one way.

A definition lives at `<folder>/<framework>/<version>/<name>.yaml` and its `id` says the same. What stands in a file is
facts of one official template: names, numbers, type codes, catalogues. Every problem names the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

import yaml

from webapp.formats.model import TYPE_CODES, Field, Format, Layout, Mark, Period, Table, Workbook
from webapp.formats.recognition import recognise

FRAMEWORKS_FILE = "frameworks.yaml"
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:/[a-z0-9]+(?:-[a-z0-9]+)*){2}")
_NUMBER = re.compile(r"\d{1,12}")
_FORMAT_KEYS = (
    "id", "article", "fraction", "letter", "name", "short_name", "description", "format_id", "period", "conservation",
    "article_65", "source", "mark", "layout", "fields", "tables",
)  # fmt: skip
_OPTIONAL = {"fraction", "letter", "short_name", "description", "conservation", "article_65", "layout", "tables"}
_FIELD_KEYS = ("id", "type", "name", "header", "required", "table", "catalogue")


class DefinitionError(Exception):
    """A definition that cannot be used; the message names the file and what to mend."""


class UnknownFormat(LookupError):
    """No format, or more than one, goes by that name. `candidates` are ids of formats that come near."""

    def __init__(self, name: str, candidates: Iterable[str]) -> None:
        self.name, self.candidates = name, tuple(candidates)
        near = ", ".join(self.candidates)
        super().__init__(
            f"No hay un solo formato «{name}». " + (f"Puede ser: {near}." if near else "Míralos con list.")
        )


@dataclass(frozen=True)
class Framework:
    """A legal framework: whose formats they are and since when each version of their layout holds.

    `state` is the ISO code ("MX-MIC"), "" for the federation; `articles` leads from an article of the general law to that
    of the state's; `versions` from the name of a version to its legal basis.
    """

    key: str
    label: str
    state: str
    law: str
    articles: Mapping[str, str]
    versions: Mapping[str, str]


class Library:
    """The definitions below a folder, each read when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds `<framework>/<version>/<name>.yaml`. Raises DefinitionError when it does not exist."""
        if not folder.is_dir():
            raise DefinitionError(f"{folder}: no existe la carpeta de definiciones.")
        self.folder = folder
        self._read: dict[str, Format] = {}

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Ids of all formats, from the names of the files, in the order of their laws' fractions."""
        paths = self.folder.glob("*/*/*.yaml")
        return tuple(sorted((path.relative_to(self.folder).with_suffix("").as_posix() for path in paths), key=_order))

    @cached_property
    def formats(self) -> tuple[Format, ...]:
        """Every format. Raises DefinitionError on the first file that is wrong."""
        return tuple(self._load(format_id) for format_id in self.ids)

    @cached_property
    def frameworks(self) -> Mapping[str, Framework]:
        """The legal frameworks by their key. Raises DefinitionError."""
        path = self.folder / FRAMEWORKS_FILE
        with _named(path):
            rows = _keys(_load_yaml(path), ("frameworks", "sources"), set(), FRAMEWORKS_FILE)["frameworks"]
            names = tuple(field.name for field in fields(Framework))
            known = [Framework(**_keys(row, names, set(), "un marco")) for row in _list(rows, "frameworks")]
        return {framework.key: framework for framework in known}

    def get(self, name: str) -> Format:
        """The format with that `Format.id`, tail of one ("viii", "2018/viii") or number in cell A1 ("53405").

        Raises UnknownFormat when none or several go by that name.
        """
        wanted = name.strip().lower()
        if wanted in self.ids:
            return self._load(wanted)
        found = [format_id for format_id in self.ids if format_id.endswith(f"/{wanted}")]
        if not found and _NUMBER.fullmatch(wanted):
            found = [known.id for known in self.formats if known.format_id == wanted]
        if len(found) != 1:
            raise UnknownFormat(name, found or self._near(wanted))
        return self._load(found[0])

    def recognise(self, workbook: Workbook) -> Format | None:
        """The format of a load workbook, None when it is none of these."""
        return recognise(workbook, self.formats)

    def _load(self, format_id: str) -> Format:
        if format_id not in self._read:
            path = self.folder / f"{format_id}.yaml"
            definition = read_format(path)
            if definition.id != format_id:
                raise DefinitionError(f"{path}: el id es «{definition.id}» y la ruta dice «{format_id}».")
            self._read[format_id] = definition
        return self._read[format_id]

    def _near(self, wanted: str) -> list[str]:
        return [format_id for format_id in self.ids if wanted.split("-")[0] in re.split(r"[-/]", format_id)][:8]


def _order(format_id: str) -> tuple[str, ...]:
    framework, version, name = format_id.split("/")
    first, _, rest = name.partition("-")
    return framework, version, f"{roman(first):03d}", rest, name


def roman(text: str) -> int:
    """Value of a Roman number ("XIV" is 14); 999 for what is none, so that it sorts last."""
    values = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
    total = last = 0
    for letter in reversed(text.lower()):
        if letter not in values:
            return 999
        total += values[letter] if values[letter] >= last else -values[letter]
        last = max(last, values[letter])
    return total


def column_name(header: str) -> str:
    """Name of a column without the noise of its header: blanks, the id of its table, the note of when it applies."""
    text = re.sub(r"\n\s*Tabla[_ ]\d+\s*$", "", header)
    text = re.sub(r"^ESTE CRITERIO APLICA .*?->", "", text.strip())
    return " ".join(text.split())


# Reading


def read_format(path: Path) -> Format:
    """Read a definition. Raises DefinitionError that names the file and says what is wrong with it."""
    with _named(path):
        return _format(_load_yaml(path))


def _load_yaml(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Whatever is wrong inside is told with the name of the file."""
    try:
        yield
    except OSError as error:
        raise DefinitionError(f"{path}: no se puede leer ({error.strerror}).") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DefinitionError(f"{path}: no es YAML en UTF-8: {' '.join(str(error).split())}") from error
    except DefinitionError as error:
        raise DefinitionError(f"{path}: {error}") from error


def check_id(format_id: str) -> None:
    """Raise DefinitionError where no definition may go by that id."""
    if not _ID.fullmatch(format_id):
        raise DefinitionError(f"id «{format_id}» debe ser marco/versión/nombre en minúsculas, con números y guiones.")


def _format(raw: Any) -> Format:
    data = _keys(raw, _FORMAT_KEYS, _OPTIONAL, "la definición")
    format_id = str(data["id"])
    check_id(format_id)
    framework, version, _ = format_id.split("/")
    texts = {key: _text(data, key) for key in _FORMAT_KEYS if key not in ("fields", "tables", "layout")}
    definition = Format(
        framework=framework,
        version=version,
        period=_one_of(data["period"], Period, "period"),
        mark=_one_of(data["mark"], Mark, "mark"),
        layout=_one_of(data.get("layout", "load-2018"), Layout, "layout"),
        fields=_columns(data["fields"], "fields"),
        tables=tuple(_table(table) for table in _list(data.get("tables", []), "tables")),
        **{key: text for key, text in texts.items() if key not in ("period", "mark")},
    )
    _check_tables(definition)
    return definition


def _table(raw: Any) -> Table:
    data = _keys(raw, ("id", "fields"), set(), "una tabla")
    return Table(_text(data, "id"), _columns(data["fields"], f"la tabla {data['id']}"))


def _columns(raw: Any, where: str) -> tuple[Field, ...]:
    columns = tuple(_column(column) for column in _list(raw, where))
    ids = [column.id for column in columns]
    twice = sorted({field_id for field_id in ids if ids.count(field_id) > 1})
    if twice:
        raise DefinitionError(f"{where}: id repetido {', '.join(twice)}.")
    return columns


def _column(raw: Any) -> Field:
    data = _keys(raw, _FIELD_KEYS, set(_FIELD_KEYS) - {"id", "type", "name"}, "un campo")
    if data["type"] not in TYPE_CODES.values():
        raise DefinitionError(f"campo {data['id']}: type «{data['type']}» no es uno de {_all(TYPE_CODES.values())}.")
    name = _text(data, "name")
    return Field(
        id=_text(data, "id"),
        type=data["type"],
        name=name,
        header=_text(data, "header") or name,
        catalogue=tuple(str(value) for value in _list(data.get("catalogue", []), "catalogue")),
        table=_text(data, "table"),
        required=data.get("required", False) is True,
    )


def _check_tables(definition: Format) -> None:
    """Every column of type table points to a table, and every table has its column."""
    wanted = [field.table for field in definition.fields if field.type == "table"]
    present = [table.id for table in definition.tables]
    if sorted(wanted) != sorted(present):
        raise DefinitionError(f"las columnas apuntan a las tablas {_all(wanted)} y están definidas {_all(present)}.")


def _keys(raw: Any, known: tuple[str, ...], optional: set[str], what: str) -> Mapping[str, Any]:
    if not isinstance(raw, dict):
        raise DefinitionError(f"{what} debe ser una lista de claves con su valor.")
    extra, missing = set(raw) - set(known), set(known) - optional - set(raw)
    if extra or missing:
        problem = f"no conoce {_all(map(str, extra))}" if extra else f"le falta {_all(missing)}"
        raise DefinitionError(f"{what} {raw.get('id', '')} {problem}.")
    return raw


def _list(raw: Any, where: str) -> list[Any]:
    if not isinstance(raw, list):
        raise DefinitionError(f"{where} debe ser una lista.")
    return raw


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key, "")
    if not isinstance(value, str):
        raise DefinitionError(f"{key} «{value}» debe ir entre comillas, porque es un texto.")
    return value


def _one_of(value: Any, kind: Any, key: str) -> Any:
    if value not in get_args(kind):
        raise DefinitionError(f"{key} «{value}» no es uno de {_all(get_args(kind))}.")
    return value


def _all(words: Iterable[str]) -> str:
    return ", ".join(sorted(words)) or "ninguna"


# Writing


class _Line(dict[str, Any]):
    """A mapping written on one line."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if "\n" in text else None)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(_Line, lambda dumper, line: dumper.represent_mapping("tag:yaml.org,2002:map", line, True))


def write_format(definition: Format, path: Path) -> None:
    """Write a definition in the one way that definitions are written, so that a change shows as few lines."""
    data: dict[str, Any] = {key: getattr(definition, key) for key in _FORMAT_KEYS}
    data |= {
        "fields": [_plain_field(field) for field in definition.fields],
        "tables": [
            {"id": table.id, "fields": [_plain_field(field) for field in table.fields]} for table in definition.tables
        ],
    }
    kept = {key: value for key, value in data.items() if value or key not in _OPTIONAL}
    if definition.layout == "load-2018":
        del kept["layout"]
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.dump(kept, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000)
    path.write_text(text, encoding="utf-8", newline="\n")


def _plain_field(field: Field) -> dict[str, Any]:
    """A field with what differs from the usual; on one line unless it brings a catalogue."""
    data: dict[str, Any] = {"id": field.id, "type": field.type, "name": field.name}
    if field.header != field.name:
        data["header"] = field.header
    if field.required:
        data["required"] = True
    if field.table:
        data["table"] = field.table
    return {**data, "catalogue": list(field.catalogue)} if field.catalogue else _Line(data)
