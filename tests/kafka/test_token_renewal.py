"""A token that expires while connections live: they are renewed, and an endpoint that is away meanwhile is said."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from hub.errors import LogUnavailable, Usage
from hub.log.kafka import KafkaAdmin, KafkaConnection, KafkaConsumer, KafkaProducer
from hub.log.port import Message
from tests.kafka.secured import by_token
from tests.kafka.topics import TOPIC, records_of, until
from tests.servers.proxy import Proxy
from tests.servers.run import Run
from tests.servers.secure import SecureKafka

LIFETIME_S = 4
TIMEOUT_MS = 4_000


@pytest.fixture
def proxied(secure_kafka: SecureKafka, servers_run: Run) -> Iterator[Proxy]:
    """The network before the token endpoint, whose tokens expire soon."""
    before = secure_kafka.tokens.lifetime_s
    secure_kafka.tokens.lifetime_s = LIFETIME_S
    with Proxy(servers_run.free_port(), urlsplit(secure_kafka.tokens.url).port or 0) as proxy:
        yield proxy
    secure_kafka.tokens.lifetime_s = before


class Pair:
    """A producer and a consumer of one topic, with what was sent and what came."""

    def __init__(self, connection: KafkaConnection, opened: ExitStack) -> None:
        admin = KafkaAdmin(connection, replication=1)
        admin.create({TOPIC: 1})
        admin.close()
        self.producer = KafkaProducer(connection)
        opened.callback(self.producer.close)
        self.consumer = KafkaConsumer(connection, [TOPIC], lambda _: None, group=connection.topic_prefix)
        opened.callback(self.consumer.close)
        self.sent = 0
        self.came: list[int] = []

    def exchange(self) -> None:
        self.producer.append([Message(TOPIC, None, b"v")])
        self.sent += 1
        until(lambda: len(self.came) == self.sent, self.poll)

    def poll(self) -> None:
        self.came += [record.offset for record in records_of(self.consumer.poll(100, 200))]

    def exchange_patiently(self) -> None:
        """Exchange once everything is back; an append that failed may have landed."""
        done: list[bool] = []

        def attempt() -> None:
            try:
                place = self.producer.append([Message(TOPIC, None, b"v")])[0]
                until(lambda: place[1] in self.came, self.poll)
                done.append(True)
            except LogUnavailable:
                return

        until(lambda: bool(done), attempt)


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def test_connections_outlive_their_tokens(secure_kafka: SecureKafka, proxied: Proxy, opened: ExitStack) -> None:
    pair = Pair(
        by_token(secure_kafka, topic_prefix="renewed.", token_url=f"http://127.0.0.1:{proxied.port}/token"), opened
    )
    given = secure_kafka.tokens.given
    began = time.monotonic()
    until(lambda: time.monotonic() > began + 3 * LIFETIME_S, pair.exchange)
    assert pair.came == list(range(pair.sent))
    assert secure_kafka.tokens.given >= given + 3


def test_a_token_endpoint_away_is_said_and_waited_for(
    secure_kafka: SecureKafka, proxied: Proxy, opened: ExitStack
) -> None:
    url = f"http://127.0.0.1:{proxied.port}/token"
    pair = Pair(by_token(secure_kafka, topic_prefix="away.", token_url=url, timeout_ms=TIMEOUT_MS), opened)
    pair.exchange()
    proxied.cut()
    with pytest.raises(LogUnavailable, match="no token for Kafka"):
        until(lambda: False, pair.poll)
    began = time.monotonic()
    with pytest.raises(LogUnavailable, match="no token for Kafka"):
        pair.producer.append([Message(TOPIC, None, b"v")])
    assert time.monotonic() - began < 3 * TIMEOUT_MS / 1000
    proxied.heal()
    pair.exchange_patiently()
    assert pair.came == list(range(len(pair.came)))


def test_a_client_secret_withdrawn_ends_reading_and_writing_with_its_name(
    secure_kafka: SecureKafka, proxied: Proxy, opened: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http://127.0.0.1:{proxied.port}/token"
    pair = Pair(by_token(secure_kafka, topic_prefix="withdrawn.", token_url=url, timeout_ms=TIMEOUT_MS), opened)
    pair.exchange()
    monkeypatch.setattr(secure_kafka.tokens, "client_secret", "another")
    with pytest.raises(Usage, match="HUB_KAFKA_CLIENT_SECRET"):
        until(lambda: False, pair.poll)
    with pytest.raises(Usage, match="HUB_KAFKA_CLIENT_SECRET"):
        pair.producer.append([Message(TOPIC, None, b"v")])
