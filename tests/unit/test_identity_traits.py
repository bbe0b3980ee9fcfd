"""The normal form of traits, and what means unknown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.identity import traits

PLACEHOLDERS = (
    *("X", "x.", "XXX", "Zzz", "A", "J. P.", "-", "?", "1234", "SNP", "N.C.", "N/A", "NULL", "Néant", "TEST", "Test 2"),
    *("test test", "INCONNU", "Inconnue", "Nom inconnu", "Sans nom", "SANS-NOM", "Non renseigné"),
)
LATIN = st.text(st.characters(min_codepoint=32, max_codepoint=0x17F), max_size=30)


@pytest.mark.parametrize(
    "spellings",
    [
        ("Lefèvre", "LEFEVRE", "Lefe\u0300vre", "  lefevre "),
        ("Le Goff", "LEGOFF", "Le-Goff"),
        ("d’Angelo", "D'ANGELO", "D ANGELO", "Dʼangelo"),
        ("Cœur", "COEUR", "Coeur"),
        ("Strauß", "STRAUSS"),
        ("Martin-Durand", "MARTIN DURAND", "Martin \u2013 Durand", "Martin\u2011Durand"),
        ("ﬁlippi", "Filippi"),
        ("Łukasz", "LUKASZ"),
    ],
)
def test_two_spellings_of_one_name_have_one_normal_form(spellings: tuple[str, ...]) -> None:
    assert len({traits.name(spelling) for spelling in spellings}) == 1
    assert traits.name(spellings[0])


def test_particles_are_part_of_a_name() -> None:
    assert traits.name("de Martin") != traits.name("Martin")


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_a_placeholder_is_no_name(text: str) -> None:
    assert traits.name(text) == ""
    assert traits.given_name(text) == ""
    assert not traits.is_known("family_name", text)


@pytest.mark.parametrize("text", ["Li", "Ba", "Testard", "Inconstant", "Le Null", "Sans"])
def test_a_short_or_unusual_name_is_a_name(text: str) -> None:
    assert traits.name(text)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Claire", "claire"),
        ("CLAIRE SOPHIE", "claire"),
        ("Claire, Sophie", "claire"),
        ("Jean-Pierre", "jeanpierre"),
        ("JEAN PIERRE", "jeanpierre"),
        ("Jean - Pierre Paul", "jeanpierre"),
        ("Jean", "jean"),
        ("Élodie-Anne", "elodieanne"),
        ("Abd El Kader", "abdelkader"),
        ("Abdel-Kader", "abdelkader"),
        ("Mohamed Amine", "mohamedamine"),
        ("X Claire", ""),
    ],
)
def test_the_first_given_name_counts_and_a_compound_one_stays_whole(text: str, first: str) -> None:
    assert traits.given_name(text) == first


@pytest.mark.parametrize(
    "text",
    [
        "1900-01-01",
        "1899-12-30",
        "1899-12-31",
        "1753-01-01",
        "0001-01-01",
        "9999-12-31",
        "1970-01-01",
        "1904-01-01",
        "",
    ],
)
def test_the_zero_days_of_systems_are_no_birth_dates(text: str) -> None:
    assert traits.date(text) == ""


def test_an_ordinary_day_is_a_birth_date() -> None:
    assert traits.date("1970-01-02") == "1970-01-02"


@pytest.mark.parametrize("text", ["00000", "99999", "99990", "69000", "99000", ""])
def test_a_code_that_names_no_commune_is_no_birth_place(text: str) -> None:
    assert traits.place(text) == ""


@pytest.mark.parametrize(("text", "normal"), [("69383", "69123"), ("75112", "75056"), ("13208", "13055")])
def test_an_arrondissement_is_its_city(text: str, normal: str) -> None:
    assert traits.place(text) == normal


@pytest.mark.parametrize("text", ["69244", "2A004", "97411", "99352", "69123", "01004"])
def test_a_commune_or_a_country_is_a_birth_place(text: str) -> None:
    assert traits.place(text) == text


def test_a_birth_abroad_in_a_known_year_only_tells_nobody_apart() -> None:
    assert traits.birth("1980-01-01", "99352") is None
    assert traits.birth("1980-12-31", "99352") is None
    assert traits.birth("1980-01-02", "99352") == ("1980-01-02", "99352")
    assert traits.birth("1980-01-01", "69244") == ("1980-01-01", "69244")


@given(LATIN)
def test_a_normal_name_is_its_own_normal_form(text: str) -> None:
    assert traits.name(traits.name(text)) == traits.name(text)


@given(st.text(max_size=30))
def test_any_text_has_a_normal_form_without_separators(text: str) -> None:
    assert traits.name(text) == "".join(traits.words(traits.name(text)))
    assert not traits.given_name(text) or traits.name(text)
