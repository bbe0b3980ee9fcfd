"""The past of a pathway, over HTTP: where its links lead, how its days are given, and that it ends today."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest

from tests.integration.hubs import folder
from tests.integration.people import AUDITOR, OTHER, REFERENT, a_life, linked, unlinked
from tests.unit.pathway.builders import CE, FT, registered
from tests.web.pathway_pages import Pages, main_of, pathway_pages, text_of

THEN = "?au=2021-01-13"


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with folder() as path, pathway_pages(path, a_life()) as found:
        yield found


@pytest.fixture(scope="module")
def parted() -> Iterator[Pages]:
    """Pages of a person whose case records were linked on 3 March 2021, and parted on 15 April."""
    first = registered(FT, "2021-01-04", family_name="Zola", given_name="Ana", birth_date="1980-02-29")
    other = registered(CE, "2021-01-05", family_name="Perec", given_name="Lou", birth_date="1990-02-28")
    with folder() as path, pathway_pages(path, [first, other]) as found:
        found.take(linked(FT, CE, "2021-03-03"))
        found.clock.moment += timedelta(days=1)
        found.take(unlinked(FT, CE, "2021-04-15"))
        found.clock.moment += timedelta(days=1)
        yield found


def events_of(html: str) -> set[str]:
    """Give the addresses of events that a page leads to."""
    return {unescape(each) for each in re.findall(r'href="([^"]*/evenements/[^"]*)"', main_of(html))}


@pytest.mark.parametrize("shown", ["?connu={linked}&liste=tout", "?connu={linked}&liste=liens"])
def test_every_event_of_a_past_leads_to_its_page(parted: Pages, shown: str) -> None:
    day = (parted.clock.moment - timedelta(days=2)).date().isoformat()
    html = parted.read(AUDITOR, shown.format(linked=day))

    assert "Perec".upper() in html.upper()
    found = events_of(html)
    assert len(found) > 1
    for address in found:
        assert f"connu={day}" in address
        assert parted.site.client(AUDITOR).get(address).status_code == 200, address


def test_an_event_of_a_past_is_shown_as_of_then_and_leads_back_there(pages: Pages) -> None:
    html = pages.read(REFERENT, f"/evenements/{pages.event('DelegationProposed')}{THEN}")
    shown = text_of(main_of(html))

    assert "Vous voyez le parcours au 13 janvier 2021" in shown
    assert "établissait alors" in shown
    assert "Pourquoi ?" not in shown
    assert html.count(f'href="/parcours/{pages.person_id}{THEN}"') == 2
    assert f'href="/parcours/{pages.person_id}"' in html
    beside = events_of(html)
    assert beside
    assert all(address.endswith(THEN) for address in beside)


def test_what_came_later_is_no_event_of_a_past(pages: Pages) -> None:
    assert pages.get(REFERENT, f"/evenements/{pages.event('Placed')}{THEN}").status_code == 404


def test_every_event_of_the_frieze_keeps_the_day(pages: Pages) -> None:
    found = events_of(pages.read(REFERENT, f"{THEN}&connu=2021-03-02"))

    assert found
    assert all(address.endswith(f"{THEN}&connu=2021-03-02") for address in found)


def test_an_event_of_a_past_with_somebody_elses_record_is_not_shown_and_says_why(pages: Pages) -> None:
    answer = pages.get(OTHER, f"/evenements/{pages.event('CaseRegistered')}?au=2021-01-14")

    assert answer.status_code == 403
    assert "à cette date" in answer.text
    assert f'href="/parcours/{pages.person_id}/motif"' in answer.text


@pytest.mark.parametrize("field", ["au", "connu"])
def test_the_future_is_no_past(pages: Pages, field: str) -> None:
    tomorrow = pages.clock.moment + timedelta(days=1)
    for day in (tomorrow.date().isoformat(), "2100-01-01"):
        answer = pages.get(REFERENT, f"?{field}={day}")

        assert answer.status_code == 422
        assert "jusqu’à aujourd’hui" in answer.text
        assert "Vous voyez le parcours" not in answer.text
        assert 'aria-invalid="true"' in answer.text
    assert pages.get(REFERENT, f"?{field}={pages.clock.moment.date().isoformat()}").status_code == 200


@pytest.mark.parametrize("day", ["13/01/2021", "13 1 2021", "13012021"])
def test_a_day_is_given_as_people_write_it(pages: Pages, day: str) -> None:
    answer = pages.site.client(REFERENT).get(f"/parcours/{pages.person_id}", params={"au": day})

    assert answer.status_code == 200
    assert "Vous voyez le parcours au 13 janvier 2021" in text_of(answer.text)


def test_the_frieze_is_narrowed_to_days_as_people_write_them(pages: Pages) -> None:
    said = [text_of(main_of(pages.read(REFERENT, f"?du={day}"))) for day in ("2021-01-13", "13/01/2021")]

    assert "à partir du 13 janvier 2021" in said[1]
    assert said[0] == said[1]


@pytest.mark.parametrize("below", ["?au=hier", "?au=2100-01-01"])
def test_an_event_of_no_day_is_refused(pages: Pages, below: str) -> None:
    assert pages.get(REFERENT, f"/evenements/{pages.event('Placed')}{below}").status_code == 422
