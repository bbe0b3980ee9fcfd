"""The frieze on the pathway's page, over HTTP: what each reader is shown, filtered, paged and of another day."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from hub.domain.events.base import Event
from hub.domain.events.compensation import CompensationNeedIdentified
from tests.integration.hubs import folder
from tests.integration.people import HEALTH, LEAD, REFERENT, a_life
from tests.unit.pathway.builders import CE, event
from tests.web.frieze.views import read
from tests.web.pathway_pages import Pages, pathway_pages

HOSTILE = "<script>alert(1)</script>"


def described(number: int) -> Event:
    return event(
        CompensationNeedIdentified,
        f"2021-02-{1 + number % 28:02}",
        CE,
        need_id=f"M-{number}",
        phase="diagnosis",
        description=HOSTILE * 20,
        rome=None,
        siret=None,
    )


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with folder() as path, pathway_pages(path, [*a_life(), *map(described, range(40))]) as found:
        yield found


def frieze(page: str) -> str:
    found = re.search(r'<section id="frieze".*?</section>', page, re.DOTALL)
    assert found is not None
    return found[0]


def told(page: str) -> list[str]:
    return re.findall(r'id="e-([0-9a-f-]{36})"', frieze(page))


def test_the_page_tells_the_latest_first_and_leads_to_what_came_before(pages: Pages) -> None:
    page = pages.read(REFERENT)
    seen = told(page)
    while following := re.search(
        r'<a class="h-button h-button-secondary" href="[^"?]*(\?[^"#]*)#frieze"', frieze(page)
    ):
        page = pages.read(REFERENT, following[1].replace("&amp;", "&"))
        seen += told(page)

    assert len(seen) == len(set(seen)) == 61
    assert seen[0] == pages.life[3].meta.event_id
    assert seen[-1] == pages.person_id


def test_what_people_wrote_stays_text(pages: Pages) -> None:
    elements, text = read(frieze(pages.read(REFERENT)))

    assert "script" not in {each.tag for each in elements}
    assert HOSTILE in text


def test_a_filter_in_the_address_leaves_its_events_and_says_how_many_it_hides(pages: Pages) -> None:
    page = pages.read(REFERENT, "?nature=delegation&nature=appui&reseau=ce&du=2021-01-01&jusqu=2021-12-31")
    _, text = read(frieze(page))

    assert told(page) == [pages.event("ExpertiseDelivered"), pages.event("DelegationAccepted")]
    assert "2\N{NO-BREAK SPACE}événements affichés" in text
    assert "59\N{NO-BREAK SPACE}événements masqués par le filtre" in text


def test_an_address_that_means_nothing_shows_everything(pages: Pages) -> None:
    assert told(pages.read(REFERENT, "?nature=x&du=hier&ordre=y&avant=z")) == told(pages.read(REFERENT))


def test_the_day_of_the_view_is_kept_by_every_link_and_form(pages: Pages) -> None:
    section = frieze(pages.read(REFERENT, "?au=2021-02-15"))

    assert "vu au 15/02/2021" in section
    assert '<input type="hidden" name="au" value="2021-02-15">' in section
    onward = [
        href for href in re.findall(r'href="(\?[^"]*|/parcours/[^"/]*\?[^"]*)"', section) if "evenements" not in href
    ]
    assert onward
    assert all("au=2021-02-15" in href for href in onward)


def test_whoever_does_not_need_health_data_is_shown_acts_without_it(pages: Pages) -> None:
    section = frieze(pages.read(LEAD, "?nature=delegation&nature=besoin&nature=diagnostic"))

    assert "Délégation acceptée" in section
    assert [said for said in (*HEALTH, "alert(1)") if said in section] == []
