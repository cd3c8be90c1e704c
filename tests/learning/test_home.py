"""The home of those who signed in: where they were, what is done, and their work when they have some."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.learning.learners import COURSE, Learner, add_person, learner, sign_in

NAMES = ("María José", "Cardón", "Estero")


@pytest.fixture
def maria(app: Flask) -> Learner:
    return learner(app, names=NAMES)


def test_the_home_greets_with_the_whole_given_name(maria: Learner) -> None:
    assert "Hola, María José" in maria.client.get("/").text


def test_the_home_names_the_next_step_and_offers_no_course_twice(maria: Learner) -> None:
    assert f'href="{COURSE}"' in maria.client.get("/").text  # on offer while not enrolled
    maria.enrol()
    page = maria.client.get("/").text
    assert "Sigue: <strong>Por qué importa" in page
    assert f'href="{COURSE}/por-que-importa"' in page
    assert f'href="{COURSE}"' not in page


def test_who_finished_everything_is_led_to_the_constancias(maria: Learner) -> None:
    maria.finish()
    page = maria.client.get("/").text
    assert "terminaste lo que empezaste" in page
    assert 'class="button button--primary" href="/mis-constancias"' in page
    assert "Continúa donde ibas" not in page


def test_staff_find_their_work_on_the_home(app: Flask, maria: Learner) -> None:
    trainer = sign_in(app, add_person(app, roles=("trainer",)))
    assert 'class="shortcut" href="/instruccion/intentos"' in trainer.get("/").text
    assert "Mesa de trabajo" not in maria.client.get("/").text
