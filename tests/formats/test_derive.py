"""The definition of a format comes out of its template as it went in."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.formats import hostile
from tests.formats.sample import SAMPLE, written
from webapp.formats.blank import write_blank
from webapp.formats.definitions import Library, column_name, read_format, write_format
from webapp.formats.derive import derive
from webapp.formats.model import Format, Unreadable

LIBRARY = Library(Path(__file__).parents[2] / "courses" / "_formats")
NEW = [known for known in LIBRARY.formats if known.layout == "load-2018"]


def blank(definition: Format, folder: Path) -> Path:
    path = folder / "template.xlsx"
    with path.open("wb") as file:
        write_blank(definition, file)
    return path


def without_what_no_template_tells(definition: Format) -> Format:
    return replace(
        definition, article="", fraction="", letter="", period="unknown", conservation="", article_65="", source="",
        mark="F",
    )  # fmt: skip


@pytest.mark.parametrize("definition", NEW, ids=lambda definition: definition.id)
def test_every_definition_comes_back_from_its_blank_template(definition: Format, tmp_path: Path) -> None:
    derived = derive(blank(definition, tmp_path), LIBRARY.formats, definition.id)
    assert derived.source == "template.xlsx"
    assert replace(derived, source="") == without_what_no_template_tells(definition)


def test_a_derived_definition_is_written_and_read_again(tmp_path: Path) -> None:
    derived = derive(blank(SAMPLE, tmp_path), id="prueba/2018/i")
    write_format(derived, tmp_path / "derived.yaml")
    assert read_format(tmp_path / "derived.yaml") == derived


def test_a_template_without_a_place_says_so_in_its_id(tmp_path: Path) -> None:
    assert derive(blank(SAMPLE, tmp_path)).id == "sin-marco/sin-version/formato-90001"


def test_mandatory_columns_are_those_of_known_formats(tmp_path: Path) -> None:
    path = blank(SAMPLE, tmp_path)
    assert not any(field.required for field in derive(path).fields)
    known = replace(SAMPLE, fields=tuple(replace(field, required=field.id == "101") for field in SAMPLE.fields))
    assert [field.id for field in derive(path, [known]).fields if field.required] == ["101"]


def test_a_catalogue_is_found_by_its_validation_and_not_by_the_name_of_its_sheet(tmp_path: Path) -> None:
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(written())) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if name == "xl/workbook.xml":  # the sheets change places, their names lead to the right one
                text = re.sub(rb"Hidden_(\d)(?=[\"!])", lambda match: b"Lista_" + match[1], text)
            target.writestr(name, text)
    path = tmp_path / "a.xlsx"
    path.write_bytes(changed.getvalue())
    assert [field.catalogue for field in derive(path).fields] == [field.catalogue for field in SAMPLE.fields]


def test_an_old_template_gives_its_catalogues_by_the_order_of_their_sheets(tmp_path: Path) -> None:
    import xlwt

    book = xlwt.Workbook()
    rows: dict[str, list[list[str]]] = {
        "Reporte de Formatos": [
            ["22509"], ["TITULO", "NOMBRE CORTO", "DESCRIPCION"], ["Remuneración", "LGTA70FVIII", "Lo publicado"],
            ["9", "1", "10", "9"], ["10144", "10145", "10180", "10149"], ["Tabla Campos"],
            ["Tipo de integrante", "Clave", "Percepciones \nTabla 10180", "Sexo"],
        ],
        "hidden1": [["Funcionario"], ["Empleado"]],
        "hidden2": [["Femenino"], ["Masculino"]],
        "Tabla 10180": [["", "3", "9"], ["", "2121", "2122"], ["ID", "Percepción (monto)", "Periodicidad"]],
        "hidden_Tabla_101801": [["Mensual"], ["Anual"]],
    }  # fmt: skip
    for name, lines in rows.items():
        sheet = book.add_sheet(name)
        for row, values in enumerate(lines):
            for column, value in enumerate(values):
                sheet.write(row, column, value)
    book.save(str(tmp_path / "a.xls"))
    derived = derive(tmp_path / "a.xls")
    assert (derived.layout, derived.name, derived.short_name) == ("load-2016", "Remuneración", "LGTA70FVIII")
    assert [(field.id, field.name, field.catalogue) for field in derived.fields] == [
        ("10144", "Tipo de integrante", ("Funcionario", "Empleado")),
        ("10145", "Clave", ()),
        ("10180", "Percepciones", ()),
        ("10149", "Sexo", ("Femenino", "Masculino")),
    ]
    assert [(field.id, field.catalogue) for field in derived.table("10180").fields] == [
        ("2121", ()),
        ("2122", ("Mensual", "Anual")),
    ]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([["Ejercicio", "Nombre"], ["2024", "Ana"]], "No es una plantilla de carga"),
        ([["1"], ["TÍTULO"], [], ["1", "77"], ["11", "12"]], "columna B: no trae la clave"),
        ([["1"], ["TÍTULO"], [], ["1", "1"], ["11", ""]], "columna B: no trae la clave"),
        ([["1"], ["TÍTULO"], [], ["1", "1"], ["11", "11"]], "números de campo repetidos"),
        ([["1"], ["TÍTULO"]], "sin columnas"),
        ([["1"], ["TÍTULO"], [], ["10"], ["13"]], "Falta la hoja «Tabla_13»"),
    ],
)
def test_what_is_no_template_is_refused_with_the_place(rows: list[list[str]], says: str, tmp_path: Path) -> None:
    name = "Hoja1" if says.startswith("No es") else "Reporte de Formatos"
    path = hostile.old_workbook(tmp_path / "a.xls", rows, name)
    with pytest.raises(Unreadable) as raised:
        derive(path)
    assert raised.value.code == "not_a_template" and says in raised.value.message


def test_what_is_no_workbook_keeps_its_reason(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("<html><table></table></html>")
    with pytest.raises(Unreadable) as raised:
        derive(tmp_path / "a.xlsx")
    assert raised.value.code == "html"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Nota", "Nota"),
        (" Fecha de  Actualización ", "Fecha de Actualización"),
        ("Ingresos, monto bruto \nTabla_512940", "Ingresos, monto bruto"),
        ("Ingresos\nTabla 10150", "Ingresos"),
        ("ESTE CRITERIO APLICA A PARTIR DEL 01/04/2023 -> Sexo (catálogo)", "Sexo (catálogo)"),
    ],
)
def test_the_name_of_a_column_is_its_header_without_noise(header: str, name: str) -> None:
    assert column_name(header) == name
