"""Every page that there is, who opens it, and how one gets there: the matrix of tests goes by this list."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from playwright.sync_api import Locator, Page

from tests.browser.region import Served
from tests.browser.visiting import led_on

ADVISER, OTHER_NETWORK = "ft-adviser-1", "ce-adviser-1"
LEAD, MANAGER, AUDITOR, DPO, OPERATOR = "ft-lead", "ft-manager", "auditor", "dpo", "operator"


class Sight(NamedTuple):
    """A page: its name in pictures, who opens it, its address, and what is done there before one looks.

    `route` is the template of the page that is looked at, where that leads on to another one.
    """

    name: str
    login: str | None
    path: str
    then: Callable[[Page], object] | None = None
    status: int = 200
    route: str | None = None

    def open(self, page: Page, region: Served) -> None:
        """Go there."""
        answer = page.goto(self.path.format_map(region.people))
        assert answer is not None
        assert answer.status == self.status
        if self.then is not None:
            self.then(page)


def _follow(link: Locator) -> None:
    """Go to the page that a link or a button leads to, until it is there: a click alone may end before that."""
    with led_on(link.page):
        link.click()


def _search(page: Page) -> None:
    _open_all(page)
    page.get_by_label("Nom d’usage").fill("Trois-Cents")
    page.get_by_label("Date de naissance").fill("29/02/1980")
    page.get_by_label("Motif", exact=True).select_option(index=1)
    page.get_by_label("Le motif en quelques mots").fill("Accueil au guichet, sans rendez-vous")
    _follow(page.get_by_role("button", name="Rechercher"))


def _send_nothing(page: Page) -> None:
    _follow(page.locator("main form button").last)


def _look_up(page: Page) -> None:
    page.get_by_label("Nom de naissance").fill("Lavergne")
    page.get_by_label("Prénom").fill("Élise")
    page.get_by_label("Date de naissance").fill("12/04/1985")
    _follow(page.get_by_role("button", name="Vérifier"))


def _first_pair(page: Page) -> None:
    _follow(page.get_by_role("link", name=re.compile("Comparer et décider.*LAVERGNE")))


def _first_event(page: Page) -> None:
    page.goto(page.locator("main a[href*='/evenements/']").first.get_attribute("href") or "")


def _first_why(page: Page) -> None:
    _follow(page.locator("main button", has_text="Pourquoi").first)


def _first_record(page: Page) -> None:
    _follow(page.get_by_role("link", name=re.compile("^N°")).first)


def _redrive_all(page: Page) -> None:
    _follow(page.get_by_role("link", name="Schéma inconnu").first)
    _follow(page.get_by_role("link", name=re.compile("^Reprendre")))


def _stay(page: Page) -> None:
    """Leave what the page asks again by itself without an answer: it changes nothing while one looks."""
    page.evaluate("() => { window.fetch = () => new Promise(() => {}); }")


def _open_all(page: Page) -> None:
    for number in range(page.locator("main details").count()):
        details = page.locator("main details").nth(number)
        if details.get_attribute("open") is None and details.locator("> summary").is_visible():
            details.locator("> summary").click()


SIGHTS: tuple[Sight, ...] = (
    Sight("connexion", None, "/connexion"),
    Sight("accessibilite", None, "/accessibilite"),
    Sight("composants", None, "/composants"),
    Sight("plan", None, "/plan-du-site"),
    Sight("plan-conseiller", ADVISER, "/plan-du-site"),
    Sight("introuvable", ADVISER, "/nulle-part", status=404),
    Sight("refuse", "ft-adviser-2", "/parcours/{hostile}", status=403),
    Sight("accueil", ADVISER, "/accueil"),
    Sight("accueil-site", LEAD, "/accueil"),
    Sight("a-faire", ADVISER, "/accueil/a-faire"),
    Sight("parcours", ADVISER, "/parcours/{telling}"),
    Sight("parcours-ouvert", ADVISER, "/parcours/{telling}", _open_all),
    Sight("parcours-passe", ADVISER, "/parcours/{telling}?au=2022-11-30&connu=2022-12-15"),
    Sight("parcours-site", LEAD, "/parcours/{hostile}"),
    Sight("parcours-hostile", ADVISER, "/parcours/{hostile}"),
    Sight("parcours-dense", ADVISER, "/parcours/{crowded}"),
    Sight("parcours-long", ADVISER, "/parcours/{old}"),
    Sight("parcours-vide", ADVISER, "/parcours/{bare}"),
    Sight(
        "evenement", ADVISER, "/parcours/{telling}", _first_event, route="/parcours/{person_id}/evenements/{event_id}"
    ),
    Sight("pourquoi", ADVISER, "/parcours/{telling}", _first_why),
    Sight("questions", ADVISER, "/parcours/{telling}/pourquoi"),
    Sight("consultations", ADVISER, "/parcours/{telling}/acces"),
    Sight("fiche", ADVISER, "/parcours/{telling}/fiche"),
    Sight("motif", "ft-adviser-2", "/parcours/{telling}/motif"),
    Sight("recherche", ADVISER, "/recherche"),
    Sight("recherche-erreur", ADVISER, "/recherche", _send_nothing),
    Sight("recherche-resultat", ADVISER, "/recherche", _search),
    Sight("prise-en-charge", ADVISER, "/prise-en-charge"),
    Sight("prise-en-charge-resultat", ADVISER, "/prise-en-charge", _look_up),
    Sight("rapprochements", ADVISER, "/rapprochements"),
    Sight("rapprochement", ADVISER, "/rapprochements", _first_pair, route="/rapprochements/{reference}"),
    Sight("delegations", MANAGER, "/pilotage/delegations"),
    Sight("audit", AUDITOR, "/audit"),
    Sight("audit-registre", AUDITOR, "/audit/registre"),
    Sight("rejeu", AUDITOR, "/parcours/{telling}/rejeu?pas=5"),
    Sight("journal", DPO, "/journal"),
    Sight("exploitation", OPERATOR, "/exploitation", _stay),
    Sight("quarantaine", OPERATOR, "/exploitation/quarantaine"),
    Sight(
        "quarantaine-un",
        OPERATOR,
        "/exploitation/quarantaine",
        _first_record,
        route="/exploitation/quarantaine/{number}",
    ),
    Sight(
        "quarantaine-reprise",
        OPERATOR,
        "/exploitation",
        _redrive_all,
        route="/exploitation/quarantaine/reprise",
    ),
    Sight("compte", ADVISER, "/compte"),
    Sight("deconnexion", None, "/deconnexion/retour"),
)
