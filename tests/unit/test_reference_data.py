"""The reference data of the simulation: real places, valid identifiers, a source."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from hub.domain import codes, ids
from hub.producers.simulation import reference

DEPARTEMENTS = ("01", "03", "07", "15", "26", "38", "42", "43", "63", "69", "73", "74")


def test_every_commune_of_the_region_is_there_with_its_postcodes_and_people() -> None:
    communes = reference.communes()
    assert len(communes) == 4033
    assert {commune.departement for commune in communes} == set(DEPARTEMENTS)
    assert all(commune.postcodes for commune in communes)
    assert 8_000_000 < sum(commune.population for commune in communes) < 8_500_000


def test_lyon_is_its_nine_arrondissements_and_tassin_is_not_its_postcode() -> None:
    by_code = reference.commune_by_code()
    assert "69123" not in by_code
    assert all(f"6938{number}" in by_code for number in range(1, 10))
    assert by_code["69244"].name == "Tassin-la-Demi-Lune"
    assert by_code["69244"].postcodes == ("69160",)


def test_codes_are_unique_well_formed_and_their_departements_known() -> None:
    birthplaces = reference.birthplaces()
    assert max(Counter(commune.code for commune in birthplaces).values()) == 1
    known = {departement.code for departement in reference.departements()}
    for commune in birthplaces:
        assert ids.insee_commune(commune.code)
        assert ids.departement(commune.departement)
        assert commune.departement in known


def test_people_are_born_all_over_france_corse_and_overseas_included() -> None:
    by_code = reference.commune_by_code()
    assert by_code["2A004"].departement == "2A"
    assert by_code["2B033"].name == "Bastia"
    assert by_code["97411"].departement == "974"
    assert by_code["75112"].name == "Paris 12e Arrondissement"
    assert not any(commune.departement in {"2A", "2B"} for commune in reference.communes())


def test_departements_and_regions_fit_together() -> None:
    regions = reference.regions()
    assert len(regions) == 18
    assert len(reference.departements()) == 101
    assert {departement.region for departement in reference.departements()} == set(regions)
    assert tuple(d.code for d in reference.departements() if d.region == reference.REGION) == DEPARTEMENTS


def test_agencies_stand_in_towns_of_the_region_under_valid_codes() -> None:
    agencies = reference.agencies()
    here = {commune.code for commune in reference.communes()}
    assert 55 <= len(agencies) <= 70
    assert {agency.departement for agency in agencies} == set(DEPARTEMENTS)
    assert len({ids.safir(agency.safir) for agency in agencies}) == len(agencies)
    assert len({agency.name for agency in agencies}) == len(agencies)
    assert all(agency.commune in here for agency in agencies)
    assert any(agency.safir.startswith("0") for agency in agencies)


def test_the_calendar_of_the_interview_is_the_agencies_wave() -> None:
    agencies = reference.agencies()
    assert [agency.commune for agency in agencies if agency.wave == "pilots_2020"] == ["69244"]
    assert all(
        agency.wave == "rhone_2021" for agency in agencies if agency.departement == "69" and agency.commune != "69244"
    )
    assert all(agency.wave == "aura_2021" for agency in agencies if agency.departement != "69")
    assert all(codes.knows("wave", agency.wave) for agency in agencies)


def test_each_departement_has_one_cap_emploi_with_a_valid_siret() -> None:
    organisations = reference.cap_emploi()
    assert tuple(organisation.departement for organisation in organisations) == DEPARTEMENTS
    assert len({ids.siret(organisation.siret) for organisation in organisations}) == len(DEPARTEMENTS)
    for organisation in organisations:
        assert reference.commune_by_code()[organisation.commune].departement == organisation.departement


@pytest.mark.parametrize("name", ["communes.json", "agencies.json"])
def test_a_file_keeps_its_source_version_licence_and_date(name: str) -> None:
    path = Path(reference.__file__).parent / "reference" / name
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["version"] == "6.0.0"
    assert content["licence"] == "Licence Ouverte (Etalab)"
    assert date.fromisoformat(content["date"]) == reference.origin().edition
    assert "Insee" in content["source"]
    assert path.stat().st_size < 300_000


def test_invented_identifiers_are_labelled_in_the_file() -> None:
    path = Path(reference.__file__).parent / "reference" / "agencies.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    assert "invented" in content
    assert all(organisation.siret.startswith("0000") for organisation in reference.cap_emploi())
