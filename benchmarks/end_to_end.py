"""From Kafka to PostgreSQL: ingest by one and two workers, in turn with the bare loop that keeps no promise."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Signal
from threading import Thread

import psycopg

from benchmarks.measure import Cost, spread
from benchmarks.report import RATES, Cell, Table, rate
from benchmarks.servers import PREFIX, Servers, ended, start
from benchmarks.worker import Usage
from hub.domain.topics import INBOUND

_LOOK_S = 0.01
_LOOK = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
_BARE_PLAIN, _BARE_TUNED = "bare loop, plain", "bare loop, tuned"
_ONE, _TWO = "ingest, one worker", "ingest, two workers"


class Waits:
    """How long transactions waited for locks, all together, by looks every 10 ms."""

    def __init__(self) -> None:
        self.seconds = 0.0


@contextmanager
def _watched(address: str) -> Iterator[Waits]:
    waits, ends = Waits(), Signal()

    def look() -> None:
        with psycopg.connect(address, autocommit=True) as connection:
            while not ends.wait(_LOOK_S):
                found = connection.execute(_LOOK).fetchone()
                waits.seconds += _LOOK_S * (found[0] if found else 0)

    looking = Thread(target=look)
    looking.start()
    try:
        yield waits
    finally:
        ends.set()
        looking.join()


def measure(started: Servers) -> list[Table]:
    """Measure each in turn, so many times."""
    costs: dict[str, list[Cost]] = defaultdict(list)
    waits: dict[str, list[float]] = defaultdict(list)
    for _ in range(started.workspace.runs):
        costs[_BARE_PLAIN].append(_bare(started, "plain"))
        costs[_BARE_TUNED].append(_bare(started, "tuned"))
        for name, workers in ((_ONE, 1), (_TWO, 2)):
            cost, waited = _ingest(started, workers)
            costs[name].append(cost)
            waits[name].append(waited)
    return [_rates(started, costs), _shares(costs), _locks(started, waits)]


def _rates(started: Servers, costs: dict[str, list[Cost]]) -> Table:
    rows = [rate(name, started.events, found) for name, found in costs.items()]
    note = (
        "CPU time is that of the Python processes; broker and database share the two cores with them. By the clock is "
        "from the start of the first worker's loop to the end of the last."
    )
    return Table("Kafka to PostgreSQL", RATES, rows, note)


def _shares(costs: dict[str, list[Cost]]) -> Table:
    def share(name: str, part: str) -> Cell:
        pairs = zip(costs[_BARE_TUNED], costs[name], strict=True)
        return spread([getattr(bare, part) / getattr(taken, part) for bare, taken in pairs])

    rows = [(name, share(name, "wall_s"), share(name, "cpu_s")) for name in (_ONE, _TWO)]
    return Table("Share of the tuned bare loop's rate (aim: 0.5)", ("", "By the clock", "By CPU time"), rows)


def _locks(started: Servers, waits: dict[str, list[float]]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (name, started.events, spread(found), spread([each / started.events * 1e6 for each in found]))
        for name, found in waits.items()
    ]
    return Table("Waiting for locks of the database", ("", "Events", "s", "µs/event"), rows)


def _bare(started: Servers, form: str) -> Cost:
    topics = [PREFIX + topic for topic in INBOUND]
    with started.database() as database:
        process = start(["benchmarks.bare", form, started.cluster.servers, database, str(started.events), *topics])
        return Usage(**json.loads(ended(process))).cost


def _ingest(started: Servers, workers: int) -> tuple[Cost, float]:
    with started.hub() as (hub, environment), _watched(started.address) as waits:
        processes = [start(["benchmarks.worker", "ingest"], environment) for _ in range(workers)]
        usages = [Usage(**json.loads(ended(process))) for process in processes]
        hub.store.dispose()
    assert sum(usage.events for usage in usages) == started.events
    return Cost(max(usage.wall_s for usage in usages), sum(usage.cpu_s for usage in usages)), waits.seconds
