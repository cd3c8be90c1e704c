"""Addresses that nobody of ours wrote: each is a page that says so, on both engines, and nothing is written."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.learning.learners import COURSE, learner

STRANGE = ("%F0%9F%98%80", "%27--", "%25", "x" * 3000, "..%2f..%2fetc", "%C3%28", "-1", "\u202e")


PLACES = (
    "/cursos/{}",
    "/cursos/{}/x",
    COURSE + "/{}",
    COURSE + "/material/1/{}",
    "/intentos/{}",
    "/intentos/{}/resultado",
    "/mis-constancias/{}.pdf",
    "/verificar/{}",
)


@pytest.mark.parametrize("place", PLACES)
def test_a_strange_address_is_not_found(app: Flask, place: str) -> None:
    found = learner(app)
    found.enrol()
    for strange in STRANGE:
        assert found.client.get(place.format(strange)).status_code in {400, 404}, strange
