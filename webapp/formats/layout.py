"""Where things stand in a load template of 2018 onwards, rows and columns counted from 0.

Source: 111 official blank templates of Michoacán of 2018; Hidalgo and Puebla of 2022 have the same layout.
"""

from __future__ import annotations

from dataclasses import dataclass

from webapp.formats.model import Field, Format

MAIN_SHEET = "Reporte de Formatos"
FICTITIOUS_SHEET = "DATOS FICTICIOS"  # last sheet of a practice workbook; official templates have none
ERRORS_SHEET = "Errores"  # first sheet of an annotated workbook

FORMAT_ID_ROW, LABEL_ROW, NAME_ROW, CODE_ROW, ID_ROW, BAND_ROW, HEADER_ROW, FIRST_ROW = range(8)
HIDDEN_ROWS = (FORMAT_ID_ROW, CODE_ROW, ID_ROW)
LABELS = ("TÍTULO", "NOMBRE CORTO", "DESCRIPCIÓN")  # each is merged over three columns, as its value below it is
BAND = "Tabla Campos"

TABLE_CODE_ROW, TABLE_ID_ROW, TABLE_HEADER_ROW, TABLE_FIRST_ROW = range(4)
TABLE_HIDDEN_ROWS = (TABLE_CODE_ROW, TABLE_ID_ROW)
TABLE_ID_HEADER = "ID"

SEARCHED_ROWS = 20  # how far down the row of ids is looked for: rows are added and deleted above it
LAST_CHECKED_ROW = 200  # Excel checks catalogues down to its row 201 and no further


def table_sheet(table_id: str) -> str:
    """The name of a secondary table's sheet."""
    return f"Tabla_{table_id}"


def hint(table_id: str) -> str:
    """What the template writes in row 8 of a column that points into a table; it must be overwritten."""
    return f"Colocar el ID de los registros de la {table_sheet(table_id)}"


def column_number(letters: str) -> int:
    """0 for "A", 27 for "AB"."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


@dataclass(frozen=True)
class Catalogue:
    """Where the values of a column's catalogue stand, in column A of `sheet` from its first row."""

    field: Field
    column: int  # of the column that it belongs to
    sheet: str

    @property
    def defined_name(self) -> str:
        """The name that the column's validation looks up."""
        return f"{self.sheet}{self.column}"


def columns(format: Format, table_id: str = "") -> list[tuple[int, Field]]:
    """The columns of the main sheet, or of a table (whose column 0 is `ID`), with their index in the sheet."""
    return list(enumerate(format.table(table_id).fields, start=1) if table_id else enumerate(format.fields))


def catalogues(format: Format, table_id: str = "") -> list[Catalogue]:
    """The catalogues of the main sheet or of a table, in the order of their columns."""
    suffix = f"_{table_sheet(table_id)}" if table_id else ""
    found = [(column, field) for column, field in columns(format, table_id) if field.type == "catalogue"]
    return [
        Catalogue(field, column, f"Hidden_{number}{suffix}") for number, (column, field) in enumerate(found, start=1)
    ]
