"""Where the steps are shown that this room knows how to count, but not how to do.

A room above registers the page for steps of a kind; the address of a step leads there, so that outline, requirements
and *Continuar* need not know which rooms there are.
"""

from __future__ import annotations

from flask import Flask, current_app, url_for

from webapp.coursepack.model import Step, StepKind


def init_app(app: Flask) -> None:
    app.extensions["step_pages"] = {}


def show_steps_at(app: Flask, kind: StepKind, endpoint: str) -> None:
    """Let the steps of a kind be done at `endpoint`, which takes `slug` and `key`."""
    app.extensions["step_pages"][kind] = endpoint


def page_of(slug: str, step: Step) -> str | None:
    """The address of the page that a room above gives to a step; None when the step is this room's own."""
    endpoint = current_app.extensions["step_pages"].get(step.kind)
    return None if endpoint is None else url_for(endpoint, slug=slug, key=step.key)
