"""Everything by keyboard: the way into a page, what has the focus is seen, and each type of question is answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import DESK, PHONE, enter
from tests.browser.taking import COURSE, course, key
from tests.servers import Server
from webapp.demo.people import HOST

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHECKS = [step for step in course().lesson_steps if step.kind == "check"]
TYPES = {question.type for bank in course().banks.values() for question in bank.questions}
FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect();
  const style = getComputedStyle(at);
  const over = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const label = at.closest("label");
  const shown = [at, label].some((e) => e && getComputedStyle(e).outlineStyle !== "none");
  return {
    name: `${at.tagName} ${at.textContent.trim().slice(0, 30) || at.name || at.className}`,
    outlined: shown || style.stroke !== "none",
    covered: Boolean(over) && !at.contains(over) && !over.contains(at) && !(label && label.contains(over)),
    outside: box.bottom <= 0 || box.top >= innerHeight,
  };
}"""


@pytest.fixture(params=[PHONE, DESK], ids=["360", "1280"])
def page(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Page]:
    context = browser.new_context(base_url=server.url, viewport=request.param, locale="es-MX", reduced_motion="reduce")
    yield context.new_page()
    context.close()


def test_the_first_tab_offers_to_skip_to_the_content(page: Page) -> None:
    page.goto(COURSE)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize(
    ("email", "path"),
    [
        (None, "/"),
        (None, COURSE),
        (f"participante@{HOST}", f"{COURSE}/{course().lesson_steps[0].key}"),
        (f"participante@{HOST}", "/mi-cuenta"),
        (f"coordinacion.bcs@{HOST}", "/coordinacion/estados/MX-BCS"),
        (f"administracion@{HOST}", "/administracion/personas"),
    ],
)
def test_what_has_the_focus_is_marked_and_never_hidden(page: Page, email: str | None, path: str) -> None:
    if email:
        enter(page, email)
    page.goto(path)
    complaints, steps = [], 0
    while steps < 150:
        page.keyboard.press("Tab")
        at: dict[str, Any] | None = page.evaluate(FOCUS)
        if at is None:
            break
        steps += 1
        if at["outside"] or at["covered"]:  # the page scrolls a moment after the key
            page.wait_for_timeout(100)
            at = page.evaluate(FOCUS) or at
        complaints += [f"{at['name']}: {flaw}" for flaw in ("covered", "outside") if at[flaw]]
        complaints += [] if at["outlined"] else [f"{at['name']}: no outline"]
    assert steps > 5
    assert complaints == []


def test_a_menu_opens_and_closes_without_a_pointer(page: Page) -> None:
    enter(page, f"participante@{HOST}")
    page.goto("/mis-cursos")
    menu = page.locator("details[data-menu]:visible").first
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()


def test_each_type_of_question_is_answered_by_keyboard(page: Page) -> None:
    enter(page, f"participante@{HOST}")
    answered = set()
    for step in CHECKS:
        page.goto(f"{COURSE}/{step.key}")
        page.locator("main form button[type=submit]").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/intentos/*")
        number = page.locator("[data-question]").count()
        for place in range(number):
            page.locator(".dots__dot").nth(place).focus()
            page.keyboard.press("Enter")
            question = page.locator("[data-question]").nth(place)
            expect(question).to_be_focused()
            answered.add(_answer(page, question, key()[str(question.get_attribute("data-question"))]))
        button = page.locator("[data-hand-in] button").first
        _tab_to(page, button)
        page.keyboard.press("Enter")
        page.wait_for_url("**/resultado")
        expect(page.locator(".score")).to_have_text("100 %")
    assert answered == TYPES


def _tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(60):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} is not reached with Tab")


def _answer(page: Page, question: Locator, response: dict[str, Any]) -> str:
    """Answer a question that has the focus, with keys only; what type it is."""
    name = question.get_attribute("data-question")
    one_of = {found.id: found for bank in course().banks.values() for found in bank.questions}[str(name)]
    if one_of.type in ("single", "truefalse"):
        choice = response["choice"] if one_of.type == "single" else str(response["answer"]).lower()
        _choose_radio(page, question, f"[name='{name}/r'][value='{choice}']")
    elif one_of.type == "multiple":
        for value in response["choices"]:
            _tab_to(page, question.locator(f"[name='{name}/r'][value='{value}']"))
            page.keyboard.press("Space")
            page.locator(".dots__dot[aria-current]").focus()
    elif one_of.type == "ordering":
        _order(page, question, response["positions"])
    else:
        parts = response.get("pairs") or response.get("blanks") or {"": response.get("value", response.get("text"))}
        for part, value in parts.items():
            field = question.locator(f"[name='{name}/r{'.' if part else ''}{part}']")
            page.locator(".dots__dot[aria-current]").focus()
            _tab_to(page, field)
            _type_or_pick(page, field, str(value))
    return str(one_of.type)


def _choose_radio(page: Page, question: Locator, wanted: str) -> None:
    radios = question.locator("[type=radio]")
    _tab_to(page, radios.first)
    page.keyboard.press("Space")
    for _ in range(radios.count()):
        if question.locator(wanted).is_checked():
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{wanted} is not reached with the arrows")


def _type_or_pick(page: Page, field: Locator, value: str) -> None:
    if field.evaluate("element => element.tagName") != "SELECT":
        page.keyboard.type(value)
        return
    for _ in range(field.locator("option").count()):
        if field.input_value() == value:
            return
        page.keyboard.press("ArrowDown")
    assert field.input_value() == value


def _order(page: Page, question: Locator, positions: dict[str, int]) -> None:
    """With the buttons "Subir" and "Bajar"."""
    wanted = sorted(positions, key=lambda item: positions[item])
    places = "list => list.map(e => e.name.split('/r.')[1])"
    for place, item in enumerate(wanted):
        while (at := question.locator("select").evaluate_all(places).index(item)) > place:
            page.locator(".dots__dot[aria-current]").focus()
            _tab_to(page, question.locator(".order__item").nth(at).locator("button").first)
            page.keyboard.press("Enter")
    if "dots__dot--answered" not in str(page.locator(".dots__dot[aria-current]").get_attribute("class")):
        for line, button in (
            (0, "last"),
            (1, "first"),
        ):  # it stood right from the beginning: touch it, so that it counts
            page.locator(".dots__dot[aria-current]").focus()
            _tab_to(page, getattr(question.locator(".order__item").nth(line).locator("button"), button))
            page.keyboard.press("Enter")
