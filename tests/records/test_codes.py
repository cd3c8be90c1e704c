"""Folios, verification codes and masked names."""

from __future__ import annotations

import pytest

from webapp.records.codes import ALPHABET, clean_code, folio, mask_name, new_code


def test_codes_have_a_hundred_bits_and_nothing_that_is_misread() -> None:
    codes = {new_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert {len(code) for code in codes} == {20}
    assert set("".join(codes)) == set(ALPHABET)
    assert len(ALPHABET) == 32
    assert not set("ILOU") & set(ALPHABET)
    assert all(clean_code(code) == code for code in codes)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ab2c-9xyz", "AB2C9XYZ"),
        (" ab2c 9xyz ", "AB2C9XYZ"),
        ("oil0", "0110"),
        ("https://aula.example/verificar/AB2C9XYZ/", "AB2C9XYZ"),
        ("AB2C\x00'; --", "AB2C"),
        ("ñ/¿?", ""),
        ("", ""),
    ],
)
def test_a_code_is_read_however_it_was_typed(typed: str, meant: str) -> None:
    assert clean_code(typed) == meant


def test_a_folio_names_issuer_year_and_number() -> None:
    assert folio("aula-norte-demo", 2026, 42) == "AULA-NORTE-DEMO-2026-000042"
    assert folio("x", 2026, 1234567) == "X-2026-1234567"


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Guadalupe Pérez Ávila", "Guadalupe P. Á."),
        ("María de la Cruz Ñúñez", "María C. Ñ."),
        ("Ana", "Ana"),
        ("", ""),
        ("ANA PÉREZ", "ANA P."),
    ],
)
def test_a_masked_name_is_recognised_by_its_owner_only(name: str, masked: str) -> None:
    assert mask_name(name) == masked
