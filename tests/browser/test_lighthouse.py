"""Lighthouse at its phone settings: accessibility and good practice everywhere, findable where the public may come."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.lighthouse import addresses, cookies, scores
from tests.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.needs("node")]

ENOUGH = 95


def test_four_pages_are_accessible_and_well_made(page: Page, server: Server) -> None:
    complaints = []
    for name, path in addresses(page).items():
        found, short = scores(server.url + path, cookies(page), ("accessibility", "best-practices"))
        complaints += [f"{name}: {found}, for {short}"] if min(found.values()) < ENOUGH else []
    assert complaints == []


@pytest.mark.parametrize("path", ["/", "/cursos", "/verificar"])
def test_public_pages_can_be_found(server: Server, path: str) -> None:
    found, short = scores(server.url + path, categories=("accessibility", "best-practices", "seo"))
    assert min(found.values()) >= ENOUGH, (found, short)
