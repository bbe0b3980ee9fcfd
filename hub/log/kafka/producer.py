"""Appending to Kafka: idempotent, acknowledged by every replica in sync, raw bytes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing, suppress
from itertools import count
from threading import Lock

import kafka
from kafka import errors

from hub.errors import LogUnavailable, NotFound, RecordTooLarge, Usage
from hub.log.kafka.connection import KafkaConnection
from hub.log.kafka.names import Names
from hub.log.kafka.opening import Opened, open_library, translate, translated
from hub.log.partitioner import partition_for
from hub.log.port import Message, TopicPartition

LARGEST_REQUEST_BYTES = 64 * 1024 * 1024
"""The library's own limit on a record; the topic's max.message.bytes is the one that decides."""
BATCH_BYTES = 256 * 1024
CLOSE_S = 5.0

_CONFIG = {
    "acks": "all",
    "enable_idempotence": True,
    "retries": float("inf"),
    "max_in_flight_requests_per_connection": 5,
    "batch_size": BATCH_BYTES,
    "linger_ms": 0,
    "max_request_size": LARGEST_REQUEST_BYTES,
    # Of simulated events with their headers, 510 bytes a record: zstd leaves 96, lz4 147, for 2 % more time to write.
    "compression_type": "zstd",
    "metrics_enabled": False,
}


class KafkaProducer:
    """Appends to the topics of a cluster; threads may share one."""

    def __init__(self, connection: KafkaConnection) -> None:
        """Connect.

        Raises:
            LogUnavailable: Kafka does not answer.
            Usage: it refuses the login, or the settings do not fit together.
        """
        self._connection = connection
        self._names = Names(connection.topic_prefix)
        self._timeout_s = connection.timeout_ms / 1000
        self._config = connection.library_config()
        self._lock = Lock()
        self._turn = count()
        self._opened: Opened | None = self._open()
        self._is_closed = False

    def append(self, messages: Sequence[Message]) -> list[tuple[TopicPartition, int]]:
        """Append in the order given; nothing is sent unless every message has its topic and its partition.

        A message that Kafka refuses, or a timeout, may leave others of the same append in the log.
        """
        topics = ", ".join(sorted({message.topic for message in messages}))
        doing = f"{len(messages)} messages for {topics} were not acknowledged and may have landed"
        opened = self._current()
        places = self._places(opened, messages)
        try:
            futures = [
                opened.library.send(
                    self._names.topic(message.topic),
                    value=message.value,
                    key=message.key,
                    headers=list(message.headers),
                    partition=place.partition,
                )
                for message, place in zip(messages, places, strict=True)
            ]
            deadline = time.monotonic() + self._timeout_s + 1
            offsets = [future.get(timeout=max(0.0, deadline - time.monotonic())).offset for future in futures]
        except (errors.KafkaError, RuntimeError) as error:
            # An idempotent producer that failed once, be it for a record too large, fails for ever.
            self._replace(opened)
            raise self._connection.token_failure or translate(_refused(error), doing) from error
        if min(offsets, default=0) < 0:
            raise LogUnavailable(f"{doing}: Kafka has some of them already but does not say where")
        return list(zip(places, offsets, strict=True))

    def close(self) -> None:
        """Disconnect; what was not acknowledged by then fails in the threads that wait for it."""
        with self._lock:
            opened, self._opened, self._is_closed = self._opened, None, True
        if opened is not None:
            _close(opened)

    def _open(self) -> Opened:
        timeout_ms = self._connection.timeout_ms
        # A message is tried again until its delivery times out, so a request must time out sooner.
        timeouts = {
            "request_timeout_ms": timeout_ms // 2,
            "delivery_timeout_ms": timeout_ms,
            "max_block_ms": timeout_ms // 2,
        }
        return open_library(kafka.KafkaProducer, self._connection, self._config | _CONFIG | timeouts)

    def _current(self) -> Opened:
        with self._lock:
            if self._is_closed:
                raise Usage("this producer is closed; open another one")
            if self._opened is None:
                self._opened = self._open()
            return self._opened

    def _replace(self, opened: Opened) -> None:
        with self._lock:
            if self._opened is not opened:
                return
            self._opened = None
        _close(opened)

    def _places(self, opened: Opened, messages: Sequence[Message]) -> list[TopicPartition]:
        """Choose the partitions, and refuse what Kafka or the library could only refuse halfway."""
        counts = {topic: self._partitions(opened, topic) for topic in {message.topic for message in messages}}
        return [TopicPartition(message.topic, self._choose(message, counts[message.topic])) for message in messages]

    def _choose(self, message: Message, partitions: int) -> int:
        if message.key is None and message.value is None:
            raise Usage(f"a message for topic {message.topic} has neither key nor value; nothing was sent")
        if any(value is None for _, value in message.headers):
            raise Usage(f"a message for topic {message.topic} has a header without a value; nothing was sent")
        size = len(message.key or b"") + len(message.value or b"")
        if size > LARGEST_REQUEST_BYTES // 2:
            raise RecordTooLarge(f"a message for topic {message.topic} has {size} bytes; nothing was sent")
        if message.partition is not None:
            if not 0 <= message.partition < partitions:
                raise Usage(f"topic {message.topic} has partitions 0 to {partitions - 1}, not {message.partition}")
            return message.partition
        if message.key is None:
            return next(self._turn) % partitions
        return partition_for(message.key, partitions)

    def _partitions(self, opened: Opened, topic: str) -> int:
        name = self._names.topic(topic)
        known = opened.net.cluster.partitions_for_topic(name)
        if known is None:
            # The library would wait for the topic to appear until its timeout; the admin client says at once.
            self._refuse_unknown(topic)
            with translated(f"topic {topic}: nothing was sent"):
                known = opened.library.partitions_for(name)
        return len(known)

    def _refuse_unknown(self, topic: str) -> None:
        name = self._names.topic(topic)
        admin, _ = open_library(kafka.KafkaAdminClient, self._connection, self._config)
        with closing(admin), translated(f"topic {topic}: nothing was sent"):
            (found,) = admin.describe_topics([name])
        kind = errors.for_code(found["error_code"])
        if kind in {errors.UnknownTopicOrPartitionError, errors.InvalidTopicError}:
            raise NotFound(f"there is no topic {topic}; run `hub topics create`")
        if kind is not errors.NoError:
            raise translate(kind(), f"topic {topic}: nothing was sent")


def _refused(error: BaseException) -> BaseException:
    """Give the error of a user without the right to write any topic, which the library hides in the text of another."""
    is_hidden = type(error) is errors.KafkaError and errors.ClusterAuthorizationFailedError.__name__ in str(error)
    return errors.ClusterAuthorizationFailedError() if is_hidden else error


def _close(opened: Opened) -> None:
    """Close the library's producer within a bounded time."""
    try:
        opened.library.close(timeout=CLOSE_S)
    except errors.KafkaTimeoutError:
        # It gives up when it cannot flush, with its thread still running: end that too.
        sender = opened.library._sender
        sender.force_close()
        sender.join(CLOSE_S)
        with suppress(errors.KafkaError):
            opened.library.close(timeout=CLOSE_S)
