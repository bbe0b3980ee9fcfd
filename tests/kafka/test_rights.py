"""A user whom the broker lets in and then allows nothing, or too little, is told which right it lacks, and on what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from uuid import uuid4

import kafka
import pytest
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType

from hub.errors import Usage
from hub.log.kafka import KafkaAdmin, KafkaConnection, KafkaConsumer, KafkaProducer
from hub.log.port import Message
from tests.kafka.secured import by_certificate, by_password
from tests.kafka.topics import TOPIC, until
from tests.servers.secure import SecureKafka


@pytest.fixture
def prefix(secure_kafka: SecureKafka) -> str:
    """A topic with a record, under a prefix of the test's own."""
    prefix = f"test-{uuid4().hex[:8]}."
    connection = by_certificate(secure_kafka, topic_prefix=prefix)
    with ExitStack() as opened:
        admin = KafkaAdmin(connection, replication=1)
        opened.callback(admin.close)
        admin.create({TOPIC: 1})
        producer = KafkaProducer(connection)
        opened.callback(producer.close)
        producer.append([Message(TOPIC, None, b"v")])
    return prefix


@pytest.fixture
def stranger(secure_kafka: SecureKafka, prefix: str) -> KafkaConnection:
    return by_password(secure_kafka, username=secure_kafka.stranger, topic_prefix=prefix)


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def allow(broker: SecureKafka, operation: ACLOperation, kind: ResourceType, name: str) -> None:
    admin = kafka.KafkaAdminClient(bootstrap_servers=broker.cluster.servers)
    right = ACL(f"User:{broker.stranger}", "*", operation, ACLPermissionType.ALLOW, ResourcePattern(kind, name))
    admin.create_acls([right])
    admin.close()


def test_topics_that_may_not_be_made_are_named(stranger: KafkaConnection, opened: ExitStack) -> None:
    admin = KafkaAdmin(stranger, replication=1)
    opened.callback(admin.close)
    with pytest.raises(Usage, match=r"cap-emploi\.case-events\.v1.*does not allow"):
        admin.create({"cap-emploi.case-events.v1": 1})


def test_topics_that_may_not_be_described_are_named(stranger: KafkaConnection, opened: ExitStack) -> None:
    admin = KafkaAdmin(stranger, replication=1)
    opened.callback(admin.close)
    with pytest.raises(Usage, match=rf"{TOPIC}.*does not allow"):
        admin.describe([TOPIC])


def test_a_topic_whose_settings_may_not_be_read_is_named(
    secure_kafka: SecureKafka, stranger: KafkaConnection, opened: ExitStack
) -> None:
    allow(secure_kafka, ACLOperation.DESCRIBE, ResourceType.TOPIC, f"{stranger.topic_prefix}{TOPIC}")
    admin = KafkaAdmin(stranger, replication=1)
    opened.callback(admin.close)
    assert admin.describe([TOPIC])[TOPIC].partitions[0].end == 1
    with pytest.raises(Usage, match=rf"{TOPIC}.*does not allow"):
        admin.differences({TOPIC: 1})


@pytest.mark.parametrize("right", ["none", "describe"])
def test_a_topic_that_may_not_be_written_is_named(
    secure_kafka: SecureKafka, stranger: KafkaConnection, opened: ExitStack, right: str
) -> None:
    if right == "describe":
        allow(secure_kafka, ACLOperation.DESCRIBE, ResourceType.TOPIC, f"{stranger.topic_prefix}{TOPIC}")
    producer = KafkaProducer(stranger)
    opened.callback(producer.close)
    with pytest.raises(Usage, match=rf"{TOPIC}.*does not allow"):
        producer.append([Message(TOPIC, None, b"v")])


def poll_on(stranger: KafkaConnection, opened: ExitStack) -> None:
    consumer = KafkaConsumer(stranger, [TOPIC], lambda _: None, group=f"{stranger.topic_prefix}g")
    opened.callback(consumer.close)
    until(lambda: False, lambda: consumer.poll(10, 200))


def test_a_topic_that_may_not_be_seen_is_named(stranger: KafkaConnection, opened: ExitStack) -> None:
    with pytest.raises(Usage, match=rf"{TOPIC}.*does not allow"):
        poll_on(stranger, opened)


def test_a_group_that_may_not_be_joined_is_named(
    secure_kafka: SecureKafka, stranger: KafkaConnection, opened: ExitStack
) -> None:
    allow(secure_kafka, ACLOperation.READ, ResourceType.TOPIC, f"{stranger.topic_prefix}{TOPIC}")
    with pytest.raises(Usage, match=rf"group {stranger.topic_prefix}g.*does not allow"):
        poll_on(stranger, opened)


def test_a_topic_that_may_not_be_read_is_named(
    secure_kafka: SecureKafka, stranger: KafkaConnection, opened: ExitStack
) -> None:
    allow(secure_kafka, ACLOperation.DESCRIBE, ResourceType.TOPIC, f"{stranger.topic_prefix}{TOPIC}")
    allow(secure_kafka, ACLOperation.READ, ResourceType.GROUP, f"{stranger.topic_prefix}g")
    with pytest.raises(Usage, match=rf"does not allow.*{stranger.topic_prefix}{TOPIC}"):
        poll_on(stranger, opened)
