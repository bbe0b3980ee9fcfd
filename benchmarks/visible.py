"""How soon an event is seen: 100 a second, whatever becomes of the one before, from publish to a reader of the rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from random import Random
from threading import Thread

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from benchmarks.latency import appointment, people
from benchmarks.measure import percentile, spread, undisturbed
from benchmarks.report import Cell, Table
from benchmarks.servers import PREFIX, Servers, ended, serving, start
from hub.domain.events.base import Event
from hub.domain.topics import INBOUND
from hub.ledger.database import reading
from hub.projections import generations
from hub.wiring import Hub

A_SECOND = 100
_EVENTS = 2_000
_LOOK_S = 0.002
_LONGEST_WAIT_S = 30
_seeds = count(1)


def measure(started: Servers) -> list[Table]:
    """Measure a worker and the bare loop in turn."""
    found: dict[str, list[list[float]]] = {"the bare loop, tuned": [], "the hub, one worker": []}
    with started.hub() as (hub, environment):
        ended(start(["benchmarks.worker", "ingest"], environment))
        for _ in range(started.workspace.runs):
            with started.database() as database:
                topics = [PREFIX + topic for topic in INBOUND]
                bare = start(["benchmarks.bare", "tuned", started.cluster.servers, database, "0", *topics])
                with serving(bare):
                    found["the bare loop, tuned"].append(_until_seen(hub, database, "bare_event"))
            ended(start(["benchmarks.worker", "ingest"], environment))
            with reading(hub.store) as connection:
                table = generations.live(connection).timeline.name
            url = make_url(environment["HUB_DATABASE"]).set(drivername="postgresql")
            with serving(start(["benchmarks.worker", "serve"], environment)):
                found["the hub, one worker"].append(_until_seen(hub, url.render_as_string(hide_password=False), table))
    rows: list[tuple[Cell, ...]] = [
        (name, _EVENTS, *(spread([percentile(run, percent) for run in runs]) for percent in (50, 99)))
        for name, runs in found.items()
    ]
    note = (
        f"{A_SECOND} events a second at fixed times, each from the moment it was due: validated, acknowledged by the "
        f"broker, taken in, and found by a reader who looks every {_LOOK_S * 1e3:g} ms."
    )
    return [Table("From publish to visible", ("", "Events", "p50, ms", "p99, ms"), rows, note)]


def _until_seen(hub: Hub, database: str, table: str) -> list[float]:
    """Give the milliseconds of each event, the first second left out."""
    events = _events(hub)
    due: dict[str, float] = {}
    seen: dict[str, float] = {}
    with _looking(database, table, due, seen, len(events)), hub.publisher() as publisher, undisturbed():
        begun = time.perf_counter()
        for number, event in enumerate(events):
            moment = begun + number / A_SECOND
            time.sleep(max(0.0, moment - time.perf_counter()))
            due[event.meta.event_id] = moment
            publisher.publish(event)
    return [(seen[event_id] - due[event_id]) * 1e3 for event_id in list(due)[A_SECOND:]]


def _events(hub: Hub) -> list[Event]:
    drawn = people(hub, Random(next(_seeds)), _EVENTS + A_SECOND)
    return [appointment(known, known.last + timedelta(days=1)) for known in drawn]


@contextmanager
def _looking(database: str, table: str, due: dict[str, float], seen: dict[str, float], events: int) -> Iterator[None]:
    def look() -> None:
        query = sql.SQL("SELECT event_id FROM {} WHERE event_id = ANY(%s)").format(sql.Identifier(table))
        index = sql.SQL("CREATE INDEX IF NOT EXISTS {} ON {} (event_id)")
        deadline = time.perf_counter() + events / A_SECOND + _LONGEST_WAIT_S
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(index.format(sql.Identifier(f"look_{table}"), sql.Identifier(table)))
            while len(seen) < events and time.perf_counter() < deadline:
                waiting = [event_id for event_id in list(due) if event_id not in seen]
                found = connection.execute(query, [waiting]).fetchall() if waiting else []
                now = time.perf_counter()
                seen.update((event_id, now) for (event_id,) in found)
                time.sleep(_LOOK_S)

    looking = Thread(target=look)
    looking.start()
    try:
        yield
    finally:
        looking.join()
    assert len(seen) == events, f"{events - len(seen)} of {events} events were never seen"
