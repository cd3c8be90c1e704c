"""What this room refuses, with a stable code and a sentence that names the cause and the way out."""

from __future__ import annotations

from flask_babel import LazyString


class AccountsError(Exception):
    """Something that may not be done with an account. Nothing was changed."""

    def __init__(self, code: str, text: LazyString) -> None:
        super().__init__(code)
        self.code, self.text = code, text
