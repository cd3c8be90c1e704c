"""A folder of twelve files becomes a published course at a desk, by keyboard alone; and without scripts, by a ZIP."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.authoring.folders import twelve, zipped
from tests.browser.conftest import DESK, enter
from tests.browser.test_pages import AXE, AXE_OPTIONS
from tests.servers import Server
from webapp.demo.people import HOST

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TRAINER = f"instruccion@{HOST}"
SHEET = {
    "summary": "Aprendes a publicar lo que tu oficina debe publicar.",
    "outcomes": "Reconocer qué se publica\nLlenar la plantilla\nRevisar antes de cargar",
    "audience": "Personas que cargan formatos",
}


def reach(page: Page, target: Locator) -> None:
    """Come to it with the tabulator, as somebody without a pointer does."""
    for _ in range(250):
        page.keyboard.press("Tab")
        if target.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"{target} cannot be reached by keyboard")


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    reach(page, target)
    page.keyboard.press(key)


def axe(page: Page) -> list[str]:
    """What axe finds on the page as it is."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("options => axe.run(document, options)", AXE_OPTIONS)
    return [f"{page.url}: {one['id']} {one['nodes'][0]['html'][:120]}" for one in found["violations"]]


def write_sheet(page: Page, by_keyboard: bool) -> None:
    for name, text in SHEET.items():
        if by_keyboard:
            reach(page, page.locator(f"#{name}"))
            page.keyboard.insert_text(text)
        else:
            page.fill(f"#{name}", text)
    if by_keyboard:
        reach(page, page.locator("#topic"))
        page.keyboard.type("Trans")
        box = page.locator("input[name=legal_frame][value=lgtaip-2025]")
        press(page, box, "Space")
        reach(page, page.locator("#cover_alt"))
        page.keyboard.insert_text("Un cuadro gris")
        press(page, page.get_by_role("button", name="Guardar la ficha"))
        return
    page.select_option("#topic", "transparencia")
    page.check("input[name=legal_frame][value=lgtaip-2025]")
    page.fill("#cover_alt", "Un cuadro gris")
    page.click("text=Guardar la ficha")


def test_a_folder_becomes_a_course_by_keyboard_alone(browser: Browser, server: Server, tmp_path: Path) -> None:
    for path, content in twelve().items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    context = browser.new_context(base_url=server.url, viewport=DESK, locale="es-MX", reduced_motion="reduce")
    page = context.new_page()
    enter(page, TRAINER)
    page.goto("/estudio")
    flaws = axe(page)
    press(page, page.get_by_role("link", name="Hacer un curso de una carpeta"))
    page.wait_for_url("**/estudio/nuevo")
    flaws += axe(page)
    folder = page.locator("input[name=folder]")
    reach(page, folder)
    folder.set_input_files(tmp_path / "Transparencia para empezar")  # stands for the dialog of the system
    expect(page.locator("[data-drop-said]")).to_have_text("Elegiste 12 archivos")
    press(page, page.get_by_role("button", name="Proponer el curso"))
    page.wait_for_url("**/estudio/borradores/**")
    flaws += axe(page)
    up = page.locator("[id='step-up.lineamientos']")
    press(page, up)
    page.wait_for_url("**foco=step-up.lineamientos**")
    expect(up).to_be_focused()
    assert page.locator(".tree__step").first.get_attribute("data-step") == "lineamientos"
    reach(page, page.locator("[name='alt:assets/carga-02.png']"))
    page.keyboard.insert_text("Pantalla sin datos")
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("Paso guardado")
    press(page, page.get_by_role("link", name="Completar la ficha"))
    page.wait_for_url("**/ficha")
    flaws += axe(page)
    write_sheet(page, by_keyboard=True)
    expect(page.locator("main")).to_contain_text("Está listo para publicarse")
    press(page, page.get_by_role("link", name="Ver como participante"))
    page.wait_for_url("**/vista")
    flaws += axe(page)
    page.go_back()
    press(page, page.get_by_role("link", name="Publicar", exact=True))
    page.wait_for_url("**/publicar")
    flaws += axe(page)
    press(page, page.get_by_role("button", name="Publicar", exact=True))
    page.wait_for_url("**/cursos/transparencia-para-empezar")
    expect(page.locator("h1")).to_have_text("Transparencia para empezar")
    context.close()
    assert flaws == []


def test_a_zip_becomes_a_course_without_scripts(browser: Browser, server: Server, tmp_path: Path) -> None:
    files = {path.replace("Transparencia para empezar", "Publicar sin guiones"): c for path, c in twelve().items()}
    archive = tmp_path / "curso.zip"
    archive.write_bytes(zipped(files))
    context = browser.new_context(base_url=server.url, viewport=DESK, locale="es-MX", java_script_enabled=False)
    page = context.new_page()
    enter(page, TRAINER)
    page.goto("/estudio/nuevo")
    page.set_input_files("input[name=files]", archive)
    page.click("text=Proponer el curso")
    page.wait_for_url("**/estudio/borradores/**")
    page.fill("[name='alt:assets/carga-02.png']", "Pantalla sin datos")
    page.locator("[name='alt:assets/carga-02.png']").press("Enter")
    page.click("text=Completar la ficha")
    write_sheet(page, by_keyboard=False)
    page.get_by_role("link", name="Publicar", exact=True).click()
    page.get_by_role("button", name="Publicar", exact=True).click()
    page.wait_for_url("**/cursos/publicar-sin-guiones")
    context.close()


def test_a_lesson_is_written_by_keyboard_and_saves_itself(browser: Browser, server: Server) -> None:
    context = browser.new_context(base_url=server.url, viewport=DESK, locale="es-MX", reduced_motion="reduce")
    page = context.new_page()
    enter(page, TRAINER)
    page.goto("/estudio")
    press(page, page.get_by_role("link", name="Empezar un curso en blanco"))
    page.wait_for_url("**/en-blanco")
    flaws = axe(page)
    reach(page, page.locator("#title"))
    page.keyboard.insert_text("Plazos que se cumplen")
    page.keyboard.press("Enter")
    page.wait_for_url("**/borradores/**")
    press(page, page.locator("a[href*='/lecciones/']"))
    page.wait_for_url("**/lecciones/**")
    flaws += axe(page)
    reach(page, page.locator("#summary"))
    page.keyboard.insert_text("Cuentas un plazo sin errores.")
    text = page.locator("#body")
    reach(page, text)
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("La solicitud llega el lunes. ")
    expect(page.locator("[data-shown]")).to_contain_text("La solicitud llega el lunes.")
    page.keyboard.press("Shift+Tab")  # back to the last tool, which is the citation
    page.keyboard.press("Enter")
    expect(page.locator("#cita-q")).to_be_focused()
    page.keyboard.insert_text("21")
    page.keyboard.press("Enter")
    cite = page.locator("[data-cite='lgpdppso-2025 art. 21']")
    expect(cite).to_be_visible()
    flaws += axe(page)
    press(page, cite)
    expect(text).to_be_focused()
    expect(text).to_have_value("La solicitud llega el lunes. [@lgpdppso-2025 art. 21]")
    expect(page.locator("[data-shown]")).to_contain_text("LGPDPPSO, art. 21")
    expect(page.locator("[data-said]")).to_contain_text("Guardado a las")
    page.keyboard.press("Control+Z")
    expect(text).to_have_value("La solicitud llega el lunes. ")
    page.keyboard.press("Control+Y")
    expect(page.locator("[data-said]")).to_contain_text("Guardado a las")
    page.reload()
    expect(text).to_have_value("La solicitud llega el lunes. [@lgpdppso-2025 art. 21]")
    press(page, page.get_by_role("link", name="Historial de la lección"))
    page.wait_for_url("**/historial/**")
    flaws += axe(page)
    context.close()
    assert flaws == []


def test_a_question_is_written_by_keyboard_and_the_lab_picker_is_sound(browser: Browser, server: Server) -> None:
    context = browser.new_context(base_url=server.url, viewport=DESK, locale="es-MX", reduced_motion="reduce")
    page = context.new_page()
    enter(page, TRAINER)
    page.goto("/estudio/en-blanco")
    page.fill("#title", "Preguntas a mano")
    page.keyboard.press("Enter")
    page.wait_for_url("**/borradores/**")
    draft = page.url
    press(page, page.get_by_role("link", name="Escribir un paso nuevo"))
    page.wait_for_url("**/nuevo-paso")
    flaws = axe(page)
    reach(page, page.locator("input[name=kind][value=lesson]"))
    page.keyboard.press("ArrowDown")  # to the check
    reach(page, page.locator("#title"))
    page.keyboard.insert_text("Repaso de plazos")
    press(page, page.get_by_role("button", name="Empezar a escribir"))
    page.wait_for_url("**/bancos/**")
    flaws += axe(page)
    press(page, page.get_by_role("button", name="Agregar pregunta"))
    page.wait_for_url("**/nueva?tipo=**")
    flaws += axe(page)
    for name, text in (
        ("prompt", "¿Cuántos días hay para responder una solicitud?"),
        ("options.0.text", "Veinte días"),
        ("options.0.feedback", "Es el plazo de la ley."),
        ("options.1.text", "Treinta días"),
        ("options.1.feedback", "Ese plazo es de otra cosa."),
        ("options.2.text", "Quince días"),
        ("options.2.feedback", "Es menos de lo que da la ley."),
        ("explanation", "La ley da veinte días."),
        ("source", "lgtaip-2025 art. 134"),
    ):
        reach(page, page.locator(f"[name='{name}']"))
        page.keyboard.insert_text(text)
    reach(page, page.locator("input[name=right]").first)
    page.keyboard.press("Space")
    press(page, page.get_by_role("button", name="Guardar pregunta").first)
    page.wait_for_url(lambda url: "nueva" not in url)
    flaws += axe(page)
    assert "¿Cuántos días hay para responder una solicitud?" in page.inner_text("main"), page.inner_text("main")
    page.goto(f"{draft.partition('?')[0]}/nueva-practica")
    flaws += axe(page)
    reach(page, page.locator("#q"))
    page.keyboard.insert_text("remuner")
    page.keyboard.press("Enter")
    press(page, page.locator("main ul.plain a").first)
    page.wait_for_url("**formato=**")
    flaws += axe(page)
    context.close()
    assert flaws == []
