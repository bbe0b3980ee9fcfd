"""A network's system that publishes through every outage, as the publisher's documentation tells it to."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Condition
from typing import Self

import msgspec

from hub.errors import HubError, LogUnavailable
from hub.log.port import Message, Producer, TopicPartition
from hub.producers.files import publish_file
from hub.producers.publisher import Publisher
from hub.producers.simulation import Line
from hub.wiring import Hub

PORTIONS = 60
TWICE_EVERY = 4
PACE_S = 0.05
PATIENCE_S = 90.0


class Noted:
    """A producer that notes what was acknowledged, and what was not.

    Attributes:
        ends: the offset after the last one acknowledged, by partition.
        acknowledged: how many records were.
        unanswered: how many appends were not.
    """

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self.ends: dict[TopicPartition, int] = {}
        self.acknowledged = 0
        self.unanswered = 0

    def append(self, messages: Sequence[Message]) -> list[tuple[TopicPartition, int]]:
        try:
            places = self._producer.append(messages)
        except LogUnavailable:
            self.unanswered += 1
            raise
        self.acknowledged += len(places)
        for partition, offset in places:
            self.ends = {**self.ends, partition: max(offset + 1, self.ends.get(partition, 0))}
        return places

    def close(self) -> None:
        self._producer.close()


class Upstream:
    """Publishes lines in portions, in their order and in a thread of its own, as far as the test has allowed.

    Some portions are sent twice; one that fails is sent again until it is acknowledged.
    """

    def __init__(self, hub: Hub, lines: Sequence[Line]) -> None:
        size = -(-len(lines) // PORTIONS)
        self._portions = [lines[start : start + size] for start in range(0, len(lines), size)]
        self.log = Noted(hub.producer())
        key = hub.master.derive("topic-token")
        self._publisher = Publisher(self.log, hub.registry, token_key=key, sleep=time.sleep)
        self._changed = Condition()
        self._allowed = self._sent = 0
        self._is_over = False
        self._thread = ThreadPoolExecutor(1)
        self._publishing = self._thread.submit(self._publish)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._is_over = True
            self._changed.notify()
        self._thread.shutdown()
        self._publisher.close()

    def allow(self, share: float) -> None:
        """Let so much of the region be published."""
        with self._changed:
            self._allowed = round(share * len(self._portions))
            self._changed.notify()

    @property
    def is_done(self) -> bool:
        """Whether all that is allowed is acknowledged."""
        if self._publishing.done():
            self._publishing.result()
        return self._sent >= self._allowed

    def finish(self) -> None:
        """Publish the rest and wait for its end."""
        self.allow(1)
        self._publishing.result(PATIENCE_S)

    def _publish(self) -> None:
        for number, portion in enumerate(self._portions):
            with self._changed:
                self._changed.wait_for(lambda: self._is_over or number < self._allowed)  # noqa: B023
            for _ in range(2 if number % TWICE_EVERY == 0 else 1):
                self._send(portion)
            self._sent = number + 1
            self._pause()

    def _send(self, portion: Sequence[Line]) -> None:
        stream = b"\n".join(map(msgspec.json.encode, portion))
        while not self._is_over:
            try:
                publish_file(BytesIO(stream), self._publisher, self.log, id_key=bytes(32), allow_raw=True)
            except HubError as error:
                if not error.retriable:
                    raise
                self._pause()
            else:
                return

    def _pause(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._is_over, PACE_S)
