"""News stay until their reader marks them as read, as far as a page showed them: whatever logins and clocks do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest
from sqlalchemy import select

from hub.domain.access import Reader
from hub.domain.events.case import CaseUpdated
from hub.ledger import tables
from hub.ledger.database import reading
from tests.integration.apis import Noted
from tests.integration.hubs import SteppingClock, take
from tests.unit.pathway.builders import event, registered
from tests.web.homes import AGENT, BOTH, COLLEAGUE, MINE, NOW, ce, ft, person, section, text
from tests.web.sites import FORM_TOKEN, Site, a_site

PATH, MARK = "/accueil", "/accueil/nouveautes/lues"


class Running(NamedTuple):
    """A served site, and the clock that it goes by."""

    site: Site
    clock: SteppingClock


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    clock = SteppingClock(NOW - timedelta(days=90))
    with a_site(tmp_path, recorder=Noted(), clock=clock) as site:
        numbers = {1: "A-17", 2: "A-17", 3: "A-18"}
        take(site.hub, [each for number, adviser in numbers.items() for each in person(number, adviser)])
        take(site.hub, [registered(ce(number), "2021-02-01", other=ft(number), site=None) for number in numbers])
        clock.moment = NOW
        yield Running(site, clock)


def recorded(site: Site, number: int, day: str) -> None:
    """Let Cap emploi record something of a person."""
    take(site.hub, [event(CaseUpdated, day, ce(number), site=None, availability="immediate")])


def told(client: httpx2.Client, query: str = "") -> str:
    return text(section(client.get(f"{PATH}{query}").text, "nouveau"))


def form_of(client: httpx2.Client, query: str = "") -> dict[str, str]:
    """Give what the page's own form would send."""
    html = section(client.get(f"{PATH}{query}").text, "nouveau")
    found = dict(re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]*)"', html))
    assert found["jeton"] == FORM_TOKEN
    return found


def mark(client: httpx2.Client, form: dict[str, str]) -> str:
    answer = client.post(MARK, data=form, follow_redirects=False)
    assert answer.status_code == 303
    return answer.headers["location"]


def test_another_login_the_same_morning_hides_nothing(running: Running) -> None:
    recorded(running.site, 1, "2021-06-20")
    assert "NOM01" in told(running.site.client(MINE))
    running.clock.moment += timedelta(minutes=20)
    assert "NOM01" in told(running.site.client(MINE))


def test_what_is_marked_is_read_for_that_reader_in_every_window_and_login(running: Running) -> None:
    site = running.site
    recorded(site, 1, "2021-06-20")
    recorded(site, 3, "2021-06-20")
    client = site.client(MINE)

    assert mark(client, form_of(client)) == "/accueil#nouveau"

    for each in (client, site.client(MINE)):
        assert "Rien de nouveau de Cap emploi depuis." in told(each)
        assert "Actes reçus depuis que vous avez tout marqué comme lu, le 2 juillet 2021 à 11 h 00." in told(each)
        assert 'data-news="0"' in each.get(PATH).text
        assert "Tout marquer comme lu" not in each.get(PATH).text
    assert "NOM03" in told(site.client(COLLEAGUE))


def test_what_came_after_the_page_was_made_stays_unread(running: Running) -> None:
    recorded(running.site, 1, "2021-06-20")
    client = running.site.client(MINE)
    form = form_of(client)
    recorded(running.site, 2, "2021-06-21")

    mark(client, form)

    assert "NOM02" in told(client)
    assert "NOM01" not in told(client)


def test_an_older_window_marks_nothing_unread_again(running: Running) -> None:
    recorded(running.site, 1, "2021-06-20")
    old, new = running.site.client(MINE), running.site.client(MINE)
    before = form_of(old)
    recorded(running.site, 2, "2021-06-21")
    mark(new, form_of(new))

    mark(old, before)

    assert "Rien de nouveau" in told(new)


def test_a_clock_that_is_put_back_neither_hides_nor_repeats_anything(running: Running) -> None:
    recorded(running.site, 1, "2021-06-20")
    client = running.site.client(MINE)
    mark(client, form_of(client))
    running.clock.moment -= timedelta(hours=1)
    recorded(running.site, 2, "2021-06-21")

    assert "NOM02" in told(client)
    assert "NOM01" not in told(client)


def test_each_way_of_looking_has_its_own_mark(running: Running) -> None:
    recorded(running.site, 3, "2021-06-20")
    recorded(running.site, 1, "2021-06-20")
    client = running.site.client(BOTH)

    assert mark(client, form_of(client, "?vue=personnes")) == "/accueil?vue=personnes#nouveau"

    assert "Rien de nouveau" in told(client)
    assert "NOM03" in told(client, "?vue=site")
    assert mark(client, form_of(client, "?vue=site")) == "/accueil?vue=site#nouveau"
    assert "Rien de nouveau" in told(client, "?vue=site")


def test_what_was_read_can_be_looked_at_again(running: Running) -> None:
    recorded(running.site, 1, "2021-06-20")
    client = running.site.client(MINE)
    assert "Revoir" not in told(client)
    mark(client, form_of(client))

    link = re.search(r'<a href="([^"]*)">Revoir les actes des 7 derniers jours', client.get(PATH).text)

    assert link
    assert link[1] == "/accueil?lues=oui#nouveau"
    again = text(section(client.get("/accueil?lues=oui").text, "nouveau"))
    assert "NOM01" in again
    assert "Actes reçus depuis 7 jours, déjà lus compris." in again
    assert "Tout marquer comme lu" not in again
    assert 'href="/accueil#nouveau">Ne montrer que les actes non lus' in client.get("/accueil?lues=oui").text


def test_a_mark_goes_no_farther_than_the_ledger(running: Running) -> None:
    client = running.site.client(MINE)
    mark(client, {"jeton": FORM_TOKEN, "jusqua": "9" * 18})
    recorded(running.site, 1, "2021-06-20")

    assert "NOM01" in told(client)


@pytest.mark.parametrize(
    "wrong", [{}, {"jusqua": ""}, {"jusqua": "-1"}, {"jusqua": "1", "vue": "tout"}, {"jusqua": "1", "qui": "x"}]
)
def test_a_form_that_is_none_of_the_pages_marks_nothing(running: Running, wrong: dict[str, str]) -> None:
    recorded(running.site, 1, "2021-06-20")
    client = running.site.client(MINE)

    assert client.post(MARK, data={"jeton": FORM_TOKEN, **wrong}).status_code == 422
    assert client.post(MARK, data={"jusqua": "1"}).status_code == 403
    assert "NOM01" in told(client)


def test_who_has_no_such_page_marks_nothing(running: Running) -> None:
    refused = running.site.client(AGENT).post(MARK, data={"jeton": FORM_TOKEN, "jusqua": "1"})

    assert refused.status_code == 403


def test_the_store_tells_nobody_whose_mark_it_is(running: Running) -> None:
    client = running.site.client(BOTH)
    for view in ("personnes", "site"):
        mark(client, {"jeton": FORM_TOKEN, "jusqua": "1", "vue": view})

    with reading(running.site.hub.store) as connection:
        rows = connection.execute(select(tables.web_mark)).all()
    assert len({row.mark_ref for row in rows}) == 2
    assert not any(BOTH.reader_id.encode() in row.mark_ref for row in rows)


def test_a_mark_records_no_reading_of_anybody(running: Running) -> None:
    site = running.site
    reader: Reader = MINE
    client = site.client(reader)
    noted = site.api.services.recorder
    assert isinstance(noted, Noted)
    before = len(noted.entries)

    mark(client, {"jeton": FORM_TOKEN, "jusqua": "1"})

    assert len(noted.entries) == before
