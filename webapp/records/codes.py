"""Names that a constancia goes by: folio and verification code."""

from __future__ import annotations

import secrets

# Crockford's base 32: no I, L, O, U, so that nothing on paper is misread.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 20  # 100 bits
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0"})


def new_code() -> str:
    """A verification code that cannot be guessed."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def clean_code(typed: str) -> str:
    """The code in what a person typed off the paper or pasted from the address of its page: without spaces and hyphens,
    with 0 and 1 where O, I or L was read, and without anything that no code holds."""
    written = typed.strip().rstrip("/").rpartition("/")[2]
    return "".join(char for char in written.upper().translate(_MISREAD) if char in ALPHABET)


def folio(issuer_key: str, year: int, number: int) -> str:
    """ "AULA-NORTE-DEMO-2026-000042"."""
    return f"{issuer_key.upper()}-{year}-{number:06d}"


def mask_name(name: str) -> str:
    """Enough of a name to recognise one's own, too little to collect: "Guadalupe P. Á."."""
    first, *rest = name.split() or [""]
    return " ".join([first, *(f"{word[0]}." for word in rest if word[0].isupper())])
