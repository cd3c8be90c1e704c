"""The first visit to a lesson in Chromium, with nothing kept from before: requests, bytes, and to whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Page, sync_playwright

from tests.bench import package
from tests.bench.browser import Browser
from tests.bench.servers import APPLICATION, run
from tests.bench.stage import Learner, Stage
from tests.bench.table import Row
from tests.setup.tools import chromium

LESSONS = {
    "the real course": f"/cursos/{package.REAL_SLUG}/por-que-importa",
    "course of 30 steps": f"/cursos/{package.SLUG}/leccion-1-1",
}
MOST_REQUESTS, MOST_BYTES = 8, 60_000


def measure(folder: Path) -> Iterator[Row]:
    """A phone's first visit, read to the end, so that pictures which load late are counted too."""
    stage = Stage(folder)
    learner = stage.learners(1, package.SLUG, package.REAL_SLUG)[0]
    with run(APPLICATION, stage.environment) as ours, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for name, path in LESSONS.items():
            context = browser.new_context(viewport={"width": 360, "height": 740}, locale="es-MX")
            context.add_cookies([{"name": "s", "value": learner.entry.cookie, "url": ours.url}])
            found = _visit(context.new_page(), f"{ours.url}{path}", learner)
            context.close()
            foreign = {urlsplit(url).netloc for url in found} - {urlsplit(ours.url).netloc}
            yield Row(
                f"first visit to a lesson, {name}: requests",
                f"<= {MOST_REQUESTS}, no third party",
                f"{len(found)}, {len(foreign)} third parties",
                len(found) <= MOST_REQUESTS and not foreign,
            )
            size = sum(found.values())
            yield Row("the same: bytes over the wire", "<= 60 kB", f"{size / 1000:.1f} kB", size <= MOST_BYTES)
        browser.close()


def _visit(page: Page, url: str, learner: Learner) -> dict[str, int]:
    """Every address that was asked for, with the bytes of its answer as they came over the wire, headers included."""
    devtools = page.context.new_cdp_session(page)
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def asked(event: dict[str, Any]) -> None:
        addresses[event["requestId"]] = event["request"]["url"]

    def arrived(event: dict[str, Any]) -> None:
        sizes[event["requestId"]] = int(event["encodedDataLength"])

    devtools.on("Network.requestWillBeSent", asked)
    devtools.on("Network.loadingFinished", arrived)
    devtools.send("Network.enable")
    page.goto(url, wait_until="networkidle")
    page.keyboard.press("End")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    found = {f"{address}": sizes.get(number, 0) for number, address in addresses.items()}
    icon = page.locator("link[rel=icon]").get_attribute("href") or ""
    if icon and urljoin(url, icon) not in found:  # a browser without a screen shows no icon, so it asks for none
        with Browser(url, learner.entry) as hand:
            found[urljoin(url, icon)] = len(hand.get(icon).body)
    return found
