"""How an exercise is marked: what was mended, left and broken, also where rows moved."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date

import pytest

from tests.formats.workbooks import JUDGED, MAIN, RULES, TODAY, Sheets, book, right_sheets
from webapp.formats.model import Key, SeededError, Value
from webapp.formats.scoring import Missed, Score, score

Move = Callable[[Sheets], None]
TABLE = "Tabla_109"
END = date(2025, 3, 31)
ERRORS = (
    SeededError("date_impossible", MAIN, 7, 2, END),
    SeededError("catalogue_unknown", MAIN, 8, 3, "Tres"),
    SeededError("amount_symbol", TABLE, 5, 2, 103.25),
    SeededError("duplicate_row", MAIN, 12, None),
)
KEY = Key(JUDGED.id, 1, ERRORS)


def practice() -> Sheets:
    """Six rows, the last of which repeats the fifth; an error in C8, in D9 and in C6 of the table."""
    sheets = right_sheets(JUDGED, rows=5)
    main = sheets[MAIN]
    main.append(list(main[11]))
    main[7][2] = "31/06/2025"
    main[8][3] = "PRESIDENCIA"
    sheets[TABLE][5][2] = "$103.25"
    return sheets


def mend(sheets: Sheets) -> None:
    sheets[MAIN][7][2] = END
    sheets[MAIN][8][3] = "Tres"
    sheets[TABLE][5][2] = 103.25
    del sheets[MAIN][12]


def marked(submitted: Sheets, with_original: bool = True, key: Key = KEY) -> Score:
    original = book(practice()) if with_original else None
    return score(JUDGED, key, book(submitted), RULES, original, TODAY)


def broken(marks: Score) -> list[tuple[str, str, str]]:
    return [(finding.code, finding.sheet, finding.cell) for finding in marks.broken]


def figures(marks: Score) -> tuple[int, int, int, int]:
    return marks.percent, len(marks.mended), len(marks.missed), marks.breakages


@pytest.mark.parametrize("with_original", [True, False])
def test_a_workbook_handed_in_as_it_came_has_nothing_mended_and_nothing_broken(with_original: bool) -> None:
    marks = marked(practice(), with_original)
    assert figures(marks) == (0, 0, 4, 0)
    assert marks.missed == (
        Missed("date_impossible", MAIN, "C8", "31/06/2025", "31/03/2025"),
        Missed("catalogue_unknown", MAIN, "D9", "PRESIDENCIA", "Tres"),
        Missed("amount_symbol", TABLE, "C6", "$103.25", "103.25"),
        Missed("duplicate_row", MAIN, "13", "", ""),
    )
    assert marks.by_code == {
        "amount_symbol": (0, 1), "catalogue_unknown": (0, 1), "date_impossible": (0, 1), "duplicate_row": (0, 1),
    }  # fmt: skip


@pytest.mark.parametrize("with_original", [True, False])
def test_a_workbook_with_everything_mended_has_full_marks(with_original: bool) -> None:
    sheets = practice()
    mend(sheets)
    assert figures(marked(sheets, with_original)) == (100, 4, 0, 0)


def test_any_value_that_nothing_is_wrong_with_mends_a_cell() -> None:
    sheets = practice()
    sheets[MAIN][7][2] = "31/03/2025"
    sheets[MAIN][8][3] = "Uno"
    assert figures(marked(sheets)) == (50, 2, 2, 0)


def test_one_fault_in_the_place_of_another_mends_nothing_and_breaks_nothing() -> None:
    sheets = practice()
    sheets[MAIN][7][2] = "31 de marzo"
    marks = marked(sheets)
    assert figures(marks) == (0, 0, 4, 0)
    assert marks.missed[0] == Missed("date_impossible", MAIN, "C8", "31 de marzo", "31/03/2025")


def test_an_emptied_cell_is_not_mended() -> None:
    sheets = practice()
    sheets[MAIN][8][3] = None
    assert figures(marked(sheets)) == (0, 0, 4, 0)


def test_what_is_broken_is_taken_from_what_was_mended() -> None:
    sheets = practice()
    mend(sheets)
    sheets[MAIN][9][5] = "$5"
    sheets[MAIN][10][6] = "acta.pdf"
    marks = marked(sheets)
    assert figures(marks) == (50, 4, 0, 2)
    assert broken(marks) == [("amount_symbol", MAIN, "F10"), ("url_file_name", MAIN, "G11")]


def test_more_broken_than_mended_is_zero() -> None:
    sheets = practice()
    for row in sheets[MAIN][9:12]:
        row[5] = "$5"
    assert figures(marked(sheets))[0] == 0


def test_a_right_cell_changed_to_another_right_looking_value_is_broken() -> None:
    sheets = practice()
    mend(sheets)
    sheets[MAIN][9][5] = 999.0
    marks = marked(sheets)
    assert figures(marks) == (75, 4, 0, 1)
    assert broken(marks) == [("right_cell_changed", MAIN, "F10")]
    assert marks.broken[0].message == "«103.25» estaba bien y ahora dice «999» · celda F10"


def test_a_right_cell_written_another_way_or_a_note_added_breaks_nothing() -> None:
    sheets = practice()
    mend(sheets)
    sheets[MAIN][9][1] = "01/01/2025"
    sheets[MAIN][9][5] = "103.25"
    sheets[MAIN][9][15:] = ["Se informa según el acta de la primera sesión"]
    assert figures(marked(sheets)) == (100, 4, 0, 0)


def _inserted(sheets: Sheets) -> None:
    row: list[Value] = copy.deepcopy(sheets[MAIN][9])
    row[4] = "Otra persona"
    sheets[MAIN].insert(7, row)


def _sorted(sheets: Sheets) -> None:
    sheets[MAIN][7:] = sheets[MAIN][:6:-1]


def _right_row_deleted_below(sheets: Sheets) -> None:
    del sheets[MAIN][10]


@pytest.mark.parametrize(
    ("move", "expected", "cell"),
    [(_inserted, (0, 0, 4, 0), "C9"), (_sorted, (0, 0, 4, 0), "C13"), (_right_row_deleted_below, (0, 0, 4, 1), "C8")],
)
def test_errors_are_followed_where_rows_were_moved(move: Move, expected: tuple[int, int, int, int], cell: str) -> None:
    sheets = practice()
    move(sheets)
    marks = marked(sheets)
    assert figures(marks) == expected
    assert marks.missed[0].cell == cell


@pytest.mark.parametrize("move", [_inserted, _sorted])
def test_mended_errors_are_followed_where_rows_were_moved(move: Move) -> None:
    sheets = practice()
    mend(sheets)
    move(sheets)
    assert figures(marked(sheets)) == (100, 4, 0, 0)


def test_deleting_the_row_of_an_error_does_not_mend_it() -> None:
    sheets = practice()
    del sheets[MAIN][8]
    marks = marked(sheets)
    assert figures(marks) == (0, 0, 4, 0)
    assert marks.missed[1] == Missed("catalogue_unknown", MAIN, "", "", "Tres")


def test_deleting_a_right_row_breaks_it() -> None:
    sheets = practice()
    mend(sheets)
    del sheets[MAIN][10]
    marks = marked(sheets)
    assert figures(marks) == (75, 4, 0, 1)
    assert marks.broken[0].message == "La fila 11 estaba bien y se eliminó"


def test_a_row_copied_in_again_is_broken() -> None:
    sheets = practice()
    sheets[MAIN][8][3] = "Tres"
    sheets[MAIN][7][2] = END
    sheets[MAIN].append(list(sheets[MAIN][9]))
    marks = marked(sheets)
    assert figures(marks) == (25, 2, 2, 1)
    assert broken(marks) == [("duplicate_row", MAIN, "14")]


def test_a_deleted_column_breaks_what_hangs_on_it() -> None:
    sheets = practice()
    mend(sheets)
    for row in (*sheets[MAIN][3:5], *sheets[MAIN][6:]):
        del row[3]
    marks = marked(sheets)
    assert marks.percent < 100
    assert ("column_missing", MAIN, "") in broken(marks)


def test_findings_that_the_workbook_had_beyond_its_key_are_nobodys_fault() -> None:
    key = Key(JUDGED.id, 1, ERRORS[:1])
    sheets = practice()
    sheets[MAIN][7][2] = END
    assert figures(marked(sheets, key=key)) == (100, 1, 0, 0)


def test_an_exercise_without_errors_is_full_until_something_is_broken() -> None:
    key = Key(JUDGED.id, 1)
    right = right_sheets(JUDGED, rows=2)
    assert score(JUDGED, key, book(right), RULES, book(right), TODAY).percent == 100
    wrong = right_sheets(JUDGED, rows=2)
    wrong[MAIN][7][5] = "$5"
    assert score(JUDGED, key, book(wrong), RULES, book(right), TODAY).percent == 0


def test_a_workbook_of_another_kind_is_marked_without_a_crash() -> None:
    marks = score(JUDGED, KEY, book({"Hoja1": [["nada"]]}), RULES, book(practice()), TODAY)
    assert marks.percent == 0
