"""Layouts, macros and error pages, rendered as the platform renders them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, flash, render_template, render_template_string
from jinja2 import StrictUndefined
from wtforms import BooleanField, Form, RadioField, SelectMultipleField, StringField, widgets
from wtforms.validators import InputRequired, Optional

from webapp.core import i18n
from webapp.core.web import static_path

VOID = {"meta", "link", "img", "input", "br", "source", "use", "path", "rect", "circle", "polyline", "hr"}
ERRORS = [400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503]


@dataclass
class Item:
    label: str
    url: str
    icon: str
    current: bool = False


@dataclass
class Surroundings:
    """What `webapp.core.page` gives to templates, for a visitor or for somebody who signed in."""

    signed_in: bool = False
    language: str = "es"
    language_url: str = "/idioma/en?next=/"
    language_label: str = "English"
    person_name: str | None = None
    demo: bool = True
    development: bool = True
    path: str = "/"
    nav: list[Item] = field(default_factory=lambda: [Item("Cursos", "/cursos", "book-open", current=True)])
    menu: list[Item] = field(default_factory=list)
    desk: list[Item] = field(default_factory=list)


class Page(HTMLParser):
    """The elements of a page with their attributes, and whether each opened one is closed again."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def find(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [found for name, found in self.elements if name == tag and wanted.items() <= found.items()]

    def ids(self) -> list[str]:
        return [str(found["id"]) for _, found in self.elements if "id" in found]


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """The templates with the filters and globals of the platform, without its rooms and database."""
    made = Flask("webapp", static_folder=None)
    made.config["SECRET_KEY"] = "only for these tests, thirty-two letters"
    made.config["DATA_DIR"] = tmp_path
    made.jinja_env.undefined = StrictUndefined
    made.jinja_env.trim_blocks = made.jinja_env.lstrip_blocks = True
    made.jinja_env.globals["static"] = static_path
    i18n.init_app(made)
    return made


@pytest.fixture(autouse=True)
def _request(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


def _page(name: str, **context: Any) -> Page:
    page = Page(render_template(name, chrome=context.pop("chrome", Surroundings()), **context))
    assert not page.open
    assert len(page.ids()) == len(set(page.ids()))
    return page


def _macro(source: str, **context: Any) -> Page:
    return Page(render_template_string(source, **context))


# --- layouts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["base", "focus", "desk"])
def test_a_layout_has_its_landmarks_and_begins_with_the_way_to_the_content(layout: str) -> None:
    source = (
        '{% extends "layouts/' + layout + '.html" %}{% block title %}Prueba{% endblock %}'
        "{% block main %}<h1>Prueba</h1>{% endblock %}{% block foot %}<p>Siguiente</p>{% endblock %}"
    )
    text = render_template_string(source, chrome=Surroundings())
    page = Page(text)
    assert page.find("a")[0] == {"class": "skip", "href": "#contenido"}
    assert len(page.find("main", id="contenido")) == 1
    assert len(page.find("header")) == len(page.find("footer")) == 1
    assert page.find("html", lang="es-MX")
    assert "<title>Prueba · Aula Norte</title>" in text
    assert {"/privacidad", "/accesibilidad", "/verificar"} <= {str(found.get("href")) for found in page.find("a")}
    assert ("Siguiente" in text) == (layout == "focus")


def test_no_layout_needs_a_token_or_posts_a_form() -> None:
    """Pages of visitors are kept and sent to others; asking for `csrf_token`, which is undefined here, would fail."""
    for layout in ("base", "focus", "desk"):
        for signed_in in (False, True):
            chrome = Surroundings(signed_in=signed_in, person_name="Mariana" if signed_in else None)
            page = _page(f"layouts/{layout}.html", chrome=chrome)
            assert not page.find("form", method="post")


def test_a_visitor_is_offered_to_enter_and_a_person_their_menu() -> None:
    visitor = _page("layouts/base.html")
    assert visitor.find("a", href="/entrar")
    menu = [Item("Mis cursos", "/mis-cursos", "graduation-cap")]
    person = _page("layouts/base.html", chrome=Surroundings(signed_in=True, person_name="Mariana", menu=menu))
    assert not person.find("a", href="/entrar")
    assert len(person.find("a", href="/mis-cursos")) == 2  # the account menu and the one of phones


def test_a_message_is_shown_once_as_a_status_with_its_kind() -> None:
    flash("Guardamos <tus> datos.", "success")
    text = render_template("layouts/base.html", chrome=Surroundings())
    assert re.search(r'role="status">\s*<div class="toast toast--success">', text)
    assert "Guardamos &lt;tus&gt; datos." in text


def test_without_a_foot_there_is_no_bar_at_the_thumb() -> None:
    page = _page("layouts/focus.html")
    assert not page.find("nav", **{"class": "thumb-bar"})


# --- errors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ERRORS)
def test_an_error_page_says_what_happened_and_offers_a_way_out(code: int) -> None:
    page = _page(f"errors/{code}.html", error=None, code=str(code), request_id="ab12cd")
    assert len(page.find("h1")) == 1
    assert page.find("a", **{"class": "button button--primary", "href": "/"})
    text = render_template(f"errors/{code}.html", chrome=Surroundings(), code=str(code), request_id="ab12cd")
    assert f"{code} · ab12cd" in text


def test_an_error_page_says_what_the_platform_gives_it() -> None:
    words = {"title": "El cupo se llenó", "cause": "Alguien tomó el último lugar.", "way_out": "Elige otra fecha."}
    text = render_template("errors/409.html", chrome=Surroundings(), code="409", request_id="x", **words)
    assert all(word in text for word in words.values())
    assert "Alguien cambió esto antes" not in text


# --- macros -------------------------------------------------------------------------------------------------------


class Registration(Form):
    name = StringField("Nombre", [InputRequired("Escribe tu nombre.")])
    sex = RadioField("Sexo", [Optional()], choices=[("m", "Mujer"), ("h", "Hombre")])
    topics = SelectMultipleField(
        "Temas",
        [InputRequired("Elige un tema.")],
        choices=[("a", "Archivos"), ("d", "Datos")],
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
    )
    notice = BooleanField("Leí el aviso", [InputRequired("Confirma que lo leíste.")])


FIELDS = """{% from "components/field.html" import error_summary, field, choices, checkbox %}
{{ error_summary(form) }}{{ field(form.name, hint="Con acentos.", attrs={"autocomplete": "name"}) }}
{{ choices(form.sex) }}{{ choices(form.topics) }}{{ checkbox(form.notice) }}"""


def test_each_error_of_a_form_is_linked_to_a_field_that_exists_and_described_by_it() -> None:
    form = Registration()
    assert not form.validate()
    page = _macro(FIELDS, form=form)
    targets = [str(found["href"]).removeprefix("#") for found in page.find("a")]
    inputs = {str(found["id"]): found for found in page.find("input")}
    assert targets == ["name", "topics-0", "notice"]
    assert set(targets) <= set(inputs)
    assert inputs["name"]["aria-describedby"] == "name-hint name-error"
    assert inputs["name"]["autocomplete"] == "name"
    assert all(inputs[target]["aria-invalid"] == "true" for target in targets)
    described = [str(found["aria-describedby"]) for _, found in page.elements if "aria-describedby" in found]
    assert set(" ".join(described).split()) <= set(page.ids())
    assert page.find("div", role="alert", tabindex="-1")


def test_a_form_without_errors_has_no_summary_and_marks_what_is_optional() -> None:
    text = render_template_string(FIELDS, form=Registration())
    assert "error-summary" not in text
    assert text.count("(opcional)") == 1


def test_the_boxes_of_a_required_group_do_not_each_demand_to_be_ticked() -> None:
    page = _macro(FIELDS, form=Registration())
    boxes = page.find("input", type="checkbox", name="topics")
    assert len(boxes) == 2
    assert not any("required" in box for box in boxes)


def test_a_table_names_every_cell_for_the_phone_and_says_when_it_is_empty() -> None:
    source = """{% from "components/table.html" import data_table, cell %}
    {% set columns = [{"label": "Nombre", "sort_href": "?o", "sorted": "descending"}] %}
    {% call(row) data_table("Personas", columns, rows, empty="Nadie.") %}
    {{ cell(row, "Nombre") }}{% endcall %}"""
    page = _macro(source, rows=["<b>"])
    assert page.find("th", **{"aria-sort": "descending"})
    assert page.find("td", **{"data-label": "Nombre"})
    assert not page.find("b")
    assert "Nadie." in render_template_string(source, rows=[])


@pytest.mark.parametrize("page_number", [1, 2, 6, 11, 12])
def test_pagination_shows_the_ends_and_the_neighbours(page_number: int) -> None:
    source = '{% from "components/pagination.html" import pagination %}{{ pagination(n, 12, "?page=") }}'
    page = _macro(source, n=page_number)
    shown = {str(found["href"]) for found in page.find("a")}
    near = {n for n in (page_number - 1, page_number, page_number + 1) if 1 <= n <= 12}
    assert shown == {f"?page={n}" for n in {1, 12} | near}
    assert [found["href"] for found in page.find("a", **{"aria-current": "page"})] == [f"?page={page_number}"]


def test_bars_are_as_long_as_their_values_and_survive_having_none() -> None:
    source = """{% from "components/chart.html" import bars, columns %}
    {{ bars("T", "S", items) }}{{ columns("T", "S", items) }}"""
    page = _macro(source, items=[{"label": "a", "value": 8, "text": "8"}, {"label": "b", "value": 2, "text": "2"}])
    assert [found["width"] for found in page.find("rect", **{"class": "bars__fill"})] == ["100.00%", "25.00%"]
    assert [found["height"] for found in page.find("rect", **{"class": "columns__fill"})] == ["100.00%", "25.00%"]
    zero = _macro(source, items=[{"label": "a", "value": 0, "text": "0"}])
    assert [found["width"] for found in zero.find("rect", **{"class": "bars__fill"})] == ["0.00%"]
    assert not _macro(source, items=[]).find("rect")


def test_the_map_says_each_value_in_words_too() -> None:
    source = """{% from "components/map.html" import mexico, tiles %}
    {{ mexico("T", "S", values) }}{{ tiles("T", values) }}"""
    values = {"MX-BCS": {"level": 4, "label": "58 de 79", "href": "/b"}, "MX-SON": {"level": 1, "label": "9 de 70"}}
    text = render_template_string(source, values=values)
    assert text.count("Baja California Sur: 58 de 79") >= 2
    assert text.count("<li>Sonora: 9 de 70</li>") == 2
    assert "CC BY 4.0" in text


def test_an_instant_is_shown_in_the_day_and_hour_of_its_place() -> None:
    source = '{% from "components/when.html" import when %}{{ when(instant, zone, "La Paz") }}'
    text = render_template_string(source, instant=datetime(2026, 11, 24, 3, 30, tzinfo=UTC), zone="America/Mazatlan")
    assert "23 nov 2026, 20:30 h" in re.sub(r"\s+", " ", text)
    assert 'datetime="2026-11-24T03:30:00+00:00"' in text


def test_the_living_page_shows_every_macro_there_is() -> None:
    page = render_template("site/components.html", chrome=Surroundings())
    macros = "alert bars breadcrumb button card columns data dialog empty filter-bar map pagination progress"
    macros += " sparkline stat tabs tag timeline"
    states = (
        "error-summary callout verdict step option order cloze dots saved constancia shortcuts who hero cite code-input"
    )
    for name in [*macros.split(), *states.split()]:
        assert re.search(rf'class="(?:[^"]* )?{name}(?:--\w+)?[ "]', page), name
    assert page.count("<h1>") == 1
