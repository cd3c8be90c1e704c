"""A format that nobody publishes, with every kind of column, for tests of what is written."""

from __future__ import annotations

import io
from typing import Any

from webapp.formats.blank import Content, write_filled
from webapp.formats.model import Field, Format, Table

SEXES = ("Hombre", "Mujer")
SAMPLE = Format(
    id="prueba/2018/i",
    framework="prueba",
    version="2018",
    article="70",
    fraction="I",
    letter="",
    name="Formato de prueba",
    short_name="Prueba",
    description="Lo que se publica, con todas las clases de columna.",
    format_id="90001",
    period="quarterly",
    conservation="Dos ejercicios",
    article_65="I",
    fields=(
        Field("101", "short_text", "Ejercicio"),
        Field("102", "date", "Fecha de inicio del periodo que se informa"),
        Field("103", "date", "Fecha de término del periodo que se informa"),
        Field("104", "catalogue", "Tipo (catálogo)", "Tipo (catálogo) ", ("Uno", "Dos", "Tres")),
        Field("105", "long_text", "Denominación del puesto"),
        Field("106", "money", "Monto bruto"),
        Field("107", "url", "Hipervínculo al documento"),
        Field("108", "number", "Número de personas"),
        Field("109", "table", "Integrantes", "Integrantes \nTabla_109", table="109"),
        Field("110", "catalogue", "Sexo (catálogo)", "Sexo (catálogo)", SEXES),
        Field("111", "long_text", "Área(s) responsable(s) que genera(n) la información"),
        Field("112", "date", "Fecha de validación"),
        Field("113", "update_date", "Fecha de actualización"),
        Field("114", "note", "Nota"),
    ),
    tables=(
        Table(
            "109",
            (
                Field("201", "short_text", "Nombre(s)"),
                Field("202", "money", "Monto"),
                Field("203", "catalogue", "Sexo (catálogo)", catalogue=SEXES),
            ),
        ),
    ),
    source="Inventado para las pruebas",
    mark="D",
)  # fmt: skip


def written(format: Format = SAMPLE, content: Content | None = None) -> bytes:
    """The template of a format as bytes."""
    target = io.BytesIO()
    write_filled(format, content or Content(), target)
    return target.getvalue()


def opened(data: bytes) -> Any:
    """A workbook as a second spreadsheet program sees it."""
    import openpyxl

    return openpyxl.load_workbook(io.BytesIO(data))
