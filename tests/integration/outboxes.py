"""An outbox as a system fills it, and relays that send what is in it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock
from uuid import UUID

from sqlalchemy import Engine, MetaData

from hub.domain.events.base import Event
from hub.errors import LogUnavailable
from hub.producers.outbox import BatchPublisher, OutboxRelay
from hub.producers.outbox_table import Entry, enqueue, outbox_table

TABLE = outbox_table(MetaData())
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LEASE = timedelta(minutes=1)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.time

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.time += by


class FakePublisher:
    """Keeps what it publishes, in order; `before` and `after` are where a test makes things go wrong."""

    def __init__(self) -> None:
        self.published: list[Event] = []
        self.before: Callable[[Sequence[Event]], None] = lambda _: None
        self.after: Callable[[], None] = lambda: None
        self._lock = Lock()

    def publish_batch(self, events: Sequence[Event]) -> Sequence[object]:
        """Keep all, in order."""
        self.before(events)
        with self._lock:
            self.published += events
        self.after()
        return events

    def first_times(self) -> dict[str, list[int]]:
        """Give per case the numbers of its events in the order in which each was first published."""
        cases: dict[str, dict[int, None]] = defaultdict(dict)
        for event in self.published:
            cases[event.meta.local_id][event.meta.sequence] = None
        return {local_id: list(numbers) for local_id, numbers in cases.items()}


def local_id(case: int) -> str:
    return f"{case:011}"


def event_id(case: int, number: int) -> str:
    return str(UUID(int=case << 32 | number))


def entry(case: int, number: int, **changes: object) -> Entry:
    """Build the outbox row of a case's event number `number`."""
    document = {
        "type": "CaseClosed",
        "meta": {
            "event_id": event_id(case, number),
            "network": "france_travail",
            "local_id": local_id(case),
            "sequence": number,
            "occurred_at": "2026-03-01T09:00:00Z",
            "recorded_at": "2026-03-01T09:00:00Z",
            "actor_id": "A-1",
            "organisation": "FT",
        },
        "motive": "employment",
    }
    return Entry(event_id(case, number), f"case-{case}", json.dumps(document | changes))


def write(engine: Engine, *entries: Entry) -> None:
    with engine.begin() as connection:
        enqueue(connection, TABLE, entries)


def no_avro(_: bytes) -> Event:
    raise AssertionError("no row is Avro")


def relay(
    engine: Engine, publisher: BatchPublisher, now: Callable[[], datetime], owner: str = "a", batch_size: int = 200
) -> OutboxRelay:
    return OutboxRelay(engine, TABLE, publisher, no_avro, now, owner, LEASE, batch_size)


def unavailable(*_: object) -> None:
    raise LogUnavailable("the log did not answer")
