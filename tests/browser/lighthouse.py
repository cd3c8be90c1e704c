"""What Lighthouse says of four pages at its phone settings: `python -m tests.browser.lighthouse` prints the scores.

The score for speed depends on the machine, so no test asks for it; `test_lighthouse.py` holds the other three.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import chromium, enter
from tests.browser.taking import COURSE, course
from tests.installations import installation, prepare
from tests.servers import ROOT, add_demo_people, serve
from webapp.demo.people import HOST

LIGHTHOUSE = ROOT / "node_modules" / "lighthouse" / "cli" / "index.js"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


def addresses(page: Page) -> dict[str, str]:
    """The pages to judge, as paths; `page` stays signed in as a learner, with a quiz begun."""
    enter(page, f"participante@{HOST}")
    lesson, check = course().lesson_steps[0].key, course().lesson_steps[1].key
    page.goto(f"{COURSE}/{check}")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/intentos/*")
    quiz = page.url.partition("/intentos/")[2].partition("#")[0]
    return {"home": "/", "course": COURSE, "lesson": f"{COURSE}/{lesson}", "quiz": f"/intentos/{quiz}"}


def cookies(page: Page) -> str:
    """The header that makes another browser the one of `page`."""
    return "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in page.context.cookies())


def scores(url: str, cookie: str = "", categories: tuple[str, ...] = CATEGORIES) -> tuple[dict[str, int], list[str]]:
    """Lighthouse's scores of a page, 0 to 100, and the audits that keep one from 100."""
    with tempfile.TemporaryDirectory() as folder:
        headers = Path(folder) / "headers.json"
        headers.write_text(json.dumps({"Cookie": cookie} if cookie else {}))
        output = Path(folder) / "report.json"
        # Into a file: a pipe would stay open as long as a browser that Lighthouse left behind.
        subprocess.run(
            ["node", str(LIGHTHOUSE), url, "--quiet", "--output=json", f"--output-path={output}",
             f"--only-categories={','.join(categories)}", f"--extra-headers={headers}",
             "--chrome-flags=--headless=new --no-sandbox"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=120,
            env={**os.environ, "CHROME_PATH": str(chromium())},
        )  # fmt: skip
        report: dict[str, Any] = json.loads(output.read_text())
    found = {name: round((report["categories"][name]["score"] or 0) * 100) for name in categories}
    weighed = {
        audit["id"] for name in categories for audit in report["categories"][name]["auditRefs"] if audit["weight"] > 0
    }
    short = [name for name in weighed if (score := report["audits"][name]["score"]) is not None and score < 1]
    return found, sorted(short)


def main() -> None:
    """Print the scores of each page on a server with demo people."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        with installation(prepare("sqlite", Path(folder)), Path(folder) / "data") as app:
            add_demo_people(app, people=30)
        with serve(Path(folder) / "data") as server:
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            page = browser.new_context(base_url=server.url, locale="es-MX").new_page()
            for name, path in addresses(page).items():
                public = name in ("home", "course")
                found, short = scores(server.url + path, "" if public else cookies(page))
                line = "  ".join(f"{category} {score}" for category, score in found.items())
                print(f"{name:<8} {line}  {', '.join(short)}", flush=True)
            browser.close()


if __name__ == "__main__":
    main()
