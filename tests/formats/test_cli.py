"""`aula formats list`, `show` and `derive`, as somebody types them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.formats import hostile
from tests.formats.sample import SAMPLE, written
from webapp.formats.cli import formats
from webapp.formats.definitions import Library, read_format, write_format

ROOT = Path(__file__).parents[2]


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(formats, [str(word) for word in words])


def test_the_list_for_programs_has_every_format_with_its_place_in_the_law() -> None:
    rows = json.loads(run("list", "--json").output)
    assert [row["id"] for row in rows] == list(Library(ROOT / "courses" / "_formats").ids)
    viii = next(row for row in rows if row["id"] == "lgtaip-2015-michoacan/2018/viii")
    assert viii | {"source": ""} == {
        "id": "lgtaip-2015-michoacan/2018/viii", "framework": "lgtaip-2015-michoacan", "version": "2018", "article": "70",
        "fraction": "VIII", "letter": "", "name": "Remuneración bruta y neta", "short_name": "Remuneración bruta y neta",
        "format_id": "53405", "period": "half-yearly", "conservation": "Año en curso y ejercicio anterior",
        "article_65": "VII", "source": "", "mark": "F", "layout": "load-2018", "columns": 33, "tables": 13,
    }  # fmt: skip


def test_the_list_for_people_names_each_format_on_a_line_in_the_order_of_the_law() -> None:
    lines = run("list").output.splitlines()
    assert lines[0].split() == ["id", "número", "periodo", "nombre"]
    names = [line.split()[0] for line in lines if "michoacan/2018/" in line]
    places = [names.index(f"lgtaip-2015-michoacan/2018/{name}") for name in ("ix", "x-a", "xl-a")]
    assert places == sorted(places)
    assert lines[-1] == f"{len(lines) - 3} formatos."


def test_showing_a_format_gives_each_column_with_its_letter_type_and_duty() -> None:
    lines = [" ".join(line.split()) for line in run("show", "2018/viii").output.splitlines()]
    assert "A 512920 texto corto obligatoria Ejercicio" in lines
    assert "L 512924 catálogo Sexo (catálogo) [2 valores]" in lines
    assert any(line.startswith("AG ") and line.endswith(" Nota") for line in lines)
    assert "Tabla 512939 (la columna A es ID)" in lines
    assert json.loads(run("show", "53405", "--json").output)["fields"][0]["id"] == "512920"


def test_a_name_that_fits_several_formats_is_refused_with_all_of_them() -> None:
    result = run("show", "viii")
    assert result.exit_code == 2
    assert "lgtaip-2015-puebla/2022/viii" in result.output and "lgtaip-2015-michoacan/2018/viii" in result.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "formats"
    folder.mkdir()
    (folder / "frameworks.yaml").write_text("frameworks: []\nsources: {}\n")
    return folder


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "plantilla.xlsx"
    path.write_bytes(written())
    return path


def test_a_derived_format_is_known_from_then_on_by_the_place_of_its_file(folder: Path, template: Path) -> None:
    output = folder / "lgtaip-2025-durango" / "2026" / "vii.yaml"
    result = run("derive", template, "-o", output, "--formats", folder)
    assert result.exit_code == 0 and "formato 90001, 14 columnas, 1 tablas" in result.output
    assert [field.id for field in read_format(output).fields] == [field.id for field in SAMPLE.fields]
    assert "lgtaip-2025-durango/2026/vii" in run("show", "90001", "--formats", folder).output


def test_a_definition_may_be_written_elsewhere_with_an_id_of_its_own(
    folder: Path, template: Path, tmp_path: Path
) -> None:
    run("derive", template, "-o", tmp_path / "a.yaml", "--formats", folder)
    assert read_format(tmp_path / "a.yaml").id == "sin-marco/sin-version/formato-90001"
    run("derive", template, "-o", tmp_path / "b.yaml", "--id", "marco/2026/vii", "--formats", folder)
    assert read_format(tmp_path / "b.yaml").id == "marco/2026/vii"


def test_what_is_no_template_writes_nothing_and_says_why(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "pagina.xlsx").write_text("<html><table></table></html>")
    hostile.old_workbook(tmp_path / "lista.xls", [["Ejercicio"], ["2024"]], "Hoja1")
    for name, reason in (("pagina.xlsx", "[html]"), ("lista.xls", "[not_a_template]")):
        result = run("derive", tmp_path / name, "-o", tmp_path / "out.yaml", "--formats", folder)
        assert result.exit_code == 2 and reason in result.output
        assert not (tmp_path / "out.yaml").exists()


def test_an_id_that_no_definition_may_have_is_refused_before_writing(
    folder: Path, template: Path, tmp_path: Path
) -> None:
    for bad in ("vii", "../../x", "Marco/2026/vii"):
        result = run("derive", template, "-o", tmp_path / "out.yaml", "--id", bad, "--formats", folder)
        assert result.exit_code == 2 and bad in result.output
        assert not (tmp_path / "out.yaml").exists()


def test_a_definition_with_an_error_is_named_by_its_file(folder: Path) -> None:
    write_format(SAMPLE, folder / "prueba" / "2018" / "ii.yaml")
    result = run("list", "--formats", folder)
    assert result.exit_code == 2 and "ii.yaml" in result.output
    assert run("list", "--formats", folder / "nowhere").exit_code == 2


def test_the_console_of_the_platform_offers_it_without_loading_the_application(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "aula", "formats", "list", "--json"],
        cwd=ROOT,
        env={"AULA_DATA_DIR": "/dev/null/none", "PATH": ""},  # with which no application starts
        capture_output=True,
        check=True,
    )
    assert len(json.loads(done.stdout)) > 100


def test_the_library_answers_alone_without_loading_the_platform() -> None:
    script = (
        "import sys, webapp.formats.__main__; print(sorted({'flask', 'sqlalchemy', 'webapp.app'} & set(sys.modules)))"
    )
    alone = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True, text=True)
    assert alone.stdout.strip() == "[]"
    listed = subprocess.run([sys.executable, "-m", "webapp.formats", "list"], cwd=ROOT, capture_output=True, check=True)
    assert b"lgtaip-2015-michoacan/2018/viii" in listed.stdout
