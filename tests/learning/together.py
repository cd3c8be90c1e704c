"""Doing the same thing from several threads at one moment, as several tabs and people do."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from flask import Flask

from webapp.core.db import db

Result = TypeVar("Result")


def at_once(app: Flask, times: int, act: Callable[[int], Result]) -> list[Result]:
    """Call `act(number)` in `times` threads that begin together, each with a context of its own; the results in order.

    What one of them raises is raised here.
    """
    start = Barrier(times)

    def run(number: int) -> Result:
        with app.app_context():
            try:
                start.wait(30)
                return act(number)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))
