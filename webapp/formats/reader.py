"""Reads a workbook of any layout into plain values."""

from __future__ import annotations

from webapp.formats.model import Sheet, Value, Workbook

LOAD_SHEET = "Reporte de Formatos"


def load_sheet(workbook: Workbook) -> Sheet | None:
    """The main sheet of a load workbook, None when there is none."""
    return workbook.sheets.get(LOAD_SHEET)


def as_id(value: Value) -> str:
    """An id as text, also where a spreadsheet program turned it into a number (53405.0)."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() if value is not None else ""
