"""Pages of the room: questions, announcements for those enrolled, and what those who teach do with both."""

from __future__ import annotations

from webapp.forum.views import announcements, questions
from webapp.forum.views.blueprint import blueprint

__all__ = ["announcements", "blueprint", "questions"]
