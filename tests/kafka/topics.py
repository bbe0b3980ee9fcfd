"""A topic of a test's own on the shared broker, and what is done with it beside the adapter."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import kafka
from confluent_kafka import Producer as Librdkafka

from hub.log.kafka import KafkaAdmin, KafkaConnection, KafkaConsumer, KafkaProducer
from hub.log.port import Batch, Message, Record, Stored, TopicPartition

TOPIC = "france-travail.case-events.v1"
FIRST = TopicPartition(TOPIC, 0)
PATIENCE_S = 30.0


@dataclass
class Site:
    """A fresh topic `TOPIC` under a prefix of its own; what it opens is closed at the end."""

    servers: str
    timeout_ms: int = 10_000
    prefix: str = field(default_factory=lambda: f"test-{uuid4().hex[:8]}.")
    open: ExitStack = field(default_factory=ExitStack)

    @property
    def connection(self) -> KafkaConnection:
        return KafkaConnection(self.servers, topic_prefix=self.prefix, timeout_ms=self.timeout_ms)

    @property
    def name(self) -> str:
        """The topic's name in the cluster."""
        return f"{self.prefix}{TOPIC}"

    def create(self, partitions: int = 1) -> None:
        admin = KafkaAdmin(self.connection, replication=1)
        admin.create({TOPIC: partitions})
        admin.close()

    def topic_id(self) -> str:
        admin = KafkaAdmin(self.connection, replication=1)
        try:
            return admin.describe([TOPIC])[TOPIC].topic_id
        finally:
            admin.close()

    def producer(self) -> KafkaProducer:
        producer = KafkaProducer(self.connection)
        self.open.callback(producer.close)
        return producer

    def consumer(
        self, stored: Mapping[TopicPartition, Stored] | None = None, *, group: str | None = None
    ) -> KafkaConsumer:
        consumer = KafkaConsumer(
            self.connection, [TOPIC], (stored or {}).get, group=f"{self.prefix}{group or uuid4().hex}"
        )
        self.open.callback(consumer.close)
        return consumer

    def library_admin(self) -> Any:
        admin = kafka.KafkaAdminClient(bootstrap_servers=self.servers)
        self.open.callback(admin.close)
        return admin

    def librdkafka(self, **config: object) -> Librdkafka:
        return Librdkafka({"bootstrap.servers": self.servers, **config})


@contextmanager
def site(servers: str, partitions: int = 1, *, timeout_ms: int = 10_000) -> Iterator[Site]:
    """Make a topic of the test's own."""
    made = Site(servers, timeout_ms)
    made.create(partitions)
    with made.open:
        yield made


def numbered(count: int, *, partition: int | None = 0, begin: int = 0) -> list[Message]:
    return [
        Message(TOPIC, key=None, value=b"%d" % number, partition=partition) for number in range(begin, begin + count)
    ]


def read(consumer: KafkaConsumer, count: int, max_records: int = 500) -> list[Record]:
    """Poll until so many records came."""
    records: list[Record] = []
    until(lambda: len(records) >= count, lambda: records.extend(records_of(consumer.poll(max_records, 200))))
    assert len(records) == count
    return records


def records_of(batches: list[Batch]) -> list[Record]:
    return [record for batch in batches for record in batch.records]


def until(done: Callable[[], bool], step: Callable[[], object], *, patience_s: float = PATIENCE_S) -> None:
    """Repeat a step until something holds."""
    deadline = time.monotonic() + patience_s
    while not done():
        assert time.monotonic() < deadline, "it does not come about"
        step()
