"""Secrets that people and browsers carry, and what the database keeps instead of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import secrets

from flask import current_app

CODE_DIGITS = 6


def new_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def new_token() -> str:
    """A name that cannot be guessed (256 bits)."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of a long random token. It needs no key: it cannot be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed_hash(purpose: str, value: str) -> str:
    """What is kept of something short or guessable (a code, an address): useless without the installation's key."""
    return hmac.new(derived_key(purpose), value.encode(), hashlib.sha256).hexdigest()


def derived_key(purpose: str) -> bytes:
    """A key (32 bytes) of its own for each purpose, from the secret of the installation."""
    return derive(str(current_app.config["SECRET_KEY"]), purpose)


def derive(secret: str, purpose: str) -> bytes:
    return hmac.new(secret.encode(), f"accounts:{purpose}".encode(), hashlib.sha256).digest()


def fernet_key(secret: str, purpose: str) -> bytes:
    """The same as text that `cryptography.fernet` takes."""
    return base64.urlsafe_b64encode(derive(secret, purpose))


def network_of(address: str) -> str:
    """The /24 or /64 that an IP address lies in; "" when there is none."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 64), strict=False))
