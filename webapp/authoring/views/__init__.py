"""Screens of the studio."""

from __future__ import annotations

from webapp.authoring.views import banks, draft, drop, labs, lessons, publishing, studio, teaching
from webapp.authoring.views.blueprint import blueprint

__all__ = ["banks", "blueprint", "draft", "drop", "labs", "lessons", "publishing", "studio", "teaching"]
