"""What may not be done in this room."""

from __future__ import annotations

from flask_babel import LazyString


class ForumError(Exception):
    """Nothing was changed. `code` is stable, `text` says what is wrong and what to do."""

    def __init__(self, code: str, text: LazyString) -> None:
        super().__init__(code)
        self.code, self.text = code, text
