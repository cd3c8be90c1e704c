"""A question asked, answered, confirmed and hidden, and an announcement read, by keyboard alone and judged by axe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import DESK, PHONE, enter
from tests.browser.taking import COURSE, course
from tests.browser.test_pages import look
from tests.servers import Server
from webapp.demo.people import HOST

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LESSON = course().lesson_steps[0].key
REACH = """name => {
  const at = document.activeElement;
  return Boolean(at) && (at.textContent.trim() === name || at.name === name);
}"""


@pytest.fixture(params=[PHONE, DESK], ids=["360", "1280"])
def window(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=server.url, viewport=request.param, locale="es-MX", reduced_motion="reduce")
    yield opened
    opened.close()


def another_window(browser: Browser, server: Server, page: Page) -> BrowserContext:
    """A browser of somebody else, as large as that of `page`."""
    return browser.new_context(
        base_url=server.url, viewport=page.viewport_size, locale="es-MX", reduced_motion="reduce"
    )


def reach(page: Page, name: str) -> None:
    """Press Tab until what has that text, or that name as a field, has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate(REACH, name):
            return
    raise AssertionError(f"Tab never comes to {name!r} on {page.url}")


def press(page: Page, name: str) -> None:
    reach(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def write(page: Page, field: str, words: str) -> None:
    reach(page, field)
    page.keyboard.type(words)


def test_a_question_goes_its_way_by_keyboard(window: BrowserContext, browser: Browser, server: Server) -> None:
    page = window.new_page()
    enter(page, f"participante@{HOST}")
    words = f"¿Y si no hay nada? {page.viewport_size}"
    page.goto(f"{COURSE}/{LESSON}")
    link = page.locator("aside .shortcut")
    expect(link).to_contain_text("Preguntas de esta lección (")
    press(page, link.inner_text().strip())
    press(page, "Preguntar")  # with nothing written
    expect(page.locator(".error-summary")).to_be_focused()
    complaints = look(page, "an empty question")
    write(page, "body", words)
    press(page, "Preguntar")
    page.wait_for_url("**/preguntas/*")
    expect(page.locator(".post--asked")).to_contain_text(words)
    asked = page.url
    complaints += look(page, "a question of one's own")
    write(page, "body", "Ya lo encontré: se dice que no hay.")
    press(page, "Responder")
    expect(page.get_by_role("button", name="Retirar mi respuesta")).to_be_visible()
    complaints += look(page, "a question with an answer")

    desk = another_window(browser, server, page)
    teaching = desk.new_page()
    enter(teaching, f"instruccion@{HOST}")
    teaching.goto(asked)
    press(teaching, "Confirmar que es correcta")
    expect(teaching.get_by_text("Confirmada por el equipo")).to_be_visible()
    complaints += look(teaching, "a confirmed answer")
    press(teaching, "Ocultar la pregunta")
    write(teaching, "reason", "No trata de la lección")
    complaints += look(teaching, "the form that hides")
    press(teaching, "Ocultar")
    teaching.wait_for_url(asked)
    desk.close()
    page.goto(asked)
    expect(page.get_by_text("No trata de la lección")).to_be_visible()
    complaints += look(page, "a hidden question of one's own")
    assert complaints == []


def test_an_announcement_is_sent_and_read_by_keyboard(window: BrowserContext, browser: Browser, server: Server) -> None:
    teaching = window.new_page()
    enter(teaching, f"instruccion@{HOST}")
    teaching.goto(f"/estudio{COURSE}/avisos")
    title = f"Cambia el plazo {teaching.viewport_size}"
    write(teaching, "title", title)
    write(teaching, "body", "Ahora es el viernes.")
    press(teaching, "Enviar el aviso")
    teaching.wait_for_url("**/estudio/avisos/*")
    complaints = look(teaching, "an announcement that was sent")
    expect(teaching.locator(".progress__text")).to_contain_text("0 de")

    home = another_window(browser, server, teaching)
    page = home.new_page()
    enter(page, f"participante@{HOST}")
    page.goto("/mis-cursos")
    press(page, page.locator("aside .shortcut").inner_text().strip())
    page.wait_for_url("**/avisos")
    complaints += look(page, "announcements, one unread")
    card = page.locator(".post", has_text=title)
    expect(card.get_by_text("Sin leer")).to_be_visible()
    press(page, "Marcar como leído")
    expect(card.get_by_text("Sin leer")).to_have_count(0)
    complaints += look(page, "announcements")
    home.close()
    assert complaints == []
