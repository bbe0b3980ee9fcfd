"""The look-up before a case is opened: whoever has a pathway is joined and sent nowhere, and nobody else is told of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.domain.access import Reader
from hub.domain.events.base import Event
from hub.domain.events.case import CaseClosed
from hub.domain.events.pathway import PathwayClosed
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from tests.integration.apis import Noted
from tests.integration.hubs import folder, take
from tests.unit.pathway.builders import OPS, event, registered
from tests.web.finding import (
    AUDITOR,
    DPO,
    HOSTILE,
    MANAGER,
    MINE,
    OTHER,
    RIGHT_TO_LEFT,
    errors_of,
    fill_in,
    hrefs,
    last,
    main_of,
    shown,
)
from tests.web.sites import Site, a_site

PATH = "/prise-en-charge"
ZOE = {"nom": "LEFEVRE", "prenom": "Zoe", "naissance": "12/03/1985", "lieu": "69244"}
LEO = {"nom": "Petit", "prenom": "Léo", "naissance": "08/08/1988", "lieu": "69123"}


def ft(number: int) -> CaseKey:
    return CaseKey(FRANCE_TRAVAIL, "", f"{number:011d}")


def history() -> list[Event]:
    """Give Zoé whom France Travail leads, Léo who left, Inès whose record is closed, Jean whom A-17 leads from 2030.

    With them two namesakes, and somebody whose name is a script.
    """
    zoe: dict[str, Any] = {"given_name": "Zoé", "birth_date": "1985-03-12", "birth_place": "69244"}
    leo: dict[str, Any] = {"given_name": "Léo", "birth_date": "1988-08-08", "birth_place": "69123"}
    paul: dict[str, Any] = {"given_name": "Paul", "birth_date": "1972-04-04", "birth_place": "01053"}
    roux: dict[str, Any] = {"given_name": "Inès", "birth_date": "1990-09-09", "birth_place": "69123"}
    blanc: dict[str, Any] = {"given_name": "Jean", "birth_date": "1991-10-10", "birth_place": "69123"}
    since = "2021-01-11"
    return [
        registered(ft(1), "2020-03-02", birth_name="Lefèvre", site="69123", **zoe),
        event(ReferentAssigned, since, ft(1), adviser="A-17", role="referent", from_date=since, site="69123"),
        registered(CaseKey(CAP_EMPLOI, OPS, "CE-2"), birth_name="Petit", **leo),
        event(CaseClosed, "2021-02-01", CaseKey(CAP_EMPLOI, OPS, "CE-2"), motive="employment"),
        event(PathwayClosed, "2021-02-01", CaseKey(CAP_EMPLOI, OPS, "CE-2"), motive="employment"),
        registered(ft(6), birth_name="Roux", **roux),
        event(CaseClosed, "2021-02-01", ft(6), motive="employment"),
        registered(ft(7), birth_name="Blanc", site="69123", **blanc),
        event(ReferentAssigned, since, ft(7), adviser="A-17", role="referent", from_date="2030-05-03", site="69123"),
        registered(ft(3), birth_name="Moreau", **paul),
        registered(ft(4), birth_name="Moreau", **paul),
        registered(ft(5), birth_name=HOSTILE, site="69123", **zoe),
    ]


@pytest.fixture(scope="module")
def noted() -> Noted:
    return Noted()


@pytest.fixture(scope="module")
def site(noted: Noted) -> Iterator[Site]:
    with folder() as path, a_site(path, recorder=noted) as running:
        take(running.hub, history())
        yield running


def test_the_other_network_learns_that_there_is_a_pathway_who_leads_it_and_how_to_join(site: Site) -> None:
    answer = fill_in(site, OTHER, PATH, **ZOE)

    said = shown(answer)
    assert "Cette personne est déjà accompagnée par France Travail depuis le 2 mars 2020" in said
    assert "Ne rouvrez pas un parcours, rejoignez celui qui existe" in said
    assert "Ne renvoyez pas la personne vers l’accueil de France Travail" in said
    assert "Référent A-17 Réseau France Travail Site 69123" in said
    assert "Inscrivez la personne dans votre outil" in said
    assert "numéro de son autre dossier : 00000000001 (France Travail)" in said
    assert "Ce n’est pas une réorientation" in said
    (path,) = hrefs(answer, "/parcours/")
    assert path.endswith("/motif")


def test_ones_own_network_is_told_to_go_on_in_its_case(site: Site) -> None:
    answer = fill_in(site, MINE, PATH, **ZOE)

    said = shown(answer)
    assert "Votre réseau a déjà un dossier : 00000000001 (France Travail). N’en créez pas d’autre." in said
    assert "Il est ouvert : poursuivez dans ce dossier" in said
    (path,) = hrefs(answer, "/parcours/")
    assert not path.endswith("/motif")


def test_whoever_left_is_taken_up_again_with_their_history(site: Site) -> None:
    theirs, other = shown(fill_in(site, OTHER, PATH, **LEO)), shown(fill_in(site, MINE, PATH, **LEO))

    assert "Cette personne a déjà un parcours" in theirs
    assert "Il est clos : rouvrez ce même dossier" in theirs
    assert "L’accompagnement était terminé : le parcours reprend avec tout son historique." in theirs
    assert "CE-2 (Cap emploi, organisme 440 220 135 00014)" in other
    assert "Le parcours n’a pas de référent" in other


def test_where_only_the_record_is_closed_no_exit_is_claimed(site: Site) -> None:
    said = shown(fill_in(site, OTHER, PATH, nom="Roux", prenom="Inès", naissance="09/09/1990", lieu="69123"))

    assert "L’accompagnement était terminé : le parcours reprend avec tout son historique." in said
    assert "sortie" not in said


def test_whoever_leads_from_a_later_day_is_called_the_next_referent(site: Site) -> None:
    said = shown(fill_in(site, OTHER, PATH, nom="Blanc", prenom="Jean", naissance="10/10/1991", lieu="69123"))

    assert "Le parcours n’a pas de référent en ce moment." in said
    assert "Prochain référent, à partir du 3 mai 2030" in said, said[500:2600]
    assert "L’accompagnement était terminé" not in said


@pytest.mark.parametrize(
    "fields",
    [
        {**ZOE, "nom": "Nouvelle"},
        {**ZOE, "naissance": "13/03/1985"},
        {"nom": "Moreau", "prenom": "Paul", "naissance": "04/04/1972", "lieu": "01053"},
    ],
)
def test_nobody_almost_somebody_and_several_are_told_alike(site: Site, noted: Noted, fields: dict[str, str]) -> None:
    answer = fill_in(site, OTHER, PATH, **fields)

    said = shown(answer)
    assert "Aucun parcours reconnu avec cette identité" in said
    assert "Vous pouvez ouvrir un dossier dans votre outil" in said
    assert "Demandez à la personne si elle est suivie par France Travail" in said
    nobody = fill_in(site, OTHER, PATH, **{**ZOE, "nom": "Personne", "lieu": fields["lieu"]})
    assert main_of(answer).partition("</section>")[0] == main_of(nobody).partition("</section>")[0]
    _, entry = last(noted)
    assert [each.counted for each in entry.people.values()] == ["other"]


def test_each_look_up_is_recorded(site: Site, noted: Noted) -> None:
    fill_in(site, OTHER, PATH, **ZOE)

    asked, entry = last(noted)
    assert (asked.reader, asked.through, entry.kind) == (OTHER, "POST /prise-en-charge", "look_up")


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"nom": ""}, {"nom": "Donnez le nom de naissance"}),
        ({"prenom": ""}, {"prenom": "Donnez le prénom"}),
        ({"naissance": ""}, {"naissance": "Donnez la date de naissance"}),
        ({"lieu": ""}, {"lieu": "Donnez la commune de naissance"}),
        ({"lieu": "69000"}, {"lieu": "codes postaux"}),
        ({"lieu": "Lyoon"}, {"lieu": "Aucune commune et aucun pays n’ont ce nom"}),
        (
            {"lieu": "revel"},
            {"lieu": "Plusieurs lieux ont ce nom : donnez le code du bon, Revel (31451), Revel (38334)."},
        ),
        ({"lieu": "Suisse"}, {"lieu": "Suisse (57662), Suisse (99140, pays)."}),
        ({"lieu": HOSTILE}, {"lieu": "Aucune commune"}),
        ({"lieu": "((((" * 1_000}, {"lieu": "Aucune commune"}),
        ({"naissance": "12/13/1985"}, {"naissance": "jj/mm/aaaa"}),
        ({"nom": "X"}, {"nom": "une initiale"}),
        ({"usage": "n" * 4_000}, {"usage": "200 caractères au plus"}),
        ({"lieu": "99352", "naissance": "01/01/1985"}, {"naissance": "naissance à l’étranger"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    site: Site, noted: Noted, changed: dict[str, str], wrong: dict[str, str]
) -> None:
    before = len(noted.entries)

    answer = fill_in(site, OTHER, PATH, **{**ZOE, **changed})

    shown(answer, 422)
    found = errors_of(answer)
    assert found.keys() == wrong.keys()
    assert all(text in found[field] for field, text in wrong.items())
    assert "prenom" in changed or 'value="Zoe"' in answer.text
    assert len(noted.entries) == before


@pytest.mark.parametrize(
    "place", ["Tassin-la-Demi-Lune", "tassin la demi lune", "TASSIN LA DEMI LUNE (69)", "69244", " 69244 "]
)
def test_a_commune_is_given_by_its_name_or_its_code(site: Site, place: str) -> None:
    said = shown(fill_in(site, OTHER, PATH, **{**ZOE, "lieu": place}))

    assert "Cette personne est déjà accompagnée" in said


@pytest.mark.parametrize(
    ("place", "understood"),
    [("Lyon", "Lyon (69123)"), ("69100", "Irigny (69100)"), ("38640", "38640"), ("suisse 99", "Suisse (99140)")],
)
def test_where_nobody_is_found_the_page_says_which_place_it_understood(site: Site, place: str, understood: str) -> None:
    said = shown(fill_in(site, OTHER, PATH, **{**ZOE, "lieu": place}))

    assert f"Le lieu de naissance cherché est {understood}." in said


def test_an_empty_form_asks_for_everything_at_once(site: Site) -> None:
    assert list(errors_of(fill_in(site, OTHER, PATH))) == ["nom", "prenom", "naissance", "lieu"]


def test_who_has_no_network_is_told_why_they_cannot_look(site: Site) -> None:
    reader = Reader("nowhere", frozenset({"adviser"}), adviser="A-1")

    assert "Cette vérification demande un réseau" in shown(site.client(reader).get(PATH))
    assert fill_in(site, reader, PATH, **ZOE).status_code == 403


@pytest.mark.parametrize("reader", [AUDITOR, DPO, MANAGER])
def test_only_who_takes_people_in_looks_up(site: Site, reader: Reader) -> None:
    assert site.client(reader).get(PATH).status_code == 403
    assert fill_in(site, reader, PATH, **ZOE).status_code == 403


def test_hostile_names_are_shown_and_not_obeyed(site: Site) -> None:
    found = fill_in(site, OTHER, PATH, **{**ZOE, "nom": HOSTILE})
    turned = fill_in(site, OTHER, PATH, **{**ZOE, "nom": RIGHT_TO_LEFT})

    assert "Cette personne est déjà accompagnée" in shown(found)
    assert "<script>alert" not in found.text + turned.text
    assert f'value="{RIGHT_TO_LEFT}"' in turned.text


def test_the_limit_is_told_before_it_is_met(tmp_path: Path) -> None:
    with a_site(tmp_path, volume_other_slow_per_hour=2, volume_other_stop_per_day=3) as site:
        answers = [fill_in(site, OTHER, PATH, **{**ZOE, "nom": f"Personne{name}"}) for name in "ABCDE"]

    assert "Il vous en reste 1 sur 2" in shown(answers[0])
    assert "Vous avez atteint la limite de 2 par heure" in shown(answers[1])
    assert [answer.status_code for answer in answers] == [200, 200, 429, 403, 403]
