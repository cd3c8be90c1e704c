"""Practice workbooks: invented data without a fault, mistakes on purpose, and a key that names them all."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Collection
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.sample import opened, written
from tests.formats.workbooks import FORMATS, RULES
from webapp.formats import guard, layout, reader
from webapp.formats.blank import Content, fill
from webapp.formats.chance import Chance
from webapp.formats.checker import check
from webapp.formats.definitions import Library
from webapp.formats.fiction import invent, plain, world
from webapp.formats.mistakes import bank
from webapp.formats.model import Format, Report, SeededError, Sheet, Value, Workbook
from webapp.formats.practice import Practice, TooManyErrors, make, spoiled
from webapp.formats.scoring import score

ROOT = Path(__file__).parents[2]
LIBRARY = Library(FORMATS)
TEMPLATES = [format for format in LIBRARY.formats if format.layout == "load-2018"]
STARTERS = [
    LIBRARY.get(f"lgtaip-2015-michoacan/2018/{name}")
    for name in ("i", "ii-a", "iii", "vii", "viii", "ix", "xii", "xvii", "xxviii-b", "xxxix-a")
]
VIII, IX, XXVIII_B = STARTERS[4], STARTERS[5], STARTERS[8]
MAIN = layout.MAIN_SHEET

Place = tuple[str, str, int | None, int | None]


def named(format: Format) -> str:
    return format.id


def read(practice: Practice, folder: Path) -> Workbook:
    """The practice workbook as a learner's upload is read."""
    path = folder / "practica.xlsx"
    path.write_bytes(practice.workbook)
    guard.check_file(path)
    return reader.read(path)


def places(report: Report) -> Counter[Place]:
    return Counter((finding.code, finding.sheet, finding.row, finding.column) for finding in report.findings)


def expected(errors: Collection[SeededError]) -> Counter[Place]:
    return Counter((error.code, error.sheet, error.row, error.column) for error in errors)


@cache
def invented(format: Format, seed: int = 0) -> Content:
    return invent(format, Chance(str(seed)))


def columns(format: Format, content: Content, *parts: str) -> list[tuple[Value, ...]]:
    """Of every row, the values of the columns whose names hold these words, in their order."""
    places = [next(at for at, field in layout.columns(format) if part in plain(field.name)) for part in parts]
    return [tuple(row[place] for place in places) for row in content.rows]


# What is invented


@pytest.mark.parametrize("format", TEMPLATES, ids=named)
def test_nothing_is_found_in_what_is_invented(format: Format) -> None:
    for seed in range(2):
        assert check(fill(format, invented(format, seed)), format, RULES).findings == ()


@pytest.mark.parametrize("format", STARTERS, ids=named)
def test_there_are_8_to_25_rows_and_none_twice(format: Format) -> None:
    for seed in range(5):
        rows = [tuple(row) for row in invented(format, seed).rows]
        assert 8 <= len(rows) <= 25
        assert len(set(rows)) == len(rows)


def test_as_many_rows_as_are_asked_for_are_made() -> None:
    assert len(invent(VIII, Chance("muchos"), rows=60).rows) == 60


@pytest.mark.parametrize("format", TEMPLATES, ids=named)
def test_every_invented_address_belongs_to_nobody(format: Format) -> None:
    content = invented(format)
    texts = [value for rows in (content.rows, *content.tables.values()) for row in rows for value in row]
    hosts = {
        found for text in texts if isinstance(text, str) for found in re.findall(r"(?:https?://|@)([^/\s]+)", text)
    }
    assert all(host.endswith(".example") for host in hosts)


def test_people_have_two_surnames_and_the_sex_of_their_names() -> None:
    names = world().names
    for given_name, first, second, sex in columns(
        VIII, invented(VIII), "nombre (s)", "primer apellido", "segundo apellido", "sexo"
    ):
        assert given_name in names["women" if sex == "Femenino" else "men"]
        assert {first, second} <= set(names["surnames"])


def test_net_pay_is_less_than_gross_pay() -> None:
    content = invented(VIII)
    for gross, net in columns(VIII, content, "remuneracion bruta", "remuneracion neta"):
        assert isinstance(gross, float) and isinstance(net, float) and 0 < net < gross
    for row in content.tables["512939"]:
        assert isinstance(row[2], float) and isinstance(row[3], float) and row[3] < row[2]


def test_what_a_trip_cost_is_the_sum_of_its_parts() -> None:
    content = invented(IX)
    for link, total in columns(IX, content, "importe ejercido por partida", "importe total erogado"):
        parts = [row[3] for row in content.tables["512963"] if row[0] == link]
        assert sum(float(str(part)) for part in parts) == pytest.approx(total)


def test_a_contract_costs_its_amount_and_the_tax_and_the_cheapest_offer_won() -> None:
    content = invented(XXVIII_B)
    for link, bare, taxed, winner in columns(
        XXVIII_B, content, "cotizaciones consideradas", "sin impuestos", "con impuestos", "razon social del adjudicado"
    ):
        assert float(str(bare)) * 1.16 == pytest.approx(taxed)
        offers = [(float(str(row[6])), row[4]) for row in content.tables["514747"] if row[0] == link]
        lowest, bidder = min(offers)
        assert (lowest, bidder) == (taxed, winner)


def test_dates_of_a_trip_follow_each_other_inside_the_period() -> None:
    for dates in columns(
        IX, invented(IX), "fecha de inicio", "de salida", "de regreso", "del informe", "fecha de termino"
    ):
        assert list(dates) == sorted(dates, key=lambda day: day if isinstance(day, date) else date.min)


@pytest.mark.parametrize("format", TEMPLATES, ids=named)
def test_rows_of_tables_belong_to_rows_of_the_main_sheet(format: Format) -> None:
    content = invented(format)
    for table in format.tables:
        assert {row[0] for row in content.tables[table.id]} == set(range(1, len(content.rows) + 1))


# What is put wrong


def test_every_mistake_of_the_bank_has_its_rule() -> None:
    assert {mistake.code for mistake in bank()} <= set(RULES)


@pytest.mark.parametrize("code", [mistake.code for mistake in bank()])
def test_every_mistake_of_the_bank_can_be_made(code: str) -> None:
    made = [
        practice.key.errors[0].code
        for format in (VIII, XXVIII_B, LIBRARY.get("lgtaip-2015-michoacan/2018/i"))
        for practice in [_made(format, code)]
        if practice
    ]
    assert made and set(made) == {code}


def _made(format: Format, code: str) -> Practice | None:
    try:
        return make(format, 3, 1, RULES, codes=[code])
    except TooManyErrors:
        return None


@settings(max_examples=40, deadline=None)
@given(
    format=st.sampled_from(STARTERS),
    seed=st.integers(0, 10**9),
    errors=st.integers(0, 12),
    difficulties=st.sets(st.sampled_from([1, 2, 3]), min_size=1),
)
def test_the_check_finds_exactly_what_was_put_wrong(
    format: Format, seed: int, errors: int, difficulties: set[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    practice = make(format, seed, errors, RULES, difficulties)
    workbook = read(practice, tmp_path_factory.mktemp("practica"))
    assert LIBRARY.recognise(workbook) == format
    assert len(practice.key.errors) == errors
    assert {error.difficulty for error in practice.key.errors} <= difficulties
    assert places(check(workbook, format, RULES)) == expected(practice.key.errors)


@pytest.mark.slow
@pytest.mark.parametrize("format", STARTERS, ids=named)
def test_a_hundred_workbooks_of_each_format_are_answered_without_a_miss(format: Format, tmp_path: Path) -> None:
    """One in ten goes through a file, as a learner's does; that a file holds what was packed, other tests say."""
    for seed in range(100):
        if seed % 10:
            workbook, key = spoiled(format, seed, 1 + seed % 12, RULES)
        else:
            practice = make(format, seed, 1 + seed % 12, RULES)
            workbook, key = read(practice, tmp_path), practice.key
        assert places(check(workbook, format, RULES)) == expected(key.errors), seed


@pytest.mark.parametrize("format", TEMPLATES, ids=named)
def test_any_template_can_be_practised_with(format: Format, tmp_path: Path) -> None:
    practice = make(format, 11, 5, RULES)
    assert places(check(read(practice, tmp_path), format, RULES)) == expected(practice.key.errors)


@pytest.mark.parametrize("format", STARTERS, ids=named)
def test_what_the_key_says_is_right_mends_its_cell(format: Format) -> None:
    practice = make(format, 5, 15, RULES)
    content = opened(practice.workbook)
    for error in practice.key.errors:
        if error.row is None or error.column is None or error.code == "table_row_unused":
            continue
        cell = content[error.sheet].cell(error.row + 1, error.column + 1)
        assert cell.value != error.right
        cell.value = error.right
    sheets = {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in content}
    workbook = Workbook("load-2018", "xlsx", {name: Sheet(name, rows) for name, rows in sheets.items()})
    left = {finding.code for finding in check(workbook, format, RULES).findings}
    # A row too many goes by being taken away; dates of last quarter or year, and their kind, need the other dates too.
    assert left <= {"duplicate_row", "table_row_unused", "period_reversed", "year_mismatch"}


def test_no_two_mistakes_share_a_cell() -> None:
    for format in STARTERS:
        cells = [(error.sheet, error.cell) for error in make(format, 8, 25, RULES).key.errors]
        assert len(set(cells)) == len(cells)


def test_mistakes_differ_before_any_comes_twice() -> None:
    codes = Counter(error.code for error in make(VIII, 2, 20, RULES).key.errors)
    assert set(codes.values()) == {1}


def test_only_the_mistakes_that_are_asked_for_are_made() -> None:
    asked = {"url_local_path", "catalogue_unknown"}
    errors = make(IX, 4, 6, RULES, codes=asked).key.errors
    assert {error.code for error in errors} == asked


def test_a_rule_that_was_taken_out_gives_no_mistake() -> None:
    rules = {code: rule for code, rule in RULES.items() if code == "url_local_path"}
    assert {error.code for error in make(IX, 4, 6, rules).key.errors} == {"url_local_path"}


def test_more_mistakes_than_fit_are_refused_with_the_number_that_fits() -> None:
    with pytest.raises(TooManyErrors, match=r"Se pidieron 5000 errores y en este libro caben \d+\.") as refused:
        make(STARTERS[2], 1, 5000, RULES)
    assert len(make(STARTERS[2], 1, refused.value.fit, RULES).key.errors) == refused.value.fit


# The file


def test_the_same_seed_gives_the_same_bytes_in_another_process_too() -> None:
    script = (
        "import hashlib, json, sys; from tests.formats.test_practice import VIII, RULES, make; p = make(VIII, 77, 9, RULES);"
        "print(json.dumps([hashlib.sha256(p.workbook).hexdigest(), repr(p.key)]))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "TZ": zone},
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        for seed, zone in (("1", "America/Monterrey"), ("2", "UTC"))
    ]
    first, second = (json.loads(run.stdout) for run in runs)
    assert first == second


def test_another_seed_gives_another_workbook() -> None:
    assert make(VIII, 1, 3, RULES).workbook != make(VIII, 2, 3, RULES).workbook


def test_the_file_says_that_its_data_are_fictitious_in_its_properties_and_last_sheet() -> None:
    book = opened(make(VIII, 1, 3, RULES).workbook)
    assert book.sheetnames[-1] == "DATOS FICTICIOS" == book.worksheets[-1]["A1"].value
    assert (book.properties.description, book.properties.keywords) == ("DATOS FICTICIOS", "DATOS FICTICIOS")


def test_the_template_around_the_data_is_that_of_the_blank_one() -> None:
    practised, blank = opened(make(VIII, 1, 0, RULES).workbook), opened(written(VIII))
    assert practised.sheetnames[:-1] == blank.sheetnames
    for sheet in blank:
        heads = 7 if sheet.title == MAIN else 3 if sheet.title.startswith("Tabla") else sheet.max_row
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(max_row=heads)]
        other = practised[sheet.title].iter_rows(max_row=heads, max_col=sheet.max_column)
        assert [[cell.value for cell in row] for row in other] == rows


# The exercise


@pytest.mark.parametrize("format", STARTERS, ids=named)
def test_the_workbook_without_its_mistakes_gets_full_marks_and_the_untouched_one_none(
    format: Format, tmp_path: Path
) -> None:
    handed_out, clean = make(format, 21, 8, RULES), make(format, 21, 0, RULES)
    left = read(handed_out, tmp_path)
    assert score(format, handed_out.key, left, RULES, handed_out=left).percent == 0
    marks = score(format, handed_out.key, read(clean, tmp_path), RULES, handed_out=left)
    assert (marks.percent, marks.missed, marks.broken) == (100, (), ())
