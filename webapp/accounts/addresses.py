"""E-mail addresses as this platform keeps them."""

from __future__ import annotations

import email_validator

LONGEST = 254


def normal_address(text: str) -> str | None:
    """The address in lower case and plain ASCII, or None when it cannot be one. Looks nothing up on the network.

    Reserved domains (`.example`, `.test`) pass: they do no harm, and demonstrations and tests live there.
    """
    try:
        found = email_validator.validate_email(
            text.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except email_validator.EmailNotValidError:
        return None
    address = (found.ascii_email or "").lower()
    return address if 0 < len(address) <= LONGEST else None
