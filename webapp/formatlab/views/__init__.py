"""Pages of the format lab."""

from __future__ import annotations

from webapp.formatlab.views import labs, public
from webapp.formatlab.views.blueprint import blueprint

__all__ = ["blueprint", "labs", "public"]
