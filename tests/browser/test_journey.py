"""The whole path in a browser: from a link to a constancia that a citizen verifies."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.taking import COURSE, answer_all, course, go_through_lessons, hand_in
from tests.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def register(page: Page, server: Server) -> str:
    """Enrol from the course page as somebody new; returns the address."""
    address = f"nueva{time.time_ns()}@dependencia.example"
    page.goto(COURSE)
    page.get_by_role("link", name="Inscribirme").click()
    page.fill("input[type=email]", address)
    page.keyboard.press("Enter")
    page.wait_for_url("**/entrar/codigo")
    page.fill("[autocomplete=one-time-code]", server.code_for(address))  # sends itself
    page.keyboard.press("Enter")  # and who presses Enter as well does not spend the code twice
    page.wait_for_url("**/registro**")
    page.fill("[name=given_names]", "María José")
    page.fill("[name=first_surname]", "Ñúñez")
    page.fill("[name=second_surname]", "Güirote")
    subject = page.locator("[data-typeahead-url]")
    subject.press_sequentially("finanzas de baja california sur", delay=15)
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.select_option("[name=post]", "titular-ut")
    page.check("[name=accept]")
    page.locator("main form button[type=submit]").last.click()
    return address


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["360", "1280"])
def test_from_a_link_to_a_verified_constancia(browser: Browser, server: Server, size: Any, tmp_path: Any) -> None:
    context = browser.new_context(base_url=server.url, viewport=size, locale="es-MX")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    register(page, server)
    page.wait_for_url(f"**{COURSE}/{course().lesson_steps[0].key}")  # lands inside lesson 1

    go_through_lessons(page)
    page.wait_for_url(f"**{COURSE}/{course().exam}")
    page.get_by_role("link", name="Confirmar mi nombre").click()
    expect(page.locator(".constancia__name")).to_have_text("María José Ñúñez Güirote")
    page.get_by_role("button", name="Sí, así es").click()
    page.get_by_role("button", name="Empezar el examen").click()
    answer_all(page, skip=2)
    expect(page.locator("[data-saved]")).to_contain_text("Guardado")
    hand_in(page)
    expect(page.locator(".score")).to_have_text("90 %")

    with page.expect_download() as download:
        page.get_by_role("link", name="Descargar mi constancia").click()
    download.value.save_as(tmp_path / "constancia.pdf")
    assert (tmp_path / "constancia.pdf").read_bytes().startswith(b"%PDF-")

    page.goto("/mis-constancias")
    code = page.locator("section.constancia").first.get_attribute("id")
    citizen = browser.new_context(base_url=server.url, viewport=size, locale="es-MX").new_page()
    citizen.goto(f"/verificar/{code}")
    expect(citizen.locator(".verdict__word")).to_have_text("VÁLIDA")
    expect(citizen.locator("main")).not_to_contain_text("Güirote")
    citizen.fill("#nombre", "maria jose nunez guirote")
    citizen.get_by_role("button", name="Comparar").click()
    expect(citizen.get_by_text("Coincide", exact=True)).to_be_visible()
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    context.close()


def test_answers_given_without_a_line_are_sent_when_it_comes_back(browser: Browser, server: Server) -> None:
    context = browser.new_context(base_url=server.url, viewport=PHONE, locale="es-MX")
    page = context.new_page()
    register(page, server)
    page.wait_for_url(f"**{COURSE}/**")
    page.goto(f"{COURSE}/{course().lesson_steps[1].key}")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/intentos/*")

    context.set_offline(True)
    answer_all(page)
    expect(page.locator("[data-saved]")).to_contain_text("Sin conexión")
    context.set_offline(False)
    expect(page.locator("[data-saved]")).to_contain_text("Guardado", timeout=20_000)

    page.reload()
    kept = page.locator("[data-question]").evaluate_all(
        "list => list.filter(q => [...q.elements].some(e => e.matches('select') ? e.value : e.checked || "
        "(e.type === 'text' && e.value))).length"
    )
    assert kept == page.locator("[data-question]").count()
    context.close()


def test_the_path_works_without_javascript(browser: Browser, server: Server) -> None:
    context = browser.new_context(base_url=server.url, viewport=PHONE, locale="es-MX", java_script_enabled=False)
    page = context.new_page()
    address = f"sinjs{time.time_ns()}@dependencia.example"
    page.goto(COURSE)
    page.get_by_role("link", name="Inscribirme").click()
    page.fill("input[type=email]", address)
    page.locator("main form button[type=submit]").first.click()
    page.fill("[autocomplete=one-time-code]", server.code_for(address))
    page.locator("main form button[type=submit]").first.click()
    page.fill("[name=given_names]", "Noé")
    page.fill("[name=first_surname]", "Cota")
    page.fill("[name=subject_name]", "Oficina que no está")
    page.check("[name=not_found]")
    page.select_option("[name=state]", label="Baja California Sur")
    page.select_option("[name=post]", "archivo")
    page.check("[name=accept]")
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url(f"**{COURSE}/{course().lesson_steps[0].key}")
    go_through_lessons(page)
    page.get_by_role("link", name="Confirmar mi nombre").click()
    page.get_by_role("button", name="Sí, así es").click()
    page.get_by_role("button", name="Empezar el examen").click()
    answer_all(page)
    page.locator("[data-save-all]").click()
    expect(page.locator("main")).to_contain_text("Tus respuestas están guardadas")
    hand_in(page)
    expect(page.locator(".score")).to_have_text("100 %")
    context.close()
