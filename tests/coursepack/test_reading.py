"""What a whole package becomes."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from webapp.coursepack.checker import check_folder, package_folders
from webapp.coursepack.model import Course, Draw
from webapp.coursepack.norms import load_norms
from webapp.coursepack.reader import read_package

from .example import BANK, CHECK, COURSE, COVER, LESSON, NORM, ROOT, SLUG, Example


def test_the_example_of_the_manual_is_a_whole_course_without_doubts(example: Example) -> None:
    report = example.check()
    assert report.ok
    assert [problem.code for problem in report.problems] == ["readability"]


@pytest.mark.parametrize("folder", package_folders(ROOT / "courses"), ids=lambda folder: folder.name)
def test_every_course_of_the_curriculum_is_whole(folder: Path) -> None:
    report = check_folder(folder)
    assert report.errors == ()


def test_a_course_keeps_what_its_file_says(course: Course) -> None:
    assert (course.slug, course.title, course.hours) == (SLUG, "Pedir solo los datos necesarios", 0.25)
    assert course.reviewed_on == date(2026, 1, 15)
    assert (course.pass_mark, course.attempts, course.deadline_days) == (80, 3, 90)
    assert (course.issuer, course.validity_months) == (None, None)
    assert (course.cover, course.cover_alt[:4]) == ("assets/portada.svg", "Hoja")


def test_steps_stand_in_the_order_of_the_course(course: Course) -> None:
    assert list(course.steps) == ["diagnostico", "lo-necesario", "repaso-necesario", "examen-final"]
    assert [step.kind for step in course.lesson_steps] == ["lesson", "check"]
    assert (course.pretest, course.exam) == ("diagnostico", "examen-final")
    assert course.minutes == 12


def test_each_kind_of_step_has_its_own_rule(course: Course) -> None:
    rules = {step.kind: (step.draw, step.pass_mark, step.attempts) for step in course.steps.values()}
    assert rules == {
        "pretest": (Draw(per_tag=2), 0, 1),
        "lesson": (Draw(), 0, None),
        "check": (Draw(), 0, None),
        "exam": (Draw(count=4), 80, 3),
    }


def test_what_may_be_left_out_has_a_default(example: Example) -> None:
    text = example.read(COURSE)
    for name in ("issuer", "validity_months", "deadline_days", "pass_mark", "attempts"):
        text = re.sub(rf"^{name}:.*\n", "", text, flags=re.MULTILINE)
    example.write(COURSE, text[: text.index("pretest:")])
    course = example.course()
    assert (course.deadline_days, course.pass_mark, course.attempts) == (90, 80, 3)
    assert (course.pretest, course.exam) == (None, None)
    assert set(course.banks) == {"repaso-necesario"}


def test_an_option_that_reads_like_something_else_stays_a_text(example: Example) -> None:
    example.edit(CHECK, "text: Lo quitas", "text: No")
    example.edit(CHECK, "text: Lo vuelves opcional", "text: 2025-03-20")
    options = example.course().banks["repaso-necesario"].questions[0].body["options"]
    assert [option["text"] for option in options][1:] == ["No", "2025-03-20"]


def test_a_file_from_windows_is_read_like_any_other(example: Example) -> None:
    before = example.course()
    for name in (COURSE, LESSON, CHECK, BANK):
        example.write(name, b"\xef\xbb\xbf" + example.read(name).replace("\n", "\r\n").encode())
    after = example.course()
    assert after.steps == before.steps
    assert after.banks == before.banks


def test_what_systems_leave_behind_is_passed_over(example: Example) -> None:
    before = example.course()
    example.write(".DS_Store", b"\x00\xff")
    example.write("assets/Thumbs.db", b"\x00\xff")
    example.write("lessons/~$borrador.md", b"\x00\xff")
    assert example.course() == before


def test_assets_are_told_with_their_digest(example: Example) -> None:
    (asset,) = example.course().assets
    data = example.path(COVER).read_bytes()
    assert (asset.path, asset.media_type, asset.size) == (COVER, "image/svg+xml", len(data))
    assert asset.sha256 == hashlib.sha256(data).hexdigest()


# -- revision ---------------------------------------------------------------------------------------------------------


def test_the_same_files_are_the_same_revision_wherever_they_lie(tmp_path: Path) -> None:
    first = Example(tmp_path / "a").course().revision
    second = Example(tmp_path / "b").course().revision
    assert first == second
    assert re.fullmatch(r"[0-9a-f]{64}", first)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (LESSON, "Irma", "Inés"),
        (CHECK, "Lo quitas", "Se quita"),
        (COURSE, "hours: 0.25 ", "hours: 0.25  "),
        (COVER, "#f6efe2", "#ffffff"),
        (NORM, "adecuados, relevantes", "adecuados y relevantes"),
    ],
)
def test_any_change_of_a_file_or_of_a_cited_norm_is_another_revision(
    example: Example, name: str, old: str, new: str
) -> None:
    before = example.course().revision
    example.edit(name, old, new)
    assert example.course().revision != before


def test_a_norm_that_nobody_cites_does_not_change_the_revision(example: Example) -> None:
    before = example.course().revision
    example.write("../_norms/otra.yaml", example.read(NORM).replace("id: lgpdppso-2025", "id: otra"))
    assert example.course().revision == before


# -- the HTML of a lesson ---------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a page is made of: (tag, attributes) in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def lesson_html(example: Example, body: str) -> str:
    head = example.read(LESSON).split("##")[0]
    example.write(LESSON, head + body)
    return example.course().steps["lo-necesario"].html


def test_a_citation_is_a_chip_that_leads_to_the_exact_text(course: Course) -> None:
    html = course.steps["lo-necesario"].html
    assert '<a class="cite" href="#cita-1" data-cite="cita-1">LGPDPPSO, art. 19</a>' in html
    reference = re.search(r'<li id="cita-1">(.*?)</li>', html, re.DOTALL)
    assert reference is not None
    assert "<details><summary>LGPDPPSO, art. 19</summary><blockquote><p>El responsable sólo deberá" in reference[1]
    assert '<p class="references__norm">Ley General de Protección de Datos' in reference[1]
    assert ", DOF 20-03-2025</p></details>" in reference[1]


def test_a_citation_that_returns_keeps_its_number(example: Example) -> None:
    html = lesson_html(example, "## x\n\n[@lgpdppso-2025 art. 19] [@lgpdppso-2025 art. 14; @lgpdppso-2025 art. 19]\n")
    assert [link["href"] for link in Page(html).all("a")] == ["#cita-1", "#cita-2", "#cita-1"]
    assert html.count("<li id=") == 2


def test_the_reference_of_a_fraction_quotes_that_fraction_and_not_its_neighbours(example: Example) -> None:
    html = lesson_html(example, "## x\n\n[@lgpdppso-2025 art. 14 fr. III]\n")
    assert "<p>III. Informada: Que la persona titular" in html
    assert "el cual deberá otorgarse de forma:</p><p>[…]</p>" in html
    assert "II. Específica" not in html
    assert "personas menores de edad" not in html


def test_a_transitory_article_can_be_cited(example: Example) -> None:
    html = lesson_html(example, "## x\n\n[@lgpdppso-2025 art. Transitorio Primero]\n")
    assert ">LGPDPPSO, transitorio Primero</a>" in html


def test_a_lesson_begins_at_the_second_level_whatever_its_author_wrote(example: Example) -> None:
    html = lesson_html(example, "# Uno\n\nx\n\n## Dos\n\n# Uno\n")
    headings = [(tag, attributes["id"]) for tag, attributes in Page(html).tags if re.fullmatch("h[1-6]", tag)]
    assert headings == [("h2", "s-uno"), ("h3", "s-dos"), ("h2", "s-uno--2")]


def test_a_callout_has_its_kind_and_its_title(example: Example) -> None:
    html = lesson_html(example, "## x\n\n::: error Pedir de más\n**No**\n:::\n\n::: ojo\nx\n:::\n")
    assert '<aside class="callout callout--error"><p class="callout__title">Error común: Pedir de más</p>' in html
    assert "<p><strong>No</strong></p>\n</aside>" in html
    assert '<p class="callout__title">Ojo</p>' in html


def test_a_title_that_already_names_the_kind_does_not_say_it_twice(example: Example) -> None:
    html = lesson_html(example, "## x\n\n::: caso Caso de la libreta\nx\n:::\n")
    assert '<p class="callout__title">Caso de la libreta</p>' in html


def test_a_table_scrolls_in_a_named_region_and_carries_no_style(example: Example) -> None:
    html = lesson_html(example, "## x\n\n| Dato | Días |\n|---|--:|\n| a | 20 |\n")
    page = Page(html)
    (region,) = page.all("div")
    assert region == {"class": "table-scroll", "tabindex": "0", "role": "region", "aria-label": "Tabla: Dato, Días"}
    assert page.all("th") == [{"scope": "col"}, {"class": "align-right", "scope": "col"}]
    assert page.all("td") == [{}, {"class": "align-right"}]
    assert "style" not in html


def test_a_picture_alone_is_a_figure_with_the_caption_of_its_title(example: Example) -> None:
    html = lesson_html(example, '## x\n\n![Una "hoja"](assets/portada.svg "Pie <b>")\n\ny ![z](assets/portada.svg)\n')
    page = Page(html)
    assert page.all("img")[0] == {"src": "material/assets/portada.svg", "alt": 'Una "hoja"', "loading": "lazy"}
    assert "<figcaption>Pie &lt;b&gt;</figcaption></figure>" in html
    assert len(page.all("figure")) == 1


def test_links_lead_to_lessons_assets_and_secure_sites(example: Example) -> None:
    example.write("assets/plantilla.csv", "a,b\n")
    html = lesson_html(
        example, "## x\n\n[l](leccion:lo-necesario) [p](assets/plantilla.csv) [s](https://a.mx/?a=1&b=2)"
    )
    assert Page(html).all("a") == [
        {"href": "lo-necesario"},
        {"href": "material/assets/plantilla.csv"},
        {"href": "https://a.mx/?a=1&b=2", "rel": "noopener noreferrer"},
    ]


def test_footnotes_lead_there_and_back(example: Example) -> None:
    html = lesson_html(example, "## x\n\nuno[^a] y otra vez[^a].\n\n[^a]: La nota.\n")
    page = Page(html)
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    links = [str(link["href"]) for link in page.all("a")]
    assert len(links) == 4
    assert {link.removeprefix("#") for link in links} <= ids
    assert {"class": "footnotes", "aria-label": "Notas"} in page.all("section")


def test_html_of_an_author_is_text(example: Example) -> None:
    html = lesson_html(example, "## x\n\n<script>alert(1)</script> <img src=x onerror=alert(1)>\n\n<div>a</div>\n")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert {tag for tag, _ in Page(html).tags} == {"h2", "p"}


# -- questions --------------------------------------------------------------------------------------------------------


def test_a_question_keeps_its_sources_and_those_cited_in_its_texts(example: Example) -> None:
    example.edit(CHECK, "explanation: La", "explanation: '[@lgpdppso-2025 art. 14 fr. I] La' #")
    (question,) = example.course().banks["repaso-necesario"].questions
    assert [source.label for source in question.sources] == ["LGPDPPSO, art. 19", "LGPDPPSO, art. 14, fr. I"]
    assert '<span class="cite">LGPDPPSO, art. 14, fr. I</span>' in question.explanation_html


def test_ids_of_options_follow_their_text_and_not_their_place(example: Example) -> None:
    before = example.course().banks["banco"].questions[4].body["items"]
    example.edit(BANK, "      - Escribes la finalidad del trámite\n", "")
    example.edit(BANK, "los que no marcaste\n", "los que no marcaste\n      - Escribes la finalidad del trámite\n")
    after = example.course().banks["banco"].questions[4].body["items"]
    assert [item["id"] for item in after] == [item["id"] for item in before[1:] + before[:1]]


def test_one_right_side_may_serve_several_pairs(example: Example) -> None:
    example.edit(BANK, "right: Para finalidades concretas", "right: Sin error, mala fe, violencia o dolo")
    body = example.course().banks["banco"].questions[3].body
    assert len(body["lefts"]) == 3
    assert [right["text"] for right in body["rights"]] == [
        "Sin error, mala fe, violencia o dolo",
        "Con conocimiento previo del aviso de privacidad",
        "Ante notario",
    ]


def test_a_number_in_an_option_is_not_a_list(example: Example) -> None:
    example.edit(CHECK, "text: Lo quitas", 'text: "1. Lo **quitas**"')
    option = example.course().banks["repaso-necesario"].questions[0].body["options"][1]
    assert (option["html"], option["text"]) == ("1. Lo <strong>quitas</strong>", "1. Lo quitas")


def test_one_error_gives_no_course_and_a_warning_does(example: Example) -> None:
    norms, _ = load_norms(example.folder.parent / "_norms")
    example.write("notas.txt", "x")
    course, problems = read_package(example.folder, norms)
    assert course is not None
    assert [problem.severity for problem in problems] == ["warning"]
    example.edit(LESSON, "art. 19]", "art. 999]")
    course, problems = read_package(example.folder, norms)
    assert course is None
    assert "unknown_article" in [problem.code for problem in problems]
