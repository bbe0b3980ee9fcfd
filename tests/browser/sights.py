"""Every page that there is, who opens it, and how one gets there: the matrix of tests goes by this list."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from playwright.sync_api import Page

from tests.browser.region import Served

ADVISER, OTHER_NETWORK = "ft-adviser-1", "ce-adviser-1"
LEAD, MANAGER, AUDITOR, DPO, OPERATOR = "ft-lead", "ft-manager", "auditor", "dpo", "operator"


class Sight(NamedTuple):
    """A page: its name in pictures, who opens it, its address, and what is done there before one looks.

    `route` is the template of the page looked at, where `then` leads to another one.
    """

    name: str
    login: str | None
    path: str
    then: Callable[[Page], object] | None = None

    def open(self, page: Page, region: Served) -> None:
        """Go there."""
        page.goto(self.path.format_map(region.people))
        if self.then is not None:
            self.then(page)


SIGHTS: tuple[Sight, ...] = (
    Sight("connexion", None, "/connexion"),
    Sight("accessibilite", None, "/accessibilite"),
    Sight("composants", None, "/composants"),
    Sight("introuvable", ADVISER, "/nulle-part"),
    Sight("accueil", ADVISER, "/accueil"),
    Sight("accueil-site", LEAD, "/accueil"),
    Sight("parcours", ADVISER, "/parcours/{telling}"),
)
