"""Decisions about two case records as news: to whom they concern and who did not take them, in the list and live."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.domain.access import Reader
from hub.domain.events.base import Event
from hub.domain.events.link import MatchRejected, PairDecision, RecordsLinked, RecordsUnlinked
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.ledger import ledger
from hub.ledger.database import reading
from tests.integration.apis import Noted
from tests.integration.followers import until
from tests.integration.hubs import SteppingClock, take
from tests.unit.pathway.builders import event, ref, registered
from tests.web.homes import COLLEAGUE, LEAD, MINE, NOW, OTHERS, ce, ft, having_read, person, section, text
from tests.web.sites import Site, a_site
from tests.web.test_home_live import PATH, listening

KINDS: dict[type[PairDecision], tuple[dict[str, Any], str, str]] = {
    RecordsLinked: (
        {"evidence": "adviser_review"},
        "Dossier de {} rapproché",
        "Ces deux dossiers forment un seul parcours",
    ),
    RecordsUnlinked: ({"reason": "different_people"}, "Dossier de {} dissocié", "Dossiers dissociés le"),
    MatchRejected: ({}, "Rapprochement écarté avec un dossier de {}", "Rapprochement écarté le"),
}
BEFORE = NOW - timedelta(hours=1)


def decided(
    kind: type[PairDecision], one: CaseKey, other: CaseKey, *, network: str = FRANCE_TRAVAIL, adviser: str = "A-1"
) -> Event:
    """Decide about two case records, as an adviser of a network."""
    decision = event(kind, "2021-07-01", left=ref(one), right=ref(other), **KINDS[kind][0])
    meta = decision.meta.model_copy(update={"network": network, "actor_id": adviser})
    return decision.model_copy(update={"meta": meta})


@contextmanager
def two_people(folder: Path, noted: Noted | None = None) -> Iterator[Site]:
    """Serve one of A-17 that France Travail has a record of, and one of C-9 that Cap emploi has."""
    clock = SteppingClock(NOW - timedelta(days=20))
    with a_site(folder, recorder=noted or Noted(), clock=clock) as site:
        theirs = [
            registered(ce(9), "2021-02-01", family_name="Autre", site=None),
            event(ReferentAssigned, "2021-02-01", ce(9), adviser="C-9", role="co_referent", from_date="2021-02-01"),
        ]
        take(site.hub, [*person(1), *person(20, "A-18"), *theirs])
        clock.moment = NOW
        yield site


def decide(site: Site, kind: type[PairDecision], **by: str) -> None:
    """Take a decision about the two people; to part them, they are joined before."""
    if kind is RecordsUnlinked:
        take(site.hub, [decided(RecordsLinked, ft(1), ce(9), adviser="A-2")])
    take(site.hub, [decided(kind, ft(1), ce(9), **by)])


def news(site: Site, reader: Reader) -> str:
    """Give what is new to a reader who has read all that came before the decision."""
    answer = site.client(having_read(site, reader, BEFORE)).get(PATH)
    assert answer.status_code == 200
    return section(answer.text, "nouveau")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.__name__))
def test_a_decision_is_news_to_the_advisers_of_both_records_and_leads_to_it(
    tmp_path: Path, kind: type[PairDecision]
) -> None:
    with two_people(tmp_path) as site:
        decide(site, kind)

        for reader in (MINE, LEAD, OTHERS):
            html, of = news(site, reader), "France Travail" if reader is OTHERS else "Cap emploi"
            said = f"{KINDS[kind][1].format(of)}, par décision de l’un des deux réseaux 02/07/2021"
            assert text(html).count("par décision de") == 1
            assert said in text(html)
            (link,) = set(re.findall(r'href="(/rapprochements/[^"]+)"', html))
            page = site.client(having_read(site, reader, BEFORE)).get(link)
            assert page.status_code == 200
            assert KINDS[kind][2] in page.text
        assert "par décision de" not in text(news(site, COLLEAGUE))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.__name__))
def test_ones_own_decision_is_no_news_of_ones_own(tmp_path: Path, kind: type[PairDecision]) -> None:
    with two_people(tmp_path) as site:
        decide(site, kind, adviser="A-17")

        assert "Rien de nouveau" in text(news(site, MINE))
        for reader in (OTHERS, LEAD):
            assert text(news(site, reader)).count("par décision de") == 1


def test_the_same_id_in_the_other_network_is_somebody_else(tmp_path: Path) -> None:
    with two_people(tmp_path) as site:
        decide(site, RecordsLinked, network=CAP_EMPLOI, adviser="A-17")

        assert "par décision de" in text(news(site, MINE))


def test_of_several_decisions_about_a_pair_the_last_is_news(tmp_path: Path) -> None:
    with two_people(tmp_path) as site:
        for kind in (MatchRejected, RecordsLinked, RecordsUnlinked, RecordsLinked):
            take(site.hub, [decided(kind, ft(1), ce(9))])

        told = text(news(site, MINE))
        assert told.count("par décision de") == 1
        assert "Dossier de Cap emploi rapproché" in told


def test_a_record_of_ones_own_network_is_no_news_from_the_other(tmp_path: Path) -> None:
    with two_people(tmp_path) as site:
        take(site.hub, [registered(ft(9), "2021-02-01", family_name="Autre", site=None)])
        take(site.hub, [decided(RecordsLinked, ft(1), ft(9))])

        assert "Rien de nouveau" in text(news(site, MINE))


def heard(site: Site, reader: Reader, acts: list[Event], told: list[int]) -> list[int]:
    """Give the positions that a page hears of; each of those in `told` is waited for before the next act."""

    async def hear() -> list[int]:
        async with listening(site, site.cookie(reader)) as listener:
            for act in acts:
                await asyncio.to_thread(take, site.hub, [act])
                position = position_of(site)
                await until(lambda position=position: position not in told or position in listener.positions)  # type: ignore[misc]
            return listener.positions

    return asyncio.run(hear())


def position_of(site: Site) -> int:
    """Give the last position of the ledger."""
    with reading(site.hub.store) as connection:
        return ledger.last_position(connection)


@pytest.mark.parametrize("reader", [MINE, OTHERS, LEAD], ids=lambda reader: str(reader.reader_id))
def test_a_page_hears_of_each_decision_that_others_take(tmp_path: Path, reader: Reader) -> None:
    noted = Noted()
    with two_people(tmp_path, noted) as site:
        last = position_of(site)
        noted.entries.clear()
        decisions = [
            decided(kind, ft(1), ce(9)) for kind in (MatchRejected, RecordsLinked, RecordsUnlinked, MatchRejected)
        ]

        told = [last + 1, last + 2, last + 3, last + 4]

        assert heard(site, reader, decisions, told) == told
        followed = [entry for asked, entry in noted.entries if asked.reader.reader_id == reader.reader_id]
        assert {entry.kind for entry in followed} == {"follow"}
        assert all(len(entry.people) == 1 for entry in followed)


def test_a_page_hears_of_none_of_its_readers_own_nor_of_other_peoples(tmp_path: Path) -> None:
    with two_people(tmp_path) as site:
        last = position_of(site)
        take(site.hub, [registered(ce(8), "2021-02-01", family_name="Encore", site=None)])
        own = [decided(kind, ft(1), ce(9), adviser="A-17") for kind in (MatchRejected, RecordsLinked, RecordsUnlinked)]
        others = decided(RecordsLinked, ft(20), ce(8))
        known = decided(RecordsLinked, ft(1), ce(9))

        assert heard(site, MINE, [*own, others, known], [last + 6]) == [last + 6]
