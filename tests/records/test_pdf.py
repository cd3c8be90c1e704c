"""The sheet: what it says, to whom it can be read, and that it prints whatever the records hold."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import page
import pytest
import segno
from pypdf import PdfReader

from webapp.records import pdf
from webapp.records.signing import SELF_SIGNED_FILE, load_signer, self_signed_signer

LETTER_LANDSCAPE = (792.0, 612.0)  # points
MARGIN = 62.3  # points: 22 mm

SAMPLE = pdf.ConstanciaDocument(
    folio="BCS-2026-000123",
    name="María Fernanda Núñez Güereña",
    course_title="Carga de formatos de transparencia",
    hours=Decimal("10.0"),
    score=92,
    accredited_on=date(2026, 11, 24),
    issued_on=date(2026, 12, 1),
    valid_until=date(2028, 11, 24),
    issuer_name="Aula Norte (demostración)",
    obliged_subject_name="Secretaría de Prueba del Estado de Ejemplo",
    verify_url="https://aula-norte.example/verificar/7K3QW9ZD2MXB5HTRAF6N",
    code="7K3QW9ZD2MXB5HTRAF6N",
    revision="3f9a1c0b77de" + "0" * 52,
)
# As long as the columns of the tables allow.
LONGEST = replace(
    SAMPLE,
    folio=("INSTITUTO-" * 5 + "2026-00012")[:60],
    name=("María de los Ángeles Guadalupe Concepción " * 7)[:250].strip(),
    course_title=("Obligaciones de transparencia y su carga " * 6)[:200].strip(),
    issuer_name=("Instituto de Transparencia y Datos " * 8)[:200].strip(),
    obliged_subject_name=("Secretaría de Administración y Finanzas " * 8)[:250].strip(),
    verify_url="https://capacitacion.transparencia.bajacaliforniasur.example/verificar/7K3QW9ZD2MXB5HTRAF6N",
)


def read(content: bytes) -> PdfReader:
    return PdfReader(BytesIO(content))


def words(content: bytes) -> str:
    """The text of the first page, with runs of white space made one space."""
    return " ".join(read(content).pages[0].extract_text().split())


def catalog(content: bytes) -> Any:
    root: Any = read(content).trailer["/Root"]
    return root


def figures(node: Any) -> Iterator[Any]:
    """Every element of type Figure under `node` of the structure tree."""
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from figures(child)
    elif isinstance(node, dict):
        if node.get("/S") == "/Figure":
            yield node
        if "/K" in node:
            yield from figures(node["/K"])


def raster(content: bytes, folder: Path, dots_per_inch: int) -> tuple[int, list[bytes]]:
    """The page in grey: its width in dots and its rows, one byte per dot, drawn by poppler."""
    path = folder / "sheet.pdf"
    path.write_bytes(content)
    subprocess.run(
        ["pdftoppm", "-r", str(dots_per_inch), "-gray", "-aa", "no", "-singlefile", path, folder / "sheet"], check=True
    )
    kind, size, _, pixels = (folder / "sheet.pgm").read_bytes().split(b"\n", 3)
    assert kind == b"P5"
    width, height = map(int, size.split())
    return width, [pixels[row * width : (row + 1) * width] for row in range(height)]


def test_the_sheet_says_who_accredited_what_and_when() -> None:
    said = words(pdf.render(SAMPLE))

    for expected in (
        "Constancia de capacitación",
        "María Fernanda Núñez Güereña",
        "Secretaría de Prueba del Estado de Ejemplo",
        "Carga de formatos de transparencia",
        "10 horas",
        "92 de 100",
        "24 de noviembre de 2026",
        "Hasta el 24 de noviembre de 2028",
        "1 de diciembre de 2026",
        "BCS-2026-000123",
        "7K3Q-W9ZD-2MXB-5HTR-AF6N",
        "3f9a1c0b77de",
        "aula-norte.example/verificar/7K3QW9ZD2MXB5HTRAF6N",
        "Expide: Aula Norte (demostración).",
        "no es un título ni una certificación oficial de competencias",
    ):
        assert expected in said


def test_it_is_one_letter_sheet_with_a_title_and_the_language_of_mexico() -> None:
    content = pdf.render(SAMPLE)
    reader = read(content)

    assert len(reader.pages) == 1
    box = reader.pages[0].mediabox
    assert (float(box.width), float(box.height)) == pytest.approx(LETTER_LANDSCAPE, abs=0.5)
    assert reader.metadata is not None
    assert reader.metadata.title == "Constancia de capacitación BCS-2026-000123 – María Fernanda Núñez Güereña"
    assert reader.metadata.author == "Aula Norte (demostración)"
    assert catalog(content)["/Lang"] == "es-MX"
    assert catalog(content)["/ViewerPreferences"]["/DisplayDocTitle"]


@pytest.mark.parametrize("document", [SAMPLE, LONGEST], ids=["usual", "longest"])
@pytest.mark.parametrize("profile", [page.ValidationProfile.PDF_UA_1, page.ValidationProfile.PDF_A_2A])
def test_an_outside_judge_finds_no_fault_in_either_profile(
    document: pdf.ConstanciaDocument, profile: page.ValidationProfile, tmp_path: Path
) -> None:
    path = tmp_path / "constancia.pdf"
    path.write_bytes(pdf.render(document))

    assert [(fault.rule_id, fault.message) for fault in page.validate_pdf(path, profile=profile).failures] == []


def test_it_is_read_aloud_in_the_order_in_which_it_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "constancia.pdf"
    path.write_bytes(pdf.render(SAMPLE))
    tree = subprocess.run(
        ["pdfinfo", "-struct-text", path], check=True, capture_output=True, text=True, errors="replace"
    ).stdout

    spoken = [
        "Aula Norte (demostración)",
        "H1",
        "Se hace constar que",
        SAMPLE.name,
        SAMPLE.obliged_subject_name,
        "acreditó el curso",
        SAMPLE.course_title,
        "Duración",
        "10 horas",
        "Calificación",
        "92 de 100",
        "Figure",
        "Comprueba esta constancia",
        "Link",
        "Expide:",
        "Folio",
        SAMPLE.folio,
    ]
    positions = [tree.index(part) for part in spoken]
    assert positions == sorted(positions)


def test_the_only_figure_is_the_qr_and_it_has_an_alternative_text() -> None:
    found = list(figures(catalog(pdf.render(SAMPLE))["/StructTreeRoot"]["/K"]))

    assert [figure["/Alt"] for figure in found] == [
        f"Código QR que abre la página de verificación: {SAMPLE.verify_url}"
    ]


@pytest.mark.parametrize("document", [SAMPLE, LONGEST], ids=["usual", "longest"])
def test_the_printed_qr_is_that_of_the_verification_address(document: pdf.ConstanciaDocument, tmp_path: Path) -> None:
    content = pdf.render(document)
    (figure,) = figures(catalog(content)["/StructTreeRoot"]["/K"])
    attributes = figure["/A"].get_object()
    layouts = attributes if isinstance(attributes, list) else [attributes]
    (box,) = (layout.get_object()["/BBox"] for layout in layouts if "/BBox" in layout.get_object())
    left, bottom, right, top = (float(edge) for edge in box)
    _, rows = raster(content, tmp_path, 300)
    expected = [list(row) for row in segno.make_qr(document.verify_url, error="q", boost_error=False).matrix]
    module = (right - left) / len(expected)

    def dark(x: float, y: float) -> bool:
        """Whether the sheet is dark at `x`, `y` points from its top left corner."""
        return rows[round(y * 300 / 72)][round(x * 300 / 72)] < 128

    down = LETTER_LANDSCAPE[1] - top
    seen = [
        [int(dark(left + (column + 0.5) * module, down + (row + 0.5) * module)) for column in range(len(expected))]
        for row in range(len(expected))
    ]
    assert seen == expected
    assert top - bottom == pytest.approx(right - left)
    around = range(-4, len(expected) + 4)  # the four modules of white that a reader needs
    for step in (position + 0.5 for position in around):
        for edge in (-3.5, -0.5, len(expected) + 0.5, len(expected) + 3.5):
            assert not dark(left + step * module, down + edge * module)
            assert not dark(left + edge * module, down + step * module)


@pytest.mark.parametrize(
    "name",
    [
        "José Guadalupe Maximiliano de la Santísima Trinidad Ñúñez-Güemes Ibarr",
        "Nicté-Há Xóchitl Ḏe la O Łukasz ʼÑuu Çelik O'Brien d’Ávila Peñúñuri Øa",
        "W" * 17 + " " + "M" * 17 + " " + "W" * 17 + " " + "M" * 16,
    ],
)
def test_a_name_of_seventy_characters_stands_whole_on_one_sheet(name: str) -> None:
    assert len(name) == 70
    content = pdf.render(replace(SAMPLE, name=name))

    assert name in words(content)
    assert len(read(content).pages) == 1


def test_the_longest_values_stay_inside_the_margins_of_one_sheet(tmp_path: Path) -> None:
    content = pdf.render(LONGEST)
    width, rows = raster(content, tmp_path, 72)
    below_the_motif = rows[215:]

    assert len(read(content).pages) == 1
    assert width == LETTER_LANDSCAPE[0]
    assert all(set(row[: int(MARGIN) - 2]) == {255} for row in below_the_motif)
    assert all(set(row[width - int(MARGIN) + 2 :]) == {255} for row in below_the_motif)
    assert all(set(row) == {255} for row in rows[-30:])
    assert LONGEST.name in words(content)
    assert LONGEST.course_title in words(content)
    assert LONGEST.obliged_subject_name in words(content)


@pytest.mark.parametrize("attack", ["#panic()", "*x* $1$ @a", '"]#{panic()}//', "<script> \\u{41} `y` _z_ = h"])
def test_marks_of_the_typesetting_language_appear_literally(attack: str) -> None:
    content = pdf.render(
        replace(
            SAMPLE,
            folio=attack,
            name=attack,
            course_title=attack,
            issuer_name=attack,
            obliged_subject_name=attack,
            revision=attack,
        )
    )

    assert words(content).count(attack) >= 6  # issuer twice; the revision is cut


def test_invisible_characters_of_a_pasted_name_are_dropped() -> None:
    said = words(pdf.render(replace(SAMPLE, name="  Ana\u202e \u200bSofi\u0301a\u00ad\x00\n\tPaz ")))

    assert "Se hace constar que Ana Sofía Paz Secretaría" in said


@pytest.mark.parametrize(("name", "refused"), [("Ana 😀", "😀"), ("王 Li", "王")])
def test_what_no_font_can_draw_is_refused_by_name_and_not_left_blank(name: str, refused: str) -> None:
    with pytest.raises(pdf.UnprintableText) as caught:
        pdf.render(replace(SAMPLE, name=name))

    assert caught.value.characters == refused
    assert "María" in words(pdf.render(SAMPLE))  # the compiler is still good


def test_a_constancia_without_expiry_or_obliged_subject_says_so_or_keeps_silent() -> None:
    said = words(pdf.render(replace(SAMPLE, valid_until=None, obliged_subject_name="")))

    assert "Vigencia Sin fecha de vencimiento" in said
    assert "Güereña acreditó el curso" in said


def test_only_a_sealed_file_speaks_of_its_seal(tmp_path: Path) -> None:
    assert "sello digital" not in words(pdf.render(SAMPLE))
    assert "sello digital" in words(pdf.render(SAMPLE, self_signed_signer(tmp_path, "Emisor de prueba")))


@pytest.mark.parametrize(
    ("hours", "said"),
    [("1.0", "1 hora"), ("10.0", "10 horas"), ("1.5", "1.5 horas"), ("0.5", "0.5 horas"), ("1200", "1,200 horas")],
)
def test_hours_are_written_as_in_mexico(hours: str, said: str) -> None:
    assert pdf.format_hours(Decimal(hours)) == said


@pytest.mark.parametrize("code", ["7K3QW9ZD2M", "7K3Q-W9ZD-2M", "7K3Q W9ZD 2M"])
def test_a_code_is_shown_in_groups_of_four_however_it_is_stored(code: str) -> None:
    assert pdf.group_code(code) == "7K3Q-W9ZD-2M"


def test_the_same_document_gives_the_same_bytes_in_any_thread_or_process() -> None:
    first = pdf.render(SAMPLE)
    pdf.render(LONGEST)
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(pdf.render, [SAMPLE] * 8))
    elsewhere = list(pdf.render_many([SAMPLE], None, processes=1))

    assert set(again) | set(elsewhere) == {first}


def test_a_batch_keeps_its_order_seals_each_sheet_and_reads_only_a_few_ahead(tmp_path: Path) -> None:
    self_signed_signer(tmp_path, "Emisor de prueba")
    taken: list[int] = []

    def documents() -> Iterator[pdf.ConstanciaDocument]:
        for number in range(20):
            taken.append(number)
            yield replace(SAMPLE, folio=f"BCS-2026-{number:06d}")

    sheets = pdf.render_many(documents(), partial(load_signer, tmp_path / SELF_SIGNED_FILE, None))
    made = [next(sheets)]
    ahead = len(taken)
    made += sheets
    files = [sheet for sheet in made if isinstance(sheet, bytes)]

    assert ahead < 20
    assert [f"BCS-2026-{number:06d}" in words(sheet) for number, sheet in enumerate(files)] == [True] * 20
    assert all(b"/ETSI.CAdES.detached" in sheet for sheet in files)


def test_what_cannot_be_drawn_does_not_stop_a_batch_and_keeps_its_cause() -> None:
    documents = [SAMPLE, replace(SAMPLE, name="😀"), replace(SAMPLE, folio="BCS-2026-000124")]
    first, refused, last = pdf.render_many(documents, None, processes=1)

    assert isinstance(first, bytes)
    assert isinstance(refused, pdf.UnprintableText)
    assert refused.characters == "😀"
    assert isinstance(last, bytes)
    assert "BCS-2026-000124" in words(last)


def test_where_nothing_was_graded_the_sheet_is_silent_about_a_mark() -> None:
    assert "Calificación" not in words(pdf.render(replace(SAMPLE, score=None)))
