"""`aula formats check` and `score`, as somebody types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.formats.workbooks import FORMATS, RULES
from webapp.formats.checker import check, check_file
from webapp.formats.cli import formats
from webapp.formats.definitions import Library
from webapp.formats.keys import key_to_json
from webapp.formats.model import Unreadable
from webapp.formats.practice import make
from webapp.formats.reader import read

LIBRARY = Library(FORMATS)
XII = LIBRARY.get("lgtaip-2015-michoacan/2018/xii")


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(formats, [str(word) for word in words])


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    """A workbook with a date that does not exist and a blank at the end of a text."""
    made = make(XII, 5, 2, RULES, codes=("date_impossible", "blanks_at_ends"))
    (tmp_path / "clave.json").write_text(key_to_json(made.key), encoding="utf-8")
    path = tmp_path / "entrega.xlsx"
    path.write_bytes(made.workbook)
    return path


@pytest.fixture
def right(tmp_path: Path) -> Path:
    path = tmp_path / "correcto.xlsx"
    path.write_bytes(make(XII, 5, 0, RULES).workbook)
    return path


def test_programs_get_every_finding_and_how_grave_it_is(spoiled: Path) -> None:
    result = run("check", spoiled, "--json")
    assert result.exit_code == 1
    answer = json.loads(result.output)
    errors = json.loads((spoiled.parent / "clave.json").read_text(encoding="utf-8"))["errors"]
    assert set(answer) == {"format", "layout", "summary", "findings"}
    assert (answer["format"], answer["layout"]) == (XII.id, "load-2018")
    assert {name: answer["summary"][name] for name in ("blocking", "warning", "info")} == {
        "blocking": 1, "warning": 1, "info": 0,
    }  # fmt: skip
    assert {(one["code"], one["sheet"], one["cell"]) for one in answer["findings"]} == {
        (error["code"], error["sheet"], error["cell"]) for error in errors
    }
    date = next(one for one in answer["findings"] if one["code"] == "date_impossible")
    assert date["severity"] == "blocking" and date["value"] in date["message"]
    assert f"{date['column']}{date['row']}" == date["cell"]


def test_people_read_the_gravest_first_with_what_to_do(spoiled: Path) -> None:
    result = run("check", spoiled)
    lines = result.output.splitlines()
    assert result.exit_code == 1
    assert [line for line in lines if line and not line.startswith(" ")][1:4] == [
        "Impide la carga: 1", "Advierte: 1", "Informa: 0",
    ]  # fmt: skip
    assert "    Qué hago: Corrige el día o el mes." in lines
    assert lines[-1] == "Es un equivalente formativo, no un validador oficial."


def test_a_workbook_that_nothing_is_wrong_with_ends_well(right: Path) -> None:
    result = run("check", right, "--json")
    assert result.exit_code == 0
    assert json.loads(result.output)["findings"] == []


def test_what_only_warns_ends_well(tmp_path: Path) -> None:
    path = tmp_path / "espacios.xlsx"
    path.write_bytes(make(XII, 5, 1, RULES, codes=("blanks_at_ends",)).workbook)
    assert run("check", path).exit_code == 0


def test_a_file_that_is_no_workbook_is_refused_with_a_reason_for_people_and_for_programs(tmp_path: Path) -> None:
    path = tmp_path / "lista.xlsx"
    path.write_text("nombre,cargo\n", encoding="utf-8")
    told, named = run("check", path), run("check", path, "--json")
    assert (told.exit_code, named.exit_code) == (2, 2)
    answer = json.loads(named.output)
    assert (answer["format"], answer["findings"], answer["error"]["code"]) == (None, [], "text")
    assert answer["error"]["message"] in told.output


def test_long_lists_are_cut_for_people_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "muchos.xlsx"
    path.write_bytes(make(XII, 5, 14, RULES, codes=("date_impossible",), rows=15).workbook)
    lines = run("check", path).output.splitlines()
    assert "  Fecha que no existe [date_impossible]: 14" in lines
    assert "    … y 4 más" in lines


def test_an_exercise_is_marked_against_its_key(spoiled: Path, right: Path) -> None:
    key = spoiled.parent / "clave.json"
    untouched = run("score", spoiled, "--key", key, "--practice", spoiled)
    assert untouched.output.startswith("0 %: de 2 errores corregiste 0 y agregaste 0\n\nLo que faltó\n")
    mended = json.loads(run("score", right, "--key", key, "--practice", spoiled, "--json").output)
    assert (mended["percent"], mended["seeded"], mended["mended"], mended["broken"]) == (100, 2, 2, 0)
    assert mended["codes"]["date_impossible"] == {"mended": 1, "seeded": 1}
    broken = run("score", spoiled, "--key", _empty_key(spoiled.parent))
    assert "Lo que no estaba mal y ahora sí" in broken.output


def _empty_key(folder: Path) -> Path:
    path = folder / "vacia.json"
    path.write_text(json.dumps({"format": XII.id, "seed": 1, "errors": []}), encoding="utf-8")
    return path


def test_a_file_that_is_no_key_is_refused(spoiled: Path) -> None:
    result = run("score", spoiled, "--key", spoiled)
    assert result.exit_code == 2
    assert "no es una clave" in result.output


def test_the_limited_process_says_the_same_as_this_one(spoiled: Path, tmp_path: Path) -> None:
    here = check(read(spoiled), XII, RULES)
    assert check_file(spoiled, LIBRARY, RULES) == here
    empty = tmp_path / "vacio.xlsx"
    empty.touch()
    with pytest.raises(Unreadable) as refused:
        check_file(empty, LIBRARY, RULES)
    assert refused.value.code == "empty"
