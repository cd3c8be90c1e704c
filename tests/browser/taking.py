"""Answering questions in a browser, as a person who knows the answers."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from webapp.coursepack.checker import check_folder
from webapp.coursepack.model import Course
from webapp.demo.answers import right_response

SLUG = "proteccion-de-datos-personales"
COURSE = f"/cursos/{SLUG}"


@cache
def course() -> Course:
    """The course with its answer key, read from its package."""
    read = check_folder(Path(__file__).parents[2] / "courses" / SLUG).course
    assert read is not None
    return read


@cache
def key() -> dict[str, dict[str, Any]]:
    """The right response to each question of the course."""
    return {q.id: right_response(q) for bank in course().banks.values() for q in bank.questions}


def answer_all(page: Page, skip: int = 0) -> None:
    """Answer every question of the quiz on the page rightly, but leave the first `skip` blank."""
    page.wait_for_url("**/intentos/*")  # loaded, scripts included
    questions = page.locator("[data-question]")
    for number in range(skip, questions.count()):
        question = questions.nth(number)
        if page.locator(".dots__dot").count():
            _turn_to(page, number)
        answer(question, key()[str(question.get_attribute("data-question"))])


def _turn_to(page: Page, number: int) -> None:
    """Show a question of a page that shows one at a time. The word «Guardado» may move the page under a click."""
    for _ in range(5):
        page.locator(".dots__dot").nth(number).click()
        if page.locator("[data-question]").nth(number).is_visible():
            return
    raise AssertionError(f"question {number + 1} does not show")


def answer(question: Locator, response: dict[str, Any]) -> None:
    """Fill the fields of one question."""
    name = question.get_attribute("data-question")
    field = f"[name='{name}/r']"
    if "answer" in response:
        response = {"choice": str(response["answer"]).lower()}
    for value in [response["choice"]] if "choice" in response else response.get("choices", []):
        question.locator(f"{field}[value='{value}']").check()
    for part, value in (response.get("pairs") or response.get("blanks") or {}).items():
        _fill(question.locator(f"[name='{name}/r.{part}']"), value)
    if "positions" in response:
        _order(question, response["positions"])
    for typed in ("value", "text"):
        if typed in response:
            question.locator(field).fill(str(response[typed]))


def _fill(field: Locator, value: str) -> None:
    if field.evaluate("element => element.tagName") == "SELECT":
        field.select_option(value)
    else:
        field.fill(value)


def _order(question: Locator, positions: dict[str, int]) -> None:
    """Bring each item to its place with the button "Subir"; without scripts, by its number."""
    wanted = sorted(positions, key=lambda item: positions[item])
    if question.locator(".order__moves").count() == 0:
        for item, place in positions.items():
            question.locator(f"select[name$='/r.{item}']").select_option(str(place))
        return
    for place, item in enumerate(wanted):
        while (found := _places(question).index(item)) > place:
            question.locator(".order__item").nth(found).locator("button").first.click()
    if _places(question) == wanted:  # it may have stood right from the beginning: touch it, so that it counts
        question.locator(".order__item").nth(0).locator("button").last.click()
        question.locator(".order__item").nth(1).locator("button").first.click()


def _places(question: Locator) -> list[str]:
    names: list[str] = question.locator(".order__item select").evaluate_all("list => list.map(e => e.name)")
    return [name.split("/r.")[1] for name in names]


def hand_in(page: Page) -> None:
    """Hand in the quiz on the page, gaps and all."""
    page.locator("[data-hand-in] button").first.click()
    page.wait_for_load_state()
    if page.url.endswith("/pendientes"):
        page.get_by_role("button", name="Entregar así").click()
    page.wait_for_url("**/resultado")


def go_through_lessons(page: Page) -> None:
    """From wherever the course stands to the door of the exam."""
    page.goto(f"{COURSE}/{course().lesson_steps[0].key}")
    for step in course().lesson_steps:
        if step.kind == "lesson":
            page.locator(".thumb-bar form button").click()
        else:
            page.locator("main form button[type=submit]").first.click()
            answer_all(page)
            hand_in(page)
            page.locator(".actions a").first.click()
        page.wait_for_load_state()
