"""Kafka alone: appending and polling through the port, in turn with the bare library at the same settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

import kafka

from benchmarks.measure import Cost, timed
from benchmarks.report import RATES, Table, rate
from benchmarks.servers import AT_ONCE, PARTITIONS, PREFIX, Servers
from hub.domain.topics import INBOUND
from hub.log.port import Message
from hub.producers.publisher import topic_key
from hub.wiring import Hub


def measure(started: Servers) -> list[Table]:
    """Measure appending and polling beside the bare library with the same settings."""
    costs: dict[str, list[Cost]] = {}

    def run(name: str, job: Callable[[], Cost]) -> None:
        costs.setdefault(name, []).append(job())

    with started.hub() as (hub, _):
        messages = _messages(hub, started)
        with closing(hub.admin()) as admin:
            admin.create({"bench": PARTITIONS})
        for _ in range(started.workspace.runs):
            run("write: the bare library", lambda: _write_bare(started, messages))
            run("write: the hub's producer", lambda: _write(hub, messages))
            run("write: the publisher, which validates and encodes", lambda: _publish(hub, started))
            run("read: the bare library", lambda: _read_bare(started))
            run("read: the hub's consumer", lambda: _read(hub, started))
    rows = [rate(name, started.events, found) for name, found in costs.items()]
    note = f"{AT_ONCE:,} records an append, acknowledged by the broker; reading is from the first record to the last."
    return [Table("Kafka alone", RATES, rows, note)]


def _messages(hub: Hub, started: Servers) -> list[Message]:
    key = hub.master.derive("topic-token")
    return [
        Message("bench", topic_key(key, event.subject), hub.codec.encode(event)) for event in started.workspace.events
    ]


def _write(hub: Hub, messages: Sequence[Message]) -> Cost:
    with closing(hub.producer()) as producer, timed() as watch:
        for first in range(0, len(messages), AT_ONCE):
            producer.append(messages[first : first + AT_ONCE])
    return watch.cost


def _write_bare(started: Servers, messages: Sequence[Message]) -> Cost:
    producer = kafka.KafkaProducer(
        bootstrap_servers=started.cluster.servers,
        acks="all",
        enable_idempotence=True,
        compression_type="zstd",
        batch_size=256 * 1024,
        metrics_enabled=False,
    )
    with closing(producer), timed() as watch:
        for first in range(0, len(messages), AT_ONCE):
            sent = [
                producer.send(f"{PREFIX}bench", value=each.value, key=each.key, partition=number % PARTITIONS)
                for number, each in enumerate(messages[first : first + AT_ONCE])
            ]
            for each in sent:
                each.get(timeout=30)
    return watch.cost


def _publish(hub: Hub, started: Servers) -> Cost:
    events = started.workspace.events
    with hub.publisher() as publisher, timed() as watch:
        for first in range(0, len(events), AT_ONCE):
            publisher.publish_batch(events[first : first + AT_ONCE])
    return watch.cost


def _read(hub: Hub, started: Servers) -> Cost:
    with closing(hub.consumer(lambda _: None)) as consumer:
        left = started.events
        with timed() as watch:
            while left > 0:
                left -= sum(len(batch.records) for batch in consumer.poll(8_000, 2_000))
    return watch.cost


def _read_bare(started: Servers) -> Cost:
    consumer = kafka.KafkaConsumer(
        bootstrap_servers=started.cluster.servers,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        metrics_enabled=False,
    )
    with closing(consumer):
        consumer.assign(
            [
                kafka.TopicPartition(PREFIX + topic, number)
                for topic in INBOUND
                for number in sorted(consumer.partitions_for_topic(PREFIX + topic) or ())
            ]
        )
        left = started.events
        with timed() as watch:
            while left > 0:
                left -= sum(map(len, consumer.poll(timeout_ms=2_000, max_records=8_000).values()))
    return watch.cost
