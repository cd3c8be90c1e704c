"""Order, titles and keys from names; and what each kind of file becomes."""

from __future__ import annotations

import io
import itertools
import random
import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.authoring.folders import on_disk, pdf, pptx, twelve, zipped
from tests.coursepack.parcels import golf
from webapp.coursepack.checker import check_folder
from webapp.coursepack.intake import Proposal, examine, names, propose
from webapp.coursepack.norms import load_norms
from webapp.coursepack.schema import KEY

COURSES = Path(__file__).parents[2] / "courses"
NORMS, _ = load_norms(COURSES / "_norms")
DAY = date(2026, 11, 25)


def propose_of(files: dict[str, bytes], folder: Path, name: str = "") -> Proposal:
    dropped = on_disk(files, folder)
    examine(dropped)
    return propose(dropped, NORMS, DAY, "Rosa Duna", name)


def codes(proposal: Proposal) -> set[str]:
    return {remark.code for remark in proposal.remarks}


def sheet(proposal: Proposal) -> dict[str, object]:
    content = proposal.files["course.yaml"]
    assert isinstance(content, bytes)
    found: dict[str, object] = yaml.safe_load(content)
    return found


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("01 Introducción", "Introducción"),
        ("1. La carga de formatos", "La carga de formatos"),
        ("Unidad 2 - Publicar", "Publicar"),
        ("Unidad 2", "Unidad 2"),
        ("Módulo III. Archivos", "Archivos"),
        ("03_aviso_de_privacidad", "Aviso de privacidad"),
        ("1.2 Plazos", "Plazos"),
        ("2026 en cifras", "2026 en cifras"),
        ("derechos-arco", "Derechos arco"),
        ("Ley General de Archivos", "Ley General de Archivos"),
    ],
)
def test_a_title_is_the_name_without_its_number(name: str, title: str) -> None:
    assert names.title_of(name) == title


@pytest.mark.parametrize(
    "ordered",
    [
        ["01 A", "2 B", "10 C", "Z"],
        ["Unidad 1", "Unidad 2", "Unidad 10"],
        ["1 Uno", "1.1 Uno uno", "1.2 Uno dos", "2 Dos"],
        ["Módulo I. A", "Módulo II. B", "Módulo IV. C", "Módulo IX. D"],
        ["tema 2", "tema 10"],
    ],
)
def test_numbers_give_the_order_as_people_count(ordered: list[str]) -> None:
    mixed = ordered[::-1]
    random.Random(1).shuffle(mixed)
    assert sorted(mixed, key=names.order_of) == ordered


@given(st.text(max_size=80), st.sets(st.sampled_from(["curso", "curso-2", "a"])))
def test_a_key_is_always_one_that_a_course_may_have_and_that_nobody_has(text: str, taken: set[str]) -> None:
    key = names.slug_of(text, taken)
    assert re.fullmatch(KEY, key) and key not in taken and len(key) <= 70


@given(st.lists(st.text(min_size=1, max_size=30), max_size=12))
def test_any_names_have_an_order_and_a_title(some: list[str]) -> None:
    ordered = sorted(some, key=names.order_of)
    assert all(names.order_of(one) <= names.order_of(other) for one, other in itertools.pairwise(ordered))
    assert all(names.title_of(one) for one in some)


def test_twelve_files_become_a_package_that_lacks_only_what_its_owner_knows(tmp_path: Path) -> None:
    proposal = propose_of(twelve(), tmp_path / "in")
    folder = tmp_path / proposal.slug
    for path, content in proposal.files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
    errors = {(problem.code, problem.file) for problem in check_folder(folder, NORMS).errors}
    assert errors == {("missing_key", "course.yaml"), ("missing_alt", "lessons/carga.md")}
    assert [[next(iter(s.values())) for s in m["steps"]] for m in sheet(proposal)["modules"]] == [  # type: ignore[attr-defined]
        ["por-que-importa", "lineamientos"],
        ["antes-de-publicar", "carga", "asi-se-publica"],
        ["lo-que-sigue"],
        ["materiales-de-apoyo"],
    ]
    used = {one.path.partition("/")[2] for one in on_disk(twelve(), tmp_path / "again")}
    assert len(used) == 12 and codes(proposal) == {"cover_without_alt", "picture_without_alt"}


def test_the_order_of_arrival_does_not_matter(tmp_path: Path) -> None:
    files = list(twelve().items())
    one = propose_of(dict(files), tmp_path / "a")
    random.Random(7).shuffle(files)
    other = propose_of(dict(files), tmp_path / "b")
    assert sheet(one) == sheet(other) and one.files.keys() == other.files.keys()


def test_slides_keep_titles_bullets_tables_notes_and_what_pictures_show(tmp_path: Path) -> None:
    proposal = propose_of({"c/01 Carga.pptx": pptx()}, tmp_path)
    lesson = proposal.files["lessons/carga.md"]
    assert isinstance(lesson, bytes)
    text = lesson.decode()
    for said in (
        "## La carga, paso a paso", r"- Llena \*todas\* las columnas", "| Trimestre | 30 días |",
        "Recuerda que la plantilla cambia", "![Pantalla con el botón de carga](assets/carga-01.png)",
    ):  # fmt: skip
        assert said in text


def test_a_scanned_pdf_is_told(tmp_path: Path) -> None:
    proposal = propose_of({"c/01 Oficio.pdf": pdf(text="", pages=4)}, tmp_path)
    assert codes(proposal) == {"scanned_pdf"}
    assert b"minutes: 8" in proposal.files["lessons/oficio.md"]  # type: ignore[operator]


def test_what_is_not_understood_is_told_and_never_dropped_in_silence(tmp_path: Path) -> None:
    files = {
        "c/01 Tema.md": b"Hola, esto es un tema.\n",
        "c/foto.gif": b"GIF89a" + bytes(20),
        "c/otro.zip": zipped({"a.txt": b"hola"}),
        "c/simulador.zip": golf(),
        "c/preguntas.gift": b"::uno:: Dos y dos {=4 ~5",
        "c/suelta.vtt": b"WEBVTT\n",
        "c/insegura.url": b"[InternetShortcut]\nURL=http://a.example/\n",
    }
    proposal = propose_of(files, tmp_path)
    told = {remark.source for remark in proposal.remarks}
    kept = {str(path) for path in proposal.files}
    unseen = {path.partition("/")[2] for path in files} - told - {"01 Tema.md"}
    assert not {name for name in unseen if not any(Path(name).stem in path for path in kept)}


def photo(**options: object) -> bytes:
    """A JPEG as a camera gives it."""
    target = io.BytesIO()
    Image.new("RGB", (40, 30), "#c06030").save(target, "JPEG", **options)
    return target.getvalue()


def test_a_photo_loses_where_and_with_what_it_was_taken_and_another_picture_nothing(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Cámara de Rosa"
    exif.get_ifd(0x8825)[1] = "N"
    telling, plain = photo(exif=exif), photo()
    proposal = propose_of({"c/01 Tema.md": b"Un tema.\n", "c/foto.jpg": telling, "c/otra.jpg": plain}, tmp_path)
    kept = {path: Path(content).read_bytes() for path, content in proposal.files.items() if path.endswith(".jpg")}  # type: ignore[arg-type]
    with Image.open(io.BytesIO(kept["assets/foto.jpg"])) as opened:
        assert not opened.getexif() and opened.size == (40, 30)
    assert b"Rosa" not in kept["assets/foto.jpg"]
    assert kept["assets/otra.jpg"] == plain


def test_a_package_is_taken_as_it_is(tmp_path: Path) -> None:
    source = COURSES / "proteccion-de-datos-personales"
    files = {f"x/{p.relative_to(source).as_posix()}": p.read_bytes() for p in source.rglob("*") if p.is_file()}
    proposal = propose_of(files, tmp_path)
    assert {f"x/{path}" for path in proposal.files} == files.keys() and not proposal.remarks


def test_a_gift_file_becomes_the_exam(tmp_path: Path) -> None:
    gift = "".join(f"::Plazo {n}:: ¿Cuántos días da la ley en el caso {n}? {{=Veinte ~Diez}}\n\n" for n in range(1, 7))
    proposal = propose_of({"c/01 Tema.md": b"Un tema.\n", "c/preguntas.gift": gift.encode("cp1252")}, tmp_path)
    bank = proposal.files["quizzes/banco.yaml"]
    assert isinstance(bank, bytes) and "¿Cuántos días" in bank.decode()
    assert sheet(proposal)["exam"]["draw"] == {"count": 3}  # type: ignore[index]


def test_a_bank_with_a_fault_is_told_with_its_place_and_left_out_whole(tmp_path: Path) -> None:
    proposal = propose_of({"c/01 Tema.md": b"Un tema.\n", "c/preguntas.gift": b"::uno:: Dos y dos {=4 ~5"}, tmp_path)
    assert "bank_not_read" in codes(proposal) and "quizzes/banco.yaml" not in proposal.files
    assert "exam" not in sheet(proposal)
