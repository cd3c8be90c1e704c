"""The coordinators' desk as a browser sees it: who may see what, and the same figures wherever they are shown."""

from __future__ import annotations

import csv
import re
from html import unescape
from io import BytesIO, StringIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.bench.statistics_data import fill
from tests.statistics.conftest import add_person, empty_world, sign_in
from webapp.core.db import transaction
from webapp.learning.models import Enrolment
from webapp.organizations.models import ObligedSubject
from webapp.statistics.figures import DEFINITIONS

BCS = "/coordinacion/estados/MX-BCS"
T1 = "periodo=2026-T1"
KINDS = ("", ".csv", ".xlsx", ".json", "/faltantes", "/faltantes.csv", "/inscripciones", "/inscripciones.csv")


@pytest.fixture
def coordinator(first_quarter: Flask) -> FlaskClient:
    return signed_in(first_quarter, "coordinator")


@pytest.fixture
def regional(first_quarter: Flask) -> FlaskClient:
    return signed_in(first_quarter, "regional-coordinator")


def signed_in(app: Flask, *roles: Any) -> FlaskClient:
    add_person(app, "elvira@dependencia.example", *roles)
    client = app.test_client()
    assert sign_in(client, "elvira@dependencia.example").status_code == 303
    return client


def table_file(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer.data.startswith(b"\xef\xbb\xbf")  # so that spreadsheets read the accents
    return list(csv.DictReader(StringIO(answer.data.decode("utf-8-sig"))))


def words(answer: TestResponse) -> str:
    """The text of a page, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


# --- one query, many doors --------------------------------------------------------------------------------------


def test_the_first_line_says_it_in_a_sentence(coordinator: FlaskClient) -> None:
    assert (
        "En Baja California Sur, 2 personas de 2 de 3 sujetos obligados concluyeron un curso en el trimestre 1 de "
        "2026; falta 1." in words(coordinator.get(f"{BCS}?{T1}"))
    )


def test_page_csv_xlsx_and_json_say_the_same(coordinator: FlaskClient) -> None:
    whole = coordinator.get(f"{BCS}.json?{T1}").get_json()
    as_json = {
        (table, line["key"], key): (figure["value"], figure["numerator"], figure["denominator"])
        for table, lines in {**whole["tables"], "whole": [{"key": "MX-BCS", "figures": whole["figures"]}]}.items()
        for line in lines
        for key, figure in line["figures"].items()
    }
    as_csv = {
        (row["tabla"], row["clave"], row["indicador"]): tuple(
            float(row[part]) if row[part] else None for part in ("valor", "numerador", "denominador")
        )
        for row in table_file(coordinator.get(f"{BCS}.csv?{T1}"))
    }
    assert as_csv == as_json
    assert as_json["whole", "MX-BCS", "coverage_rate"] == (66.7, 2, 3)
    assert {table for table, _, _ in as_json} == set(SHEETS)

    as_xlsx = figures_of_book(coordinator.get(f"{BCS}.xlsx?{T1}"))
    assert as_xlsx == {key: parts[: len(as_xlsx[key])] for key, parts in as_json.items()}
    assert len(as_xlsx["whole", "MX-BCS", "covered"]) == 3

    page = coordinator.get(f"{BCS}?{T1}")
    shown = [unescape(found) for found in re.findall(r'stat__value">([^<]*)<', page.text)]
    assert shown == ["2", "2", "4.5", "2", "66.7 %", "2", "3", "0", "2", "2", "33.3 %", "66.7 %", "0.8 puntos"]


SHEETS = ("whole", "months", "courses", "sexes", "types", "levels", "obliged-subjects")


def figures_of_book(answer: TestResponse) -> dict[tuple[str, str, str], tuple[float | None, ...]]:
    """Value, and for what is divided its numerator and denominator, by table, line and indicator."""
    keys = {str(found.label): found.key for found in DEFINITIONS.values()}
    book = CalamineWorkbook.from_filelike(BytesIO(answer.data))
    found: dict[tuple[str, str, str], tuple[float | None, ...]] = {}
    for table, name in zip(SHEETS, book.sheet_names, strict=False):  # one more says what the workbook is about
        heading, *rows = book.get_sheet_by_name(name).to_python()
        for row in rows:
            for title, value in list(zip(heading, row, strict=True))[2:]:
                key = keys[re.split(r" \(|:", str(title))[0]]
                part = None if value == "" else float(str(value))
                found[table, str(row[0]), key] = (*found.get((table, str(row[0]), key), ()), part)
    return found


def test_the_parts_of_a_split_add_up_to_the_whole(coordinator: FlaskClient) -> None:
    found = coordinator.get(f"{BCS}.json?{T1}").get_json()
    additive = {
        "months": ("enrolled", "concluded", "participations"),
        "courses": ("participations", "person_hours", "enrolled", "concluded", "in_progress"),
        "sexes": ("trained_people",),
        "types": ("covered", "participations", "person_hours", "enrolled", "concluded"),
        "levels": ("covered", "participations", "person_hours", "enrolled", "concluded"),
        "obliged-subjects": ("participations", "person_hours", "enrolled", "concluded"),
    }
    for table, keys in additive.items():
        for key in keys:
            parts = sum(line["figures"][key]["value"] for line in found["tables"][table])
            assert parts == found["figures"][key]["value"], (table, key)


def test_a_report_says_its_cut_zone_and_rules(coordinator: FlaskClient) -> None:
    about = coordinator.get(f"{BCS}.json?{T1}").get_json()["about"]
    assert (about["cut"], about["zone"], about["rules"]) == ("2026-03-31", "America/Mazatlan", "2026-1")
    assert "Corte: 31 mar 2026, hora de Mazatlán. Reglas 2026-1." in words(coordinator.get(f"{BCS}?{T1}"))


def test_a_course_is_shown_alone(coordinator: FlaskClient) -> None:
    found = coordinator.get(f"{BCS}.json?{T1}&curso=archivo").get_json()
    assert found["figures"]["enrolled"]["value"] == 1
    assert [line["key"] for line in found["tables"]["courses"]] == ["archivo"]
    assert "«Archivo»" in words(coordinator.get(f"{BCS}?{T1}&curso=archivo"))


def test_text_that_looks_like_a_formula_stays_text(first_quarter: Flask) -> None:
    trap = '=HYPERLINK("http://evil.example","Salud")'
    with first_quarter.app_context(), transaction() as session:
        session.scalars(select(ObligedSubject).filter_by(key="Salud")).one().name = trap
    client = signed_in(first_quarter, "coordinator")
    names = {row["nombre"] for row in table_file(client.get(f"{BCS}.csv?{T1}"))}
    assert f"'{trap}" in names and trap not in names
    assert {row["sujeto_obligado"][:2] for row in table_file(client.get(f"{BCS}/inscripciones.csv?{T1}"))} == {
        "'=",
        "Ag",
    }
    book = CalamineWorkbook.from_filelike(BytesIO(client.get(f"{BCS}.xlsx?{T1}").data))
    names_in_book = [row[1] for row in book.get_sheet_by_name("Por sujeto obligado").to_python()]
    assert trap in names_in_book  # as text: a formula would be read as its result, which is nothing


# --- who is missing, who has not finished -----------------------------------------------------------------------


def test_who_is_missing_is_listed_as_often_as_the_sentence_says(coordinator: FlaskClient) -> None:
    answer = coordinator.get(f"{BCS}/faltantes.csv?{T1}")
    rows = table_file(answer)
    assert [(row["n"], row["sujeto_obligado"], row["inscripciones_sin_concluir"]) for row in rows] == [
        ("1", "Obras", "1")
    ]
    assert answer.headers["X-Row-Count"] == "1"
    page = words(coordinator.get(f"{BCS}/faltantes?{T1}"))
    assert (
        "1 sujeto obligado de 3 no tiene a nadie acreditado en el periodo; 2 inscripciones están sin concluir." in page
    )
    assert "Obras" in page and "Eva Demo" in page and "terminó hace 60 días" in page


def test_the_list_of_enrolments_is_complete_and_numbered(coordinator: FlaskClient) -> None:
    for more, count in (("", 3), ("&situacion=sin-concluir", 2), ("&curso=archivo", 1)):
        answer = coordinator.get(f"{BCS}/inscripciones.csv?{T1}{more}")
        rows = table_file(answer)
        assert [row["n"] for row in rows] == [str(n) for n in range(1, count + 1)]
        assert answer.headers["X-Row-Count"] == str(count)
        assert f"{count} inscripci" in words(coordinator.get(f"{BCS}/inscripciones?{T1}{more}"))


def test_a_long_list_comes_whole(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        fill(session, enrolments=2500, seed=7)
    client = signed_in(app, "coordinator")
    whole = "desde=2024-01-01&hasta=2027-12-31"
    answer = client.get(f"{BCS}/inscripciones.csv?{whole}")
    rows = table_file(answer)
    with app.app_context(), transaction() as session:
        kept = len(session.scalars(select(Enrolment.id)).all())
    assert len(rows) == int(rows[-1]["n"]) == int(answer.headers["X-Row-Count"]) == kept == 2500
    figures = client.get(f"{BCS}.json?{whole}").get_json()["figures"]
    assert figures["enrolled"]["value"] == 2500
    page = client.get(f"{BCS}/inscripciones?{whole}&page=50")
    assert page.text.count('data-label="Nombre"') == 50
    assert 'rel="next"' not in page.text


def test_no_address_of_a_person_leaves_the_platform_in_a_list(coordinator: FlaskClient) -> None:
    for kind in ("/inscripciones", "/inscripciones.csv", "/faltantes", ""):
        assert "@demo.example" not in coordinator.get(f"{BCS}{kind}?{T1}").text


# --- who may see what -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_of_somebody_else_does_not_exist_in_any_form(coordinator: FlaskClient, kind: str) -> None:
    assert coordinator.get(f"{BCS}{kind}?{T1}").status_code == 200
    for other in ("MX-SON", "MX-XXX", "mx-bcs", "1"):
        assert coordinator.get(f"/coordinacion/estados/{other}{kind}?{T1}").status_code == 404


@pytest.mark.parametrize("kind", ["", ".csv", ".xlsx", ".json"])
def test_a_region_is_for_those_who_coordinate_it(coordinator: FlaskClient, kind: str) -> None:
    assert coordinator.get(f"/coordinacion/regiones/norte{kind}").status_code == 404


def test_learners_and_visitors_stay_outside(first_quarter: Flask) -> None:
    visitor = first_quarter.test_client()
    assert "/entrar" in visitor.get(BCS).headers["Location"]
    learner = signed_in(first_quarter)
    for path in ("/coordinacion", BCS, f"{BCS}.csv", "/coordinacion/definiciones", "/coordinacion/regiones/norte"):
        assert learner.get(path).status_code == 404


def test_the_desk_opens_where_one_works(first_quarter: Flask, coordinator: FlaskClient) -> None:
    assert coordinator.get("/coordinacion").headers["Location"] == BCS
    add_person(first_quarter, "region@dependencia.example", "regional-coordinator")
    other = first_quarter.test_client()
    sign_in(other, "region@dependencia.example")
    assert other.get("/coordinacion").headers["Location"] == "/coordinacion/regiones/norte"


# --- a region ---------------------------------------------------------------------------------------------------


def test_the_states_of_a_region_stand_side_by_side_in_map_table_and_file(regional: FlaskClient) -> None:
    page = regional.get(f"/coordinacion/regiones/norte?{T1}")
    text = words(page)
    assert "En la Región Norte, 3 personas de 3 de 4 sujetos obligados concluyeron un curso" in text
    assert "Baja California Sur: 2 de 3 sujetos obligados cubiertos" in text
    assert 'map__state map__state--3"><title>Baja California Sur: 2 de 3' in page.text
    assert 'map__state map__state--4"><title>Sonora: 1 de 1' in page.text
    assert "CC BY 4.0" in text
    found = regional.get(f"/coordinacion/regiones/norte.json?{T1}").get_json()
    states = {line["key"]: line["figures"]["trained_people"]["value"] for line in found["tables"]["states"]}
    assert len(states) == 9
    assert (states["MX-BCS"], states["MX-SON"], sum(states.values())) == (2, 1, 3)
    rows = [
        row for row in table_file(regional.get(f"/coordinacion/regiones/norte.csv?{T1}")) if row["tabla"] == "states"
    ]
    assert {row["clave"] for row in rows} == set(states)
    assert regional.get("/coordinacion/regiones/norte.xlsx").status_code == 200
    assert regional.get("/coordinacion/regiones/sureste").status_code == 404
    assert regional.get("/coordinacion/regiones/no-existe").status_code == 404


# --- periods, and nothing to show -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("periodo=2026-T9", "period-format"),
        ("periodo=2090", "period-future"),
        ("desde=2026-03-01&hasta=2026-02-01", "period-order"),
        ("desde=2026-02-30&hasta=2026-03-01", "period-day"),
        ("curso=no-existe", "course-unknown"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_reason(coordinator: FlaskClient, asked: str, code: str) -> None:
    for kind in ("", ".csv", "/inscripciones.csv", "/faltantes"):
        answer = coordinator.get(f"{BCS}{kind}?{asked}")
        assert answer.status_code == 422
        assert code in answer.text


def test_days_win_over_the_list_and_half_of_them_are_ignored(coordinator: FlaskClient) -> None:
    about = coordinator.get(f"{BCS}.json?{T1}&desde=2026-01-05&hasta=2026-01-09").get_json()["about"]
    assert about["period"] == "2026-01-05..2026-01-09"
    assert coordinator.get(f"{BCS}.json?{T1}&desde=2026-01-05&hasta=").get_json()["about"]["period"] == "2026-T1"


def test_a_state_without_anything_says_so(app: Flask) -> None:
    with app.app_context(), transaction() as session:
        empty_world(session, app.config["ISSUER"])
    client = signed_in(app, "coordinator")
    page = client.get(BCS)
    assert page.status_code == 200
    text = words(page)
    assert "nadie ha concluido un curso este trimestre" in text
    assert "El padrón del estado no tiene sujetos obligados en este periodo." in text
    assert "Ninguna inscripción está sin concluir." in text
    for kind in KINDS:
        assert client.get(f"{BCS}{kind}").status_code == 200
    assert client.get(f"{BCS}/inscripciones.csv").headers["X-Row-Count"] == "0"


def test_every_definition_is_printed_with_its_parts(coordinator: FlaskClient) -> None:
    text = words(coordinator.get("/coordinacion/definiciones"))
    for found in DEFINITIONS.values():
        for part in (found.label, found.numerator, found.denominator, found.universe, found.source):
            assert part is None or str(part) in text


# --- what a page says around the figures ------------------------------------------------------------------------


def test_the_menu_knows_where_one_is_after_it_led_on(regional: FlaskClient) -> None:
    page = regional.get("/coordinacion/mi-region", follow_redirects=True)
    assert re.search(r'href="/coordinacion/mi-region" aria-current="page"', page.text)


def test_other_dates_wait_until_they_are_asked_for(coordinator: FlaskClient) -> None:
    page = coordinator.get(BCS).text
    assert page.index("<details") < page.index("Elegir otras fechas") < page.index('name="desde"')
