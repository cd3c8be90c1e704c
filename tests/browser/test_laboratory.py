"""The public laboratory and a lab of a course, driven with real files, by keyboard alone, on a phone and on a desk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.test_pages import look
from tests.formatlab.conftest import COURSE, LOAD, MEND, add_course
from tests.formatlab.hands import practice
from tests.formatlab.test_labs import CELLS
from tests.installations import installation, prepare
from tests.servers import Server, add_demo_people, serve
from webapp.demo.people import HOST, PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["360", "1280"])


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "normatividad.xlsx"
    path.write_bytes(practice().workbook)
    return path


def tab_to(page: Page, selector: str, most: int = 80) -> None:
    """Press Tab until the focus is on what the selector names."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector}")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


@SIZES
def test_a_workbook_is_checked_and_its_marks_are_walked_by_keyboard_alone(
    browser: Browser, server: Server, workbook: Path, size: Any
) -> None:
    context = browser.new_context(base_url=server.url, viewport=size, locale="es-MX", reduced_motion="reduce")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto("/laboratorio")
    tab_to(page, "input[type=file]")
    page.set_input_files("input[type=file]", workbook)  # the dialog of the system is no part of the page
    expect(page.locator("[data-drop-said]")).to_contain_text("normatividad.xlsx")
    tab_to(page, "main form .button--primary")
    page.keyboard.press("Enter")
    page.wait_for_url("**/laboratorio/*")
    assert look(page, "result") == []

    tab_to(page, "[data-sheet-grid] :is(td, th)", most=200)
    start = focused(page)
    page.keyboard.press("n")
    first = focused(page)
    assert first != start and page.locator(f"#{first} .sheet__mark").count() == 1
    page.keyboard.press("n")
    assert focused(page) != first
    page.keyboard.press("p")
    assert focused(page) == first
    page.keyboard.press("ArrowDown")
    assert focused(page)[6:].rstrip("0123456789") == first[6:].rstrip("0123456789") and focused(page) != first
    page.keyboard.press("p")
    page.keyboard.press("Enter")  # what to do
    page.wait_for_function("document.activeElement.id.startsWith('hallazgo-')")
    expect(page.locator(":focus")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="Descargar mi libro anotado").press("Enter")
    assert download.value.suggested_filename == "normatividad-revisado.xlsx"
    page.get_by_role("button", name="Borrarlo ahora").press("Enter")
    expect(page.locator("main")).to_contain_text("ya no existen")
    assert complaints == []
    context.close()


def test_without_scripts_the_marks_are_links(browser: Browser, server: Server, workbook: Path) -> None:
    context = browser.new_context(base_url=server.url, viewport=PHONE, locale="es-MX", java_script_enabled=False)
    page = context.new_page()
    page.goto("/laboratorio")
    page.set_input_files("input[type=file]", workbook)
    page.get_by_role("button", name="Revisar mi libro").click()
    page.wait_for_url("**/laboratorio/*")
    page.locator("a.address").first.click()
    page.wait_for_url("**#celda-*")
    expect(page.locator("[data-sheet-grid] td, [data-sheet-grid] th").first).to_be_visible()
    page.locator(".sheet__mark").first.click()
    page.wait_for_url("**#hallazgo-*")
    context.close()


# --- a lab of a course ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Server]:
    """A server with a course that has labs, and the demo accounts."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    folder = tmp_path_factory.mktemp("school") / "data"
    with installation(prepare("sqlite", shared), folder) as app:
        add_course(app, tmp_path_factory.mktemp("courses"))
        add_demo_people(app, people=0)
    with serve(folder) as running:
        yield running


def enrol(page: Page, email: str) -> None:
    page.goto("/entrar/clave")
    page.fill("input[type=email]", email)
    page.fill("input[type=password]", PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/entrar" not in url)
    page.goto(COURSE)
    page.get_by_role("button", name="Inscribirme").click()
    page.wait_for_load_state()


@pytest.mark.parametrize(
    ("size", "email"), [(PHONE, f"instruccion@{HOST}"), (DESK, f"coordinacion.son@{HOST}")], ids=["360", "1280"]
)
def test_a_load_is_typed_row_by_row_by_keyboard_alone_and_passes(
    browser: Browser, school: Server, size: Any, email: str
) -> None:
    context = browser.new_context(base_url=school.url, viewport=size, locale="es-MX", reduced_motion="reduce")
    page = context.new_page()
    enrol(page, email)
    page.goto(f"{COURSE}/{LOAD}")
    assert look(page, "lab, closed") == []
    page.get_by_role("button", name="Empezar la práctica").press("Enter")
    page.wait_for_load_state()
    assert look(page, "lab, open") == []
    page.get_by_role("link", name="Llenar aquí").press("Enter")
    page.wait_for_url("**/hoja?**")
    for place, text in CELLS.items():
        tab_to(page, f"[name='celda.{place}']", most=120)
        page.keyboard.type(text)
    page.keyboard.press("Tab")
    expect(page.locator("[data-row-saved]")).to_contain_text("Guardado")
    page.reload()
    for place, text in CELLS.items():
        expect(page.locator(f"[name='celda.{place}']")).to_have_value(text)
    assert look(page, "row") == []
    page.get_by_role("button", name="Entregar", exact=True).press("Enter")
    page.wait_for_url("**/entregas/*")
    expect(page.locator(".score")).to_have_text("100 %")
    expect(page.get_by_text("Pasaste: se pedía 90 %.")).to_be_visible()
    assert look(page, "lab result") == []
    context.close()


LONG_ADDRESS = """() => {
  const article = document.querySelector("article.prose");
  const rows = "<tr><td>Documento</td><td>https://arroyoblanco.example/normas/reglamento-de-mercados.pdf</td></tr>";
  article.insertAdjacentHTML("beforeend", `<div class="table-scroll"><table><tbody>${rows}</tbody></table></div>`);
  const table = article.lastElementChild;
  return table.scrollWidth - table.clientWidth;
}"""


def test_an_address_in_the_table_of_a_case_is_read_whole_on_a_phone(browser: Browser, school: Server) -> None:
    """It is what the learner copies into the workbook; in a table of two columns it breaks instead of hiding."""
    context = browser.new_context(base_url=school.url, viewport=PHONE, locale="es-MX", reduced_motion="reduce")
    page = context.new_page()
    enrol(page, f"administracion@{HOST}")
    page.goto(f"{COURSE}/{LOAD}")
    assert page.evaluate(LONG_ADDRESS) == 0
    context.close()


@pytest.mark.parametrize(
    ("size", "email"), [(PHONE, f"region@{HOST}"), (DESK, f"coordinacion.bcs@{HOST}")], ids=["360", "1280"]
)
def test_a_rejected_load_is_downloaded_mended_and_returned(
    browser: Browser, school: Server, size: Any, email: str, tmp_path: Path
) -> None:
    context = browser.new_context(base_url=school.url, viewport=size, locale="es-MX", reduced_motion="reduce")
    page = context.new_page()
    enrol(page, email)
    page.goto(f"{COURSE}/{MEND}")
    page.get_by_role("button", name="Empezar la práctica").click()
    page.wait_for_load_state()
    expect(page.get_by_role("heading", name="Acuse de la carga")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Bajar mi libro").click()
    path = tmp_path / "mio.xlsx"
    download.value.save_as(path)
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Entregar mi libro").click()
    page.wait_for_url("**/entregas/*")
    expect(page.locator(".score")).to_have_text("0 %")
    expect(page.get_by_role("heading", name="Tu siguiente libro")).to_be_visible()
    assert look(page, "rejected again") == []
    context.close()
