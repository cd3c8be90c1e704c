"""How a name is written for searching."""

from __future__ import annotations

import re
import unicodedata


def search_key(name: str) -> str:
    """`name` as people type it in a hurry: lower case, no accents, single spaces, punctuation read as a space.

    "Ñ" becomes "n", because not every keyboard has it. Both what is stored and what is asked go through here.
    """
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(re.findall(r"[^\W_]+", plain))
