"""The pages of this room, one file per part of it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)
