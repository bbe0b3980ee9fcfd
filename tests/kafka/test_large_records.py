"""Records that are small on the wire and large in memory: only as many are held as a poll may return."""

from __future__ import annotations

import tracemalloc

from hub.log.kafka import KafkaConsumer
from hub.log.port import MAX_BYTES, Message
from tests.kafka.topics import TOPIC, numbered, records_of, site, until
from tests.servers.kafka import Kafka

COUNT = 200
LARGE = bytes(1_000_000)


def test_compressed_zeros_are_held_in_bounded_memory(kafka: Kafka) -> None:
    with site(kafka.servers) as made:
        producer = made.producer()
        for _ in range(COUNT // 50):
            producer.append([Message(TOPIC, None, LARGE, partition=0)] * 50)
        producer.append(numbered(2_000))
        assert most_held(made.consumer(), COUNT + 2_000) < 4 * MAX_BYTES


def most_held(consumer: KafkaConsumer, count: int) -> int:
    """Read so many records and give the most bytes of memory that took."""
    came: list[int] = []
    tracemalloc.start()
    until(
        lambda: len(came) >= count,
        lambda: came.extend(record.offset for record in records_of(consumer.poll(8_000, 200))),
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak
