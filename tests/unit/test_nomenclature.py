"""The official names of occupations and places: the files' form, known pairs, and any text as a code or a name."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.producers.simulation import names, reference
from hub.projections import nomenclature
from hub.projections.nomenclature import (
    is_overseas,
    occupation,
    occupation_and_code,
    place,
    place_and_code,
    place_and_kind,
    places_called,
)

FOLDER = Path(nomenclature.__file__).parent / "nomenclatures"
PLACES = ("communes.tsv.gz", "former_communes.tsv.gz", "countries.tsv")
NAME = r"[^\W\d_](?:[^\t\n]*\S)?"
INSEE = r"(?:\d\d|2A|2B)\d{3}"


def rows(file: str) -> list[str]:
    content = (FOLDER / file).read_bytes()
    return (gzip.decompress(content) if file.endswith(".gz") else content).decode("utf-8").splitlines()


COUNTRIES = [*rows("countries.tsv"), *rows("countries_by_use.tsv")]


@pytest.mark.parametrize(
    ("file", "form", "least", "most"),
    [
        ("communes.tsv.gz", rf"{INSEE}\t{NAME}", 34_000, 37_000),
        ("former_communes.tsv.gz", rf"{INSEE}\t{NAME}", 4_000, 6_000),
        ("countries.tsv", rf"99\d{{3}}\t{NAME}", 200, 300),
        ("occupations.tsv", rf"[A-N]\d{{4}}\t{NAME}\t[34]", 1_500, 2_000),
    ],
)
def test_a_file_has_a_code_and_a_name_a_line_by_code_each_code_once(
    file: str, form: str, least: int, most: int
) -> None:
    found = rows(file)

    assert [line for line in found if not re.fullmatch(form, line)] == []
    codes = [line.partition("\t")[0] for line in found]
    assert codes == sorted(set(codes))
    assert least < len(codes) < most


def test_the_files_are_small_and_no_place_stands_in_two() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 500_000
    codes = Counter(line.partition("\t")[0] for file in PLACES for line in rows(file))
    assert max(codes.values()) == 1


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("69123", "Lyon"),
        ("69244", "Tassin-la-Demi-Lune"),
        ("2A004", "Ajaccio"),
        ("01004", "Ambérieu-en-Bugey"),
        ("38334", "Revel"),
        ("75112", "Paris 12e Arrondissement"),
        ("13201", "Marseille 1er Arrondissement"),
        ("69389", "Lyon 9e Arrondissement"),
        ("97411", "Saint-Denis"),
        ("98818", "Nouméa"),
        ("69232", "Saint-Rambert-l'Île-Barbe"),
        ("20004", "Ajaccio"),
        ("01018", "Arlod"),
        ("99352", "Algérie"),
        ("99115", "Tchécoslovaquie"),
    ],
)
def test_a_place_has_its_name(code: str, name: str) -> None:
    assert place(code) == name
    assert place_and_code(code) == f"{name} ({code})"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("K2204", "Nettoyage de locaux"),
        ("M1602", "Opérations administratives"),
        ("F1704", "Préparation du gros œuvre et des travaux publics"),
        ("A1206", "Concepteur / Conceptrice paysagiste"),
    ],
)
def test_an_occupation_has_its_name(code: str, name: str) -> None:
    assert occupation(code) == name
    assert occupation_and_code(code) == f"{name} ({code})"


def test_the_names_of_the_closed_edition_are_all_there() -> None:
    assert Counter(line[-1] for line in rows("occupations.tsv"))["3"] == 532


def test_a_name_of_use_is_of_a_country_and_is_not_its_name() -> None:
    known = dict(line.split("\t") for line in rows("countries.tsv"))
    used = [line.split("\t") for line in rows("countries_by_use.tsv")]

    assert [code for code, name in used if known.get(code, name) == name] == []
    assert used == sorted(used)


def test_every_paris_lyon_and_marseille_arrondissement_has_a_name() -> None:
    codes = [*range(75101, 75121), *range(69381, 69390), *range(13201, 13217)]

    assert all(place(str(code)).endswith(" Arrondissement") for code in codes)


def test_a_code_without_a_name_stands_as_it_is() -> None:
    assert {word("99999") for word in (place, place_and_code, occupation, occupation_and_code)} == {"99999"}


@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    for word in (place, place_and_code, occupation, occupation_and_code):
        assert text in word(text) or word(text) != ""
    assert all(re.fullmatch(INSEE, code) for code in places_called(text))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Lyon", ["69123"]),
        ("tassin la demi lune", ["69244"]),
        ("TASSIN-LA-DEMI-LUNE", ["69244"]),
        ("  Ambérieu  en\tBugey ", ["01004"]),
        ("St-Étienne", ["42218"]),
        ("ste foy lès lyon", ["69202"]),
        ("L’Abergement-Clémenciat", ["01001"]),
        ("Revel", ["31451", "38334"]),
        ("Revel (38)", ["38334"]),
        ("St Denis 974", ["97411"]),
        ("Ajaccio (2a)", ["2A004"]),
        ("Ajaccio", ["2A004", "20004"]),
        ("Suisse", ["57662", "99140"]),
        ("argentine", ["73019", "99415"]),
        ("Grenade (31)", ["31232"]),
        ("Grenade 99", ["99435"]),
        ("Soudan", ["44199", "79316", "99343"]),
        ("Béon", ["89037", "01039"]),
        ("Béon (01)", ["01039"]),
        ("République tchèque", ["99116"]),
        ("Grande-Bretagne", ["99132"]),
        ("Vietnam", ["99243"]),
        ("Congo", ["99324", "99312"]),
        ("corée", ["99237", "99238", "99239"]),
        ("Paris 12", ["75112"]),
        ("Paris 1er", ["75101"]),
        ("lyon 3e arrondissement", ["69383"]),
        ("Lyon 12", []),
        ("Arlod", ["01018"]),
        ("Algérie", ["99352"]),
        ("cote d'ivoire", ["99326"]),
        ("Atlantide", []),
        ("", []),
        (".*", []),
        ("\\w", []),
        ("01004", []),
        ("(" * 100, []),
        ("a 01" * 24, []),
        ("x" * 100_000, []),
    ],
)
def test_a_name_as_people_write_it_finds_its_codes(text: str, codes: list[str]) -> None:
    assert list(places_called(text)) == codes


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PLACES).flatmap(lambda file: st.sampled_from(rows(file))))
def test_a_place_of_any_file_is_among_those_of_its_name_and_of_its_departement(row: str) -> None:
    code, _, name = row.partition("\t")

    assert code in places_called(name)
    for departement in (code[:2], code[:3]) if code.startswith(("97", "98")) else (code[:2],):
        found = places_called(f"{name} ({departement})")
        assert code in found
        assert all(each.startswith(departement) for each in found)


def test_a_country_is_among_the_places_of_each_of_its_names() -> None:
    assert [line for line in COUNTRIES if line.partition("\t")[0] not in places_called(line.partition("\t")[2])] == []


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("57662", "Suisse (57662)"),
        ("99140", "Suisse (99140, pays)"),
        ("01039", "Béon (01039, ancienne commune)"),
        ("99999", "99999"),
    ],
)
def test_a_choice_tells_a_country_and_a_commune_of_the_past_from_a_commune(code: str, told: str) -> None:
    assert place_and_kind(code) == told


@pytest.mark.parametrize("text", ["La Réunion", "Réunion", "île de la Réunion", "Mayotte (976)", "GUYANE FRANÇAISE"])
def test_a_departement_overseas_is_known_by_its_name(text: str) -> None:
    assert is_overseas(text)


@pytest.mark.parametrize("text", ["", "La Réunion (47)", "Saint-Denis (974)", "Guyana", "La Martinique-sur-Rien"])
def test_no_other_place_is_a_departement_overseas(text: str) -> None:
    assert not is_overseas(text)


def test_the_simulated_region_takes_its_names_from_here() -> None:
    assert all(commune.name == place(commune.code) for commune in reference.birthplaces())
    drawn = {names.birthplace(Random(seed)) for seed in range(500)}
    assert all(place(code) != code for code in drawn)
