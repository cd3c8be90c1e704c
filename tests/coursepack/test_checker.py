"""What a careful colleague would say."""

from __future__ import annotations

from pathlib import Path

import pytest

from webapp.coursepack.checker import chance_of, check_folder, package_folders
from webapp.coursepack.norms import load_norms
from webapp.coursepack.readability import inflesz, level, syllables

from .example import BANK, COURSE, LESSON, NORM, ROOT, Example
from .test_problems import single


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("sol", 1), ("casa", 2), ("país", 2), ("leía", 3), ("aire", 2), ("cooperar", 4), ("quien", 1), ("guerra", 2),
        ("pingüino", 3), ("transparencia", 4), ("ciudad", 2), ("muy", 1), ("prohibir", 3), ("b", 1), ("océano", 4),
    ],
)  # fmt: skip
def test_syllables_are_counted_as_in_spanish(word: str, count: int) -> None:
    assert syllables(word) == count


def test_short_words_in_short_sentences_are_easier() -> None:
    easy = "El sol sale. La luz es clara. Ana va al mar. " * 6
    hard = "La instrumentalización administrativa interinstitucional desconcentrada presupone responsabilidades " * 8
    assert (inflesz(easy) or 0) > 80 > 40 > (inflesz(hard) or 100)
    assert [level(value) for value in (20.0, 50.0, 60.0, 70.0, 90.0)] == [
        "muy difícil", "algo difícil", "normal", "bastante fácil", "muy fácil",
    ]  # fmt: skip


def test_a_few_words_have_no_readability() -> None:
    assert inflesz("Hola. Esto es poco.") is None


def test_quotations_of_the_law_do_not_count_for_readability(example: Example) -> None:
    before = next(problem.message for problem in example.check().notes)
    example.append(LESSON, "\n::: ley\n" + "Interinstitucionalización administrativa desconcentrada " * 9 + "\n:::\n")
    after = next(problem.message for problem in example.check().notes)
    assert before.split(",")[0] == after.split(",")[0]


def test_chance_is_the_tail_of_the_hits() -> None:
    assert chance_of(0, [0.5] * 4) == 1.0
    assert chance_of(4, [0.5] * 4) == pytest.approx(1 / 16)
    assert chance_of(3, [0.5] * 4) == pytest.approx(5 / 16)
    assert chance_of(2, [0.25, 0.5]) == pytest.approx(1 / 8)
    assert chance_of(0, []) == 1.0


def test_a_varied_bank_is_not_called_guessable(example: Example) -> None:
    lengths = [[9, 12, 15, 18], [18, 9, 12, 15], [15, 18, 9, 12], [12, 15, 18, 9]]
    example.append(BANK, "\n" + "".join(single((n // 4) % 4, lengths[n % 4], f"q{n}") for n in range(16)))
    assert not [problem.code for problem in example.check().warnings if problem.code.startswith("guessable")]


def test_problems_of_the_norms_come_with_those_of_the_package(example: Example) -> None:
    example.edit(NORM, "short: LGPDPPSO", "shrt: LGPDPPSO")
    report = example.check()
    assert not report.ok
    assert "_norms/lgpdppso-2025.yaml" in {problem.file for problem in report.errors}


def test_norms_that_were_loaded_before_are_not_read_again(example: Example) -> None:
    norms, _ = load_norms(example.folder.parent / "_norms")
    example.edit(NORM, "short: LGPDPPSO", "shrt: LGPDPPSO")
    assert check_folder(example.folder, norms).ok


def test_a_report_parts_errors_warnings_and_notes(example: Example) -> None:
    example.edit(LESSON, "minutes: 4", "minutes: 90")
    report = example.check()
    assert report.slug == example.folder.name
    assert [problem.code for problem in report.errors] == []
    assert [problem.code for problem in report.warnings] == ["hours_off", "minutes_off"]
    assert [problem.code for problem in report.notes] == ["readability"]
    example.edit(COURSE, "topic: datos-personales", "topic: x")
    assert not example.check().ok


def test_the_packages_of_a_curriculum_are_its_plain_folders(tmp_path: Path) -> None:
    for name in ("uno", "_norms", ".git", "dos"):
        (tmp_path / name).mkdir()
    (tmp_path / "README.md").write_text("x")
    assert [path.name for path in package_folders(tmp_path)] == ["dos", "uno"]


def test_the_curriculum_gives_no_doubts_about_guessing() -> None:
    for folder in package_folders(ROOT / "courses"):
        codes = {problem.code for problem in check_folder(folder).warnings}
        assert not {code for code in codes if code.startswith("guessable")}, folder
