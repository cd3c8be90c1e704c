"""Pages of the studio."""

from __future__ import annotations

from webapp.authoring.views import studio, teaching
from webapp.authoring.views.blueprint import blueprint

__all__ = ["blueprint", "studio", "teaching"]
