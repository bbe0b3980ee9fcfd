"""Which log the settings name: the embedded file, or Kafka; and publishers that need nothing else of the hub."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydantic import SecretStr

from hub.codec.registry import FileRegistry, bundled_schemas
from hub.domain.topics import INBOUND
from hub.errors import Usage
from hub.log import embedded_file
from hub.log.embedded import EmbeddedConsumer, EmbeddedProducer
from hub.log.embedded_topics import EmbeddedAdmin
from hub.log.port import Consumer, Positions, Producer, TopicAdmin
from hub.producers.publisher import Publisher
from hub.settings import Settings
from hub.wiring.machine import now
from hub.wiring.registries import registry_of

if TYPE_CHECKING:
    from hub.log.kafka import KafkaConnection


class Log(Protocol):
    """Opens the log for each of its uses."""

    def producer(self) -> Producer:
        """Open it to append to."""
        ...

    def consumer(self, positions: Positions, group: str, topics: Sequence[str] = INBOUND) -> Consumer:
        """Open it to read topics, in a group whose members share the partitions if the log has groups."""
        ...

    def admin(self) -> TopicAdmin:
        """Open it to administer its topics."""
        ...


class EmbeddedLog:
    """The log in one file of the data directory."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._now = clock

    def create(self, topics: Mapping[str, int]) -> None:
        """Make the file and its topics, unless they are there."""
        if not self._path.exists():
            embedded_file.create(self._path, f".{self._path.name}.{os.urandom(8).hex()}")
        admin = EmbeddedAdmin(self._path, os.urandom)
        admin.create(topics)
        admin.close()

    def producer(self) -> EmbeddedProducer:
        """Open the file to append to."""
        return EmbeddedProducer(self._path, self._now)

    def consumer(self, positions: Positions, group: str, topics: Sequence[str] = INBOUND) -> EmbeddedConsumer:
        """Open the file to read topics."""
        return EmbeddedConsumer(self._path, topics, positions, time.sleep)

    def admin(self) -> EmbeddedAdmin:
        """Open the file to administer its topics.

        Raises:
            NotFound: there is none here; only `create` makes one.
        """
        embedded_file.open_log(self._path).close()
        return EmbeddedAdmin(self._path, os.urandom)


class KafkaLog:
    """The topics of a Kafka cluster."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connection = kafka_connection(settings)

    def producer(self) -> Producer:
        """Connect to append."""
        from hub.log.kafka import KafkaProducer  # noqa: PLC0415 not every hub has a Kafka client to load

        return KafkaProducer(self._connection)

    def consumer(self, positions: Positions, group: str, topics: Sequence[str] = INBOUND) -> Consumer:
        """Join the group that shares the topics' partitions."""
        from hub.log.kafka import KafkaConsumer  # noqa: PLC0415

        return KafkaConsumer(self._connection, topics, positions, group=group)

    def admin(self) -> TopicAdmin:
        """Connect to administer the topics."""
        from hub.log.kafka import KafkaAdmin  # noqa: PLC0415

        settings = self._settings
        return KafkaAdmin(self._connection, replication=settings.replication, retention_days=settings.retention_days)


def kafka_connection(settings: Settings) -> KafkaConnection:
    """Give how the settings reach Kafka.

    Raises:
        Usage: they name no server, or do not fit together.
    """
    from hub.log.kafka import KafkaConnection  # noqa: PLC0415

    if settings.kafka_servers is None:
        raise Usage("HUB_KAFKA_SERVERS is not set: expected host:port of one or more Kafka brokers")
    return KafkaConnection(
        servers=settings.kafka_servers,
        security=settings.kafka_security,
        mechanism=settings.kafka_mechanism,
        username=settings.kafka_username,
        password=_revealed(settings.kafka_password),
        ca_file=settings.kafka_ca_file,
        cert_file=settings.kafka_cert_file,
        key_file=settings.kafka_key_file,
        key_password=_revealed(settings.kafka_key_password),
        token_url=settings.kafka_token_url,
        client_id=settings.kafka_client_id,
        client_secret=_revealed(settings.kafka_client_secret),
        token_scope=settings.kafka_token_scope,
        topic_prefix=settings.kafka_topic_prefix,
        timeout_ms=settings.kafka_timeout_ms,
        session_ms=settings.kafka_session_ms,
    )


def _revealed(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def log_of(settings: Settings, path: Path, clock: Callable[[], datetime]) -> Log:
    """Give the log that the settings name; `path` is where an embedded one is."""
    return EmbeddedLog(path, clock) if settings.kafka_servers is None else KafkaLog(settings)


def publisher_to(log: Path, token_key: bytes, network: str) -> Publisher:
    """Open an embedded log to publish one network's events, as a system does that has nothing else of the hub.

    `token_key` is that system's own secret of 32 bytes: it makes the opaque topic keys. Keep it, or the order per case
    is lost.

    Raises:
        NotFound: there is no such log; run `hub init`.
    """
    embedded_file.open_log(log).close()
    registry = FileRegistry(bundled_schemas())
    return Publisher(EmbeddedProducer(log, now), registry, token_key=token_key, sleep=time.sleep, network=network)


def publisher_for(settings: Settings, token_key: bytes, network: str) -> Publisher:
    """Connect to the Kafka and the registry of the settings to publish one network's events; see `publisher_to`.

    Raises:
        Usage: the settings name no Kafka, or do not fit together.
        LogUnavailable: no broker answers.
    """
    producer = KafkaLog(settings).producer()
    return Publisher(producer, registry_of(settings), token_key=token_key, sleep=time.sleep, network=network)
