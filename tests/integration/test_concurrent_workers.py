"""P1 and P2 with any number of workers on PostgreSQL: whatever they get in each other's way, the rows are the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Event as Flag
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from hub.domain.events.base import Event
from hub.domain.events.link import MatchRejected, RecordsLinked, RecordsUnlinked
from hub.domain.events.referent import ReferentAssigned
from hub.ledger.database import reading
from hub.ledger.tables import ledger
from hub.log.port import Record
from hub.projections import generations
from hub.projections.digest import digest
from hub.projections.figures import figures
from hub.wiring import Hub
from tests.integration.feeds import deliver, digest_of_region, events_of, ledger_of, region
from tests.integration.hubs import EXAMPLES, digest_of, digest_of_all, histories, publish, sums_of
from tests.integration.side_by_side import a_hub_on, records_of, side_by_side
from tests.integration.test_linking import decision
from tests.servers.postgres import Postgres
from tests.unit.pathway.builders import CE, FT, event, registered

PEOPLE = 40
DELAY_S = 0.004
_CROSSED = "store_unavailable"


@pytest.fixture(scope="module")
def server(postgres: Postgres) -> Iterator[str]:
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)


def shared_out(records: Sequence[Record], workers: int, rng: Random) -> list[list[Record]]:
    """Deal records out in any order, also those about one case to different workers."""
    shuffled = list(records)
    rng.shuffle(shuffled)
    return [shuffled[worker::workers] for worker in range(workers)]


@settings(max_examples=EXAMPLES)
@given(
    history=histories(min_size=4, max_size=40),
    workers=st.integers(2, 4),
    repeated=st.booleans(),
    seed=st.integers(0, 2**16),
)
def test_workers_that_concern_the_same_people_give_the_rows_of_one(
    server: str, history: list[Event], workers: int, repeated: bool, seed: int
) -> None:
    rng = Random(seed)
    with a_hub_on(server) as hub:
        publish(hub, history)
        records = records_of(hub)
        shares = shared_out([*records, *records] if repeated else records, workers, rng)
        retries = side_by_side(hub, shares, rng, longest_s=DELAY_S)

        sums = sums_of(hub)
        assert (sums.accepted, sums.quarantined, sums.adds_up) == (len(history), 0, True)
        assert retries[_CROSSED] == 0, "no transaction waited in a circle"
        assert digest_of(hub) == digest_of_all(history)
        hub.rebuild(lambda *_: None)
        assert digest_of(hub) == digest_of_all(history)


@pytest.mark.parametrize("workers", [2, 4])
def test_a_region_dealt_out_to_workers_is_as_if_one_had_taken_it(server: str, workers: int) -> None:
    rng = Random(workers)
    with a_hub_on(server) as hub:
        deliver(hub, region(PEOPLE))
        records = records_of(hub)
        retries = side_by_side(hub, shared_out(records, workers, rng), rng)

        sums = sums_of(hub)
        assert (sums.read, sums.adds_up) == (len(records), True)
        assert {each.meta.event_id for each in ledger_of(hub)} == set(events_of(region(PEOPLE)))
        assert retries[_CROSSED] == 0
        assert digest_of(hub) == digest_of_region(PEOPLE)


def test_chains_of_records_that_workers_join_and_part_at_once_end_as_if_one_had(server: str) -> None:
    """Whom a decision concerns is seen only under locks, and may have grown by then: the batch begins again."""
    rng = Random(2)
    cases = [
        *(FT._replace(local_id=f"{number:011d}") for number in range(20)),
        *(CE._replace(local_id=f"P-{number}") for number in range(20)),
    ]
    history: list[Event] = [
        registered(
            case, family_name="Durand", birth_date=f"1980-05-{number:02d}", birth_place="69381", given_name="Zoé"
        )
        for number, case in enumerate(cases, 1)
        if number < 32
    ]
    for number in range(90):
        kind = rng.choice((RecordsLinked, RecordsLinked, RecordsUnlinked, MatchRejected))
        at = f"2021-{1 + number % 12:02d}-{1 + number % 28:02d}T10:00:00"
        left, right = rng.sample(cases, 2)
        history.append(decision(kind, left, right, at))
        assigned: dict[str, Any] = {"adviser": f"a-{number}", "role": "referent", "from_date": "2020-01-07"}
        history.append(event(ReferentAssigned, at, rng.choice(cases), **assigned))
    with a_hub_on(server) as hub:
        publish(hub, history)
        retries = side_by_side(hub, shared_out(records_of(hub), 4, rng), rng, longest_s=DELAY_S, largest_batch=5)
        assert sums_of(hub).accepted == len(history)
        assert retries[_CROSSED] == 0
        assert digest_of(hub) == digest_of_all(history)


def test_both_networks_registering_the_same_people_at_once_make_one_pathway_each(server: str) -> None:
    families = [f"Durand{first}{second}" for first in "abcdefgh" for second in "abcdefgh"]
    same: dict[str, Any] = {"given_name": "Zoé", "birth_date": "1980-05-17", "birth_place": "69381"}
    everyone = [
        registered(case, family_name=family, **same)
        for number, family in enumerate(families)
        for case in (FT._replace(local_id=f"{number:011d}"), CE._replace(local_id=f"P-{number}"))
    ]
    with a_hub_on(server) as hub:
        publish(hub, everyone)
        records = records_of(hub)
        shares = [[each for each in records if each.topic.startswith(name)] for name in ("france", "cap")]
        side_by_side(hub, shares, Random(5), longest_s=DELAY_S, largest_batch=3)
        with reading(hub.store) as connection:
            found = figures(connection, generations.live(connection), hub.now().date())
        assert (found.pathways, found.joint_pathways) == (len(families), len(families))


def test_positions_appear_in_their_order_whoever_appends(server: str) -> None:
    """A rebuild and an export read up to the last position: none below it may come later."""
    gaps: list[tuple[int, int]] = []
    looks = 0

    def watch(hub: Hub, stop: Flag) -> None:
        nonlocal looks
        while not stop.is_set():
            with reading(hub.store) as connection:
                last, held = connection.execute(select(func.max(ledger.c.position), func.count())).one()
            looks += 1
            if (last or 0) != held:
                gaps.append((last, held))

    stop = Flag()
    with a_hub_on(server) as hub:
        deliver(hub, region(PEOPLE)[:800])
        with ThreadPoolExecutor(1) as pool:
            watching = pool.submit(watch, hub, stop)
            side_by_side(hub, shared_out(records_of(hub), 3, Random(3)), Random(3), longest_s=DELAY_S)
            stop.set()
            watching.result()
    assert looks > 20
    assert gaps == []


def test_rebuilds_beside_workers_and_readers_lose_nothing_and_fail_nobody(server: str) -> None:
    stop = Flag()

    def read(hub: Hub) -> list[int]:
        numbers = []
        while not stop.is_set():
            with reading(hub.store) as connection:
                tables = generations.live(connection)
                numbers.append(tables.number)
                assert digest(connection, tables)
        return numbers

    def rebuild(hub: Hub) -> int:
        times = 0
        while not stop.is_set():
            hub.rebuild(lambda *_: None)
            times += 1
        return times

    with a_hub_on(server) as hub:
        deliver(hub, region(PEOPLE))
        with ThreadPoolExecutor(3) as pool:
            readers = [pool.submit(read, hub) for _ in range(2)]
            rebuilding = pool.submit(rebuild, hub)
            try:
                side_by_side(hub, shared_out(records_of(hub), 2, Random(8)), Random(8))
            finally:
                stop.set()
            assert rebuilding.result() >= 1
            seen = [reader.result() for reader in readers]
        assert all(numbers == sorted(numbers) for numbers in seen), "no reader goes back to an old generation"
        assert max(max(numbers) for numbers in seen) > 1, "readers saw a new generation"
        assert digest_of(hub) == digest_of_region(PEOPLE)
        generations.drop_retired(hub.store)
        with reading(hub.store) as connection:
            assert [found.state for found in generations.listing(connection)] == [generations.LIVE]
