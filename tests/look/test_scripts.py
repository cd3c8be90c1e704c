"""The small scripts, tried by keyboard in a real browser. Nothing leaves the machine: the test answers each address."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

STATIC = Path(__file__).parents[2] / "webapp" / "static"
SUBJECTS = [
    {"id": 7, "label": "Ayuntamiento de Mulegé", "detail": "Baja California Sur"},
    {"id": 8, "label": "Ayuntamiento de La Paz", "detail": "Baja California Sur"},
]
BODY = """<!doctype html><html lang="es-MX"><title>Prueba</title>
<details data-menu><summary>Menú</summary><a href="#x">Cursos</a></details>
<p>La ley lo dice <a class="cite" href="#cita-1" data-cite="cita-1">LGPDPPSO, art. 21</a> y
<a class="cite" href="#cita-9" data-cite="cita-9">otra sin texto</a>.</p>
<section class="references"><ol><li id="cita-1"><details><summary>LGPDPPSO, art. 21</summary>
<blockquote>Texto exacto.</blockquote><p class="references__norm">DOF</p></details></li></ol></section>
<p class="field"><label for="s">Sujeto obligado</label>
<input id="s" data-typeahead-url="/padron/buscar" data-typeahead-for="sid"><input type="hidden" id="sid" name="sid"></p>
<div hidden><label for="t">Estado</label>
<input id="t" data-typeahead-url="/padron/buscar" data-typeahead-for="state"></div>
<p class="field"><label for="state">Estado (lista)</label><select id="state"><option value=""></option></select></p>
<a href="/cerrar" data-dialog="d">Cerrar sesión</a>
<dialog id="d"><form method="dialog"><button>Cerrar</button></form></dialog>
<script type="module" src="/js/menu.js"></script><script type="module" src="/js/lesson.js"></script>
<script type="module" src="/js/typeahead.js"></script><script type="module" src="/js/dialog.js"></script></html>"""


def _answer(route: Route) -> None:
    path = urlsplit(route.request.url).path
    if path == "/":
        route.fulfill(body=BODY, content_type="text/html; charset=utf-8")
    elif path == "/padron/buscar":
        route.fulfill(body=json.dumps(SUBJECTS), content_type="application/json")
    else:
        route.fulfill(path=STATIC / path.removeprefix("/"), content_type="text/javascript")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    opened.route("**/*", _answer)
    opened.goto("http://aula.example/")
    yield opened
    opened.close()


def _focused(page: Page, expression: str) -> object:
    return page.evaluate(f"document.activeElement.{expression}")


def test_a_citation_opens_its_text_in_place_and_escape_gives_the_focus_back(page: Page) -> None:
    chip = page.locator("[data-cite=cita-1]")
    chip.press("Enter")
    note = page.locator(".cite-note")
    assert note.locator("blockquote").inner_text() == "Texto exacto."
    assert note.get_attribute("aria-label") == "LGPDPPSO, art. 21"
    assert chip.get_attribute("aria-expanded") == "true"
    assert _focused(page, "className") == "cite-note"
    page.keyboard.press("Escape")
    assert note.count() == 0
    assert chip.get_attribute("aria-expanded") == "false"
    assert _focused(page, "dataset.cite") == "cita-1"


def test_a_citation_without_text_stays_a_link(page: Page) -> None:
    chip = page.locator("[data-cite=cita-9]")
    assert chip.get_attribute("role") is None
    chip.click()
    assert page.url.endswith("#cita-9")
    assert page.locator(".cite-note").count() == 0


def test_choosing_by_keyboard_writes_the_id_and_typing_again_empties_it(page: Page) -> None:
    field = page.locator("#s")
    field.press_sequentially("ayun")
    page.locator("#s-opciones [role=option]").nth(1).wait_for()
    assert field.get_attribute("aria-expanded") == "true"
    field.press("ArrowDown")
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == "s-opciones-1"
    field.press("Enter")
    assert field.input_value() == "Ayuntamiento de La Paz"
    assert page.locator("#sid").input_value() == "8"
    assert field.get_attribute("aria-expanded") == "false"
    field.press("x")
    assert page.locator("#sid").input_value() == ""


def test_the_search_takes_the_place_of_the_list_that_serves_without_scripts(page: Page) -> None:
    assert page.locator("#t").is_visible()
    assert not page.locator("#state").is_visible()
    page.locator("#t").press_sequentially("ayun")
    page.locator("#t-opciones [role=option]").first.click()
    assert page.locator("#state").input_value() == "7"


def test_escape_closes_a_menu_and_gives_the_focus_back(page: Page) -> None:
    menu = page.locator("details[data-menu]")
    menu.locator("summary").click()
    menu.locator("a").focus()
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert _focused(page, "tagName") == "SUMMARY"


def test_a_dialog_opens_instead_of_its_page_and_gives_the_focus_back(page: Page) -> None:
    page.locator("[data-dialog]").press("Enter")
    assert page.locator("#d").is_visible()
    assert page.url == "http://aula.example/"
    page.keyboard.press("Escape")
    assert not page.locator("#d").is_visible()
    assert _focused(page, "dataset.dialog") == "d"
