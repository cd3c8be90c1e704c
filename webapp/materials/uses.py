"""Where a material is in use, as far as the rooms above have registered it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy.orm import Session

from webapp.materials.models import Material

Uses = Callable[[Session, Material], Iterable[str]]
_registered: list[Uses] = []


def used_by(find: Uses) -> Uses:
    """Register `find(session, material)`, which names in Spanish each place that shows the material (title of a course)."""
    _registered.append(find)
    return find


def places(session: Session, material: Material) -> list[str]:
    """Every place that shows the material."""
    return [place for find in _registered for place in find(session, material)]
