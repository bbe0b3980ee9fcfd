"""P4, the read model is built again at any time: beside the live one, unnoticed by readers, safe to break off."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from random import Random
from threading import Event as Flag
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, inspect, select

from hub.domain.events.base import CaseEvent, Decision
from hub.domain.events.catalogue import EVENT_TYPES
from hub.domain.events.link import PairDecision
from hub.errors import Usage
from hub.ledger.database import reading
from hub.ledger.tables import ledger
from hub.projections import generations, view
from hub.projections.digest import digest
from hub.projections.finding import find
from hub.projections.tables import Tables
from hub.wiring import Hub
from tests.integration import engines
from tests.integration.feeds import deliver, digest_of_region, region
from tests.integration.hubs import consume, digest_of, sums_of
from tests.integration.worker import KILLED, Worker, workers

pytestmark = pytest.mark.usefixtures("engine")

PEOPLE = 90
REBUILDS = 3
ON_TIMELINES = [
    name
    for name, model in EVENT_TYPES.items()
    if issubclass(model, CaseEvent | Decision) and not issubclass(model, PairDecision)
]
"""The event types that give a row of a timeline."""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with engines.create(tmp_path / "data") as opened:
        yield opened
    engines.forget(tmp_path / "data")


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with workers(1) as (started,):
        yield started


def rebuild(hub: Hub) -> int:
    return hub.rebuild(lambda _done, _total: None)


def generation_tables(hub: Hub) -> set[str]:
    """Give the prefixes of the generations whose tables are in the store."""
    with reading(hub.store) as connection:
        names = inspect(connection).get_table_names()
    return {match[1] for name in names if (match := re.match(r"(g\d+)_", name))}


def live_number(hub: Hub) -> int:
    with reading(hub.store) as connection:
        return generations.live(connection).number


def look(connection: Connection, rng: Random) -> int:
    """Read as a screen does, in one snapshot, and check that nothing is half there; give the generation's number."""
    tables = generations.live(connection)
    known = count_of(connection, ledger.c.position, ledger.c.event_type.in_(ON_TIMELINES))
    shown = count_of(connection, tables.timeline.c.event_id)
    people = tables.models["pathway"]
    told = connection.scalar(select(func.coalesce(func.sum(people.c.event_count), 0)))
    assert known == shown == told, "every event of the ledger is on a timeline and counted by a pathway"
    assert lost_cases(connection, tables) == 0
    check_one(connection, tables, rng)
    return tables.number


def count_of(connection: Connection, column: Any, *where: Any) -> int:
    return connection.scalar(select(func.count(column)).where(*where)) or 0


def lost_cases(connection: Connection, tables: Tables) -> int:
    """Count the case records on a timeline that have no pathway."""
    cases, people = tables.case_record, tables.models["pathway"]
    orphans = select(func.count(cases.c.case_no.distinct()))
    orphans = orphans.join(tables.timeline, tables.timeline.c.case_no == cases.c.case_no)
    orphans = orphans.outerjoin(people, people.c.pathway_no == cases.c.pathway_no).where(people.c.person_id.is_(None))
    return connection.scalar(orphans) or 0


def check_one(connection: Connection, tables: Tables, rng: Random) -> None:
    """Open one pathway and compare it with its row and its timeline."""
    people = tables.models["pathway"]
    ids = connection.scalars(select(people.c.person_id)).all()
    if not ids:
        return
    person = rng.choice(ids)
    shown = view.live(connection, tables, find(connection, tables, person))
    assert shown.person_id == person
    assert len(shown.timeline) == shown.state.events


class Reader:
    """Reads without a pause until told to stop; what it met is in `looks`, and what went wrong comes out of `run`."""

    def __init__(self, hub: Hub, seed: int) -> None:
        self._hub, self._rng = hub, Random(seed)
        self.looks: list[int] = []

    def run(self, stop: Flag) -> None:
        """Look until the flag is set."""
        while not stop.is_set():
            with reading(self._hub.store) as connection:
                self.looks.append(look(connection, self._rng))


@contextmanager
def in_background(*tasks: Callable[[Flag], None]) -> Iterator[list[Future[None]]]:
    """Run tasks until the block ends; a failure of theirs fails the test."""
    stop = Flag()
    with ThreadPoolExecutor(len(tasks)) as pool:
        running = [pool.submit(task, stop) for task in tasks]
        try:
            yield running
        finally:
            stop.set()
    for task in running:
        task.result()


def test_readers_and_ingest_go_on_during_rebuilds_and_never_see_half(hub: Hub) -> None:
    lines = region(PEOPLE)
    start = len(lines) // 3
    deliver(hub, lines[:start])
    consume(hub)
    arriving = iter([lines[place : place + 40] for place in range(start, len(lines), 40)])
    arrived: list[int] = []

    def keep_consuming(stop: Flag) -> None:
        ingest = hub.ingest(20)
        while not stop.is_set():
            if (portion := next(arriving, None)) is not None:
                deliver(hub, portion)
            arrived.append(ingest.step(timeout_ms=1))
        ingest.close()

    readers = [Reader(hub, seed) for seed in range(2)]
    meanwhile: list[int] = []
    with in_background(keep_consuming, *(reader.run for reader in readers)):
        for _ in range(REBUILDS):
            before = sum(arrived)
            rebuild(hub)
            meanwhile.append(sum(arrived) - before)
    for rest in arriving:
        deliver(hub, rest)
    consume(hub)
    assert max(meanwhile) > 0, "events arrived during a rebuild"
    seen = [len(reader.looks) for reader in readers]
    assert min(seen) > REBUILDS
    assert all(reader.looks == sorted(reader.looks) for reader in readers), "no reader goes back to an old generation"
    assert len({number for reader in readers for number in reader.looks}) > 1, "readers saw generations change"
    assert live_number(hub) == REBUILDS + 1
    assert digest_of(hub) == digest_of_region(PEOPLE)
    assert sums_of(hub).adds_up


def test_a_reader_keeps_its_generation_while_it_is_replaced_and_dropped(hub: Hub) -> None:
    deliver(hub, region(PEOPLE)[:500])
    consume(hub)
    with reading(hub.store) as connection:
        before = generations.live(connection)
        rebuild(hub)
        rebuild(hub)
        assert look(connection, Random(1)) == before.number == 1
        old = digest(connection, before)
    assert old == digest_of(hub)
    # PostgreSQL left what was still read there; a worker that starts drops it.
    generations.drop_retired(hub.store)
    assert generation_tables(hub) == {"g3"}
    assert live_number(hub) == 3


def test_only_the_live_generation_is_kept_and_it_has_the_same_content(hub: Hub) -> None:
    deliver(hub, region(PEOPLE))
    consume(hub)
    expected = digest_of_region(PEOPLE)
    for number in range(2, 5):
        assert rebuild(hub) == number
        assert digest_of(hub) == expected
        assert generation_tables(hub) == {f"g{number}"}


def test_events_that_arrive_between_any_two_steps_of_a_rebuild_are_in_the_new_generation(hub: Hub) -> None:
    lines = region(PEOPLE)
    start = len(lines) // 2
    deliver(hub, lines[:start])
    consume(hub)
    arriving = iter([lines[place : place + 100] for place in range(start, len(lines), 100)])
    steps = count()

    def more(_done: int, _total: int) -> None:
        next(steps)
        deliver(hub, next(arriving, ()))
        consume(hub)

    hub.rebuild(more)
    assert next(steps) > 1
    with reading(hub.store) as connection:
        assert look(connection, Random(1)) == 2
    for rest in arriving:
        deliver(hub, rest)
    consume(hub)
    assert digest_of(hub) == digest_of_region(PEOPLE)


def statements_of_a_rebuild(hub: Hub) -> int:
    statements = count()

    def add(*_: Any) -> None:
        next(statements)

    for name in ("before_cursor_execute", "commit"):
        event.listen(hub.store, name, add)
    rebuild(hub)
    for name in ("before_cursor_execute", "commit"):
        event.remove(hub.store, name, add)
    return next(statements)


def test_a_rebuild_killed_anywhere_leaves_the_read_model_as_it_was(hub: Hub, worker: Worker) -> None:
    deliver(hub, region(PEOPLE))
    consume(hub)
    expected = digest_of_region(PEOPLE)
    whole = statements_of_a_rebuild(hub)
    rng = Random(3)
    # The last statements switch and drop: every one of them, and some of the others.
    for fatal in sorted({*rng.sample(range(1, whole), 6), *range(whole - 4, whole)}):
        before = live_number(hub)
        worker.start("rebuild", hub.paths.data, fatal=fatal)
        assert worker.ended() == KILLED
        with reading(hub.store) as connection:
            assert look(connection, rng) >= before
        assert digest_of(hub) == expected
    before = live_number(hub)
    assert rebuild(hub) > before
    assert digest_of(hub) == expected
    assert generation_tables(hub) == {f"g{live_number(hub)}"}


def test_a_rebuild_in_several_processes_is_killed_with_all_of_them(hub: Hub) -> None:
    deliver(hub, region(PEOPLE))
    consume(hub)
    whole = statements_of_a_rebuild(hub)
    with workers(1) as (worker,):
        for fatal in (whole // 2, whole * 3 // 4):
            worker.start("rebuild in processes", hub.paths.data, fatal=fatal)
            assert worker.ended() == KILLED
            assert live_number(hub) == 2
        worker.start("rebuild in processes", hub.paths.data)
        assert worker.ended() == 0
    assert digest_of(hub) == digest_of_region(PEOPLE)
    assert generation_tables(hub) == {f"g{live_number(hub)}"}


def test_of_two_rebuilds_at_once_the_later_one_counts(hub: Hub) -> None:
    deliver(hub, region(PEOPLE))
    consume(hub)
    second: list[int] = []

    def start_another(_done: int, _total: int) -> None:
        if not second:
            second.append(0)
            second[0] = rebuild(hub)

    with pytest.raises(Usage, match="another rebuild"):
        hub.rebuild(start_another)
    assert live_number(hub) == second[0]
    assert digest_of(hub) == digest_of_region(PEOPLE)
    assert generation_tables(hub) == {f"g{second[0]}"}
    with reading(hub.store) as connection:
        assert [found.state for found in generations.listing(connection)] == [generations.LIVE]
