"""Kafka away, at every moment: each call ends in a bounded time, and goes on when Kafka is back."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import pytest

from hub.errors import LogUnavailable
from hub.log.kafka import KafkaAdmin, KafkaConnection, KafkaConsumer, KafkaProducer
from tests.kafka.topics import TOPIC, numbered, read, records_of, site, until
from tests.servers.kafka import Kafka, KafkaCluster
from tests.servers.run import Run

TIMEOUT_MS = 2_000


@pytest.fixture
def broker(kafka: Kafka, servers_run: Run) -> Iterator[KafkaCluster]:  # noqa: ARG001 it says whether there are servers
    """A broker that a test may take away."""
    with KafkaCluster(servers_run) as cluster:
        yield cluster


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where connections are taken and nothing is said."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield f"127.0.0.1:{silent.getsockname()[1]}"


def seconds(call: Callable[[], object]) -> float:
    began = time.monotonic()
    call()
    return time.monotonic() - began


OPENINGS: dict[str, Callable[[KafkaConnection], object]] = {
    "admin": KafkaAdmin,
    "producer": KafkaProducer,
    "consumer": lambda connection: KafkaConsumer(connection, [TOPIC], lambda _: None, group="g"),
}


@pytest.mark.parametrize("kind", OPENINGS)
def test_opening_says_why_nobody_answers(kind: str, nobody: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        refused = f"127.0.0.1:{gone.getsockname()[1]}"
    began = time.monotonic()
    with pytest.raises(LogUnavailable, match=rf"within 1 s \({refused}: Connection refused.*HUB_KAFKA_SERVERS"):
        OPENINGS[kind](KafkaConnection(refused, timeout_ms=1_000))
    with pytest.raises(LogUnavailable, match="does not speak Kafka"):
        OPENINGS[kind](KafkaConnection(nobody, timeout_ms=1_000))
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("how", ["killed", "silent"])
def test_polls_end_in_time_while_kafka_is_away_and_go_on_when_it_is_back(broker: KafkaCluster, how: str) -> None:
    with site(broker.servers, timeout_ms=TIMEOUT_MS) as made:
        made.producer().append(numbered(3))
        consumer = made.consumer()
        read(consumer, 3)
        take_away(broker, how)
        with pytest.raises(LogUnavailable, match="Kafka is away since"):
            until(lambda: False, lambda: poll_in_time(consumer))
        bring_back(broker, how)
        made.producer().append(numbered(2, begin=3))
        offsets: list[int] = []
        until(lambda: len(offsets) == 2, lambda: offsets.extend(offsets_polled(consumer)))
        assert offsets == [3, 4]


@pytest.mark.parametrize("how", ["killed", "silent"])
def test_an_append_that_is_not_answered_fails_in_time_and_the_producer_goes_on_afterwards(
    broker: KafkaCluster, how: str
) -> None:
    with site(broker.servers, timeout_ms=TIMEOUT_MS) as made:
        producer = made.producer()
        producer.append(numbered(1))
        take_away(broker, how)
        began = time.monotonic()
        for _ in range(2):
            with pytest.raises(LogUnavailable):
                producer.append(numbered(2, begin=1))
        assert time.monotonic() - began < 30
        bring_back(broker, how)
        places = append_patiently(producer)
        records = read(made.consumer(), places + 1)
        assert {record.value for record in records} >= {b"0", b"3"}


@pytest.mark.parametrize("how", ["killed", "silent"])
def test_closing_ends_in_time_while_kafka_is_away(broker: KafkaCluster, how: str) -> None:
    with site(broker.servers, timeout_ms=30_000) as made:
        producer, consumer, admin = made.producer(), made.consumer(), KafkaAdmin(made.connection)
        producer.append(numbered(3))
        read(consumer, 3)
        take_away(broker, how)
        consumer.commit(dict.fromkeys(consumer.assignment(), 3))
        assert seconds(consumer.close) < 10
        assert seconds(producer.close) < 10
        assert seconds(admin.close) < 10
        bring_back(broker, how)


def take_away(broker: KafkaCluster, how: str) -> None:
    if how == "killed":
        broker.kill(1)
    else:
        broker.pause(1)


def bring_back(broker: KafkaCluster, how: str) -> None:
    if how == "killed":
        broker.start(1)
    else:
        broker.resume(1)


def poll_in_time(consumer: KafkaConsumer) -> None:
    assert seconds(lambda: consumer.poll(500, 300)) < 5


def offsets_polled(consumer: KafkaConsumer) -> list[int]:
    try:
        return [record.offset for record in records_of(consumer.poll(500, 200))]
    except LogUnavailable:
        return []


def append_patiently(producer: KafkaProducer) -> int:
    ends: list[int] = []

    def append() -> None:
        try:
            ends.append(producer.append(numbered(1, begin=3))[0][1])
        except LogUnavailable:
            return

    until(lambda: bool(ends), append)
    return ends[0]
