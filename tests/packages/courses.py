"""A course with one interactive package, published in an installation of a test, and a learner in it."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from tests.coursepack.example import ROOT, SLUG, Example
from webapp.catalog.services import SyncResult, sync
from webapp.core.clock import now
from webapp.core.db import transaction
from webapp.core.storage import storage

KEY = "minigolf"
PAGE = f"/cursos/{SLUG}/{KEY}/interactivo"
REPORTS = "/materiales/registro"


def example_with(folder: Path, content: bytes, file: str = "content.zip", counts: str = "passed") -> Example:
    """The course of the manual with that package as a step."""
    folder.mkdir(exist_ok=True)
    example = Example(folder)
    example.add_package(content, file)
    example.edit("packages/minigolf/package.yaml", "counts: passed", f"counts: {counts}")
    return example


def publish(app: Flask, example: Example) -> SyncResult:
    """Sync the folder of the example; what became of its course."""
    with app.app_context(), transaction() as session:
        results = sync(session, example.folder.parent, storage(), now())
    return next(result for result in results if result.slug == SLUG)


__all__ = ["KEY", "PAGE", "REPORTS", "ROOT", "SLUG", "example_with", "publish"]
