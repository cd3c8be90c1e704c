from __future__ import annotations

from pathlib import Path

import pytest

from webapp.coursepack.model import Course

from .example import Example


@pytest.fixture
def example(tmp_path: Path) -> Example:
    return Example(tmp_path)


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The course of the README, compiled once."""
    return Example(tmp_path_factory.mktemp("courses")).course()
