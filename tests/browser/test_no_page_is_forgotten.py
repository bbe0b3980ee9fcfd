"""The list of pages that browsers look at has every page that there is."""

from __future__ import annotations

import re

from hub.web.app import ROUTERS
from tests.browser.sights import SIGHTS, templates

NO_PAGES = {
    "/accueil/nouveautes",  # a stream
    "/connexion/aller",  # leads to the provider
    "/connexion/retour",  # leads on, or to a failure
    "/pilotage/delegations.csv",
}


def test_every_address_that_answers_with_a_page_is_looked_at() -> None:
    routes = {route.path for router in ROUTERS for route in router.routes if "GET" in route.methods}  # type: ignore[attr-defined]
    seen = {sight.route or route for sight in SIGHTS for route in routes if _leads_to(sight.path, route)}

    assert routes - NO_PAGES - seen == set()


def test_every_page_that_answers_a_form_is_looked_at_too() -> None:
    assert {sight.template for sight in SIGHTS} == templates()


def _leads_to(path: str, route: str) -> bool:
    template = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(route))
    return re.fullmatch(template, path.partition("?")[0]) is not None
