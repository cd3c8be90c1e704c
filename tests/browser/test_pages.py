"""Every page as every role, at two widths: no barrier that axe sees, one heading, unique ids, nothing sticks out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import DESK, PHONE, enter
from tests.browser.taking import COURSE, course
from tests.servers import Server
from webapp.demo.people import HOST

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

PUBLIC = (
    "/", "/cursos", COURSE, "/verificar", "/verificar/NO-EXISTE", "/entrar", "/entrar/clave", "/privacidad",
    "/accesibilidad", "/componentes", "/desarrollo/correo", "/no-existe", "/clave/restablecer",
)  # fmt: skip
LESSON, CHECK = course().lesson_steps[0].key, course().lesson_steps[1].key
LEARNER = (
    "/", COURSE, f"{COURSE}/{LESSON}", f"{COURSE}/{CHECK}", f"{COURSE}/{course().exam}", f"{COURSE}/{course().pretest}",
    f"{COURSE}/requisitos", f"{COURSE}/nombre", "/mis-cursos", "/mis-constancias", "/mi-cuenta", "/mi-cuenta/datos",
    "/mi-cuenta/trabajo", "/mi-cuenta/correos", "/mi-cuenta/mis-datos", "/salir",
)  # fmt: skip
PLACES: dict[str, tuple[str, ...]] = {
    f"participante@{HOST}": LEARNER,
    f"instruccion@{HOST}": ("/instruccion/intentos",),
    f"coordinacion.bcs@{HOST}": (
        "/coordinacion", "/coordinacion/estados/MX-BCS", "/coordinacion/estados/MX-BCS/inscripciones",
        "/coordinacion/definiciones", "/coordinacion/solicitudes",
    ),
    f"region@{HOST}": ("/coordinacion", "/coordinacion/regiones/norte"),
    f"administracion@{HOST}": (
        "/administracion/personas", "/administracion/constancias", "/administracion/tokens", "/coordinacion/solicitudes",
    ),
}  # fmt: skip


@pytest.fixture(params=[PHONE, DESK], ids=["360", "1280"])
def window(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=server.url, viewport=request.param, locale="es-MX")
    yield opened
    opened.close()


def test_the_judge_of_pages_is_here() -> None:
    assert AXE.exists(), "axe-core is missing: python -m tests.setup gets it"


def test_public_pages(window: BrowserContext) -> None:
    page = window.new_page()
    complaints = [found for path in PUBLIC for found in judge(page, path)]
    assert complaints == []


@pytest.mark.parametrize("email", PLACES)
def test_pages_of(window: BrowserContext, email: str) -> None:
    page = window.new_page()
    enter(page, email)
    complaints = [found for path in PLACES[email] for found in judge(page, path)]
    assert complaints == []


def test_a_quiz_and_its_result(window: BrowserContext) -> None:
    page = window.new_page()
    enter(page, f"participante@{HOST}")
    page.goto(f"{COURSE}/{CHECK}")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/intentos/*")
    complaints = look(page, "quiz")
    page.locator(".button--quiet").first.click()  # all questions on one page
    complaints += look(page, "quiz, all at once")
    page.locator("[data-hand-in] button").first.click()
    page.wait_for_url("**/pendientes")
    complaints += look(page, "unanswered")
    page.get_by_role("button", name="Entregar así").click()
    page.wait_for_url("**/resultado")
    complaints += look(page, "result")
    assert complaints == []


def test_english_pages_are_english(browser: Browser, server: Server) -> None:
    page = browser.new_context(base_url=server.url, viewport=PHONE, locale="en-US").new_page()
    page.goto("/")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.get_by_role("link", name="Verify a certificate").first.is_visible()


def judge(page: Page, path: str) -> list[str]:
    answer = page.goto(path)
    assert answer is not None
    expected = 404 if path in {"/no-existe", "/verificar/NO-EXISTE"} else 200
    found = [f"{path}: status {answer.status}"] if answer.status != expected else []
    return found + look(page, path)


def look(page: Page, name: str) -> list[str]:
    """What is wrong with the page that is open, each as one line."""
    found: list[str] = page.evaluate(
        """() => {
          const bad = [];
          const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
          const double = ids.filter((id, i) => ids.indexOf(id) !== i);
          if (double.length) bad.push('ids twice: ' + double.join(' '));
          const h1 = document.querySelectorAll('h1').length;
          if (h1 !== 1) bad.push(h1 + ' h1');
          if (!document.title.endsWith('· Aula Norte') || document.title.length < 16) bad.push('title: ' + document.title);
          const over = document.documentElement.scrollWidth - window.innerWidth;
          if (over > 0) bad.push('sticks out by ' + over + ' px');
          const hosts = performance.getEntriesByType('resource').map((r) => new URL(r.name).host);
          if (hosts.some((host) => host !== location.host)) bad.push('third party: ' + hosts.join(' '));
          return bad;
        }"""
    )
    page.evaluate(AXE.read_text())  # not a script element: the policy of our pages allows no inline script
    result: Any = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)
    for violation in result["violations"]:
        targets = json.dumps([node["target"] for node in violation["nodes"]][:3])
        found.append(f"{violation['id']}: {targets}")
    return [f"{name}: {line}" for line in found]
