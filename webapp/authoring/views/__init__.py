"""Screens of the studio."""

from __future__ import annotations

from webapp.authoring.views import draft, drop, lessons, publishing, studio, teaching
from webapp.authoring.views.blueprint import blueprint

__all__ = ["blueprint", "draft", "drop", "lessons", "publishing", "studio", "teaching"]
