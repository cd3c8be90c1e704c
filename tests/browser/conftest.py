"""Chromium in front of a real server with demo people."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from tests.installations import installation, one_at_a_time, prepare
from tests.servers import Server, add_demo_people, serve
from webapp.demo.people import PASSWORD

PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 900}


def chromium() -> str | None:
    """The browser of this machine; None leaves the choice to Playwright."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A data folder with demo people, made once for the run and copied for each worker."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    source = shared / "demo"
    with one_at_a_time(shared / "demo.lock"):
        if not source.exists():
            with installation(prepare("sqlite", shared), shared / "demo-draft") as app:
                add_demo_people(app, people=30)
            (shared / "demo-draft").rename(source)
    folder = tmp_path_factory.mktemp("server") / "data"
    shutil.copytree(source, folder)
    return folder


@pytest.fixture(scope="session")
def server(demo_folder: Path) -> Iterator[Server]:
    with serve(demo_folder) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=server.url, viewport=PHONE, locale="es-MX")
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


_sessions: dict[str, list[Any]] = {}


def enter(page: Page, email: str) -> None:
    """Be signed in: the first time with the password that demo accounts have, then with the session that this began,
    because the platform slows down whoever signs in too often."""
    if email not in _sessions:
        page.goto("/entrar/clave")
        page.fill("input[type=email]", email)
        page.fill("input[type=password]", PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url(lambda url: "/entrar" not in url)
        _sessions[email] = [
            {"name": cookie["name"], "value": cookie["value"], "domain": cookie["domain"], "path": cookie["path"]}
            for cookie in page.context.cookies()
        ]
    page.context.add_cookies(_sessions[email])
