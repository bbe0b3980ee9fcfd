"""Workers side by side on one PostgreSQL, each with partitions of its own, stopped at random between statements."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import count
from random import Random
from threading import Barrier
from typing import Any

import psycopg
from sqlalchemy import event

from hub.consumers.ingest import Counts, Ingest
from hub.domain.topics import INBOUND
from hub.errors import Contended, EventConflict
from hub.log.embedded import EmbeddedConsumer
from hub.log.port import Batch, Record, TopicPartition
from hub.settings import Settings
from hub.telemetry.observer import SILENT, BatchObserver
from hub.wiring import Hub
from tests.integration.hubs import folder

TOPIC_ID = "topic"
_numbers = count(1)


@contextmanager
def a_hub_on(server: str, **more: Any) -> Iterator[Hub]:
    """Give a hub with the embedded log and schemas of its own in a PostgreSQL database."""
    name = f"hub{next(_numbers)}"
    plain = server.replace("postgresql+psycopg", "postgresql")
    with folder() as data, psycopg.connect(plain, autocommit=True) as connection:
        urls: dict[str, Any] = {}
        for setting, schema in (("database", name), ("key_database", f"{name}_keys")):
            connection.execute(f"create schema {schema}")
            urls[setting] = f"{server}?options=-csearch_path%3D{schema}"
        with Hub.create(Settings(data=data, **urls, **more)) as hub:
            yield hub
        for schema in (name, f"{name}_keys"):
            connection.execute(f"drop schema {schema} cascade")


def records_of(hub: Hub) -> list[Record]:
    """Give what the hub's log holds, topic by topic."""
    reader = EmbeddedConsumer(hub.paths.log, INBOUND, lambda _: None, time.sleep)
    found: list[Record] = []
    while batches := reader.poll(1_000, 0):
        for batch in batches:
            found += batch.records
    reader.close()
    return found


class Owned:
    """The partitions that one worker owns: a consumer of records in memory, as Kafka assigns them."""

    def __init__(self, partition: int, records: Iterable[Record]) -> None:
        self._records: dict[TopicPartition, list[Record]] = {}
        self._at: Counter[TopicPartition] = Counter()
        for each in records:
            place = TopicPartition(each.topic, partition)
            mine = self._records.setdefault(place, [])
            mine.append(Record(*place, len(mine), each.key, each.value, each.headers, each.timestamp_ms))

    def poll(self, max_records: int, timeout_ms: int) -> list[Batch]:
        batches = []
        for place, held in self._records.items():
            first = self._at[place]
            some = held[first : first + max_records]
            if some:
                self._at[place] += len(some)
                batches.append(Batch(place, TOPIC_ID, 0, first, some, self._at[place]))
        return batches

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self._at[partition] = offset

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        return None

    def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return {place: len(self._records[place]) for place in partitions}

    def is_caught_up(self) -> bool:
        return all(self._at[place] == len(held) for place, held in self._records.items())

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset(self._records)

    def close(self) -> None:
        return None


class Retries(Counter[str]):
    """Counts why batches began again; observes ingest loops."""

    def polling(self) -> None:
        return None

    def polled(self, records: int) -> None:
        return None

    def batch(self, topic: str, partition: int, records: Sequence[Any]) -> BatchObserver:
        return _Retried(self)


class _Retried:
    def __init__(self, retries: Retries) -> None:
        self._retries = retries
        self._silent = SILENT.batch("", 0, ())
        self.judged = self._silent.judged
        self.overtaken = self._silent.overtaken
        self.committed = self._silent.committed

    def retried(self, code: str) -> None:
        self._retries[code] += 1


def hesitate(hub: Hub, rng: Random, longest_s: float) -> None:
    """Let time pass before some of the store's statements from now on, as a busy machine does."""

    def pause(*_: Any) -> None:
        if rng.random() < 0.2:
            time.sleep(rng.random() * longest_s)

    event.listen(hub.store, "before_cursor_execute", pause)


def work(hub: Hub, worker: int, records: Iterable[Record], batch: int, retries: Retries, start: Barrier) -> Counts:
    """Take a worker's records, all of them; one that stays contended begins again, as a worker started anew does."""
    owned = Owned(worker, records)
    ingest = Ingest(
        hub.store,
        lambda _: owned,
        hub.gate,
        hub.acceptance,
        hub.quarantine,
        now=hub.now,
        random_bytes=os.urandom,
        sleep=lambda pause: time.sleep(pause / 10),
        smallest_batch=batch,
        observer=retries,
    )
    start.wait(30)
    while not owned.is_caught_up():
        with suppress(Contended, EventConflict):
            ingest.step(timeout_ms=0)
    return ingest.counts


def side_by_side(
    hub: Hub, shares: Sequence[Iterable[Record]], rng: Random, *, longest_s: float = 0.0, largest_batch: int = 20
) -> Retries:
    """Let one worker for each share take it, all at once; give why they began again."""
    retries, start = Retries(), Barrier(len(shares))
    batches = [rng.randint(1, largest_batch) for _ in shares]
    if longest_s:
        hesitate(hub, rng, longest_s)
    with ThreadPoolExecutor(len(shares)) as pool:
        working = [
            pool.submit(work, hub, number, share, batch, retries, start)
            for number, (share, batch) in enumerate(zip(shares, batches, strict=True))
        ]
        for each in working:
            each.result()
    return retries
