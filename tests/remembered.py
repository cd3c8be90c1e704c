"""What every application of this process would build alike, built once: compiled templates and builders of addresses.

A run makes thousands of applications and a server one, so this is of use to tests alone.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class Templates(BytecodeCache):
    """The code of templates by name and source."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self.codes[bucket.key, bucket.checksum] = bucket.code


TEMPLATES = Templates()


def remember_addresses() -> None:
    """Let two rules that werkzeug would write the same function for share it."""
    write: Callable[[Rule, bool], Callable[..., Any]] = Rule._compile_builder
    written: dict[tuple[object, ...], Callable[..., Any]] = {}

    def builder(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        if rule.defaults:  # they may be written into the function by a converter
            return write(rule, append_unknown)
        key = (rule.rule, append_unknown, *rule._trace)
        if key not in written:
            written[key] = write(rule, append_unknown)
        return written[key]

    Rule._compile_builder = builder  # type: ignore[assignment, method-assign]
