"""Pages of the format lab."""

from __future__ import annotations

from webapp.formatlab.views import desk, labs, public
from webapp.formatlab.views.blueprint import blueprint

__all__ = ["blueprint", "desk", "labs", "public"]
