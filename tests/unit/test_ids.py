"""Identifiers in the forms of their issuers; errors name the defect and the form, and never the value."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from stdnum import luhn

from hub.domain import ids
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL


def with_key(number: str) -> str:
    counted = number.replace("2A", "19").replace("2B", "18")
    return f"{number}{97 - int(counted) % 97:02d}"


PARTS = ("1", "81", "05", "69", "384", "001")
NIR = with_key("".join(PARTS))
"""Put together here, so that none stands in the project; of no person, only its shape and key are right."""


@given(st.integers(0, 10**8 - 1), st.integers(0, 9_999))
def test_a_siret_with_both_luhn_keys_passes(company: int, number: int) -> None:
    siren = f"{company:08d}" + luhn.calc_check_digit(f"{company:08d}")
    siret = siren + f"{number:04d}"
    siret += luhn.calc_check_digit(siret)
    if not siren.startswith("356000000"):
        assert ids.siret(siret) == siret
        assert ids.siren(siren) == siren


def test_a_siret_of_la_poste_passes_when_its_digits_add_up_to_a_multiple_of_five() -> None:
    assert ids.siret("35600000009075") == "35600000009075"
    with pytest.raises(ValueError, match="La Poste"):
        ids.siret("35600000009076")


@pytest.mark.parametrize(
    ("check", "value", "defect", "form"),
    [
        (ids.siret, "4402201350001", "has 13 digits", "expected 14; leading zeros may have been stripped"),
        (ids.siret, "440220135000145", "has 15 digits", "expected 14"),
        (ids.siret, "4402201350001A", "other than digits", "expected 14 digits"),
        (ids.siret, "44022013500015", "Luhn", "expected 14 digits"),
        (ids.siren, "440220136", "Luhn", "expected 9 digits"),
        (ids.safir, "1234", "has 4 digits", "expected 5; leading zeros may have been stripped"),
        (ids.safir, "12 45", "other than digits", "expected 5 digits"),
        (ids.rome, "m1607", "malformed", "capital letter A to N and 4 digits"),
        (ids.rome, "O1607", "malformed", "A to N"),
        (ids.insee_commune, "2C004", "malformed", "69244 or 2A004"),
        (ids.insee_commune, "7511", "malformed", "5 characters"),
        (ids.departement, "20", "malformed", "2A, 2B"),
        (ids.departement, "96", "malformed", "971 to 976"),
        (ids.uuid, "not-a-uuid", "not a UUID", "36 characters"),
    ],
)
def test_an_error_names_defect_and_form_without_the_value(
    check: Callable[[str], str], value: str, defect: str, form: str
) -> None:
    with pytest.raises(ValueError, match=r"\S") as caught:
        check(value)

    assert defect in str(caught.value)
    assert form in str(caught.value)
    assert value not in str(caught.value)


@pytest.mark.parametrize("value", ["01053", "2A004", "2B033", "69381", "97209"])
def test_an_insee_commune_may_be_in_corse_an_arrondissement_or_overseas(value: str) -> None:
    assert ids.insee_commune(value) == value


@pytest.mark.parametrize(
    ("network", "scope", "local_id"),
    [
        (FRANCE_TRAVAIL, "", "12345678901"),
        (FRANCE_TRAVAIL, "84", "1234567A"),
        (FRANCE_TRAVAIL, "84", "12345678"),
        (CAP_EMPLOI, "44022013500014", "CE-1.b_c"),
    ],
)
def test_a_case_key_is_in_its_networks_form(network: str, scope: str, local_id: str) -> None:
    ids.check_case(network, scope, local_id)


@pytest.mark.parametrize(
    ("network", "scope", "local_id", "defect"),
    [
        (FRANCE_TRAVAIL, "", "1234567A", "needs its region"),
        (FRANCE_TRAVAIL, "84", "12345678901", "must be empty"),
        (FRANCE_TRAVAIL, "", "1234567890", "expected 11 digits"),
        (CAP_EMPLOI, "44022013500015", "CE-1", "Luhn"),
        (CAP_EMPLOI, "44022013500014", "CE 1", "malformed"),
        (CAP_EMPLOI, "44022013500014", "x" * 65, "1 to 64"),
        ("hub", "", "1", "france_travail or cap_emploi"),
    ],
)
def test_a_malformed_case_key_is_refused_without_naming_it(
    network: str, scope: str, local_id: str, defect: str
) -> None:
    with pytest.raises(ValueError, match=defect) as caught:
        ids.check_case(network, scope, local_id)

    assert local_id == "1" or local_id not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        NIR,
        f"son numéro est {NIR}.",
        "1 81 05 69 384 001 40",
        "".join(PARTS),
        with_key("2990 52A".replace(" ", "") + "004001"),
    ],
)
def test_a_social_security_number_is_recognised_in_a_text(text: str) -> None:
    assert ids.looks_like_nir(text)
    with pytest.raises(ValidationError):
        TypeAdapter(ids.LongText).validate_python(text)


@pytest.mark.parametrize("text", ["44022013500014", "06 00 00 00 00", "1600000000000", f"réf. {NIR}X", "12/05/1981"])
def test_other_numbers_are_no_social_security_numbers(text: str) -> None:
    assert not ids.looks_like_nir(text)


@pytest.mark.parametrize("value", [NIR, ".".join((*PARTS, NIR[-2:])), "-".join((*PARTS, NIR[-2:]))])
def test_no_identifier_is_a_social_security_number(value: str) -> None:
    with pytest.raises(ValidationError, match="NIR"):
        TypeAdapter(ids.Reference).validate_python(value)
    with pytest.raises(ValueError, match="NIR"):
        ids.check_case(CAP_EMPLOI, "44022013500014", value)


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066"])
def test_a_text_that_would_steer_a_screen_is_refused(character: str) -> None:
    with pytest.raises(ValidationError, match="control characters"):
        TypeAdapter(ids.ShortText).validate_python(f"Durand{character}")


@pytest.mark.parametrize("text", ["שלום", "ligne\nligne\tfin", "👩‍🦽", "Œuvrard‑Şahin"])
def test_scripts_emoji_and_lines_are_text(text: str) -> None:
    assert TypeAdapter(ids.ShortText).validate_python(text) == text
