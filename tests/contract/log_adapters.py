"""The adapters that the contract suite of the log runs against, and a program that appends from its own process."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import kafka
import kafka.errors
import pytest
from kafka.admin import ConfigResource

from hub.log.embedded import EmbeddedConsumer, EmbeddedProducer
from hub.log.embedded_topics import EmbeddedAdmin
from hub.log.kafka import KafkaAdmin, KafkaConnection, KafkaConsumer, KafkaProducer
from hub.log.port import Consumer, Message, Producer, Stored, TopicAdmin, TopicPartition

TOPIC = "france-travail.case-events.v1"
PARTITIONS = 3
MESSAGES_PER_APPEND = 3


class LogUnderTest(Protocol):
    """One adapter with a fresh topic `TOPIC`; what it opens stays open until `close`.

    Attributes:
        is_atomic: an append to several partitions lands everywhere or nowhere, also when its process is killed.
    """

    name: str
    address: str
    is_atomic: bool

    @property
    def admin(self) -> TopicAdmin:
        """An open admin."""
        ...

    def producer(self) -> Producer:
        """Open a producer."""
        ...

    def consumer(self, stored: Mapping[TopicPartition, Stored] | None = None) -> Consumer:
        """Open a consumer of the topic with its stored positions."""
        ...

    def trim(self, partition: TopicPartition, before_offset: int) -> None:
        """Expire records, as retention does."""
        ...

    def recreate(self) -> None:
        """Delete the topic and create it again, empty."""
        ...

    def close(self) -> None:
        """Close all that was opened."""
        ...


class EmbeddedLog:
    """The embedded log in a folder of the test."""

    name = "embedded"
    is_atomic = True

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "log.db")
        self._path = Path(self.address)
        self.admin = EmbeddedAdmin(self._path, os.urandom)
        self.admin.create({TOPIC: PARTITIONS})
        self._open: list[Producer | Consumer | TopicAdmin] = [self.admin]

    def producer(self) -> Producer:
        """Open a producer."""
        producer = open_producer(self.name, self.address)
        self._open.append(producer)
        return producer

    def consumer(self, stored: Mapping[TopicPartition, Stored] | None = None) -> Consumer:
        """Open a consumer."""
        consumer = EmbeddedConsumer(self._path, [TOPIC], (stored or {}).get, time.sleep)
        self._open.append(consumer)
        return consumer

    def trim(self, partition: TopicPartition, before_offset: int) -> None:
        """Expire records."""
        self.admin.trim(partition, before_offset)

    def recreate(self) -> None:
        """Delete and create."""
        self.admin.delete(TOPIC)
        self.admin.create({TOPIC: PARTITIONS})

    def close(self) -> None:
        """Close all that was opened."""
        for resource in self._open:
            resource.close()


class KafkaLog:
    """A broker that other tests use too, by topics and groups of the test's own."""

    name = "kafka"
    is_atomic = False

    def __init__(self, servers: str) -> None:
        prefix = f"test-{uuid4().hex[:8]}."
        self.address = f"{servers}/{prefix}"
        self._connection = KafkaConnection(servers, topic_prefix=prefix)
        self._topic = f"{prefix}{TOPIC}"
        self.admin = KafkaAdmin(self._connection, replication=1)
        self._library = kafka.KafkaAdminClient(bootstrap_servers=servers)
        self._create()
        self._open: list[Producer | Consumer | TopicAdmin | Any] = [self.admin, self._library]

    def producer(self) -> Producer:
        """Open a producer."""
        producer = open_producer(self.name, self.address)
        self._open.append(producer)
        return producer

    def consumer(self, stored: Mapping[TopicPartition, Stored] | None = None) -> Consumer:
        """Open a consumer alone in its group."""
        consumer = KafkaConsumer(self._connection, [TOPIC], (stored or {}).get, group=f"test-{uuid4().hex}")
        self._open.append(consumer)
        return consumer

    def trim(self, partition: TopicPartition, before_offset: int) -> None:
        """Expire records."""
        self._library.delete_records({kafka.TopicPartition(self._topic, partition.partition): before_offset})

    def recreate(self) -> None:
        """Delete and create, once the deletion is done."""
        self._library.delete_topics([self._topic])
        while self.admin.describe([TOPIC]):
            time.sleep(0.01)
        self._create()

    def close(self) -> None:
        """Close all that was opened."""
        for resource in reversed(self._open):
            resource.close()

    def _create(self) -> None:
        self.admin.create({TOPIC: PARTITIONS})
        # The suite has records beyond what the hub publishes.
        self._library.alter_configs(
            [ConfigResource("topic", self._topic, {"max.message.bytes": str(32 * 1024 * 1024)})]
        )


def open_log(adapter: str, folder: Path, request: pytest.FixtureRequest) -> LogUnderTest:
    """Open an adapter's log; `kafka` is the fixture that gives the broker."""
    match adapter:
        case "embedded":
            return EmbeddedLog(folder)
        case "kafka":
            return KafkaLog(request.getfixturevalue("kafka").servers)
        case _:
            raise ValueError(f"no adapter {adapter}")


def open_producer(adapter: str, address: str) -> Producer:
    """Open a producer by names that another process can be given."""
    match adapter:
        case "embedded":
            return EmbeddedProducer(Path(address), lambda: datetime.now(UTC))
        case "kafka":
            servers, _, prefix = address.partition("/")
            return KafkaProducer(KafkaConnection(servers, topic_prefix=prefix))
        case _:
            raise ValueError(f"no adapter {adapter}")


def value_of(writer: str, append: int, index: int) -> bytes:
    """Give the value that a writer's process appends."""
    return f"{writer}/{append}/{index}".encode()


def main(adapter: str, address: str, writer: str, appends: str) -> None:
    """Append batches and pass each acknowledgement on: one line per message, then an empty one."""
    producer = open_producer(adapter, address)
    for append in range(int(appends)):
        messages = [
            Message(TOPIC, key=writer.encode(), value=value_of(writer, append, index), partition=index or None)
            for index in range(MESSAGES_PER_APPEND)
        ]
        places = producer.append(messages)
        lines = [f"{place.partition} {offset} {append}/{index}" for index, (place, offset) in enumerate(places)]
        sys.stdout.write("\n".join([*lines, "\n"]))
        sys.stdout.flush()
    producer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
