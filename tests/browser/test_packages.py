"""Interactive packages in Chromium: left and come back to, graded, and kept away from the platform."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from tests.browser.conftest import DESK
from tests.coursepack import parcels
from tests.installations import installation, prepare
from tests.learning.learners import add_person
from tests.packages.courses import PAGE, SLUG, example_with, publish
from tests.packages.outside import EDITIONS, packaged
from tests.servers import Server, serve
from webapp.accounts.identity import SEEN, TOKEN
from webapp.accounts.services import open_session
from webapp.core.clock import now
from webapp.core.db import transaction

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HOSTILE = """<!doctype html><html lang="es"><head><meta charset="utf-8"><title>x</title></head><body><pre id="hallado"></pre>
<script>
const found = {};
const shown = document.getElementById("hallado");
const note = (name, value) => { found[name] = value; shown.textContent = JSON.stringify(found); };
const attempt = (name, act) => { try { note(name, String(act())); } catch (error) { note(name, error.name); } };
attempt("document", () => top.document.title);
attempt("cookie", () => document.cookie);
attempt("storage", () => top.localStorage.length);
attempt("navigate", () => { top.location.href = "https://fuera.example/"; return "tried"; });
const platform = location.ancestorOrigins[location.ancestorOrigins.length - 1];
fetch(platform + "/mi-cuenta", { credentials: "include" })
  .then((r) => note("page", "read " + r.status), (e) => note("page", e.name));
fetch(platform + "/materiales/registro").then((r) => note("report", r.status), (e) => note("report", e.name));
new Image().src = platform + "/cursos";
const pot = document.createElement("iframe"); pot.name = "pot";
const node = document.createElement("form"); node.method = "post"; node.action = platform + "/salir"; node.target = "pot";
document.body.append(pot, node); attempt("form", () => { node.submit(); return "tried"; });
</script></body></html>
"""


class Learner:
    """Somebody signed in, in a course with one package, on a server of its own."""

    def __init__(self, server: Server, browser: Browser, cookie: str) -> None:
        self.server = server
        self.context = browser.new_context(base_url=server.url, viewport=DESK, locale="es-MX")
        self.context.add_cookies([{"name": "s", "value": cookie, "url": server.url}])
        self.page: Page = self.context.new_page()

    def open(self) -> FrameLocator:
        """The package, begun if it is not yet."""
        self.page.goto(PAGE)
        begin = self.page.get_by_role("button", name="Abrir el material")
        if begin.count():
            begin.click()
        return self.page.frame_locator("#material")


@pytest.fixture
def learner(request: pytest.FixtureRequest, browser: Browser, run_folder: Path, tmp_path: Path) -> Iterator[Learner]:
    content, file, counts = request.param
    content = content() if callable(content) else content
    folder = tmp_path / "data"
    with installation(prepare("sqlite", run_folder), folder) as app:
        assert publish(app, example_with(tmp_path / "cursos", content, file, counts)).outcome == "published"
        person = add_person(app)
        with app.app_context(), transaction() as session:
            token = open_session(session, person, "Prueba", "test", now())
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie[TOKEN], cookie[SEEN] = token, int(now().timestamp())
        kept = client.get_cookie("s")
        assert kept is not None
    with serve(folder, AULA_COURSES_DIR=str(tmp_path / "cursos")) as server:
        somebody = Learner(server, browser, kept.value)
        somebody.page.goto(f"/cursos/{SLUG}/inscribirme")
        somebody.page.locator("main form button[type=submit]").first.click()
        yield somebody
        somebody.context.close()


def golf(standard: str) -> tuple[bytes, str, str]:
    return parcels.golf(standard), "content.zip", "passed"


def _anywhere(page: Page, selector: str, seconds: float = 15) -> Locator:
    """The element in whichever frame it is: H5P makes a frame of its own for some types and none for others."""
    for _ in range(int(seconds * 5)):
        for frame in page.frames:
            if frame.locator(selector).count():
                return frame.locator(selector)
        page.wait_for_timeout(200)
    raise AssertionError(f"{selector} is in none of {[frame.url for frame in page.frames]}")


def outside(edition: str) -> tuple[Callable[[], bytes], str, str]:
    """The same course, packaged by a tool of others once it is asked for."""
    return partial(packaged, edition), "content.zip", "passed"


@pytest.mark.parametrize(
    "learner",
    [
        *(pytest.param(golf(standard), id=standard) for standard in ("scorm12", "scorm2004")),
        *(pytest.param(outside(e), id=f"{e}-of-others", marks=pytest.mark.needs("node")) for e in EDITIONS),
    ],
    indirect=True,
)
def test_a_package_is_left_at_page_three_resumed_there_and_passed(learner: Learner) -> None:
    inner = learner.open().frame_locator("#stage iframe")
    for number in (1, 2):
        expect(inner.locator("#titulo")).to_have_text(f"Hoyo {number} de 5")
        inner.locator("#siguiente").click()
    expect(inner.locator("#titulo")).to_have_text("Hoyo 3 de 5")
    learner.page.goto(f"/cursos/{SLUG}")
    inner = learner.open().frame_locator("#stage iframe")
    expect(inner.locator("#titulo")).to_have_text("Hoyo 3 de 5")
    inner.locator("#siguiente").click()
    inner.locator("#siguiente").click()
    inner.locator("#calificar").click()
    expect(learner.page.locator("#estado")).to_contain_text("Sí, cuenta", timeout=15_000)
    expect(learner.page.locator("#estado")).to_contain_text("85")


@pytest.mark.parametrize("learner", [(parcels.h5p(), "content.h5p", "passed")], ids=["h5p"], indirect=True)
def test_an_h5p_is_played_and_its_result_counts(learner: Learner) -> None:
    learner.open()
    expect(learner.page.frame_locator("#material").locator(".h5p-content, .h5p-iframe").first).to_be_attached(
        timeout=15_000
    )
    button = _anywhere(learner.page, "#hecho")
    button.click()
    expect(learner.page.locator("#estado")).to_contain_text("Sí, cuenta", timeout=15_000)


@pytest.mark.parametrize(
    "learner",
    [(parcels.zipped({"imsmanifest.xml": parcels.manifest(), "index.html": HOSTILE}), "content.zip", "view")],
    ids=["hostile"],
    indirect=True,
)
def test_a_hostile_package_reads_nothing_of_the_platform(learner: Learner) -> None:
    inner = learner.open().frame_locator("#stage iframe")
    found = inner.locator("#hallado")
    for said in (
        '"document":"SecurityError"',
        '"cookie":""',
        '"storage":"SecurityError"',
        '"navigate":"SecurityError"',
    ):
        expect(found).to_contain_text(said)
    expect(found).to_contain_text('"page":"TypeError"')
    expect(found).to_contain_text('"report":401')
    assert learner.page.url.endswith(PAGE) or learner.page.url.endswith("#material")
    learner.page.goto("/mis-cursos")
    assert "/entrar" not in learner.page.url, "the form of a package signed somebody out"
