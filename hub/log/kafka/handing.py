"""What was fetched and not handed out yet, in fair turns and bounded batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, KeysView, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.log.kafka.names import Names
from hub.log.kafka.reader import Place
from hub.log.port import MAX_BYTES, Batch, Record, TopicPartition

_ABSENT = 3
"""Added to a record's three sizes, each -1 for what is not there: rather a few bytes too many than too few."""
SMALLEST_SLICE = 8
LARGEST_SLICE = 200
_LARGE_BYTES = 1024 * 1024
"""What a record is taken to have before any came: a fetch of few bytes may hold many such, compressed."""


@dataclass(slots=True)
class _Partition:
    """A partition being read: `next_offset` was handed out up to, and `ahead` is where fetching goes on."""

    plain: TopicPartition
    topic_id: str
    next_offset: int
    epoch: int
    ahead: Place
    records: list[Any] = field(default_factory=list)
    bytes: int = 0
    """Of the records that wait."""


class Held:
    """The partitions being read, with the library's records that wait to be handed out."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._partitions: dict[Any, _Partition] = {}
        self._turn = 0
        self._large_bytes = _LARGE_BYTES

    def partitions(self) -> KeysView[Any]:
        """Give the partitions being read."""
        return self._partitions.keys()

    def start(self, here: Any, place: Place, topic_id: str) -> None:
        """Read a partition from a place on, and drop what waited."""
        self._partitions[here] = _Partition(self._names.plain(here), topic_id, place.offset, place.epoch, place)

    def keep_only(self, kept: Iterable[Any]) -> None:
        """Drop the other partitions with what waited: their records are for their next owners."""
        keep = set(kept)
        self._partitions = {here: partition for here, partition in self._partitions.items() if here in keep}

    def add(self, fetched: Mapping[Any, list[Any]], place: Callable[[Any], Place]) -> None:
        """Add what was fetched; fetching goes on at each partition's place, which may be past the last record."""
        for here, partition in self._partitions.items():
            partition.ahead = place(here)
        if fetched:
            self._large_bytes = max(1, self._large_bytes // 2)
        for here, records in fetched.items():
            if here in self._partitions:
                sizes = list(map(_size, records))
                self._partitions[here].records += records
                self._partitions[here].bytes += sum(sizes)
                self._large_bytes = max([self._large_bytes, *sizes])

    def next_slice(self) -> int:
        """Tell how many records to fetch next so that not much more than `MAX_BYTES` wait, 0 if so many wait now.

        The next ones are taken to be as large as the largest of late, which counts half as much with each fetch.
        """
        room = MAX_BYTES - sum(partition.bytes for partition in self._partitions.values())
        return 0 if room <= 0 else max(SMALLEST_SLICE, min(LARGEST_SLICE, room // self._large_bytes))

    def waiting(self) -> int:
        """Count the records that wait."""
        return sum(len(partition.records) for partition in self._partitions.values())

    def next_offset(self, here: Any) -> int:
        """Give the offset up to which a partition was handed out."""
        return self._partitions[here].next_offset

    def hand_out(self, max_records: int) -> list[Batch]:
        """Give what waits, at most so many records and `MAX_BYTES`, and begin with another partition each time."""
        batches: list[Batch] = []
        left_bytes = MAX_BYTES
        for partition in self._in_turn():
            records: list[Record] = []
            if partition.records and max_records > 0 and left_bytes > 0:
                records, left_bytes = _convert(partition, max_records, left_bytes, at_least_one=not batches)
            if records or (not partition.records and partition.ahead.offset > partition.next_offset):
                batches.append(_batch(partition, records))
                max_records -= len(records)
        return batches

    def _in_turn(self) -> list[_Partition]:
        partitions = list(self._partitions.values())
        if not partitions:
            return partitions
        self._turn = (self._turn + 1) % len(partitions)
        return partitions[self._turn :] + partitions[: self._turn]


def _convert(partition: _Partition, limit: int, left_bytes: int, *, at_least_one: bool) -> tuple[list[Record], int]:
    """Take the first records that wait, and say how many bytes are left; none are left once a record did not fit."""
    topic, number = partition.plain
    records: list[Record] = []
    for (
        _,
        _,
        _,
        offset,
        timestamp_ms,
        _,
        key,
        value,
        headers,
        _,
        key_size,
        value_size,
        header_size,
    ) in partition.records[:limit]:
        left_bytes -= key_size + value_size + header_size + _ABSENT
        if left_bytes < 0 and (records or not at_least_one):
            return records, 0
        records.append(Record(topic, number, offset, key, value, tuple(headers), timestamp_ms))
    return records, left_bytes


def _size(record: Any) -> int:
    *_, key_size, value_size, header_size = record
    size: int = key_size + value_size + header_size + _ABSENT
    return size


def _batch(partition: _Partition, records: list[Record]) -> Batch:
    """Hand records out, and what the log passed over after them if they are the last that wait."""
    first_offset = partition.next_offset
    if records:
        partition.epoch = partition.records[len(records) - 1].leader_epoch
        partition.next_offset = records[-1].offset + 1
        partition.bytes -= sum(map(_size, partition.records[: len(records)]))
        del partition.records[: len(records)]
    if not partition.records and partition.ahead.offset > partition.next_offset:
        partition.next_offset, partition.epoch = partition.ahead
    return Batch(partition.plain, partition.topic_id, partition.epoch, first_offset, records, partition.next_offset)
