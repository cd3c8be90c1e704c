"""Packages made by a tool of others are understood as they come."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.packages.outside import EDITIONS, packaged
from webapp.coursepack.interactive import SCORM_FILE, examine

pytestmark = pytest.mark.needs("node")


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_package_of_another_tool_is_read_with_its_version_and_its_mark(edition: str, tmp_path: Path) -> None:
    place = tmp_path / SCORM_FILE
    place.write_bytes(packaged(edition))
    found = examine(place, SCORM_FILE)
    assert (found.standard, found.launch, found.mastery) == (edition.partition("-")[0], "index.html", 80.0)
