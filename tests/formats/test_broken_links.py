"""Rows of a table that are left alone because the cell that meant them links nothing."""

from __future__ import annotations

from dataclasses import replace

from tests.formats.workbooks import FORMATS, RULES
from webapp.formats.blank import fill
from webapp.formats.chance import Chance
from webapp.formats.checker import check
from webapp.formats.definitions import Library
from webapp.formats.fiction import invent
from webapp.formats.mistakes import Draft
from webapp.formats.model import Value

VIII = Library(FORMATS).get("lgtaip-2015-michoacan/2018/viii")
MAIN, TABLE = "Reporte de Formatos", "Tabla_512939"
COLUMN = 16  # of the main sheet, which points into the table


def found(links: dict[int, Value], extra: int = 0) -> list[tuple[str, str]]:
    """Codes and cells after the links of some rows are changed and `extra` rows nobody uses are added to the table."""
    content = invent(VIII, Chance("una vez"), rows=8)
    unused: list[list[Value]] = [[901 + nth, "Bono", 10.0, 8.0, "Pesos", "Anual"] for nth in range(extra)]
    rows = [*content.tables["512939"], *unused]
    draft = Draft(VIII, fill(VIII, replace(content, tables={**content.tables, "512939": rows})))
    draft.put({(MAIN, row, COLUMN): value for row, value in links.items()})
    return [(finding.code, finding.sheet) for finding in check(draft.workbook(), VIII, RULES).findings]


def test_a_broken_link_is_said_once_and_not_again_at_the_rows_that_it_leaves_alone() -> None:
    assert found({7: 4498.3, 9: 999}) == [("table_amount", MAIN), ("table_id_unknown", MAIN)]


def test_rows_that_nobody_uses_are_said_where_all_links_hold() -> None:
    assert found({}, extra=1) == [("table_row_unused", TABLE)]


def test_more_rows_left_alone_than_broken_links_are_said() -> None:
    assert ("table_row_unused", TABLE) in found({7: 4498.3}, extra=1)


def test_an_empty_cell_excuses_no_row() -> None:
    assert {code for code, _ in found({7: None})} == {"empty_without_note", "table_row_unused"}
