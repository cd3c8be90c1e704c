"""Definitions of formats: what is committed is whole, what is read is written back, what is wrong is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from webapp.formats.definitions import DefinitionError, Library, UnknownFormat, read_format, write_format
from webapp.formats.model import Field, Format, Sheet, Table, Workbook

FOLDER = Path(__file__).parents[2] / "courses" / "_formats"
LIBRARY = Library(FOLDER)
EVERY = pytest.mark.parametrize("definition", LIBRARY.formats, ids=lambda definition: definition.id)
MICHOACAN = "lgtaip-2015-michoacan/2018"

SMALL = Format(
    id="marco/2018/i", framework="marco", version="2018", article="70", fraction="I", letter="", name="Un formato",
    short_name="Corto", description="", format_id="901", period="quarterly", conservation="", article_65="I",
    fields=(
        Field("11", "short_text", "Ejercicio", "Ejercicio ", required=True),
        Field("12", "catalogue", "Sexo (catálogo)", "Sexo (catálogo)", ("No", "12", "Mujer")),
        Field("13", "table", "Personas", "Personas \nTabla_13", table="13"),
    ),
    tables=(Table("13", (Field("21", "money", "Monto", "Monto\nbruto"),)),),
    source="una plantilla", mark="D",
)  # fmt: skip


@EVERY
def test_a_committed_definition_is_written_back_byte_by_byte(definition: Format, tmp_path: Path) -> None:
    write_format(definition, tmp_path / "copy.yaml")
    assert (tmp_path / "copy.yaml").read_text() == (FOLDER / f"{definition.id}.yaml").read_text()


@EVERY
def test_a_committed_definition_is_whole(definition: Format) -> None:
    framework = LIBRARY.frameworks[definition.framework]
    assert definition.version in framework.versions
    assert definition.article in framework.articles
    sources = yaml.safe_load((FOLDER / "frameworks.yaml").read_text())["sources"]
    assert definition.source.split("@")[0] in sources
    assert sum(field.type == "update_date" for field in definition.fields) == 1
    assert definition.fields[-1].type == "note"
    columns = [*definition.fields, *(field for table in definition.tables for field in table.fields)]
    assert all(field.id.isdigit() and field.name == field.name.strip() for field in columns)
    assert all(not field.catalogue or field.type == "catalogue" for field in columns)


def test_the_formats_of_article_70_of_michoacan_are_all_there() -> None:
    ours = [known for known in LIBRARY.formats if known.id.startswith(MICHOACAN)]
    article_70 = [known for known in ours if known.article == "70"]
    assert len(article_70) == 78
    assert {period: sum(known.period == period for known in article_70) for period in ("quarterly", "half-yearly")} == {
        "quarterly": 57,
        "half-yearly": 12,
    }
    assert all(known.article_65 and known.conservation and known.mark == "F" for known in article_70)
    assert len({known.format_id for known in ours}) == len(ours)


def test_the_mandatory_columns_belong_to_the_version() -> None:
    def required(name: str) -> list[str]:
        return [field.name.split("(")[0] for field in LIBRARY.get(name).fields if field.required]

    before, after = required(f"{MICHOACAN}/xii"), required("lgtaip-2015-durango/2023/xii")
    assert set(before) - set(after) == {"Fecha de validación"}
    assert len(after) == 5


def test_a_catalogue_that_looks_like_yaml_words_stays_text(tmp_path: Path) -> None:
    write_format(SMALL, tmp_path / "small.yaml")
    assert read_format(tmp_path / "small.yaml") == SMALL


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (f"{MICHOACAN}/viii", "viii"),
        ("2018/viii", "viii"),
        ("53405", "viii"),
        ("xxxix-a", "xxxix-a"),
        ("XXXIX-A", "xxxix-a"),
    ],
)
def test_a_format_goes_by_its_id_its_tail_or_its_number(name: str, found: str) -> None:
    assert LIBRARY.get(name).id == f"{MICHOACAN}/{found}"


def test_a_name_of_several_formats_names_them_all() -> None:
    with pytest.raises(UnknownFormat) as raised:
        LIBRARY.get("viii")
    assert set(raised.value.candidates) == {
        f"{MICHOACAN}/viii",
        "lgtaip-2015-puebla/2022/viii",
        "lgtaip-2015-federal/2016/viii",
    }


def test_a_name_of_no_format_names_what_comes_near() -> None:
    with pytest.raises(UnknownFormat) as raised:
        LIBRARY.get("xxxix-z")
    assert f"{MICHOACAN}/xxxix-a" in raised.value.candidates
    with pytest.raises(UnknownFormat):
        LIBRARY.get("../../README")


def workbook_of(definition: Format, *, number: object = "", ids: list[str] | None = None) -> Workbook:
    ids = [field.id for field in definition.fields] if ids is None else ids
    rows = [[number], [], [], [], ids, [], []]
    return Workbook(definition.layout, "xlsx", {"Reporte de Formatos": Sheet("Reporte de Formatos", rows)})  # type: ignore[arg-type]


@EVERY
def test_a_workbook_is_recognised_by_its_number_and_by_its_field_ids(definition: Format) -> None:
    assert LIBRARY.recognise(workbook_of(definition, number=definition.format_id, ids=[])) == definition
    assert LIBRARY.recognise(workbook_of(definition, number=float(definition.format_id), ids=[])) == definition
    assert LIBRARY.recognise(workbook_of(definition)) == definition


def test_a_workbook_of_other_numbers_is_not_recognised() -> None:
    definition = LIBRARY.get(f"{MICHOACAN}/viii")
    ids = [field.id if index < 5 else f"9{index}" for index, field in enumerate(definition.fields)]
    assert LIBRARY.recognise(workbook_of(definition, number="1", ids=ids)) is None
    assert LIBRARY.recognise(replace(workbook_of(definition, number="53405"), layout="export-2019")) is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("mark: D", "mark: Z"), "mark «Z»"),
        (("type: short_text", "type: words"), "campo 11: type «words»"),
        (("id: '12'", "id: '11'"), "id repetido 11"),
        (("table: '13'", "table: '14'"), "tablas 14 y están definidas 13"),
        (("article: '70'", "article: 70"), "article «70» debe ir entre comillas"),
        (("mark: D", "mark: D\ncolour: red"), "no conoce colour"),
        (("mark: D\n", ""), "le falta mark"),
        (("id: marco/2018/i", "id: ../2018/i"), "id «../2018/i»"),
        (("fields:\n", "fields: []\nother:\n"), "no conoce other"),
        (("mark: D", "mark: [D"), "no es YAML"),
    ],
)
def test_what_is_wrong_with_a_definition_is_said_with_the_name_of_its_file(
    change: tuple[str, str], says: str, tmp_path: Path
) -> None:
    path = tmp_path / "small.yaml"
    write_format(SMALL, path)
    text = path.read_text()
    assert change[0] in text
    path.write_text(text.replace(*change, 1))
    with pytest.raises(DefinitionError) as raised:
        read_format(path)
    assert str(path) in str(raised.value) and says in str(raised.value)


def test_a_definition_in_another_place_than_its_id_is_refused(tmp_path: Path) -> None:
    write_format(SMALL, tmp_path / "marco" / "2018" / "ii.yaml")
    with pytest.raises(DefinitionError, match="marco/2018/ii"):
        Library(tmp_path).get("ii")


def test_definitions_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="no existe"):
        Library(tmp_path / "nowhere")
    with pytest.raises(DefinitionError, match="no se puede leer"):
        read_format(tmp_path / "nothing.yaml")
