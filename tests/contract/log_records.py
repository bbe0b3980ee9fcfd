"""Records for the contract of the log: made, numbered and read back."""

from __future__ import annotations

from hub.log.port import Consumer, Message, Record, TopicPartition
from tests.contract.log_adapters import PARTITIONS, TOPIC

FIRST = TopicPartition(TOPIC, 0)
ALL = [TopicPartition(TOPIC, number) for number in range(PARTITIONS)]
PATIENCE_MS = 20_000


def message(value: bytes, *, partition: int | None = 0, key: bytes | None = None) -> Message:
    return Message(TOPIC, key=key, value=value, partition=partition)


def numbered(count: int, *, partition: int = 0) -> list[Message]:
    return [message(b"%d" % number, partition=partition) for number in range(count)]


def read(consumer: Consumer, count: int, max_records: int = 500) -> list[Record]:
    """Poll until `count` records came, and check that no more are there."""
    records: list[Record] = []
    while len(records) < count:
        batches = consumer.poll(max_records, PATIENCE_MS)
        assert batches, f"{len(records)} of {count} records came"
        assert sum(len(batch.records) for batch in batches) <= max_records
        assert len({batch.partition for batch in batches}) == len(batches)
        for batch in batches:
            assert batch.first_offset <= batch.records[0].offset
            assert batch.next_offset > batch.records[-1].offset
            records += batch.records
    assert len(records) == count
    assert consumer.poll(max_records, 0) == []
    return records


def values(records: list[Record], partition: int) -> list[bytes | None]:
    return [record.value for record in records if record.partition == partition]
