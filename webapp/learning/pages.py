"""Where the steps are shown that this room knows how to count, but not how to do.

A room above registers the page for steps of a kind; the address of a step leads there, so that outline, requirements
and *Continuar* need not know which rooms there are.
"""

from __future__ import annotations

from flask import Flask

from webapp.coursepack.model import StepKind

PAGES = "step_pages"  # of the application's extensions: endpoint by kind of step


def init_app(app: Flask) -> None:
    app.extensions[PAGES] = {}


def show_steps_at(app: Flask, kind: StepKind, endpoint: str) -> None:
    """Let the steps of a kind be done at `endpoint`, which takes `slug` and `key`."""
    app.extensions[PAGES][kind] = endpoint
