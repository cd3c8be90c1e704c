"""Every door says who may come in."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

import config
from webapp.accounts.models import STAFF_ROLES
from webapp.app import create_app
from webapp.core.access import mark_of

KINDS = {"public", "signed_in", "role"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application without a database: its routes are known before its tables."""
    folder: Path = tmp_path_factory.mktemp("routes")
    return create_app(config.load({"AULA_DATA_DIR": str(folder)}))


def test_every_route_carries_exactly_one_access_mark(app: Flask) -> None:
    unmarked = []
    for rule in app.url_map.iter_rules():
        mark = mark_of(app.view_functions[rule.endpoint])
        if mark is None or mark.kind not in KINDS:
            unmarked.append(f"{rule} → {rule.endpoint}")
    assert not unmarked


def test_a_role_mark_names_roles_that_exist(app: Flask) -> None:
    marks = {endpoint: mark_of(view) for endpoint, view in app.view_functions.items()}
    named = {role for mark in marks.values() if mark is not None for role in mark.roles}
    assert named <= set(STAFF_ROLES)


def test_a_page_kept_for_visitors_is_public_and_a_get(app: Flask) -> None:
    kept = [rule for rule in app.url_map.iter_rules() if _is_kept(app.view_functions[rule.endpoint])]
    assert kept
    for rule in kept:
        mark = mark_of(app.view_functions[rule.endpoint])
        assert mark is not None and mark.kind == "public", rule.endpoint
        assert (rule.methods or set()) <= {"GET", "HEAD", "OPTIONS"}, rule.endpoint


def _is_kept(view: object) -> bool:
    """Whether `same_for_visitors` stands above the view."""
    code = getattr(view, "__code__", None)
    return code is not None and code.co_qualname.startswith("same_for_visitors")


def test_staff_pages_stand_under_their_own_addresses(app: Flask) -> None:
    """What only staff may see is under /administracion, /coordinacion, /instruccion or /estudio, and nothing else is."""
    staff = ("/administracion", "/coordinacion", "/instruccion", "/estudio")
    for rule in app.url_map.iter_rules():
        mark = mark_of(app.view_functions[rule.endpoint])
        assert mark is not None
        assert (mark.kind == "role") == rule.rule.startswith(staff), f"{rule} is {mark.kind}"
