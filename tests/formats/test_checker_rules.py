"""For every rule there is a workbook that breaks it, at one cell and with nothing else, and one that does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml

from tests.formats.workbooks import FORMATS, JUDGED, MAIN, RULES, Sheets, checked, places, right_sheets
from webapp.formats import layout
from webapp.formats.model import Value
from webapp.formats.rules import UNPROVED, RulesError, holding, read_rules

TABLE = "Tabla_109"
Spoil = Callable[[Sheets], object]


def put(**cells: Value) -> Spoil:
    """Write cells of the main sheet, by their addresses."""
    return put_in(MAIN, **cells)


def put_in(sheet: str, **cells: Value) -> Spoil:
    def spoil(sheets: Sheets) -> None:
        for place, value in cells.items():
            row, column = int(place[1:]) - 1, ord(place[0]) - 65
            cells_of_row = sheets[sheet][row]
            cells_of_row += [None] * (column + 1 - len(cells_of_row))
            cells_of_row[column] = value

    return spoil


def columns(change: Callable[[list[Value]], object]) -> Spoil:
    """Change the rows of codes, ids, headers and data of the main sheet."""

    def spoil(sheets: Sheets) -> None:
        for row in (*sheets[MAIN][3:5], *sheets[MAIN][6:]):
            change(row)

    return spoil


def renamed(sheets: Sheets) -> None:
    sheets["Reporte"] = sheets.pop(MAIN)


BROKEN: list[tuple[str, Spoil, str, str]] = [
    ("sheet_missing", lambda sheets: sheets.pop("Hidden_1"), "Hidden_1", ""),
    ("sheet_renamed", renamed, "Reporte", ""),
    ("sheet_added", lambda sheets: sheets.update(Hoja1=[["apuntes"]]), "Hoja1", ""),
    ("catalogue_sheet_changed", lambda sheets: sheets["Hidden_2"].append(["Otro"]), "Hidden_2", ""),
    ("format_id_changed", put(A1="53405"), MAIN, "A1"),
    ("rows_shifted", lambda sheets: sheets[MAIN].insert(0, ["Logotipo"]), MAIN, "6"),
    ("field_ids_missing", lambda sheets: sheets[MAIN][4].clear(), MAIN, ""),
    ("field_id_changed", put(E5="999"), MAIN, "E5"),
    ("type_code_changed", put(E4="1"), MAIN, "E4"),
    ("column_missing", columns(lambda row: row.pop(4)), MAIN, ""),
    ("column_added", columns(lambda row: row.insert(4, "No.")), MAIN, "E"),
    ("column_moved", columns(lambda row: row.insert(2, row.pop(7))), MAIN, "C"),
    ("header_changed", put(E7="Puesto"), MAIN, "E7"),
    ("template_name_changed", put(D3="Municipio"), MAIN, "D3"),
    ("data_start_late", lambda sheets: sheets[MAIN].insert(7, []), MAIN, "9"),
    ("blank_row", lambda sheets: sheets[MAIN].insert(8, [None, "  "]), MAIN, "9"),
    ("data_outside_columns", put(Q9="apunte"), MAIN, "Q9"),
    ("short_text_too_long", put_in(TABLE, B5="x" * 151), TABLE, "B5"),
    ("long_text_too_long", put(E9="x" * 4001), MAIN, "E9"),
    ("text_characters", put(E9="Área de control – interno"), MAIN, "E9"),
    ("error_value", put(E9="#N/A"), MAIN, "E9"),
    ("blanks_at_ends", put(E9="Departamento de Vinculación "), MAIN, "E9"),
    ("amount_symbol", put(F9="$12,500.00"), MAIN, "F9"),
    ("amount_commas", put(F9="12,500"), MAIN, "F9"),
    ("amount_decimals", put(F9=10433.333333), MAIN, "F9"),
    ("amount_digits", put(F9=1_250_012_500_000.0), MAIN, "F9"),
    ("not_a_number", put(H9="No aplica"), MAIN, "H9"),
    ("date_impossible", put(C9="31/06/2021"), MAIN, "C9"),
    ("date_two_digit_year", put(C9="31/03/25"), MAIN, "C9"),
    ("date_as_number", put(C9=45747.0), MAIN, "C9"),
    ("date_shape", put(C9="2025-03-31"), MAIN, "C9"),
    ("date_in_future", put(N9=date(2026, 1, 16)), MAIN, "N9"),
    ("time_shape", put(K9="24:00"), MAIN, "K9"),
    ("year_shape", put(L9="19"), MAIN, "L9"),
    ("exercise_shape", put(A9="Ejercicio 2025"), MAIN, "A9"),
    ("url_local_path", put(G9=r"E:\transparencia\HIPERVINCULOS\ESTADO ANALITICO EGRESO POR COG.xlsx"), MAIN, "G9"),
    ("url_file_name", put(G9="PRESUPUESTO 2019.pdf"), MAIN, "G9"),
    ("url_incomplete", put(G9="www.ejemplo.gob.mx"), MAIN, "G9"),
    ("url_blanks", put(G9="https://ejemplo.gob.mx/Acta 3.pdf"), MAIN, "G9"),
    ("catalogue_case", put(J9="MUJER "), MAIN, "J9"),
    ("catalogue_spelling", put(J9="Mujér"), MAIN, "J9"),
    ("catalogue_unknown", put(D9="PRESIDENCIA"), MAIN, "D9"),
    ("table_hint_left", put(I9=layout.hint("109")), MAIN, "I9"),
    ("table_amount", put(I9=4498.3), MAIN, "I9"),
    ("table_id_not_number", put(I9="Ver tabla"), MAIN, "I9"),
    ("table_id_unknown", put(I9=12), MAIN, "I9"),
    ("table_row_unused", put_in(TABLE, A5=2), TABLE, "A5"),
    ("table_row_id", put_in(TABLE, A5="Persona"), TABLE, "A5"),
    ("period_reversed", put(B9=date(2025, 4, 1)), MAIN, "B9"),
    ("period_shape", put(B9=date(2025, 1, 31)), MAIN, "B9"),
    ("period_length", put(C9=date(2025, 6, 30)), MAIN, "C9"),
    ("year_mismatch", put(A9="2024"), MAIN, "A9"),
    ("validation_before_update", put(N9=date(2026, 1, 7)), MAIN, "N9"),
    ("validation_within_period", put(N9=date(2025, 3, 31), O9=date(2025, 3, 31)), MAIN, "N9"),
    ("required_empty", put(M9=None), MAIN, "M9"),
    ("update_date_empty", put(O9=" "), MAIN, "O9"),
    ("duplicate_row", lambda sheets: sheets[MAIN].append(list(sheets[MAIN][7])), MAIN, "11"),
    ("several_years", put(A9="2024", B9=date(2024, 1, 1), C9=date(2024, 3, 31)), MAIN, "A9"),
    ("other_period", put(B9=date(2025, 4, 1), C9=date(2025, 6, 30)), MAIN, "B9"),
    ("empty_without_note", put(E9=None), MAIN, "E9"),
    ("poor_note", put(E9=None, P9="N A"), MAIN, "P9"),
]


@pytest.mark.parametrize(("code", "spoil", "sheet", "cell"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_mistake_is_found_where_it_is_and_nothing_else(code: str, spoil: Spoil, sheet: str, cell: str) -> None:
    sheets = right_sheets(JUDGED, rows=3)
    spoil(sheets)
    report = checked(JUDGED, sheets)
    assert places(report) == [(code, sheet, cell)]
    assert report.findings[0].severity == RULES[code].severity
    assert "{" not in report.findings[0].message
    assert not cell or report.findings[0].message.endswith(f" {cell}")


def test_a_workbook_without_mistakes_gives_no_finding() -> None:
    report = checked(JUDGED, right_sheets(JUDGED, rows=3))
    assert places(report) == []
    assert (report.rows, report.blocks) == (3, False)


WHOLE = {
    "consultation_export": lambda: checked(None, {"Información": [["Sujeto Obligado"]]}, "export-2019"),
    "format_unknown": lambda: checked(None, right_sheets(JUDGED)),
    "layout_2016": lambda: checked(JUDGED, right_sheets(JUDGED), "load-2016"),
    "no_rows": lambda: checked(JUDGED, right_sheets(JUDGED, rows=0)),
}


@pytest.mark.parametrize("code", WHOLE)
def test_what_is_wrong_with_a_whole_workbook_is_said_once(code: str) -> None:
    assert [finding.code for finding in WHOLE[code]().findings] == [code]


@pytest.mark.parametrize(
    ("kind", "sheet", "years"),
    [("export-2019", "Información", "de 2019 en adelante"), ("export-2016", "Informacion", "de 2015 a 2017")],
)
def test_a_download_of_the_public_consultation_is_explained(kind: str, sheet: str, years: str) -> None:
    (finding,) = checked(None, {sheet: [["Sujeto Obligado"]]}, kind).findings
    assert finding.message == (
        f"Este archivo es una descarga de consulta pública, de las {years}; "
        "no trae las filas de claves con las que se carga"
    )


def test_every_published_rule_is_broken_by_a_workbook_above() -> None:
    assert {code for code, *_ in BROKEN} | set(WHOLE) == set(RULES)


# --- rules as data ----------------------------------------------------------------------------------------------


def test_what_is_not_proved_never_blocks() -> None:
    assert [rule.code for rule in RULES.values() if rule.mark in UNPROVED and rule.severity == "blocking"] == []


def _spoilt(tmp_path: Path, code: str, **changes: object) -> Path:
    data = yaml.safe_load((FORMATS / "rules.yaml").read_text(encoding="utf-8"))
    data["rules"][code].update(changes)
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"mark": "NV"}, "date_shape: what is marked NV cannot block"),
        ({"mark": "D"}, "date_shape: what is marked D cannot block"),
        ({"severity": "fatal"}, "date_shape: severity 'fatal'"),
        ({"sources": ["rumor"]}, r"date_shape: unknown sources \['rumor'\]"),
        ({"why": ""}, r"date_shape: lacks \['why'\]"),
        ({"colour": "red"}, r"date_shape: lacks \[\], has unknown \['colour'\]"),
        ({"message": "{value.real}"}, "date_shape: places of the message"),
        ({"message": "{value"}, "rules.yaml"),
    ],
)
def test_a_rule_that_cannot_be_used_is_named(tmp_path: Path, changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(RulesError, match=complaint):
        read_rules(_spoilt(tmp_path, "date_shape", **changes))


def test_a_file_that_holds_no_rules_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("- una lista\n", encoding="utf-8")
    with pytest.raises(RulesError, match=r"rules\.yaml: not a file of rules"):
        read_rules(tmp_path / "rules.yaml")


def test_a_rule_holds_only_in_the_frameworks_and_versions_that_it_names(tmp_path: Path) -> None:
    elsewhere = read_rules(_spoilt(tmp_path, "date_shape", frameworks=["otro"]))
    here = read_rules(_spoilt(tmp_path, "date_shape", frameworks=["prueba"], versions=[2018]))
    assert "date_shape" not in holding(elsewhere, JUDGED)
    assert "date_shape" in holding(here, JUDGED)


def test_every_sentence_names_its_source_in_full() -> None:
    assert all(rule.source.count("(") >= 1 for rule in RULES.values())
    assert "SIPOTPE" in RULES["date_shape"].source
