"""Choosing from a caseload on each store: whom it lists, in which order, and the decisions about them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.apis import Noted
from tests.integration.hubs import SteppingClock, folder, take
from tests.web.homes import MINE, NOW, history, names
from tests.web.sites import FORM_TOKEN, Site, a_site


@pytest.fixture(scope="module")
def site(engine: str) -> Iterator[Site]:
    assert engine
    with folder() as path, a_site(path, recorder=Noted(), clock=SteppingClock(NOW)) as running:
        take(running.hub, history())
        yield running


@pytest.mark.parametrize(
    ("query", "first", "count"),
    [
        ("", "<script>", 8),
        ("tri=echeance", "NOM01", 8),
        ("tri=dernier-acte", "NOM02", 8),
        ("retard=oui", "NOM01", 2),
        ("reseau=deux&tri=echeance", "NOM01", 3),
        ("phase=accueil&retard=oui", "NOM01", 2),
    ],
)
def test_people_are_chosen_and_ordered_alike(site: Site, query: str, first: str, count: int) -> None:
    found = names(site.client(MINE).get(f"/accueil?{query}").text)

    assert len(found) == count
    assert found[0].casefold().startswith(first.casefold())


@pytest.mark.parametrize(("start", "count"), [("nom0", 7), ("É", 0), ("zoe nom03", 1), ("<SCRIPT", 1)])
def test_names_are_found_alike(site: Site, start: str, count: int) -> None:
    answer = site.client(MINE).post("/accueil", data={"jeton": FORM_TOKEN, "nom": start})

    assert len(names(answer.text)) == count


def test_decisions_are_looked_for_on_each_store(site: Site) -> None:
    answer = site.client(MINE).get("/rapprochements")

    assert answer.status_code == 200
