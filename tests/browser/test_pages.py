"""Every page as every role, on phone and desk, by day and by night: no barrier that axe sees, one heading, unique ids,
nothing that sticks out, also with letters of twice the size."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page

from tests.browser.conftest import DESK, PHONE, enter
from tests.browser.taking import COURSE, course
from tests.servers import Server
from webapp.demo.people import HOST

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE_OPTIONS = {"runOnly": TAGS, "rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}

PUBLIC = (
    "/laboratorio", "/laboratorio/formatos?q=viii", "/laboratorio/reglas",
    "/", "/cursos", COURSE, "/verificar", "/verificar/NO-EXISTE", "/entrar", "/entrar/clave", "/privacidad",
    "/accesibilidad", "/componentes", "/desarrollo/correo", "/no-existe", "/clave/restablecer",
)  # fmt: skip
LESSON, CHECK = course().lesson_steps[0].key, course().lesson_steps[1].key
LEARNER = (
    "/", COURSE, f"{COURSE}/{LESSON}", f"{COURSE}/{CHECK}", f"{COURSE}/{course().exam}", f"{COURSE}/{course().pretest}",
    f"{COURSE}/{LESSON}/preguntas", f"{COURSE}/avisos",
    f"{COURSE}/requisitos", f"{COURSE}/nombre", "/mis-cursos", "/mis-constancias", "/mi-cuenta", "/mi-cuenta/datos",
    "/mi-cuenta/trabajo", "/mi-cuenta/correos", "/mi-cuenta/mis-datos", "/salir",
)  # fmt: skip
PLACES: dict[str, tuple[str, ...]] = {
    f"participante@{HOST}": LEARNER,
    f"instruccion@{HOST}": (
        "/", "/instruccion/intentos", "/mi-cuenta", "/estudio/materiales", "/estudio/materiales?q=nada",
        f"/estudio{COURSE}/dudas", f"/estudio{COURSE}/dudas?lista=ocultas", f"/estudio{COURSE}/avisos",
        f"{COURSE}/{LESSON}/preguntas",
    ),
    f"coordinacion.bcs@{HOST}": (
        "/", "/coordinacion", "/coordinacion/estados", "/coordinacion/estados/MX-BCS",
        "/coordinacion/estados/MX-BCS/inscripciones", "/coordinacion/estados/MX-BCS/faltantes",
        "/coordinacion/definiciones", "/coordinacion/problemas", "/coordinacion/solicitudes",
    ),
    f"region@{HOST}": ("/coordinacion", "/coordinacion/regiones/norte"),
    f"administracion@{HOST}": (
        "/administracion/personas", "/administracion/constancias", "/administracion/tokens", "/coordinacion/solicitudes",
        "/estudio/materiales", "/administracion/materiales",
    ),
}  # fmt: skip


SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture(params=[PHONE, DESK], ids=["360", "1280"])
def window(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=server.url, viewport=request.param, locale="es-MX", reduced_motion="reduce")
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


def test_a_material_and_one_that_is_refused(window: BrowserContext) -> None:
    page = window.new_page()
    enter(page, f"instruccion@{HOST}")
    page.goto("/estudio/materiales")
    cue = f"WEBVTT {uuid4()}\n\n00:01.000 --> 00:02.000\nHola\n".encode()
    upload: list[FilePayload] = [
        {"name": "clase.vtt", "mimeType": "text/vtt", "buffer": cue},
        {"name": "foto.png", "mimeType": "image/png", "buffer": b"GIF89a"},
    ]
    page.set_input_files("[name=files]", upload)
    page.get_by_role("button", name="Subir").click()
    page.get_by_text("foto.png").wait_for()
    complaints = look(page, "materials, one refused")
    page.locator(".alert--success a").first.click()
    page.wait_for_url("**/estudio/materiales/*")
    complaints += look(page, "a material")
    assert complaints == []


def test_pages_one_click_below_the_lists(window: BrowserContext) -> None:
    page = window.new_page()
    enter(page, f"administracion@{HOST}")
    complaints = []
    for path in ("/administracion/personas", "/coordinacion/solicitudes"):
        page.goto(path)
        with page.expect_navigation():
            page.locator(".data__table tbody a").first.click()
        complaints += look(page, page.url)
    assert complaints == []


def test_what_a_form_refuses_is_said_where_it_can_be_read(window: BrowserContext) -> None:
    page = window.new_page()
    page.goto("/entrar")
    page.locator("main form button[type=submit]").first.click()
    complaints = look(page, "/entrar, empty")
    assert page.locator(".error-summary").evaluate("summary => summary === document.activeElement")
    enter(page, f"participante@{HOST}")
    for path, field in (("/mi-cuenta/datos", "given_names"), ("/mi-cuenta/trabajo", "subject_name")):
        page.goto(path)
        page.fill(f"[name={field}]", "")
        page.locator("main form button[type=submit]").first.click()
        page.locator(f"[name={field}][aria-invalid=true]").wait_for()
        complaints += look(page, f"{path}, empty")
    assert complaints == []


@pytest.mark.parametrize("email", [None, *PLACES])
def test_nothing_sticks_out_at_320_px_nor_with_letters_of_twice_the_size(
    browser: Browser, server: Server, email: str | None
) -> None:
    context = browser.new_context(base_url=server.url, viewport={"width": 320, "height": 640}, locale="es-MX")
    page = context.new_page()
    if email:
        enter(page, email)
    complaints = []
    for path in PLACES[email] if email else PUBLIC:
        page.goto(path)
        for size in ("106.25%", "212.5%"):  # what the stylesheet asks for, and twice that
            page.evaluate("size => { document.documentElement.style.fontSize = size }", size)
            over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            skip = page.locator(".skip").evaluate("link => link.getBoundingClientRect().bottom")
            if over > 0 or skip > 0:
                complaints.append(f"{path} at {size}: sticks out by {over} px, the skip link by {skip} px")
    context.close()
    assert complaints == []


def test_progress_is_seen_in_the_colours_that_a_reader_forces(browser: Browser, server: Server) -> None:
    page = browser.new_context(base_url=server.url, viewport=PHONE, forced_colors="active").new_page()
    enter(page, f"participante@{HOST}")
    page.goto(COURSE)
    bar = page.locator(".progress__bar").first
    drawn = []
    for share in ("0", "1"):
        bar.evaluate("(bar, share) => { bar.value = bar.max * share }", share)
        drawn.append(bar.screenshot())
    assert drawn[0] != drawn[1]


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
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        result: Any = page.evaluate("options => axe.run(document, options)", AXE_OPTIONS)
        for violation in result["violations"]:
            targets = json.dumps([node["target"] for node in violation["nodes"]][:3])
            found.append(f"{scheme}, {violation['id']}: {targets}")
    return [f"{name}: {line}" for line in found]
