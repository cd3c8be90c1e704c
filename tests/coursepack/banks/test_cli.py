"""`aula banks`, as somebody types it."""

from __future__ import annotations

import shutil
from pathlib import Path

from click.testing import CliRunner

from webapp.coursepack.banks.cli import banks

ROOT = Path(__file__).parents[3]


def test_a_bank_goes_out_and_comes_back(tmp_path: Path) -> None:
    out = tmp_path / "banco.xml"
    bank = ROOT / "courses" / "proteccion-de-datos-personales" / "quizzes" / "banco.yaml"
    done = CliRunner().invoke(banks, ["export", str(bank), "--to", "moodle", "-o", str(out)])
    assert done.exit_code == 0 and done.output.endswith("80 preguntas\n")
    target = tmp_path / "curso" / "quizzes" / "banco.yaml"
    target.parent.mkdir(parents=True)
    done = CliRunner().invoke(banks, ["import", str(out), "-o", str(target)])
    assert done.exit_code == 0 and done.output.endswith("80 preguntas\n"), done.output


def test_what_is_wrong_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    source, target = tmp_path / "malo.gift", tmp_path / "banco.yaml"
    source.write_text("¿Sí? {T}\n\n¿Qué? {~a ~b}\n", encoding="utf-8")
    done = CliRunner().invoke(banks, ["import", str(source), "-o", str(target)])
    assert done.exit_code == 1 and not target.exists()
    assert "línea 3: pregunta 2: error [no_right_answer]" in done.output


def test_what_has_no_equal_is_left_out_when_asked(tmp_path: Path) -> None:
    source, target = tmp_path / "mixto.gift", tmp_path / "banco.yaml"
    source.write_text("¿Sí? {T}\n\nExplica. {}\n", encoding="utf-8")
    assert CliRunner().invoke(banks, ["import", str(source), "-o", str(target)]).exit_code == 1
    done = CliRunner().invoke(banks, ["import", str(source), "-o", str(target), "--skip-unsupported"])
    assert done.exit_code == 0 and "pregunta 2 fuera" in done.output and target.exists()


def test_the_template_is_written(tmp_path: Path) -> None:
    done = CliRunner().invoke(banks, ["template", "-o", str(tmp_path / "plantilla.xlsx")])
    assert done.exit_code == 0 and (tmp_path / "plantilla.xlsx").read_bytes().startswith(b"PK")


def test_a_file_that_is_no_bank_of_a_course_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "x" / "quizzes"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "courses" / "_norms" / "lga-2018.yaml", folder / "banco.yaml")
    done = CliRunner().invoke(
        banks, ["export", str(folder / "banco.yaml"), "--to", "gift", "-o", str(tmp_path / "x.gift")]
    )
    assert done.exit_code == 1 and "no bank of a course" in done.output
