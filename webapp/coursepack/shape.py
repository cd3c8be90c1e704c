"""What a YAML file may hold, declared once: the same declaration reads a file and writes its JSON Schema.

Reading never stops at the first problem. What could not be read is left out of the result, and the report says why.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from webapp.coursepack.problems import Report
from webapp.coursepack.yamltext import Mapping, Node, Scalar, Sequence

Schema = dict[str, Any]

KEY = r"[a-z0-9]+(-[a-z0-9]+)*"
KEY_SAYS = "usa minúsculas sin acentos, números y guiones, como «aviso-de-privacidad»"


@dataclass(frozen=True)
class Read:
    """A value that was read, with its line. Of a record: a dict of name → Read; of a list: a list of Read."""

    value: Any
    line: int
    text_line: int = 0

    def get(self, name: str) -> Read | None:
        """Return a field of a record, None when it is absent, null, or could not be read."""
        found = self.value.get(name)
        return found if isinstance(found, Read) else None

    def text(self, name: str, default: str = "") -> str:
        """Return a text field of a record."""
        found = self.get(name)
        return str(found.value) if found else default

    def of(self, name: str, default: Any = None) -> Any:
        """Return the plain value of a field of a record."""
        found = self.get(name)
        return found.value if found else default

    def items(self, name: str) -> list[Read]:
        """Return the items of a list field of a record; none when it is absent."""
        found = self.get(name)
        return list(found.value) if found else []

    def line_of(self, name: str) -> int:
        """Return the line of a field, or of the record when the field is absent."""
        found = self.get(name)
        return found.line if found else self.line


class Shape(ABC):
    """Something that can be read from a node."""

    @abstractmethod
    def read(self, node: Node, report: Report, name: str) -> Read | None:
        """Return the value, or None after reporting why not. `name` is how a message calls it."""

    @abstractmethod
    def json_schema(self) -> Schema:
        """Return the JSON Schema (2020-12) of what this reads."""


def _scalar(node: Node, report: Report, name: str, wanted: str) -> Scalar | None:
    if isinstance(node, Scalar):
        return node
    got = "una lista" if isinstance(node, Sequence) else "un grupo de claves"
    message = f"En «{name}» va {wanted}, y hay {got}; si el texto lleva «: » ponlo entre comillas."
    report.add("wrong_kind", message, node.line)
    return None


@dataclass(frozen=True)
class Text(Shape):
    """A text, without outer space. `pattern` must match all of it; `says` tells people what the pattern wants."""

    longest: int
    shortest: int = 1
    pattern: str = ""
    says: str = ""

    def read(self, node: Node, report: Report, name: str) -> Read | None:
        scalar = _scalar(node, report, name, "un texto")
        if scalar is None:
            return None
        value = scalar.value.strip()
        if len(value) < self.shortest:
            report.add("too_short", f"«{name}» está vacío; escríbelo.", scalar.line)
        elif len(value) > self.longest:
            message = f"«{name}» tiene {len(value)} caracteres y caben {self.longest}; acórtalo."
            report.add("too_long", message, scalar.line)
        elif self.pattern and not re.fullmatch(self.pattern, value):
            report.add("bad_value", f"«{value[:60]}» no sirve como «{name}»: {self.says}.", scalar.line)
        else:
            return Read(value, scalar.line, scalar.text_line)
        return None

    def json_schema(self) -> Schema:
        # A bare 20 or No is a text for us; a general YAML reader takes it for a number or a truth value.
        if self.pattern:
            return {"type": "string", "maxLength": self.longest, "pattern": f"^{self.pattern}$"}
        return {"type": ["string", "number", "boolean"], "minLength": self.shortest, "maxLength": self.longest}


def key(longest: int = 120) -> Text:
    """A name that becomes part of an address or of learner records."""
    return Text(longest, pattern=KEY, says=KEY_SAYS)


@dataclass(frozen=True)
class Choice(Shape):
    """One of a few words."""

    options: tuple[str, ...]

    def read(self, node: Node, report: Report, name: str) -> Read | None:
        scalar = _scalar(node, report, name, "una palabra")
        if scalar is None:
            return None
        value = scalar.value.strip()
        if value in self.options:
            return Read(value, scalar.line, scalar.text_line)
        message = f"«{value[:60]}» no es un valor de «{name}»; escribe uno de estos: {', '.join(self.options)}."
        report.add("bad_value", message, scalar.line)
        return None

    def json_schema(self) -> Schema:
        return {"enum": list(self.options)}


@dataclass(frozen=True)
class Flag(Shape):
    """true or false."""

    def read(self, node: Node, report: Report, name: str) -> Read | None:
        scalar = _scalar(node, report, name, "true o false")
        if scalar is None:
            return None
        value = scalar.value.strip().lower()
        if value in {"true", "false"}:
            return Read(value == "true", scalar.line)
        report.add("bad_value", f"En «{name}» va true o false, y dice «{value[:60]}».", scalar.line)
        return None

    def json_schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Whole(Shape):
    """A whole number within limits."""

    least: int
    most: int

    def read(self, node: Node, report: Report, name: str) -> Read | None:
        scalar = _scalar(node, report, name, "un número entero")
        if scalar is None:
            return None
        if not re.fullmatch(r"-?[0-9]{1,9}", scalar.value.strip()):
            message = f"En «{name}» va un número entero con cifras, y dice «{scalar.value[:60]}»."
            report.add("bad_value", message, scalar.line)
            return None
        value = int(scalar.value)
        if self.least <= value <= self.most:
            return Read(value, scalar.line)
        report.add("out_of_range", f"«{name}» va de {self.least} a {self.most}, y dice {value}.", scalar.line)
        return None

    def json_schema(self) -> Schema:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Number(Shape):
    """A number, read exactly as a Decimal: digits, point for decimals, no commas."""

    least: Decimal | None = None
    most: Decimal | None = None

    def read(self, node: Node, report: Report, name: str) -> Read | None:
        scalar = _scalar(node, report, name, "un número")
        if scalar is None:
            return None
        written = scalar.value.strip()
        if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,10})?", written):
            message = f"En «{name}» va un número sin comas ni unidades, como 1234.5, y dice «{written[:60]}»."
            report.add("bad_value", message, scalar.line)
            return None
        value = Decimal(written)
        if (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            limits = f"de {self.least} a {self.most}" if self.most is not None else f"desde {self.least}"
            report.add("out_of_range", f"«{name}» va {limits}, y dice {written}.", scalar.line)
            return None
        return Read(value, scalar.line)

    def json_schema(self) -> Schema:
        schema: Schema = {"type": "number"}
        if self.least is not None:
            schema["minimum"] = float(self.least)
        if self.most is not None:
            schema["maximum"] = float(self.most)
        return schema


@dataclass(frozen=True)
class Day(Shape):
    """A date as YYYY-MM-DD."""

    def read(self, node: Node, report: Report, name: str) -> Read | None:
        scalar = _scalar(node, report, name, "una fecha")
        if scalar is None:
            return None
        written = scalar.value.strip()
        try:
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
                return Read(date.fromisoformat(written), scalar.line)
        except ValueError:
            report.add("bad_value", f"«{written}» no existe en el calendario; corrige «{name}».", scalar.line)
            return None
        message = f"En «{name}» va una fecha como 2025-03-21 (año-mes-día), y dice «{written[:60]}»."
        report.add("bad_value", message, scalar.line)
        return None

    def json_schema(self) -> Schema:
        return {"type": "string", "format": "date"}


@dataclass(frozen=True)
class Many(Shape):
    """A list of things of one shape. With `unique`, texts that repeat are reported."""

    item: Shape
    least: int = 0
    most: int = 500
    unique: bool = False

    def read(self, node: Node, report: Report, name: str) -> Read | None:
        if not isinstance(node, Sequence):
            message = f"En «{name}» va una lista: cada elemento en su renglón, con guion."
            report.add("wrong_kind", message, node.line)
            return None
        count = len(node.items)
        if count < self.least:
            report.add("too_short", f"«{name}» lleva al menos {self.least} y tiene {count}; agrega más.", node.line)
        if count > self.most:
            report.add("too_long", f"«{name}» lleva a lo más {self.most} y tiene {count}; quita algunos.", node.line)
        items = [self.item.read(item, report, name) for item in node.items[: self.most]]
        found = [item for item in items if item is not None]
        if self.unique:
            _report_repeated(found, report, name)
        return Read(found, node.line)

    def json_schema(self) -> Schema:
        schema: Schema = {"type": "array", "items": self.item.json_schema(), "maxItems": self.most}
        if self.least:
            schema["minItems"] = self.least
        if self.unique:
            schema["uniqueItems"] = True
        return schema


def _report_repeated(items: list[Read], report: Report, name: str) -> None:
    seen = set()
    for item in items:
        if item.value in seen:
            report.add("repeated_item", f"«{item.value}» se repite en «{name}»; deja solo uno.", item.line)
        seen.add(item.value)


@dataclass(frozen=True)
class Field:
    """A field of a record. An optional one may be absent or null. `hint` goes into the JSON Schema."""

    shape: Shape
    hint: str = ""
    required: bool = True


def optional(shape: Shape, hint: str = "") -> Field:
    """A field that may be absent or null."""
    return Field(shape, hint, required=False)


@dataclass(frozen=True)
class Record(Shape):
    """A group of named fields. `noun` is what people call the group ("la pregunta")."""

    noun: str
    fields: MappingABC[str, Field]

    def read(self, node: Node, report: Report, name: str) -> Read | None:
        if not isinstance(node, Mapping):
            message = f"Aquí va {self.noun} con sus claves ({', '.join(self.fields)}), cada una con «: » y su valor."
            report.add("wrong_kind", message, node.line)
            return None
        found: dict[str, Read] = {}
        given: set[str] = set()
        for name_node, value in node.entries:
            given.add(name_node.value)
            read = self._read_field(name_node, value, report)
            if read is not None:
                found[name_node.value] = read
        for required, known in self.fields.items():
            if known.required and required not in given:
                report.add("missing_key", f"En {self.noun} falta «{required}»; agrégala.", node.line)
        return Read(found, node.line)

    def _read_field(self, name: Scalar, value: Node, report: Report) -> Read | None:
        known = self.fields.get(name.value)
        if known is None:
            message = f"En {self.noun} no va «{name.value[:60]}»; {self._advice(name.value)}"
            report.add("unknown_key", message, name.line)
            return None
        if isinstance(value, Scalar) and value.is_null:
            if known.required:
                message = f"En {self.noun} está vacía la clave «{name.value}»; escribe su valor."
                report.add("missing_key", message, name.line)
            return None
        return known.shape.read(value, report, name.value)

    def _advice(self, name: str) -> str:
        close = get_close_matches(name, self.fields, n=1, cutoff=0.6)
        if close:
            return f"¿quisiste escribir «{close[0]}»?"
        return f"quítala, o usa una de estas: {', '.join(self.fields)}."

    def json_schema(self) -> Schema:
        properties = {name: _field_schema(known) for name, known in self.fields.items()}
        return {
            "type": "object",
            "properties": properties,
            "required": [name for name, known in self.fields.items() if known.required],
            "additionalProperties": False,
        }


def _field_schema(known: Field) -> Schema:
    schema = known.shape.json_schema()
    if not known.required:
        schema = {"anyOf": [schema, {"type": "null"}]}
    return {"description": known.hint, **schema} if known.hint else schema


@dataclass(frozen=True)
class OneOf(Shape):
    """A record with exactly one of its fields: `{lesson: …}` or `{check: …}`."""

    noun: str
    fields: MappingABC[str, Field]

    def read(self, node: Node, report: Report, name: str) -> Read | None:
        optional_fields = {word: optional(known.shape, known.hint) for word, known in self.fields.items()}
        found = Record(self.noun, optional_fields).read(node, report, name)
        if found is None:
            return None
        given = isinstance(node, Mapping) and [key.value for key, _ in node.entries if key.value in self.fields]
        if not given or len(given) != 1:
            message = f"En {self.noun} va una sola de estas claves: {' o '.join(self.fields)}."
            report.add("bad_value" if given else "missing_key", message, node.line)
        return found

    def json_schema(self) -> Schema:
        return {"oneOf": [Record(self.noun, {word: known}).json_schema() for word, known in self.fields.items()]}


@dataclass(frozen=True)
class Tagged(Shape):
    """A record whose other fields depend on the word in `tag`."""

    noun: str
    tag: str
    variants: MappingABC[str, MappingABC[str, Field]]
    shared: MappingABC[str, Field] = field(default_factory=dict)

    def read(self, node: Node, report: Report, name: str) -> Read | None:
        if not isinstance(node, Mapping):
            report.add("wrong_kind", f"Aquí va {self.noun} con sus claves, cada una con «: » y su valor.", node.line)
            return None
        tag = next((value for key, value in node.entries if key.value == self.tag), None)
        if not isinstance(tag, Scalar) or tag.is_null:
            message = f"En {self.noun} falta «{self.tag}»; escribe uno de estos: {', '.join(self.variants)}."
            report.add("missing_key", message, node.line)
            return None
        variant = self.variants.get(tag.value.strip())
        if variant is None:
            message = f"«{tag.value[:60]}» no es un tipo de {self.noun.split()[-1]}; hay {', '.join(self.variants)}."
            report.add("unknown_type", message, tag.line)
            return None
        return self._record(tag.value.strip(), variant).read(node, report, name)

    def _record(self, word: str, variant: MappingABC[str, Field]) -> Record:
        return Record(self.noun, {self.tag: Field(Choice((word,))), **self.shared, **variant})

    def json_schema(self) -> Schema:
        return {"oneOf": [self._record(word, variant).json_schema() for word, variant in self.variants.items()]}


@dataclass(frozen=True)
class Named(Shape):
    """A group whose keys the author chooses, all values of one shape."""

    item: Shape
    pattern: str
    says: str
    least: int = 1
    most: int = 50

    def read(self, node: Node, report: Report, name: str) -> Read | None:
        if not isinstance(node, Mapping):
            report.add("wrong_kind", f"En «{name}» van claves, cada una con «: » y su contenido debajo.", node.line)
            return None
        if not self.least <= len(node.entries) <= self.most:
            message = f"«{name}» lleva de {self.least} a {self.most} claves y tiene {len(node.entries)}."
            report.add("out_of_range", message, node.line)
        found: dict[str, Read] = {}
        for key_node, value in node.entries[: self.most]:
            if not re.fullmatch(self.pattern, key_node.value):
                report.add("bad_value", f"«{key_node.value[:60]}» no sirve como clave: {self.says}.", key_node.line)
            read = self.item.read(value, report, key_node.value)
            if read is not None:
                found[key_node.value] = read
        return Read(found, node.line)

    def json_schema(self) -> Schema:
        return {
            "type": "object",
            "patternProperties": {f"^{self.pattern}$": self.item.json_schema()},
            "additionalProperties": False,
            "minProperties": self.least,
            "maxProperties": self.most,
        }


@dataclass(frozen=True)
class TextOr(Shape):
    """A plain text, or a record where the author has more to say."""

    text: Text
    record: Record

    def read(self, node: Node, report: Report, name: str) -> Read | None:
        shape: Shape = self.text if isinstance(node, Scalar) else self.record
        return shape.read(node, report, name)

    def json_schema(self) -> Schema:
        return {"anyOf": [self.text.json_schema(), self.record.json_schema()]}
