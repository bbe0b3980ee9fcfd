"""The search page: who is found by whom, what is recorded, what is wrong said by field, and nothing in an address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.domain.access import Reader
from hub.domain.events.base import Event
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from tests.integration.apis import Noted
from tests.integration.hubs import folder, take
from tests.unit.pathway.builders import OPS, event, registered
from tests.web.finding import (
    AUDITOR,
    DPO,
    EMOJI,
    HOSTILE,
    LEAD,
    MANAGER,
    MINE,
    OPERATOR,
    OTHER,
    RIGHT_TO_LEFT,
    UNKNOWN,
    errors_of,
    fill_in,
    hrefs,
    last,
    main_of,
    shown,
)
from tests.web.sites import Site, a_site

PATH = "/recherche"
ZOE = {"nom": "Lefèvre", "naissance": "12/03/1985"}
REASON = {"motif": "replacement", "texte": "Remplace A-17, en congé jusqu'à vendredi."}
OLD = CaseKey(FRANCE_TRAVAIL, "84", "1234567A")


def ft(number: int) -> CaseKey:
    return CaseKey(FRANCE_TRAVAIL, "", f"{number:011d}")


def mine(case: CaseKey, adviser: str = "A-17", **traits: Any) -> list[Event]:
    since = "2021-01-11"
    return [
        registered(case, **traits),
        event(ReferentAssigned, since, case, adviser=adviser, role="referent", from_date=since, site="69123"),
    ]


def history() -> list[Event]:
    return [
        *mine(ft(1), family_name="Lefèvre", given_name="Zoé", birth_date="1985-03-12", birth_place="69244"),
        registered(CaseKey(CAP_EMPLOI, OPS, "CE-1"), "2020-02-03", other=ft(1), family_name="Lefèvre"),
        *mine(ft(2), "A-99", family_name="Durand", given_name="Luc", birth_date="1970-05-06", birth_place="01053"),
        *mine(ft(3), family_name=HOSTILE, given_name=EMOJI, birth_date="1971-05-06"),
        *mine(ft(4), family_name=RIGHT_TO_LEFT, given_name="Ali", birth_date="1972-05-06"),
        *mine(OLD, family_name="Petit", given_name="Léo", birth_date="1988-08-08"),
    ]


@pytest.fixture(scope="module")
def noted() -> Noted:
    return Noted()


@pytest.fixture(scope="module")
def site(noted: Noted) -> Iterator[Site]:
    with folder() as path, a_site(path, recorder=noted) as running:
        take(running.hub, history())
        yield running


def test_a_person_of_ones_own_is_found_and_leads_to_their_pathway(site: Site, noted: Noted) -> None:
    answer = fill_in(site, MINE, PATH, **ZOE)

    said = shown(answer)
    assert "1 personne trouvée" in said
    assert "LEFÈVRE Zoé Naissance en 1985 Cap emploi France Travail correspond exactement" in said
    assert "Référent : A-17, France Travail" in said
    (path,) = hrefs(answer, "/parcours/")
    assert site.client(MINE).get(path).status_code == 200
    asked, entry = next(each for each in noted.entries if each[1].kind == "search")
    assert (asked.through, len(entry.people)) == ("POST /recherche", 1)


def test_what_is_searched_for_stands_in_no_address_and_no_title(site: Site) -> None:
    answer = fill_in(site, MINE, PATH, **ZOE)

    assert str(answer.url).endswith(PATH)
    assert "<title>1\N{NO-BREAK SPACE}personne trouvée – Rechercher – Parcours Hub</title>" in answer.text
    assert site.client(MINE).get(PATH, params={"nom": "Lefèvre"}).text.count("Lefèvre") == 0


def test_the_page_says_which_place_it_understood_where_one_is_given(site: Site) -> None:
    found = shown(fill_in(site, MINE, PATH, **ZOE, lieu="tassin la demi lune"))
    missed = shown(fill_in(site, MINE, PATH, nom="Personne-Ici", naissance="06/05/1970", lieu="Suisse 99"))

    assert "Lieu de naissance cherché : Tassin-la-Demi-Lune (69244)." in found.replace("\N{NO-BREAK SPACE}", " ")
    assert "Lieu de naissance cherché : Suisse (99140)." in missed.replace("\N{NO-BREAK SPACE}", " ")
    assert "Lieu de naissance cherché" not in shown(fill_in(site, MINE, PATH, **ZOE))


@pytest.mark.parametrize("day", ["12/03/1985", "12/3/1985", "12 03 1985", "12031985", "12.03.1985", "1985-03-12"])
def test_a_date_is_taken_as_people_write_it(site: Site, day: str) -> None:
    assert "1 personne trouvée" in shown(fill_in(site, MINE, PATH, nom="lefevre", naissance=day))


@pytest.mark.parametrize(
    "fields",
    [
        {"reseau": "france_travail", "dossier": "00000000001"},
        {"reseau": "cap_emploi", "dossier": "CE-1", "portee": OPS},
        {"reseau": "cap_emploi", "dossier": "CE-1", "portee": f"{OPS[:3]} {OPS[3:]}", "nom": "Lefèvre"},
        {"reseau": "france_travail", "dossier": "1234567A", "portee": "84"},
    ],
)
def test_a_person_is_found_by_a_case_of_either_network(site: Site, fields: dict[str, str]) -> None:
    assert "1 personne trouvée" in shown(fill_in(site, MINE, PATH, **fields))


def test_the_id_of_a_pathway_leads_to_it_whether_or_not_there_is_one(site: Site) -> None:
    answer = fill_in(site, MINE, PATH, parcours=f" {UNKNOWN.upper()} ")

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/parcours/{UNKNOWN}")


def test_somebody_elses_person_is_not_found_and_looks_like_nobody(site: Site, noted: Noted) -> None:
    known, unknown = (
        fill_in(site, OTHER, PATH, nom=name, naissance="06/05/1970") for name in ("Durand", "Personne-Ici")
    )

    assert "Aucune personne trouvée" in shown(known)
    assert main_of(known) == main_of(unknown).replace("Personne-Ici", "Durand")
    _, entry = last(noted)
    assert [each.counted for each in entry.people.values()] == ["other"]


def test_nobody_found_says_what_to_try(site: Site) -> None:
    said = shown(fill_in(site, MINE, PATH, nom="Durand", naissance="06/05/1970"))

    for hint in ("l’autre orthographe", "l’un ou l’autre réseau", "cherchez avec un motif", "déjà un parcours"):
        assert hint in said


def test_with_a_reason_others_are_found_and_lead_to_stating_it_for_them(site: Site, noted: Noted) -> None:
    answer = fill_in(site, OTHER, PATH, nom="Durand", naissance="06/05/1970", **REASON)

    said = shown(answer)
    assert "DURAND Luc Naissance en 1970" in said
    assert "Référent :" not in said
    (path,) = hrefs(answer, "/parcours/")
    assert path.endswith("/motif")
    _, entry = last(noted)
    assert (entry.code, entry.reason) == ("replacement", REASON["texte"])


def test_each_role_finds_whom_it_may_and_is_told_so(site: Site) -> None:
    durand = {"nom": "Durand", "naissance": "06/05/1970"}
    assert "1 personne trouvée" in shown(fill_in(site, LEAD, PATH, **ZOE))
    auditor = fill_in(site, AUDITOR, PATH, **durand)
    assert "sans leurs données de santé" in shown(auditor)
    assert not hrefs(auditor, "/parcours/")[0].endswith("/motif")
    assert "sans motif, vous ne trouvez personne" in shown(fill_in(site, DPO, PATH, **durand))
    assert "1 personne trouvée" in shown(fill_in(site, DPO, PATH, **durand, **REASON))
    assert "prise en charge" not in shown(site.client(DPO).get(PATH))


@pytest.mark.parametrize("reader", [MANAGER, OPERATOR])
def test_who_sees_nobody_has_no_search(site: Site, reader: Reader) -> None:
    assert site.client(reader).get(PATH).status_code == 403
    assert fill_in(site, reader, PATH, **ZOE).status_code == 403


def test_who_is_not_logged_in_is_sent_to_do_so(site: Site) -> None:
    assert site.client().get(PATH).headers["Location"].startswith("/connexion")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, {"nom": "Donnez la date de naissance et un nom"}),
        ({"nom": "Lefèvre"}, {"naissance": "un nom seul désignerait trop de personnes"}),
        ({"naissance": "12/03/1985"}, {"nom": "Donnez un nom ou un prénom"}),
        ({**ZOE, "naissance": "31/02/1985"}, {"naissance": "jj/mm/aaaa"}),
        ({**ZOE, "naissance": "hier"}, {"naissance": "jj/mm/aaaa"}),
        ({**ZOE, "naissance": "01/01/1970"}, {"naissance": "« inconnue »"}),
        ({**ZOE, "nom": "inconnu"}, {"nom": "« inconnu » ne désigne personne"}),
        ({**ZOE, "nom": "N" * 4_000}, {"nom": "200 caractères au plus, il en a 4000"}),
        ({**ZOE, "prenom": "Zo\u202eé"}, {"prenom": "ne s’affichent pas"}),
        ({**ZOE, "prenom": "Zo\x00é"}, {"prenom": "ne s’affichent pas"}),
        ({**ZOE, "lieu": "lyoon"}, {"lieu": "code Insee"}),
        ({"reseau": "cap_emploi"}, {"dossier": "Donnez le numéro"}),
        ({"dossier": "CE-1"}, {"reseau": "Choisissez le réseau"}),
        ({"reseau": "hub", "dossier": "CE-1"}, {"reseau": "Choisissez le réseau"}),
        ({"reseau": "cap_emploi", "dossier": "CE-1"}, {"portee": "SIRET"}),
        ({"reseau": "cap_emploi", "dossier": "C/1", "portee": OPS}, {"dossier": "lettres, chiffres"}),
        ({"reseau": "france_travail", "dossier": "12"}, {"dossier": "11 chiffres"}),
        ({"reseau": "france_travail", "dossier": "1234567A"}, {"portee": "2 chiffres"}),
        ({"reseau": "france_travail", "dossier": "12345678901", "portee": "84"}, {"portee": "sans région"}),
        ({"parcours": "42"}, {"parcours": "36 caractères"}),
        ({**ZOE, "motif": "curiosity", "texte": "Par curiosité pure."}, {"motif": "Choisissez un motif"}),
        ({**ZOE, "motif": "emergency", "texte": "vite"}, {"texte": "10 caractères au moins"}),
        ({**ZOE, "motif": "emergency"}, {"texte": "10 caractères au moins"}),
        ({**ZOE, "texte": "Une explication sans motif."}, {"motif": "Choisissez le motif"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    site: Site, noted: Noted, fields: dict[str, str], wrong: dict[str, str]
) -> None:
    before = len(noted.entries)

    answer = fill_in(site, MINE, PATH, **fields)

    shown(answer, 422)
    found = errors_of(answer)
    assert found.keys() == wrong.keys()
    assert all(text in found[field] for field, text in wrong.items())
    if "lefèvre" in fields.get("nom", "").lower():
        assert 'value="Lefèvre"' in answer.text
    assert len(noted.entries) == before, "nothing was looked for"


def test_a_field_that_the_form_does_not_have_is_refused(site: Site) -> None:
    assert fill_in(site, MINE, PATH, **ZOE, adviser="A-99").status_code == 422


def test_hostile_names_are_shown_and_not_obeyed(site: Site) -> None:
    hostile = fill_in(site, MINE, PATH, nom=HOSTILE, naissance="06/05/1971")
    turned = fill_in(site, MINE, PATH, nom=RIGHT_TO_LEFT, prenom="Ali", naissance="06/05/1972")

    assert "<script>alert" not in hostile.text
    assert f"{HOSTILE.upper()} {EMOJI}" in shown(hostile)
    assert "1 personne trouvée" in shown(turned)
    assert f"<bdi>{RIGHT_TO_LEFT} Ali</bdi>" in turned.text
    assert "<script>alert" not in fill_in(site, MINE, PATH, nom=HOSTILE).text


def test_the_limit_is_told_before_it_is_met_then_slows_and_stops(tmp_path: Path) -> None:
    with a_site(tmp_path, volume_other_slow_per_hour=4, volume_other_stop_per_day=6) as site:
        first = shown(site.client(MINE).get(PATH))
        answers = [fill_in(site, MINE, PATH, nom=f"Nobody{number}x", naissance="06/05/1970") for number in range(9)]
        after = shown(site.client(MINE).get(PATH))

    assert "Il vous en reste 4 sur 4" in first
    assert "Il vous en reste 1 sur 4" in shown(answers[2])
    assert "Vous avez atteint la limite de 4 par heure" in shown(answers[3])
    statuses = [answer.status_code for answer in answers]
    assert statuses == [200] * 4 + [429] * 2 + [403] * 3
    assert "Consultations trop rapprochées" in shown(answers[4], 429)
    assert int(answers[4].headers["Retry-After"]) > 0
    assert "Consultations suspendues" in shown(answers[-1], 403)
    assert "Votre accès aux personnes est arrêté" in after
