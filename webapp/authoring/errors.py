"""What this room refuses, with a stable code and a sentence that names the cause and the way out."""

from __future__ import annotations

from typing import Any


class DraftError(Exception):
    """An act on a draft that cannot be done."""

    def __init__(self, code: str, text: Any) -> None:
        super().__init__(code)
        self.code, self.text = code, text


class DraftConflict(DraftError):
    """Somebody else changed the same file meanwhile. `path` is the file, `who` the name, for a page that shows both."""

    def __init__(self, path: str, who: str, text: Any) -> None:
        super().__init__("changed_meanwhile", text)
        self.path, self.who = path, who
