"""The embedded log: one SQLite file that any number of processes append to and poll."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import msgspec

from hub.errors import LogIncident, NotFound, StoreCorrupt, Usage
from hub.log.embedded_file import OFFSET_BITS, open_log, transaction, translated
from hub.log.incident import lost, remedy
from hub.log.partitioner import partition_for
from hub.log.port import MAX_BYTES, Batch, Headers, Message, Positions, Record, Stored, TopicPartition

LEADER_EPOCH = 0
"""One file has one leader; a file restored from an older backup shows as a stored offset past its end."""

_FIRST_PAUSE_MS = 4
_LONGEST_PAUSE_MS = 64

_encode_headers = msgspec.msgpack.Encoder().encode
_decode_headers = msgspec.msgpack.Decoder(Headers).decode


@dataclass(slots=True)
class _Tail:
    """Where the next record of a partition goes."""

    partition_id: int
    end: int


class EmbeddedProducer:
    """Appends to the file, one transaction and one flush to disk per call, so larger calls are cheaper per message."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        """Open the log; `now` stamps the records."""
        self._path = path
        self._now = now
        self._connection = open_log(path)
        self._lock = Lock()
        self._turn = count()

    def append(self, messages: Sequence[Message]) -> list[tuple[TopicPartition, int]]:
        """Append all or none, durably, in the order given."""
        timestamp_ms = int(self._now().timestamp() * 1000)
        places: list[tuple[TopicPartition, int]] = []
        rows: list[tuple[int, int, bytes | None, bytes | None, bytes]] = []
        with self._lock, translated(self._path), transaction(self._connection, "IMMEDIATE"):
            tails = {topic: self._tails(topic) for topic in {message.topic for message in messages}}
            for message in messages:
                of_topic = tails[message.topic]
                number = self._choose(message, len(of_topic))
                tail = of_topic[number]
                place = tail.partition_id << OFFSET_BITS | tail.end
                rows.append((place, timestamp_ms, message.key, message.value, _encode_headers(message.headers)))
                places.append((TopicPartition(message.topic, number), tail.end))
                tail.end += 1
            self._connection.executemany("INSERT INTO record VALUES (?, ?, ?, ?, ?)", rows)
            self._connection.executemany(
                'UPDATE partition SET "end" = ? WHERE id = ?',
                [(tail.end, tail.partition_id) for of_topic in tails.values() for tail in of_topic],
            )
        return places

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _tails(self, topic: str) -> list[_Tail]:
        rows = self._connection.execute('SELECT id, "end" FROM partition WHERE topic = ? ORDER BY number', (topic,))
        tails = [_Tail(*row) for row in rows]
        if not tails:
            raise NotFound(f"there is no topic {topic}; run `hub init`")
        return tails

    def _choose(self, message: Message, partitions: int) -> int:
        if message.partition is not None:
            if not 0 <= message.partition < partitions:
                raise Usage(f"topic {message.topic} has partitions 0 to {partitions - 1}, not {message.partition}")
            return message.partition
        if message.key is None:
            return next(self._turn) % partitions
        return partition_for(message.key, partitions)


@dataclass(frozen=True, slots=True)
class _Held:
    """A partition as the file has it."""

    partition_id: int
    topic_id: str
    beginning: int
    end: int


@dataclass(slots=True)
class _Position:
    """Where a consumer is in a partition."""

    topic_id: str
    offset: int


class _Start(NamedTuple):
    """From which place of the file up to which a partition is read."""

    partition: TopicPartition
    base: int
    offset: int
    end: int


class EmbeddedConsumer:
    """Polls every partition of its topics; other consumers may do so too, and the hub's stored offsets arbitrate."""

    def __init__(self, path: Path, topics: Sequence[str], positions: Positions, sleep: Callable[[float], None]) -> None:
        """Open the log and take the stored positions; `sleep` takes seconds and waits between looks for new records.

        Raises:
            NotFound: there is no such log, or it has no such topic.
        """
        self._path = path
        self._topics = tuple(topics)
        self._sleep = sleep
        self._turn = 0
        self._seen_version: int | None = None
        self._connection = open_log(path)
        with ExitStack() as on_error:
            on_error.enter_context(closing(self._connection))
            with translated(path):
                self._connection.execute("PRAGMA query_only = ON")
            self._positions = {
                partition: _Position(held.topic_id, held.beginning)
                if (stored := positions(partition)) is None
                else _Position(stored.topic_id, stored.next_offset)
                for partition, held in self._held(self._topics).items()
            }
            on_error.pop_all()

    def poll(self, max_records: int, timeout_ms: int) -> list[Batch]:
        """Return the next records, waiting for some up to `timeout_ms`."""
        left_ms, pause_ms = timeout_ms, _FIRST_PAUSE_MS
        while True:
            with translated(self._path):
                version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
            # SQLite counts the commits of other connections: no new one, nothing new to look for.
            if version != self._seen_version:
                if batches := self._fetch(max_records):
                    return batches
                self._seen_version = version
            if left_ms <= 0:
                return []
            pause_ms = min(pause_ms, left_ms)
            self._sleep(pause_ms / 1000)
            left_ms -= pause_ms
            pause_ms = min(2 * pause_ms, _LONGEST_PAUSE_MS)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Go on from an offset."""
        if position := self._positions.get(partition):
            position.offset = offset
            self._seen_version = None

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Do nothing: `hub status` reads the lag from the hub's own offsets, and a commit would cost a write."""

    def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the end of each partition."""
        wanted = list(partitions)
        held = self._held(tuple({partition.topic for partition in wanted}))
        if missing := [partition for partition in wanted if partition not in held]:
            raise NotFound(f"topic {missing[0].topic} has no partition {missing[0].partition}")
        return {partition: held[partition].end for partition in wanted}

    def is_caught_up(self) -> bool:
        """Compare every position with the end of its partition."""
        ends = self.end_offsets(self._positions)
        return all(position.offset >= ends[partition] for partition, position in self._positions.items())

    def assignment(self) -> frozenset[TopicPartition]:
        """Return every partition of the consumer's topics."""
        return frozenset(self._positions)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _fetch(self, max_records: int) -> list[Batch]:
        batches: list[Batch] = []
        left_bytes = MAX_BYTES
        with translated(self._path), transaction(self._connection, "DEFERRED"):
            held = self._held(self._topics, missing_is_incident=True)
            for partition in self._in_turn():
                position, here = self._positions[partition], held[partition]
                _refuse_lost_position(partition, position, here)
                if max_records <= 0 or left_bytes <= 0 or position.offset == here.end:
                    continue
                start = _Start(partition, here.partition_id << OFFSET_BITS, position.offset, here.end)
                records, left_bytes = self._read(start, max_records, left_bytes, at_least_one=not batches)
                if records:
                    batch = Batch(
                        partition, here.topic_id, LEADER_EPOCH, position.offset, records, records[-1].offset + 1
                    )
                    batches.append(batch)
                    max_records -= len(records)
        for batch in batches:
            self._positions[batch.partition].offset = batch.next_offset
        return batches

    def _in_turn(self) -> list[TopicPartition]:
        """Begin with another partition each time, so that a busy one does not keep the others waiting."""
        partitions = list(self._positions)
        self._turn = (self._turn + 1) % len(partitions)
        return partitions[self._turn :] + partitions[: self._turn]

    def _read(self, start: _Start, limit: int, left_bytes: int, *, at_least_one: bool) -> tuple[list[Record], int]:
        """Return the next records and how many bytes are left; none are left once a record did not fit."""
        (topic, number), base = start.partition, start.base
        rows = self._connection.execute(
            "SELECT place, timestamp_ms, key, value, headers FROM record"
            " WHERE place >= ? AND place < ? ORDER BY place LIMIT ?",
            (base + start.offset, base + start.end, limit),
        )
        records: list[Record] = []
        for place, timestamp_ms, key, value, headers in rows:
            left_bytes -= len(key or b"") + len(value or b"") + len(headers)
            if left_bytes < 0 and (records or not at_least_one):
                return records, 0
            try:
                decoded = _decode_headers(headers)
            except msgspec.MsgspecError as error:
                message = f"the log {self._path} is damaged; stop the hub and restore the file from its backup"
                raise StoreCorrupt(message) from error
            records.append(Record(topic, number, place - base, key, value, decoded, timestamp_ms))
        return records, left_bytes

    def _held(self, topics: tuple[str, ...], *, missing_is_incident: bool = False) -> dict[TopicPartition, _Held]:
        held: dict[TopicPartition, _Held] = {}
        for topic in topics:
            with translated(self._path):
                rows = self._connection.execute(
                    'SELECT number, id, topic_id, beginning, "end" FROM partition JOIN topic ON name = topic'
                    " WHERE topic = ? ORDER BY number",
                    (topic,),
                ).fetchall()
            if not rows and missing_is_incident:
                raise LogIncident(
                    f"topic {topic} was deleted while it was read; restore the log from its backup, or make the topic "
                    f"anew with `hub init`, publish what was lost again, and run `hub offsets reset {topic} --note WHY`"
                )
            if not rows:
                raise NotFound(f"there is no topic {topic}; run `hub init`")
            held.update((TopicPartition(topic, number), _Held(*rest)) for number, *rest in rows)
        return held


def _refuse_lost_position(partition: TopicPartition, position: _Position, held: _Held) -> None:
    """Stop at a position whose records are gone: to skip them silently would lose them."""
    stored = Stored(position.offset, position.topic_id, LEADER_EPOCH)
    if defect := lost(stored, held.topic_id, held.beginning, held.end):
        raise LogIncident(f"topic {partition.topic}, partition {partition.partition}: {defect}; {remedy(partition)}")
