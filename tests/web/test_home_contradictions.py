"""The first page's contradictions: counted by fact, listed person by person, all of one person in one place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from hub.domain.access import Reader
from hub.domain.events.base import Event
from hub.web.pages import home_todo
from tests.integration.hubs import SteppingClock, folder, take
from tests.unit.pathway.builders import registered
from tests.web.homes import COLLEAGUE, LEAD, MINE, NOW, ce, ft, person, section, text
from tests.web.sites import Site, a_site

PATH, TODO = "/accueil", "/accueil/a-faire?quoi=contradictions"


def contested(number: int, adviser: str) -> list[Event]:
    """Give a person about whom the networks contradict each other three times."""
    own: dict[str, Any] = {"birth_date": "1980-05-17", "contact": {"phone": "0601020304", "email": "zoe@example.org"}}
    other: dict[str, Any] = {"birth_date": "1980-05-18", "contact": {"phone": "0699999999", "email": "zoe@example.net"}}
    named: dict[str, Any] = {"family_name": f"Nom{number:02}", "given_name": "Zoé"}
    record = registered(ce(number), "2021-02-01", other=ft(number), site=None, **named, **other)
    return [*person(number, adviser, **own), record]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with folder() as path, a_site(path, clock=SteppingClock(NOW)) as running:
        take(running.hub, [each for number in range(1, 8) for each in contested(number, "A-17")])
        take(running.hub, [each for number in range(11, 14) for each in contested(number, "A-18")])
        yield running


def test_a_list_that_names_everyone_offers_no_longer_one(site: Site) -> None:
    html = section(site.client(COLLEAGUE).get(PATH).text, "contradictions")

    assert text(html).startswith("Contradictions à arbitrer (9, pour 3 personnes)")
    assert sorted(re.findall(r"NOM\d\d", html)) == ["NOM11", "NOM12", "NOM13"]
    assert TODO not in html


def test_a_list_that_leaves_people_out_leads_to_all_of_them(site: Site) -> None:
    html = section(site.client(MINE).get(PATH).text, "contradictions")

    assert text(html).startswith("Contradictions à arbitrer (21, pour 7 personnes)")
    assert len(re.findall(r"NOM\d\d", html)) == 5
    assert TODO in html


def test_all_that_is_contradicted_of_a_person_stands_on_one_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_todo, "SIZE", 4)

    first = site.client(MINE).get(TODO).text
    following = re.search(r'rel="next" href="([^"]*)"', first)
    assert following
    second = site.client(MINE).get(following[1].replace("&amp;", "&")).text

    shown = [re.findall(r"NOM\d\d", html) for html in (first, second)]
    assert [len(each) for each in shown] == [4, 3]
    assert sorted(name for each in shown for name in each) == [f"NOM{number:02}" for number in range(1, 8)]
    assert 'rel="next"' not in second


def test_the_way_back_from_a_list_names_the_page_that_it_came_from(site: Site) -> None:
    def way_back(reader: Reader) -> str:
        found = re.search(r'<nav[^>]*aria-label="Fil d’Ariane".*?</nav>', site.client(reader).get(TODO).text, re.DOTALL)
        return text(found[0]) if found else ""

    assert way_back(LEAD).startswith("Mon site")
    assert way_back(MINE).startswith("Mes accompagnements")
