"""The site map: a second way to every page, with what each reader may open and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from hub.domain.access import ROLES, Reader
from hub.domain.ids import FRANCE_TRAVAIL
from hub.web import menu, places
from hub.web.app import ROUTERS
from hub.web.places import Place
from hub.web.session import Session
from tests.web.finding import AUDITOR, DPO, LEAD, MANAGER, MINE, OPERATOR, hrefs
from tests.web.sites import Site, a_site

READERS = {"adviser": MINE, "lead": LEAD, "manager": MANAGER, "auditor": AUDITOR, "dpo": DPO, "operator": OPERATOR}
ALL = Session(
    Reader("all", frozenset(ROLES), FRANCE_TRAVAIL, "A-1", sites=frozenset({"69123"}), departments=frozenset({"69"})),
    "", "", None,
)  # fmt: skip
OPENED_FROM_ANOTHER = {
    "/parcours/{person_id}": "Parcours d’une personne",
    "/parcours/{person_id}/evenements/{event_id}": "Événement d’un parcours",
    "/parcours/{person_id}/pourquoi": "Pourquoi cette donnée",
    "/parcours/{person_id}/fiche": "Fiche de la personne",
    "/parcours/{person_id}/acces": "Consultations du parcours",
    "/parcours/{person_id}/rejeu": "Rejeu du parcours",
    "/parcours/{person_id}/motif": "Motif de consultation",
    "/rapprochements/{reference}": "Deux dossiers",
    "/exploitation/quarantaine/{number}": "Enregistrement en quarantaine",
    "/exploitation/quarantaine/reprise": "Reprendre plusieurs enregistrements",
}
NO_PLACES = {
    "/accueil/nouveautes",  # a stream
    "/connexion",  # for who is not logged in
    "/connexion/aller",
    "/connexion/retour",
    "/deconnexion/retour",
    "/pilotage/delegations.csv",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with a_site(tmp_path_factory.mktemp("site")) as running:
        yield running


def every(listed: tuple[Place, ...]) -> Iterator[Place]:
    for each in listed:
        yield each
        yield from every(each.inside)


def test_every_page_that_there_is_has_its_place() -> None:
    found = [each for part in places.map_of(ALL) for each in every(part.places)]
    paths = {each.path.partition("?")[0] for each in found}
    labels = {each.label for each in found if not each.path}
    routes = {route.path for router in ROUTERS for route in router.routes if "GET" in route.methods}  # type: ignore[attr-defined]

    assert routes - NO_PLACES - paths == set(OPENED_FROM_ANOTHER)
    assert set(OPENED_FROM_ANOTHER.values()) <= labels


@pytest.mark.parametrize("whose", READERS)
def test_each_reader_finds_what_they_may_open_in_the_order_of_the_menu(site: Site, whose: str) -> None:
    reader = READERS[whose]
    browser = site.client(reader)
    page = browser.get(places.PATH)
    listed = hrefs(page, "/")

    assert page.status_code == 200
    assert [each for each in listed if each in {entry.path for entry in menu.ENTRIES}] == [
        entry.path for entry in menu.menu_of(ALL._replace(reader=reader), "")
    ]
    for path in listed:
        assert browser.get(path).status_code == 200, path
    for entry in menu.ENTRIES:
        assert (entry.path in listed) == (browser.get(entry.path).status_code == 200)


def test_what_opens_from_a_pathway_is_told_to_those_who_may_open_it_alone(site: Site) -> None:
    told = {whose: set(re.findall(r"<strong>(.*?)</strong>", site.client(reader).get(places.PATH).text))
            for whose, reader in READERS.items()}  # fmt: skip

    assert "Rejeu du parcours" in told["auditor"] & told["dpo"]
    assert "Rejeu du parcours" not in told["adviser"]
    assert "Deux dossiers" in told["adviser"] - told["auditor"]
    assert told["manager"] == set()


def test_whoever_is_not_logged_in_finds_the_pages_for_everyone(site: Site) -> None:
    page = site.client().get(places.PATH)

    assert hrefs(page, "/") == ["/connexion", "/accessibilite", "/plan-du-site", "/composants"]
    assert "Vous n’êtes pas connecté" in page.text


@pytest.mark.parametrize("path", ["/composants", "/accessibilite", "/nulle-part", places.PATH])
def test_the_foot_of_every_page_leads_to_it(site: Site, path: str) -> None:
    foot = site.client().get(path).text.partition('<footer role="contentinfo"')[2]
    assert '<a href="/plan-du-site">Plan du site</a>' in foot
