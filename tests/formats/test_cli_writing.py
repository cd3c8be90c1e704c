"""The commands that write workbooks."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.formats.sample import opened
from tests.formats.workbooks import RULES
from webapp.formats.cli import formats
from webapp.formats.keys import InvalidKey, key_from_json, key_to_json
from webapp.formats.model import Key, SeededError

VIII = "lgtaip-2015-michoacan/2018/viii"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(formats, [str(argument) for argument in arguments])


def practised(folder: Path, **options: Any) -> tuple[Path, dict[str, Any]]:
    workbook, key = folder / "practica.xlsx", folder / "clave.json"
    more = [word for name, value in options.items() for word in (f"--{name}", value)]
    result = run("practice", VIII, "--seed", 7, "--errors", 10, "-o", workbook, "--key", key, *more)
    assert result.exit_code == 0, result.output
    return workbook, json.loads(key.read_text(encoding="utf-8"))


def test_blank_writes_the_template(tmp_path: Path) -> None:
    output = tmp_path / "viii.xlsx"
    assert run("blank", VIII, "-o", output).exit_code == 0
    assert opened(output.read_bytes())["Reporte de Formatos"]["A1"].value == "53405"


def test_a_format_that_has_no_template_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    output = tmp_path / "viii.xlsx"
    result = run("blank", "lgtaip-2015-federal/2016/viii", "-o", output)
    assert result.exit_code == 2 and "no por una plantilla de carga de 2018" in result.output
    assert not output.exists()


def test_practice_writes_a_workbook_and_the_key_of_its_mistakes(tmp_path: Path) -> None:
    workbook, key = practised(tmp_path)
    assert (key["format"], key["seed"], len(key["errors"])) == (VIII, 7, 10)
    sheets = opened(workbook.read_bytes())
    for error in key["errors"]:
        assert error["code"] in RULES
        assert error["sheet"] in sheets.sheetnames
    assert practised(tmp_path) == (workbook, key)


def test_practice_takes_difficulty_and_rows(tmp_path: Path) -> None:
    workbook, key = practised(tmp_path, difficulty=1, rows=40)
    assert {error["difficulty"] for error in key["errors"]} == {1}
    assert opened(workbook.read_bytes())["Reporte de Formatos"].max_row == 47


def test_more_errors_than_fit_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    output = tmp_path / "practica.xlsx"
    result = run("practice", "2018/iii", "--seed", 1, "--errors", 5000, "-o", output)
    assert result.exit_code == 2 and "caben" in result.output
    assert not output.exists()


def test_annotate_writes_the_workbook_back_with_every_mistake_of_its_key(tmp_path: Path) -> None:
    workbook, key = practised(tmp_path)
    output = tmp_path / "revisada.xlsx"
    result = run("annotate", workbook, "-o", output)
    assert result.exit_code == 0 and "el mismo libro" in result.output and "10 hallazgos" in result.output
    listed = opened(output.read_bytes())["Errores"].iter_rows(min_row=5, values_only=True)
    assert sorted((row[-1], row[1], row[2]) for row in listed) == sorted(
        (error["code"], error["sheet"], error["cell"]) for error in key["errors"]
    )


def test_annotate_does_not_write_over_the_workbook_itself(tmp_path: Path) -> None:
    workbook, _ = practised(tmp_path)
    before = workbook.read_bytes()
    assert run("annotate", workbook, "-o", workbook).exit_code == 2
    assert workbook.read_bytes() == before


def test_what_is_no_workbook_is_refused_with_its_reason(tmp_path: Path) -> None:
    page = tmp_path / "pagina.xlsx"
    page.write_text("<html><body>Sesión finalizada</body></html>", encoding="utf-8")
    result = run("annotate", page, "-o", tmp_path / "revisada.xlsx")
    assert result.exit_code == 2 and "[" in result.output


@pytest.mark.parametrize(("row", "column"), [(7, 3), (27, None), (3, 27), (9, 701)])
def test_a_key_comes_back_as_it_was_written(row: int, column: int | None) -> None:
    error = SeededError("url_local_path", "Reporte de Formatos", row, column, "https://ejemplo.example", 2)
    assert key_from_json(key_to_json(Key(VIII, 7, (error,)))) == Key(VIII, 7, (error,))


def test_a_date_that_was_right_is_written_as_people_type_it() -> None:
    error = SeededError("date_shape", "Reporte de Formatos", 7, 1, date(2021, 3, 31))
    assert json.loads(key_to_json(Key(VIII, 7, (error,))))["errors"][0]["right"] == "31/03/2021"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "x", "seed": 1, "errors": [{"code": "a", "sheet": "b", "cell": "?"}]}']
)
def test_a_file_that_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidKey, match="no es una clave"):
        key_from_json(text)
