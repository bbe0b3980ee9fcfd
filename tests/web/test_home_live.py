"""What is new from the other network: until they are marked as read, and live while the page is open."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from hub.api import following
from hub.domain.access import Reader, Sight
from hub.domain.events.base import Event
from hub.domain.events.case import CaseUpdated
from hub.domain.events.compensation import CompensationNeedIdentified
from hub.domain.events.correction import EventVoided
from hub.domain.ids import CaseKey
from tests.integration.apis import Noted
from tests.integration.followers import until
from tests.integration.hubs import SteppingClock, folder, take
from tests.unit.pathway.builders import event, registered
from tests.web.homes import (
    BOTH,
    ELSEWHERE,
    LEAD,
    MINE,
    NEWCOMER,
    NOW,
    SITE,
    ce,
    ft,
    having_read,
    person,
    section,
    text,
)
from tests.web.logins import SESSION, LoginSite, a_login_site
from tests.web.sites import Site, a_site

PATH, STREAM = "/accueil", "/accueil/nouveautes"
WAIT_S = 20.0


def updated(case: CaseKey, day: str) -> Event:
    """Say that somebody is available."""
    return event(CaseUpdated, day, case, site=None, availability="immediate")


def people() -> list[Event]:
    """Give two people of A-17 and one of A-19 elsewhere, each with a case record of both networks."""
    made = [*person(1), *person(2), *person(30, "A-19", site=ELSEWHERE)]
    return made + [registered(ce(number), "2021-02-01", other=ft(number), site=None) for number in (1, 2, 30)]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Serve what Cap emploi recorded 70, 10 and 2 days ago."""
    clock = SteppingClock(NOW - timedelta(days=70))
    with folder() as path, a_site(path, recorder=Noted(), clock=clock) as running:
        take(running.hub, people())
        clock.moment = NOW - timedelta(days=10)
        take(running.hub, [updated(ce(1), "2021-06-20")])
        clock.moment = NOW - timedelta(days=2)
        need: dict[str, Any] = {"need_id": "N-1", "phase": "diagnosis", "description": "zz"}
        take(
            running.hub,
            [
                updated(ce(2), "2021-06-28"),
                event(CompensationNeedIdentified, "2021-06-29", ce(2), site=None, **need),
                updated(ft(1), "2021-06-28"),
                updated(ce(30), "2021-06-28"),
            ],
        )
        clock.moment = NOW
        yield running


def news(site: Site, reader: Reader, **options: Any) -> str:
    """Give what the page says is new."""
    answer = site.client(reader, **options).get(PATH)
    assert answer.status_code == 200
    return section(answer.text, "nouveau")


def test_who_never_marked_any_is_told_of_seven_days(site: Site) -> None:
    told = text(news(site, MINE))

    assert told == (
        "Nouveau de Cap emploi Actes reçus depuis 7 jours. Tout marquer comme lu "
        "NOM02 Zoé Besoin de compensation identifié : diagnostic 29/06/2021 Actualisation : disponible 28/06/2021"
    )


def test_who_did_is_told_of_what_came_since(site: Site) -> None:
    told = text(news(site, having_read(site, MINE, NOW - timedelta(days=11))))

    assert "depuis que vous avez tout marqué comme lu, le 21 juin 2021 à 11 h 00" in told
    assert told.index("NOM02") < told.index("NOM01")
    assert told.count("Actualisation") == 2
    assert "Rien de nouveau" in text(news(site, having_read(site, MINE, NOW - timedelta(days=1))))
    assert "Rien de nouveau" in text(news(site, having_read(site, MINE, NOW + timedelta(days=1))))


def test_of_a_mark_long_ago_two_months_are_told(site: Site) -> None:
    told = text(news(site, having_read(site, MINE, NOW - timedelta(days=300))))

    assert "Prise en charge" not in told
    assert (
        "Actes reçus depuis 60 jours, que vous n’avez pas marqués comme lus. Les plus anciens sont dans les parcours."
        in told
    )


def test_neither_own_acts_nor_other_peoples_are_new(site: Site) -> None:
    assert "NOM30" not in news(site, having_read(site, MINE, NOW - timedelta(days=59)))
    assert section(site.client(NEWCOMER).get(PATH).text, "nouveau") == ""


def test_each_act_leads_to_its_event(site: Site) -> None:
    links = re.findall(r'href="/parcours/([0-9a-f-]{36})/evenements/([0-9a-f-]{36})"', news(site, MINE))

    assert len(links) == 2
    assert len(set(links)) == 2


def test_the_lead_of_a_site_is_told_no_detail_of_health(site: Site) -> None:
    told = text(news(site, LEAD))

    assert "Besoin de compensation identifié 29/06/2021" in told
    assert "diagnostic" not in told


def test_a_voided_act_is_said_to_be(tmp_path: Path) -> None:
    with a_site(tmp_path, recorder=Noted(), clock=SteppingClock(NOW)) as site:
        wrong = updated(ce(1), "2021-06-20")
        void = event(EventVoided, "2021-06-21", ce(1), voided_event_id=wrong.meta.event_id, reason="entry_error")
        take(site.hub, [*people(), wrong, void])

        assert "Actualisation : disponible 20/06/2021, annulé depuis" in text(news(site, MINE))


class Listener:
    """A page's stream, read as it comes."""

    def __init__(self, answer: httpx2.Response) -> None:
        self.answer = answer
        self.text = ""
        self.is_over = False

    async def read(self) -> None:
        """Read until the stream ends."""
        async for chunk in self.answer.aiter_text():
            self.text += chunk
        self.is_over = True

    @property
    def positions(self) -> list[int]:
        """Give the positions of the changes told."""
        return [json.loads(data)["position"] for data in re.findall(r"event: change\nid: \d+\ndata: (.*)\n", self.text)]


@asynccontextmanager
async def listening(
    site: Site | LoginSite, cookie: dict[str, str], query: str = "", **headers: str
) -> AsyncIterator[Listener]:
    """Open a page's stream."""
    async with (
        httpx2.AsyncClient(base_url=site.url, cookies=cookie, headers=headers, timeout=WAIT_S) as client,
        client.stream("GET", f"{STREAM}{query}") as answer,
    ):
        listener = Listener(answer)
        task = asyncio.create_task(listener.read())
        try:
            await until(lambda: "hello" in listener.text or listener.is_over)
            yield listener
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def test_a_page_hears_of_the_other_networks_acts_alone(tmp_path: Path) -> None:
    noted = Noted()
    with a_site(tmp_path, recorder=noted) as site:
        take(site.hub, people())
        html = site.client(MINE).get(PATH).text
        seen = re.search(r'data-position="(\d+)"', html)
        assert seen
        noted.entries.clear()

        async def hear() -> list[int]:
            async with listening(site, site.cookie(MINE), f"?depuis={seen[1]}") as listener:
                assert listener.answer.headers["content-type"].startswith("text/event-stream")
                await asyncio.to_thread(take, site.hub, [updated(ft(1), "2021-02-02")])
                await asyncio.to_thread(take, site.hub, [updated(ce(30), "2021-02-02")])
                await asyncio.to_thread(take, site.hub, [updated(ce(1), "2021-02-03")])
                await until(lambda: bool(listener.positions))
                return listener.positions

        assert asyncio.run(hear()) == [int(seen[1]) + 3]
        ((asked, entry),) = noted.entries
        assert (asked.through, entry.kind, asked.reader.reader_id) == (f"GET {STREAM}", "follow", "mine")
        assert {shown.sight for shown in entry.people.values()} == {Sight.FULL}


def test_what_came_while_a_page_was_hidden_comes_when_it_goes_on(tmp_path: Path) -> None:
    with a_site(tmp_path, recorder=Noted()) as site:
        take(site.hub, people())
        take(site.hub, [updated(ce(1), "2021-02-03"), updated(ce(2), "2021-02-04")])

        async def hear(query: str, **headers: str) -> list[int]:
            async with listening(site, site.cookie(MINE), query, **headers) as listener:
                await until(lambda: len(listener.positions) == 1)
                return listener.positions

        assert asyncio.run(hear("?depuis=10")) == [11]
        assert asyncio.run(hear("?depuis=0", **{"Last-Event-ID": "10"})) == [11]


def test_who_is_both_hears_as_whom_they_look(tmp_path: Path) -> None:
    noted = Noted()
    with a_site(tmp_path, recorder=noted) as site:
        take(site.hub, [*people(), *person(20, "A-18"), registered(ce(20), "2021-02-01", other=ft(20), site=SITE)])

        async def hear(view: str) -> list[int]:
            async with listening(site, site.cookie(BOTH), f"?vue={view}") as listener:
                await asyncio.to_thread(take, site.hub, [updated(ce(20), "2021-02-03")])
                await asyncio.to_thread(take, site.hub, [updated(ce(1), "2021-02-03")])
                await until(lambda: bool(listener.positions))
                return listener.positions

        before = 12
        assert asyncio.run(hear("personnes")) == [before + 2]
        assert asyncio.run(hear("site"))[0] == before + 3
        assert noted.entries[-1][0].reader.roles == {"site_lead"}


def test_a_stream_ends_with_the_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "HEARTBEAT_S", 0.2)
    with a_site(tmp_path, recorder=Noted()) as site:
        take(site.hub, people())
        cookie = site.cookie(MINE)

        async def hear() -> str:
            async with listening(site, cookie) as listener:
                await until(lambda: "heartbeat" in listener.text)
                site.log_out(cookie)
                await until(lambda: listener.is_over)
                return listener.text

        assert asyncio.run(hear()).endswith(": token_invalid\n\n")
        assert site.api.following.followers == 0


def test_a_page_of_nobody_asks_no_more(tmp_path: Path) -> None:
    with a_site(tmp_path, recorder=Noted()) as site:
        assert site.client().get(STREAM, follow_redirects=False).status_code == 204
        auditor = Reader("auditor", frozenset({"auditor"}))
        assert site.client(auditor).get(STREAM).status_code == 403
        assert site.client(MINE).get(f"{STREAM}?depuis=999").status_code in {409, 410, 416, 422}
        assert site.client(MINE).get(f"{STREAM}?depuis=-1").status_code == 422


def test_a_reader_may_have_so_many_streams_and_each_that_leaves_makes_room(tmp_path: Path) -> None:
    with a_site(tmp_path, recorder=Noted()) as site:
        take(site.hub, people())
        cookie = site.cookie(MINE)

        async def open_all() -> int:
            opened = [listening(site, cookie) for _ in range(following.MOST_OF_READER)]
            for each in opened:
                await each.__aenter__()
            refused = await asyncio.to_thread(lambda: site.client(MINE).get(STREAM).status_code)
            for each in opened:
                await each.__aexit__(None, None, None)
            await until(lambda: site.api.following.followers == 0)
            return refused

        assert asyncio.run(open_all()) == 429
        assert asyncio.run(open_all()) == 429


def test_an_open_page_keeps_no_session_alive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "HEARTBEAT_S", 0.2)
    with a_login_site(tmp_path) as site, site.browser() as browser:
        browser.log_in()

        async def hear() -> str:
            async with listening(site, {SESSION: browser.session() or ""}) as listener:
                for _ in range(3):
                    site.time.passes(minutes=20)
                    heard = listener.text.count("heartbeat")
                    await until(lambda heard=heard: listener.is_over or listener.text.count("heartbeat") > heard)  # type: ignore[misc]
                await until(lambda: listener.is_over)
                return listener.text

        assert asyncio.run(hear()).endswith(": token_invalid\n\n")
        assert browser.get(STREAM).status_code == 204
        assert not browser.is_logged_in()


@pytest.mark.parametrize(("path", "left"), [("/deconnexion", 1), ("/deconnexion/partout", 0)])
def test_logging_out_ends_the_streams_of_what_was_logged_out_at_once(tmp_path: Path, path: str, left: int) -> None:
    with a_login_site(tmp_path) as site, site.browser() as here, site.browser() as elsewhere:
        for browser in (here, elsewhere):
            browser.log_in()

        async def hear() -> None:
            async with (
                listening(site, {SESSION: elsewhere.session() or ""}) as other,
                listening(site, {SESSION: here.session() or ""}) as mine,
            ):
                await asyncio.to_thread(here.form, path)
                await until(lambda: mine.is_over and other.is_over is (left == 0), following.HEARTBEAT_S / 3)
                assert mine.text.endswith(": token_invalid\n\n")
                # A listener reads the end before the hub has closed its side.
                await until(lambda: site.api.following.followers == left)

        asyncio.run(hear())


def test_who_logs_in_as_somebody_else_leaves_no_stream_of_the_former_open(tmp_path: Path) -> None:
    with a_login_site(tmp_path) as site, site.browser() as browser:
        browser.log_in("camille")

        async def hear() -> str:
            async with listening(site, {SESSION: browser.session() or ""}) as listener:
                await asyncio.to_thread(browser.log_in, "sacha", compte="sacha")
                await until(lambda: listener.is_over, following.HEARTBEAT_S / 3)
                return listener.text

        assert asyncio.run(hear()).endswith(": token_invalid\n\n")
