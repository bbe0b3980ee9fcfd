"""What the guide's pictures show: who looks, at which page, what is done there first, and which part of it matters."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, NamedTuple

from playwright.sync_api import Page, ViewportSize

ADVISER, COLLEAGUE, MANAGER = "ft-adviser-1", "ft-adviser-2", "ft-manager"
DESK: ViewportSize = {"width": 1280, "height": 800}
PAPER: ViewportSize = {"width": 800, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
PATHWAY = "/parcours/{telling}"


def _nothing(_page: Page) -> None:
    """Look at the page as it opens."""


class Picture(NamedTuple):
    """A picture goes from the top of `first` to the bottom of `last`, by selectors; `most` is its greatest height."""

    name: str
    login: str | None
    path: str
    first: str = "main"
    last: str = "main"
    then: Callable[[Page], None] = _nothing
    most: int = 900
    size: ViewportSize = DESK
    scheme: Literal["light", "dark"] = "light"
    margin: int = 16
    hub: Literal["region", "figures"] = "region"


def _first_person_of(page: Page) -> None:
    """Go to where the first contradiction of the adviser's is settled."""
    page.locator("#contradictions li a").first.click()
    page.locator("#contradictions details > summary").first.click()
    page.get_by_label("Raison de votre choix").first.fill("La personne l’a confirmé à l’accueil.")


def _look_up(page: Page) -> None:
    page.get_by_label("Nom de naissance").fill("Marchand")
    page.get_by_label("Prénom").fill("Élise")
    page.get_by_label("Date de naissance").fill("12/04/1985")
    page.get_by_label("Commune de naissance").fill("69244")
    page.get_by_role("button", name="Vérifier").click()
    _unfocus(page)


def _unfocus(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")


def _compare(page: Page) -> None:
    page.get_by_role("link", name="Comparer et décider").first.click()


def _why(page: Page) -> None:
    page.locator("#accompagnement .h-why").nth(1).click()


def _event(page: Page) -> None:
    address = page.locator("main a[href*='/evenements/']", has_text="Référent désigné").first.get_attribute("href")
    page.goto(address or "")


def _open_one(page: Page) -> None:
    page.locator(".h-fz-list summary", has_text="Délégation acceptée").first.click()


def _replay(page: Page) -> None:
    page.get_by_role("link", name=re.compile("Délégation acceptée")).first.click()


def _statements(page: Page) -> None:
    page.get_by_label("Le motif en quelques mots").fill("Je remplace sa conseillère, absente cette semaine.")
    page.get_by_role("radio", name="Remplacement").check()
    _unfocus(page)


def _open_for_a_reason(page: Page) -> None:
    _statements(page)
    page.get_by_role("button", name="Enregistrer le motif").click()
    page.wait_for_url(re.compile(r"/parcours/[0-9a-f-]+$"))


PICTURES: tuple[Picture, ...] = (
    Picture("accueil", ADVISER, "/accueil", "body > header", ".h-split", most=960, margin=0),
    Picture("sombre", ADVISER, "/accueil", "body > header", ".h-split", most=700, margin=0, scheme="dark"),
    Picture("connexion", None, "/connexion", "body > header", "main", margin=0, most=640),
    Picture("parcours", ADVISER, PATHWAY, "h1", "main .h-grid"),
    Picture("frise", ADVISER, PATHWAY, "#frieze", ".h-fz-whole"),
    Picture("fil", ADVISER, PATHWAY + "?ordre=ancien", ".h-fz-head", ".h-fz-list", _open_one, most=900),
    Picture("pourquoi", ADVISER, PATHWAY, then=_why),
    Picture("evenement", ADVISER, PATHWAY, then=_event),
    Picture("temps", ADVISER, PATHWAY + "?au=2022-08-15", "main", "#temps", most=1_350),
    Picture("prise-en-charge", "ce-adviser-1", "/prise-en-charge", "main", "main > section", _look_up),
    Picture("rapprochement", ADVISER, "/rapprochements", then=_compare, most=1_250),
    Picture("contradiction", ADVISER, "/accueil", "#contradictions", "#contradictions", _first_person_of),
    Picture("motif", COLLEAGUE, PATHWAY + "/motif", then=_statements),
    Picture("fiche", ADVISER, PATHWAY + "/fiche", "article", "article", size=PAPER),
    Picture("telephone", ADVISER, PATHWAY, "body > header", "main", size=PHONE, most=1_100, margin=0),
    Picture("rejeu", "auditor", PATHWAY + "/rejeu", then=_replay),
    Picture(
        "motif-compte",
        COLLEAGUE,
        PATHWAY + "/motif",
        "#parcours",
        ".h-flags, main .h-grid",
        _open_for_a_reason,
        most=420,
    ),
    Picture(
        "journal",
        "dpo",
        "/journal?nature=motif",
        "section[aria-labelledby=entrees]",
        "section[aria-labelledby=entrees]",
    ),
    Picture("exploitation", "operator", "/exploitation"),
    Picture("quarantaine", "operator", "/exploitation/quarantaine"),
    Picture("delegations", MANAGER, "/pilotage/delegations", most=1_300, hub="figures"),
)
